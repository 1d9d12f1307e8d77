import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from './csv.ts';

describe('parseCsv', () => {
  test('gives back what was quoted, whatever is in it', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'ß') });
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field)), fc.constantFrom('\n', '\r\n'), fc.boolean(), (rows, end, mark) => {
        const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = ['x,"y, z"', ...rows.map((row) => row.map(quote).join(','))].map((line) => line + end).join('');
        expect(parseCsv((mark ? '\ufeff' : '') + text)).toEqual({
          rows: rows.map(([x, y]) => ({ x, 'y, z': y })),
        });
      }),
    );
  });
  test('never throws and never hangs', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r'), maxLength: 40 }), (text) => {
        const parsed = parseCsv(text);
        if ('error' in parsed) expect(parsed.error.line).toBeGreaterThanOrEqual(1);
        else for (const row of parsed.rows) expect(Object.keys(row).length).toBeGreaterThan(0);
      }),
    );
  });
  test.each([
    ['a,b\n1,2', { rows: [{ a: '1', b: '2' }] }],
    ['a\n007\n\n', { rows: [{ a: '007' }] }],
    ['a,b\n,\n', { rows: [{ a: '', b: '' }] }],
    ['a\n"x\ny\n', { error: { line: 2, message: 'a quote is opened and never closed' } }],
    ['a,b\n"x"y,1\n', { error: { line: 2, message: 'text after a closing quote' } }],
    ['a\nx"y\n', { error: { line: 2, message: 'a quote inside an unquoted field' } }],
    ['a,b\n"1\n\n",2\n3\n', { error: { line: 5, message: '1 fields where the header has 2' } }],
    ['', { error: { line: 1, message: 'no header line' } }],
    ['__proto__,b\n1,2\n', { rows: [JSON.parse('{"__proto__": "1", "b": "2"}')] }],
  ])('%j', (text, result) => {
    expect(parseCsv(text)).toEqual(result);
  });
});
