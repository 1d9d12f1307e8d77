import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fileMatcher } from './pattern.ts';

it.each([
  ['*', 'a.edi', true],
  ['*.edi', 'a.edi', true],
  ['*.edi', 'a.edi.part', false],
  ['*.edi', '.edi', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['*.{edi,x12}', 'a.x12', true],
  ['*.{edi,x12}', 'a.txt', false],
  ['{in,out}-*.{a,b}', 'out-1.b', true],
  ['a.c', 'abc', false],
  ['[ab]*', 'a', false],
  ['{a', '{a', true],
  ['*a*b', 'xaxxbxb', true],
  ['', '', true],
  ['', 'a', false],
])('%s on %s: %s', (pattern, name, matches) => {
  expect(fileMatcher(pattern)(name)).toBe(matches);
});

it('agrees with the definition', () => {
  const regex = (pattern: string): RegExp =>
    new RegExp(`^${[...pattern].map((c) => (c === '*' ? '.*' : c === '?' ? '.' : c)).join('')}$`);
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 }),
      (pattern, name) => {
        expect(fileMatcher(pattern)(name)).toBe(regex(pattern).test(name));
      },
    ),
    { numRuns: 2_000 },
  );
});

it('takes no long time with a hostile pattern', () => {
  const started = performance.now();
  expect(fileMatcher(`${'*a'.repeat(50)}b`)('a'.repeat(255))).toBe(false);
  expect(performance.now() - started).toBeLessThan(100);
  expect(() => fileMatcher('{a,b}'.repeat(9))).toThrow(/too many choices/);
});
