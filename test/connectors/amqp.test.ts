import { describe, expect, it, onTestFinished } from 'vitest';
import { connectBroker } from '../../runtime/broker/amqp.ts';
import type { Broker, Delivery } from '../../runtime/broker/broker.ts';
import type { Received, Sink } from '../../runtime/connectors/connector.ts';
import { openSink, openSource } from '../../runtime/connectors/registry.ts';
import type { ConnectorPlan } from '../../runtime/plan.ts';
import { type FolderSecrets, folderSecrets } from '../../runtime/secrets.ts';
import { type TestVhost, testVhost } from '../support/broker.ts';
import { captured, sinkRequest, until } from './support.ts';

const secretOf = (uri: string) => [{ metadata: { name: 'rabbit' }, stringData: { uri } }];
const planOf = (
  amqp: Partial<NonNullable<ConnectorPlan['amqp']>>,
  plan: Partial<ConnectorPlan> = {},
): ConnectorPlan => ({
  part: 'connector',
  name: 'queue',
  amqp: { secretRef: { name: 'rabbit' }, ...amqp },
  timeoutMs: 10_000,
  concurrency: 4,
  ...plan,
});

/** A vhost with quorum queue `q`, and a broker of our own to look into it. */
async function desk(): Promise<{
  vhost: TestVhost;
  broker: Broker;
  secrets: FolderSecrets;
  ready: () => Promise<number>;
}> {
  const vhost = await testVhost();
  const broker = await connectBroker({ uri: vhost.uri, name: 'test', log: captured().log });
  onTestFinished(async () => {
    await broker.close();
    await vhost.remove();
  });
  await vhost.management.call('PUT', `/queues/${vhost.vhost}/q`, {
    durable: true,
    arguments: { 'x-queue-type': 'quorum' },
  });
  return {
    vhost,
    broker,
    secrets: folderSecrets(secretOf(vhost.uri)),
    async ready() {
      const [message] = await vhost.management.call<unknown[]>('POST', `/queues/${vhost.vhost}/q/get`, {
        count: 1,
        ackmode: 'ack_requeue_true',
        encoding: 'auto',
      });
      return message ? 1 : 0;
    },
  };
}
const put = (broker: Broker, body: string, more: Partial<Parameters<Broker['publish']>[0]> = {}): Promise<void> =>
  broker.publish({ exchange: '', routingKey: 'q', body: Buffer.from(body), contentType: 'application/json', ...more });

describe('sink', () => {
  const open = (
    secrets: FolderSecrets,
    amqp: Partial<NonNullable<ConnectorPlan['amqp']>>,
    plan: Partial<ConnectorPlan> = {},
  ): Sink => {
    const sink = openSink(planOf(amqp, plan), secrets);
    onTestFinished(() => sink.close());
    return sink;
  };

  it('publishes confirmed, with the key as message id, binary safe', async () => {
    const { broker, secrets } = await desk();
    const body = Buffer.from([0, 255, 1, 254]);
    const answer = await open(secrets, { queue: 'q' }).send(
      sinkRequest({ body, contentType: 'application/octet-stream', headers: { 'ce-type': 'ship-notice.v1' } }),
    );
    expect(answer).toMatchObject({ status: 200, body: { exchange: '', routingKey: 'q' } });
    const got = await new Promise<Delivery>((resolve) => {
      void broker.consume({
        queue: 'q',
        prefetch: 1,
        onDelivery(delivery) {
          delivery.ack();
          resolve(delivery);
        },
      });
    });
    expect(got.body.equals(body)).toBe(true);
    expect(got).toMatchObject({ messageId: 'key-1', contentType: 'application/octet-stream' });
    expect(got.headers).toMatchObject({ 'ce-type': 'ship-notice.v1', 'idempotency-key': 'key-1' });
  });

  it('what no queue takes is a failure that may mend, not a silent loss', async () => {
    const { secrets, ready } = await desk();
    const sink = open(secrets, { exchange: 'amq.topic', routingKey: 'x' });
    await expect(sink.send(sinkRequest({ routingKey: 'nobody' }))).rejects.toMatchObject({
      class: 'DeliveryFailed',
      code: 'amqp.unroutable',
      retryable: true,
      message: expect.stringContaining('exchange "amq.topic" with the routing key "nobody"'),
    });
    expect(await ready()).toBe(0);
  });

  it('fails within its deadline where the broker is away or forbids, without the password in any word', async () => {
    const { vhost, secrets } = await desk();
    const wrong = new URL(vhost.uri);
    wrong.password = 'canary-wrong-pw';
    for (const uri of ['amqp://user:canary-wrong-pw@127.0.0.1:1/vhost', wrong.href]) {
      const sink = open(folderSecrets(secretOf(uri)), { queue: 'q' }, { timeoutMs: 400 });
      const error = await sink.send(sinkRequest()).catch((reason) => reason);
      expect(error).toMatchObject({ class: 'DeliveryFailed', code: 'amqp.unreachable', retryable: true });
      expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain('canary-wrong-pw');
    }
    expect(await open(secrets, { queue: 'q' }).send(sinkRequest())).toMatchObject({ status: 200 });
  });

  it('a mended Secret is used at the next send', async () => {
    const { vhost } = await desk();
    const secrets = folderSecrets(secretOf('http://not-amqp'));
    const sink = open(secrets, { queue: 'q' });
    await expect(sink.send(sinkRequest())).rejects.toMatchObject({
      code: 'secret.unavailable',
      message: expect.stringContaining('Secret "rabbit": the key "uri" must be amqp://'),
    });
    secrets.replace(secretOf(vhost.uri));
    expect(await sink.send(sinkRequest())).toMatchObject({ status: 200 });
  });
});

