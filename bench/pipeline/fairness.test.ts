/** In a runtime, a document of one integration does not wait for all that another has. The broker is in memory, so that the order is certain. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { Broker, ConsumerOptions, Delivery, OutgoingMessage } from '../../runtime/broker/broker.ts';
import { inbox, outbox } from '../../runtime/names.ts';
import { Pool } from '../../runtime/pipeline/pool.ts';
import type { Plan } from '../../runtime/plan.ts';
import { folderSecrets } from '../../runtime/secrets.ts';
import type { Store } from '../../runtime/store/store.ts';
import { createLog } from '../../runtime/telemetry/log.ts';
import { createMetrics } from '../../runtime/telemetry/metrics.ts';
import { canonicalMessage, LINES, schema } from './documents.ts';
import { planOfResources } from './stage.ts';

const integration = (name: string) => ({
  kind: 'Integration',
  metadata: { name },
  spec: {
    source: { http: { path: `/${name}` }, documentTypeRef: { name: 'order-v1' } },
    destinations: [{ name: 'erp', system: { connectorRef: { name: 'erp' }, http: { path: '/orders' } } }],
  },
});
const resources = [
  { kind: 'Connector', metadata: { name: 'erp' }, spec: { http: { url: 'http://erp.example.com' } } },
  { kind: 'DocumentType', metadata: { name: 'order-v1' }, spec: { name: 'order', version: 1, json: { schema } } },
  integration('busy'),
  integration('quiet'),
].map((each) => ({ apiVersion: 'crossdock.dev/v1alpha1', ...each }));

const BACKLOG = 500;

test.each([
  { how: 'begun as they come', claimed: false },
  { how: 'that go on together, when PostgreSQL has answered', claimed: true },
])('a document of a quiet integration is not behind the backlog of a busy one: $how', async ({ claimed }) => {
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-fairness-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { plan } = await planOfResources(folder, '3.10.8', resources);
  const consumers = new Map<string, ConsumerOptions>();
  const shipped: string[] = [];
  const all = Promise.withResolvers<void>();
  const broker: Broker = {
    healthy: true,
    blocked: false,
    trouble: undefined,
    unconfirmed: 0,
    async publish({ routingKey }: OutgoingMessage) {
      shipped.push(routingKey);
      if (shipped.length > BACKLOG) all.resolve();
    },
    async consume(options) {
      consumers.set(options.queue, options);
      return { queue: options.queue, inFlight: 0, stop: async () => {} };
    },
    onHealth: () => () => {},
    close: async () => {},
  };
  const { promise: claims, resolve: answer } = Promise.withResolvers<{ verdict: 'New' }>();
  const nowhere = { write: async () => {} };
  const pool = new Pool({
    namespace: 'bench',
    pod: 'one',
    broker,
    journal: nowhere as never,
    archive: nowhere as never,
    store: { claim: () => claims } as unknown as Store,
    secrets: folderSecrets(),
    log: createLog('test'),
    metrics: createMetrics(),
    onEndpoints() {},
  });
  await pool.apply(JSON.parse(readFileSync(plan, 'utf8')) as Plan);
  const deliver = (name: string, n: number) => {
    const { body, contentType, messageId, headers: given } = canonicalMessage(n, LINES['2 KB'], true);
    const { 'crossdock-revision': revision, ...others } = given!;
    const headers = claimed ? { ...others, 'crossdock-revision': revision! } : others;
    const delivery: Delivery = {
      ...{ queue: inbox(name), body, contentType, messageId, headers, routingKey: inbox(name), exchange: '' },
      ...{ redelivered: false, deliveryCount: 0, offset: undefined, revoked: new AbortController().signal },
      ack() {},
      requeue: () => all.reject(new Error('put back')),
      reject: () => all.reject(new Error('rejected')),
    };
    void consumers.get(inbox(name))!.onDelivery(delivery);
  };
  for (let n = 0; n < BACKLOG; n++) deliver('busy', n);
  deliver('quiet', BACKLOG);
  for (let turns = 0; claimed && turns < 100; turns++) await setImmediate();
  answer({ verdict: 'New' });
  await all.promise;
  expect(shipped.filter((key) => key === outbox('busy', 'erp'))).toHaveLength(BACKLOG);
  expect(shipped.indexOf(outbox('quiet', 'erp'))).toBeLessThan(BACKLOG / 2);
});
