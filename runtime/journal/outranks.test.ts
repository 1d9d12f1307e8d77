import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JournalEntry, Outcome } from './entry.ts';
import {
  DOCUMENT_PRECEDENCE,
  documentState,
  entryId,
  FINALITY,
  opens,
  outranks,
  STATE_OF,
  stateOf,
} from './outranks.ts';

const make = (outcome: Outcome, epoch: number, attempt: number, more: Partial<JournalEntry> = {}): JournalEntry => ({
  id: entryId('d1', 'receipt/erp', epoch, outcome, attempt),
  at: 1,
  outcome,
  document: 'd1',
  type: 'order.v1',
  origin: 'partner',
  source: 'acme',
  destination: 'receipt/erp',
  epoch,
  attempt,
  ...more,
});
const entry = fc
  .record({
    outcome: fc.constantFrom(...(Object.keys(STATE_OF) as Outcome[])),
    epoch: fc.integer({ min: 0, max: 2 }),
    attempt: fc.integer({ min: 1, max: 3 }),
    at: fc.integer({ min: 0, max: 3 }),
    code: fc.constantFrom('http.500', 'http.503'),
  })
  .map(({ outcome, epoch, attempt, at, code }) =>
    make(outcome, epoch, attempt, { at, error: { class: 'DeliveryFailed', code, message: 'no' } }),
  );

const fold = (entries: readonly JournalEntry[]): JournalEntry | undefined =>
  entries.reduce<JournalEntry | undefined>(
    (state, next) => (state === undefined || outranks(next, state) ? next : state),
    undefined,
  );

test('any order, with any duplicates, folds to the same state', () => {
  const shuffled = fc.array(entry, { minLength: 1, maxLength: 12 }).chain((entries) =>
    fc.tuple(
      fc.constant(entries),
      fc
        .array(fc.constantFrom(...entries), { maxLength: 8 })
        .chain((again) => fc.shuffledSubarray([...entries, ...again], { minLength: entries.length + again.length })),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([entries, permuted]) => {
      expect(fold(permuted)).toEqual(fold(entries));
    }),
    { numRuns: 2_000 },
  );
});

test('the order is total and strict', () => {
  fc.assert(
    fc.property(entry, entry, entry, (a, b, c) => {
      expect(outranks(a, a)).toBe(false);
      expect(outranks(a, b) && outranks(b, a)).toBe(false);
      if (JSON.stringify(a) !== JSON.stringify(b)) expect(outranks(a, b) || outranks(b, a)).toBe(true);
      if (outranks(a, b) && outranks(b, c)) expect(outranks(a, c)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test.each<[string, JournalEntry, JournalEntry]>([
  ['a replay outranks the dead letter before it', make('Replayed', 1, 1), make('DeadLettered', 0, 9)],
  ['an end outranks a later attempt in flight', make('Delivered', 0, 2), make('Retrying', 0, 3)],
  ['a delivery outranks the dead letter of the same epoch', make('Delivered', 0, 1), make('DeadLettered', 0, 9)],
  ['a delivery outranks parking', make('Delivered', 0, 1), make('Parked', 0, 2)],
  ['a discard outranks its dead letter', make('Discarded', 0, 1), make('DeadLettered', 0, 9)],
  ['the later attempt outranks', make('Retrying', 0, 3), make('Retrying', 0, 2)],
  [
    'the first writing of the same entry outranks',
    make('Retrying', 0, 2, { at: 1 }),
    make('Retrying', 0, 2, { at: 2 }),
  ],
])('%s', (_, higher, lower) => {
  expect(outranks(higher, lower)).toBe(true);
  expect(outranks(lower, higher)).toBe(false);
});

test('an end always outranks what is in flight', () => {
  for (const [end, endState] of Object.entries(STATE_OF))
    for (const [flight, flightState] of Object.entries(STATE_OF))
      if (endState !== 'InFlight' && flightState === 'InFlight')
        expect(FINALITY[end as Outcome], `${end} ${flight}`).toBeGreaterThan(FINALITY[flight as Outcome]);
});

test('what an entry opens has its state elsewhere', () => {
  const accepted = make('Accepted', 0, 1, { destination: '', subscribers: ['receipt', 'audit'] });
  expect(opens(accepted)).toEqual(['receipt', 'audit']);
  expect(stateOf(accepted)).toBeUndefined();
  const routed = make('Routed', 0, 1, { destination: 'receipt', destinations: ['erp'] });
  expect(opens(routed)).toEqual(['receipt/erp']);
  expect(stateOf({ ...routed, destinations: [] })).toBe('Delivered');
  expect(stateOf(make('Retrying', 0, 1))).toBe('InFlight');
});

test('a document has the first state of the precedence that any destination has', () => {
  expect(documentState(['Delivered', 'InFlight', 'Parked'])).toBe('Parked');
  expect(documentState(['Delivered', 'Duplicate'])).toBe('Duplicate');
  expect(documentState(['Delivered'])).toBe('Delivered');
  expect(documentState([])).toBeUndefined();
  expect([...DOCUMENT_PRECEDENCE].sort()).toEqual([...new Set(Object.values(STATE_OF))].sort());
});

test('ids are derived, and differ by every part', () => {
  const id = entryId('d1', 'receipt/erp', 0, 'Delivered', 1);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(entryId('d1', 'receipt/erp', 0, 'Delivered', 1)).toBe(id);
  const others = [
    entryId('d2', 'receipt/erp', 0, 'Delivered', 1),
    entryId('d1', 'receipt', 0, 'Delivered', 1),
    entryId('d1', 'receipt/erp', 1, 'Delivered', 1),
    entryId('d1', 'receipt/erp', 0, 'Parked', 1),
    entryId('d1', 'receipt/erp', 0, 'Delivered', 2),
  ];
  expect(new Set([id, ...others]).size).toBe(6);
});
