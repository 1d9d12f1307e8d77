/**
 * What one evaluation may use. Evaluation is synchronous, so there is one meter; every loop turn and call takes a step,
 * large texts and lists take steps by their size, and every so many steps the clock is read.
 */
import { JsonataError } from './errors.ts';

export const LIMITS = {
  /** Steps of one evaluation. */
  steps: 20_000_000,
  /** ms of wall clock. */
  milliseconds: 500,
  /** Calls within calls. */
  depth: 1000,
  /** Members of one list. */
  members: 1_000_000,
  /** Characters of one text. */
  characters: 32 * 1024 * 1024,
  /** Characters of a padded text. */
  padding: 100_000,
} as const;

/** Steps between two looks at the clock. */
const CHUNK = 10_000;

export const meter = {
  /** Steps until the clock is read again. Generated code counts this down. */
  left: CHUNK,
  steps: 0,
  depth: 0,
  deadline: 0,
  /** ms since 1970 of the evaluation, as `$now()` and `$millis()` tell it; 0 until asked. */
  now: 0,
  /** The context that is evaluated on: where in the document an error is. */
  at: undefined as unknown,
};
export type Meter = typeof meter;

export function startMeter(): void {
  meter.left = CHUNK;
  meter.steps = 0;
  meter.depth = 0;
  meter.deadline = performance.now() + LIMITS.milliseconds;
  meter.now = 0;
  meter.at = undefined;
}

/** Reads the clock; throws when the time or the steps are used up. */
export function tick(): void {
  meter.steps += CHUNK - meter.left;
  meter.left = CHUNK;
  if (meter.steps > LIMITS.steps) throw exhausted(`more than ${LIMITS.steps} steps`, 'D1012');
  readClock();
}

/** Throws when the time is used up. */
export function readClock(): void {
  if (performance.now() > meter.deadline) throw exhausted(`more than ${LIMITS.milliseconds} ms`, 'D1012');
}

/** Takes steps for work of that size. */
export function spend(steps: number): void {
  meter.left -= steps;
  if (meter.left < 0) tick();
}

/** With the library's code where it has one for such a limit. */
export const exhausted = (message: string, code: 'D1011' | 'D1012' | 'D2015' | 'budget.exceeded' = 'budget.exceeded') =>
  new JsonataError(code, { message });

/** A list of that length may be made. */
export function expectMembers(count: number): void {
  if (count > LIMITS.members) throw exhausted(`a list of ${count} members; the limit is ${LIMITS.members}`, 'D2015');
  spend(count >> 4);
}

/** A text of that length may be made. */
export function expectCharacters(count: number): void {
  if (count > LIMITS.characters) throw exhausted(`a text of ${count} characters; the limit is ${LIMITS.characters}`);
  spend(count >> 6);
}
