import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectivePlan, SlaPlan } from '../plan.ts';
import { type Fact, factsFor } from '../process/facts.ts';
import { foldTransaction } from '../process/fold.ts';
import { change, fact, invoice, KEY, lives, notice, order, PROCESS, response } from '../process/life.ts';
import { dueByCalendar } from './due.ts';
import { nextChange, objectivesOf, watchOf } from './objective.ts';

const HOUR = 3_600_000;
const MONDAY = Date.UTC(2026, 2, 2, 9);
const objective = (more: Partial<ObjectivePlan>): ObjectivePlan => ({
  name: 'Confirmed',
  to: 'Confirmed',
  clock: 'Elapsed',
  calendar: 'Partner',
  severity: 'Warning',
  ...more,
});
const IN_A_DAY = objective({ within: { from: 'Released', ms: 24 * HOUR }, warnAt: 75 });
/** The order of life.ts says 9 March. */
const BEFORE = objective({
  name: 'Announced',
  to: 'Shipped',
  before: { type: 'order.v1', field: '/expectedDelivery', byMs: 24 * HOUR },
});
const sla = (objectives: ObjectivePlan[], more: Partial<SlaPlan> = {}, partners?: string[]): SlaPlan => ({
  policies: [{ name: 'p', generation: 1, process: 'inbound', objectives, notify: [], ...(partners && { partners }) }],
  calendars: {},
  partners: {},
  ...more,
});
const judge = (plan: SlaPlan, facts: readonly Fact[], now: number) => {
  const state = foldTransaction(PROCESS, KEY, facts);
  return state ? objectivesOf(watchOf(plan), 'inbound', state, facts, now) : [];
};
const on = (at: number, one: Fact): Fact => ({ ...one, at });

describe('from milestone to milestone', () => {
  const facts = [on(MONDAY, order([10]))];
  it.each([
    ['is armed', MONDAY, 'Pending', MONDAY + 18 * HOUR],
    ['warns', MONDAY + 18 * HOUR, 'Warning', MONDAY + 24 * HOUR],
    ['is breached at its deadline', MONDAY + 24 * HOUR, 'Breached', undefined],
  ])('%s', (_, now, state, next) => {
    const [one] = judge(sla([IN_A_DAY]), facts, now);
    expect(one).toMatchObject({
      state,
      startedAt: MONDAY,
      dueAt: MONDAY + 24 * HOUR,
      from: 'Released',
      to: 'Confirmed',
    });
    expect(nextChange(one!)).toBe(next);
  });
  it.each([
    [MONDAY + 24 * HOUR, 'Met'],
    [MONDAY + 24 * HOUR + 1, 'MetLate'],
  ])('is closed at %d: %s', (at, state) => {
    const [one] = judge(sla([IN_A_DAY]), [...facts, on(at, response())], MONDAY);
    expect(one).toMatchObject({ state, closedAt: at });
    expect(nextChange(one!)).toBeUndefined();
  });
  it('is not there before its clock starts, and Void once the order is cancelled', () => {
    expect(judge(sla([IN_A_DAY]), [response()], MONDAY)).toEqual([]);
    const cancelled = [...facts, on(MONDAY + 1, order([10], '2', 'Cancel'))];
    expect(judge(sla([IN_A_DAY]), cancelled, MONDAY + 99 * HOUR)).toMatchObject([
      { state: 'Void', reason: 'the order was cancelled' },
    ]);
  });
});

describe('whose it is', () => {
  const facts = [on(MONDAY, { ...order([10]), recipients: ['acme'] })];
  it('is of the partner that the order went to', () => {
    expect(judge(sla([IN_A_DAY], {}, ['acme', 'other']), facts, MONDAY)).toMatchObject([{ partner: 'acme' }]);
    expect(judge(sla([IN_A_DAY], {}, ['other']), facts, MONDAY)).toEqual([]);
    expect(judge(sla([IN_A_DAY]), [on(MONDAY, order([10]))], MONDAY)).toMatchObject([{ partner: '' }]);
  });
  it('runs by the working hours of the partner, else by ours, else every hour, which it says', () => {
    const shifts = [{ days: [1, 2, 3, 4, 5], from: 480, to: 960 }];
    const working = objective({ within: { from: 'Released', ms: 8 * HOUR }, clock: 'WorkingTime' });
    const calendars = {
      utc: { timeZone: 'UTC', shifts, dates: [] },
      york: { timeZone: 'America/New_York', shifts, dates: [] },
    };
    const due = (more: Partial<SlaPlan>) => judge(sla([working], { calendars, ...more }), facts, MONDAY)[0];
    expect(due({ partners: { acme: 'york' }, organization: 'utc' })?.dueAt).toBe(Date.UTC(2026, 2, 2, 21));
    expect(due({ organization: 'utc' })?.dueAt).toBe(MONDAY + 24 * HOUR);
    expect(due({})).toMatchObject({ dueAt: MONDAY + 8 * HOUR, reason: 'no calendar: every hour counts' });
  });
});

