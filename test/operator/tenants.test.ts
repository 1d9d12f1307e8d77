/**
 * Two tenants, one of them hostile: whoever may do everything with the resources of its own namespace, and has all credentials that its own
 * runtime has, reaches nothing of the other, and is told so.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import amqp from 'amqplib';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HOSTS_ANNOTATION, USE_LABEL } from '../../crds/secret-use.ts';
import { BROKER_SECRET, DATABASE_SECRET, PLAN_CONFIG_MAP, RUNTIME_TOKEN_SECRET } from '../../runtime/published.ts';
import { schemaOf, trackerSchemaOf } from '../../runtime/store/schemas.ts';
import { startAdmin } from '../../runtime/telemetry/admin.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { until } from './poll.ts';
import { type Stage, stage } from './stage.ts';

const apiVersion = 'crossdock.dev/v1alpha1';
const documentType = {
  apiVersion,
  kind: 'DocumentType',
  metadata: { name: 'order-v1' },
  spec: { name: 'order', version: 1, json: { schema: { type: 'object' } } },
};
const connector = (name: string, http: object, more: object = {}) => ({
  apiVersion,
  kind: 'Connector',
  metadata: { name },
  spec: { http, ...more },
});
const integration = (name: string, destination: string, more: object = {}) => ({
  apiVersion,
  kind: 'Integration',
  metadata: { name },
  spec: {
    source: { http: { path: `/${name}` }, documentTypeRef: { name: 'order-v1' } },
    destinations: [{ name: 'erp', system: { connectorRef: { name: destination } } }],
    ...more,
  },
});
const partner = (name: string, more: object = {}) => ({
  apiVersion,
  kind: 'Partner',
  metadata: { name },
  spec: {
    identifiers: [{ scheme: 'GLN', value: '4012345000009' }],
    credentials: [{ apiKey: { secretKeyRef: { name: 'partner', key: 'apiKey' } } }],
    ...more,
  },
});
const secret = (name: string, stringData: Record<string, string>, hosts?: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name,
    ...(hosts !== undefined && { labels: { [USE_LABEL]: 'true' }, annotations: { [HOSTS_ANNOTATION]: hosts } }),
  },
  stringData,
});

let infra: Stage;
/** The victim and the attacker. */
let a: Stage;
let b: Stage;
let database: TestDatabase;
let folder: string;
const values = async (at: Stage, name: string): Promise<Record<string, string>> => {
  const { data } = (await at.object(`secrets`, name))!;
  return Object.fromEntries(Object.entries(data!).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]));
};

beforeAll(async () => {
  [infra, a, b, database] = await Promise.all([stage(), stage(), stage(), testDatabase()]);
  folder = mkdtempSync(join(tmpdir(), 'crossdock-tenants-test-'));
  writeFileSync(join(folder, 'url'), database.url);
  infra.operate({
    namespaces: [infra.namespace, a.namespace, b.namespace],
    database: { folder, roles: 'PerNamespace' },
    timing: { driftMs: 2_000 },
  });
  const { uri, managementUri } = infra.broker;
  await infra.apply(secret('rabbitmq', { uri, managementUri }), {
    apiVersion,
    kind: 'Broker',
    metadata: { name: 'default' },
    spec: { connection: { secretRef: { name: 'rabbitmq' } }, allowedNamespaces: { from: 'All' } },
  });
  for (const tenant of [a, b])
    await tenant.apply(
      documentType,
      secret('partner', { apiKey: `key-of-${tenant.namespace}` }, '*'),
      secret('erp', { apiKey: 'x' }, 'erp.example.com'),
      connector('erp', {
        url: 'https://erp.example.com',
        auth: { apiKey: { header: 'x', secretKeyRef: { name: 'erp', key: 'apiKey' } } },
      }),
      integration('orders', 'erp'),
      partner('acme'),
    );
  for (const tenant of [a, b])
    await tenant.condition('Integration', 'orders', 'Programmed', { status: 'True' }, 60_000);
  for (const tenant of [a, b])
    await until(
      'the namespace has its credentials',
      async () => (await values(tenant, DATABASE_SECRET)).url !== undefined,
    );
}, 120_000);
afterAll(async () => {
  for (const each of [infra, a, b]) await each[Symbol.asyncDispose]();
  await database.remove();
  rmSync(folder, { recursive: true });
}, 60_000);

/** Why the Integration or whatever else is not taken. */
const refused = async (kind: 'Integration' | 'Connector' | 'Partner', name: string, type: string, reason: string) =>
  (await b.condition(kind, name, type, { status: 'False', reason })).message;

