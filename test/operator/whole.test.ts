/**
 * The whole way: example resources → topology, plan, conditions, as a person with kubectl sees it. The operator runs under the
 * account and the rights of operator/manifests. The runtime is a stand-in that reports what is published.
 */
import amqp from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Integration, Mapping } from '../../crds/generated/types.ts';
import type { Operator } from '../../operator/operator.ts';
import { BROKER_SECRET, PART_LABEL, PLAN_CONFIG_MAP } from '../../runtime/published.ts';
import { type Look, look } from './look.ts';
import { until } from './poll.ts';
import { type Stage, type StandIn, stage } from './stage.ts';

let at: Stage;
let runtime: StandIn;
let operator: Operator;
let { kubectl, index, queues, bindings, tenantUri, ready, patch } = {} as Look;
const KINDS = [
  'brokers',
  'organizations',
  'partnerprofiles',
  'partners',
  'connectors',
  'documenttypes',
  'referencetables',
  'mappings',
  'integrations',
];

beforeAll(async () => {
  at = await stage();
  ({ kubectl, index, queues, bindings, tenantUri, ready, patch } = look(at));
  runtime = await at.runtime();
  operator = at.operate({
    runtimes: [{ namespace: at.namespace, url: runtime.url }],
    timing: { driftMs: 2_000, graceMs: 3_000, lastingMs: 1_500 },
  });
  await at.applyExample();
});
afterAll(() => at[Symbol.asyncDispose]());

test('every resource of the example becomes Ready, and kubectl wait sees it', async () => {
  const waited = await kubectl(
    'wait',
    '--for=condition=Ready',
    '--timeout=40s',
    '--all',
    KINDS.map((kind) => `${kind}.crossdock.dev`).join(','),
  );
  expect(waited).toContain('integration.crossdock.dev/receipt condition met');
});

test('kubectl get shows what it is', async () => {
  const columns = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/).slice(0, -1));
  expect(columns(await kubectl('get', 'integrations', 'receipt', 'ship-notice'))).toEqual([
    ['NAME', 'READY', 'REASON', 'STATE', 'SOURCE', 'DESTINATIONS'],
    ['receipt', 'True', 'Ready', 'Running', 'http /receipts', 'erp'],
    ['ship-notice', 'True', 'Ready', 'Running', 'partners ship-notice-v1', 'wms'],
  ]);
  expect(columns(await kubectl('get', 'brokers'))[1]).toEqual([
    'default',
    'True',
    'Ready',
    expect.stringMatching(/^\d+\.\d+/),
    at.vhost,
  ]);
  expect(columns(await kubectl('get', 'partners', 'acme-supplies'))[1]).toEqual([
    'acme-supplies',
    'True',
    'Ready',
    'Production',
    'x12-4010-mailbox',
    'acme-mailbox',
  ]);
  expect(columns(await kubectl('get', 'mappings', 'receipt-from-wms'))[1]).toEqual([
    'receipt-from-wms',
    'True',
    'Ready',
    'True',
  ]);
});

test('the topology stands in a vhost of the namespace, reached by a user with narrow rights', async () => {
  expect(await queues()).toEqual(
    expect.arrayContaining([
      'intake',
      'dead-letters',
      'parked',
      'lost',
      'journal',
      'payloads',
      'retry:1s',
      'receipt:inbox',
      'receipt:out:erp',
    ]),
  );
  expect(await bindings('ship-notice:inbox')).toEqual([
    'documents ship-notice.v1.partner.*',
    'home ship-notice:inbox',
    'work ship-notice:inbox',
  ]);
  const uri = await tenantUri();
  const connection = await amqp.connect(uri);
  const channel = await connection.createConfirmChannel();
  expect((await channel.checkQueue('receipt:inbox')).messageCount).toBe(0);
  channel.on('error', () => {});
  await expect(channel.assertQueue('a-queue-of-my-own')).rejects.toThrow(/ACCESS.REFUSED/);
  await connection.close();
  const { tags } = await at.broker.management.call<{ tags: string[] | string }>('GET', `/users/${at.vhost}`);
  expect([tags].flat().filter(Boolean)).toEqual([]);
});

