/** Documents of one key take effect in the order in which they were accepted, whatever dies; other keys do not wait for one that fails. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LANES, ORDERED_PREFETCH } from '../../runtime/names.ts';
import { laneIndexOf } from '../../runtime/pipeline/lanes.ts';
import type { Point } from '../../runtime/pipeline/points.ts';
import { type Level, makeOrderingStand, randomOf } from './ordering-support.ts';

const BY_SKU = 'ordering: {keyExpression: sku}';
const POINTS: Point[] = [
  'inbox.taken',
  'inbox.shipped',
  'inbox.routed',
  'outbox.taken',
  'outbox.sent',
  'outbox.concluded',
];
const KEYS = 30;
const N = 900;

/** 900 documents of 30 keys through two pods that die again and again. Gives the order in which each key's took effect. */
async function survive(seed: number, ordering: string, deaths: number): Promise<Map<string, Level[]>> {
  const random = randomOf(seed);
  await using stand = await makeOrderingStand(async () => {
    await sleep(random(12));
    return random(12) === 0 ? 503 : 200;
  });
  const plan = await stand.plan(ordering, 'delivery: {retry: 1000, backoffDelay: 100ms, backoffMax: 200ms}');
  let left = deaths;
  const run = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const point = POINTS[random(POINTS.length)]!;
      const pod = await stand.start(plan, { CROSSDOCK_TEST_KILL_AT: `${point}:${20 + random(120)}` });
      // A pod that is not given any lane does not die by itself.
      await Promise.race([pod.exited, sleep(4_000)]);
      pod.child.kill('SIGKILL');
      await pod.exited;
    }
    await stand.start(plan);
  };
  const running = Promise.all([run(), run()]);
  for (let sent = 0; sent < N; sent += 30) {
    await stand.accept(Array.from({ length: 30 }, () => ({ sku: `item-${random(KEYS)}` })));
    await sleep(random(150));
  }
  await running;
  const total = () => [...stand.effects().values()].reduce((sum, levels) => sum + levels.length, 0);
  await stand.until('everything has arrived', () => total() === N);
  return stand.effects();
}

const isInOrder = (levels: readonly Level[]): boolean => levels.every(({ n }, i) => n === i + 1);

describe('pods that are killed at any point', () => {
  it('keep the order of each key and lose nothing', { timeout: 180_000 }, async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    for (const [sku, levels] of await survive(seed, BY_SKU, 8))
      expect({ seed, sku, numbers: levels.map(({ n }) => n) }).toEqual({
        seed,
        sku,
        numbers: levels.map((_, i) => i + 1),
      });
  });

  it('without ordering they do not: the test can fail', { timeout: 120_000 }, async () => {
    const effects = await survive(1, '', 2);
    expect([...effects.values()].some((levels) => !isInOrder(levels))).toBe(true);
  });
});

