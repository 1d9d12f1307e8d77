/** The real processes: operator/main.ts under its own account and runtime/main.ts under a tenant's, with nothing stood in for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../standalone/process.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { until } from './poll.ts';
import { ROOT, type Stage, stage } from './stage.ts';

interface Started {
  child: ChildProcess;
  output: string[];
  exited: Promise<number | null>;
}
let at: Stage;
let database: TestDatabase;
let operatorPort: number;
let adminPort: number;
let operator: Started;
let runtime: Started;
const children: ChildProcess[] = [];

function start(file: string, ...args: string[]): Started {
  const child = spawn(process.execPath, [join(ROOT, file), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  });
  children.push(child);
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  return { child, output, exited: new Promise((resolve) => child.once('exit', resolve)) };
}
const startOperator = () =>
  start(
    'operator/main.ts',
    ...[
      '--kubeconfig',
      at.kubeconfig,
      '--namespace',
      at.namespace,
      '--lease-namespace',
      at.home,
      '--host',
      '127.0.0.1',
    ],
    ...['--metrics-port', `${operatorPort}`, '--runtime-url', `http://127.0.0.1:${adminPort}`],
  );
const startRuntime = (kubeconfig: string) =>
  start(
    'runtime/main.ts',
    ...['--kubeconfig', kubeconfig, '--namespace', at.namespace, '--database', database.url, '--host', '127.0.0.1'],
    ...['--http-port', '0', '--admin-port', `${adminPort}`],
  );
const fetchText = async (path: string) => (await fetch(`http://127.0.0.1:${operatorPort}${path}`)).text();

let tenant: string;
beforeAll(async () => {
  [at, database, operatorPort, adminPort] = await Promise.all([stage(), testDatabase(), freePort(), freePort()]);
  const token = await at.plane.makeServiceAccountToken(at.namespace, 'runtime');
  tenant = at.plane.kubeconfigFor(token, at.namespace);
  await at.plane.kubectl([
    '-n',
    at.namespace,
    'create',
    'rolebinding',
    'runtime',
    '--clusterrole=crossdock-runtime',
    `--serviceaccount=${at.namespace}:runtime`,
  ]);
  operator = startOperator();
  runtime = startRuntime(tenant);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await at[Symbol.asyncDispose]();
  await database.remove();
});

const v1 = 'crossdock.dev/v1alpha1';
const schema = { type: 'object', required: ['number'], properties: { number: { type: 'string' } } };
const integration = (state: 'Running' | 'Paused', path = '/orders') => ({
  apiVersion: v1,
  kind: 'Integration',
  metadata: { name: 'orders' },
  spec: {
    state,
    source: { http: { path }, documentTypeRef: { name: 'order-v1' } },
    destinations: [
      { name: 'erp', system: { connectorRef: { name: 'erp' }, http: { method: 'POST', path: '/orders' } } },
    ],
  },
});

test('kubectl wait --for=condition=Ready is what the runtime itself confirms', async () => {
  const { uri, managementUri } = at.broker;
  await at.apply(
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'rabbitmq' }, stringData: { uri, managementUri } },
    {
      apiVersion: v1,
      kind: 'Broker',
      metadata: { name: 'default' },
      spec: { connection: { secretRef: { name: 'rabbitmq' } } },
    },
    {
      apiVersion: v1,
      kind: 'DocumentType',
      metadata: { name: 'order-v1' },
      spec: { name: 'order', version: 1, json: { schema } },
    },
    { apiVersion: v1, kind: 'Connector', metadata: { name: 'erp' }, spec: { http: { url: 'http://127.0.0.1:9' } } },
    integration('Running'),
  );
  const waited = await at.plane.kubectl([
    '-n',
    at.namespace,
    'wait',
    '--for=condition=Ready',
    '--timeout=40s',
    'integration.crossdock.dev/orders',
  ]);
  expect(waited.code, `${waited.stderr}\n${operator.output.join('')}\n${runtime.output.join('')}`).toBe(0);
}, 60_000);

test('a tenant reads its own namespace and no other', async () => {
  const can = async (verb: string, what: string, namespace: string) =>
    (await at.plane.kubectl(['auth', 'can-i', verb, what, '-n', namespace], { kubeconfig: tenant })).stdout.trim();
  expect(await can('get', 'secrets', at.namespace)).toBe('yes');
  expect(await can('get', 'secrets', 'kube-system')).toBe('no');
  expect(await can('create', 'configmaps', at.namespace)).toBe('no');
});

test('the operator says of itself what is true', async () => {
  expect((await fetch(`http://127.0.0.1:${operatorPort}/healthz`)).status).toBe(200);
  expect(JSON.parse(await fetchText('/readyz'))).toEqual({ ok: true, reasons: [] });
  for (const line of [
    /^crossdock_operator_leader 1$/m,
    /^crossdock_operator_reconciles_total\{result="success"\} [1-9]/m,
    /^crossdock_operator_reconcile_duration_seconds_count [1-9]/m,
    /^crossdock_operator_queue_namespaces\{state="ready"\} 0$/m,
    /^crossdock_operator_api_calls_total\{verb="apply-status",resource="integrations",code="200"\} [1-9]/m,
  ])
    await until(`a metric like ${line}`, async () => line.test(await fetchText('/metrics')));
  for (const line of operator.output.join('').trim().split('\n'))
    expect(JSON.parse(line)).toMatchObject({ logger: 'operator', level: 'info' });
});

test('a change reaches the runtime and comes back as status; the data plane goes on without an operator', async () => {
  await at.apply(integration('Paused'));
  await at.condition('Integration', 'orders', 'Running', { status: 'False', reason: 'Paused' });
  operator.child.kill('SIGKILL');
  await operator.exited;
  await at.apply(integration('Running', '/elsewhere'));
  expect((await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status).toBe(200);
  operator = startOperator();
  // The lease of the killed one must run out first.
  await at.condition('Integration', 'orders', 'Ready', { status: 'True' }, 40_000);
}, 60_000);

test('a runtime that dies is noticed, and one that comes again too', async () => {
  runtime.child.kill('SIGKILL');
  await runtime.exited;
  await at.condition('Integration', 'orders', 'Running', { status: 'Unknown', reason: 'RuntimeUnreachable' });
  runtime = startRuntime(tenant);
  await at.condition('Integration', 'orders', 'Ready', { status: 'True' }, 30_000);
}, 60_000);

test('SIGTERM ends it in order, and the lease is free', async () => {
  operator.child.kill('SIGTERM');
  expect(await operator.exited).toBe(0);
  const { body } = await at.plane.request<{ spec: { holderIdentity: string } }>(
    'GET',
    `/apis/coordination.k8s.io/v1/namespaces/${at.home}/leases/crossdock-operator`,
  );
  expect(body.spec.holderIdentity).toBe('');
  expect(operator.output.join('')).not.toMatch(/"level":"error"/);
});
