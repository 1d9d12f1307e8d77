import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Topology } from '../../translate/translation.ts';
import { type Actual, type Changes, changesBetween } from './changes.ts';
import { baseTopology, inboxQueue, mergeTopologies, outboxQueue, parseQueueName, replaceable } from './topology.ts';

const options = { now: 100_000, previous: [], unwanted: 'Retain', settleMs: 15_000 } as const;
const nothing: Actual = { exchanges: [], queues: [], bindings: [], policies: [], operatorPolicies: [] };

/** What a broker has after the changes. */
function applied(actual: Actual, changes: Changes): Actual {
  const gone = new Set(changes.remove.map(({ queue }) => queue));
  return {
    ...actual,
    exchanges: [...actual.exchanges, ...changes.exchanges],
    queues: [...actual.queues, ...changes.queues].filter(({ name }) => !gone.has(name)),
    bindings: [
      ...actual.bindings.filter((binding) => !changes.unbind.includes(binding)),
      ...changes.bind.map(({ source, destination, destinationType, routingKey }) => ({
        source,
        destination,
        destination_type: destinationType,
        routing_key: routingKey,
        arguments: {},
        properties_key: routingKey,
      })),
    ].filter(({ destination }) => !gone.has(destination)),
  };
}
const writes = (changes: Changes): number =>
  changes.exchanges.length +
  changes.queues.length +
  changes.bind.length +
  changes.unbind.length +
  changes.remove.length;

/** Some integrations with some destinations; a limit that differs makes an immutable change. */
const desired: fc.Arbitrary<Topology> = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      destinations: fc.uniqueArray(fc.constantFrom('x', 'y'), { maxLength: 2 }),
      limit: fc.constantFrom(10, 20),
    }),
    { selector: ({ name }) => name, maxLength: 3 },
  )
  .map((integrations) => {
    const parts = integrations.flatMap(({ name, destinations, limit }) =>
      [inboxQueue(name), ...destinations.map((destination) => outboxQueue(name, destination))].map(
        ({ queue, bindings }) => ({
          exchanges: [],
          queues: [{ ...queue, arguments: { ...queue.arguments, 'x-delivery-limit': limit } }],
          bindings,
        }),
      ),
    );
    return mergeTopologies(baseTopology(), ...parts);
  });

test('from any state one run reaches the desired one: a second has nothing to do, and no queue with messages goes', () => {
  fc.assert(
    fc.property(fc.array(desired, { minLength: 1, maxLength: 5 }), (steps) => {
      let actual = nothing;
      for (const step of steps) {
        const changes = changesBetween(actual, step, options);
        const before = new Set(actual.queues.map(({ name }) => name));
        actual = applied(actual, changes);
        for (const name of before) expect(actual.queues.map((queue) => queue.name)).toContain(name);
        expect(writes(changesBetween(actual, step, options))).toBe(0);

        // Every logical name leads to exactly one queue, with the arguments that are wanted.
        for (const spec of step.queues) {
          const { logical } = parseQueueName(spec.name);
          if (!replaceable(logical) || logical.startsWith('retry:')) continue;
          for (const source of ['work', 'home']) {
            const bound = actual.bindings.filter((b) => b.source === source && b.routing_key === logical);
            expect(bound.length).toBe(1);
            const queue = actual.queues.find(({ name }) => name === bound[0]!.destination);
            expect(queue?.arguments).toEqual(spec.arguments);
          }
        }
      }
    }),
    { numRuns: 100 },
  );
});

test('a replaced queue goes only when it was unbound and empty for a while', () => {
  const first = mergeTopologies(baseTopology(), { exchanges: [], ...one(10) });
  const second = mergeTopologies(baseTopology(), { exchanges: [], ...one(20) });
  let actual = applied(nothing, changesBetween(nothing, first, options));
  actual = applied(actual, changesBetween(actual, second, options));
  const counted = (messages: number | undefined): Actual => ({
    ...actual,
    queues: actual.queues.map((queue) =>
      queue.name === 'a:inbox' && messages !== undefined ? { ...queue, messages, messages_dlx: messages } : queue,
    ),
  });
  const look = (messages: number | undefined, now: number, previous: Changes['draining'] = []) =>
    changesBetween(counted(messages), second, { ...options, now, previous });

  const [unknown] = look(undefined, 0).draining;
  expect(unknown).toEqual({ queue: 'a:inbox', logical: 'a:inbox' });
  expect(look(3, 0).draining[0]).toMatchObject({ counts: { deadLettering: 3 } });
  const empty = look(0, 1_000);
  expect(empty.draining[0]).toMatchObject({ emptySince: 1_000 });
  expect(empty.remove).toEqual([]);
  const later = look(0, 15_999, empty.draining);
  expect(later.remove).toEqual([]);
  // A message in between starts the wait again.
  expect(look(0, 17_000, look(1, 16_000, later.draining).draining).remove).toEqual([]);
  expect(look(0, 16_000, later.draining).remove).toEqual([{ queue: 'a:inbox', ifEmpty: true }]);
});

test('a queue of others is never touched, whatever is unwanted', () => {
  const theirs: Actual = { ...nothing, queues: [{ name: 'Orders', durable: true, arguments: {}, messages: 0 }] };
  const changes = changesBetween(theirs, baseTopology(), { ...options, unwanted: 'Delete' });
  expect(changes.remove).toEqual([]);
  expect(changes.retained).toEqual([]);
});

test('where things end up is bound before what feeds them', () => {
  const sources = changesBetween(
    nothing,
    mergeTopologies(baseTopology(), { exchanges: [], ...one(10) }),
    options,
  ).bind.map(({ source }) => source);
  expect(sources.indexOf('dead-letters')).toBeLessThan(sources.indexOf('home'));
  expect(sources.lastIndexOf('home')).toBeLessThan(sources.indexOf('work'));
});

const one = (limit: number) => {
  const { queue, bindings } = inboxQueue('a');
  return { queues: [{ ...queue, arguments: { ...queue.arguments, 'x-delivery-limit': limit } }], bindings };
};
