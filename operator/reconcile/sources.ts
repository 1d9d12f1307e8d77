/** Everything that is watched, as caches, and which namespaces a change concerns. */
import type { Broker, Integration, Kind, Resource } from '../../crds/generated/types.ts';
import { HOSTS_ANNOTATION } from '../../crds/secret-use.ts';
import { PART_LABEL, PLAN_CONFIG_MAP } from '../../runtime/published.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Priority } from '../kube/queue.ts';
import { type Change, Reflector, type ReflectorTiming } from '../kube/reflector.ts';
import {
  CONFIG_MAPS,
  type ConfigMap,
  CROSSDOCK,
  GROUP,
  type KubeObject,
  NAMESPACES,
  PODS,
  type Pod,
  SECRETS,
  type Secret,
} from '../kube/types.ts';

/** Label selector of the runtimes and trackers of all namespaces. */
export const RUNTIME_PODS =
  'app.kubernetes.io/name=crossdock,app.kubernetes.io/component in (runtime,runtime-pool,tracker)';
export const isTracker = ({ metadata }: Pod): boolean => metadata.labels?.['app.kubernetes.io/component'] === 'tracker';
export const KINDS = Object.keys(CROSSDOCK).sort() as Kind[];

export interface SourceOptions {
  client: KubeClient;
  /** A namespace needs a look. */
  onNamespace: (namespace: string, priority: Priority) => void;
  /** One of our resources was deleted. */
  onGone?: (object: KubeObject) => void;
  /** A pod of a pool came, changed or went. Absent: pods are not watched. */
  onPod?: (change: Change<Pod>) => void;
  onRestart?: (plural: string, why: string) => void;
  timing?: Partial<ReflectorTiming>;
}

type Stored = Resource & KubeObject;

export class Sources {
  readonly #kinds: ReadonlyMap<Kind, Reflector<Stored>>;
  readonly secrets: Reflector<Secret>;
  readonly configMaps: Reflector<ConfigMap>;
  readonly namespaces: Reflector<KubeObject>;
  readonly #pods: Reflector<Pod> | undefined;
  readonly #options: SourceOptions;

  constructor(options: SourceOptions) {
    this.#options = options;
    const { client, onPod, onRestart, timing } = options;
    const common = { client, ...(onRestart && { onRestart }), ...(timing && { timing }) };
    this.#kinds = new Map(
      KINDS.map((kind) => [
        kind,
        new Reflector<Stored>({
          ...common,
          type: CROSSDOCK[kind],
          keep: withoutManagedFields,
          onChange: (change) => this.#resourceChanged(change),
        }),
      ]),
    );
    this.secrets = new Reflector<Secret>({
      ...common,
      type: SECRETS,
      selector: { fieldSelector: 'type!=helm.sh/release.v1' },
      keep: keysOnly,
      onChange: (change) => this.#objectChanged(change, 'Secret'),
    });
    this.configMaps = new Reflector<ConfigMap>({
      ...common,
      type: CONFIG_MAPS,
      keep: (object) => (object.metadata.name === PLAN_CONFIG_MAP ? withoutManagedFields(object) : keysOnly(object)),
      onChange: (change) => this.#objectChanged(change, 'ConfigMap'),
    });
    this.namespaces = new Reflector<KubeObject>({
      ...common,
      type: NAMESPACES,
      keep: withoutManagedFields,
      onChange: (change) => this.#namespaceChanged(change),
    });
    if (onPod)
      this.#pods = new Reflector<Pod>({
        ...common,
        type: PODS,
        selector: { labelSelector: RUNTIME_PODS },
        keep: withoutManagedFields,
        onChange: onPod,
      });
  }

  /** Resolves when every cache holds a complete list. */
  async start(): Promise<void> {
    await Promise.all(this.#all().map((reflector) => reflector.start()));
  }
  async stop(): Promise<void> {
    await Promise.all(this.#all().map((reflector) => reflector.stop()));
  }
  get synced(): boolean {
    return this.#all().every((reflector) => reflector.synced);
  }
  /** Why it is not synced, for a person; empty when it is. */
  get unsynced(): string[] {
    return this.#all()
      .filter((reflector) => !reflector.synced)
      .map(({ type, failing }) => {
        if (failing === 'NotFound' && type.group === GROUP)
          return `the API server knows no ${type.plural}.${GROUP}: its CustomResourceDefinitions are older than this operator. Apply those of its chart (crds.install=true).`;
        return `the cache of ${type.plural} is not synced${failing === undefined ? '' : `: ${failing}`}`;
      });
  }

  of<K extends Kind>(kind: K, namespace?: string): (Extract<Resource, { kind: K }> & KubeObject)[] {
    return this.#kinds.get(kind)!.all(namespace) as (Extract<Resource, { kind: K }> & KubeObject)[];
  }
  get<K extends Kind>(
    kind: K,
    namespace: string,
    name: string,
  ): (Extract<Resource, { kind: K }> & KubeObject) | undefined {
    return this.#kinds.get(kind)!.get(namespace, name) as (Extract<Resource, { kind: K }> & KubeObject) | undefined;
  }
  resources(namespace: string): Stored[] {
    return KINDS.flatMap((kind) => this.of(kind, namespace) as Stored[]);
  }
  /** Pods of runtimes. */
  pods(namespace: string): Pod[] {
    return this.#pods?.all(namespace).filter((pod) => !isTracker(pod)) ?? [];
  }
  labelsOf(namespace: string): Record<string, string> {
    return this.namespaces.get(undefined, namespace)?.metadata.labels ?? {};
  }
  isTerminating(namespace: string): boolean {
    return this.namespaces.get(undefined, namespace)?.metadata.deletionTimestamp !== undefined;
  }

  /** Namespaces with resources of ours, or with a plan of ours that must end. */
  active(): string[] {
    const found = new Set([...this.#kinds.values()].flatMap((reflector) => reflector.namespaces()));
    for (const namespace of this.configMaps.namespaces())
      if (this.configMaps.get(namespace, PLAN_CONFIG_MAP)) found.add(namespace);
    return [...found].sort();
  }

  #all(): Reflector<never>[] {
    const all = [...this.#kinds.values(), this.secrets, this.configMaps, this.namespaces, this.#pods];
    return all.filter((reflector) => reflector !== undefined) as unknown as Reflector<never>[];
  }

  #resourceChanged({ type, object, previous }: Change<Stored>): void {
    if (type === 'Modified' && previous && sameToUs(object, previous)) return;
    if (type === 'Deleted') this.#options.onGone?.(object);
    this.#options.onNamespace(object.metadata.namespace!, 'user');
    if (isShared(object) || (previous && isShared(previous))) this.#everywhere('user');
  }

  #objectChanged({ type, object }: Change<Secret | ConfigMap>, kind: 'Secret' | 'ConfigMap'): void {
    const { name, namespace = '' } = object.metadata;
    const ours =
      kind === 'ConfigMap' && (name === PLAN_CONFIG_MAP || object.metadata.labels?.[PART_LABEL] !== undefined);
    if (ours && type === 'Added') return;
    if (!ours && !this.#isReferenced(namespace, name, kind)) return;
    this.#options.onNamespace(namespace, ours ? 'resync' : 'user');
    if (
      kind === 'Secret' &&
      this.of('Broker', namespace).some((broker) => connectionSecret(broker) === name && isShared(broker))
    )
      this.#everywhere('user');
  }

  #namespaceChanged({ type, object, previous }: Change<KubeObject>): void {
    if (type === 'Modified' && JSON.stringify(previous?.metadata.labels) === JSON.stringify(object.metadata.labels))
      return;
    this.#options.onNamespace(object.metadata.name, 'resync');
    if (type === 'Modified') this.#everywhere('resync');
  }

  #everywhere(priority: Priority): void {
    for (const namespace of this.active()) this.#options.onNamespace(namespace, priority);
  }

  #isReferenced(namespace: string, name: string, kind: 'Secret' | 'ConfigMap'): boolean {
    if (name.startsWith('crossdock-')) return true;
    if (kind === 'Secret' && this.of('Broker', namespace).some((broker) => connectionSecret(broker) === name))
      return true;
    const keys = kind === 'Secret' ? SECRET_REFS : CONFIG_MAP_REFS;
    return this.resources(namespace).some((resource) => namesOf(resource.spec, keys).has(name));
  }
}

