import { expect, it } from 'vitest';
import { runMappingTest } from './tests.ts';

const run = (expected: unknown, value: unknown, match?: 'Partial' | 'Exact') =>
  runMappingTest({ name: 'test', input: {}, expect: expected, ...(match && { match }) }, async () => value);

it.each([
  [{ a: 1 }, { a: 1, b: 2 }, undefined, undefined],
  [{ a: 1 }, { a: 1, b: 2 }, 'Partial', undefined],
  [{ a: 1 }, { a: 1, b: 2 }, 'Exact', 'at /b: expected nothing, got 2'],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, 'Exact', undefined],
  [{ l: [{ a: 1 }] }, { l: [{ a: 1, c: 3 }] }, 'Exact', 'at /l/0/c: expected nothing, got 3'],
  [{ l: [{ a: 1 }] }, { l: [{ a: 1, c: 3 }] }, undefined, undefined],
  [{ l: [1] }, { l: [1, 2] }, undefined, 'at /l: expected a list of 1, got [1,2]'],
  [{ a: 1, b: 2 }, { a: 1 }, 'Exact', 'at /b: expected 2, got nothing'],
] as const)('%j of %j, %s: %s', async (expected, value, match, want) =>
  expect(await run(expected, value, match)).toBe(want),
);
