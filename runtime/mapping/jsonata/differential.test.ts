/** The compiler beside the library: same values, same error codes and places. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from './ast.ts';
import { agree, byLibrary, byProgram, isOpen } from './testdata/compare.ts';
import { INPUTS, ON_ALL, ON_ORDER } from './testdata/expressions.ts';
import { source, value } from './testdata/generate.ts';

async function expectSame(source: string, input: unknown): Promise<void> {
  const expected = await byLibrary(source, input);
  const actual = byProgram(source, input);
  if (isOpen(expected)) expect(actual, source).toHaveProperty('code');
  else expect(actual, source).toEqual(expected);
}

describe('the compiler and the library agree', () => {
  it.each(ON_ORDER)('%s', (source) => expectSame(source, INPUTS.order));
  for (const [name, input] of Object.entries(INPUTS))
    it.each(ON_ALL)(`on ${name}: %s`, (source) => expectSame(source, input));
});

describe('on generated expressions and inputs', () => {
  const runs = Number(process.env.FUZZ_RUNS ?? 1000);
  it(`agrees (${runs} runs)`, { timeout: 120_000 + runs * 20 }, async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(source, value, async (text, input) => {
        try {
          parse(text);
        } catch {
          return;
        }
        const expected = await byLibrary(text, input, true);
        const actual = byProgram(text, input);
        compared++;
        if (!agree(text, expected, actual)) expect(actual, text).toEqual(expected);
      }),
      { numRuns: runs, seed: Number(process.env.FUZZ_SEED ?? 7) },
    );
    expect(compared).toBeGreaterThan(runs / 3);
  });
});