const SECRET_REFS = new Set(['secretRef', 'secretKeyRef']);
const CONFIG_MAP_REFS = new Set(['configMap', 'configMapKeyRef']);

export const secretsOf = (resource: Resource): Set<string> => namesOf(resource.spec, SECRET_REFS);
export const configMapsOf = (resource: Resource): Set<string> => namesOf(resource.spec, CONFIG_MAP_REFS);
/** Of a RabbitmqCluster it is the default user's, by the name that the cluster operator gives it. */
export const connectionSecret = ({ spec: { connection } }: Broker): string =>
  connection.secretRef?.name ?? `${connection.rabbitmqClusterRef?.name}-default-user`;
export const isLive = (resource: Resource): boolean => resource.metadata.deletionTimestamp === undefined;
export const brokerRefOf = (integration: Integration): string | undefined => {
  const ref = integration.spec.brokerRef;
  return ref && `${ref.namespace ?? integration.metadata.namespace}/${ref.name}`;
};

/** Names under the given reference keys, at any depth of a spec. */
function namesOf(value: unknown, keys: ReadonlySet<string>, found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, member] of Object.entries(value)) {
    const name = (member as { name?: unknown } | null)?.name;
    if (keys.has(key) && typeof name === 'string') found.add(name);
    else namesOf(member, keys, found);
  }
  return found;
}

export const isShared = (object: Resource): boolean => {
  const spec = object.spec as { allowedNamespaces?: { from: string } };
  return spec.allowedNamespaces !== undefined && spec.allowedNamespaces.from !== 'Same';
};

/** A change of status alone is ours, and an echo. */
function sameToUs(object: KubeObject, previous: KubeObject): boolean {
  const facts = ({ metadata: { generation, deletionTimestamp, labels, finalizers } }: KubeObject): string =>
    JSON.stringify([generation, deletionTimestamp, labels, finalizers]);
  return facts(object) === facts(previous);
}

function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as T['metadata'] & { managedFields?: unknown };
  return { ...object, metadata };
}

/** Of Secrets and other people's ConfigMaps the cache knows names, keys, versions and for whom they are, never values (nor other annotations). */
function keysOnly<T extends KubeObject & { data?: Record<string, string> }>(object: T): T {
  const { name, namespace, uid, resourceVersion, labels, creationTimestamp, deletionTimestamp } = object.metadata;
  const hosts = object.metadata.annotations?.[HOSTS_ANNOTATION];
  const annotations = hosts === undefined ? undefined : { [HOSTS_ANNOTATION]: hosts };
  const metadata = { name, namespace, uid, resourceVersion, labels, annotations, creationTimestamp, deletionTimestamp };
  const data = Object.fromEntries(Object.keys(object.data ?? {}).map((key) => [key, '']));
  const { apiVersion, kind } = object;
  return { apiVersion, kind, metadata, data } as unknown as T;
}
