import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DeliveryPlan } from '../plan.ts';
import { retryDelay } from './backoff.ts';

const plan: DeliveryPlan = {
  retry: 8,
  backoffPolicy: 'Exponential',
  backoffDelayMs: 1_000,
  backoffMaxMs: 300_000,
  timeoutMs: 1_000,
};

it('climbs the ladder and stops at its longest delay', () => {
  const labels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((attempt) => retryDelay(plan, attempt, undefined, 0.9).label);
  expect(labels).toEqual(['1s', '5s', '5s', '30s', '30s', '2m', '2m', '10m', '10m', '10m']);
  expect(retryDelay({ ...plan, backoffPolicy: 'Linear' }, 4, undefined, 0.9).label).toBe('5s');
});

it('spreads some over the next step, but not past the longest delay', () => {
  expect(retryDelay(plan, 1, undefined, 0.1).label).toBe('5s');
  expect(retryDelay({ ...plan, backoffMaxMs: 1_000 }, 3, undefined, 0.1).label).toBe('1s');
});

it('never asks earlier than it was told to', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 86_400_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, asked, random) => {
        expect(retryDelay(plan, attempt, asked, random).ms).toBeGreaterThanOrEqual(asked);
      },
    ),
  );
});
