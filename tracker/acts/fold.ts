/** What people said, applied to what documents say. Pure: the fold of a transaction asks it each time, so nothing is forgotten. */
import type { Match } from '../matching/match.ts';
import type { MilestonePlan } from '../plan.ts';
import type { ExceptionState, MilestoneState } from '../process/fold.ts';
import type { ExceptionAct, FactByHand } from './contract.ts';

export interface ByHand {
  facts: readonly FactByHand[];
  /** Oldest first. */
  acts: readonly ExceptionAct[];
}
export const NOTHING_BY_HAND: ByHand = { facts: [], acts: [] };

/** Of the same finding, told by whichever match. */
const whatOf = ({ id, match, expected, actual }: { id: string; match: string; expected: string; actual: string }) =>
  `${id.slice(match.length)} ${expected} ${actual}`;
const matchOf = (id: string): string => id.slice(0, id.indexOf('/'));

export type SettledMatch = Match & {
  /** When the last of its findings was settled by a person. */
  settledAt?: number;
};

/** A match whose findings are all settled agrees, if nothing else is missing. */
export function settle(matches: readonly Match[], acts: readonly ExceptionAct[]): SettledMatch[] {
  const settled = new Map<string, number>();
  for (const act of acts) {
    if (act.kind !== 'Resolve') continue;
    const what = whatOf({ ...act, match: matchOf(act.id) });
    if (act.result === 'Settled') settled.set(what, act.at);
    else settled.delete(what);
  }
  if (settled.size === 0) return [...matches];
  return matches.map((match) => {
    const times = match.found.map((one) => settled.get(whatOf(one)));
    if (times.length === 0 || times.some((at) => at === undefined)) return match;
    const whole = match.lines.length > 0 && match.lines.every(({ state }) => state !== 'Pending');
    return { ...match, state: whole ? 'Matched' : 'Pending', settledAt: Math.max(...(times as number[])) };
  });
}

/** Owner, snooze, escalation and resolution by people. A resolution holds for the figures that it was about; others open it again. */
export function withActs(exceptions: readonly ExceptionState[], acts: readonly ExceptionAct[]): ExceptionState[] {
  const caused = exceptions.map(
    (one): ExceptionState => (one.closedAt === undefined ? one : { ...one, closedBy: 'Cause' }),
  );
  const meant = new Map<ExceptionState, ExceptionAct[]>();
  for (const act of acts) {
    const intervals = caused.filter(({ id }) => id === act.id);
    const one = intervals.findLast(({ openedAt }) => openedAt <= act.at) ?? intervals[0];
    if (!one || (one.closedAt !== undefined && one.closedAt <= act.at)) continue;
    meant.set(one, [...(meant.get(one) ?? []), act]);
  }
  return caused.map((one) => (meant.get(one) ?? []).reduce(withAct, one));
}

function withAct(one: ExceptionState, act: ExceptionAct): ExceptionState {
  const { owner, ...rest } = one;
  const assigned = act.owner === undefined ? one : { ...rest, ...(act.owner !== '' && { owner: act.owner }) };
  switch (act.kind) {
    case 'Snooze':
      return { ...assigned, snoozedUntil: act.until! };
    case 'Escalate': {
      const { snoozedUntil: _, ...awake } = assigned;
      return { ...awake, escalated: true };
    }
    case 'Resolve':
      if (act.expected !== one.expected || act.actual !== one.actual) return one;
      return { ...one, closedAt: act.at, closedBy: 'Person', ...(act.resolution && { resolution: act.resolution }) };
    default:
      return assigned;
  }
}

/** Lines that people say have reached the milestone, and since when. */
export const linesByHand = (milestone: string, facts: readonly FactByHand[]): Map<string, number> => {
  const lines = new Map<string, number>();
  for (const fact of facts)
    if (fact.milestone === milestone)
      for (const line of fact.lines ?? []) lines.set(line, Math.min(fact.at, lines.get(line) ?? fact.at));
  return lines;
};

/** `own`: what documents say, and of a milestone by line also people. The first who says it decides since when. */
export function withFacts(
  { name, scope }: MilestonePlan,
  own: MilestoneState,
  facts: readonly FactByHand[],
  wanted: readonly string[],
): MilestoneState {
  const about = facts.filter(({ milestone }) => milestone === name);
  if (about.length === 0) return own;
  const whole = about.filter(({ lines }) => lines === undefined).map(({ at }) => at);
  const lines = linesByHand(name, about);
  if (scope === 'Order' && wanted.length > 0 && wanted.every((line) => lines.has(line)))
    whole.push(Math.max(...wanted.map((line) => lines.get(line)!)));
  if (whole.length === 0) {
    const state = own.state === 'Open' && lines.size > 0 ? 'Partly' : own.state;
    return { ...own, state, byHand: true };
  }
  const said = Math.min(...whole);
  if (own.state === 'Reached' && own.at! <= said) return own;
  return { ...own, state: 'Reached', at: said, byHand: true };
}
