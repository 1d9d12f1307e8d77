/** Deadlines for people. */
import pc from 'picocolors';
import type { Objective, ObjectiveState } from '../tracker/deadlines/read.ts';
import { dateTime } from './text.ts';

const STATES: Record<ObjectiveState, string> = {
  Pending: 'ahead',
  Warning: pc.yellow('near'),
  Breached: pc.red('late'),
  Met: pc.green('met'),
  MetLate: pc.yellow('met late'),
  Void: pc.dim('void'),
};
export const stateText = (state: ObjectiveState): string => STATES[state];

/** `90 s`, `3 h`: in the largest unit of which there are two. */
export function span(seconds: number): string {
  const [size, unit] = (
    [
      [86_400, 'd'],
      [3_600, 'h'],
      [60, 'min'],
    ] as const
  ).find(([one]) => seconds >= 2 * one) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit}`;
}

/** `3 h ago`, `in 2 d`. */
export function ago(at: number, now: number): string {
  const text = span(Math.round(Math.abs(now - at) / 1_000));
  return at <= now ? `${text} ago` : `in ${text}`;
}

/** A line for each. */
export const objectiveLines = (objectives: readonly Objective[], now: number): string[] =>
  objectives.map(({ objective, state, to, dueAt, closedAt, reason }) => {
    const due = dueAt === undefined ? '' : `, due ${dateTime(dueAt)}`;
    const when = dueAt !== undefined && closedAt === undefined ? ` (${ago(dueAt, now)})` : '';
    return `  ⏱ ${objective}: ${stateText(state)}, ${to}${due}${when}${reason ? pc.dim(`; ${reason}`) : ''}`;
  });
