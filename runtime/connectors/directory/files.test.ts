import fc from 'fast-check';
import { expect, it } from 'vitest';
import { contentTypeOf, extensionOf, safeName } from './files.ts';

it.each([
  ['850-1.edi', '850-1.edi'],
  ['../../etc/passwd', '__.._etc_passwd'],
  ['a/b\\c:d', 'a_b_c_d'],
  ['..', '_'],
  ['.hidden', '_hidden'],
  ['', '_'],
  ['  ', '_'],
  ['a\u0000b\n', 'a_b_'],
])('%j → %j', (text, name) => {
  expect(safeName(text)).toBe(name);
});

it('is always one component that fits, and keeps the extension', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), (text) => {
      const name = safeName(text);
      expect(name).not.toMatch(/[/\\]|^\.|^$/);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
    }),
  );
  expect(safeName(`${'ü'.repeat(300)}.edi`)).toMatch(/ü\.edi$/);
});

it('knows content types both ways', () => {
  expect(contentTypeOf('A.EDI')).toBe('application/edi-x12');
  expect(contentTypeOf('a')).toBe('application/octet-stream');
  expect(extensionOf('application/json; charset=utf-8')).toBe('.json');
  expect(extensionOf('application/vnd.example+json')).toBe('.json');
  expect(extensionOf('application/edi-x12')).toBe('.edi');
  expect(extensionOf('image/png')).toBe('.bin');
});
