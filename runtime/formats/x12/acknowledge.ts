/** Functional acknowledgments: a 997 or 999 for a group that came in, and the meaning of one that we received. */
import type { Group, Problem } from '../format.ts';
import { listOf, objectOf, textOf, type Value } from '../value.ts';
import type { X12Group } from './decode.ts';
import { kindOf, type ProblemKind, type SyntaxNote, type X12Problem } from './problem.ts';

export interface Acknowledgment {
  /** AK101, AK102: the group of ours that it answers. */
  functionalId: string;
  groupControl: string;
  status: 'Accepted' | 'AcceptedWithErrors' | 'PartiallyAccepted' | 'Rejected';
  /** In the order of the AK2s. Empty when the partner answers for the group alone: then `status` holds for all of it. */
  transactions: AcknowledgedTransaction[];
  /** In words, one per AK9 code. */
  errors: string[];
}
export interface AcknowledgedTransaction {
  /** AK201, AK202. */
  id: string;
  control: string;
  status: 'Accepted' | 'AcceptedWithErrors' | 'Rejected';
  /** In words, one per AK3, AK4 and AK5 code. */
  errors: string[];
}

/** The standard leaves room for five codes in AK5 and AK9, and 99 notes per segment. */
const CODES = 5;
const NOTES = 99;

/**
 * Value of a 997 (or 999, for partners of 005010) for `encodeX12`: Errors of a transaction reject it (R), Warnings that the standard has a code for accept it with
 * errors (E). Apply the partner's `envelopeErrors` before. A group of acknowledgments (FA) must never be acknowledged.
 */
export function functionalAcknowledgment(group: Group, transaction: '997' | '999' = '997'): Value {
  const sets = group.transactions.map((transaction) =>
    acknowledgeOne(transaction.id, transaction.control, transaction.problems as X12Problem[]),
  );
  const received = group.counted ?? sets.length;
  const rejected = sets.filter(({ AK5 }) => AK5.AK501 === 'R').length;
  const groupCodes = codesOf(group.problems, 'ak9');
  const groupRejected = group.problems.some(
    ({ severity, code }) => severity === 'Error' && kindOf(code)?.ak9 !== undefined,
  );
  const noted = groupCodes.length > 0 || sets.some(({ AK5 }) => AK5.AK501 !== 'A');
  const status =
    groupRejected || (rejected > 0 && rejected === received) ? 'R' : rejected > 0 ? 'P' : noted ? 'E' : 'A';
  const included = (group as Partial<X12Group>).declaredTransactions ?? received;
  return {
    AK1: { AK101: group.functionalId, AK102: group.control },
    AK2Loop: transaction === '999' ? sets.map(inImplementationNames) : sets,
    AK9: {
      AK901: status,
      AK902: String(included),
      AK903: String(received),
      AK904: String(groupRejected ? 0 : received - rejected),
      ...Object.fromEntries(groupCodes.slice(0, CODES).map((code, i) => [`AK90${5 + i}`, code])),
    },
  };
}

function acknowledgeOne(
  id: string,
  control: string,
  problems: X12Problem[],
): { AK2: Value; AK3Loop?: Value[]; AK5: Value } {
  const notes = new Map<string, Value>();
  for (const problem of problems) {
    const kind = kindOf(problem.code);
    if (!kind || !problem.syntax || (!kind.ak3 && !kind.ak4)) continue;
    note(notes, kind, problem.syntax);
  }
  const codes = codesOf(problems, 'ak5');
  if (notes.size > 0) codes.push('5');
  const rejected = problems.some(({ severity }) => severity === 'Error');
  return {
    AK2: { AK201: id, AK202: control },
    ...(notes.size > 0 ? { AK3Loop: [...notes.values()] } : {}),
    AK5: {
      AK501: rejected ? 'R' : codes.length > 0 ? 'E' : 'A',
      ...Object.fromEntries(codes.slice(0, CODES).map((code, i) => [`AK50${2 + i}`, code])),
    },
  };
}

/** The 999 says the same as the 997 in segments of other names; its element notes are loops. */
function inImplementationNames({ AK2, AK3Loop, AK5 }: ReturnType<typeof acknowledgeOne>): Value {
  const notes = AK3Loop?.map(({ AK3, AK4 }) => ({
    IK3: renamed(AK3 as Value),
    ...(AK4 ? { IK4Loop: (AK4 as Value[]).map((note) => ({ IK4: renamed(note) })) } : {}),
  }));
  return { AK2, ...(notes ? { IK3Loop: notes } : {}), IK5: renamed(AK5) };
}

/** `AK304` to `IK304`, components too. */
function renamed(segment: Value): Value {
  const entries = Object.entries(segment).map(([key, value]) => [
    key.replace(/^AK/, 'IK'),
    typeof value === 'object' && value !== null ? renamed(value as Value) : value,
  ]);
  return Object.fromEntries(entries) as Value;
}

/** `IK304` to `AK304`: what is said is the same. */
function inFunctionalNames(set: Value): Value {
  const back = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(back);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key.replace(/^IK/, 'AK'), back(part)]));
  };
  const named = back(set) as Value;
  const notes = listOf(named.AK3Loop).map((entry) =>
    entry.AK4Loop ? { ...entry, AK4: listOf(entry.AK4Loop).map(({ AK4 }) => AK4) } : entry,
  );
  return named.AK3Loop ? { ...named, AK3Loop: notes } : named;
}