test('no secret value is in a plan, status, event or log (53)', async () => {
  const password = new URL(await tenantUri()).password;
  const written = [
    await kubectl('get', 'configmaps,events', '-o', 'yaml'),
    await kubectl('get', 'crossdock', '-o', 'yaml'),
    ...at.logged,
  ].join('\n');
  expect(written).toContain('receipt-from-wms');
  for (const secret of [password, 'demo-key-that', new URL(at.broker.uri).password])
    expect(written.includes(secret)).toBe(false);
});

test('at rest nothing is written, neither to the API server nor to the broker', async () => {
  const writes = async (): Promise<string[]> => {
    const { values } = await operator.metrics.apiCalls.get();
    const api = values.filter(
      ({ labels }) => !/^(get|list|watch)$/.test(String(labels.verb)) && labels.resource !== 'leases',
    );
    const broker = (await operator.metrics.brokerWrites.get()).values;
    return [...api, ...broker].map(({ labels, value }) => `${Object.values(labels)} ${value}`);
  };
  const looks = async () =>
    (await operator.metrics.reconciles.get()).values.find(({ labels }) => labels.result === 'success')!.value;
  // Events about what just happened may still be on their way.
  await until('it rests', async () => {
    const before = await writes();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return String(before) === String(await writes());
  });
  const [before, looked] = [await writes(), await looks()];
  await until('three more looks', async () => (await looks()) >= looked + 3);
  expect(await writes()).toEqual(before);
});

test('a queue that is deleted by hand comes back with its bindings, an exchange too (18)', async () => {
  await at.broker.management.call('DELETE', `/queues/${at.vhost}/${encodeURIComponent('receipt:inbox')}`);
  await at.broker.management.call('DELETE', `/exchanges/${at.vhost}/home`);
  await until('the queue is back', async () => (await queues()).includes('receipt:inbox'), 30_000);
  await until('with all bindings', async () => (await bindings('receipt:inbox')).length === 3, 30_000);
  expect(await bindings('receipt:inbox')).toContain('documents receipt.v1.system.receipt');
  expect(await bindings('ship-notice:inbox')).toContain('home ship-notice:inbox');
}, 60_000);

test('plan parts that are deleted by hand come back', async () => {
  const parts = (await kubectl('get', 'configmaps', '-l', `${PART_LABEL}=integration`, '-o', 'name'))
    .trim()
    .split('\n');
  await kubectl('delete', ...parts);
  await kubectl('delete', 'configmap', PLAN_CONFIG_MAP);
  await until(
    'all are back',
    async () =>
      (await kubectl('get', 'configmaps', '-l', `${PART_LABEL}=integration`, '-o', 'name')).trim().split('\n')
        .length === parts.length,
  );
  await until('the index too', () => at.object('configmaps', PLAN_CONFIG_MAP));
});

test('a broken Mapping concerns those that name it, whose last good plan stays in force', async () => {
  const before = await index();
  const good = (await at.get<Mapping>('Mapping', 'receipt-from-wms'))!.spec.expression;
  await patch('mapping', 'receipt-from-wms', { expression: '{ "not": (closed' });
  const accepted = await at.condition('Mapping', 'receipt-from-wms', 'Accepted', {
    status: 'False',
    reason: 'InvalidExpression',
  });
  expect(accepted.message).toContain('spec.expression');
  const failed = await at.condition('Integration', 'receipt', 'Ready', { status: 'False' });
  expect(failed.message).toMatch(/receipt-from-wms.*generation 1 stays in force/s);
  await at.condition('Integration', 'receipt', 'Degraded', { status: 'True', reason: 'LastGoodPlan' });
  await at.condition('Integration', 'receipt', 'Programmed', { status: 'False', reason: 'NotAccepted' });
  for (const name of ['ship-notice', 'invoice', 'goods-receipt-posted']) await ready('Integration', name);
  expect(await index()).toEqual(before);
  expect(await queues()).toContain('receipt:inbox');
  await patch('mapping', 'receipt-from-wms', { expression: good });
  await ready('Integration', 'receipt');
  await at.condition('Integration', 'receipt', 'Degraded', { status: 'False' });
});

