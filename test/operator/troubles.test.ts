/**
 * What goes wrong around the operator: brokers that are away, others' vhosts, crashes between effect and status, stale caches. All at
 * once, for it is mostly waiting.
 */
import { randomInt } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import type { Integration } from '../../crds/generated/types.ts';
import { FINALIZER } from '../../operator/reconcile/retire.ts';
import { BROKER_SECRET, PART_LABEL, PLAN_CONFIG_MAP } from '../../runtime/published.ts';
import { proxyTo } from '../rabbitmq/proxy.ts';
import { managementOf, ownBroker } from '../support/broker.ts';
import { faultProxy } from './fault-proxy.ts';
import { until } from './poll.ts';
import { type Stage, stage } from './stage.ts';

const v1 = 'crossdock.dev/v1alpha1';
const connector = (name: string) => ({
  apiVersion: v1,
  kind: 'Connector',
  metadata: { name },
  spec: { http: { url: 'https://erp.example.com' } },
});
const documentType = {
  apiVersion: v1,
  kind: 'DocumentType',
  metadata: { name: 'order-v1' },
  spec: { name: 'order', version: 1, json: { schema: { type: 'object' } } },
};
const integration = (name: string, spec: object = {}) => ({
  apiVersion: v1,
  kind: 'Integration',
  metadata: { name },
  spec: {
    source: { http: { path: `/${name}` }, documentTypeRef: { name: 'order-v1' } },
    destinations: [
      { name: 'erp', system: { connectorRef: { name: 'erp' }, http: { method: 'POST', path: '/orders' } } },
    ],
    ...spec,
  },
});
const brokerOf = (spec: object = {}) => ({
  apiVersion: v1,
  kind: 'Broker',
  metadata: { name: 'default' },
  spec: { connection: { secretRef: { name: 'rabbitmq' } }, ...spec },
});
const secretOf = ({ broker: { uri, managementUri } }: Stage) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'rabbitmq' },
  stringData: { uri, managementUri },
});
const simple = (at: Stage) => [secretOf(at), brokerOf(), documentType, connector('erp'), integration('orders')];
const programmed = (at: Stage, deadlineMs?: number) =>
  at.condition('Integration', 'orders', 'Programmed', { status: 'True' }, deadlineMs);
const gone = (at: Stage, name: string, deadlineMs?: number) =>
  until(`${name} is gone`, async () => !(await at.get('Integration', name)), deadlineMs);

test.concurrent('a broker that is away delays only its own namespaces, and nothing that is deleted waits for it for ever (17)', async () => {
  await using broker = await ownBroker();
  await using here = await stage(broker);
  await using there = await stage();
  const operate = (patienceMs: number) =>
    here.operate({
      namespaces: [here.namespace, there.namespace],
      workers: 1,
      timing: { driftMs: 2_000, patienceMs },
    });
  const impatient = operate(8_000);
  await here.apply(...simple(here), integration('other'), integration('late'));
  for (const name of ['orders', 'other', 'late'])
    await here.condition('Integration', name, 'Programmed', { status: 'True' });
  await broker.kill();
  const away = await here.condition('Integration', 'orders', 'Programmed', {
    status: 'False',
    reason: 'BrokerUnavailable',
  });
  expect(away.message).toContain('management API');
  await here.condition('Broker', 'default', 'Ready', { status: 'False', reason: 'BrokerUnavailable' });
  await here.condition('Integration', 'orders', 'Reconciling', { status: 'True' });
  expect(await here.object('configmaps', PLAN_CONFIG_MAP)).toBeDefined();

  const began = performance.now();
  await there.apply(...simple(there));
  await programmed(there);
  expect(performance.now() - began).toBeLessThan(7_500);

  await here.remove('Integration', 'other');
  expect((await here.get<Integration>('Integration', 'other'))!.metadata.finalizers).toEqual([FINALIZER]);
  await gone(here, 'other', 40_000);
  const events = await until('an event', async () => {
    const { stdout } = await here.plane.kubectl(['-n', here.namespace, 'get', 'events']);
    return /TopologyRetained.*integration\/other.*could not be asked/.exec(stdout)?.[0];
  });
  expect(events).toContain('its queues');

  // While there is patience left, the broker is waited for, and then everything is cleaned up.
  await impatient.stop();
  operate(120_000);
  await here.remove('Integration', 'late');
  await broker.restart();
  await gone(here, 'late', 100_000);
  await programmed(here, 100_000);
  const queues = await managementOf(broker.managementUri).call<{ name: string }[]>('GET', `/queues/${here.vhost}`);
  expect(
    queues
      .map(({ name }) => name)
      .filter((name) => /^(late|other|orders):/.test(name))
      .sort(),
  ).toEqual(['orders:inbox', 'orders:out:erp', 'other:inbox', 'other:out:erp']);
}, 200_000);

