/** `crossdock why` and `crossdock support-bundle` against a real API server, as a person calls them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runAnyway } from '../../standalone/process.ts';
import { installManifests } from '../operator/stage.ts';
import { type ControlPlane, sharedControlPlane } from '../support/control-plane.ts';

const PLUGIN = join(import.meta.dirname, '../../cli/kubectl-crossdock');
const CANARY = 'canary-5ecret/value+1';
const apiVersion = 'crossdock.dev/v1alpha1';
let plane: ControlPlane;
let namespace: string;
let folder: string;
const crossdock = (...args: string[]) =>
  runAnyway(PLUGIN, [...args, '--kubeconfig', plane.kubeconfig, '-n', namespace], { timeoutMs: 60_000 });
const condition = (type: string, status: string, reason: string, message: string) => ({
  ...{ type, status, reason, message },
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

beforeAll(async () => {
  plane = await sharedControlPlane();
  await installManifests(plane);
  namespace = (await plane.testNamespace()).name;
  folder = mkdtempSync(join(tmpdir(), 'crossdock-bundle-test-'));
  const apply = async (object: object) => {
    const { code, stderr } = await plane.kubectl(['-n', namespace, 'apply', '-f', '-'], {
      input: JSON.stringify(object),
    });
    if (code !== 0) throw new Error(stderr);
  };
  const from = { documentTypeRef: { name: 'order-v1' } };
  await apply({ apiVersion, kind: 'Mapping', metadata: { name: 'to-erp' }, spec: { from, to: from, expression: '{' } });
  await apply({
    ...{ apiVersion, kind: 'Integration', metadata: { name: 'order' } },
    spec: {
      source: { events: { documentTypeRefs: [{ name: 'order-v1' }] } },
      destinations: [{ name: 'erp', mappingRef: { name: 'to-erp' }, system: { connectorRef: { name: 'erp' } } }],
    },
  });
  await apply({
    apiVersion,
    kind: 'Connector',
    metadata: { name: 'erp' },
    spec: { http: { url: 'https://erp.example.com' } },
  });
  const status = async (plural: string, name: string, conditions: object[]) => {
    const path = `/apis/crossdock.dev/v1alpha1/namespaces/${namespace}/${plural}/${name}/status`;
    const answer = await plane.request('PATCH', path, {
      body: { status: { conditions } },
      contentType: 'application/merge-patch+json',
    });
    expect(answer.status).toBe(200);
  };
  await status('mappings', 'to-erp', [
    condition('Accepted', 'False', 'InvalidExpression', `spec.expression: ${CANARY}`),
  ]);
  await status('connectors', 'erp', [condition('Accepted', 'True', 'Accepted', '')]);
  await status('integrations', 'order', [condition('ResolvedRefs', 'False', 'RefInvalid', 'Mapping to-erp')]);
  await apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'erp' }, stringData: { apiKey: CANARY } });
  const text = `amqp://who:pass-in-url@broker/vhost ${encodeURIComponent(CANARY)} ${Buffer.from(CANARY).toString('base64')}`;
  await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'notes' }, data: { text } });
  const labels = { app: 'x' };
  const container = { name: 'x', image: 'x', env: [{ name: 'TOKEN', value: 'plain-env-token' }] };
  await apply({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' } },
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('why leads to the Mapping that is broken, and to one that is not there', async () => {
  const { code, stdout } = await crossdock('why', 'intg/order');
  expect(stdout).toContain('Integration/order\n  ResolvedRefs: RefInvalid');
  expect(stdout).toContain('Mapping/to-erp\n      Accepted: InvalidExpression');
  expect(stdout).toContain('DocumentType/order-v1 does not exist');
  expect(stdout).toMatch(/Mend Mapping\/to-erp, DocumentType\/order-v1/);
  expect(code).toBe(1);
  expect(await crossdock('why', 'integration/nobody')).toMatchObject({ code: 2 });
  const { stderr } = await crossdock('why', 'nothing/at-all');
  expect(stderr).toContain('KIND/NAME is expected');
});

it('a support bundle holds what there is, and no value of a Secret in any shape', async () => {
  const file = join(folder, 'bundle.tar.gz');
  const { code, stderr } = await crossdock('support-bundle', '-o', file);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const text = gunzipSync(readFileSync(file)).toString();
  for (const there of ['resources/Integration.yaml', 'why.txt', 'apiKey', 'RefInvalid', 'TOKEN', 'amqp://'])
    expect(text).toContain(there);
  for (const value of [
    CANARY,
    encodeURIComponent(CANARY),
    Buffer.from(CANARY).toString('base64'),
    'pass-in-url',
    'plain-env-token',
  ])
    expect(text).not.toContain(value);
});
