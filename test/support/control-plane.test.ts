import { expect, it } from 'vitest';
import { ownControlPlane, sharedControlPlane } from './control-plane.ts';

const CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'pallets.parts.crossdock.test' },
  spec: {
    group: 'parts.crossdock.test',
    names: { kind: 'Pallet', plural: 'pallets', singular: 'pallet' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: { height: { type: 'integer' } },
                'x-kubernetes-validations': [{ rule: 'self.height <= 260', message: 'no taller than a truck' }],
              },
            },
          },
        },
      },
    ],
  },
};

const pallet = (height: number) =>
  JSON.stringify({ apiVersion: 'parts.crossdock.test/v1', kind: 'Pallet', metadata: { name: 'p' }, spec: { height } });

it('is ready, takes a CRD and judges by its CEL rules', async () => {
  const plane = await sharedControlPlane();
  expect((await plane.request('GET', '/readyz')).status).toBe(200);
  const applied = await plane.kubectl(['apply', '--server-side', '-f', '-'], { input: JSON.stringify(CRD) });
  expect(applied).toMatchObject({ code: 0, stderr: '' });
  const established = await plane.kubectl([
    'wait',
    '--for=condition=Established',
    `crd/${CRD.metadata.name}`,
    '--timeout=20s',
  ]);
  expect(established.code).toBe(0);

  await using namespace = await plane.testNamespace();
  const apply = (height: number) =>
    plane.kubectl(['apply', '-n', namespace.name, '-f', '-'], { input: pallet(height) });
  expect(await apply(200)).toMatchObject({ code: 0 });
  const refused = await apply(300);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('no taller than a truck');
  await plane.kubectl(['delete', 'crd', CRD.metadata.name, '--wait=false']);
});

it('gives a service account its own rights and no others', async () => {
  const plane = await sharedControlPlane();
  await using namespace = await plane.testNamespace();
  const token = await plane.makeServiceAccountToken(namespace.name, 'runtime');
  const kubeconfig = plane.kubeconfigFor(token, namespace.name);
  const list = () => plane.kubectl(['get', 'configmaps', '-o', 'name'], { kubeconfig });
  expect((await list()).stderr).toContain('forbidden');
  const granted = await plane.kubectl([
    ...['create', 'rolebinding', 'runtime', '-n', namespace.name, '--clusterrole=view'],
    `--serviceaccount=${namespace.name}:runtime`,
  ]);
  expect(granted.code).toBe(0);
  await expect.poll(async () => (await list()).code, { timeout: 10_000 }).toBe(0);
  const elsewhere = await plane.kubectl(['get', 'configmaps', '-n', 'kube-system'], { kubeconfig });
  expect(elsewhere.stderr).toContain('forbidden');
});

it('keeps its objects when its API server is killed, and removes what is owned and a deleted namespace', async () => {
  await using plane = await ownControlPlane({ controllers: true });
  const namespace = await plane.testNamespace();
  const maps = `/api/v1/namespaces/${namespace.name}/configmaps`;
  const owner = await plane.request<{ metadata: { uid: string } }>('POST', maps, {
    body: { metadata: { name: 'owner' } },
  });
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.body.metadata.uid }];
  await plane.request('POST', maps, { body: { metadata: { name: 'owned', ownerReferences } } });

  await plane.killApiServer();
  await expect(plane.request('GET', '/readyz')).rejects.toThrow();
  await plane.restartApiServer();
  const status = async (path: string) => (await plane.request('GET', path)).status;
  expect(await status(`${maps}/owned`)).toBe(200);

  await plane.request('DELETE', `${maps}/owner`);
  await expect.poll(() => status(`${maps}/owned`), { timeout: 30_000 }).toBe(404);
  await namespace.remove();
  await expect.poll(() => status(`/api/v1/namespaces/${namespace.name}`), { timeout: 30_000 }).toBe(404);
}, 90_000);