test.concurrent('Broker, Secret and Integrations deleted at once leave nothing that hangs (17)', async () => {
  await using at = await stage();
  at.operate({ timing: { driftMs: 2_000 } });
  await at.apply(...simple(at));
  await programmed(at);
  await at.plane.kubectl([
    '-n',
    at.namespace,
    'delete',
    'secret/rabbitmq',
    'broker.crossdock.dev/default',
    'integration.crossdock.dev/orders',
    '--wait=false',
  ]);
  await gone(at, 'orders', 30_000);
  await until('the Broker is gone', async () => !(await at.get('Broker', 'default')), 30_000);
}, 60_000);

test.concurrent('a Broker with deletionPolicy Delete takes what is empty with it, and keeps what is not', async () => {
  await using at = await stage();
  at.operate({ timing: { driftMs: 2_000 } });
  await at.apply(...simple(at), brokerOf({ deletionPolicy: 'Delete' }));
  await programmed(at);
  const { management } = at.broker;
  await management.call('POST', `/exchanges/${at.vhost}/work/publish`, {
    properties: { delivery_mode: 2 },
    routing_key: 'orders:inbox',
    payload: '{}',
    payload_encoding: 'string',
  });
  await until(
    'the broker counts it',
    async () => (await management.call<{ messages: number }>('GET', `/queues/${at.vhost}/orders:inbox`)).messages === 1,
  );
  await at.remove('Broker', 'default');
  await until('the Broker is gone', async () => !(await at.get('Broker', 'default')), 30_000);
  const left = (await management.call<{ name: string }[]>('GET', `/queues/${at.vhost}`)).map(({ name }) => name);
  expect(left).toContain('orders:inbox');
  expect(left).not.toContain('orders:out:erp');
  await at.condition('Integration', 'orders', 'Programmed', { status: 'False', reason: 'BrokerNotFound' });
}, 60_000);

test.concurrent('a Broker that is shared serves only whom it admits, each in a vhost of its own', async () => {
  await using infra = await stage();
  await using tenant = await stage();
  infra.operate({ namespaces: [infra.namespace, tenant.namespace], timing: { driftMs: 2_000 } });
  await infra.apply(
    secretOf(infra),
    brokerOf({ allowedNamespaces: { from: 'Selector', selector: { matchLabels: { team: tenant.namespace } } } }),
  );
  await infra.condition('Broker', 'default', 'Ready', { status: 'True' });
  await tenant.apply(documentType, connector('erp'), integration('orders'));
  await tenant.condition('Integration', 'orders', 'Programmed', { status: 'False', reason: 'BrokerNotFound' });
  await tenant.plane.kubectl(['label', 'namespace', tenant.namespace, `team=${tenant.namespace}`]);
  await programmed(tenant);
  const vhosts = (await infra.broker.management.call<{ name: string }[]>('GET', '/vhosts')).map(({ name }) => name);
  expect(vhosts).toContain(tenant.vhost);
  expect(vhosts).not.toContain(infra.vhost);
  // The tenant sees its own narrow credentials and not the admin's.
  const { data } = (await tenant.object('secrets', 'crossdock-broker'))!;
  expect(Buffer.from(data!.uri!, 'base64').toString()).not.toContain(new URL(infra.broker.uri).password);
  expect(await tenant.object('secrets', 'rabbitmq')).toBeUndefined();
}, 60_000);

