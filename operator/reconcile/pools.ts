/**
 * The workloads of a namespace: what the pool template says (a list of objects without a namespace), applied in each namespace that has a
 * Broker or an Integration, and taken away when it has neither. An object whose template did not change is not written again, so a new
 * version of the operator restarts nothing that the template does not change.
 */
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { RuntimePool } from '../../crds/generated/types.ts';
import { canonicalJson, sha256Hex } from '../../runtime/canonical.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKube } from '../kube/errors.ts';
import { apiVersion, type KubeObject, type ResourceType } from '../kube/types.ts';
import { POOL_LABEL } from '../status/pods.ts';
import { objectsOf, poolWorkload } from './pool-objects.ts';
import { OURS } from './publish.ts';

const type = (group: string, version: string, kind: string, plural: string): ResourceType => ({
  group,
  version,
  kind,
  plural,
  namespaced: true,
});
/** What a template may hold. */
const TYPES = [
  type('', 'v1', 'ServiceAccount', 'serviceaccounts'),
  type('', 'v1', 'Service', 'services'),
  type('rbac.authorization.k8s.io', 'v1', 'RoleBinding', 'rolebindings'),
  type('apps', 'v1', 'Deployment', 'deployments'),
  type('policy', 'v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  type('networking.k8s.io', 'v1', 'NetworkPolicy', 'networkpolicies'),
];
const DEPLOYMENTS = TYPES.find(({ kind }) => kind === 'Deployment')!;
/** KEDA's, for RuntimePools that scale by queue depth; its kinds need not be there. */
const KEDA = [
  type('keda.sh', 'v1alpha1', 'TriggerAuthentication', 'triggerauthentications'),
  type('keda.sh', 'v1alpha1', 'ScaledObject', 'scaledobjects'),
];
/** Everything that a RuntimePool may be made into. */
const POOL_TYPES = [DEPLOYMENTS, TYPES.find(({ kind }) => kind === 'PodDisruptionBudget')!, ...KEDA];
/** Holds the number of replicas from when the operator ceases to apply it until an autoscaler changes it: else it would become 1. */
const HANDOVER = 'crossdock-replicas';
const CLUSTER_ROLES = {
  ...type('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles'),
  namespaced: false,
};
/** Of the template that an object was made from. */
export const TEMPLATE_ANNOTATION = 'crossdock.dev/template';
/** Looked at again after this: somebody may have deleted something. */
const REPAIR_MS = 300_000;

type Owner = NonNullable<KubeObject['metadata']['ownerReferences']>[number];
interface Planned {
  type: ResourceType;
  object: KubeObject;
  hash: string;
}

/** A RuntimePool and the integrations that name it. */
export interface NamedPool {
  pool: RuntimePool;
  integrations: readonly string[];
}

export interface PoolFiles {
  /** YAML of the objects. */
  template: string;
  /** A ClusterRole that owns all that is made: when it goes, as it does by `helm uninstall`, the workloads go. */
  owner?: string;
}

export class Pools {
  readonly #client: KubeClient;
  readonly #planned: Planned[];
  readonly #files: PoolFiles;
  readonly #now: () => number;
  readonly #ensured = new Map<string, { at: number; pools: string }>();
  readonly #problems = new Map<string, ReadonlyMap<string, string>>();

  constructor(client: KubeClient, files: PoolFiles, now: () => number = Date.now) {
    this.#client = client;
    this.#files = files;
    this.#now = now;
    this.#planned = readTemplate(readFileSync(files.template, 'utf8'));
  }

  /** What is wrong with RuntimePools of a namespace, by name, since the last `ensure`. */
  problemsOf(namespace: string): ReadonlyMap<string, string> {
    return this.#problems.get(namespace) ?? new Map();
  }

  /** Gives the number of writes. */
  async ensure(namespace: string, named: readonly NamedPool[] = []): Promise<number> {
    const known = this.#ensured.get(namespace);
    const pools = sha256Hex(
      canonicalJson(named.map(({ pool, integrations }) => [pool.metadata.name, pool.spec, integrations])),
    );
    if (known && known.pools === pools && this.#now() - known.at < REPAIR_MS) return 0;
    const owner = await this.#owner();
    let writes = 0;
    for (const planned of this.#planned) writes += await this.#ensureOne(planned, namespace, owner);
    writes += await this.#ensureNamed(namespace, named, owner);
    this.#ensured.set(namespace, { at: this.#now(), pools });
    return writes;
  }

  async #ensureOne({ type, object, hash }: Planned, namespace: string, owner: Owner | undefined): Promise<number> {
    const there = await this.#find(type, namespace, object.metadata.name);
    const owned = owner === undefined || there?.metadata.ownerReferences?.some(({ uid }) => uid === owner.uid);
    if (there?.metadata.annotations?.[TEMPLATE_ANNOTATION] === hash && owned) return 0;
    if (there && type === DEPLOYMENTS) await this.#handOver(there, object);
    const metadata = { ...object.metadata, namespace, ...(owner && { ownerReferences: [owner] }) };
    await this.#client.apply(type, { ...object, metadata });
    return 1;
  }

  async #ensureNamed(namespace: string, named: readonly NamedPool[], owner: Owner | undefined): Promise<number> {
    const template = this.#planned.map(({ object }) => object);
    const problems = new Map<string, string>();
    let writes = 0;
    for (const { pool, integrations } of named) {
      const { name } = pool.metadata;
      const wanted = objectsOf(pool, template, integrations);
      for (const object of wanted) {
        const of = POOL_TYPES.find((each) => each.kind === object.kind)!;
        try {
          writes += await this.#ensureOne(plannedOf(of, object), namespace, owner);
        } catch (error) {
          if (!KEDA.includes(of) || !isKube(error, 'NotFound')) throw error;
          problems.set(
            name,
            'autoscaling.queueDepth needs KEDA, whose kinds (keda.sh/v1alpha1) this cluster does not know',
          );
        }
      }
      for (const of of POOL_TYPES)
        if (!wanted.some(({ kind }) => kind === of.kind)) writes += await this.#take(of, namespace, poolWorkload(name));
    }
    const selector = { namespace, labelSelector: POOL_LABEL };
    for (const { metadata } of (await this.#client.list<KubeObject>(DEPLOYMENTS, selector)).items)
      if (!named.some(({ pool }) => poolWorkload(pool.metadata.name) === metadata.name))
        for (const of of POOL_TYPES) writes += await this.#take(of, namespace, metadata.name);
    this.#problems.set(namespace, problems);
    return writes;
  }

  /** Before the number of replicas is no longer ours: somebody must own it, else the API server takes it away. */
  async #handOver(there: KubeObject, wanted: KubeObject): Promise<void> {
    const { replicas } = there.spec as { replicas?: number };
    if (replicas === undefined || (wanted.spec as { replicas?: number }).replicas !== undefined) return;
    const { name, namespace = '' } = there.metadata;
    await this.#client.apply(DEPLOYMENTS, { metadata: { name, namespace }, spec: { replicas } }, HANDOVER);
  }

  /** Only what is ours. */
  async #take(of: ResourceType, namespace: string, name: string): Promise<number> {
    const there = await this.#find(of, namespace, name);
    if (there?.metadata.annotations?.[TEMPLATE_ANNOTATION] === undefined || there.metadata.deletionTimestamp) return 0;
    await this.#client
      .delete(of, namespace, name, { uid: there.metadata.uid! })
      .catch((error: unknown) => (isKube(error, 'NotFound', 'Conflict') ? undefined : Promise.reject(error)));
    return 1;
  }

  /** Takes away what the template made. Secrets stay: what holds them may be wanted again. */
  async remove(namespace: string): Promise<void> {
    this.#ensured.delete(namespace);
    await this.#ensureNamed(namespace, [], undefined);
    for (const { type, object } of this.#planned.toReversed()) await this.#take(type, namespace, object.metadata.name);
  }

  async #owner(): Promise<Owner | undefined> {
    const { owner: name } = this.#files;
    if (name === undefined) return undefined;
    const { metadata, apiVersion: version, kind } = await this.#client.get<KubeObject>(CLUSTER_ROLES, undefined, name);
    return { apiVersion: version, kind, name, uid: metadata.uid! };
  }

  async #find(of: ResourceType, namespace: string, name: string): Promise<KubeObject | undefined> {
    return this.#client
      .get<KubeObject>(of, namespace, name)
      .catch((error: unknown) => (isKube(error, 'NotFound') ? undefined : Promise.reject(error)));
  }
}

/** Throws when the template holds what the operator may not write. */
export function readTemplate(text: string): Planned[] {
  return parseAllDocuments(text).flatMap((document): Planned[] => {
    if (document.errors.length > 0) throw new Error(`the pool template is no YAML: ${document.errors[0]!.message}`);
    const object = document.toJS() as KubeObject | null;
    if (!object) return [];
    const found = TYPES.find((each) => each.kind === object.kind && apiVersion(each) === object.apiVersion);
    if (!found)
      throw new Error(`the pool template holds ${object.apiVersion} ${object.kind}, which is none of ${KINDS}`);
    return [plannedOf(found, object)];
  });
}

function plannedOf(of: ResourceType, object: KubeObject): Planned {
  const hash = sha256Hex(canonicalJson(object)).slice(0, 32);
  const { metadata } = object;
  const marked = { ...metadata, annotations: { ...metadata.annotations, [TEMPLATE_ANNOTATION]: hash } };
  marked.labels = { ...metadata.labels, ...OURS };
  return { type: of, object: { ...object, metadata: marked }, hash };
}

const KINDS = TYPES.map(({ kind }) => kind).join(', ');
