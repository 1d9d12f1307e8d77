/**
 * The state of one business transaction (say, a purchase order) from its documents and their deliveries. Pure: a function of the set
 * of facts, so that order, repetition and batching do not matter.
 */
import {
  type ByHand,
  linesByHand,
  NOTHING_BY_HAND,
  type SettledMatch,
  settle,
  withActs,
  withFacts,
} from '../acts/fold.ts';
import { type Match, matchLines } from '../matching/match.ts';
import type { MilestonePlan, ProcessPlan } from '../plan.ts';
import { type Chosen, choose, type Effective, type Fact, factsFor } from './facts.ts';
import { type Contribution, type LineCache, type OrderLine, type Read, readTransaction } from './lines.ts';
import { type Exact, readLines, said, ZERO } from './read.ts';

export interface TransactionState {
  key: string;
  state: 'Open' | 'Complete' | 'Cancelled';
  /** Epoch ms of its first document and of the last thing that is known of it. */
  openedAt: number;
  changedAt: number;
  /** Who the order went to or what came from, as far as known. */
  partners: string[];
  /** Day and place of its order's first arrival, where the process says how they are read. */
  expectedOn?: string;
  shipTo?: string;
  milestones: MilestoneState[];
  lines: LineState[];
  matches: { name: string; state: Match['state'] }[];
  exceptions: ExceptionState[];
  problems: string[];
}
export interface MilestoneState {
  name: string;
  state: 'Open' | 'Partly' | 'Reached';
  /** Epoch ms; only when it is reached. */
  at?: number;
  /** Lines, or deliveries, that are there, and of how many. */
  done?: number;
  of?: number;
  /** A person said so, and no document before. */
  byHand?: boolean;
}
export interface LineState {
  id: string;
  item?: string;
  unit?: string;
  ordered: string;
  price?: string;
  currency?: string;
  /** Decimal text by event type: good quantity and damaged. */
  quantities: Record<string, { quantity: string; damaged?: string }>;
}
/** An interval in which a match disagreed. */
export interface ExceptionState {
  /** Stable: match, kind, line and what it was paired by. */
  id: string;
  match: string;
  kind: string;
  line: string;
  expected: string;
  actual: string;
  /** Decimal text in `currency`; absent where no price is known. */
  money?: string;
  currency?: string;
  severity: string;
  owner?: string;
  /** Epoch ms. */
  openedAt: number;
  dueAt?: number;
  closedAt?: number;
  /** Cause: what it found is so no more. */
  closedBy?: 'Cause' | 'Person';
  /** Name of what a person decided. */
  resolution?: string;
  snoozedUntil?: number;
  escalated?: boolean;
}

/** Above, exceptions open at the last document: replaying the history would cost its square. */
const MAX_HISTORY = 60;

/** undefined: no document of the process carries the key. */
export function foldTransaction(
  plan: ProcessPlan,
  key: string,
  facts: readonly Fact[],
  byHand: ByHand = NOTHING_BY_HAND,
): TransactionState | undefined {
  const types = new Set([
    ...plan.documents.map(({ type }) => type),
    ...plan.milestones.flatMap(({ document }) => document?.type ?? []),
  ]);
  const deliveredTo = new Set(plan.milestones.flatMap(({ delivered }) => delivered?.to ?? []));
  const known = factsFor(key, facts).filter(
    ({ type, accounts }) => types.has(type) || accounts.some(({ destination }) => deliveredTo.has(destination)),
  );
  const own = known.filter(({ keys }) => keys.includes(key));
  if (own.length === 0) return undefined;
  const cache: LineCache = new Map();
  const found = judge(plan, key, known, cache);
  const now = { ...found, matches: settle(found.matches, byHand.acts) };
  const { read, chosen, matches } = now;
  const milestones = milestonesOf(plan, now, byHand.facts);
  const order = plan.documents.find(({ role }) => role === 'Order');
  const cancelled = order !== undefined && chosen.cancelled.has(order.type) && read.lines.length === 0;
  const complete = plan.milestones.length > 0 && milestones.every(({ state }) => state === 'Reached');
  return {
    key,
    state: cancelled ? 'Cancelled' : complete ? 'Complete' : 'Open',
    openedAt: Math.min(...own.map(({ at }) => at)),
    changedAt: Math.max(
      ...own.flatMap(({ at, accounts }) => [at, ...accounts.map((account) => account.at)]),
      ...byHand.facts.map(({ recordedAt }) => recordedAt),
      ...byHand.acts.map(({ at }) => at),
    ),
    partners: [
      ...new Set(
        own.flatMap(({ source, recipients = [] }) =>
          source.startsWith('partner/') ? [source.slice('partner/'.length), ...recipients] : recipients,
        ),
      ),
    ].sort(),
    ...arrivalOf(plan, key, now.effective),
    milestones,
    lines: read.lines.map((line) => lineState(line, read.contributions)),
    matches: matches.map(({ name, state }) => ({ name, state })),
    exceptions: cancelled ? [] : withActs(historyOf(plan, key, known, found.matches, cache), byHand.acts),
    problems: [...new Set(read.problems)].sort(),
  };
}

