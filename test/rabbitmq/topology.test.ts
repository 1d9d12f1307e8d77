import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApplyOptions, applyTopology, type TopologyReport } from '../../operator/apply/rabbitmq/apply.ts';
import { type ManagementClient, managementClient } from '../../operator/apply/rabbitmq/client.ts';
import { baseTopology, inboxQueue, mergeTopologies, outboxQueue } from '../../operator/apply/rabbitmq/topology.ts';
import type { Topology } from '../../operator/translate/translation.ts';
import type { Broker } from '../../runtime/broker/broker.ts';
import { retryStep } from '../../runtime/names.ts';
import { type TestVhost, testVhost } from '../support/broker.ts';
import { message, open, topologyOf, until } from './helpers.ts';

let place: TestVhost;
let client: ManagementClient;
let broker: Broker;
let desired: Topology;
let report: TopologyReport;
const DOCUMENT = { source: 'documents', routingKey: 'order.v1.partner.*', destinationType: 'queue' as const };

const wanted = (...more: Topology[]): Topology =>
  mergeTopologies(baseTopology({ brokerVersion: place.version, polled: ['mailbox'] }), ...more);
const apply = async (topology: Topology, options: Partial<ApplyOptions> = {}): Promise<TopologyReport> => {
  report = await applyTopology(client, place.vhost, topology, { owner: 'this', previous: report, ...options });
  return report;
};
const names = async () => (await client.queues(place.vhost)).map(({ name }) => name);

beforeAll(async () => {
  place = await testVhost();
  client = managementClient({ uri: place.managementUri });
  desired = wanted(topologyOf(inboxQueue('receipt'), outboxQueue('receipt', 'erp')), {
    exchanges: [],
    queues: [],
    bindings: [{ ...DOCUMENT, destination: 'receipt:inbox' }],
  });
  await apply(desired);
  broker = await open(place.uri);
});
afterAll(async () => {
  await broker?.close();
  await client?.close();
  await place?.remove();
});

test('a vhost gets everything, and a second run writes nothing', async () => {
  expect(await names()).toEqual(expect.arrayContaining(desired.queues.map(({ name }) => name)));
  expect(report).toMatchObject({ conflicts: [], draining: [], retained: [], foreignPolicies: [], generations: {} });
  expect(report.created).toContain('queue receipt:out:erp');
  const { writes } = client.calls;
  expect((await apply(desired)).writes).toBe(0);
  expect(client.calls.writes).toBe(writes);
});

test('what is deleted by hand comes back', async () => {
  await client.deleteQueue(place.vhost, 'receipt:inbox');
  const bindings = await client.bindings(place.vhost);
  await client.deleteBinding(place.vhost, bindings.find(({ source }) => source === retryStep('5s'))!);
  await client.deleteExchange(place.vhost, 'home');
  await apply(desired);
  expect(report.created).toEqual(
    expect.arrayContaining(['exchange home', 'queue receipt:inbox', 'binding retry:5s → retry:5s ()']),
  );
  await broker.publish(message(DOCUMENT.routingKey.replace('*', 'acme'), 'routed', { exchange: 'documents' }));
  expect((await apply(desired)).writes).toBe(0);
});

test('another owner’s vhost is left alone', async () => {
  const other = await applyTopology(client, place.vhost, wanted(), { owner: 'that' });
  expect(other).toMatchObject({ otherOwner: 'this', writes: 0 });
  expect(await names()).toContain('receipt:inbox');
});

test('a vhost shared with others: their queues, exchanges and bindings stay', async () => {
  await client.putQueue(place.vhost, { name: 'theirs', durable: true, arguments: {} });
  await client.putBinding(place.vhost, {
    source: 'documents',
    destination: 'theirs',
    destination_type: 'queue',
    routing_key: '#',
  });
  expect(await apply(desired)).toMatchObject({ writes: 0, retained: [] });
});

