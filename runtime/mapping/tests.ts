/** The tests written in a Mapping: run before a plan with it takes effect. */
import { isDeepStrictEqual } from 'node:util';
import { DocumentError } from '../errors.ts';
import type { MappingPlan } from '../plan.ts';

export interface MappingTestFailure {
  mapping: string;
  test: string;
  message: string;
}

/** `apply` is the compiled mapping. */
export async function runMappingTests(
  plan: MappingPlan,
  apply: (input: unknown, bindings: Record<string, unknown>) => Promise<unknown>,
): Promise<MappingTestFailure[]> {
  const failures: MappingTestFailure[] = [];
  for (const test of plan.tests) {
    const message = await runMappingTest(test, apply);
    if (message) failures.push({ mapping: plan.name, test: test.name, message });
  }
  return failures;
}

/** What is wrong, in words; undefined if nothing is. */
export async function runMappingTest(
  test: MappingPlan['tests'][number],
  apply: (input: unknown, bindings: Record<string, unknown>) => Promise<unknown>,
): Promise<string | undefined> {
  try {
    const value = await apply(test.input, test.partner ? { partner: test.partner } : {});
    if (test.expectError) return `expected the error ${test.expectError}, got ${shorten(value)}`;
    return difference(test.expect, value, '', test.match === 'Exact');
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    if (test.expectError === error.class || test.expectError === error.code) return undefined;
    const wanted = test.expectError ? `expected the error ${test.expectError}` : 'expected a value';
    return `${wanted}, got ${error.class} (${error.code}): ${error.message}`;
  }
}

/**
 * The first place where the value is not what is expected, in words; undefined if there is none. What is expected names the fields that must
 * be there and equal, `exact` all that may be there; lists must match in length.
 */
function difference(expected: unknown, actual: unknown, path: string, exact: boolean): string | undefined {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length)
      return `at ${path || '/'}: expected a list of ${expected.length}, got ${shorten(actual)}`;
    return firstOf(expected.map((member, i) => difference(member, actual[i], `${path}/${i}`, exact)));
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null)
      return `at ${path || '/'}: expected an object, got ${shorten(actual)}`;
    const more = Object.keys(actual).find((name) => !Object.hasOwn(expected, name));
    if (exact && more !== undefined)
      return `at ${path}/${more}: expected nothing, got ${shorten((actual as Record<string, unknown>)[more])}`;
    return firstOf(
      Object.entries(expected).map(([name, member]) =>
        difference(member, (actual as Record<string, unknown>)[name], `${path}/${name}`, exact),
      ),
    );
  }
  if (isDeepStrictEqual(expected, actual)) return undefined;
  return `at ${path || '/'}: expected ${shorten(expected)}, got ${shorten(actual)}`;
}

const firstOf = (messages: (string | undefined)[]) => messages.find((message) => message !== undefined);
const shorten = (value: unknown) => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 120));