test.concurrent('a vhost that another cluster owns is not touched', async () => {
  await using at = await stage();
  const { management } = at.broker;
  await management.call('PUT', `/vhosts/${at.vhost}`, {});
  const admin = decodeURIComponent(new URL(at.broker.uri).username);
  await management.call('PUT', `/permissions/${at.vhost}/${admin}`, { configure: '.*', write: '.*', read: '.*' });
  await management.call('PUT', `/exchanges/${at.vhost}/crossdock-owner:another-cluster`, {
    type: 'fanout',
    durable: true,
  });
  at.operate({ timing: { driftMs: 2_000 } });
  await at.apply(...simple(at));
  const conflict = await at.condition('Integration', 'orders', 'Programmed', { status: 'False', reason: 'Conflicted' });
  expect(conflict.message).toContain('another-cluster');
  expect(await management.call('GET', `/queues/${at.vhost}`)).toEqual([]);
  await expect(management.call('GET', `/users/${at.vhost}`)).rejects.toThrow('404');
}, 60_000);

const through = (url: string, token: string) => () => {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'proxy', server: url, skipTLSVerify: true }, { name: 'user', token });
  return config;
};

test.concurrent('a crash between an effect and its status loses neither, and no status goes before its effect (14)', async () => {
  await using at = await stage();
  await using proxy = await faultProxy(at.plane);
  const load = through(proxy.url, at.plane.adminToken);
  // First the plan cannot be written: then nothing may say that it is.
  proxy.fault = ({ method, path }) =>
    method === 'PATCH' && path.endsWith(`configmaps/${PLAN_CONFIG_MAP}`) ? { answer: 500 } : undefined;
  const first = at.operate({ load, timing: { driftMs: 1_000 } });
  await at.apply(...simple(at));
  await until('the plan was tried', () => proxy.seen.filter(({ path }) => path.endsWith(PLAN_CONFIG_MAP)).length >= 2);
  const early = await at.get<Integration>('Integration', 'orders');
  expect(early!.status!.conditions!.map(({ type, status }) => `${type} ${status}`)).toEqual([
    'Ready Unknown',
    'Reconciling True',
  ]);
  // Then the statuses cannot: the effect is there, the status is that of before.
  proxy.fault = ({ method, path }) => (method === 'PATCH' && path.endsWith('/status') ? 'reset' : undefined);
  await until('the plan', () => at.object('configmaps', PLAN_CONFIG_MAP));
  await first.stop();
  proxy.fault = () => undefined;
  at.operate({ load, timing: { driftMs: 1_000 } });
  await programmed(at);
});

test.concurrent('a cache that stands still makes no duplicates and breaks nothing (12)', async () => {
  await using at = await stage();
  await using proxy = await faultProxy(at.plane);
  const load = through(proxy.url, at.plane.adminToken);
  const deaf = new Set(['configmaps', 'secrets']);
  proxy.fault = ({ watch, path }) => (watch && deaf.has(path.split('/').at(-1)!) ? 'black-hole' : undefined);
  at.operate({ load, timing: { driftMs: 500 } });
  await at.apply(...simple(at));
  await programmed(at);
  const facts = async () => {
    const { stdout } = await at.plane.kubectl([
      '-n',
      at.namespace,
      'get',
      'configmaps',
      '-l',
      PART_LABEL,
      '-o',
      'name',
    ]);
    const secret = await at.object('secrets', 'crossdock-broker');
    return `${stdout} ${secret!.metadata.resourceVersion} ${secret!.data!.password}`;
  };
  const before = await facts();
  const looks = proxy.seen.length;
  await until('some looks', () => proxy.seen.length > looks + 5);
  expect(await facts()).toBe(before);
});

