import { expect, test } from 'vitest';
import { RETRY_STEPS } from '../../../runtime/names.ts';
import {
  baseTopology,
  inboxQueue,
  isOurQueue,
  mergeTopologies,
  outboxQueue,
  parseQueueName,
  pollQueue,
  replaceable,
} from './topology.ts';

const everything = (brokerVersion: string) =>
  mergeTopologies(
    baseTopology({ brokerVersion, polled: ['mailbox'] }),
    ...[inboxQueue('receipt', { brokerVersion }), outboxQueue('receipt', 'erp', { brokerVersion })].map(
      ({ queue, bindings }) => ({ exchanges: [], queues: [queue], bindings }),
    ),
  );

test.each(['3.10.8', '4.0.5'])('no queue of documents can lose one by itself on %s', (version) => {
  const topology = everything(version);
  for (const queue of topology.queues) {
    const args = queue.arguments;
    if (['journal', 'payloads'].includes(queue.name) || queue.name.endsWith(':poll')) continue;
    expect(args['x-queue-type'], queue.name).toBe('quorum');
    expect(args['x-overflow'], queue.name).toBe('reject-publish');
    const exchange = args['x-dead-letter-exchange'];
    if (exchange !== undefined) {
      expect(args['x-dead-letter-strategy'], queue.name).toBe('at-least-once');
      expect(topology.exchanges.map(({ name }) => name)).toContain(exchange);
    } else {
      // Without a dead-letter exchange a delivery limit deletes.
      expect(args['x-delivery-limit'], queue.name).toBe(version.startsWith('4') ? -1 : undefined);
    }
  }
});

test('every dead-letter exchange leads into a queue, and every retry step goes home', () => {
  const topology = everything('3.10');
  const targets = new Set(topology.queues.map((queue) => queue.arguments['x-dead-letter-exchange']).filter(Boolean));
  expect(targets).toEqual(new Set(['dead-letters', 'home']));
  expect(topology.bindings).toContainEqual({
    source: 'dead-letters',
    destination: 'dead-letters',
    destinationType: 'queue',
    routingKey: '',
  });
  expect(topology.exchanges.find(({ name }) => name === 'home')?.arguments).toEqual({ 'alternate-exchange': 'lost' });
  for (const step of RETRY_STEPS) {
    const queue = topology.queues.find(({ name }) => name === `retry:${step.label}`);
    expect(queue?.arguments).toMatchObject({ 'x-message-ttl': step.ms, 'x-dead-letter-exchange': 'home' });
  }
});

test('work queues are bound to work and home under the logical name, whatever their generation', () => {
  const { queue, bindings } = outboxQueue('receipt', 'erp', { generation: 3 });
  expect(queue.name).toBe('receipt:out:erp#3');
  expect(bindings).toEqual(
    ['home', 'work'].map((source) => ({
      source,
      destination: 'receipt:out:erp#3',
      destinationType: 'queue',
      routingKey: 'receipt:out:erp',
    })),
  );
});

test('a poll queue has one active consumer and at most one waiting tick', () => {
  expect(pollQueue('mailbox').queue.arguments).toMatchObject({ 'x-single-active-consumer': true, 'x-max-length': 1 });
});

test('the output is sorted and does not depend on the order of the inputs', () => {
  const parts = ['b', 'a'].map((name) => ({ exchanges: [], ...split(inboxQueue(name)) }));
  expect(mergeTopologies(...parts)).toEqual(mergeTopologies(...parts.reverse()));
  expect(mergeTopologies(...parts).queues.map(({ name }) => name)).toEqual(['a:inbox', 'b:inbox']);
});
const split = ({ queue, bindings }: ReturnType<typeof inboxQueue>) => ({ queues: [queue], bindings });

test('names: generations, what is ours, what is replaceable', () => {
  expect(parseQueueName('receipt:inbox#12')).toEqual({ logical: 'receipt:inbox', generation: 12 });
  expect(parseQueueName('receipt:inbox')).toEqual({ logical: 'receipt:inbox', generation: 1 });
  expect(['receipt:inbox#2', 'a:out:b', 'm:poll', 'retry:1s', 'intake', 'journal'].map(isOurQueue)).toEqual(
    Array(6).fill(true),
  );
  expect(['orders', 'amq.gen-1', 'Receipt:inbox', 'a:b'].map(isOurQueue)).toEqual(Array(4).fill(false));
  expect(['intake', 'a:inbox', 'a:out:b', 'retry:1s'].map(replaceable)).toEqual(Array(4).fill(true));
  expect(['journal', 'dead-letters', 'parked', 'lost', 'a:poll'].map(replaceable)).toEqual(Array(5).fill(false));
});