describe('a document that fails', () => {
  it('keeps the later ones of its key waiting, and nobody else until its lane is full of them', async () => {
    let open = false;
    await using stand = await makeOrderingStand(({ sku }) => (sku === 'ill' && !open ? 503 : 200));
    const plan = await stand.plan(BY_SKU, 'delivery: {retry: 1000, backoffDelay: 100ms, backoffMax: 100ms}');
    await stand.start(plan);
    const neighbours = Array.from({ length: 200 }, (_, i) => `sku-${i}`).filter(
      (sku) => laneIndexOf(sku) === laneIndexOf('ill'),
    );
    const others = Array.from({ length: 200 }, (_, i) => `sku-${i}`).filter((sku) => !neighbours.includes(sku));
    // One less than fill the lane.
    await stand.accept(Array.from({ length: ORDERED_PREFETCH.lane - 1 }, () => ({ sku: 'ill' })));
    await stand.accept([...neighbours, ...others].map((sku) => ({ sku })));
    await stand.until('all others have arrived', () => stand.effects().size === 200);
    expect(new Set(stand.arrivals.filter(({ sku }) => sku === 'ill').map(({ n }) => n))).toEqual(new Set([1]));
    // And now it is full.
    await stand.accept(Array.from({ length: 2 }, () => ({ sku: 'ill' })));
    await stand.until('it was tried again', () => {
      const tries = stand.arrivals.length;
      return tries > 320;
    });
    await stand.accept([...neighbours, ...others].map((sku) => ({ sku })));
    const twice = () => [...stand.effects().values()].filter(({ length }) => length === 2).length;
    await stand.until('the other lanes go on', () => twice() === others.length);
    open = true;
    await stand.until('all have arrived', () => twice() === 200 && stand.effects().get('ill')?.length === 101);
    expect([...stand.effects().values()].every(isInOrder)).toBe(true);
  });

  it('is given up at last, and the later ones go on', async () => {
    await using stand = await makeOrderingStand(({ n }) => (n === 2 ? 422 : n === 4 ? 503 : 200));
    await stand.start(await stand.plan(BY_SKU, 'delivery: {retry: 2, backoffDelay: 100ms, backoffMax: 100ms}'));
    await stand.accept(Array.from({ length: 6 }, () => ({ sku: 'one' })));
    await stand.until('the last has arrived', () => stand.effects().get('one')?.at(-1)?.n === 6);
    expect(stand.arrivals.map(({ n }) => n)).toEqual([1, 2, 3, 4, 4, 4, 5, 6]);
    await stand.until('the others are dead letters', async () => {
      const queues = await stand.client.queues(stand.vhost);
      return queues.find(({ name }) => name === 'dead-letters')?.messages === 2;
    });
  });

  it('without a key goes to the dead letters', async () => {
    await using stand = await makeOrderingStand(() => 200);
    await stand.start(await stand.plan('ordering: {keyExpression: shelf}'));
    await stand.accept([
      { sku: 'one', shelf: '' },
      { sku: 'two', shelf: 'a' },
    ]);
    await stand.until('the other has arrived', () => stand.effects().has('two'));
    await stand.until('it is a dead letter', async () => await stand.client.hasReady(stand.vhost, 'dead-letters'));
    expect([...stand.effects().keys()]).toEqual(['two']);
  });
});

describe('a key that is changed', () => {
  it('begins when the old lanes are empty', { timeout: 90_000 }, async () => {
    let open = false;
    await using stand = await makeOrderingStand(({ sku }) => (sku === 'ill' && !open ? 503 : 200));
    const more = 'delivery: {retry: 1000, backoffDelay: 100ms, backoffMax: 100ms}';
    const pod = await stand.start(await stand.plan(BY_SKU, more));
    await stand.accept([{ sku: 'ill', shelf: 'a' }, ...Array.from({ length: 20 }, () => ({ sku: 'x', shelf: 'a' }))]);
    await stand.until('the others have arrived', () => stand.effects().get('x')?.length === 20);
    const lane = laneIndexOf('ill');
    const old = lane === 0 ? 'stock:out:shop' : `stock:out:shop:lane:${lane}`;
    await pod.apply(await stand.plan('ordering: {keyExpression: shelf}', more));
    expect(stand.draining()).toContain(old);
    await stand.accept(Array.from({ length: 20 }, () => ({ sku: 'y', shelf: 'a' })));
    const tries = stand.arrivals.length;
    await stand.until('the first is tried on', () => stand.arrivals.length > tries + 5);
    expect(stand.effects().has('y')).toBe(false);
    open = true;
    await stand.until('the first has arrived', () => stand.effects().has('ill'));
    // The operator looks again and again while something is drained.
    await stand.until(
      'the old lanes are gone',
      async () => {
        await pod.apply(await stand.plan('ordering: {keyExpression: shelf}', more));
        return stand.draining().length === 0;
      },
      45_000,
    );
    await stand.until('the later ones have arrived', () => stand.effects().get('y')?.length === 20);
    const byShelf = stand.effects(({ shelf }) => shelf).get('a')!;
    expect(byShelf.map(({ sku }) => sku)).toEqual([
      ...Array.from({ length: 20 }, () => 'x'),
      'ill',
      ...Array.from({ length: 20 }, () => 'y'),
    ]);
    expect(LANES).toBeGreaterThan(1);
  });
});

