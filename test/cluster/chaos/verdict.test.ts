import { expect, it } from 'vitest';
import { judge, percentile, recoveryMs } from './verdict.ts';

const sent = (number: string, askedAt = 0) => ({ number, askedAt, acceptedAt: askedAt + 1 });
const taken = (number: string, idempotencyKey = 'k', at = 10) => ({ number, idempotencyKey, apiKey: '', at });
const account = (number: string, state = 'Delivered') => ({ number, state });

it('finds what was lost, what took effect twice, and where the accounts are wrong', () => {
  const all = ['a', 'b', 'c', 'd'].map((number) => sent(number));
  const effects = [taken('a'), taken('a'), taken('b'), taken('b', 'other'), taken('d'), taken('e')];
  expect(judge(all, effects, [account('a'), account('b'), account('c', 'InFlight'), account('d', 'Parked')])).toEqual({
    lost: ['c'],
    doubled: ['b'],
    repeats: 1,
    disagreements: [
      'c: not taken by the ERP, in the accounts InFlight',
      'd: taken by the ERP, in the accounts Parked',
      'e: taken by the ERP, in the accounts unknown',
    ],
  });
});

it('has nothing to say where all agree', () => {
  expect(judge([sent('a')], [taken('a')], [account('a')])).toEqual({
    lost: [],
    doubled: [],
    repeats: 0,
    disagreements: [],
  });
});

it('counts recovery until both traffic and what was taken away are back', () => {
  const fault = { name: 'x', at: 0, endedAt: 100, restoredAt: 150 };
  const orders = [sent('a', 50), sent('b', 120)];
  expect(recoveryMs(fault, orders, [taken('a', 'k', 110), taken('b', 'k', 140)])).toBe(50);
  expect(recoveryMs(fault, orders, [taken('b', 'k', 400), taken('b', 'k', 300)])).toBe(200);
  expect(recoveryMs(fault, orders, [taken('a')])).toBeUndefined();
  expect(percentile([5, 1, 3], 0.5)).toBe(3);
  expect(percentile([5, 1, 3], 0.95)).toBe(5);
});
