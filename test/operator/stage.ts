/** A namespace with the example in it, an operator of one's own for it, and where needed a stand-in for its runtime. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { KubeConfig } from '@kubernetes/client-node';
import { parseAllDocuments, stringify } from 'yaml';
import type { Condition, Kind, Resource } from '../../crds/generated/types.ts';
import { CROSSDOCK } from '../../operator/kube/types.ts';
import { type Operator, type OperatorOptions, startOperator } from '../../operator/operator.ts';
import type { PlanIndex } from '../../runtime/plan.ts';
import { indexHash, PLAN_CONFIG_MAP, RUNTIME_TOKEN_SECRET } from '../../runtime/published.ts';
import type { RootState, RuntimeState } from '../../runtime/state.ts';
import { createLog } from '../../runtime/telemetry/log.ts';
import { type Management, managementOf, sharedBroker } from '../support/broker.ts';
import { type ControlPlane, sharedControlPlane } from '../support/control-plane.ts';
import { until } from './poll.ts';

export const ROOT = join(import.meta.dirname, '../..');
const EXAMPLE = join(ROOT, 'examples/inbound-distribution');

export interface Stage {
  plane: ControlPlane;
  namespace: string;
  vhost: string;
  broker: { uri: string; managementUri: string; management: Management };
  /** Where the operator's account and Lease are. */
  home: string;
  /** Of an account that may do what operator/manifests say. */
  kubeconfig: string;
  /** What the operators of this stage logged, JSON lines. */
  logged: string[];
  operate(options?: Partial<OperatorOptions>): Operator;
  /** The folder of the example, or some of its files, with the Secret of the stage's broker. */
  applyExample(files?: readonly string[]): Promise<void>;
  apply(...objects: object[]): Promise<void>;
  remove(kind: Kind, name: string): Promise<void>;
  get<T = Resource>(kind: Kind, name: string): Promise<T | undefined>;
  list(kind: Kind): Promise<Resource[]>;
  object<T = { data?: Record<string, string>; metadata: Record<string, unknown> }>(
    plural: string,
    name: string,
  ): Promise<T | undefined>;
  /** Waits until the condition of the resource's own generation is so. */
  condition(
    kind: Kind,
    name: string,
    type: string,
    expected: Partial<Condition>,
    deadlineMs?: number,
  ): Promise<Condition>;
  /** A stand-in for a runtime: it reports whatever is published as running, unless told otherwise. */
  runtime(): Promise<StandIn>;
  [Symbol.asyncDispose](): Promise<void>;
}
export interface StandIn {
  url: string;
  /** Changes what is reported of a root. */
  report: (root: string, state: RootState) => RootState | undefined;
  /** Publishes a new report now. */
  touch(): void;
  stop(): Promise<void>;
}

