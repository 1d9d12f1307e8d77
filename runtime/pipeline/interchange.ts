/** Raw bytes of a channel to units, each one document to be: decoded, and its partner and terms found by the envelope. */
import { DocumentError } from '../errors.ts';
import type { Problem } from '../formats/format.ts';
import { decodeJson } from '../formats/json/json.ts';
import { decodeX12, withEnvelopeErrors, type X12Interchange } from '../formats/x12/decode.ts';
import { undecodable, type Way } from './accept.ts';
import type { ToAcknowledge } from './acknowledge.ts';
import type { CompiledPartner, CompiledTerms } from './compiled.ts';
import type { InForce } from './environment.ts';
import { unitId } from './letters.ts';
import type { RawInterchange } from './messages.ts';

/** `index` counts the transactions of the file from 0; -1 stands for the file as a whole. */
export type Unit = {
  id: string;
  index: number;
  partner?: string;
  detail?: { transaction: string; control: string };
} & ({ value: unknown; way: Way } | { error: DocumentError });

export interface Read {
  units: Unit[];
  /** Groups whose sender's terms ask for an acknowledgment. */
  toAcknowledge: ToAcknowledge[];
}

export function readInterchange(inForce: InForce, raw: RawInterchange): Read {
  const [kind, name = ''] = raw.channel.split('/');
  if (kind === 'integration') return { units: [jsonUnit(raw, integrationWay(inForce, name))], toAcknowledge: [] };
  const partners = [...inForce.partners.values()].filter(({ inbound }) => inbound?.name === name);
  if (looksLikeX12(raw.body)) return x12Units(raw, partners);
  return { units: [jsonUnit(raw, onlyJsonWay(partners, name))], toAcknowledge: [] };
}

/** An X12 file starts with ISA, perhaps after a byte order mark and white space. */
const looksLikeX12 = (body: Buffer): boolean => /^[\s\ufeff]*ISA/.test(body.toString('utf8', 0, 64));

const wholeFile = (raw: RawInterchange, error: DocumentError): Unit => ({
  id: unitId(raw.id, -1),
  index: -1,
  error,
});

function jsonUnit(raw: RawInterchange, way: Way | DocumentError): Unit {
  if (way instanceof DocumentError) return wholeFile(raw, way);
  const { value, problems } = decodeJson(raw.body);
  const errors = problems.filter(({ severity }) => severity === 'Error');
  const unit = { id: unitId(raw.id, 0), index: 0, ...(way.origin === 'partner' && { partner: way.source }) };
  return errors.length > 0 ? { ...unit, error: undecodable(errors) } : { ...unit, value, way };
}

function integrationWay({ integrations }: InForce, name: string): Way | DocumentError {
  const source = integrations.get(name)?.source;
  if (!source?.type) return denied('intake.noIntegration', `Integration ${name} is gone or takes no documents`);
  return { origin: 'system', source: name, type: source.type, ...(source.mapping && { mapping: source.mapping }) };
}

/** JSON has no envelope: the channel must belong to one partner that sends one type of document as JSON. */
function onlyJsonWay(partners: CompiledPartner[], connector: string): Way | DocumentError {
  const ways = partners.flatMap((partner) =>
    partner.terms
      .filter(({ plan }) => plan.direction === 'Inbound' && plan.json)
      .map((terms) => wayByTerms(partner, terms)),
  );
  if (ways.length === 1) return ways[0]!;
  return new DocumentError({
    class: 'DecodeFailed',
    code: 'intake.unidentified',
    message:
      ways.length === 0
        ? `The file is not X12 and no Partner on Connector ${connector} sends JSON`
        : `The file is JSON, which names no sender, and ${ways.length} terms on Connector ${connector} could mean it`,
  });
}

const wayByTerms = (partner: CompiledPartner, terms: CompiledTerms): Way => ({
  origin: 'partner',
  source: partner.plan.name,
  type: terms.type,
  ...(terms.wireType && { wireType: terms.wireType }),
  ...(terms.mapping && { mapping: terms.mapping }),
});

