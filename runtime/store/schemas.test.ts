import { expect, it } from 'vitest';
import { quoted, roleOf, schemaOf, trackerSchemaOf } from './schemas.ts';

it('keeps short names as they are', () => {
  expect(schemaOf('shop')).toBe('crossdock_shop');
  expect(trackerSchemaOf('shop')).toBe('crossdock_tracker_shop');
  expect(roleOf('shop', 'crossdock')).toMatch(/^crossdock_shop_[0-9a-f]{8}$/);
});

it('gives no two namespaces the same name, however long or odd', () => {
  const long = 'n'.repeat(62);
  const namespaces = ['shop', 'tracker', 'tracker-shop', `${long}a`, `${long}b`];
  const names = namespaces.flatMap((each) => [
    schemaOf(each),
    trackerSchemaOf(each),
    roleOf(each, 'a'),
    roleOf(each, 'b'),
  ]);
  expect(new Set(names).size).toBe(names.length);
  expect(names).not.toContain('crossdock_tracker');
  expect(Math.max(...names.map((name) => name.length))).toBeLessThanOrEqual(63);
});

it('quotes', () => expect(quoted('a"b')).toBe('"a""b"'));
