import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JournalEntry } from '../../runtime/journal/entry.ts';
import { foldAcknowledgments, merged, stateOfAcknowledgment } from './fold.ts';

const base = { type: '', origin: 'system' as const, source: 'acme', epoch: 0, attempt: 1 };
const sent = (at: number, dueAt: number): JournalEntry => ({
  ...base,
  id: `sent ${at}`,
  at,
  outcome: 'Delivered',
  document: 'order',
  destination: 'orders/acme',
  detail: { partner: 'acme', control: at, transaction: '850', acknowledgeBy: dueAt },
});
const told = (document: string, at: number, verdict: string): JournalEntry => ({
  ...base,
  id: `told ${document}`,
  at,
  outcome: 'Routed',
  document,
  destination: '',
  detail: { acknowledges: 'order', at: 'orders/acme', verdict, control: 1 },
});
const entries = fc.oneof(
  fc.tuple(fc.nat(5), fc.nat(9)).map(([at, due]) => sent(at, at + due)),
  fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('Received', 'Accepted', 'Rejected'))
    .map(([id, verdict]) => told(`${id} ${verdict}`, id.charCodeAt(0), verdict)),
);

it('says the same in any order, in any batches, however often', () => {
  const unique = fc.uniqueArray(entries, { selector: ({ id }) => id, minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(
      unique.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }), fc.nat(8)),
      ),
      ([list, shuffled, cut]) => {
        const [whole] = foldAcknowledgments(list).values();
        const [first] = foldAcknowledgments(shuffled.slice(0, cut)).values();
        const [second] = foldAcknowledgments([...shuffled.slice(cut), ...shuffled]).values();
        expect(first ? merged(first, second!) : second).toEqual(whole);
      },
    ),
  );
});

it('is overdue until the partner has judged: a receipt alone does not do', () => {
  const state = (now: number, ...more: JournalEntry[]) =>
    stateOfAcknowledgment(foldAcknowledgments([sent(1, 10), ...more]).get('order orders/acme')!, now);
  expect([state(9), state(11)]).toEqual(['Expected', 'Overdue']);
  expect([state(9, told('ta1', 2, 'Received')), state(11, told('ta1', 2, 'Received'))]).toEqual([
    'Received',
    'Overdue',
  ]);
  expect(state(11, told('997', 12, 'Rejected'), told('ta1', 13, 'Received'))).toBe('Rejected');
});