export async function stage(broker?: { uri: string; managementUri: string }, own?: ControlPlane): Promise<Stage> {
  const plane = own ?? (await sharedControlPlane());
  await installManifests(plane);
  const { uri, managementUri } = broker ?? (await sharedBroker());
  const management = managementOf(managementUri);
  const namespace = (await plane.testNamespace()).name;
  const vhost = `crossdock.${namespace}`;
  // The operator lives elsewhere: it outlives the namespaces that it serves.
  const home = (await plane.testNamespace()).name;
  const kubeconfig = await operatorAccount(plane, home);
  const closing: (() => Promise<unknown>)[] = [];
  const logged: string[] = [];
  const sink = new PassThrough();
  sink.on('data', (chunk: Buffer) => logged.push(...chunk.toString().split('\n').filter(Boolean)));

  const apply = async (...objects: object[]): Promise<void> => {
    const input = objects.map((object) => stringify(object)).join('---\n');
    const { code, stderr } = await plane.kubectl(['-n', namespace, 'apply', '-f', '-'], { input });
    if (code !== 0) throw new Error(stderr);
  };
  const get = async <T>(path: string): Promise<T | undefined> => {
    const { status, body } = await plane.request<T>('GET', path);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  };
  const pathOf = (kind: Kind, name = ''): string =>
    `/apis/crossdock.dev/v1alpha1/namespaces/${namespace}/${CROSSDOCK[kind].plural}/${name}`.replace(/\/$/, '');
  const object = <T>(plural: string, name: string): Promise<T | undefined> =>
    get<T>(`/api/v1/namespaces/${namespace}/${plural}/${name}`);

  const stage: Stage = {
    plane,
    namespace,
    home,
    kubeconfig,
    vhost,
    broker: { uri, managementUri, management },
    logged,
    operate(options = {}) {
      const operator = startOperator({
        load: () => loadConfig(kubeconfig),
        log: createLog('operator', { stream: sink }),
        identity: `test-${randomBytes(3).toString('hex')}`,
        leaseNamespace: home,
        namespaces: [namespace],
        ...options,
        // Brokers of tests count every second.
        timing: { settleMs: 50, emptyMs: 2_500, leader: { retryMs: 500 }, ...options.timing },
      });
      closing.unshift(() => operator.stop());
      return operator;
    },
    async applyExample(files) {
      const all = readdirSync(EXAMPLE).filter((file) => file.endsWith('.yaml') && file !== 'secrets.yaml');
      await apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'rabbitmq' },
        stringData: { uri, managementUri },
      });
      const secrets = readFileSync(join(EXAMPLE, 'secrets.yaml'), 'utf8')
        .split('---')
        .filter((text) => !text.includes('name: rabbitmq'));
      const input = [...secrets, ...(files ?? all).map((file) => readFileSync(join(EXAMPLE, file), 'utf8'))].join(
        '\n---\n',
      );
      const { code, stderr } = await plane.kubectl(['-n', namespace, 'apply', '-f', '-'], { input });
      if (code !== 0) throw new Error(stderr);
    },
    apply,
    async remove(kind, name) {
      await plane.request('DELETE', pathOf(kind, name));
    },
    get: (kind, name) => get(pathOf(kind, name)),
    async list(kind) {
      return (await get<{ items: Resource[] }>(pathOf(kind)))!.items;
    },
    object,
    condition(kind, name, type, expected, deadlineMs = 45_000) {
      return until(
        `${kind} ${name}: ${type} is ${JSON.stringify(expected)}`,
        async () => {
          const resource = await get<Resource>(pathOf(kind, name));
          const found = resource?.status?.conditions?.find((condition) => condition.type === type);
          const current = found?.observedGeneration === resource?.metadata.generation;
          const same = Object.entries(expected).every(([key, value]) => found?.[key as keyof Condition] === value);
          if (found && current && same) return found;
          throw new Error(JSON.stringify(found ?? resource?.status ?? 'no such resource'));
        },
        deadlineMs,
      );
    },
    async runtime() {
      const runtime = await standIn(stage);
      closing.push(() => runtime.stop());
      return runtime;
    },
    async [Symbol.asyncDispose]() {
      for (const close of closing) await close();
      // Nobody is left who would take the finalizers off.
      for (const kind of ['Integration', 'Broker'] as const)
        for (const { metadata } of await stage.list(kind))
          await plane.request('PATCH', pathOf(kind, metadata.name), {
            body: { metadata: { finalizers: [] } },
            contentType: 'application/merge-patch+json',
          });
      await plane.request('DELETE', `/api/v1/namespaces/${namespace}`);
      await plane.request('DELETE', `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/operator-${home}`);
      await plane.request('DELETE', `/api/v1/namespaces/${home}`);
      await management.call('DELETE', `/vhosts/${vhost}`).catch(() => {});
      await management.call('DELETE', `/users/${vhost}`).catch(() => {});
    },
  };
  return stage;
}

const loadConfig = (file: string): KubeConfig => {
  const config = new KubeConfig();
  config.loadFromFile(file);
  return config;
};

