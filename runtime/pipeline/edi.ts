/** Interchanges of X12 and EDIFACT to units: the sender among the partners by the envelope, each transaction by its terms. */
import { deriveId } from '../canonical.ts';
import { DocumentError } from '../errors.ts';
import { isAnswered, readSyntaxAcknowledgment, syntaxAcknowledgment } from '../formats/edifact/acknowledge.ts';
import { decodeEdifact, type EdifactInterchange, withEdifactEnvelopeErrors } from '../formats/edifact/decode.ts';
import type { Decoded, Interchange, Problem } from '../formats/format.ts';
import { functionalAcknowledgment, readAcknowledgment } from '../formats/x12/acknowledge.ts';
import { interchangeAcknowledgment, isToBeConfirmed, readInterchangeAcknowledgment } from '../formats/x12/confirm.ts';
import { decodeX12, withEnvelopeErrors, type X12Interchange } from '../formats/x12/decode.ts';
import type { IdentifierPlan, PartnerPlan, TermsPlan } from '../plan.ts';
import { undecodable, type Way } from './accept.ts';
import type { ToAcknowledge } from './acknowledge.ts';
import type { CompiledPartner, CompiledTerms } from './compiled.ts';
import type { Read, Unit } from './interchange.ts';
import { type FileEnd, shifted } from './large.ts';
import { unitId } from './letters.ts';
import type { RawInterchange } from './messages.ts';
import { countersOf, type ReceivedAcknowledgment } from './reconcile.ts';

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
  /** What the value of an acknowledgment says; undefined where it says nothing of anything. */
  told(value: unknown): Pick<ReceivedAcknowledgment, 'control' | 'verdict' | 'errors'> | undefined;
  /** Acknowledgments that stand beside the transactions. */
  beside(interchange: I): Pick<ReceivedAcknowledgment, 'type' | 'control' | 'verdict' | 'errors'>[];
}

const x12: Dialect<X12Interchange> = {
  name: 'X12',
  isSender: (id, { qualifier, value }) =>
    id.scheme === 'X12' && id.value === value && (id.qualifier === undefined || id.qualifier === qualifier),
  judge: (interchange, plan) => (plan.x12 ? withEnvelopeErrors(interchange, plan.x12.envelopeErrors) : interchange),
  idOf: (terms) => terms.x12?.transaction,
  acknowledgments: ['997', '999'],
  answer(interchange, { acknowledgments: { send, x12: transaction, interchange: technical } }) {
    const { control, groups } = interchange;
    const keys = { interchange: [control] };
    const answers: ReturnType<Dialect<X12Interchange>['answer']> = [];
    if (isToBeConfirmed(interchange, technical))
      answers.push({ type: 'x12-ta1', keys, value: interchangeAcknowledgment(interchange) });
    if (send === 'Functional')
      for (const group of groups)
        if (group.functionalId !== 'FA')
          answers.push({
            type: `x12-${transaction}`,
            keys: { ...keys, group: [group.control] },
            value: functionalAcknowledgment(group, transaction),
          });
    return answers;
  },
  told(value) {
    const read = readAcknowledgment(value);
    if (!read) return undefined;
    // What we send has one transaction; where the partner names several, the group's word counts.
    const [only, ...more] = read.transactions;
    const one = only && more.length === 0 ? only : undefined;
    return {
      control: read.groupControl,
      verdict: one?.status ?? read.status,
      errors: [...read.transactions.flatMap(({ errors }) => errors), ...read.errors],
    };
  },
  beside: ({ interchangeAcknowledgments }) =>
    interchangeAcknowledgments.map((segment) => {
      const { control, status, error } = readInterchangeAcknowledgment(segment);
      const verdict = status === 'Rejected' ? 'Rejected' : 'Received';
      return { type: 'x12-ta1', control, verdict, errors: error === undefined ? [] : [error] };
    }),
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
    plan.edifact && plan.acknowledgments.send === 'Functional' && isAnswered(interchange)
      ? [
          {
            type: 'edifact-contrl',
            keys: { interchange: [interchange.control] },
            value: syntaxAcknowledgment(interchange),
          },
        ]
      : [],
  told(value) {
    const read = readSyntaxAcknowledgment(value);
    if (!read) return undefined;
    const refused = read.messages.some(({ status }) => status === 'Rejected');
    return {
      control: read.control,
      verdict: refused ? 'Rejected' : read.status,
      errors: [...read.messages.flatMap(({ errors }) => errors), ...read.errors],
    };
  },
  beside: () => [],
};

type Ours = readonly IdentifierPlan[];
export const x12Units = (raw: RawInterchange, partners: CompiledPartner[], ours: Ours): Read =>
  unitsOf(x12, raw, partners, ours, decodedOf(raw, decodeX12));
export const edifactUnits = (raw: RawInterchange, partners: CompiledPartner[], ours: Ours): Read =>
  unitsOf(edifact, raw, partners, ours, decodedOf(raw, decodeEdifact));