test('an immutable change makes a new generation; the old one drains and goes, and no message is lost', async () => {
  const logical = 'receipt:out:erp';
  const count = 300;
  const seen = new Set<string>();
  const publishAll = async (from: number) => {
    for (let index = from; index < from + count; index++)
      await broker.publish(message(logical, `m${index}`, { exchange: 'work' }));
  };
  await publishAll(0);
  const changed: Topology = {
    ...desired,
    queues: desired.queues.map((queue) =>
      queue.name === logical ? { ...queue, arguments: { ...queue.arguments, 'x-delivery-limit': 77 } } : queue,
    ),
  };
  const publishing = publishAll(count);
  await apply(changed);
  expect(report.conflicts).toEqual([
    expect.objectContaining({ name: logical, field: 'x-delivery-limit', desired: 77, resolution: 'NewGeneration' }),
  ]);
  expect(report.generations).toEqual({ [logical]: 2 });
  await publishing;
  await publishAll(2 * count);

  // The old generation is not deleted while it holds something.
  await until('the old queue counted as not empty', async () => {
    await apply(changed, { settleMs: 0 });
    return (report.draining[0]?.counts?.ready ?? 0) >= count;
  });
  expect(report.draining[0]).toMatchObject({ queue: logical, logical });
  expect(report.draining[0]?.emptySince).toBeUndefined();

  const consumers = await Promise.all(
    [logical, `${logical}#2`].map((queue) =>
      broker.consume({
        queue,
        prefetch: 100,
        onDelivery(delivery) {
          seen.add(delivery.body.toString());
          delivery.ack();
        },
      }),
    ),
  );
  await until('all messages consumed', () => seen.size === 3 * count);
  for (const consumer of consumers) await consumer.stop();
  // Once the translator knows, the topology names the new generation itself: nothing changes by that.
  const named: Topology = {
    ...changed,
    queues: changed.queues.map((queue) => (queue.name === logical ? { ...queue, name: `${logical}#2` } : queue)),
  };
  await until('the old queue deleted', async () => {
    await apply(named, { settleMs: 500 });
    return !(await names()).includes(logical);
  });
  expect(await names()).toContain(`${logical}#2`);
  expect(await apply(changed)).toMatchObject({ writes: 0, conflicts: [], draining: [], generations: { [logical]: 2 } });
  desired = changed;
});

test('an immutable difference of a queue that is read by its name is reported, not mended', async () => {
  const changed = {
    ...desired,
    queues: desired.queues.map((queue) =>
      queue.name === 'journal' ? { ...queue, arguments: { ...queue.arguments, 'x-max-length-bytes': 5e6 } } : queue,
    ),
  };
  expect(await apply(changed)).toMatchObject({
    writes: 0,
    conflicts: [{ name: 'journal', field: 'x-max-length-bytes', actual: 1_073_741_824, resolution: 'Manual' }],
  });
});

test('an unwanted queue is retained with its messages, and deleted only when told', async () => {
  await broker.publish(message('receipt:inbox', 'precious', { exchange: 'work' }));
  const without = wanted();
  await apply(without);
  expect(report.removed.sort()).toEqual([
    'binding documents → receipt:inbox (order.v1.partner.*)',
    'binding work → receipt:inbox (receipt:inbox)',
    'binding work → receipt:out:erp#2 (receipt:out:erp)',
  ]);
  await expect(broker.publish(message('receipt:inbox', 'late', { exchange: 'work' }))).rejects.toThrow(/No queue/);
  // What was on the retry ladder still finds its queue.
  await broker.publish(message('receipt:inbox', 'retried', { exchange: retryStep('1s') }));
  await until('the message is home', async () => {
    await apply(without, { unwanted: 'DeleteEmpty', settleMs: 0 });
    return report.retained.some(({ queue, counts }) => queue === 'receipt:inbox' && counts!.ready >= 2);
  });
  await until('the empty one is deleted', async () => {
    await apply(without, { unwanted: 'DeleteEmpty', settleMs: 200 });
    return !(await names()).includes('receipt:out:erp#2');
  });
  expect(await names()).toContain('receipt:inbox');
  await apply(without, { unwanted: 'Delete' });
  expect(report.removed).toContain('queue receipt:inbox');
  desired = without;
});

test('a policy of somebody else that takes messages away is noticed', async () => {
  const policy = { pattern: '^dead', definition: { 'max-length': 10 }, priority: 99, 'apply-to': 'queues' };
  await place.management.call('PUT', `/policies/${place.vhost}/tidy-up`, policy);
  await place.management.call('PUT', `/policies/${place.vhost}/harmless`, {
    ...policy,
    pattern: '.*',
    definition: { 'queue-master-locator': 'min-masters' },
  });
  expect((await apply(desired)).foreignPolicies).toEqual([]);
  await place.management.call('DELETE', `/policies/${place.vhost}/harmless`);
  expect((await apply(desired)).foreignPolicies).toEqual([
    { policy: 'tidy-up', kind: 'policy', queue: 'dead-letters', keys: ['max-length'] },
  ]);
  await place.management.call('DELETE', `/policies/${place.vhost}/tidy-up`);
  const all = { pattern: '.*', definition: { expires: 60_000 }, priority: 0, 'apply-to': 'queues' };
  await place.management.call('PUT', `/operator-policies/${place.vhost}/cap`, all);
  expect((await apply(desired)).foreignPolicies).toContainEqual({
    policy: 'cap',
    kind: 'operatorPolicy',
    queue: 'parked',
    keys: ['expires'],
  });
  await place.management.call('DELETE', `/operator-policies/${place.vhost}/cap`);
});
