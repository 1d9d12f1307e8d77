import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RuntimePool } from '../../crds/generated/types.ts';
import { KubeClient } from '../../operator/kube/client.ts';
import { Pools, readTemplate } from '../../operator/reconcile/pools.ts';
import { type ControlPlane, sharedControlPlane } from '../support/control-plane.ts';

let plane: ControlPlane;
let client: KubeClient;
let folder: string;
let namespace: string;
const calls: string[] = [];
beforeEach(async () => {
  plane = await sharedControlPlane();
  namespace = (await plane.testNamespace()).name;
  folder = mkdtempSync(join(tmpdir(), 'crossdock-pools-test-'));
  const load = () => {
    const config = new KubeConfig();
    config.loadFromFile(plane.kubeconfig);
    return config;
  };
  client = new KubeClient({ load, onCall: (verb, plural) => calls.push(`${verb} ${plural}`) });
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await client.close();
  await plane.request('DELETE', `/api/v1/namespaces/${namespace}`);
});

const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: {name: pool-http}\nspec: {ports: [{port: 80}]}\n';
const account = (name: string) =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: pool, annotations: {example.com/a: ${name}}}\n`;

function pools(template: string, more: { owner?: string } = {}): Pools {
  writeFileSync(join(folder, 'template.yaml'), template);
  return new Pools(client, { template: join(folder, 'template.yaml'), ...more });
}
const get = async (plural: string, name: string) =>
  plane.request<{ metadata: { uid: string; ownerReferences?: { uid: string }[] } }>(
    'GET',
    `/api/v1/namespaces/${namespace}/${plural}/${name}`,
  );

it('makes what the template says, writes again only what another template changes, and takes it away', async () => {
  const template = `${account('one')}---\n${SERVICE}`;
  expect(await pools(template).ensure(namespace)).toBe(2);
  // Another process with the same template, as after an upgrade of the operator.
  expect(await pools(template).ensure(namespace)).toBe(0);
  expect(await pools(`${account('two')}---\n${SERVICE}`).ensure(namespace)).toBe(1);
  await plane.request('DELETE', `/api/v1/namespaces/${namespace}/services/pool-http`);
  expect(await pools(`${account('two')}---\n${SERVICE}`).ensure(namespace)).toBe(1);

  const foreign = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'theirs' }, spec: { ports: [{ port: 81 }] } };
  await plane.request('POST', `/api/v1/namespaces/${namespace}/services`, { body: foreign });
  await pools(`${account('two')}---\n${SERVICE}---\n${SERVICE.replace('pool-http', 'theirs')}`).remove(namespace);
  expect((await get('services', 'pool-http')).status).toBe(404);
  expect((await get('serviceaccounts', 'pool')).status).toBe(404);
  expect((await get('services', 'theirs')).status).toBe(200);
});

it('asks nothing again while there is nothing new', async () => {
  const one = pools(SERVICE);
  await one.ensure(namespace);
  const before = calls.length;
  expect(await one.ensure(namespace)).toBe(0);
  expect(calls.length).toBe(before);
});

it('belongs to the owner, also to one that was made anew', async () => {
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
  const make = () =>
    plane.request<{ metadata: { uid: string } }>('POST', path, { body: { metadata: { name: namespace } } });
  const uids = async () => (await get('services', 'pool-http')).body.metadata.ownerReferences?.map(({ uid }) => uid);
  const first = await make();
  await pools(SERVICE, { owner: namespace }).ensure(namespace);
  expect(await uids()).toEqual([first.body.metadata.uid]);
  await plane.request('DELETE', `${path}/${namespace}`);
  const second = await make();
  expect(await pools(SERVICE, { owner: namespace }).ensure(namespace)).toBe(1);
  expect(await uids()).toEqual([second.body.metadata.uid]);
  await plane.request('DELETE', `${path}/${namespace}`);
});

it('refuses a template with what it may not write', () => {
  expect(() => readTemplate('apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n')).toThrow('v1 Secret, which is none');
  expect(() => readTemplate('a: [')).toThrow('no YAML');
});

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: crossdock-runtime}
spec:
  replicas: 3
  selector: {matchLabels: {app.kubernetes.io/name: crossdock, app.kubernetes.io/component: runtime}}
  template:
    metadata: {labels: {app.kubernetes.io/name: crossdock, app.kubernetes.io/component: runtime}}
    spec: {containers: [{name: runtime, image: x, args: [runtime], resources: {limits: {memory: 1Gi}}}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: crossdock-runtime}
spec: {maxUnavailable: 1, selector: {matchLabels: {app.kubernetes.io/component: runtime}}}
`;
interface Deployment {
  metadata: { managedFields: { manager: string; fieldsV1: object }[] };
  spec: {
    replicas: number;
    selector: { matchLabels: Record<string, string> };
    template: { spec: { containers: { args: string[]; resources: object }[] } };
  };
}
const named = (name: string, spec: RuntimePool['spec'], integrations = ['a']) => ({
  pool: {
    apiVersion: 'crossdock.dev/v1alpha1',
    kind: 'RuntimePool',
    metadata: { name, namespace },
    spec,
  } as RuntimePool,
  integrations,
});
const deployment = async (name: string) =>
  (await plane.request<Deployment>('GET', `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`)).body;

