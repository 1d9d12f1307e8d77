import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../operator/kube/types.ts';
import { readTemplate } from '../../operator/reconcile/pools.ts';
import { installManifests } from '../operator/stage.ts';
import { sharedControlPlane } from '../support/control-plane.ts';
import { helm } from '../support/helm.ts';

const ROOT = join(import.meta.dirname, '../..');
const CHART = join(ROOT, 'charts/crossdock');
const DATABASE = ['--set', 'database.secretName=postgresql'];
const TRIAL = ['--set', 'trial.rabbitmq.enabled=true,trial.postgresql.enabled=true'];
/** Without it, what helm was built with counts. */
const KUBERNETES = ['--kube-version', '1.34.0'];
const NAMESPACE = ['--namespace', 'crossdock-system'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossdock-helm-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const documents = (text: string): KubeObject[] =>
  parseAllDocuments(text).flatMap((document) => (document.toJS() as KubeObject | null) ?? []);
async function template(...args: string[]): Promise<KubeObject[]> {
  const { code, stdout, stderr } = await helm(folder, [
    'template',
    CHART,
    '--name-template',
    'crossdock',
    ...NAMESPACE,
    ...KUBERNETES,
    ...args,
  ]);
  if (code !== 0) throw new Error(stderr);
  return documents(stdout);
}
const refusal = async (...args: string[]): Promise<string> => {
  const { code, stderr } = await helm(folder, ['template', 'crossdock', CHART, ...KUBERNETES, ...args]);
  expect(code).not.toBe(0);
  return stderr;
};
const poolOf = (objects: KubeObject[]): string =>
  (
    objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'crossdock-pool')!.data as {
      'pool.yaml': string;
    }
  )['pool.yaml'];

it('has no complaint of helm lint', async () => {
  const { code, stdout } = await helm(folder, ['lint', '--strict', CHART, ...DATABASE]);
  expect(stdout).toContain('0 chart(s) failed');
  expect(code).toBe(0);
});

it.each([
  ['an unknown value', ['--set', 'runtime.replica=3'], 'replica'],
  ['a number for a text', ['--set', 'image.tag=1'], '/image/tag'],
  ['replicas without end', ['--set', 'runtime.replicas=1000'], '/runtime/replicas'],
  ['a pull policy of no sense', ['--set', 'image.pullPolicy=Sometimes'], '/image/pullPolicy'],
  ['a digest that is none', ['--set', 'image.digest=latest'], '/image/digest'],
  ['a namespace that is none', ['--set', 'watchNamespaces={Not_One}'], '/watchNamespaces/0'],
  ['a share of traces above 1', ['--set-string', 'tracing.samplerArgument=10'], '/tracing/samplerArgument'],
  ['an interval without unit', ['--set-string', 'serviceMonitors.interval=30'], '/serviceMonitors/interval'],
])('refuses %s, and says where', async (_, args, where) => {
  const said = await refusal(...DATABASE, ...args);
  expect(said).toContain("values don't meet the specifications of the schema");
  expect(said).toContain(where);
});

it('says what to do without a PostgreSQL, and on a Kubernetes that is too old', async () => {
  expect(await refusal()).toContain('set database.secretName to a Secret');
  expect(await refusal(...DATABASE, '--kube-version', '1.28.0')).toContain('>=1.29.0-0');
});

it('brings the CustomResourceDefinitions of crds/manifests, to be kept', async () => {
  const objects = await template(...DATABASE);
  const definitions = objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
  const files = readdirSync(join(ROOT, 'crds/manifests'));
  expect(definitions).toHaveLength(files.length);
  for (const file of files) {
    const [own] = documents(readFileSync(join(ROOT, 'crds/manifests', file), 'utf8'));
    const brought = definitions.find(({ metadata }) => metadata.name === own!.metadata.name)!;
    expect(brought.spec).toEqual(own!.spec);
    expect(brought.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
  }
  const without = await template(...DATABASE, '--set', 'crds.install=false');
  expect(without.filter(({ kind }) => kind === 'CustomResourceDefinition')).toEqual([]);
});

it('gives operator and runtimes the rights that the operator is tested with', async () => {
  const rules = (objects: KubeObject[], name: string) =>
    objects.find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === name)!.rules;
  const [chart, tested] = [
    await template(...DATABASE),
    documents(readFileSync(join(ROOT, 'operator/manifests/rbac.yaml'), 'utf8')),
  ];
  expect(rules(chart, 'crossdock-runtime')).toEqual(rules(tested, 'crossdock-runtime'));
  expect(rules(chart, 'crossdock-operator')).toEqual(rules(tested, 'crossdock-operator'));
  const other = JSON.stringify(await template(...DATABASE, '--name-template', 'b'));
  expect(other).toContain('"resourceNames":["b-crossdock-runtime"]');
});