/** One AK3 per segment and code; element notes gather under the AK3 with code 8 of their segment. */
function note(notes: Map<string, Value>, kind: ProblemKind, syntax: SyntaxNote): void {
  const code = kind.ak3 ?? '8';
  const key = `${syntax.position} ${syntax.segmentId} ${code}`;
  let entry = notes.get(key);
  if (!entry) {
    const AK3: Value = { AK301: syntax.segmentId, AK302: String(syntax.position) };
    if (syntax.loop) AK3.AK303 = syntax.loop;
    AK3.AK304 = code;
    entry = { AK3 };
    notes.set(key, entry);
  }
  if (!kind.ak4) return;
  entry.AK4 ??= [];
  const list = entry.AK4 as Value[];
  if (list.length >= NOTES) return;
  const AK401: Value = { AK40101: String(syntax.element ?? 1) };
  if (syntax.component) AK401.AK40102 = String(syntax.component);
  const AK4: Value = { AK401 };
  if (syntax.reference && /^\d+$/.test(syntax.reference)) AK4.AK402 = syntax.reference;
  AK4.AK403 = kind.ak4;
  if (syntax.value) AK4.AK404 = syntax.value;
  list.push(AK4);
}

function codesOf(problems: Problem[], which: 'ak5' | 'ak9'): string[] {
  return [...new Set(problems.map(({ code }) => kindOf(code)?.[which]).filter((code) => code !== undefined))];
}

const SEGMENT_ERRORS: Record<string, string> = {
  1: 'unknown segment',
  2: 'unexpected segment',
  3: 'mandatory segment missing',
  4: 'loop occurs too often',
  5: 'segment occurs too often',
  6: 'segment not in this transaction',
  7: 'segment out of order',
  8: 'segment has element errors',
};
const ELEMENT_ERRORS: Record<string, string> = {
  1: 'mandatory element missing',
  2: 'conditional element missing',
  3: 'too many elements',
  4: 'element too short',
  5: 'element too long',
  6: 'invalid character',
  7: 'invalid code',
  8: 'invalid date',
  9: 'invalid time',
  10: 'elements exclude each other',
};
const TRANSACTION_ERRORS: Record<string, string> = {
  1: 'transaction not supported',
  2: 'transaction trailer missing',
  3: 'control numbers of ST and SE differ',
  4: 'number of segments does not match',
  5: 'segments in error',
  6: 'transaction identifier missing or invalid',
  7: 'control number missing or invalid',
  23: 'control number not unique in the group',
};
const GROUP_ERRORS: Record<string, string> = {
  1: 'functional group not supported',
  2: 'version not supported',
  3: 'group trailer missing',
  4: 'control numbers of GS and GE differ',
  5: 'number of transactions does not match',
  6: 'group control number invalid',
};

/** Reads the value of a decoded 997 or 999; undefined when it is none (no AK1). Codes that are not known reject. */
export function readAcknowledgment(value: unknown): Acknowledgment | undefined {
  const root = objectOf(value);
  const { AK101, AK102 } = objectOf(root.AK1);
  if (textOf(AK101) === '') return undefined;
  const ak9 = objectOf(root.AK9);
  return {
    functionalId: textOf(AK101),
    groupControl: textOf(AK102),
    status: textOf(ak9.AK901) === 'P' ? 'PartiallyAccepted' : statusOf(textOf(ak9.AK901)),
    transactions: listOf(root.AK2Loop).map((set) => readOne(set.IK5 ? inFunctionalNames(set) : set)),
    errors: codesIn(ak9, 'AK9', 5, GROUP_ERRORS),
  };
}

function readOne(set: Value): AcknowledgedTransaction {
  const ak2 = objectOf(set.AK2);
  const ak5 = objectOf(set.AK5);
  const errors: string[] = [];
  for (const entry of listOf(set.AK3Loop)) {
    const ak3 = objectOf(entry.AK3);
    const where = `${textOf(ak3.AK301)} (segment ${textOf(ak3.AK302)})`;
    if (textOf(ak3.AK304) !== '8') errors.push(`${where}: ${worded(SEGMENT_ERRORS, textOf(ak3.AK304))}`);
    for (const ak4 of listOf(entry.AK4)) {
      const position = objectOf(ak4.AK401);
      const bad = textOf(ak4.AK404);
      const element = `${textOf(ak3.AK301)}${textOf(position.AK40101).padStart(2, '0')}${position.AK40102 ? `-${textOf(position.AK40102)}` : ''}`;
      errors.push(
        `${element} (segment ${textOf(ak3.AK302)}): ${worded(ELEMENT_ERRORS, textOf(ak4.AK403))}${bad ? `, ${JSON.stringify(bad)}` : ''}`,
      );
    }
  }
  errors.push(...codesIn(ak5, 'AK5', 2, TRANSACTION_ERRORS));
  return { id: textOf(ak2.AK201), control: textOf(ak2.AK202), status: statusOf(textOf(ak5.AK501)), errors };
}

/** A and E are taken; M, R, W, X (security) and anything else are not. */
const statusOf = (code: string): 'Accepted' | 'AcceptedWithErrors' | 'Rejected' =>
  code === 'A' ? 'Accepted' : code === 'E' ? 'AcceptedWithErrors' : 'Rejected';

const worded = (words: Record<string, string>, code: string): string =>
  words[code] ?? (code === '' ? 'no code given' : `code ${code}`);

function codesIn(segment: Value, id: string, first: number, words: Record<string, string>): string[] {
  return Array.from({ length: CODES }, (_, i) => textOf(segment[`${id}0${first + i}`]))
    .filter((code) => code !== '')
    .map((code) => worded(words, code));
}
