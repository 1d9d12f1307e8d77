/**
 * Rows that are not in memory, for expressions that are synchronous. What asks for such a row gets nothing for the moment, and the
 * work goes on only to find out what else it will ask; then all rows are fetched at once and the work runs again.
 */
import { setImmediate } from 'node:timers/promises';
import { DocumentError } from '../errors.ts';
import { tookLong } from './jsonata/budget.ts';

export type Row = Record<string, unknown>;

/** Where rows of one table are fetched from. */
export interface RowSource {
  readonly name: string;
  /** Every key that was asked is in the answer; a key without a row as undefined. */
  load(keys: readonly string[]): Promise<ReadonlyMap<string, Row | undefined>>;
}

/** Rows that a run has for sure, and what it asked for besides. */
interface Run {
  rows: Map<RowSource, Map<string, Row | undefined>>;
  asked: Map<RowSource, Set<string>>;
  unavailable?: Error;
}
let current: Run | undefined;

/** The answer to a look-up whose row is being fetched: the value of this run will be thrown away. */
export const PENDING: unique symbol = Symbol('pending');

/** Look-ups that need the row of another look-up follow one another; further than that, an expression does not end. */
const MAX_ROUNDS = 32;

/** What this run has for the key. `undefined` in `row`: there is no such row. */
export function had(source: RowSource, key: string): { row: Row | undefined } | undefined {
  const rows = current?.rows.get(source);
  return rows?.has(key) ? { row: rows.get(key) } : undefined;
}

/** Notes that the run needs the row. */
export function ask(source: RowSource, key: string): typeof PENDING {
  if (!current)
    throw new DocumentError({
      class: 'MappingFailed',
      code: 'reference.live',
      message: `ReferenceTable "${source.name}" lives, and cannot be asked here`,
    });
  const keys = current.asked.get(source);
  if (keys) keys.add(key);
  else current.asked.set(source, new Set([key]));
  return PENDING;
}

/** Ends the run with the error as it is, whatever the expression makes of it. */
export function giveUp(error: Error): never {
  if (current) current.unavailable ??= error;
  throw error;
}

/**
 * The value of synchronous work that may ask live tables: at once where all rows are in memory. `rows` are what it is to see instead of
 * what the tables have. Rejects with what the work throws, or with what the fetching of rows throws. After an evaluation that took long others
 * get their turn before the next one.
 */
export function withRows<T>(work: () => T, rows: Run['rows'] = new Map()): T | Promise<T> {
  const first = attempt(work, { rows, asked: new Map() });
  if (!first.done) return again(work, first.run);
  return tookLong() ? setImmediate(first.value) : first.value;
}

async function again<T>(work: () => T, before: Run): Promise<T> {
  let run = before;
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const rows = new Map([...run.rows].map(([source, known]) => [source, new Map(known)]));
    await Promise.all(
      [...run.asked].map(async ([source, keys]) => {
        const known = rows.get(source) ?? new Map<string, Row | undefined>();
        rows.set(source, known);
        const loaded = await source.load([...keys]);
        for (const key of keys) known.set(key, loaded.get(key));
      }),
    );
    const next = attempt(work, { rows, asked: new Map() });
    if (next.done) return next.value;
    run = next.run;
  }
  throw new DocumentError({
    class: 'MappingFailed',
    code: 'reference.chain',
    message: `look-ups that need each other's rows went on for ${MAX_ROUNDS} rounds; look-ups must not depend on the time or on chance`,
  });
}

type Attempt<T> = { done: true; value: T } | { done: false; run: Run };

function attempt<T>(work: () => T, run: Run): Attempt<T> {
  const before = current;
  current = run;
  try {
    const value = work();
    if (run.unavailable) throw run.unavailable;
    return run.asked.size === 0 ? { done: true, value } : { done: false, run };
  } catch (error) {
    if (run.unavailable) throw run.unavailable;
    // Without the rows that it asked for it may fail; with them it may not.
    if (run.asked.size > 0) return { done: false, run };
    throw error;
  } finally {
    current = before;
  }
}
