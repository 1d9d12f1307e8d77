/** The client against a real API server, with faults in between (pitfalls 8, 9, 10, 12, 15). */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KubeClient } from '../../operator/kube/client.ts';
import { isKube, type KubeError } from '../../operator/kube/errors.ts';
import { CONFIG_MAPS, type ConfigMap } from '../../operator/kube/types.ts';
import { type ControlPlane, sharedControlPlane, type TestNamespace } from '../support/control-plane.ts';
import { type FaultProxy, faultProxy } from './fault-proxy.ts';
import { until } from './poll.ts';

let plane: ControlPlane;
let namespace: TestNamespace;
let proxy: FaultProxy;
beforeAll(async () => {
  plane = await sharedControlPlane();
  namespace = await plane.testNamespace();
  proxy = await faultProxy(plane);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await namespace.remove();
});

const failure = async (promise: Promise<unknown>): Promise<KubeError> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isKube(error)) throw new Error(`not a KubeError: ${error}`);
  return error;
};
const map = (name: string, data: Record<string, string> = {}) => ({
  metadata: { name, namespace: namespace.name },
  data,
});

describe('server-side apply', () => {
  test('goes out as an apply patch of our one field manager, with force', async () => {
    const client = proxy.client();
    proxy.seen.length = 0;
    await client.apply(CONFIG_MAPS, map('contract', { a: '1' }));
    const [seen] = proxy.seen;
    expect(seen?.method).toBe('PATCH');
    expect(seen?.contentType).toBe('application/apply-patch+yaml');
    expect(Object.fromEntries(seen!.query)).toEqual({ fieldManager: 'crossdock', force: 'true' });
  });

  test('removes what we applied before, leaves what others own, takes over by force', async () => {
    const client = proxy.client();
    await client.apply(CONFIG_MAPS, map('fields', { ours: '1', taken: '1' }));
    const kubectl = await plane.kubectl(
      ['-n', namespace.name, 'apply', '--server-side', '--force-conflicts', '--field-manager=other', '-f', '-'],
      { input: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', ...map('fields', { theirs: '1', taken: '2' }) }) },
    );
    expect(kubectl.code, kubectl.stderr).toBe(0);
    const after = await client.apply<ConfigMap>(CONFIG_MAPS, map('fields', { taken: '3' }));
    expect(after.data).toEqual({ theirs: '1', taken: '3' });
  });

  test('with a UID does not bring back what was deleted', async () => {
    const client = proxy.client();
    const { metadata } = await client.create<ConfigMap>(CONFIG_MAPS, map('gone'));
    await client.delete(CONFIG_MAPS, namespace.name, 'gone', { uid: metadata.uid! });
    const again = map('gone');
    const error = await failure(
      client.apply(CONFIG_MAPS, { ...again, metadata: { ...again.metadata, uid: metadata.uid! } }),
    );
    expect(error.reason).toBe('Conflict');
    expect((await failure(client.get(CONFIG_MAPS, namespace.name, 'gone'))).reason).toBe('NotFound');
  });
});

describe('errors are typed', () => {
  test('not found, already there, failed preconditions, forbidden, invalid', async () => {
    const client = proxy.client();
    await client.create(CONFIG_MAPS, map('one'));
    expect((await failure(client.get(CONFIG_MAPS, namespace.name, 'none'))).reason).toBe('NotFound');
    expect((await failure(client.create(CONFIG_MAPS, map('one')))).reason).toBe('AlreadyExists');
    const uid = '00000000-0000-0000-0000-000000000000';
    expect((await failure(client.delete(CONFIG_MAPS, namespace.name, 'one', { uid }))).reason).toBe('Conflict');
    expect((await failure(client.delete(CONFIG_MAPS, namespace.name, 'one', { resourceVersion: '1' }))).reason).toBe(
      'Conflict',
    );
    expect((await failure(client.create(CONFIG_MAPS, map('Not A Name')))).reason).toBe('Invalid');
    const token = await plane.makeServiceAccountToken(namespace.name, 'nobody');
    const nobody = new KubeClient({ load: () => loadFile(plane.kubeconfigFor(token)) });
    expect((await failure(nobody.get(CONFIG_MAPS, namespace.name, 'one'))).reason).toBe('Forbidden');
    await nobody.close();
  });

  test('429 carries Retry-After; 5xx and resets are Unavailable', async () => {
    const client = proxy.client();
    proxy.fault = () => ({ answer: 429, headers: { 'retry-after': '3' } });
    expect(await failure(client.get(CONFIG_MAPS, namespace.name, 'x'))).toMatchObject({
      reason: 'TooManyRequests',
      retryAfterMs: 3_000,
    });
    proxy.fault = () => ({ answer: 503, body: 'no' });
    expect((await failure(client.get(CONFIG_MAPS, namespace.name, 'x'))).reason).toBe('Unavailable');
    proxy.fault = () => 'reset';
    expect((await failure(client.get(CONFIG_MAPS, namespace.name, 'x'))).reason).toBe('Unavailable');
    proxy.fault = () => undefined;
  });
});

test('every call has a deadline, whether the server hangs before or after its head', async () => {
  const client = proxy.client({ deadlineMs: 300 });
  for (const fault of ['hang', 'black-hole'] as const) {
    proxy.fault = () => fault;
    const began = performance.now();
    expect((await failure(client.get(CONFIG_MAPS, namespace.name, 'kube-root-ca.crt'))).message).toContain('deadline');
    expect(performance.now() - began).toBeLessThan(2_000);
  }
  proxy.fault = () => undefined;
});

test('a list comes in pages; a token that expired midway starts it over', async () => {
  const client = proxy.client();
  for (let i = 0; i < 3; i++) await client.apply(CONFIG_MAPS, map(`page-${i}`));
  let expired = false;
  // The proxy cannot rewrite the page size, so the first answer is given a token that the second call presents.
  proxy.fault = ({ query }) => {
    if (query.get('continue')) {
      expired = true;
      return { answer: 410, body: { kind: 'Status', reason: 'Expired' } };
    }
    if (expired) return undefined;
    return {
      answer: 200,
      body: { metadata: { resourceVersion: '1', continue: 'stale' }, items: [map('of-a-stale-page')] },
    };
  };
  const { items } = await client.list<ConfigMap>(CONFIG_MAPS, { namespace: namespace.name });
  proxy.fault = () => undefined;
  const names = items.map(({ metadata }) => metadata.name);
  expect(expired).toBe(true);
  expect(names).not.toContain('of-a-stale-page');
  expect(names).toEqual(expect.arrayContaining(['page-0', 'page-1', 'page-2']));
});

test('a rotated token is read anew after a 401, once', async () => {
  const file = join(plane.folder, `token-${namespace.name}`);
  await plane.kubectl([
    'create',
    'rolebinding',
    'view',
    '--clusterrole=view',
    `--serviceaccount=${namespace.name}:rotating`,
    '-n',
    namespace.name,
  ]);
  const good = await plane.makeServiceAccountToken(namespace.name, 'rotating');
  writeFileSync(file, 'of-yesterday');
  const load = () => {
    const config = new KubeConfig();
    const authProvider = { name: 'tokenFile', config: { tokenFile: file } };
    config.loadFromClusterAndUser(
      { name: 'c', server: plane.url, caFile: plane.caFile, skipTLSVerify: false },
      { name: 'u', authProvider },
    );
    return config;
  };
  let loads = 0;
  const counted = () => {
    loads += 1;
    return load();
  };
  const client = new KubeClient({ load: counted });
  expect((await failure(client.get(CONFIG_MAPS, namespace.name, 'one'))).reason).toBe('Unauthorized');
  expect(loads).toBe(2);
  writeFileSync(file, good);
  expect((await client.get(CONFIG_MAPS, namespace.name, 'one')).metadata.name).toBe('one');
  expect(loads).toBe(3);
  await client.close();
});

test('a thousand calls and reconnects leave no descriptors behind', async () => {
  const client = proxy.client();
  const descriptors = () => readdirSync('/proc/self/fd').length;
  await client.get(CONFIG_MAPS, namespace.name, 'one');
  const before = descriptors();
  for (let i = 0; i < 40; i++) {
    await Promise.all(Array.from({ length: 25 }, () => client.get(CONFIG_MAPS, namespace.name, 'one').catch(() => {})));
    if (i % 4 === 0) proxy.resetAll();
  }
  await client.get(CONFIG_MAPS, namespace.name, 'one');
  // The proxy is in this process, so each connection counts twice or thrice; 25 were open at once.
  await until('descriptors are back', () => descriptors() - before < 120);
  await until('connections are back', () => proxy.connections().open < 40);
});

const loadFile = (path: string): KubeConfig => {
  const config = new KubeConfig();
  config.loadFromFile(path);
  return config;
};
