/** Regular expressions as functions: `(text, from) → {match, start, end, groups, next}`. */
import { exhausted, readClock, spend } from './budget.ts';
import { JsonataError } from './errors.ts';
import type { FunctionValue } from './functions.ts';

export interface Matched {
  match: string;
  start: number;
  end: number;
  groups: (string | undefined)[];
  next: FunctionValue;
}
export interface Engine {
  lastIndex: number;
  /** Instructions of the pattern; 1 if it does not say. */
  readonly size?: number;
  exec(text: string): ((string | undefined)[] & { index: number }) | null;
}

/** Instructions × characters of one run, which cannot be interrupted: some 15 ns each, more at worst. */
const MOST = 2_000_000;
/** From so many on the clock is read after the run. */
const MUCH = 10_000;

export function matcher(engine: Engine, source: string, position: number): FunctionValue {
  const { size = 1 } = engine;
  const run = (text: unknown, from: number): Matched | undefined => {
    if (typeof text !== 'string') throw new TypeError('a regular expression is matched with a text');
    const work = (text.length - from) * size;
    if (work > MOST)
      throw exhausted(
        `the pattern /${source}/ over ${text.length - from} characters; its limit is ${Math.floor(MOST / size)}`,
      );
    spend(50);
    if (work > MUCH) readClock();
    engine.lastIndex = from;
    const found = engine.exec(text);
    if (found === null) return undefined;
    const match = found[0]!;
    const end = engine.lastIndex;
    const next = () => {
      if (end >= text.length) return undefined;
      const after = run(text, end);
      if (after?.match === '') throw new JsonataError('D1004', { position, value: source });
      return after;
    };
    return {
      match,
      start: found.index,
      end: found.index + match.length,
      groups: found.slice(1),
      next: asMatcher(next, 0),
    };
  };
  return asMatcher((args) => run(args[0], typeof args[1] === 'number' ? args[1] : 0), 2);
}

const asMatcher = (run: (args: unknown[]) => unknown, arity: number): FunctionValue =>
  Object.assign(run as unknown as FunctionValue, { kind: 'wrapper' as const, arity, parameters: arity });
