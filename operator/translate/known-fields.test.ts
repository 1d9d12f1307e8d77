import { describe, expect, test } from 'vitest';
import { unknownFields } from './known-fields.ts';

const source = {
  type: 'object',
  $defs: { line: { type: 'object', properties: { sku: { type: 'string' }, quantity: { type: 'string' } } } },
  properties: {
    number: { type: 'string' },
    buyer: { type: 'object', properties: { name: {}, address: { type: 'object', properties: { city: {} } } } },
    lines: { type: 'array', items: { $ref: '#/$defs/line' } },
    free: { type: 'object', additionalProperties: true, properties: { a: {} } },
    either: { anyOf: [{ properties: { x: {} } }] },
  },
};
const said = (text: string) =>
  unknownFields(text, { source }).map(({ line, column, message, remedy }) => `${line}:${column} ${message}; ${remedy}`);

describe('fields that are read', () => {
  test.each([
    'number',
    'buyer.address.city',
    'lines.sku',
    'lines[0].quantity',
    'lines[sku = "1"].quantity',
    'lines[quantity > $$.number].{"a": sku, "n": $$.number}',
    'lines^(>quantity).sku',
    'lines{sku: $sum(quantity)}',
    'lines@$l.{"s": $l.sku}',
    '($x := buyer; $x.name & $x.address.city)',
    'free.anything.else',
    'either.y.z',
    '**.sku',
    'buyer.*.city',
    'lines.%.number',
    '$map(lines, function($one) { $one.whatever })',
    '$lookup($, "anything").x',
    '"literal"',
    '$partner.name',
    'lines ~> $filter(function($v) { $v.nothing })',
  ])('%s: nothing to say', (text) => {
    expect(said(text)).toEqual([]);
  });

  test.each([
    ['numbre', '1:1 the type of the input has no field numbre there; did you mean number?'],
    ['buyer.adress.city', '1:7 the type of the input has no field adress there; did you mean address?'],
    ['lines.{"s": skuu}', '1:13 the type of the input has no field skuu there; did you mean sku?'],
    ['lines[colour = "red"].sku', '1:7 the type of the input has no field colour there; it has: sku, quantity'],
    ['(\n  $l := lines;\n  $l.skus\n)', '3:6 the type of the input has no field skus there; did you mean sku?'],
    ['$$.lines.qty', '1:10 the type of the input has no field qty there; it has: sku, quantity'],
    [
      '$map(lines, function($one) { numbr })',
      '1:30 the type of the input has no field numbr there; did you mean number?',
    ],
  ])('%s', (text, message) => {
    expect(said(text)).toEqual([message]);
  });
});

describe('fields that are made', () => {
  const target = {
    type: 'object',
    additionalProperties: false,
    required: ['number', 'lines'],
    properties: {
      number: {},
      lines: {
        type: 'array',
        items: { type: 'object', additionalProperties: false, required: ['sku'], properties: { sku: {}, note: {} } },
      },
    },
  };
  const made = (text: string) =>
    unknownFields(text, { target }).map(({ line, column, message }) => `${line}:${column} ${message}`);

  test.each([
    '{"number": 1, "lines": [{"sku": 1}]}',
    '($x := 1; {"number": $x, "lines": lines.{"sku": s, "note": n}})',
    'order',
    '$merge([a, b])',
    'a ? {"number": 1, "lines": []} : b',
    '{"number": 1, "lines": [], $x: 1}',
  ])('%s: nothing to say', (text) => {
    expect(made(text)).toEqual([]);
  });
  test.each([
    ['{"number": 1}', '1:1 the type of the result requires lines, which this object does not have'],
    ['{"number": 1, "lines": [], "nubmer": 2}', '1:28 the type of the result has no field nubmer there'],
    [
      '{"number": 1, "lines": a.{"note": 1}}',
      '1:26 the type of the result requires sku, which this object does not have',
    ],
  ])('%s', (text, message) => {
    expect(made(text)).toEqual([message]);
  });
});

test('a schema that refers to itself ends', () => {
  const loop = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } };
  expect(unknownFields('x.y', { source: loop })).toEqual([]);
  const tree = { properties: { child: { $ref: '#' } } };
  expect(unknownFields('child.child.chidl', { source: tree })).toHaveLength(1);
});

describe('types of what is made', () => {
  const target = {
    type: 'object',
    properties: {
      s: { type: 'string' },
      n: { type: 'number' },
      i: { type: ['integer', 'null'] },
      e: { enum: ['A', 'B'] },
      l: { type: 'array', items: { type: 'object', properties: { q: { type: 'string' } } } },
      b: { type: 'boolean' },
      any: {},
      either: { anyOf: [{ type: 'string' }, { type: 'number' }] },
    },
  };
  const said = (text: string) => unknownFields(text, { target }).map(({ column, message }) => `${column} ${message}`);

  test.each([
    '{"s": a, "n": a.b, "any": 1, "either": 1}',
    '{"s": $string(1), "n": $number(a), "i": $count(a), "b": a = b, "e": "A"}',
    '{"i": null, "l": {"q": "1"}}',
    '{"s": ($x := 1; $x & "")}',
    '{"s": $decimalSum(a.b), "n": -a}',
    '{"l": x}',
    '{"n": $eval("1")}',
  ])('%s: nothing to say', (text) => expect(said(text)).toEqual([]));

  test.each([
    ['{"s": 1}', '7 the type of the result wants string here, this is always a number'],
    ['{"n": a & b}', '9 the type of the result wants number here, this is always a string'],
    ['{"i": "x"}', '9 the type of the result wants integer or null here, this is always a string'],
    ['{"l": x.{"q": $sum(a)}}', '19 the type of the result wants string here, this is always a number'],
    ['{"s": a ? 1 : b}', '11 the type of the result wants string here, this is always a number'],
    ['{"s": {"a": 1}}', '7 the type of the result wants string here, this is always an object'],
    ['{"e": "C"}', '9 the type of the result does not allow "C" here'],
  ])('%s', (text, message) => expect(said(text)).toEqual([message]));
});
