/** JSONata's own test suite, by the compiler: what the suite says, and the same value or error as the library gives. */
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { EXHAUSTED } from '../../runtime/mapping/jsonata/errors.ts';
import { agree, byLibrary, byProgram, type Outcome, plain } from '../../runtime/mapping/jsonata/testdata/compare.ts';
import { type Case, obtainSuite, readSuite } from './suite.ts';

let cases: Case[];
beforeAll(async () => {
  cases = readSuite(await obtainSuite((line) => process.stderr.write(`[suite] ${line}\n`)));
}, 300_000);

/** Ends by the suite's own limit of depth only, which is lower than ours. */
const ENDS = 'tail-recursion/case002';

const sorted = (value: unknown): unknown =>
  Array.isArray(value) ? value.map((member) => JSON.stringify(member)).sort() : value;

/** What is wrong with the outcome by the suite, if anything. */
function fault({ expected, unordered, limited }: Case, outcome: Outcome): string | undefined {
  const got = JSON.stringify(outcome).slice(0, 200);
  if (expected !== 'nothing' && 'code' in expected) {
    // The suite stops what does not end with a code of its own.
    const same = 'code' in outcome && (outcome.code === expected.code || (limited && EXHAUSTED.has(outcome.code)));
    return same ? undefined : `expected ${expected.code}, got ${got}`;
  }
  const wanted = plain(expected === 'nothing' ? undefined : expected.value);
  const value = 'value' in outcome ? outcome.value : outcome;
  const same = unordered ? isDeepStrictEqual(sorted(wanted), sorted(value)) : isDeepStrictEqual(wanted, value);
  return same ? undefined : `expected ${JSON.stringify(wanted).slice(0, 200)}, got ${got}`;
}

describe('the suite of the jsonata repository', () => {
  it('is there as a whole', () => {
    expect(cases.length).toBeGreaterThan(1600);
    expect(cases.filter(({ expected }) => expected !== 'nothing' && 'code' in expected).length).toBeGreaterThan(250);
  });

  it('gives what it says', () => {
    const faults = cases
      .filter(({ name }) => name !== ENDS)
      .flatMap((each) => {
        const found = fault(each, byProgram(each.expr, each.input, each.bindings));
        return found ? [`${each.name}: ${each.expr.slice(0, 100)}: ${found}`] : [];
      });
    expect(faults).toEqual([]);
  });

  it('gives what the library gives', async () => {
    const faults: string[] = [];
    for (const { name, expr, input, bindings } of cases.filter(({ limited, unordered }) => !limited && !unordered)) {
      const expected = await byLibrary(expr, input, false, bindings);
      const actual = byProgram(expr, input, bindings);
      if (!agree(expr, expected, actual))
        faults.push(`${name}: ${expr}: ${JSON.stringify(expected)} by the library, ${JSON.stringify(actual)} by us`);
    }
    expect(faults).toEqual([]);
  });
});