test('a broken Integration keeps queues, bindings and plan, also with an operator that was started since', async () => {
  const before = (await index()).integrations['ship-notice'];
  const { spec } = (await at.get<Integration>('Integration', 'ship-notice'))!;
  await patch('integration', 'ship-notice', { source: { partners: { documentTypeRefs: [{ name: 'nowhere-v1' }] } } });
  await at.condition('Integration', 'ship-notice', 'ResolvedRefs', { status: 'False', reason: 'RefNotFound' });
  const degraded = await at.condition('Integration', 'ship-notice', 'Degraded', {
    status: 'True',
    reason: 'LastGoodPlan',
  });
  expect(degraded.message).toContain('generation 1');
  await operator.stop();
  operator = at.operate({
    runtimes: [{ namespace: at.namespace, url: runtime.url }],
    timing: { driftMs: 2_000, graceMs: 3_000 },
  });
  await until('the new one leads', () => operator.leading);
  await at.broker.management.call('DELETE', `/queues/${at.vhost}/${encodeURIComponent('ship-notice:inbox')}`);
  await until('it mends even the broken one', async () => (await queues()).includes('ship-notice:inbox'), 30_000);
  await until('as it was', async () => (await bindings('ship-notice:inbox')).length === 3);
  expect(await bindings('ship-notice:inbox')).toContain('documents ship-notice.v1.partner.*');
  expect((await index()).integrations['ship-notice']).toEqual(before);
  expect((await at.get<Integration & { status: { plan: object } }>('Integration', 'ship-notice'))!.status.plan).toEqual(
    before,
  );
  await patch('integration', 'ship-notice', spec);
  await ready('Integration', 'ship-notice');
  expect((await index()).integrations['ship-notice']?.generation).toBe(3);
});

test('a root that was never good has no plan, and its queues do not exist', async () => {
  const source = { events: { documentTypeRefs: [{ name: 'nowhere-v1' }] } };
  const destinations = [
    { name: 'wms', system: { connectorRef: { name: 'wms' }, http: { method: 'POST', path: '/x' } } },
  ];
  await at.apply({
    apiVersion: 'crossdock.dev/v1alpha1',
    kind: 'Integration',
    metadata: { name: 'stillborn' },
    spec: { source, destinations },
  });
  await at.condition('Integration', 'stillborn', 'Ready', { status: 'False', reason: 'RefNotFound' });
  await at.condition('Integration', 'stillborn', 'Stalled', { status: 'True' });
  expect((await index()).integrations.stillborn).toBeUndefined();
  expect(await queues()).not.toContain('stillborn:inbox');
  await at.remove('Integration', 'stillborn');
  await until('it goes', async () => !(await at.get('Integration', 'stillborn')));
});

