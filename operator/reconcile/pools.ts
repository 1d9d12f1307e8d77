/**
 * The workloads of a namespace: what the pool template says (a list of objects without a namespace), applied in each namespace that has a
 * Broker or an Integration, and taken away when it has neither. An object whose template did not change is not written again, so a new
 * version of the operator restarts nothing that the template does not change.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { canonicalJson, sha256Hex } from '../../runtime/canonical.ts';
import { DATABASE_SECRET } from '../../runtime/published.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKube } from '../kube/errors.ts';
import { apiVersion, type KubeObject, type ResourceType, SECRETS } from '../kube/types.ts';
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
const CLUSTER_ROLES = {
  ...type('rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterroles'),
  namespaced: false,
};
/** Of the template that an object was made from. */
export const TEMPLATE_ANNOTATION = 'crossdock.dev/template';
/** Looked at again after this: somebody may have deleted something. */
const REPAIR_MS = 300_000;

interface Planned {
  type: ResourceType;
  object: KubeObject;
  hash: string;
}

export interface PoolFiles {
  /** YAML of the objects. */
  template: string;
  /** A folder with the key `url`, of the PostgreSQL for runtimes and trackers: mounted from a Secret, read anew each time. */
  database?: string;
  /** A ClusterRole that owns all that is made: when it goes, as it does by `helm uninstall`, the workloads go. */
  owner?: string;
}

export class Pools {
  readonly #client: KubeClient;
  readonly #planned: Planned[];
  readonly #files: PoolFiles;
  readonly #now: () => number;
  readonly #ensured = new Map<string, { at: number; database: string | undefined }>();

  constructor(client: KubeClient, files: PoolFiles, now: () => number = Date.now) {
    this.#client = client;
    this.#files = files;
    this.#now = now;
    this.#planned = readTemplate(readFileSync(files.template, 'utf8'));
  }

  /** Gives the number of writes. */
  async ensure(namespace: string): Promise<number> {
    const database = this.#database();
    const known = this.#ensured.get(namespace);
    if (known && known.database === database && this.#now() - known.at < REPAIR_MS) return 0;
    const owner = await this.#owner();
    let writes = database === undefined ? 0 : await this.#ensureDatabase(namespace, database);
    for (const { type, object, hash } of this.#planned) {
      const there = await this.#find(type, namespace, object.metadata.name);
      const owned = owner === undefined || there?.metadata.ownerReferences?.some(({ uid }) => uid === owner.uid);
      if (there?.metadata.annotations?.[TEMPLATE_ANNOTATION] === hash && owned) continue;
      const metadata = { ...object.metadata, namespace, ...(owner && { ownerReferences: [owner] }) };
      await this.#client.apply(type, { ...object, metadata });
      writes += 1;
    }
    this.#ensured.set(namespace, { at: this.#now(), database });
    return writes;
  }

  /** Takes away what the template made. Secrets stay: what holds them may be wanted again. */
  async remove(namespace: string): Promise<void> {
    this.#ensured.delete(namespace);
    for (const { type, object } of this.#planned.toReversed()) {
      const there = await this.#find(type, namespace, object.metadata.name);
      if (there?.metadata.annotations?.[TEMPLATE_ANNOTATION] === undefined || there.metadata.deletionTimestamp)
        continue;
      await this.#client
        .delete(type, namespace, there.metadata.name, { uid: there.metadata.uid! })
        .catch((error: unknown) => (isKube(error, 'NotFound', 'Conflict') ? undefined : Promise.reject(error)));
    }
  }

  async #ensureDatabase(namespace: string, url: string): Promise<number> {
    const data = { url: Buffer.from(url).toString('base64') };
    const there = await this.#find(SECRETS, namespace, DATABASE_SECRET);
    if ((there?.data as Record<string, string> | undefined)?.url === data.url) return 0;
    await this.#client.apply(SECRETS, {
      metadata: { name: DATABASE_SECRET, namespace, labels: OURS },
      type: 'Opaque',
      data,
    });
    return 1;
  }

  async #owner() {
    const { owner: name } = this.#files;
    if (name === undefined) return undefined;
    const { metadata, apiVersion: version, kind } = await this.#client.get<KubeObject>(CLUSTER_ROLES, undefined, name);
    return { apiVersion: version, kind, name, uid: metadata.uid! };
  }

  #database(): string | undefined {
    const { database } = this.#files;
    if (database === undefined || !existsSync(`${database}/url`)) return undefined;
    return readFileSync(`${database}/url`, 'utf8').trim() || undefined;
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
    const hash = sha256Hex(canonicalJson(object)).slice(0, 32);
    const { metadata } = object;
    const marked = { ...metadata, annotations: { ...metadata.annotations, [TEMPLATE_ANNOTATION]: hash } };
    marked.labels = { ...metadata.labels, ...OURS };
    return [{ type: found, object: { ...object, metadata: marked }, hash }];
  });
}

const KINDS = TYPES.map(({ kind }) => kind).join(', ');
