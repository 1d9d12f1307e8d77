import { expect, test } from 'vitest';
import type { JournalEntry, Outcome } from '../runtime/journal/entry.ts';
import { entryId } from '../runtime/journal/outranks.ts';
import { accountsOf, documentOf, fold, mergeDocuments, stateOfDocument } from './fold.ts';

const entry = (destination: string, outcome: Outcome, more: Partial<JournalEntry> = {}): JournalEntry => {
  const { epoch = 0, attempt = 1 } = more;
  return {
    id: entryId('d', destination, epoch, outcome, attempt),
    at: 10,
    outcome,
    document: 'd',
    type: 'order.v1',
    origin: 'partner',
    source: 'acme',
    destination,
    epoch,
    attempt,
    ...more,
  };
};
const states = (entries: JournalEntry[]) =>
  Object.fromEntries([...fold(entries).accounts.values()].map(({ destination, state }) => [destination, state]));

test('an accepted document is in flight with each subscriber, and with each destination once it is routed', () => {
  const way = [
    entry('', 'Accepted', { subscribers: ['a', 'b'] }),
    entry('a', 'Routed', { destinations: ['x', 'y'] }),
    entry('a/x', 'Delivered'),
  ];
  expect(states(way.slice(0, 1))).toEqual({ '': null, a: 'InFlight', b: 'InFlight' });
  expect(states(way)).toEqual({ '': null, a: null, b: 'InFlight', 'a/x': 'Delivered', 'a/y': 'InFlight' });
  expect(states(way.toReversed())).toEqual(states(way));
});

test('routed to no destination is delivered', () => {
  expect(states([entry('a', 'Routed', { destinations: [] })])).toEqual({ a: 'Delivered' });
});

test('a replay is in flight until it ends; what was discarded stays dead-lettered', () => {
  const dead = entry('a/x', 'DeadLettered');
  const replayed = entry('a/x', 'Replayed', { epoch: 1 });
  expect(states([dead, replayed])).toEqual({ 'a/x': 'InFlight' });
  expect(states([entry('a/x', 'Delivered', { epoch: 1 }), dead, replayed])).toEqual({ 'a/x': 'Delivered' });
  expect(states([entry('a/x', 'Discarded'), dead])).toEqual({ 'a/x': 'DeadLettered' });
});

test('two writings of one entry: the earlier decides, whatever came first', () => {
  const late = entry('a/x', 'Retrying', { at: 20, error: { class: 'DeliveryFailed', code: 'http.503', message: 'b' } });
  const early = { ...late, at: 11, error: { ...late.error!, message: 'a' } };
  for (const order of [
    [late, early],
    [early, late],
  ])
    expect([...fold(order).accounts.values()][0]).toMatchObject({ at: 11, errorMessage: 'a' });
});

test('a document is told of by its acceptance in the highest epoch, and is as old as its first entry', () => {
  const undecoded = entry('', 'DeadLettered', { type: '', source: 'connector/box', at: 5 });
  const replayed = entry('', 'Replayed', { type: '', source: 'connector/box', epoch: 1, at: 30 });
  const accepted = entry('', 'Accepted', { epoch: 1, at: 40, keys: { order: ['PO-1'] } });
  const delivered = entry('a/x', 'Delivered', { epoch: 1, at: 50 });
  const all = [undecoded, replayed, accepted, delivered];
  for (const order of [all, all.toReversed()])
    expect(order.map((one) => documentOf(one)).reduce(mergeDocuments)).toMatchObject({
      type: 'order.v1',
      source: 'acme',
      keys: { order: ['PO-1'] },
      firstAt: 5,
    });
  expect(mergeDocuments(documentOf(undecoded), documentOf(replayed))).toMatchObject({ entry: undecoded.id });
});

test('an account keeps the beginning of a long message, and no half of a character', () => {
  const message = `${'x'.repeat(999)}😀`;
  const [account] = accountsOf(entry('a', 'DeadLettered', { error: { class: 'MappingFailed', code: 'c', message } }));
  expect(account!.errorMessage).toBe(`${'x'.repeat(999)}\ufffd`);
});

test('a document with an end in trouble is in trouble', () => {
  const all = fold([entry('a/x', 'Delivered'), entry('a/y', 'Parked'), entry('a', 'Routed', { destinations: ['x'] })]);
  expect(stateOfDocument(all.accounts.values())).toBe('Parked');
});
