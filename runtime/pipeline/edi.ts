/** Interchanges of X12 and EDIFACT to units: the sender among the partners by the envelope, each transaction by its terms. */
import { DocumentError } from '../errors.ts';
import { isAnswered, syntaxAcknowledgment } from '../formats/edifact/acknowledge.ts';
import { decodeEdifact, type EdifactInterchange, withEdifactEnvelopeErrors } from '../formats/edifact/decode.ts';
import type { Decoded, Interchange, Problem } from '../formats/format.ts';
import { functionalAcknowledgment } from '../formats/x12/acknowledge.ts';
import { decodeX12, withEnvelopeErrors, type X12Interchange } from '../formats/x12/decode.ts';
import type { IdentifierPlan, PartnerPlan, TermsPlan } from '../plan.ts';
import { undecodable, type Way } from './accept.ts';
import type { ToAcknowledge } from './acknowledge.ts';
import type { CompiledPartner, CompiledTerms } from './compiled.ts';
import type { Read, Unit } from './interchange.ts';
import { unitId } from './letters.ts';
import type { RawInterchange } from './messages.ts';

/** What the formats do not share. */
interface Dialect<I extends Interchange> {
  name: 'X12' | 'EDIFACT';
  /** Whether the identifier is the sender of an interchange. */
  isSender(identifier: IdentifierPlan, sender: Interchange['sender']): boolean;
  /** With the partner's policy for counts and control numbers. */
  judge(interchange: I, plan: PartnerPlan): I;
  /** The transaction or message that terms are about. */
  idOf(terms: TermsPlan): string | undefined;
  /** Acknowledgments answer what we sent: they are no business documents, and are never acknowledged themselves. */
  acknowledgments: readonly string[];
  answer(interchange: I, plan: PartnerPlan): Pick<ToAcknowledge, 'type' | 'keys' | 'value'>[];
}

const x12: Dialect<X12Interchange> = {
  name: 'X12',
  isSender: (id, { qualifier, value }) =>
    id.scheme === 'X12' && id.value === value && (id.qualifier === undefined || id.qualifier === qualifier),
  judge: (interchange, plan) => (plan.x12 ? withEnvelopeErrors(interchange, plan.x12.envelopeErrors) : interchange),
  idOf: (terms) => terms.x12?.transaction,
  acknowledgments: ['997', '999'],
  answer: ({ control, groups }) =>
    groups
      .filter(({ functionalId }) => functionalId !== 'FA')
      .map((group) => ({
        type: 'x12-997',
        keys: { interchange: [control], group: [group.control] },
        value: functionalAcknowledgment(group),
      })),
};

/** A GLN stands in a UNB with the qualifier 14; some partners leave it out. */
const edifact: Dialect<EdifactInterchange> = {
  name: 'EDIFACT',
  isSender: (id, { qualifier, value }) =>
    id.value === value &&
    (id.scheme === 'GLN'
      ? qualifier === '14' || qualifier === ''
      : id.scheme === 'EDIFACT' && (id.qualifier === undefined || id.qualifier === qualifier)),
  judge: (interchange, plan) =>
    plan.edifact ? withEdifactEnvelopeErrors(interchange, plan.edifact.envelopeErrors) : interchange,
  idOf: (terms) => terms.edifact?.message,
  acknowledgments: ['CONTRL'],
  answer: (interchange, plan) =>
    plan.edifact && isAnswered(interchange)
      ? [
          {
            type: 'edifact-contrl',
            keys: { interchange: [interchange.control] },
            value: syntaxAcknowledgment(interchange),
          },
        ]
      : [],
};

export const x12Units = (raw: RawInterchange, partners: CompiledPartner[]): Read =>
  unitsOf(x12, raw, partners, decodeX12(raw.body));
export const edifactUnits = (raw: RawInterchange, partners: CompiledPartner[]): Read =>
  unitsOf(edifact, raw, partners, decodeEdifact(raw.body));

