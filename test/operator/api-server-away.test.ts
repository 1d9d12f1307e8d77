/** The API server hangs or is gone: documents flow on, with the Secrets known last. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../standalone/process.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type FaultProxy, faultProxy } from './fault-proxy.ts';
import { until } from './poll.ts';
import { ROOT, type Stage, stage } from './stage.ts';

let at: Stage;
let database: TestDatabase;
let proxy: FaultProxy;
let runtime: ChildProcess;
let output = '';
let [http, admin] = [0, 0];
const effects: { token: string | undefined; number: string }[] = [];
const erp = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  effects.push({ token: request.headers.authorization, number: JSON.parse(body).number });
  response.writeHead(200).end();
});

beforeAll(async () => {
  [at, database, http, admin] = await Promise.all([stage(), testDatabase(), freePort(), freePort()]);
  await new Promise<void>((resolve) => erp.listen(0, '127.0.0.1', resolve));
  proxy = await faultProxy(at.plane);
  const token = await at.plane.makeServiceAccountToken(at.namespace, 'runtime');
  const binding = [
    'rolebinding',
    'runtime',
    '--clusterrole=crossdock-runtime',
    `--serviceaccount=${at.namespace}:runtime`,
  ];
  await at.plane.kubectl(['-n', at.namespace, 'create', ...binding]);
  at.operate({ runtimes: [{ namespace: at.namespace, url: `http://127.0.0.1:${admin}` }] });
  const kubeconfig = at.plane.kubeconfigFor(token, at.namespace, proxy.url);
  const ports = ['--host', '127.0.0.1', '--http-port', `${http}`, '--admin-port', `${admin}`];
  const flags = ['--kubeconfig', kubeconfig, '--namespace', at.namespace, '--database', database.url, ...ports];
  runtime = spawn(process.execPath, [join(ROOT, 'runtime/main.ts'), ...flags], { env: { PATH: process.env.PATH } });
  for (const stream of [runtime.stdout!, runtime.stderr!]) stream.on('data', (text) => (output += text));
});
afterAll(async () => {
  runtime?.kill('SIGKILL');
  await proxy?.[Symbol.asyncDispose]();
  await at?.[Symbol.asyncDispose]();
  await database?.remove();
  erp.closeAllConnections();
  erp.close();
});

const v1 = 'crossdock.dev/v1alpha1';
const ERP_TOKEN = 'first-token-of-the-erp';
const secret = (name: string, stringData: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, labels: { 'crossdock.dev/use': 'true' }, annotations: { 'crossdock.dev/hosts': '*' } },
  stringData,
});
const post = async (number: string) => {
  const started = performance.now();
  const { status } = await fetch(`http://127.0.0.1:${http}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'the-key-of-the-portal' },
    body: JSON.stringify({ number }),
  });
  return { status, ms: performance.now() - started };
};
const delivered = (number: string) =>
  until(`${number} delivered`, () => effects.some((effect) => effect.number === number));

test('documents flow on, quickly, under the plan and with the Secrets known last; a rotation counts when it is back', async () => {
  const { uri, managementUri } = at.broker;
  await at.apply(
    secret('rabbitmq', { uri, managementUri }),
    secret('portal', { key: 'the-key-of-the-portal' }),
    secret('erp', { token: ERP_TOKEN }),
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
      spec: {
        name: 'order',
        version: 1,
        json: { schema: { type: 'object', properties: { number: { type: 'string' } } } },
      },
    },
    {
      apiVersion: v1,
      kind: 'Connector',
      metadata: { name: 'erp' },
      spec: {
        http: {
          url: `http://127.0.0.1:${(erp.address() as AddressInfo).port}`,
          auth: { bearer: { secretKeyRef: { name: 'erp', key: 'token' } } },
        },
      },
    },
    {
      apiVersion: v1,
      kind: 'Integration',
      metadata: { name: 'orders' },
      spec: {
        source: {
          http: { path: '/orders', auth: { apiKey: { secretKeyRef: { name: 'portal', key: 'key' } } } },
          documentTypeRef: { name: 'order-v1' },
        },
        destinations: [{ name: 'erp', system: { connectorRef: { name: 'erp' }, http: { path: '/orders' } } }],
      },
    },
  );
  await at.condition('Integration', 'orders', 'Ready', { status: 'True' }, 40_000);
  expect(await post('PO-0')).toMatchObject({ status: 202 });
  await delivered('PO-0');

  for (const fault of ['hang', 'reset'] as const) {
    proxy.fault = () => fault;
    proxy.resetAll();
    // Past the age at which Secrets are read again.
    const calls = () => proxy.seen.filter(({ path }) => path.endsWith('/secrets/portal')).length;
    const before = calls();
    let n = 0;
    await until(`Secrets asked for in vain (${fault})`, async () => {
      const { status, ms } = await post(`PO-${fault}-${++n}`);
      expect(status).toBe(202);
      expect(ms).toBeLessThan(5_000);
      return calls() > before;
    });
    await delivered(`PO-${fault}-${n}`);
    expect((await fetch(`http://127.0.0.1:${admin}/readyz`)).status).toBe(200);
  }

  await at.apply(secret('erp', { token: 'second-token-of-the-erp' }));
  proxy.fault = () => undefined;
  let n = 0;
  await until('the new token in use', async () => {
    await post(`PO-after-${++n}`);
    return effects.some(({ token }) => token === 'Bearer second-token-of-the-erp');
  });
  expect(output).not.toContain(ERP_TOKEN);
}, 90_000);