describe('before an appointment in a document', () => {
  it('is due so long before, and moves with a corrected document', () => {
    const first = on(MONDAY, order([10]));
    const moved = on(MONDAY + HOUR, order([10], '2', 'Replace'));
    const body = { ...(moved.body as object), expectedDelivery: '2026-03-12T08:00:00Z' };
    expect(judge(sla([BEFORE]), [first], MONDAY)).toMatchObject([
      { state: 'Pending', startedAt: MONDAY, dueAt: Date.UTC(2026, 2, 8) },
    ]);
    expect(judge(sla([BEFORE]), [first, { ...moved, body }], MONDAY)).toMatchObject([
      { state: 'Pending', startedAt: MONDAY, dueAt: Date.UTC(2026, 2, 11, 8) },
    ]);
  });
  it('a deadline that was over when it was set is breached at once, and says so', () => {
    const late = on(Date.UTC(2026, 2, 8, 1), order([10]));
    expect(judge(sla([{ ...BEFORE, warnAt: 50 }]), [late], late.at)).toMatchObject([
      { state: 'Breached', reason: 'its deadline was over when it was set' },
    ]);
  });
  it.each([
    [{}, 'order.v1 has no /expectedDelivery'],
    [{ expectedDelivery: 'soon' }, '/expectedDelivery of order.v1 is "soon", not a date'],
    [{ expectedDelivery: 20260309 }, '/expectedDelivery of order.v1 is 20260309, not a date'],
    [undefined, 'the content of order.v1 dX is not in the archive'],
  ])('%j is Void, with the reason', (body, reason) => {
    const { body: _, ...without } = on(MONDAY, order([10]));
    const facts = [{ ...without, id: 'dX', ...(body && { body }) }];
    expect(judge(sla([BEFORE]), facts, MONDAY)).toMatchObject([{ state: 'Void', reason }]);
  });
  it('of several in lists the earliest counts', () => {
    const one = fact('order.v1', { lines: [{ on: '2026-03-12' }, { on: '2026-03-10' }, {}] });
    const plan = objective({ to: 'Shipped', before: { type: 'order.v1', field: '/lines/on', byMs: 0 } });
    expect(judge(sla([plan]), [on(MONDAY, one)], MONDAY)).toMatchObject([{ dueAt: Date.UTC(2026, 2, 10) }]);
  });
  it('more than ten years away is Void', () => {
    const far = fact('order.v1', { at: '9999-12-31' });
    const calendars = { c: { timeZone: 'UTC', shifts: [{ days: [1], from: 0, to: 1 }], dates: [] } };
    const plan = objective({ within: { from: 'Released', ms: 999 * HOUR }, clock: 'WorkingTime' });
    expect(judge(sla([plan], { calendars, organization: 'c' }), [on(MONDAY, far)], MONDAY)).toMatchObject([
      { state: 'Void', reason: 'its deadline cannot be told: it is more than ten years away' },
    ]);
  });
});

it('what is ordered more reopens what was met', () => {
  const plan = objective({ to: 'Shipped', within: { from: 'Released', ms: HOUR } });
  const facts = [on(MONDAY, order([10])), on(MONDAY + 1, notice('S', [[1, 10]]))];
  expect(judge(sla([plan]), facts, MONDAY + 2)).toMatchObject([{ state: 'Met' }]);
  expect(judge(sla([plan]), [...facts, on(MONDAY + 2, change(1, 12, '8'))], MONDAY + 3)).toMatchObject([
    { state: 'Pending', dueAt: MONDAY + HOUR },
  ]);
});

it('an exception is due by the working hours that its process names', () => {
  const [first, ...others] = PROCESS.matches;
  const matches = [{ ...first!, exception: { ...first!.exception, calendar: 'Organization' as const } }, ...others];
  const facts = [on(MONDAY, order([10])), on(MONDAY + 1, response()), on(MONDAY + HOUR, invoice([[1, 10]], '9.00'))];
  const state = foldTransaction({ ...PROCESS, matches }, KEY, facts)!;
  const calendars = { c: { timeZone: 'UTC', shifts: [{ days: [1, 2, 3, 4, 5], from: 480, to: 720 }], dates: [] } };
  const due = (watch: ReturnType<typeof watchOf> | undefined) =>
    dueByCalendar(state, { ...PROCESS, matches }, watch).exceptions.find(({ kind }) => kind === 'Price')?.dueAt;
  expect(due(undefined)).toBe(MONDAY + 9 * HOUR);
  expect(due(watchOf(sla([])))).toBe(MONDAY + 9 * HOUR);
  // 10:00 to 12:00 on Monday, 8:00 to 12:00 on Tuesday, and two hours of Wednesday.
  expect(due(watchOf(sla([], { calendars, organization: 'c' })))).toBe(Date.UTC(2026, 2, 4, 10));
});

it('the order of documents does not matter', () => {
  const plan = sla([
    IN_A_DAY,
    BEFORE,
    objective({ name: 'Paid', to: 'Matched', within: { from: 'Shipped', ms: 300 } }),
    objective({ name: 'Billed', to: 'Invoiced', within: { from: 'Confirmed', ms: 30 } }),
  ]);
  const shuffled = lives.chain((facts) =>
    fc.tuple(
      fc.constant([...facts, invoice([[1, 1]])]),
      fc.shuffledSubarray(facts, { minLength: facts.length }),
      fc.nat(2_000),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([facts, other, more]) => {
      const now = Math.max(...facts.map(({ at }) => at)) + more;
      const all = [...other, facts.at(-1)!, ...other];
      expect(judge(plan, factsFor(KEY, all), now)).toEqual(judge(plan, factsFor(KEY, facts), now));
    }),
    { numRuns: 200 },
  );
});