function x12Units(raw: RawInterchange, partners: CompiledPartner[]): Read {
  const decoded = decodeX12(raw.body);
  const units: Unit[] = [];
  const toAcknowledge: ToAcknowledge[] = [];
  // Transactions count over the whole file, also those that fail, so that their ids do not depend on their fate.
  let index = 0;
  /** The last transaction of the file, if it cannot be read. */
  let cut: { unit: Omit<Unit, 'error'>; errors: Problem[] } | undefined;
  for (const interchange of decoded.interchanges) {
    const partner = senderOf(interchange, partners);
    const judged = partner?.plan.x12 ? withEnvelopeErrors(interchange, partner.plan.x12.envelopeErrors) : interchange;
    const outer = errorsOf(judged.problems);
    for (const group of judged.groups) {
      // An acknowledgment is never acknowledged: two systems would go on for ever.
      if (partner?.plan.acknowledgments.send === 'Functional' && group.functionalId !== 'FA') {
        const { usage, control } = judged;
        toAcknowledge.push({ partner: partner.plan.name, usage, interchange: control, group });
      }
      const around = [...outer, ...errorsOf(group.problems)];
      for (const transaction of group.transactions) {
        const unit = {
          id: unitId(raw.id, index),
          index,
          ...(partner && { partner: partner.plan.name }),
          detail: { transaction: transaction.id, control: judged.control },
        };
        index += 1;
        const errors = [...around, ...errorsOf(transaction.problems)];
        const way = partner ? wayOfTransaction(partner, transaction.id) : unknownSender(interchange);
        cut = errors.length > 0 ? { unit, errors } : undefined;
        if (errors.length > 0) units.push({ ...unit, error: undecodable(errors) });
        else if (way instanceof DocumentError) units.push({ ...unit, error: way });
        else if (way) units.push({ ...unit, value: transaction.value, way });
      }
    }
    if (judged.groups.every((group) => group.transactions.length === 0) && outer.length > 0) {
      units.push(wholeFile(raw, undecodable(outer)));
      cut = undefined;
    }
  }
  const outside = errorsOf(decoded.problems);
  if (outside.length === 0) return { units, toAcknowledge };
  // A file that is cut off within a transaction is one failure, not two.
  const last: Unit[] = cut
    ? [{ ...cut.unit, error: undecodable([...cut.errors, ...outside]) }]
    : [wholeFile(raw, undecodable(outside))];
  return { units: [...(cut ? units.slice(0, -1) : units), ...last], toAcknowledge };
}

const errorsOf = (problems: Problem[]) => problems.filter(({ severity }) => severity === 'Error');

/** By the interchange's sender among the identifiers of the partners and of their sites. */
const senderOf = (interchange: X12Interchange, partners: CompiledPartner[]): CompiledPartner | undefined =>
  partners.find(({ plan }) =>
    plan.identifiers.some(
      (id) =>
        id.scheme === 'X12' &&
        id.value === interchange.sender.value &&
        (id.qualifier === undefined || id.qualifier === interchange.sender.qualifier),
    ),
  );

const unknownSender = ({ sender }: X12Interchange) =>
  new DocumentError({
    class: 'AccessDenied',
    code: 'intake.unknownSender',
    message: `No Partner on this channel has the X12 identifier ${sender.qualifier}/${sender.value}`,
    disposition: 'Park',
  });

/** Undefined for functional acknowledgments, which answer what we sent and are no business documents. */
function wayOfTransaction(partner: CompiledPartner, transaction: string): Way | DocumentError | undefined {
  const terms = partner.terms.find(({ plan }) => plan.direction === 'Inbound' && plan.x12?.transaction === transaction);
  if (terms) return wayByTerms(partner, terms);
  if (transaction === '997' || transaction === '999') return undefined;
  return denied('intake.noTerms', `Partner ${partner.plan.name} has no terms for X12 ${transaction}`);
}

const denied = (code: string, message: string) =>
  new DocumentError({ class: 'AccessDenied', code, message, disposition: 'Park' });
