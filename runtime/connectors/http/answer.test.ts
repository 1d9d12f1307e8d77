import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { flatHeaders, parseBody, readCapped, retryAfterMs } from './answer.ts';

describe('retryAfterMs', () => {
  const now = Date.parse('Fri, 20 Nov 2026 06:00:00 GMT');
  it.each([
    ['120', 120_000],
    ['0', 0],
    [' 5 ', 5_000],
    ['Fri, 20 Nov 2026 06:01:30 GMT', 90_000],
    ['Fri, 20 Nov 2026 05:00:00 GMT', 0],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s → %s', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});

describe('parseBody', () => {
  it.each([
    ['{"a":1}', 'application/json; charset=utf-8', { a: 1 }],
    ['{"a":1}', 'application/problem+json', { a: 1 }],
    ['[1]', undefined, [1]],
    ['<html>', undefined, '<html>'],
    ['{"a":', 'application/json', '{"a":'],
    ['{"a":1}', 'text/plain', '{"a":1}'],
    ['', 'application/json', ''],
  ])('%s as %s', (text, type, value) => {
    expect(parseBody(Buffer.from(text), type, false)).toEqual(value);
  });
  it('leaves a truncated body as text', () => {
    expect(parseBody(Buffer.from('1'), 'application/json', true)).toBe('1');
  });
});

it('reads at most 64 KiB', async () => {
  const chunk = Buffer.alloc(10_000, 'x');
  const { bytes, truncated } = await readCapped(Readable.from(Array.from({ length: 100 }, () => chunk)));
  expect([bytes.length, truncated]).toEqual([65_536, true]);
});

it('joins repeated headers', () => {
  expect(flatHeaders({ 'Set-Cookie': ['a', 'b'], etag: '1', gone: undefined })).toEqual({
    'set-cookie': 'a, b',
    etag: '1',
  });
});