it('is taken by the API server with everything on, and nothing in it violates the restricted profile', async () => {
  const plane = await sharedControlPlane();
  await using namespace = await plane.testNamespace();
  const label = { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } };
  await plane.request('PATCH', `/api/v1/namespaces/${namespace.name}`, {
    body: label,
    contentType: 'application/merge-patch+json',
  });
  const monitors = ['--set', 'serviceMonitors.enabled=true,prometheusRules.enabled=true'];
  const { stdout } = await helm(folder, [
    'template',
    'x',
    CHART,
    ...KUBERNETES,
    '--namespace',
    namespace.name,
    ...TRIAL,
    ...monitors,
  ]);
  const all = documents(stdout);
  expect(all.filter(({ apiVersion }) => apiVersion === 'monitoring.coreos.com/v1')).toHaveLength(3);
  const own = all.filter(({ apiVersion }) => apiVersion !== 'monitoring.coreos.com/v1');
  const pool = documents(
    (all.find(({ metadata }) => metadata.name === 'x-crossdock-pool')!.data as { 'pool.yaml': string })['pool.yaml'],
  );
  const input = [...own, ...pool].map((object) => JSON.stringify(object)).join('\n---\n');
  const { code, stderr } = await plane.kubectl(
    ['apply', '--server-side', '--force-conflicts', '--dry-run=server', '--namespace', namespace.name, '-f', '-'],
    { input },
  );
  expect(stderr.replace(/^Warning: unrecognized format.*$/gm, '').trim()).toBe('');
  expect(code).toBe(0);
});

it('gives the operator a template that it takes, and that no upgrade of the operator changes when the runtime is pinned', async () => {
  const pinned = [...DATABASE, '--set', 'runtime.image=crossdock:1'];
  const before = poolOf(await template(...pinned));
  expect(readTemplate(before).map(({ object }) => object.kind)).toEqual([
    ...['ServiceAccount', 'RoleBinding', 'Service', 'Deployment', 'PodDisruptionBudget'],
    ...['Service', 'Deployment', 'NetworkPolicy'],
  ]);
  expect(poolOf(await template(...pinned, '--set', 'image.tag=other,operator.replicas=3'))).toBe(before);
  expect(poolOf(await template(...DATABASE, '--set', 'image.tag=other'))).toContain('image: crossdock:other');
});

it('leaves the number of runtimes to an autoscaler where it is told none', async () => {
  const replicasOf = async (...args: string[]) => {
    const all = documents(poolOf(await template(...DATABASE, ...args)));
    const found = all.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'crossdock-runtime');
    return (found!.spec as { replicas?: number }).replicas;
  };
  expect(await replicasOf()).toBe(2);
  expect(await replicasOf('--set', 'runtime.replicas=0')).toBe(0);
  expect(await replicasOf('--set', 'runtime.replicas=null')).toBe(undefined);
});

it('tells runtimes where traces go, and nothing of traces where nobody asks for them', async () => {
  const asked = poolOf(await template(...DATABASE, '--set', 'tracing.endpoint=http://otel-collector.monitoring:4318'));
  const deployment = documents(asked).find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'crossdock-runtime',
  );
  expect(JSON.stringify(deployment)).toContain(
    '{"name":"OTEL_EXPORTER_OTLP_ENDPOINT","value":"http://otel-collector.monitoring:4318"},' +
      '{"name":"OTEL_TRACES_SAMPLER","value":"parentbased_traceidratio"},{"name":"OTEL_TRACES_SAMPLER_ARG","value":"0.1"}',
  );
  expect(poolOf(await template(...DATABASE))).not.toContain('OTEL_');
});

it('refuses a second operator for the same namespaces, and definitions that are newer, and says what to do', async () => {
  const plane = await sharedControlPlane();
  await using namespace = await plane.testNamespace();
  const asked = async (...args: string[]) => {
    const server = ['--dry-run=server', '--kubeconfig', plane.kubeconfig, '--namespace', namespace.name];
    const { stderr } = await helm(folder, ['template', 'x', CHART, ...server, ...DATABASE, ...args]);
    // That definitions which the tests share are no release's comes later, and is no matter here.
    return /execution error at .*/.exec(stderr)?.[0] ?? 'taken';
  };
  const only = ['--set', `watchNamespaces={${namespace.name}}`];
  expect(await asked(...only)).toBe('taken');
  const labels = {
    'app.kubernetes.io/name': 'crossdock',
    'app.kubernetes.io/component': 'operator',
    'app.kubernetes.io/instance': 'other',
  };
  const container = {
    name: 'operator',
    image: 'x',
    env: [{ name: 'CROSSDOCK_NAMESPACES', value: `${namespace.name},more` }],
  };
  const other = {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'other', labels } },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
  const deployments = `/apis/apps/v1/namespaces/${namespace.name}/deployments`;
  expect((await plane.request('POST', deployments, { body: other })).status).toBe(201);
  expect(await asked(...only)).toMatch(
    /release other in namespace \S+ has an operator that works on \S+: two operators/,
  );
  expect(await asked()).toContain('Give watchNamespaces to both');
  expect(await asked('--set', 'watchNamespaces={elsewhere}')).toBe('taken');
  await plane.request('DELETE', `${deployments}/other`);

  // The definitions are every test's; a label on one disturbs none.
  const crd = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/integrations.crossdock.dev';
  const label = (version: string | null) =>
    plane.request('PATCH', crd, {
      body: { metadata: { labels: { 'app.kubernetes.io/version': version } } },
      contentType: 'application/merge-patch+json',
    });
  await installManifests(plane);
  try {
    expect((await label('99.0.0')).status).toBe(200);
    expect(await asked(...only)).toContain('Install a chart of 99.0.0 or later, or set crds.install=false');
    expect(await asked(...only, '--set', 'crds.install=false')).toBe('taken');
    await label('0.0.1');
    expect(await asked(...only)).toBe('taken');
  } finally {
    await label(null);
  }
});