it('reaches no queue of the other by its RabbitMQ user: not by connecting, declaring, deleting, nor through its own retry exchange', async () => {
  const { uri = '' } = await values(b, BROKER_SECRET);
  const elsewhere = new URL(uri);
  elsewhere.pathname = `/${encodeURIComponent(a.vhost)}`;
  await expect(amqp.connect(elsewhere.href)).rejects.toThrow(/403|NOT.ALLOWED|ACCESS.REFUSED|ConnectionClose/i);
  const connection = await amqp.connect(uri);
  connection.on('error', () => {});
  const forbidden = async (act: (channel: amqp.Channel) => Promise<unknown>) => {
    const channel = await connection.createChannel();
    channel.on('error', () => {});
    await expect(act(channel)).rejects.toThrow(/403|ACCESS.REFUSED/i);
  };
  await forbidden((channel) => channel.assertQueue('mine'));
  await forbidden((channel) => channel.deleteQueue('orders:inbox'));
  await forbidden((channel) => channel.assertExchange('mine', 'fanout'));
  // It comes back where its sender is, as something that nobody can take.
  const channel = await connection.createConfirmChannel();
  const messages = async ({ vhost, broker }: Stage, queue: string) =>
    (await broker.management.call<{ messages?: number }>('GET', `/queues/${vhost}/${encodeURIComponent(queue)}`))
      .messages;
  channel.publish('retry:1s', `crossdock.${a.namespace}/nobody:inbox`, Buffer.from('mine'), { messageId: 'x' });
  await channel.waitForConfirms();
  await until('it is in the sender’s own lost queue', async () => (await messages(b, 'lost')) === 1, 30_000);
  expect(await messages(a, 'orders:inbox')).toBe(0);
  expect(await messages(a, 'lost')).toBe(0);
  await connection.close();
  const { username, password } = new URL(uri);
  const management = new URL(infra.broker.managementUri);
  const answer = await fetch(`${management.origin}/api/queues/${a.vhost}`, {
    headers: {
      authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`,
    },
  });
  expect(answer.status).toBe(401);
}, 60_000);

it('reads no table of the other by its PostgreSQL role, and sees none of its notifications', async () => {
  const { url } = await values(b, DATABASE_SECRET);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const victim = await values(a, DATABASE_SECRET);
  const role = decodeURIComponent(new URL(victim.url!).username);
  for (const sql of [
    `create table "${schemaOf(a.namespace)}".mine (x int)`,
    `drop schema "${trackerSchemaOf(a.namespace)}" cascade`,
    `set role "${role}"`,
    `alter role "${role}" password 'mine'`,
    'create schema mine',
    'select * from pg_authid',
  ])
    await expect(client.query(sql), sql).rejects.toThrow(/permission denied|must be owner/);
  await client.end();
});

it('asks no runtime of the other by its own token, and no API server for what is the other’s', async () => {
  const [{ token = '' }, { token: own = '' }] = [
    await values(a, RUNTIME_TOKEN_SECRET),
    await values(b, RUNTIME_TOKEN_SECRET),
  ];
  const admin = await startAdmin({
    port: 0,
    ready: () => ({ ok: true, reasons: [] }),
    metrics: { text: async () => '' },
    state: { token, get: async () => ({ secret: 'of the other' }) },
  });
  const ask = async (bearer: string) =>
    (await fetch(`http://127.0.0.1:${admin.port}/state`, { headers: { authorization: `Bearer ${bearer}` } })).status;
  expect([await ask(own), await ask(token)]).toEqual([401, 200]);
  await admin.stop();

  // As its runtime is bound, and with everything that there is of Crossdock's own in its namespace.
  const { plane } = b;
  const kubeconfig = plane.kubeconfigFor(
    await plane.makeServiceAccountToken(b.namespace, 'crossdock-runtime'),
    b.namespace,
  );
  const bind = ['-n', b.namespace, 'create'];
  const subject = `--serviceaccount=${b.namespace}:crossdock-runtime`;
  await plane.kubectl([...bind, 'rolebinding', 'runtime', '--clusterrole=crossdock-runtime', subject]);
  await plane.kubectl([...bind, 'role', 'author', '--verb=*', '--resource=*.crossdock.dev']);
  await plane.kubectl([...bind, 'rolebinding', 'author', '--role=author', subject]);
  const kubectl = (...args: string[]) => plane.kubectl(args, { kubeconfig });
  expect((await kubectl('-n', b.namespace, 'get', 'secret', BROKER_SECRET)).code).toBe(0);
  for (const what of [
    ['get', 'secret', BROKER_SECRET],
    ['get', 'configmap', PLAN_CONFIG_MAP],
    ['get', 'integrations.crossdock.dev'],
    ['delete', 'integration.crossdock.dev', 'orders'],
    ['delete', 'configmap', PLAN_CONFIG_MAP],
  ])
    expect((await kubectl('-n', a.namespace, ...what)).stderr, what.join(' ')).toContain('Forbidden');
  // Nor may it publish plans, its own included.
  const plan = await kubectl(
    '-n',
    b.namespace,
    'patch',
    'configmap',
    PLAN_CONFIG_MAP,
    '-p',
    '{"data":{"index.json":"{}"}}',
  );
  expect(plan.stderr).toContain('Forbidden');
});

it('names nothing of the other in its resources', async () => {
  await a.apply({ apiVersion, kind: 'PartnerProfile', metadata: { name: 'profile' }, spec: {} });
  const identifiers = [{ scheme: 'GLN', value: '4012345000016' }];
  await b.apply(
    partner('borrowed', {
      identifiers,
      credentials: undefined,
      profileRef: { name: 'profile', namespace: a.namespace },
    }),
  );
  await until('it is not permitted', async () => {
    const message = await refused('Partner', 'borrowed', 'ResolvedRefs', 'RefNotPermitted');
    return message.includes(a.namespace) && message.includes('allowedNamespaces');
  });
  await b.apply(integration('elsewhere', 'erp', { brokerRef: { name: 'default', namespace: a.namespace } }));
  expect(await refused('Integration', 'elsewhere', 'ResolvedRefs', 'RefNotFound')).toContain(a.namespace);
  // There is no such field at all.
  for (const object of [
    connector('theirs', {
      url: 'https://evil.example',
      auth: { apiKey: { header: 'x', secretKeyRef: { name: 'erp', key: 'apiKey', namespace: a.namespace } } },
    }),
    integration('theirs', 'erp', {
      destinations: [{ name: 'erp', system: { connectorRef: { name: 'erp', namespace: a.namespace } } }],
    }),
  ])
    await expect(b.apply(object)).rejects.toThrow(/unknown field .*namespace/);
});

it('has no Secret mailed to a host that the Secret does not name, and none that is not for use', async () => {
  const with_ = (name: string, key: string) => ({ apiKey: { header: 'x', secretKeyRef: { name, key } } });
  await b.apply(
    connector('mailed', { url: 'https://evil.example', auth: with_('erp', 'apiKey') }),
    connector('taken', { url: 'https://evil.example', auth: with_(DATABASE_SECRET, 'url') }),
  );
  expect(await refused('Connector', 'mailed', 'ResolvedRefs', 'SecretNotPermitted')).toContain('evil.example');
  expect(await refused('Connector', 'taken', 'ResolvedRefs', 'SecretNotPermitted')).toContain(USE_LABEL);
});

it('takes nobody’s place by the same identifiers, path and credentials: those are each namespace’s own', async () => {
  await b.apply(secret('partner', { apiKey: `key-of-${a.namespace}` }, '*'));
  await b.condition('Partner', 'acme', 'Conflicted', { status: 'False' });
  await a.condition('Partner', 'acme', 'Conflicted', { status: 'False' });
  await a.condition('Integration', 'orders', 'Programmed', { status: 'True' });
  const index = async (at: Stage) => (await at.object('configmaps', PLAN_CONFIG_MAP))!.data!['index.json'];
  expect(await index(b)).not.toContain(a.namespace);
  expect(await index(a)).not.toContain(b.namespace);
});

it('has no more integrations than its quota, and kubectl says so', async () => {
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'crossdock' } };
  const there = (await b.list('Integration')).length;
  await b.apply({ ...quota, spec: { hard: { 'count/integrations.crossdock.dev': `${there + 1}` } } });
  // The quota counts once its controller knows of the kind.
  await until(
    'the quota is in force',
    async () => {
      const found = await b.object<{ status?: { used?: Record<string, string> } }>('resourcequotas', 'crossdock');
      return found?.status?.used?.['count/integrations.crossdock.dev'] === `${there}`;
    },
    90_000,
  );
  await b.apply(integration('within', 'erp'));
  await expect(b.apply(integration('beyond', 'erp'))).rejects.toThrow(/exceeded quota: crossdock/);
}, 120_000);
