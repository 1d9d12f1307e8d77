/**
 * Journal messages as entries. What is no entry, or no row could hold, is set aside with the reason: one odd entry must not stop the
 * tracker, and must not go unnoticed.
 */
import type { JournalEntry } from '../runtime/journal/entry.ts';
import { FINALITY } from '../runtime/journal/outranks.ts';

export interface Odd {
  offset: bigint;
  reason: string;
  /** As it was, at most 64 KiB. */
  text: string;
}

export interface Read<T = JournalEntry> {
  entries: T[];
  odd: Odd[];
}

const MAX_ODD_TEXT = 65_536;
const MAX_INT = 2 ** 31 - 1;

export const readMessage = (body: Buffer, offset: bigint): Read => readEntries(body, offset, problemOf);

/** `complete` adds to the values what the message holds beside them, or says why it cannot. */
export function readEntries<T>(
  body: Buffer,
  offset: bigint,
  problemOf: (value: unknown) => string | undefined,
  complete?: (values: readonly unknown[]) => string | undefined,
): Read<T> {
  const text = body.toString();
  const odd = (reason: string, what: string): Odd => ({
    offset,
    reason,
    text: clean(what.slice(0, MAX_ODD_TEXT)) as string,
  });
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (error) {
    return { entries: [], odd: [odd(`not JSON: ${(error as Error).message.slice(0, 200)}`, text)] };
  }
  if (!Array.isArray(values)) return { entries: [], odd: [odd('not an array of entries', text)] };
  // PostgreSQL refuses U+0000 and halves of surrogate pairs; JSON can only write them as escapes.
  const storable = /\\u0000|\\u[dD][89a-fA-F]/.test(text) ? values.map(clean) : values;
  const incomplete = complete?.(storable);
  if (incomplete !== undefined) return { entries: [], odd: [odd(incomplete, text)] };
  const read: Read<T> = { entries: [], odd: [] };
  for (const value of storable) {
    const problem = problemOf(value);
    if (problem === undefined) read.entries.push(value as T);
    else read.odd.push(odd(problem, JSON.stringify(value)));
  }
  return read;
}

export function clean(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\0', '\ufffd').toWellFormed();
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [clean(name), clean(member)]));
}

export type Test = (value: unknown) => boolean;
export const text =
  (longest: number): Test =>
  (value) =>
    typeof value === 'string' && value.length <= longest;
export const int: Test = (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_INT;
export const time: Test = (value) => Number.isSafeInteger(value);
const texts: Test = (value) => Array.isArray(value) && value.every((item) => typeof item === 'string');
const map =
  (test: Test): Test =>
  (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(test);

/** Names are bounded because they are in indexes. */
const NEEDED: Record<string, Test> = {
  id: text(200),
  document: text(500),
  destination: text(600),
  type: text(500),
  source: text(500),
  outcome: (value) => typeof value === 'string' && Object.hasOwn(FINALITY, value),
  origin: (value) => value === 'partner' || value === 'system',
  at: time,
  epoch: int,
  attempt: int,
};
const OPTIONAL: Record<string, Test> = {
  keys: map(texts),
  subscribers: texts,
  destinations: texts,
  revision: map(text(MAX_ODD_TEXT)),
  causation: text(500),
  nextAt: time,
  error: (value) =>
    typeof value === 'object' &&
    value !== null &&
    ['class', 'code', 'message'].every((name) => typeof (value as Record<string, unknown>)[name] === 'string'),
};

const problemOf = (value: unknown): string | undefined => misfit(value, NEEDED, OPTIONAL);

/** What is wrong with the shape of an entry. */
export function misfit(
  value: unknown,
  needed: Readonly<Record<string, Test>>,
  optional: Readonly<Record<string, Test>>,
): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not an object';
  const entry = value as Record<string, unknown>;
  for (const [name, test] of Object.entries(needed)) if (!test(entry[name])) return `${name} is ${said(entry[name])}`;
  for (const [name, test] of Object.entries(optional))
    if (entry[name] !== undefined && !test(entry[name])) return `${name} is ${said(entry[name])}`;
  return undefined;
}
const said = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80));