/** Of the order's lines: the first day, and the first place that is named. */
function arrivalOf(
  plan: ProcessPlan,
  key: string,
  effective: readonly Effective[],
): Pick<TransactionState, 'expectedOn' | 'shipTo'> {
  const reading = plan.documents.find(({ role }) => role === 'Order');
  if (!reading?.date && !reading?.shipTo) return {};
  const orders = effective.filter(({ fact }) => fact.type === reading.type);
  const lines = orders.flatMap(({ fact }) => readLines(reading, fact.body, key, []).lines);
  const dates = lines.flatMap(({ date }) => date ?? []);
  const shipTo = lines.find((line) => line.shipTo !== undefined)?.shipTo;
  return {
    ...(dates.length > 0 && { expectedOn: new Date(Math.min(...dates)).toISOString().slice(0, 10) }),
    ...(shipTo !== undefined && { shipTo }),
  };
}

interface Judged {
  chosen: Chosen;
  /** Those that carry the transaction's key. */
  effective: Effective[];
  read: Read;
  matches: SettledMatch[];
}
function judge(plan: ProcessPlan, key: string, facts: readonly Fact[], cache: LineCache): Judged {
  const chosen = choose(facts);
  const effective = chosen.effective.filter(({ fact }) => fact.keys.includes(key));
  const read = readTransaction(plan, key, effective, cache);
  return { chosen, effective, read, matches: plan.matches.map((match) => matchLines(match, read)) };
}

/** Replays the documents as they came, to know since when a match disagrees and what agreed again. */
function historyOf(
  plan: ProcessPlan,
  key: string,
  facts: readonly Fact[],
  last: readonly Match[],
  cache: LineCache,
): ExceptionState[] {
  if (plan.matches.length === 0) return [];
  // Documents without lines change no match.
  const read = new Set(plan.documents.filter(({ lines }) => lines !== undefined).map(({ type }) => type));
  const telling = facts.filter(({ type }) => read.has(type));
  const times = [...new Set(telling.map(({ at }) => at))].sort((a, b) => a - b);
  const end = times.at(-1);
  if (end === undefined) return [];
  const steps = times.length > MAX_HISTORY ? [end] : times;
  const done: ExceptionState[] = [];
  let open = new Map<string, ExceptionState>();
  for (const at of steps) {
    const matches =
      at === end
        ? last
        : judge(
            plan,
            key,
            telling.filter((fact) => fact.at <= at),
            cache,
          ).matches;
    const next = new Map<string, ExceptionState>();
    /** What an earlier match of the process found is not told again by a later one. */
    const told = new Set<string>();
    for (const [i, { found }] of matches.entries())
      for (const one of found) {
        const what = `${one.id.slice(one.match.length)} ${one.expected} ${one.actual}`;
        if (told.has(what)) continue;
        told.add(what);
        const { severity, owner, dueMs } = plan.matches[i]!.exception;
        const openedAt = open.get(one.id)?.openedAt ?? at;
        next.set(one.id, {
          ...one,
          severity,
          ...(owner !== undefined && { owner }),
          openedAt,
          ...(dueMs !== undefined && { dueAt: openedAt + dueMs }),
        });
      }
    for (const [id, exception] of open) if (!next.has(id)) done.push({ ...exception, closedAt: at });
    open = next;
  }
  return [...done, ...open.values()].sort((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1));
}

const lineState = (
  { id, item, unit, ordered, price, currency }: OrderLine,
  contributions: readonly Contribution[],
): LineState => {
  const own = Map.groupBy(
    contributions.filter(({ line }) => line === id),
    ({ type }) => type,
  );
  return {
    id,
    ...(item !== undefined && { item }),
    ...(unit !== undefined && { unit }),
    ordered: said(ordered),
    ...(price && { price: said(price) }),
    ...(currency !== undefined && { currency }),
    quantities: Object.fromEntries(
      [...own]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([type, all]) => {
          const damaged = sum(all.map((one) => one.damaged));
          return [
            type,
            {
              quantity: said(sum(all.map((one) => one.quantity))),
              ...(!damaged.isZero() && { damaged: said(damaged) }),
            },
          ];
        }),
    ),
  };
};
const sum = (values: readonly Exact[]): Exact => values.reduce((total, value) => total.plus(value), ZERO);

