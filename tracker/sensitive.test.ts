import { expect, test } from 'vitest';
import { redactCanonical, redactSent } from './sensitive.ts';

const body = JSON.stringify({
  number: 'PO-1',
  contact: { email: 'ann@example.com', phone: '+49 30 1' },
  lines: [{ note: 'for <Ann> & Bob' }, { note: 'x' }, {}],
  'a/b': 'slash',
});

test('fields are replaced, through lists, and what is not there is not said', () => {
  const shown = redactCanonical(body, ['/contact', '/lines/note', '/missing', '/a~1b']);
  expect(JSON.parse(shown.text)).toEqual({
    number: 'PO-1',
    contact: '[redacted]',
    lines: [{ note: '[redacted]' }, { note: '[redacted]' }, {}],
    'a/b': '[redacted]',
  });
  expect(shown.redacted).toEqual(['/contact', '/lines/note', '/a~1b']);
});

test('a body with nothing of it stays byte for byte what it was', () => {
  expect(redactCanonical('{ "a" : 1.0 }', ['/b'])).toEqual({ text: '{ "a" : 1.0 }', redacted: [] });
  expect(redactCanonical('not JSON', ['/b']).text).toBe('not JSON');
});

test('in another form the values are replaced where they stand', () => {
  const pointers = ['/contact', '/lines/note'];
  const edi = redactSent('PER*BD**EM*ann@example.com*TE*+49 30 1~', body, pointers);
  expect(edi.text).toBe('PER*BD**EM*[redacted]*TE*[redacted]~');
  expect(redactSent('<n>for &lt;Ann&gt; &amp; Bob</n>', body, pointers).text).toBe('<n>[redacted]</n>');
});

test('without the canonical body nothing is shown', () => {
  expect(redactSent('PER*ann', undefined, ['/contact'])).toEqual({ text: '[redacted]', redacted: ['/contact'] });
  expect(redactSent('PER*ann', undefined, [])).toEqual({ text: 'PER*ann', redacted: [] });
});

test('a field is not a way to the prototype', () => {
  expect(redactCanonical('{"a":1}', ['/__proto__/x', '/constructor'])).toEqual({ text: '{"a":1}', redacted: [] });
});
