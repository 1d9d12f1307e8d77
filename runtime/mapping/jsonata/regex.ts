/** Regular expressions as functions: `(text, from) → {match, start, end, groups, next}`. */
import { exhausted, spend } from './budget.ts';
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
  exec(text: string): ((string | undefined)[] & { index: number }) | null;
}

/** The longest text that a pattern is run over: a run cannot be interrupted. */
const LONGEST = 1024 * 1024;

export function matcher(engine: Engine, source: string, position: number): FunctionValue {
  const run = (text: unknown, from: number): Matched | undefined => {
    if (typeof text !== 'string') throw new TypeError('a regular expression is matched with a text');
    if (text.length > LONGEST)
      throw exhausted(`a regular expression over ${text.length} characters; the limit is ${LONGEST}`);
    spend(50);
    engine.lastIndex = from;
    const found = engine.exec(text);
    if (found === null) {
      spend(text.length - from);
      return undefined;
    }
    const match = found[0]!;
    const end = engine.lastIndex;
    spend(Math.max(0, end - from));
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