/** Each by itself, then held against those that it comes after. */
function milestonesOf(plan: ProcessPlan, judged: Judged, facts: ByHand['facts']): MilestoneState[] {
  const wanted = judged.read.lines.filter(({ ordered }) => ordered.gt(0)).map(({ id }) => id);
  const own = new Map(
    plan.milestones.map((milestone) => [
      milestone.name,
      withFacts(milestone, milestoneOf(milestone, judged, facts), facts, wanted),
    ]),
  );
  const settled = new Map<string, MilestoneState>();
  const settle = (name: string): MilestoneState | undefined => {
    const known = settled.get(name);
    if (known) return known;
    const state = own.get(name);
    if (!state) return undefined;
    settled.set(name, state);
    const before = plan.milestones
      .find((milestone) => milestone.name === name)!
      .after.flatMap((other) => settle(other) ?? []);
    if (state.state === 'Reached' && before.length > 0) {
      if (before.some((other) => other.state !== 'Reached')) {
        const { at: _, ...rest } = state;
        settled.set(name, { ...rest, state: 'Partly' });
      } else settled.set(name, { ...state, at: Math.max(state.at!, ...before.map(({ at }) => at!)) });
    }
    return settled.get(name);
  };
  return plan.milestones.map(({ name }) => settle(name)!);
}

function milestoneOf(
  milestone: MilestonePlan,
  { effective, read, matches }: Judged,
  facts: ByHand['facts'],
): MilestoneState {
  const { name, document, delivered, match, scope } = milestone;
  if (match !== undefined) {
    const { state = 'Pending', settledAt = 0 } = matches.find((one) => one.name === match) ?? {};
    if (state !== 'Matched') return { name, state: 'Open' };
    return { name, state: 'Reached', at: Math.max(settledAt, ...effective.map(({ fact }) => fact.at)) };
  }
  const to = delivered?.to;
  const arrived: { fact: Effective; at: number }[] = [];
  let waiting = 0;
  for (const one of effective) {
    if (to === undefined) {
      if (one.fact.type === document?.type) arrived.push({ fact: one, at: one.fact.at });
      continue;
    }
    const accounts = one.copies.flatMap((copy) => copy.accounts.filter(({ destination }) => destination === to));
    const times = accounts.filter(({ state }) => state === 'Delivered').map(({ at }) => at);
    if (times.length > 0) arrived.push({ fact: one, at: Math.min(...times) });
    else if (accounts.some(({ state }) => state !== null && WAITS.has(state))) waiting += 1;
  }
  if (scope === 'Line') return byLines(milestone, read, arrived, linesByHand(name, facts));
  const counted = to === undefined ? {} : { done: arrived.length, of: arrived.length + waiting };
  if (arrived.length === 0) return { name, state: 'Open', ...counted };
  if (waiting > 0) return { name, state: 'Partly', ...counted };
  // Told by the first document; delivered when the last of those that are there is.
  const times = arrived.map(({ at }) => at);
  return { name, state: 'Reached', at: to === undefined ? Math.min(...times) : Math.max(...times), ...counted };
}
const WAITS: ReadonlySet<string> = new Set(['InFlight', 'DeadLettered', 'Parked']);

function byLines(
  { name, completeBy }: MilestonePlan,
  { lines, contributions }: Read,
  arrived: readonly { fact: Effective; at: number }[],
  byHand: ReadonlyMap<string, number>,
): MilestoneState {
  const times = new Map(arrived.map(({ fact, at }) => [fact, at]));
  const types = new Set(arrived.map(({ fact }) => fact.fact.type));
  const wanted = lines.filter(({ ordered }) => ordered.gt(0));
  let done = 0;
  let some = false;
  let at = Number.NEGATIVE_INFINITY;
  for (const { id, ordered } of wanted) {
    // A return has a type of its own, and takes off what arrived.
    const own = contributions
      .filter(({ line, type, fact }) => line === id && types.has(type) && (times.has(fact) || fact.fact.type !== type))
      .map((one) => ({ ...one, at: times.get(one.fact) ?? one.fact.fact.at }))
      .sort((a, b) => a.at - b.at);
    if (own.length > 0) some = true;
    let total = ZERO;
    let since: number | undefined;
    for (const one of own) {
      total = total.plus(one.quantity).plus(one.damaged);
      const enough = completeBy === 'Document' ? true : total.gte(ordered);
      since = enough ? (since ?? one.at) : undefined;
    }
    const reached = Math.min(since ?? Number.POSITIVE_INFINITY, byHand.get(id) ?? Number.POSITIVE_INFINITY);
    if (reached === Number.POSITIVE_INFINITY) continue;
    done += 1;
    at = Math.max(at, reached);
  }
  const counted = { done, of: wanted.length };
  if (wanted.length > 0 && done === wanted.length) return { name, state: 'Reached', at, ...counted };
  return { name, state: some ? 'Partly' : 'Open', ...counted };
}
