/** Whatever the order, the repetitions and the batches of entries are, PostgreSQL holds what the pure fold says. */
import fc from 'fast-check';
import type pg from 'pg';
import { expect, it } from 'vitest';
import type { JournalEntry, Outcome } from '../../runtime/journal/entry.ts';
import { FINALITY } from '../../runtime/journal/outranks.ts';
import { type Account, type DocumentRow, fold, type Key, tieOf } from '../../tracker/fold.ts';
import { type Position, writeBatch } from '../../tracker/store.ts';
import { entry, withDatabase } from './support.ts';

let database: pg.Pool;
withDatabase((opened) => {
  database = opened;
});

const few = <T>(...values: T[]) => fc.constantFrom(...values);
/** Entries that collide as much as they can: also two writings of one id. */
const entries: fc.Arbitrary<JournalEntry> = fc
  .record({
    document: few('d1', 'd2'),
    destination: few('', 'a', 'a/x', 'b/y'),
    outcome: few(...(Object.keys(FINALITY) as Outcome[])),
    epoch: few(0, 1),
    attempt: few(1, 2),
    at: few(1, 2, 3),
    type: few('', 'order.v1', 'order.v2'),
    more: fc.record(
      {
        keys: few<Record<string, string[]>>({}, { order: ['PO-1'] }, { order: ['PO-2', 'PO-3'], item: ['"ü\n'] }),
        subscribers: few([], ['a'], ['a', 'b']),
        destinations: few([], ['x']),
        causation: few('c1', 'c2'),
        nextAt: few(7, 8),
        error: few({ class: 'DeliveryFailed', code: 'http.503', message: 'x'.repeat(1_500) } as const),
        revision: few({ key: 'k', sequence: '1', action: 'Original' }),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ document, destination, outcome, more, ...rest }) =>
    entry(document, destination, outcome, { ...rest, ...more }),
  );

/** A permutation of the entries, some of them again, cut into batches. */
const histories = fc.array(entries, { minLength: 1, maxLength: 14 }).chain((all) =>
  fc
    .array(fc.constantFrom(...all), { maxLength: 6 })
    .chain((again) => {
      const written = [...all, ...again];
      return fc.shuffledSubarray(written, { minLength: written.length });
    })
    .chain((order) =>
      fc
        .array(fc.integer({ min: 1, max: 6 }), { minLength: order.length, maxLength: order.length })
        .map((sizes) => ({ all, batches: cut(order, sizes) })),
    ),
);
function cut<T>(order: T[], sizes: number[]): T[][] {
  const batches: T[][] = [];
  for (let at = 0, n = 0; at < order.length; at += sizes[n++]!) batches.push(order.slice(at, at + sizes[n]!));
  return batches;
}

let runs = 0;
it('holds what the fold says', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ all, batches }) => {
      const namespace = `run-${++runs}`;
      let before: Position | undefined;
      for (const [index, batch] of batches.entries()) {
        const after = { offset: BigInt(index), message: `m${index}` };
        await writeBatch(database, namespace, { entries: batch, odd: [], gap: undefined, before, after });
        before = after;
      }
      expect(await read(namespace)).toEqual(expected(all));
    }),
    { numRuns: 120 },
  );
});

const text = (values: unknown[]) => values.map((value) => JSON.stringify(value)).sort();
function expected(all: JournalEntry[]) {
  const { accounts, documents, keys } = fold(all);
  const writings = Object.values(Object.groupBy(all, ({ id }) => id)).map(
    (same) =>
      same!.toSorted((a, b) => a.at - b.at || (tieOf(JSON.stringify(a)) < tieOf(JSON.stringify(b)) ? -1 : 1))[0]!,
  );
  return {
    accounts: text([...accounts.values()].map(accountText)),
    documents: text([...documents.values()].map(documentText)),
    keys: text([...keys.values()].map(({ document, name, value }: Key) => [document, name, value])),
    entries: text(writings.map(({ id, at }) => [id, at])),
  };
}
const accountText = (a: Account) => [
  a.document,
  a.destination,
  a.state,
  a.outcome,
  a.epoch,
  a.finality,
  a.attempt,
  a.entry,
  a.at,
  a.tie,
  a.nextAt,
  a.errorClass,
  a.errorCode,
  a.errorMessage,
];
const documentText = (d: DocumentRow) => [
  d.id,
  d.type,
  d.source,
  sortedKeys(d.keys),
  d.revision?.sequence ?? null,
  d.causation,
  d.informed,
  d.epoch,
  d.entry,
  d.at,
  d.tie,
  d.firstAt,
];
const sortedKeys = (keys: Record<string, unknown>) => Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1));

async function read(namespace: string) {
  const rows = async (sql: string) => (await database.query({ text: sql, values: [namespace], rowMode: 'array' })).rows;
  return {
    accounts: text(
      await rows(`select document, destination, state, outcome, epoch, finality, attempt, entry, at::float8, tie,
        next_at::float8, error_class, error_code, error_message from accounts where namespace = $1`),
    ),
    documents: text(
      (
        await rows(`select id, type, source, keys, revision->>'sequence', causation, informed, epoch, entry, at::float8, tie,
        first_at::float8 from documents where namespace = $1`)
      ).map(([id, type, source, keys, ...rest]) => [id, type, source, sortedKeys(keys), ...rest]),
    ),
    keys: text(await rows('select document, name, value from document_keys where namespace = $1')),
    entries: text(await rows('select id, at::float8 from entries where namespace = $1')),
  };
}