/** A piece has its places in the file, and what the file's trailers say of its interchange. */
function decodedOf<I extends Interchange>(
  { body, piece }: RawInterchange,
  decode: (bytes: Buffer) => Decoded & { interchanges: I[] },
): Decoded & { interchanges: I[] } {
  const decoded = decode(body);
  if (!piece) return decoded;
  shifted(decoded, piece.shift);
  for (const { problems } of decoded.interchanges) problems.push(...(piece.problems ?? []));
  return decoded;
}

/** The end of a file that came in pieces: what makes it not whole, and its acknowledgments. */
export function endOfFile(raw: RawInterchange, partners: CompiledPartner[]): Read {
  const { interchanges, outside } = JSON.parse(raw.body.toString()) as FileEnd;
  const toAcknowledge = interchanges.flatMap((interchange) => {
    const isX12 = 'isa' in interchange;
    const answers = isX12
      ? answersTo(x12, interchange as X12Interchange, partners)
      : answersTo(edifact, interchange as EdifactInterchange, partners);
    return answers;
  });
  const errors = errorsOf(outside);
  return { units: errors.length > 0 ? [wholeFile(raw, undecodable(errors))] : [], toAcknowledge, received: [] };
}

function answersTo<I extends Interchange>(
  dialect: Dialect<I>,
  interchange: I,
  partners: CompiledPartner[],
): ToAcknowledge[] {
  const partner = senderOf(dialect, interchange, partners);
  if (!partner) return [];
  const { name } = partner.plan;
  const answers = dialect.answer(dialect.judge(interchange, partner.plan), partner.plan);
  return answers.map((answer) => ({ partner: name, usage: interchange.usage, ...answer }));
}

function unitsOf<I extends Interchange>(
  dialect: Dialect<I>,
  raw: RawInterchange,
  partners: CompiledPartner[],
  ours: Ours,
  decoded: Decoded & { interchanges: I[] },
): Read {
  const units: Unit[] = [];
  const toAcknowledge: ToAcknowledge[] = [];
  const received: ReceivedAcknowledgment[] = [];
  // Transactions count over the whole file, also those that fail, so that their ids do not depend on their fate.
  let index = raw.piece?.first ?? 0;
  /** The last transaction of the file, if it cannot be read. */
  let cut: { unit: Omit<Unit, 'error'>; errors: Problem[] } | undefined;
  for (const interchange of decoded.interchanges) {
    const partner = senderOf(dialect, interchange, partners);
    const judged = partner ? dialect.judge(interchange, partner.plan) : interchange;
    const outer = errorsOf(judged.problems);
    const about = partner && {
      partner: partner.plan.name,
      counters: countersOf(dialect.name === 'X12' ? 'x12' : 'edifact', ours, partner.plan, judged),
    };
    if (partner && about) {
      const { usage, control } = judged;
      // A file in pieces is answered at its end.
      for (const answer of raw.piece ? [] : dialect.answer(judged, partner.plan))
        toAcknowledge.push({ partner: partner.plan.name, usage, ...answer });
      for (const [n, told] of dialect.beside(judged).entries()) {
        const id = deriveId(raw.id, 'beside', control, n);
        received.push({ id, index: -1, ...about, ...told, detail: { transaction: 'TA1' }, document: false });
      }
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
        if (errors.length > 0 || !about || !dialect.acknowledgments.includes(transaction.id)) continue;
        const told = dialect.told(transaction.value);
        const type = dialect.name === 'EDIFACT' ? 'edifact-contrl' : transaction.id === '999' ? 'x12-999' : 'x12-997';
        const { id, index: at, detail } = unit;
        if (told)
          received.push({
            id: way ? deriveId(id, 'acknowledgment') : id,
            index: at,
            type,
            ...about,
            ...told,
            detail,
            document: way !== undefined,
          });
        else if (!way) units.push({ ...unit, error: undecodable([unreadable(transaction.id)]) });
      }
    }
    if (judged.groups.every((group) => group.transactions.length === 0) && outer.length > 0) {
      units.push(wholeFile(raw, undecodable(outer)));
      cut = undefined;
    }
  }
  const outside = errorsOf(decoded.problems);
  if (outside.length === 0) return { units, toAcknowledge, received };
  // A file that is cut off within a transaction is one failure, not two.
  const last: Unit[] = cut
    ? [{ ...cut.unit, error: undecodable([...cut.errors, ...outside]) }]
    : [wholeFile(raw, undecodable(outside))];
  return { units: [...(cut ? units.slice(0, -1) : units), ...last], toAcknowledge, received };
}

const unreadable = (id: string): Problem => ({
  code: 'acknowledgment.unreadable',
  message: `the ${id} does not say what it acknowledges`,
  severity: 'Error',
  place: {},
});

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
