import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson, deriveId } from './canonical.ts';

it('says the same as JSON.stringify, whatever the order of keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(reversed(value))).toBe(text);
    }),
  );
  expect(canonicalJson({ b: undefined, a: [undefined, new Date(0)] })).toBe('{"a":[null,"1970-01-01T00:00:00.000Z"]}');
});

it('derives different ids from parts that only join alike', () => {
  expect(deriveId('ab', 'c')).not.toBe(deriveId('a', 'bc'));
  expect(deriveId('a', 1)).toBe(deriveId('a', 1));
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