/** An account with the rights of operator/manifests and no others, its Lease in the stage's namespace. Gives its kubeconfig. */
async function operatorAccount(plane: ControlPlane, namespace: string): Promise<string> {
  const token = await plane.makeServiceAccountToken(namespace, 'operator');
  const objects = parseAllDocuments(readFileSync(join(ROOT, 'operator/manifests/rbac.yaml'), 'utf8')).map((document) =>
    document.toJS(),
  );
  const subjects = [{ kind: 'ServiceAccount', name: 'operator', namespace }];
  const own = objects.flatMap((object) => {
    const { kind, metadata } = object;
    if (kind === 'ClusterRole') return [object];
    if (kind === 'Role') return [{ ...object, metadata: { ...metadata, namespace } }];
    if (kind === 'RoleBinding') return [{ ...object, metadata: { ...metadata, namespace }, subjects }];
    if (kind === 'ClusterRoleBinding') return [{ ...object, metadata: { name: `operator-${namespace}` }, subjects }];
    return [];
  });
  const input = own.map((object) => stringify(object)).join('---\n');
  const { code, stderr } = await plane.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
  if (code !== 0) throw new Error(stderr);
  return plane.kubeconfigFor(token, namespace);
}

export async function installManifests(plane: ControlPlane): Promise<void> {
  const applied = await plane.kubectl([
    ...['apply', '--server-side', '--force-conflicts', '--field-manager=test-crd', '-f', join(ROOT, 'crds/manifests')],
  ]);
  if (applied.code !== 0) throw new Error(`the manifests are refused: ${applied.stderr}`);
  const crds = Object.values(CROSSDOCK).map(({ plural }) => `crd/${plural}.crossdock.dev`);
  const established = await plane.kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...crds]);
  if (established.code !== 0) throw new Error(`not established: ${established.stderr}`);
}

async function standIn({ object, namespace }: Stage): Promise<StandIn> {
  let state: RuntimeState = { revision: 1, pod: `stand-in-${namespace}`, index: '', roots: {} };
  const waiting = new Set<ServerResponse>();
  const answer = (response: ServerResponse): void => void response.end(JSON.stringify(state));
  const runtime: StandIn = {
    url: '',
    report: (_root, root) => root,
    touch() {
      state = { ...state, revision: state.revision + 1 };
      for (const response of waiting) answer(response);
      waiting.clear();
    },
    async stop() {
      clearInterval(polling);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const load = async (): Promise<void> => {
    const data = (await object('configmaps', PLAN_CONFIG_MAP))?.data;
    if (!data) return;
    const index = JSON.parse(data['index.json']!) as PlanIndex;
    const entries = [
      ...Object.entries(index.integrations).map(([name, entry]) => [`Integration/${name}`, entry] as const),
      ...Object.entries(index.partners).map(([name, entry]) => [`Partner/${name}`, entry] as const),
      ...Object.entries(index.tables ?? {}).map(([name, entry]) => [`ReferenceTable/${name}`, entry] as const),
    ];
    const roots = Object.fromEntries(
      entries.flatMap(([root, { hash, generation }]) => {
        const reported = runtime.report(root, { hash, generation, state: 'Running', health: 'Healthy' });
        return reported ? [[root, reported]] : [];
      }),
    );
    if (JSON.stringify(roots) === JSON.stringify(state.roots) && state.index === indexHash(index)) return;
    state = { ...state, index: indexHash(index), roots };
    runtime.touch();
  };
  const server = createServer(async (request, response) => {
    const token = (await object('secrets', RUNTIME_TOKEN_SECRET))?.data?.token ?? '';
    if (request.headers.authorization !== `Bearer ${Buffer.from(token, 'base64')}`) {
      response.statusCode = 401;
      return response.end();
    }
    const after = Number(new URL(request.url!, 'http://x').searchParams.get('after') ?? 0);
    if (state.revision > after) return answer(response);
    waiting.add(response);
    response.on('close', () => waiting.delete(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  runtime.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const polling = setInterval(() => void load().catch(() => {}), 100);
  return runtime;
}
