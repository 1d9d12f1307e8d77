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