test.concurrent('what was deleted while no operator ran is cleaned up by the next (11)', async () => {
  await using at = await stage();
  const first = at.operate({ timing: { driftMs: 2_000 } });
  await at.apply(...simple(at), integration('other'));
  await programmed(at);
  await at.condition('Integration', 'other', 'Programmed', { status: 'True' });
  await first.stop();
  await at.remove('Integration', 'other');
  expect((await at.get<Integration>('Integration', 'other'))!.metadata.deletionTimestamp).toBeDefined();
  at.operate({ timing: { driftMs: 2_000 } });
  await gone(at, 'other', 30_000);
  const queues = await at.broker.management.call<{ name: string }[]>('GET', `/queues/${at.vhost}`);
  expect(queues.filter(({ name }) => name.startsWith('other:'))).toEqual([]);
}, 60_000);

test.concurrent('a RabbitmqCluster is reached by the Secret of its default user', async () => {
  await using at = await stage();
  // The cluster operator's Secret names one host for both ports, and management is on its default one.
  const host = `127.15.${randomInt(1, 250)}.${randomInt(1, 250)}`;
  await using _management = await proxyTo(at.broker.managementUri, { host, port: 15_672 });
  await using _amqp = await proxyTo(at.broker.uri, { host, port: 5_672 });
  at.operate();
  const [, ...rest] = simple(at);
  const connection = { rabbitmqClusterRef: { name: 'rabbit' } };
  await at.apply(...rest, brokerOf({ connection }));
  const lacking = await at.condition('Broker', 'default', 'Programmed', { status: 'False' });
  expect(lacking.message).toContain('rabbit-default-user');
  const { username, password } = new URL(at.broker.uri);
  const stringData = { username, password, host, port: '5672' };
  await at.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'rabbit-default-user' }, stringData });
  await programmed(at);
  const tenant = await at.object<{ data: Record<string, string> }>('secrets', BROKER_SECRET);
  expect(new URL(Buffer.from(tenant!.data.uri!, 'base64').toString()).host).toBe(`${host}:5672`);
});

test.concurrent('a profile of another namespace brings the types and mappings that it names, where those are shared too', async () => {
  await using here = await stage();
  await using there = await stage();
  here.operate({ namespaces: [here.namespace, there.namespace] });
  const shared = { allowedNamespaces: { from: 'All' } };
  const mapping = {
    apiVersion: v1,
    kind: 'Mapping',
    metadata: { name: 'order-to-850' },
    spec: {
      from: { documentTypeRef: { name: 'order-v1' } },
      to: { x12: { transaction: '850' } },
      expression: '{"BEG03": "1"}',
    },
  };
  const document = {
    documentTypeRef: { name: 'order-v1' },
    x12: { transaction: '850' },
    mappingRef: { name: 'order-to-850' },
  };
  await there.apply({ ...documentType, spec: { ...documentType.spec, ...shared } }, mapping, {
    apiVersion: v1,
    kind: 'PartnerProfile',
    metadata: { name: 'x12' },
    spec: { ...shared, documents: [document] },
  });
  await here.apply(
    secretOf(here),
    brokerOf(),
    {
      apiVersion: v1,
      kind: 'Organization',
      metadata: { name: 'us' },
      spec: { identifiers: [{ scheme: 'X12', qualifier: 'ZZ', value: 'US' }] },
    },
    {
      apiVersion: v1,
      kind: 'Connector',
      metadata: { name: 'mailbox' },
      spec: { directory: { inbound: '/in', outbound: '/out' } },
    },
    {
      apiVersion: v1,
      kind: 'Partner',
      metadata: { name: 'acme' },
      spec: {
        profileRef: { name: 'x12', namespace: there.namespace },
        identifiers: [{ scheme: 'X12', qualifier: 'ZZ', value: 'ACME' }],
        channel: { connectorRef: { name: 'mailbox' } },
      },
    },
  );
  const refused = await here.condition('Partner', 'acme', 'ResolvedRefs', { status: 'False' });
  expect(refused.message).toContain('order-to-850');
  await there.apply({ ...mapping, spec: { ...mapping.spec, ...shared } });
  await here.condition('Partner', 'acme', 'Programmed', { status: 'True' });
});