function unitsOf<I extends Interchange>(
  dialect: Dialect<I>,
  raw: RawInterchange,
  partners: CompiledPartner[],
  decoded: Decoded & { interchanges: I[] },
): Read {
  const units: Unit[] = [];
  const toAcknowledge: ToAcknowledge[] = [];
  // Transactions count over the whole file, also those that fail, so that their ids do not depend on their fate.
  let index = 0;
  /** The last transaction of the file, if it cannot be read. */
  let cut: { unit: Omit<Unit, 'error'>; errors: Problem[] } | undefined;
  for (const interchange of decoded.interchanges) {
    const partner = senderOf(dialect, interchange, partners);
    const judged = partner ? dialect.judge(interchange, partner.plan) : interchange;
    const outer = errorsOf(judged.problems);
    if (partner?.plan.acknowledgments.send === 'Functional') {
      const { usage } = judged;
      for (const answer of dialect.answer(judged, partner.plan))
        toAcknowledge.push({ partner: partner.plan.name, usage, ...answer });
    }
    for (const group of judged.groups) {
      const around = [...outer, ...errorsOf(group.problems)];
      for (const transaction of group.transactions) {
        const unit = {
          id: unitId(raw.id, index),
          index,
          ...(partner && { partner: partner.plan.name }),
          detail: { transaction: transaction.id, control: judged.control },
          ...warned([...judged.problems, ...group.problems, ...transaction.problems]),
        };
        index += 1;
        const errors = [...around, ...errorsOf(transaction.problems)];
        const way = partner ? wayOfTransaction(dialect, partner, transaction.id) : unknownSender(dialect, interchange);
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

export const errorsOf = (problems: Problem[]): Problem[] => problems.filter(({ severity }) => severity === 'Error');

/** Those that are no reason to refuse. */
export function warned(problems: Problem[]): { warnings?: Problem[] } {
  const warnings = problems.filter(({ severity }) => severity === 'Warning');
  return warnings.length > 0 ? { warnings } : {};
}

export const wholeFile = (raw: RawInterchange, error: DocumentError): Unit => ({
  id: unitId(raw.id, -1),
  index: -1,
  error,
});

export const wayByTerms = (partner: CompiledPartner, terms: CompiledTerms): Way => ({
  origin: 'partner',
  source: partner.plan.name,
  type: terms.type,
  ...(terms.wireType && { wireType: terms.wireType }),
  ...(terms.mapping && { mapping: terms.mapping }),
});

/** By the interchange's sender among the identifiers of the partners and of their sites. */
const senderOf = <I extends Interchange>(
  { isSender }: Dialect<I>,
  { sender }: Interchange,
  partners: CompiledPartner[],
): CompiledPartner | undefined =>
  partners.find(({ plan }) => plan.identifiers.some((identifier) => isSender(identifier, sender)));

const unknownSender = <I extends Interchange>({ name }: Dialect<I>, { sender }: Interchange) =>
  denied(
    'intake.unknownSender',
    `No Partner on this channel has the ${name} identifier ${[sender.qualifier, sender.value].filter(Boolean).join('/')}`,
  );

/** Undefined for acknowledgments that no terms ask for. */
function wayOfTransaction<I extends Interchange>(
  { name, idOf, acknowledgments }: Dialect<I>,
  partner: CompiledPartner,
  transaction: string,
): Way | DocumentError | undefined {
  const terms = partner.terms.find(({ plan }) => plan.direction === 'Inbound' && idOf(plan) === transaction);
  if (terms) return wayByTerms(partner, terms);
  if (acknowledgments.includes(transaction)) return undefined;
  return denied('intake.noTerms', `Partner ${partner.plan.name} has no terms for ${name} ${transaction}`);
}

export const denied = (code: string, message: string): DocumentError =>
  new DocumentError({ class: 'AccessDenied', code, message, disposition: 'Park' });
