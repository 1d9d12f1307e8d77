import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseUrl, joinUrl } from './url.ts';

const base = baseUrl('erp', 'https://erp.example.com/api/v1');

describe('joinUrl', () => {
  it.each([
    [undefined, 'https://erp.example.com/api/v1'],
    ['', 'https://erp.example.com/api/v1'],
    ['/', 'https://erp.example.com/api/v1'],
    ['/goods-receipts', 'https://erp.example.com/api/v1/goods-receipts'],
    ['goods-receipts/', 'https://erp.example.com/api/v1/goods-receipts/'],
    ['/asns/A 1?x=1&y=../..', 'https://erp.example.com/api/v1/asns/A%201?x=1&y=../..'],
    ['?site=1', 'https://erp.example.com/api/v1?site=1'],
    ['/asns/A%2FB', 'https://erp.example.com/api/v1/asns/A%2FB'],
    ['/100%25', 'https://erp.example.com/api/v1/100%25'],
    ['/a..b/...', 'https://erp.example.com/api/v1/a..b/...'],
    ['@evil.example', 'https://erp.example.com/api/v1/@evil.example'],
    ['https:evil.example', 'https://erp.example.com/api/v1/https:evil.example'],
  ])('%s → %s', (path, url) => {
    expect(joinUrl(base, path).href).toBe(url);
  });

  it.each([
    '//evil.example',
    '///evil.example',
    'a//b',
    '../admin',
    '/asns/../../admin',
    '/asns/./x',
    '/asns/%2e%2e/x',
    '/asns/.%2E/x',
    '/asns/%252e%252e/x',
    '/asns/%2e%2e%2fx',
    '/asns/..%5cx',
    '/asns\\..\\x',
    '/asns/%00',
    '/100%',
    '/a\nb',
    '/a#b',
    'https://evil.example/x',
  ])('refuses %j', (path) => {
    expect(() => joinUrl(base, path)).toThrow(
      expect.objectContaining({ class: 'MappingFailed', code: 'path.invalid' }),
    );
  });

  it('never leaves the base, whatever the path', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      '..',
      '.',
      '%2e',
      '%2E',
      '%2f',
      '%5c',
      '%25',
      '?',
      '#',
      '@',
      ':',
      'a',
      ' ',
      '\t',
      '//',
      'evil.example',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece).map((pieces) => pieces.join('')),
          fc.string(),
        ),
        (path) => {
          let url: URL;
          try {
            url = joinUrl(base, path);
          } catch {
            return;
          }
          expect(url.origin).toBe(base.origin);
          expect(url.username + url.password).toBe('');
          expect(url.pathname === '/api/v1' || url.pathname.startsWith('/api/v1/')).toBe(true);
          expect(
            decodeURIComponent(
              url.pathname.replaceAll(/%(?![0-9a-f]{2})/gi, '%25').replaceAll(/%[89a-f][0-9a-f]/gi, 'x'),
            ).split(/[\\/]/),
          ).not.toContain('..');
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('keeps the query of the base', () => {
    expect(joinUrl(new URL('https://h/p?k=1'), '/a?b=2').href).toBe('https://h/p/a?k=1&b=2');
    expect(joinUrl(new URL('https://h'), '/a').href).toBe('https://h/a');
  });
});

describe('baseUrl', () => {
  it.each(['ftp://h', 'nonsense', 'https://user:secret-word@h/', 'https://h/#x'])(
    'refuses %s and does not repeat it',
    (text) => {
      expect(() => baseUrl('erp', text)).toThrow(/connector "erp": spec\.http\.url must/);
      expect(() => baseUrl('erp', text)).not.toThrow(/secret-word/);
    },
  );
});
