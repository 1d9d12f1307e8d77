import { describe, expect, test } from 'vitest';
import { schemaFault } from './json-schema.ts';

describe('schemaFault', () => {
  test.each([
    ['nothing said', {}],
    ['references within', { $ref: '#/$defs/a', $defs: { a: { type: 'string' } } }],
    ['recursion', { type: 'object', properties: { next: { $ref: '#' } } }],
    [
      'an $id, referred to by itself',
      { $id: 'https://x.example/a', $ref: 'https://x.example/a#/$defs/a', $defs: { a: {} } },
    ],
    ['extensions, and properties that are named like them', { 'x-a': { b: [1] }, properties: { 'x-b': { 'x-c': 1 } } }],
    ['properties named as keywords', { properties: { pattern: { type: 'string' }, properties: { type: 'object' } } }],
    ['values that look like schemas', { const: { pattern: '(?=x)' }, enum: [{ type: 'nonsense' }] }],
  ])('takes %s', (_, schema) => {
    expect(schemaFault(schema)).toBeUndefined();
  });
  test.each([
    ['a list', [], '', 'expected'],
    ['an unknown keyword', { requird: [] }, '', 'requird'],
    ['an unknown keyword within', { properties: { a: { items: { mininum: 1 } } } }, '', 'mininum'],
    ['a wrong type', { properties: { a: { type: 'text' } } }, '.properties.a.type', 'not a JSON Schema'],
    ['a pattern with look-ahead', { items: { pattern: '(?!a)b' } }, '.items.pattern', 'pattern'],
    ['a pattern as a name', { patternProperties: { '(?=a)': {} } }, '.patternProperties', 'pattern'],
    ['a dangling reference', { $ref: '#/$defs/b' }, '', "can't resolve"],
    ['another draft', { $schema: 'http://json-schema.org/draft-07/schema#' }, '.$schema', 'draft'],
    ['too much', { enum: Array.from({ length: 40_000 }, (_, i) => `value ${i}`) }, '', 'more than'],
  ])('refuses %s', (_, schema, field, message) => {
    expect(schemaFault(schema)).toMatchObject({ field, message: expect.stringContaining(message) });
  });
  test('each verdict stands alone, whatever was judged before', () => {
    const one = { $id: 'https://x.example/b', type: 'object', properties: { a: { $ref: 'https://x.example/other' } } };
    const other = { $id: 'https://x.example/other', type: 'string' };
    const meta = { $id: 'https://json-schema.org/draft/2020-12/schema', type: 'string' };
    for (let round = 0; round < 3; round++) {
      expect(schemaFault(one)?.message).toContain('resolve');
      expect(schemaFault(other)).toBeUndefined();
      schemaFault(meta);
      expect(schemaFault({ $id: 'https://x.example/b', type: 'number' })).toBeUndefined();
      expect(schemaFault({ type: 'nothing' })?.field).toBe('.type');
    }
  });
  test('nesting ends in a verdict', () => {
    let deep: Record<string, unknown> = {};
    for (let i = 0; i < 8_000; i++) deep = { items: deep };
    expect(schemaFault(deep)?.message).toMatch(/deep/);
  });
});
