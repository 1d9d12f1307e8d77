import { isDeepStrictEqual } from 'node:util';
import jsonata from 'jsonata';
import { LinearRegExp } from '../../regex.ts';
import { parse } from '../ast.ts';
import { JsonataError } from '../errors.ts';
import { compileProgram } from '../program.ts';

/** ms: what is compared is what comes out, not when. */
const PATIENCE = 1000;

export type Outcome = { value: unknown } | { code: string; position: number | undefined };

/** Comparable: functions by name alone, what is missing told apart from null, lists without their marks. */
export function plain(value: unknown): unknown {
  if (value === undefined) return '<nothing>';
  if (typeof value === 'function') return '<function>';
  if (typeof value === 'number') return Object.is(value, -0) ? 0 : String(value);
  if (Array.isArray(value)) return Array.from(value, plain);
  if (typeof value !== 'object' || value === null) return value;
  if ('_jsonata_function' in value || ('_jsonata_lambda' in value && 'body' in value)) return '<function>';
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [`.${name}`, plain(member)]));
}

const failure = (error: unknown): Outcome => {
  const { code, position } = error as { code?: string; position?: number };
  return { code: code ?? 'mapping.threw', position: position || undefined };
};

/** `guard`: writing into an empty list of the input is an error (see `untouched`), one of JavaScript's own. */
export async function byLibrary(source: string, input: unknown, guard = false, bindings = {}): Promise<Outcome> {
  try {
    const options = { RegexEngine: LinearRegExp as unknown as RegExpConstructor };
    const given = guard ? guarded(copy(input)) : copy(input);
    return { value: plain(await jsonata(source, options).evaluate(given, bindings)) };
  } catch (error) {
    return failure(error);
  }
}
const copy = (input: unknown) => (input === undefined ? undefined : structuredClone(input));
function guarded(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) guarded(member);
  return Array.isArray(value) && value.length === 0 ? Object.freeze(value) : value;
}

export function byProgram(source: string, input: unknown, bindings?: Record<string, unknown>): Outcome {
  try {
    const program = compileProgram(parse(source), { engine: (p) => new LinearRegExp(p) });
    return { value: plain(program.evaluate(copy(input), bindings, PATIENCE)) };
  } catch (error) {
    if (error instanceof JsonataError || !(error instanceof Error)) return failure(error);
    throw error;
  }
}

/** Errors of JavaScript itself, which the library lets out, have no code to agree on. */
export const isOpen = (outcome: Outcome) => 'code' in outcome && outcome.code === 'mapping.threw';

/** The library evaluates members of lists and records at once: which of several errors comes first is chance. */
const byChance = (source: string): boolean => /[[{].*[,:]/.test(source);

/** `{…}` on an empty list makes the library write into that list, document or not. Here it is left alone. */
const untouched = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.filter((member) => member !== '<nothing>').map(untouched);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, untouched(member)]));
};

/** Whether the two outcomes are the same, but for what is not the same between two runs of the library. */
export function agree(source: string, expected: Outcome, actual: Outcome): boolean {
  if (isOpen(expected)) return true;
  if ('code' in expected) return 'code' in actual && (byChance(source) || expected.code === actual.code);
  if (isDeepStrictEqual(expected, actual)) return true;
  return (
    source.includes('{') && 'value' in actual && isDeepStrictEqual(untouched(expected.value), untouched(actual.value))
  );
}
