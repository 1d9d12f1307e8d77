/**
 * Objectives of one transaction: a pure function of what is known of it and of the time. Whatever the order in which its documents came,
 * the same documents give the same objectives.
 */
import type { ObjectivePlan, PolicyPlan, SlaPlan } from '../plan.ts';
import { choose, type Fact, factsFor } from '../process/facts.ts';
import type { TransactionState } from '../process/fold.ts';
import { type Calendar, elapsedCalendar, momentOf, TooFar, workingCalendar } from './calendar.ts';
import type { Objective, ObjectiveState } from './read.ts';

/** Policies with their calendars made ready. */
export interface Watch {
  policies: readonly PolicyPlan[];
  calendarOf(partner: string, whose: 'Partner' | 'Organization'): { zone: string; working?: Calendar };
}

export function watchOf({ policies, calendars, organization, partners }: SlaPlan): Watch {
  const ready = new Map<string, Calendar>();
  const calendar = (hash: string): Calendar => {
    const made = ready.get(hash) ?? workingCalendar(calendars[hash]!);
    ready.set(hash, made);
    return made;
  };
  return {
    policies,
    calendarOf(partner, whose) {
      const own = whose === 'Partner' && Object.hasOwn(partners, partner) ? partners[partner] : undefined;
      const hash = own ?? organization;
      if (hash === undefined) return { zone: 'UTC' };
      const working = calendar(hash);
      return { zone: working.timeZone, working };
    },
  };
}

/** Types of which appointments are read. */
export const appointmentTypes = ({ policies }: Pick<SlaPlan, 'policies'>, process: string): string[] =>
  policies
    .filter((policy) => policy.process === process)
    .flatMap(({ objectives }) => objectives.flatMap(({ before }) => before?.type ?? []));

/** As they are at `now`. Without the documents' bodies appointments are Void. */
export function objectivesOf(
  watch: Watch,
  process: string,
  state: TransactionState,
  facts: readonly Fact[],
  now: number,
): Objective[] {
  return watch.policies.flatMap((policy) => {
    if (policy.process !== process) return [];
    const partner = state.partners.find((name) => policy.partners?.includes(name) ?? true);
    if (partner === undefined && policy.partners) return [];
    return policy.objectives.flatMap((plan) => {
      const found = deadlineOf(watch, plan, state, facts, partner ?? '');
      if (!found) return [];
      const objective: Objective = {
        process,
        key: state.key,
        policy: policy.name,
        objective: plan.name,
        partner: partner ?? '',
        state: 'Void',
        severity: plan.severity,
        ...(plan.within && { from: plan.within.from }),
        to: plan.to,
        ...found,
      };
      return [{ ...objective, state: stateAt(objective, now) }];
    });
  });
}

/** The state by the clock; of what is closed or Void, whatever the time. */
export function stateAt({ dueAt, warnAt, closedAt }: Omit<Objective, 'state'>, now: number): ObjectiveState {
  if (dueAt === undefined) return 'Void';
  if (closedAt !== undefined) return closedAt <= dueAt ? 'Met' : 'MetLate';
  if (dueAt <= now) return 'Breached';
  return warnAt !== undefined && warnAt <= now ? 'Warning' : 'Pending';
}
/** When the state changes although nothing happens. */
export function nextChange({ state, dueAt, warnAt }: Objective): number | undefined {
  if (state === 'Warning') return dueAt;
  if (state !== 'Pending') return undefined;
  return warnAt !== undefined && warnAt < dueAt! ? warnAt : dueAt;
}

type Deadline = Pick<Objective, 'startedAt' | 'dueAt' | 'warnAt' | 'closedAt' | 'reason'>;

function deadlineOf(
  watch: Watch,
  plan: ObjectivePlan,
  state: TransactionState,
  facts: readonly Fact[],
  partner: string,
): Deadline | undefined {
  const reached = (name: string): number | undefined =>
    state.milestones.find((milestone) => milestone.name === name && milestone.state === 'Reached')?.at;
  const { zone, working } = watch.calendarOf(partner, plan.calendar);
  const calendar = plan.clock === 'WorkingTime' && working ? working : elapsedCalendar(zone);
  const unsaid = plan.clock === 'WorkingTime' && !working ? 'no calendar: every hour counts' : undefined;
  const closedAt = reached(plan.to);
  if (state.state === 'Cancelled') return { startedAt: state.openedAt, reason: 'the order was cancelled' };
  try {
    const set = plan.within ? since(reached(plan.within.from)) : appointment(plan, state.key, facts, zone);
    if (!set) return undefined;
    const { startedAt } = set;
    if ('reason' in set) return set;
    const dueAt =
      set.at === undefined ? calendar.add(startedAt, plan.within!.ms) : calendar.subtract(set.at, plan.before!.byMs);
    const late =
      dueAt <= (set.saidAt ?? Number.NEGATIVE_INFINITY) ? 'its deadline was over when it was set' : undefined;
    const reason = [late, unsaid].filter(Boolean).join('; ');
    const warnAt = plan.warnAt === undefined || late ? undefined : warning(calendar, startedAt, dueAt, plan.warnAt);
    return {
      startedAt,
      dueAt,
      ...(warnAt !== undefined && { warnAt }),
      ...(closedAt !== undefined && { closedAt }),
      ...(reason !== '' && { reason }),
    };
  } catch (error) {
    if (!(error instanceof TooFar)) throw error;
    return { startedAt: state.openedAt, reason: `its deadline cannot be told: ${error.message}` };
  }
}

interface Appointment {
  startedAt: number;
  at?: number;
  saidAt?: number;
}
const since = (startedAt: number | undefined): Appointment | undefined =>
  startedAt === undefined ? undefined : { startedAt };

/** `percent` of the time between the two, by the calendar. */
function warning(calendar: Calendar, from: number, to: number, percent: number): number {
  return calendar.add(from, Math.floor((calendar.between(from, to) * percent) / 100));
}

/** What the documents that count now say; the earliest of several. Void, with the reason, where they do not say it. */
function appointment(
  { before }: ObjectivePlan,
  key: string,
  facts: readonly Fact[],
  zone: string,
): Appointment | { startedAt: number; reason: string } | undefined {
  const { type, field } = before!;
  const all = factsFor(
    key,
    facts.filter((fact) => fact.type === type),
  );
  const telling = choose(all).effective.filter(({ fact }) => fact.keys.includes(key));
  if (telling.length === 0) return undefined;
  const startedAt = Math.min(...all.filter(({ keys }) => keys.includes(key)).map(({ at }) => at));
  let found: { at: number; saidAt: number } | undefined;
  let reason = `${type} has no ${field}`;
  for (const { fact } of telling) {
    if (fact.body === undefined) reason = `the content of ${type} ${fact.id} is not in the archive`;
    for (const value of valuesAt(fact.body, field)) {
      const at = typeof value === 'string' ? momentOf(value, zone) : undefined;
      if (at === undefined) reason = `${field} of ${type} is ${JSON.stringify(value)?.slice(0, 60)}, not a date`;
      else if (!found || at < found.at) found = { at, saidAt: fact.at };
    }
  }
  return found ? { startedAt, ...found } : { startedAt, reason };
}

/** What the pointer leads to; lists on the way are gone through. */
function valuesAt(body: unknown, pointer: string): unknown[] {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  let level: unknown[] = [body].flat(9);
  for (const step of steps)
    level = level
      .flatMap((value) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, step)
          ? [(value as Record<string, unknown>)[step]]
          : [],
      )
      .flat(9);
  return level.filter((value) => value !== null && value !== '');
}
