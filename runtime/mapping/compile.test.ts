import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../canonical.ts';
import { compileExpression, ExpressionSyntaxError, NO_CONTEXT } from './compile.ts';
import { shapeBySchema } from './shape.ts';
import { tableOf } from './tables.ts';

const run = async (source: string, input: unknown, context = NO_CONTEXT) =>
  compileExpression(source, 'Mapping test').evaluate(input, context);

describe('expressions', () => {
  it('evaluates with bindings', async () => {
    expect(await run('$partner & "/" & no', { no: 7 }, { tables: {}, bindings: { partner: 'acme' } })).toBe('acme/7');
  });

  it('names the place of a syntax error', () => {
    expect(() => compileExpression('{\n "a": ]}', 'Mapping x')).toThrow(ExpressionSyntaxError);
    expect(() => compileExpression('{\n "a": ]}', 'Mapping x')).toThrow(/line 2, column/);
  });

  it('looks rows up by one or several keys, numbers as text', async () => {
    const items = tableOf({
      part: 'table',
      name: 'items',
      key: ['partner', 'sku'],
      rows: [{ partner: 'acme', sku: '7', gtin: 'G' }],
    });
    const context = { tables: { items }, bindings: { partner: 'acme' } };
    expect(await run('$reference("items", [$partner, sku]).gtin', { sku: 7 }, context)).toBe('G');
    await expect(run('$reference("items", [$partner, sku]).gtin', { sku: 8 }, context)).rejects.toMatchObject({
      class: 'ReferenceDataMissing',
      message: expect.stringContaining('["acme",8]'),
    });
    await expect(run('$reference("nope", 1)', {}, context)).rejects.toMatchObject({ class: 'MappingFailed' });
  });

  it.each([
    ['recursion without end', '($f := function($x) { $f($x + 1) + 1 }; $f(0))'],
    ['tail recursion without end', '($f := function($x) { $f($x + 1) }; $f(0))'],
    ['a giant range', '$sum([1..10000001])'],
    ['giant padding', '$pad("x", 1000000000)'],
  ])('ends %s within a second', async (_, source) => {
    // Of the processor: a busy machine is no failure.
    const start = process.cpuUsage();
    await expect(run(source, {})).rejects.toMatchObject({ class: 'MappingFailed', code: 'budget.exceeded' });
    const { user, system } = process.cpuUsage(start);
    expect(user + system).toBeLessThan(1_000_000);
  });

  it('runs a catastrophic pattern in linear time', async () => {
    const start = process.cpuUsage();
    expect(await run('$match(s, /^(a+)+$/)', { s: `${'a'.repeat(5000)}!` })).toBeUndefined();
    const { user, system } = process.cpuUsage(start);
    expect(user + system).toBeLessThan(1_000_000);
  });

  it('matches and replaces as RegExp does', async () => {
    expect(await run('$replace(s, /(\\d+)-(\\d+)/, "$2/$1")', { s: 'a 1-2 b 3-4' })).toBe('a 2/1 b 4/3');
    expect(await run('$split(s, /,\\s*/)', { s: 'a, b,c' })).toEqual(['a', 'b', 'c']);
    expect(await run('$contains(s, /HELLO/i)', { s: 'hello' })).toBe(true);
  });

  it('names the place of an error at run time', async () => {
    await expect(run('{"a":\n "x" + 1}', {})).rejects.toMatchObject({
      class: 'MappingFailed',
      code: 'T2001',
      message: expect.stringMatching(/Mapping test, line 2/),
    });
  });
});

describe('shape', () => {
  const schema = {
    type: 'object',
    properties: { lines: { type: 'array', items: { $ref: '#/$defs/line' } } },
    $defs: { line: { type: 'object', properties: { notes: { type: 'array' } } } },
  };
  it('keeps a list of one a list, at any depth', () => {
    expect(shapeBySchema({ lines: { notes: 'x' } }, schema)).toEqual({ lines: [{ notes: ['x'] }] });
    expect(shapeBySchema({}, schema)).toEqual({});
    const listOfLists = { type: 'array', items: { type: 'array', items: { type: 'string' } } };
    expect(shapeBySchema('x', listOfLists)).toEqual([['x']]);
  });

  it('keeps the order of keys, or puts them into that of canonical JSON, and whatever objects it met before', () => {
    const value = [
      { b: 1, a: { d: 1, c: ['x'] } },
      { b: 2, a: 3 },
      { a: 3, b: 2 },
    ];
    expect(JSON.stringify(shapeBySchema(value, undefined))).toBe(JSON.stringify(value));
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), (values) => {
        for (const each of values) {
          const sorted = shapeBySchema(each, undefined, { sorted: true });
          expect(sorted).toEqual(each);
          expect(canonicalJson(sorted)).toBe(canonicalJson(each));
          expect(JSON.stringify(shapeBySchema(each, undefined))).toBe(JSON.stringify(each));
        }
      }),
    );
    expect(JSON.stringify(shapeBySchema(value, schema, { sorted: true }))).toBe(
      '[{"a":{"c":["x"],"d":1},"b":1},{"a":3,"b":2},{"a":3,"b":2}]',
    );
  });
});

it.each([
  '"".constructor.constructor("return process")()',
  '$string.constructor("return process")()',
  '$eval("$$.constructor")',
  '$lookup({}, "__proto__")',
  '$lookup({}, "constructor")',
  '$merge([{}, {"__proto__": {"admin": true}}]).admin',
  '$each({"a": 1}, function($v, $k, $o) { $o.constructor })',
  '$map([1], function($v, $i, $all) { $all.constructor.constructor })',
  '$replace("a", /a/, function($m) { $m.constructor.constructor("return process")() })',
])('reaches nothing of the process by %s', async (source) => {
  const value = await (async () => run(source, {}))().catch((error: Error) => {
    expect(error).toMatchObject({ class: 'MappingFailed' });
  });
  expect([undefined, null, 'a', '{}', '[]']).toContain(
    typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
  );
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});
