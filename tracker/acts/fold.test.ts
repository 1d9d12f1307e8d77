import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldTransaction, type TransactionState } from '../process/fold.ts';
import { invoice, KEY, lives, notice, order, PROCESS, receipt, response } from '../process/life.ts';
import type { ExceptionAct, FactByHand } from './contract.ts';

const fold = (facts: Parameters<typeof foldTransaction>[2], acts: ExceptionAct[] = [], byHand: FactByHand[] = []) =>
  foldTransaction(PROCESS, KEY, facts, { acts, facts: byHand })!;
const act = (kind: ExceptionAct['kind'], id: string, more: Partial<ExceptionAct> = {}): ExceptionAct => ({
  ...{ process: PROCESS.name, key: KEY, id, kind, by: 'kim', at: 1e9, expected: '40', actual: '50' },
  ...more,
});
const said = (milestone: string, at: number, lines?: string[]): FactByHand => ({
  ...{ id: 'f', process: PROCESS.name, key: KEY, milestone, at, by: 'kim', reason: 'phone', recordedAt: at },
  ...(lines && { lines }),
});
const milestone = (state: TransactionState, name: string) => state.milestones.find((one) => one.name === name);

const ID = 'three-way/InvoicedTooMuch/1';
const overbilled = () => [order([40]), receipt('S', [[1, 40, 0]]), invoice([[1, 50]])];

test.each<[NonNullable<ExceptionAct['result']>, 'Reached' | 'Open']>([
  ['Settled', 'Reached'],
  ['Disputed', 'Open'],
])('resolved as %s: closed by a person, and Matched is %s', (result, matched) => {
  const facts = [...overbilled(), response(), notice('S', [[1, 40]])];
  expect(fold(facts).exceptions).toMatchObject([{ id: ID, expected: '40', actual: '50' }]);
  const state = fold(facts, [act('Resolve', ID, { resolution: 'DebitNote', result, text: 'agreed' })]);
  expect(state.exceptions).toMatchObject([{ id: ID, closedAt: 1e9, closedBy: 'Person', resolution: 'DebitNote' }]);
  expect(milestone(state, 'Matched')).toMatchObject({ state: matched });
});

test('other figures open it again, and the same figures once more close it again', () => {
  const [po, grn, bill] = overbilled();
  const resolved = act('Resolve', ID, { resolution: 'Accept', result: 'Settled' });
  expect(fold([po!, grn!, bill!, invoice([[1, 5]])], [resolved]).exceptions).toMatchObject([{ id: ID, actual: '55' }]);
  expect(fold([po!, grn!, bill!, invoice([[1, 5]])], [resolved]).exceptions[0]).not.toHaveProperty('closedAt');
  const again = [resolved, act('Resolve', ID, { resolution: 'Accept', result: 'Settled', at: 2e9, actual: '55' })];
  expect(fold([po!, grn!, bill!, invoice([[1, 5]])], again).exceptions).toMatchObject([{ closedAt: 2e9 }]);
});

test('what goes by itself is closed by its cause, and what comes after is new: no act of before is about it', () => {
  const facts = [order([40]), receipt('S-1', [[1, 20, 0]]), invoice([[1, 40]]), receipt('S-2', [[1, 20, 0]])];
  const [closed] = fold(facts).exceptions;
  expect(closed).toMatchObject({ id: ID, closedBy: 'Cause' });
  const assigned = act('Assign', ID, { at: closed!.openedAt + 1, owner: 'lee' });
  expect(fold(facts, [assigned]).exceptions[0]).toMatchObject({ owner: 'lee', closedBy: 'Cause' });
});

test('assigned, snoozed, escalated: the last word counts, and an escalation wakes', () => {
  const facts = overbilled();
  const [one] = fold(facts, [act('Assign', ID, { owner: 'lee' }), act('Snooze', ID, { until: 2e9 })]).exceptions;
  expect(one).toMatchObject({ owner: 'lee', snoozedUntil: 2e9 });
  const woken = fold(facts, [act('Snooze', ID, { until: 2e9 }), act('Escalate', ID)]).exceptions[0];
  expect(woken).toMatchObject({ owner: 'procurement', escalated: true });
  expect(woken).not.toHaveProperty('snoozedUntil');
  expect(fold(facts, [act('Assign', ID, { owner: '' })]).exceptions[0]).not.toHaveProperty('owner');
});

test('a fact by hand is a milestone reached, at its time; whoever says it first decides', () => {
  const po = order([40, 10]);
  const yes = response();
  expect(milestone(fold([po], [], [said('Confirmed', 7)]), 'Confirmed')).toEqual({
    ...{ name: 'Confirmed', state: 'Reached', at: 7, byHand: true },
  });
  expect(milestone(fold([po, yes], [], [said('Confirmed', yes.at + 1)]), 'Confirmed')).toEqual({
    ...{ name: 'Confirmed', state: 'Reached', at: yes.at },
  });
  const shipped = (lines?: string[]) =>
    milestone(fold([po, notice('S', [[1, 40]])], [], [said('Shipped', 9, lines)]), 'Shipped');
  const [first, second] = fold([po]).lines.map(({ id }) => id);
  expect(shipped([first!])).toMatchObject({ state: 'Partly', done: 1, byHand: true });
  expect(shipped([second!])).toMatchObject({ state: 'Reached', done: 2, of: 2 });
  expect(shipped()).toMatchObject({ state: 'Reached', at: 9, byHand: true });
});

test('in whatever order documents come, acts and facts give the same', () => {
  const acts = [act('Resolve', ID, { resolution: 'Accept', result: 'Settled' }), act('Escalate', 'arrival/Damaged/1')];
  const hand = [said('Confirmed', 5), said('Received', 6)];
  fc.assert(
    fc.property(lives, fc.nat(), (facts, turn) => {
      const by = turn % facts.length;
      expect(fold([...facts.slice(by), ...facts.slice(0, by)], acts, hand)).toEqual(fold(facts, acts, hand));
    }),
    { numRuns: 50 },
  );
});
