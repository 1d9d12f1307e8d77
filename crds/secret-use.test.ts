import { expect, test } from 'vitest';
import { admitsHost, secretUseOf } from './secret-use.ts';

const labels = { 'crossdock.dev/use': 'true' };
const hosts = (text: string) => secretUseOf({ labels, annotations: { 'crossdock.dev/hosts': text } })!;

test('without the label nobody may use it', () => {
  expect(secretUseOf({})).toBeUndefined();
  expect(secretUseOf({ labels: { 'crossdock.dev/use': 'false' } })).toBeUndefined();
  expect(secretUseOf({ annotations: { 'crossdock.dev/hosts': '*' } })).toBeUndefined();
  expect(secretUseOf({ labels })).toEqual({ hosts: [] });
});

test.each([
  ['erp.example.com', 'erp.example.com', true],
  ['ERP.example.com', 'erp.EXAMPLE.com', true],
  ['erp.example.com', 'evil.example.com', false],
  ['erp.example.com', 'erp.example.com.evil.net', false],
  ['*.example.com', 'erp.example.com', true],
  ['*.example.com', 'a.b.example.com', true],
  ['*.example.com', 'example.com', false],
  ['*.example.com', 'evilexample.com', false],
  ['a.net, b.net\n c.net', 'c.net', true],
  ['*', 'anything.net', true],
  ['', 'anything.net', false],
])('%j and %s: %s', (said, host, may) => {
  expect(admitsHost(hosts(said), host)).toBe(may);
});
