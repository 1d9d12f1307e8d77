/**
 * What one evaluation may use. Evaluation is synchronous: while it runs, nothing else in the process does. So there is one meter; every
 * loop turn and call takes a step, large texts and lists take steps by their size, and every so many steps the clock is read. What runs
 * between two looks at the clock is kept below some 25 ms: larger things are refused, or gone through in pieces.
 */
import { JsonataError } from './errors.ts';

export const LIMITS = {
  /** Steps of one evaluation. */
  steps: 20_000_000,
  /** ms of this thread's CPU: what others on the machine take is not the expression's fault. */
  milliseconds: 70,
  /** Calls within calls. */
  depth: 1000,
  /** Members of one list. */
  members: 1_000_000,
  /** Characters of one text. */
  characters: 16 * 1024 * 1024,
  /** Characters of a text for a function that goes through it character by character. */
  slowCharacters: 500_000,
  /** Characters of a picture of a number or date. */
  picture: 1000,
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
  /** µs of CPU that the thread had used at the first look at the clock, a millisecond or so after the start; -1 before. */
  since: -1,
  /** ms of CPU that this evaluation may take. */
  milliseconds: LIMITS.milliseconds as number,
  /** ms since 1970 of the evaluation, as `$now()` and `$millis()` tell it; 0 until asked. */
  now: 0,
  /** The context that is evaluated on: where in the document an error is. */
  at: undefined as unknown,
};
export type Meter = typeof meter;

export function startMeter(milliseconds: number = LIMITS.milliseconds): void {
  meter.left = CHUNK;
  meter.steps = 0;
  meter.depth = 0;
  meter.since = -1;
  meter.milliseconds = milliseconds;
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
  const { user, system } = process.threadCpuUsage();
  if (meter.since < 0) meter.since = user + system;
  else if (user + system - meter.since > meter.milliseconds * 1000)
    throw exhausted(`more than ${meter.milliseconds} ms`, 'D1012');
}

/** Whether the last evaluation took milliseconds, not microseconds. */
export const tookLong = (): boolean => meter.steps >= 20 * CHUNK;

/** Takes steps for work of that size. */
export function spend(steps: number): void {
  meter.left -= steps;
  if (meter.left < 0) tick();
}

/** With the library's code where it has one for such a limit. */
export const exhausted = (message: string, code: 'D1011' | 'D1012' | 'D2015' | 'budget.exceeded' = 'budget.exceeded') =>
  new JsonataError(code, { message });

/** Takes steps for what a function goes through: its texts and lists. */
export function charge(args: readonly unknown[]): void {
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (typeof arg === 'string') {
      if (arg.length > 64) spend(arg.length >> 4);
    } else if (Array.isArray(arg) && arg.length > 8) spend(arg.length >> 2);
  }
}

/** Takes steps for the comparison of two values, which of texts goes through both. */
export function chargeComparison(left: unknown, right: unknown): void {
  if (typeof left === 'string' && left.length > 64 && typeof right === 'string')
    spend(Math.min(left.length, right.length) >> 4);
}

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
