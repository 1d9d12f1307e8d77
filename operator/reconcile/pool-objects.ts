/** What a RuntimePool is made into: the default pool's Deployment and PodDisruptionBudget of the template, with its own name, labels and size. Pure. */
import type { RuntimePool } from '../../crds/generated/types.ts';
import type { KubeObject } from '../kube/types.ts';
import { POOL_LABEL } from '../status/pods.ts';

export const DEFAULT_POOL = 'crossdock-runtime';
export const poolWorkload = (pool: string): string => `${DEFAULT_POOL}-${pool}`;
/** Secret whose `host` is the management API of the namespace's vhost, for a user that can read figures and nothing else. */
export const SCALER_SECRET = 'crossdock-scaler';
/** Instead of the default pool's component: its selectors must not choose the pods of others. */
export const POOL_COMPONENT = 'runtime-pool';
const COMPONENT = 'app.kubernetes.io/component';
const REPLICAS = 2;

interface Container {
  args?: string[];
  resources?: Record<string, Record<string, string>>;
}
interface Workload extends KubeObject {
  spec: {
    replicas?: number;
    selector: { matchLabels: Record<string, string> };
    template: {
      metadata: { labels: Record<string, string> };
      spec: { containers: Container[]; topologySpreadConstraints?: object[] };
    };
  };
}

export const poolLabels = (pool: string): Record<string, string> => ({
  'app.kubernetes.io/name': 'crossdock',
  [COMPONENT]: POOL_COMPONENT,
  [POOL_LABEL]: pool,
});
export const selectorOf = (pool: string): string =>
  Object.entries(poolLabels(pool))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

/** `integrations` are those of the pool. Empty where the template holds no default pool. */
export function objectsOf(
  pool: RuntimePool,
  template: readonly KubeObject[],
  integrations: readonly string[],
): KubeObject[] {
  const { name } = pool.metadata;
  const of = (kind: string) => template.find((each) => each.kind === kind && each.metadata.name === DEFAULT_POOL);
  const [deployment, budget] = [of('Deployment') as Workload | undefined, of('PodDisruptionBudget')];
  if (!deployment) return [];
  const labels = poolLabels(name);
  const metadata = { name: poolWorkload(name), labels };
  const objects: KubeObject[] = [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: workloadSpec(pool, deployment, labels) },
  ];
  if (budget)
    objects.push({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { maxUnavailable: pool.spec.maxUnavailable ?? 1, selector: { matchLabels: labels } },
    });
  if (pool.spec.autoscaling?.queueDepth) objects.push(...scaledObject(pool, integrations));
  return objects;
}

function workloadSpec(
  { metadata, spec }: RuntimePool,
  { spec: base }: Workload,
  labels: Record<string, string>,
): object {
  const [runtime, ...others] = base.template.spec.containers;
  const keys = spec.spreadOver ?? ['kubernetes.io/hostname'];
  const { replicas: _, ...rest } = base;
  return {
    ...rest,
    ...(!spec.autoscaling && { replicas: spec.replicas ?? REPLICAS }),
    selector: { matchLabels: labels },
    template: {
      ...base.template,
      metadata: { ...base.template.metadata, labels },
      spec: {
        ...base.template.spec,
        containers: [
          {
            ...runtime,
            args: [...(runtime?.args ?? []), '--pool', metadata.name],
            ...(spec.resources && { resources: mergeResources(runtime?.resources, spec.resources) }),
          },
          ...others,
        ],
        topologySpreadConstraints: keys.map((topologyKey) => ({
          maxSkew: 1,
          topologyKey,
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels: labels },
        })),
      },
    },
  };
}

type Amounts = Record<string, Record<string, string>>;
/** What the pool says wins; limits of its own without requests leave no requests that could exceed them. */
function mergeResources(base: Amounts = {}, own: NonNullable<RuntimePool['spec']['resources']>): Amounts {
  const merged: Amounts = {};
  for (const part of ['requests', 'limits'] as const) {
    const inherited = own.limits && part === 'requests' && !own.requests ? {} : base[part];
    const amounts = { ...inherited, ...own[part] } as Record<string, string>;
    if (Object.keys(amounts).length > 0) merged[part] = amounts;
  }
  return merged;
}

/** KEDA asks the broker's management API, because only that tells of messages in the hands of consumers. */
function scaledObject({ metadata: { name }, spec }: RuntimePool, integrations: readonly string[]): KubeObject[] {
  const { minReplicas = 1, maxReplicas, queueDepth } = spec.autoscaling!;
  const metadata = { name: poolWorkload(name), labels: poolLabels(name) };
  // Every generation of inbox and outboxes. Names are DNS labels.
  const pattern =
    integrations.length > 0 ? `^(${[...integrations].sort().join('|')}):(inbox|out:.+?)(#[0-9]+)?$` : '^$';
  return [
    {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'TriggerAuthentication',
      metadata,
      spec: { secretTargetRef: [{ parameter: 'host', name: SCALER_SECRET, key: 'host' }] },
    },
    {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: poolWorkload(name) },
        minReplicaCount: minReplicas,
        maxReplicaCount: maxReplicas,
        triggers: [
          {
            type: 'rabbitmq',
            metadata: {
              protocol: 'http',
              mode: 'QueueLength',
              value: `${queueDepth!.messagesPerPod}`,
              queueName: pattern,
              useRegex: 'true',
              // The most that the broker gives at once; of more than a page KEDA makes nothing but an error.
              pageSize: '500',
              operation: 'sum',
              excludeUnacknowledged: 'false',
            },
            authenticationRef: { name: poolWorkload(name) },
          },
        ],
      },
    },
  ];
}