test('what the runtime reports is what the status says', async () => {
  runtime.report = (root, state) =>
    root === 'Integration/invoice' ? { ...state, state: 'Failed', message: 'port 8080 is taken' } : state;
  const failing = await at.condition('Integration', 'invoice', 'Running', { status: 'False', reason: 'SourceFailing' });
  expect(failing.message).toContain('port 8080 is taken');
  await at.condition('Integration', 'invoice', 'Ready', { status: 'False', reason: 'SourceFailing' });
  await ready('Integration', 'receipt');

  runtime.report = (root, state) =>
    root === 'Integration/invoice' ? { ...state, health: 'Degraded', message: 'erp answers 503' } : state;
  await at.condition('Integration', 'invoice', 'Degraded', { status: 'True', reason: 'ConnectorFailing' });
  await ready('Integration', 'invoice');

  const failedTests = [{ mapping: 'invoice-from-810', test: 'one line', message: 'expected 2, got 3' }];
  runtime.report = (root, state) =>
    root === 'Integration/invoice' || root.startsWith('Partner/acme')
      ? {
          ...state,
          hash: 'f'.repeat(32),
          generation: 0,
          rejected: { hash: state.hash, generation: state.generation, message: 'tests failed' },
          failedTests,
        }
      : state;
  const programmed = await at.condition('Integration', 'invoice', 'Programmed', {
    status: 'False',
    reason: 'MappingTestsFailed',
  });
  expect(programmed.message).toContain('invoice-from-810, test "one line": expected 2, got 3');
  await at.condition('Mapping', 'invoice-from-810', 'Tested', { status: 'False', reason: 'TestsFailed' });

  runtime.report = () => undefined;
  await at.condition('Integration', 'invoice', 'Running', { status: 'False', reason: 'PlanPending' });
  await at.condition('Integration', 'invoice', 'Reconciling', { status: 'True' });
  runtime.report = (_root, state) => state;
  await ready('Integration', 'invoice');
  expect(
    (await at.get<Integration>('Integration', 'invoice'))!.status!.conditions!.map(({ type }) => type),
  ).not.toContain('Reconciling');
});

test('a Hold shows in the state of what it holds, and goes with the Hold', async () => {
  await at.apply({
    apiVersion: 'crossdock.dev/v1alpha1',
    kind: 'Hold',
    metadata: { name: 'stop' },
    spec: { targetRef: { kind: 'Integration', name: 'invoice' }, reason: 'month end' },
  });
  const held = await at.condition('Integration', 'invoice', 'Running', { status: 'False', reason: 'Held' });
  expect(held.message).toContain('month end');
  expect((await index()).holds.map(({ name }) => name)).toEqual(['stop']);
  expect(await kubectl('get', 'integration', 'invoice')).toContain('Held');
  await at.remove('Hold', 'stop');
  await ready('Integration', 'invoice');
  const until = new Date(Date.now() + 3_000).toISOString();
  await at.apply({
    apiVersion: 'crossdock.dev/v1alpha1',
    kind: 'Hold',
    metadata: { name: 'passing' },
    spec: { targetRef: { kind: 'Integration', name: '*' }, reason: 'a moment', until },
  });
  await at.condition('Integration', 'invoice', 'Running', { status: 'False', reason: 'Held' });
  await ready('Integration', 'invoice');
});

test('a rotated Secret is in use: a new tenant password, and new credentials of the Broker (20)', async () => {
  const old = await tenantUri();
  await kubectl('delete', 'secret', BROKER_SECRET);
  await until('a new Secret', () => at.object('secrets', BROKER_SECRET));
  const uri = await tenantUri();
  expect(new URL(uri).password).not.toBe(new URL(old).password);
  await (await amqp.connect(uri)).close();
  await expect(amqp.connect(old)).rejects.toThrow(/ACCESS.REFUSED|403/);

  const before = await at.condition('Broker', 'default', 'Programmed', { status: 'True' });
  const wrong = new URL(at.broker.managementUri);
  wrong.password = 'of-yesterday';
  await at.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'rabbitmq' },
    stringData: { uri: at.broker.uri, managementUri: wrong.href },
  });
  const refused = await at.condition('Integration', 'invoice', 'Programmed', {
    status: 'False',
    reason: 'BrokerRefused',
  });
  expect(refused.message).not.toContain('of-yesterday');
  await at.condition('Broker', 'default', 'Ready', { status: 'False', reason: 'BrokerRefused' });
  await at.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'rabbitmq' },
    stringData: { uri: at.broker.uri, managementUri: at.broker.managementUri },
  });
  const after = await at.condition('Broker', 'default', 'Programmed', { status: 'True' });
  expect(after.message).toMatch(/credentials of Secret rabbitmq \(version \d+\)/);
  expect(after.message).not.toBe(before.message);
  await ready('Integration', 'invoice');
});
