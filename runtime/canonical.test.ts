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

it('orders keys by their characters, also those that look like indexes of an array', () => {
  const value = { b: [{ 10: 1, 9: 2, a: { z: 1, y: 2 } }], a: { toJSON: 1, B: undefined, _: Number.NaN } };
  expect(canonicalJson(value)).toBe('{"a":{"_":null,"toJSON":1},"b":[{"10":1,"9":2,"a":{"y":2,"z":1}}]}');
  expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"d":1,"c":2}}'))).toBe('{"__proto__":{"c":2,"d":1},"b":1}');
  const keys = fc.dictionary(
    fc.constantFrom('1', '10', '9', '-1', 'a', 'B', 'ä', '__proto__', '\ud800', '😀'),
    fc.nat(),
  );
  fc.assert(
    fc.property(keys, keys, (a, b) => {
      const text = canonicalJson({ a, b: [b] });
      const written = (of: object) =>
        `{${Object.entries(of)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([key, member]) => `${JSON.stringify(key)}:${member}`)}}`;
      expect(text).toBe(`{"a":${written(a)},"b":[${written(b)}]}`);
    }),
  );
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
