/** Claims and control numbers on a real PostgreSQL, from two pools at once, and while it is away. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../runtime/store/postgres.ts';
import { rankOf } from '../../runtime/store/rank.ts';
import { type Claim, type Store, StoreUnavailableError } from '../../runtime/store/store.ts';
import { ownDatabase, type TestDatabase, testDatabase } from '../support/database.ts';
import { log, until } from './support.ts';

let own: TestDatabase;
let one: Store;
let two: Store;
beforeAll(async () => {
  own = await testDatabase();
  [one, two] = [openStore({ url: own.url, namespace: 'n', log }), openStore({ url: own.url, namespace: 'n', log })];
});
afterAll(async () => {
  await Promise.all([one.close(), two.close()]);
  await own.remove();
});

let keys = 0;
const claim = (more: Partial<Claim> = {}): Claim => ({
  type: 'ship-notice.v1',
  source: 'partner/acme',
  key: `key-${keys}`,
  sequence: '1',
  document: 'd1',
  bodyHash: 'h1',
  ...more,
});
const fresh = () => {
  keys += 1;
};

describe('claims', () => {
  it('first, repeated, doubled, in conflict, overtaken', async () => {
    fresh();
    expect(await one.claim(claim())).toEqual({ verdict: 'New' });
    expect(await two.claim(claim())).toEqual({ verdict: 'New' });
    expect(await one.claim(claim({ document: 'd2' }))).toEqual({ verdict: 'Duplicate', of: 'd1' });
    expect(await one.claim(claim({ document: 'd3', bodyHash: 'h2' }))).toEqual({ verdict: 'Conflict', with: 'd1' });
    expect(await one.claim(claim({ document: 'd4', sequence: '10' }))).toEqual({ verdict: 'New' });
    const late = claim({ document: 'd5', sequence: '9' });
    expect(await one.claim(late)).toEqual({ verdict: 'Superseded', by: 'd4' });
    expect(await two.claim(late)).toEqual({ verdict: 'Superseded', by: 'd4' });
    // What came before the revision stays what it was; another key, type or source has nothing to do with it.
    expect(await one.claim(claim())).toEqual({ verdict: 'New' });
    for (const other of [{ key: 'other' }, { type: 'order.v1' }, { source: 'partner/other' }])
      expect(await one.claim(claim({ document: 'd6', ...other }))).toEqual({ verdict: 'New' });
  });

  it('sequences order as numbers of any length, or as text', async () => {
    const wholes = fc.bigInt({ min: 0n, max: 10n ** 30n });
    const less = (a: string, b: string) => rankOf(a) < rankOf(b);
    fc.assert(fc.property(wholes, wholes, (a, b) => less(`${a}`, `00${b}`) === a < b));
    expect(less('2026-02-28T23:59:59Z', '2026-03-01T00:00:00Z')).toBe(true);
    fresh();
    expect(await one.claim(claim({ sequence: '007' }))).toEqual({ verdict: 'New' });
    expect(await one.claim(claim({ sequence: '7', document: 'd2' }))).toEqual({ verdict: 'Duplicate', of: 'd1' });
  });

  it('within one batch, a later sequence that came first supersedes', async () => {
    fresh();
    const verdicts = await Promise.all(
      ['5', '4', '6', '4'].map((sequence, i) => one.claim(claim({ sequence, document: `d${i}` }))),
    );
    expect(verdicts).toEqual([
      { verdict: 'New' },
      { verdict: 'Superseded', by: 'd0' },
      { verdict: 'New' },
      { verdict: 'Duplicate', of: 'd1' },
    ]);
  });

  it('keys that no index could hold are claimed all the same, and disturb nobody', async () => {
    fresh();
    const odd = ['x'.repeat(100_000), 'a\0b', '\ud800', ''];
    const claims = odd.flatMap((key) => [claim({ key }), claim({ key, document: 'd2' })]);
    const verdicts = await Promise.all(
      [...claims, claim({ sequence: `\0${'9'.repeat(5_000)}` })].map((c) => one.claim(c)),
    );
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([...odd.flatMap(() => ['New', 'Duplicate']), 'New']);
  });

  it('from two pools at once each key has exactly one New, in whatever order, without a deadlock', async () => {
    fresh();
    const N = 2_000;
    const all = Array.from({ length: N }, (_, n) => ({ key: `both-${n}` }));
    const by = (store: Store, document: string, order: typeof all) =>
      Promise.all(order.map(({ key }) => store.claim(claim({ key, document: `${document}-${key}` }))));
    const started = performance.now();
    const [left, right] = await Promise.all([by(one, 'left', all), by(two, 'right', all.toReversed())]);
    const took = performance.now() - started;
    right.reverse();
    for (const [n, verdict] of left.entries())
      expect([verdict.verdict, right[n]!.verdict].sort()).toEqual(['Duplicate', 'New']);
    console.log(`${Math.round((2 * N) / (took / 1_000))} claims/s`);
  });
});

describe('control numbers', () => {
  it('are drawn once for a document and destination, and are unique and without big holes from two pools', async () => {
    const draws = Array.from({ length: 200 }, (_, n) => [`doc-${n}`, 'out'] as const);
    const numbers = await Promise.all(
      draws.flatMap(([document, destination]) => [
        one.controlNumber('acme', document, destination),
        two.controlNumber('acme', document, destination),
      ]),
    );
    const pairs = draws.map((_, n) => [numbers[2 * n], numbers[2 * n + 1]]);
    for (const [a, b] of pairs) expect(a).toBe(b);
    expect(new Set(numbers).size).toBe(200);
    // Of two that draw at once one number may be skipped.
    expect(Math.max(...numbers)).toBeLessThanOrEqual(400);
    expect(await two.controlNumber('other', 'doc-1', 'out')).toBe(1);
    const again = openStore({ url: own.url, namespace: 'n', log });
    expect(await again.controlNumber('acme', 'doc-7', 'out')).toBe(numbers[14]);
    await again.close();
  });

  it('of one namespace are nothing to another', async () => {
    const other = openStore({ url: own.url, namespace: 'm', log });
    expect(await other.controlNumber('acme', 'doc-7', 'out')).toBe(1);
    await other.close();
  });
});

it('says quickly that PostgreSQL is away, and goes on when it is back', { timeout: 60_000 }, async () => {
  const server = await ownDatabase();
  const store = openStore({ url: server.url, namespace: 'n', log });
  try {
    fresh();
    const number = await store.controlNumber('acme', 'd', 'out');
    expect(await store.claim(claim())).toEqual({ verdict: 'New' });
    await server.kill();
    // A server process that served us may outlive its parent for a moment.
    for (const work of [() => store.claim(claim({ document: 'd2' })), () => store.controlNumber('acme', 'e', 'out')]) {
      await until('refused', async () => {
        const started = performance.now();
        const error = await work().then(
          () => undefined,
          (reason) => reason,
        );
        expect(performance.now() - started).toBeLessThan(4_000);
        if (error) expect(error).toBeInstanceOf(StoreUnavailableError);
        return error !== undefined;
      });
    }
    expect(store.healthy).toBe(false);
    await server.restart();
    await until('back', () =>
      store.claim(claim({ document: 'd2' })).then(
        ({ verdict }) => verdict === 'Duplicate',
        () => false,
      ),
    );
    expect(await store.controlNumber('acme', 'd', 'out')).toBe(number);
    expect(await store.controlNumber('acme', 'e', 'out')).toBeGreaterThan(number);
    expect(store.healthy).toBe(true);
  } finally {
    await store.close();
    await server.stop();
  }
});
