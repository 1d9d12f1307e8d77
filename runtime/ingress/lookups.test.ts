import { expect, it } from 'vitest';
import { askedOf, Rates, tablePath } from './lookups.ts';
import { Refusal } from './problem.ts';

it('reads table and key of a path', () => {
  expect(tablePath('/tables/open-orders')).toEqual({ table: 'open-orders', key: [] });
  expect(tablePath('/tables/items/acme%2Fnorth/7')).toEqual({ table: 'items', key: ['acme/north', '7'] });
  for (const path of ['/tables/', '/tables/Big', '/tables/a.b', '/tables/items/%zz', '/documents/items'])
    expect(tablePath(path), path).toBe(undefined);
});

it('takes after and limit of a list, and nothing else', () => {
  const asked = (url: string, key: string[] = []) => askedOf({ url } as never, 'acme', 'items', key);
  expect(asked('/tables/items?after=a%20b&limit=7')).toMatchObject({ partner: 'acme', after: 'a b', limit: 7 });
  expect(asked('/tables/items')).toMatchObject({ after: '', limit: 100 });
  for (const url of ['/?limit=0', '/?limit=501', '/?limit=x', '/?owner=other'])
    expect(() => asked(url), url).toThrow(Refusal);
  expect(() => asked('/tables/items/1?limit=1', ['1'])).toThrow(Refusal);
});

it('lets a partner ask so often a second, others besides it', () => {
  const rates = new Rates();
  const taken = (partner: string, now: number) => {
    try {
      rates.take('items', partner, 2, now);
      return true;
    } catch {
      return false;
    }
  };
  expect([0, 1, 2].map((now) => taken('acme', now))).toEqual([true, true, false]);
  expect(taken('other', 2)).toBe(true);
  expect([502, 503, 10_000, 10_001, 10_002].map((now) => taken('acme', now))).toEqual([true, false, true, true, false]);
});