describe('what stops an integration', () => {
  const HOLD = `---
apiVersion: crossdock.dev/v1alpha1
kind: Hold
metadata: {name: stop}
spec: {targetRef: {kind: Integration, name: stock}, direction: Outbound, reason: inventory}
`;
  const ready = async ({ client, vhost }: Awaited<ReturnType<typeof makeOrderingStand>>, part: string) => {
    const queues = await client.queues(vhost);
    return queues.reduce((sum, { name, messages_ready = 0 }) => sum + (name.startsWith(part) ? messages_ready : 0), 0);
  };

  it.each([
    { what: 'Paused', more: 'state: Paused', others: '', waitsIn: 'stock:inbox' },
    { what: 'on Hold', more: '', others: HOLD, waitsIn: 'stock:out:' },
  ])('$what, it lets documents wait in their order', async ({ more, others, waitsIn }) => {
    let failing = true;
    await using stand = await makeOrderingStand(({ sku }) => (sku === 'ill' && failing ? 503 : 200));
    const retry = 'delivery: {retry: 1000, backoffDelay: 100ms, backoffMax: 100ms}';
    const running = await stand.plan(BY_SKU, retry);
    const stopped = await stand.plan(BY_SKU, `${retry}\n  ${more}`, others);
    const pod = await stand.start(running);
    const some = ['ill', 'a', 'b', 'ill', 'a', 'b'].map((sku) => ({ sku }));
    await stand.accept(some);
    await stand.until('those that can have arrived', () => stand.effects().get('b')?.length === 2);
    // One is failing at this moment, and the next one of its key is in hand behind it.
    await pod.apply(stopped);
    await stand.accept(some);
    const waiting = waitsIn === 'stock:inbox' ? 6 : 8;
    await stand.until('all wait', async () => (await ready(stand, waitsIn)) === waiting);
    expect(stand.effects().get('a')).toHaveLength(2);
    failing = false;
    await pod.apply(running);
    await stand.until('all have arrived', () => [...stand.effects().values()].flat().length === 12);
    expect([...stand.effects().values()].every(isInOrder)).toBe(true);
  });

  it('its move to a RuntimePool keeps the order', async () => {
    const random = randomOf(7);
    await using stand = await makeOrderingStand(async () => {
      await sleep(random(8));
      return random(10) === 0 ? 503 : 200;
    });
    const retry = 'delivery: {retry: 1000, backoffDelay: 100ms, backoffMax: 100ms}';
    const pool = `---
apiVersion: crossdock.dev/v1alpha1
kind: RuntimePool
metadata: {name: own}
spec: {replicas: 1}
`;
    const before = await stand.plan(BY_SKU, retry, pool);
    const after = await stand.plan(BY_SKU, `${retry}\n  runtimePoolRef: {name: own}`, pool);
    const everybody = await stand.start(before);
    const own = await stand.start(before, { POD_POOL: 'own' });
    const some = () => Array.from({ length: 150 }, () => ({ sku: `item-${random(20)}` }));
    await stand.accept(some());
    await stand.until('some have arrived', () => stand.arrivals.length > 20);
    // The new pods may know before the old ones do.
    await own.apply(after);
    await stand.accept(some());
    await everybody.apply(after);
    everybody.child.kill('SIGKILL');
    await stand.until('all have arrived', () => [...stand.effects().values()].flat().length === 300);
    expect([...stand.effects().values()].every(isInOrder)).toBe(true);
  });
});
