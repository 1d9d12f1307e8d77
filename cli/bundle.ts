/** What a helper needs to see of a namespace, without any secret value. */
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import type { Resource } from '../crds/generated/types.ts';
import { type TarEntry, tar } from '../images/tar.ts';
import type { KubeClient } from '../operator/kube/client.ts';
import { KubeError } from '../operator/kube/errors.ts';
import {
  CONFIG_MAPS,
  type KubeObject,
  PODS,
  type Pod,
  type ResourceType,
  SECRETS,
  type Secret,
} from '../operator/kube/types.ts';
import { why, whyText } from './why.ts';

const type = (group: string, kind: string, plural: string, version = 'v1'): ResourceType => ({
  group,
  version,
  kind,
  plural,
  namespaced: true,
});
/** As they are, but for values of environment variables. */
const WORKLOADS = [
  type('apps', 'Deployment', 'deployments'),
  PODS,
  type('', 'Service', 'services'),
  type('policy', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  type('networking.k8s.io', 'NetworkPolicy', 'networkpolicies'),
  type('events.k8s.io', 'Event', 'events'),
  CONFIG_MAPS,
];
const LOG_LINES = 2_000;
/** Shorter values would blot out words of every text. */
const SHORTEST_SECRET = 6;
export const BLOTTED = '█████';

export interface Bundle {
  /** gzip of a tar archive. */
  archive: Buffer;
  files: string[];
  /** What could not be read, and why. */
  left: string[];
}

/** `resources` are those of the namespace. Rejects when the Secrets cannot be read: their values could not be recognised in logs. */
export async function supportBundle(
  client: KubeClient,
  namespace: string,
  resources: readonly Resource[],
): Promise<Bundle> {
  const secrets = (await client.list<Secret>(SECRETS, { namespace })).items;
  const clean = blotter(secrets);
  const files = new Map<string, string>();
  const left: string[] = [];
  const attempt = async (what: string, read: () => Promise<void>): Promise<void> => {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      left.push(`${what}: ${error.message}`);
    }
  };
  for (const kind of new Set(resources.map((each) => each.kind)))
    files.set(`resources/${kind}.yaml`, documents(resources.filter((each) => each.kind === kind)));
  files.set('secrets.yaml', documents(secrets.map(keysOnly)));
  const reasons = resources
    .filter(({ kind }) => kind !== 'Hold')
    .map(({ kind, metadata }) => why(resources, kind, metadata.name, namespace)!)
    .filter(({ against, causes }) => against.length > 0 || causes.length > 0);
  files.set('why.txt', reasons.map(whyText).join('\n') || 'nothing is against anything\n');
  for (const each of WORKLOADS)
    await attempt(each.plural, async () => {
      const { items } = await client.list<KubeObject>(each, { namespace });
      files.set(`${each.plural}.yaml`, documents(items.map(withoutValues)));
      if (each === PODS) for (const pod of items as Pod[]) await readLogs(pod);
    });
  const entries = [...files].map(([path, text]): TarEntry => {
    return { path: `crossdock-${namespace}/${path}`, type: 'File', mode: 0o644, data: Buffer.from(clean(text)) };
  });
  return { archive: gzipSync(Buffer.concat(tar(entries))), files: [...files.keys()].sort(), left };

  /** Of our pods only: what others log is theirs. */
  async function readLogs({ metadata: { name, labels } }: Pod): Promise<void> {
    if (labels?.['app.kubernetes.io/name'] !== 'crossdock') return;
    for (const previous of [false, true]) {
      const where = `/api/v1/namespaces/${namespace}/pods/${name}/log?tailLines=${LOG_LINES}&previous=${previous}`;
      const file = `logs/${name}${previous ? '.previous' : ''}.log`;
      // Most pods had no container before this one.
      if (previous)
        await client.raw(where).then(
          (text) => void files.set(file, text),
          () => {},
        );
      else await attempt(file, async () => void files.set(file, await client.raw(where)));
    }
  }
}

const documents = (objects: readonly object[]): string => objects.map((each) => stringify(each)).join('---\n');

const keysOnly = ({
  metadata: { name, namespace, labels, resourceVersion, creationTimestamp },
  type: of,
  data,
}: Secret) => ({
  kind: 'Secret',
  metadata: { name, namespace, labels, resourceVersion, creationTimestamp },
  type: of,
  keys: Object.keys(data ?? {}).sort(),
});

/** Environment variables keep their names; who applied what, and how, is left out. */
function withoutValues(object: KubeObject): KubeObject {
  const copy = structuredClone(object);
  const { metadata } = copy as { metadata: { managedFields?: unknown; annotations?: Record<string, string> } };
  delete metadata.managedFields;
  delete metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { env } = value as { env?: { value?: string }[] };
    if (Array.isArray(env)) for (const each of env) if (each.value !== undefined) each.value = BLOTTED;
    for (const member of Object.values(value)) walk(member);
  };
  walk(copy);
  return copy;
}

/** Takes out every value of a Secret, plain, in base64, percent-encoded or as JSON has it, and what stands before @ in a URL. */
function blotter(secrets: readonly Secret[]): (text: string) => string {
  const values = secrets
    .flatMap(({ data = {} }) => Object.values(data))
    .flatMap((base64) => {
      const plain = Buffer.from(base64, 'base64').toString();
      return [plain, plain.trim(), base64, encodeURIComponent(plain), JSON.stringify(plain).slice(1, -1)];
    })
    .filter((value) => value.length >= SHORTEST_SECRET && value !== 'crossdock');
  const sorted = [...new Set(values)].sort((a, b) => b.length - a.length);
  return (text) =>
    sorted
      .reduce((rest, value) => rest.replaceAll(value, BLOTTED), text)
      .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, `$1${BLOTTED}@`);
}
