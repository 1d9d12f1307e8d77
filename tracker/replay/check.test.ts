import { expect, test } from 'vitest';
import { checkSpec, problemOf } from './check.ts';
import type { ReplaySpec } from './contract.ts';
import { messageOf } from './replays.ts';

test.each([
  [{}, 'the selector is empty'],
  [{ since: 1, until: 2 }, 'the selector is empty'],
  [{ keys: [] }, 'the selector is empty'],
  [{ deadLetters: {}, since: 2, until: 2 }, 'since must be before until'],
  [{ destination: 'erp' }, 'name the integration too'],
])('%o: %s', (selector, problem) => {
  expect(problemOf(selector)).toContain(problem);
});
test.each([
  [{ deadLetters: {} }],
  [{ keys: ['PO-1'] }],
  [{ destination: 'receipt/erp' }],
  [{ mapping: { name: 'm' } }],
])('%o is a selector', (selector) => {
  expect(problemOf(selector)).toBeUndefined();
});

const spec: ReplaySpec = { reason: 'why', requestedBy: 'kim', mode: 'Run', selector: { integration: 'a' } };
test.each<[Partial<ReplaySpec>, string]>([
  [{ reason: ' ' }, 'reason is missing'],
  [{ reason: 'x'.repeat(513) }, 'longer than 512'],
  [{ requestedBy: '' }, 'by is missing'],
  [{ mode: 'Shadow' as never }, 'DryRun or Run'],
  [{ ratePerSecond: 0 }, 'ratePerSecond must be a whole number from 1 to 1000'],
  [{ limit: 1001 }, 'limit must be a whole number from 0 to 1000'],
])('%o is refused: %s', (more, message) => {
  expect(() => checkSpec({ ...spec, ...more })).toThrow(message);
});

test('what came of it is said in one line', () => {
  expect(messageOf({ selected: 9, mode: 'Run' }, 'Failed', { Delivered: 6, DeadLettered: 2, Refused: 1 })).toBe(
    'of 9 documents 6 delivered, 2 in the dead letters again, 1 could not be sent',
  );
  expect(messageOf({ selected: 2, mode: 'Run' }, 'Cancelled', { Waiting: 2 })).toBe(
    'cancelled; of 2 documents 2 not sent',
  );
  expect(messageOf({ selected: 0, mode: 'Run' }, 'Succeeded', {})).toContain('nothing is selected');
});
