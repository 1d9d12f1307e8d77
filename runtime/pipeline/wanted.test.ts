import { expect, it } from 'vitest';
import { INTAKE } from '../names.ts';
import type { InForce } from './environment.ts';
import { EVERY_POOL, wantedConsumers } from './wanted.ts';

const integration = (name: string, pool?: string) => ({
  plan: { name, state: 'Running', queues: { inbox: [`${name}:inbox`], outbox: {} }, ...(pool && { pool }) },
  destinations: new Map(),
});
const inForce = {
  integrations: new Map([
    ['a', integration('a')],
    ['b', integration('b', 'heavy')],
  ]),
  tables: new Map(),
  holds: { on: () => undefined },
} as unknown as InForce;

it.each([
  ['the default pool', undefined, ['a:inbox'], true],
  ['a pool', 'heavy', ['b:inbox'], false],
  ['a process that is alone', EVERY_POOL, ['a:inbox', 'b:inbox'], true],
])('%s consumes its own integrations, and the intake where it receives', (_, pool, inboxes, intake) => {
  const queues = [...wantedConsumers(inForce, 0, pool).keys()];
  expect(queues.filter((queue) => queue.endsWith(':inbox'))).toEqual(inboxes);
  expect(queues.includes(INTAKE)).toBe(intake);
});

it('takes less of each inbox where there are many', () => {
  const prefetchOf = (count: number) => {
    const many = new Map(Array.from({ length: count }, (_, n) => [`i${n}`, integration(`i${n}`)]));
    return wantedConsumers({ ...inForce, integrations: many } as unknown as InForce, 0).get('i0:inbox')?.prefetch;
  };
  expect([1, 100, 200, 1_000].map(prefetchOf)).toEqual([500, 500, 250, 100]);
});

const ordered = (inbox: string[], outbox: string[]) =>
  ({
    ...inForce,
    integrations: new Map([
      [
        'a',
        {
          plan: {
            name: 'a',
            state: 'Running',
            ordering: { keyExpression: 'x' },
            queues: { inbox, outbox: { to: outbox } },
          },
          destinations: new Map([['to', {}]]),
        },
      ],
    ]),
  }) as unknown as InForce;
const LANES_OF_A = ['a:out:to', 'a:out:to:lane:1', 'a:out:to:lane:2', 'a:out:to:lane:3'];

it('what keeps an order is consumed in order, and older generations before the current one', () => {
  const wanted = (plan: InForce) => [...wantedConsumers(plan, 0, 'none').values()];
  expect(wanted(ordered(['a:inbox'], LANES_OF_A))).toEqual([]);
  const consumed = (plan: InForce) =>
    [...wantedConsumers(plan, 0, EVERY_POOL).values()].filter(({ queue }) => queue.startsWith('a:'));
  const all = consumed(ordered(['a:inbox'], LANES_OF_A));
  expect(all.map(({ queue }) => queue)).toEqual(['a:inbox', ...LANES_OF_A]);
  expect(all.every(({ inOrder, bytes }) => inOrder && bytes === undefined)).toBe(true);
  const changed = consumed(
    ordered(['a:inbox', 'a:inbox#2'], ['a:out:to:lane:3', ...LANES_OF_A.map((name) => `${name}#2`)]),
  );
  expect(changed.map(({ queue }) => queue)).toEqual(['a:inbox', 'a:out:to:lane:3']);
});