it('makes a RuntimePool of the default one, chosen by none of its selectors, and takes it away when it is gone', async () => {
  const all = pools(DEPLOYMENT);
  await all.ensure(namespace, [named('heavy', { replicas: 4, resources: { limits: { memory: '2Gi' } } })]);
  const made = await deployment('crossdock-runtime-heavy');
  expect(made.spec.replicas).toBe(4);
  expect(made.spec.template.spec.containers[0]).toMatchObject({
    args: ['runtime', '--pool', 'heavy'],
    resources: { limits: { memory: '2Gi' } },
  });
  expect(made.spec.selector.matchLabels['app.kubernetes.io/component']).toBe('runtime-pool');
  const budgets = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/crossdock-runtime-heavy`;
  expect((await plane.request('GET', budgets)).status).toBe(200);
  // Another process, which never knew of it, as after an upgrade.
  expect(await pools(DEPLOYMENT).ensure(namespace, [])).toBeGreaterThan(0);
  await expect.poll(async () => (await plane.request('GET', budgets)).status).toBe(404);
});

it('hands the number of replicas over to an autoscaler without a moment of one, and says when KEDA is missing', async () => {
  const all = pools(DEPLOYMENT);
  await all.ensure(namespace, [named('heavy', { replicas: 5 })]);
  await all.ensure(namespace, [named('heavy', { autoscaling: { maxReplicas: 9 } })]);
  expect((await deployment('crossdock-runtime-heavy')).spec.replicas).toBe(5);
  // As an autoscaler does it.
  const scale = `/apis/apps/v1/namespaces/${namespace}/deployments/crossdock-runtime-heavy/scale`;
  await plane.request('PATCH', scale, { body: { spec: { replicas: 7 } }, contentType: 'application/merge-patch+json' });
  const other = { autoscaling: { maxReplicas: 9 }, maxUnavailable: 2 };
  await all.ensure(namespace, [named('heavy', { ...other, resources: { limits: { memory: '3Gi' } } })]);
  expect((await deployment('crossdock-runtime-heavy')).spec.replicas).toBe(7);
  await all.ensure(namespace, [
    named('heavy', { autoscaling: { maxReplicas: 9, queueDepth: { messagesPerPod: 100 } } }),
  ]);
  expect(all.problemsOf(namespace).get('heavy')).toContain('needs KEDA');
  await all.ensure(namespace, [named('heavy', { replicas: 2 })]);
  expect((await deployment('crossdock-runtime-heavy')).spec.replicas).toBe(2);
  expect(all.problemsOf(namespace).size).toBe(0);
});

it('hands over the number of the default pool when the template ceases to tell one', async () => {
  await pools(DEPLOYMENT).ensure(namespace);
  expect((await deployment('crossdock-runtime')).spec.replicas).toBe(3);
  await pools(DEPLOYMENT.replace('  replicas: 3\n', '')).ensure(namespace);
  expect((await deployment('crossdock-runtime')).spec.replicas).toBe(3);
});