describe('source', () => {
  async function start(secrets: FolderSecrets, accept: (received: Received) => Promise<void>) {
    const troubles: string[] = [];
    const source = await openSource(planOf({ queue: 'q' }), secrets).start(accept, (error) =>
      troubles.push(error.message),
    );
    let stopped: Promise<void> | undefined;
    const stop = (): Promise<void> => {
      stopped ??= source.stop();
      return stopped;
    };
    onTestFinished(stop);
    return { troubles, stop };
  }

  it.each([{ messageId: 'm-1' }, {}])(
    'acks after accept, not before, and a redelivery is the same document (%j)',
    async (properties) => {
      const { broker, secrets, ready } = await desk();
      const release = Promise.withResolvers<void>();
      const first: Received[] = [];
      const crashing = await start(secrets, async (received) => {
        first.push(received);
        await release.promise;
        throw new Error('the broker is away');
      });
      await put(broker, '{"a":1}', properties);
      await until(() => first.length === 1);
      expect(await ready()).toBe(0);
      const stopping = crashing.stop();
      release.resolve();
      await stopping;
      const second: Received[] = [];
      const after = await start(secrets, async (received) => void second.push(received));
      await until(() => second.length === 1);
      expect(second[0]!.identity).toEqual(first[0]!.identity);
      expect(second[0]!.identity[2]).toMatch(properties.messageId ? /^id:m-1$/ : /^sha256:/);
      expect(second[0]!.contentType).toBe('application/json');
      await after.stop();
      expect(await ready()).toBe(0);
    },
  );

  it('offers again what was not accepted, while the others go on', async () => {
    const { broker, secrets } = await desk();
    const accepted: string[] = [];
    let refused = 0;
    const { troubles } = await start(secrets, async ({ label }) => {
      if (label === 'bad' && refused++ === 0) throw new Error('no room');
      accepted.push(label);
    });
    await put(broker, '1', { messageId: 'bad' });
    for (let n = 0; n < 10; n += 1) await put(broker, String(n), { messageId: `good-${n}` });
    await until(() => accepted.length === 11);
    expect(accepted.at(-1)).toBe('bad');
    expect(troubles).toEqual(['connector "queue", queue "q": no room']);
  });

  it('without a message id: equal messages are one document, different ones are not, a redelivery keeps it', async () => {
    const { broker, secrets } = await desk();
    const identities: string[] = [];
    await start(secrets, async ({ identity }) => void identities.push(identity[2]!));
    await put(broker, 'same', { headers: { n: 1 } });
    await put(broker, 'same', { headers: { n: 1 } });
    await put(broker, 'same', { headers: { n: 2 } });
    await put(broker, 'other');
    await until(() => identities.length === 4);
    expect(new Set(identities).size).toBe(3);
    expect(identities.every((identity) => /^sha256:[0-9a-f]{64}$/.test(identity))).toBe(true);
  });

  it('waits for a queue that is missing, saying so, and goes on when it is there', async () => {
    const { vhost, broker, secrets } = await desk();
    await vhost.management.call('DELETE', `/queues/${vhost.vhost}/q`);
    const accepted: string[] = [];
    const { troubles } = await start(secrets, async ({ label }) => void accepted.push(label));
    await until(() => troubles.length > 0);
    expect(troubles[0]).toMatch(/^connector "queue", queue "q": /);
    await vhost.management.call('PUT', `/queues/${vhost.vhost}/q`, {
      durable: true,
      arguments: { 'x-queue-type': 'quorum' },
    });
    await put(broker, 'x', { messageId: 'm' });
    await until(() => accepted.length === 1, 20_000);
  });

  it('a rotated Secret is taken up without a restart', async () => {
    const { vhost, broker, secrets } = await desk();
    const wrong = new URL(vhost.uri);
    wrong.password = 'canary-wrong-pw';
    secrets.replace(secretOf(wrong.href));
    const accepted: string[] = [];
    const { troubles } = await start(secrets, async ({ label }) => void accepted.push(label));
    await put(broker, 'x', { messageId: 'm' });
    await until(() => troubles.length > 0);
    expect(troubles.join()).not.toContain('canary-wrong-pw');
    secrets.replace(secretOf(vhost.uri));
    await until(() => accepted.length === 1, 20_000);
  });
});
