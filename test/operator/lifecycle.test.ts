/** Changes that concern what holds documents: new generations of queues, removal of plans, deletion. The runtime is a stand-in. */
import amqp from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PART_LABEL } from '../../runtime/published.ts';
import { type Look, look } from './look.ts';
import { until } from './poll.ts';
import { type Stage, stage } from './stage.ts';

let at: Stage;
let { kubectl, index, queues, bindings, tenantUri, ready, patch } = {} as Look;

beforeAll(async () => {
  at = await stage();
  ({ kubectl, index, queues, bindings, tenantUri, ready, patch } = look(at));
  const runtime = await at.runtime();
  at.operate({ runtimes: [{ namespace: at.namespace, url: runtime.url }], timing: { driftMs: 2_000, graceMs: 3_000 } });
  await at.applyExample();
  for (const name of ['receipt', 'invoice', 'order-response', 'goods-receipt-posted']) await ready('Integration', name);
});
afterAll(() => at[Symbol.asyncDispose]());

test('a policy of somebody else on our queues is found and named', async () => {
  const policy = `/policies/${at.vhost}/theirs`;
  await at.broker.management.call('PUT', policy, {
    pattern: '^receipt:',
    definition: { 'message-ttl': 1_000 },
    'apply-to': 'queues',
  });
  const found = await at.condition('Integration', 'receipt', 'Programmed', {
    status: 'False',
    reason: 'ForeignPolicy',
  });
  expect(found.message).toMatch(/policy theirs sets message-ttl on queue receipt:/);
  await ready('Integration', 'invoice');
  await at.broker.management.call('DELETE', policy);
  await ready('Integration', 'receipt');
});

test('an immutable change makes a new generation of the queue, which the plan then names (19)', async () => {
  const name = 'order-response:inbox';
  await at.broker.management.call('DELETE', `/queues/${at.vhost}/${encodeURIComponent(name)}`);
  await at.broker.management.call('PUT', `/queues/${at.vhost}/${encodeURIComponent(name)}`, {
    durable: true,
    arguments: { 'x-queue-type': 'quorum' },
  });
  await until('the second generation', async () => (await queues()).includes(`${name}#2`));
  const plan = async () => {
    const { hash } = (await index()).integrations['order-response']!;
    return JSON.parse((await at.object('configmaps', `crossdock-part-${hash}`))!.data!['part.json']!);
  };
  await until('the plan consumes it', async () => (await plan()).queues.inbox.at(-1) === `${name}#2`);
  await until('the empty old one is gone', async () => !(await queues()).includes(name), 40_000);
  await until('the plan knows', async () => String((await plan()).queues.inbox) === `${name}#2`);
  await ready('Integration', 'order-response');
}, 60_000);

test('parts that no index needs are removed after the grace', async () => {
  const parts = async () => (await kubectl('get', 'configmaps', '-l', PART_LABEL, '-o', 'name')).trim().split('\n');
  const { hash } = (await index()).integrations.invoice!;
  const name = `configmap/crossdock-part-${hash}`;
  expect(await parts()).toContain(name);
  await patch('integration', 'invoice', { delivery: { retry: 3 } });
  await until('another plan', async () => (await index()).integrations.invoice?.hash !== hash);
  await until('the old part is gone', async () => !(await parts()).includes(name), 15_000);
  await ready('Integration', 'invoice');
});

test('deleting an Integration removes its empty queues and keeps one with a message (16)', async () => {
  const connection = await amqp.connect(await tenantUri());
  const channel = await connection.createConfirmChannel();
  channel.publish('work', 'receipt:out:erp', Buffer.from('{}'), { persistent: true, mandatory: true });
  await channel.waitForConfirms();
  await connection.close();
  const began = performance.now();
  await kubectl('delete', 'integration', 'receipt', '--timeout=60s');
  expect(performance.now() - began).toBeLessThan(60_000);
  expect((await queues()).filter((queue) => queue.startsWith('receipt:'))).toEqual(['receipt:out:erp']);
  expect(await bindings('receipt:out:erp')).toEqual(['home receipt:out:erp']);
  expect((await index()).integrations.receipt).toBeUndefined();
  const said = await until('an event', async () =>
    /TopologyRetained.*receipt:out:erp \((1|holds) messages\)/.exec(await kubectl('get', 'events')),
  );
  expect(said).toBeTruthy();
}, 90_000);

test('with deletionPolicy Delete its queues go with what is in them', async () => {
  await patch('integration', 'goods-receipt-posted', { deletionPolicy: 'Delete' });
  await ready('Integration', 'goods-receipt-posted');
  const connection = await amqp.connect(await tenantUri());
  const channel = await connection.createConfirmChannel();
  channel.publish('work', 'goods-receipt-posted:inbox', Buffer.from('{}'), { persistent: true, mandatory: true });
  await channel.waitForConfirms();
  await connection.close();
  await kubectl('delete', 'integration', 'goods-receipt-posted', '--timeout=40s');
  expect((await queues()).filter((queue) => queue.startsWith('goods-receipt-posted:'))).toEqual([]);
}, 60_000);

test('a namespace can be deleted as a whole', async () => {
  await at.plane.kubectl(['delete', 'namespace', at.namespace, '--wait=false']);
  await until(
    'it is gone',
    async () => (await at.plane.request('GET', `/api/v1/namespaces/${at.namespace}`)).status === 404,
    60_000,
    500,
  );
}, 90_000);
