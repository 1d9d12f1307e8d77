/**
 * What clusters have beside Kubernetes: a module of Go on the proxy, built once, as an image of its programs alone; and the manifests
 * that the same version brings. Works on a cluster of either carrier.
 */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { cachedLayer } from '../../../images/crossdock.ts';
import { qualified, type WrittenImage, writeImage } from '../../../images/oci.ts';
import type { TarEntry } from '../../../images/tar.ts';
import type { KubeObject } from '../../../operator/kube/types.ts';
import { cached, cacheFolder } from '../../../standalone/cache.ts';
import type { Log } from '../../../standalone/process.ts';
import { goBuildPublished } from '../../support/go.ts';
import type { Cluster } from '../cluster.ts';

export interface Addon {
  name: string;
  module: string;
  version: string;
  /** Packages by the names of their programs; the first one is the entry point. */
  programs: Readonly<Record<string, string>>;
  /** Files of the module, in the order in which they are applied. */
  manifests: readonly string[];
  /** On two cores, for the log. */
  takes: string;
  /** In place, and only what a cluster of this machine needs. Its image is set already. */
  adapt?(object: KubeObject, image: string, cluster: Cluster): void;
  /** Beside its programs. */
  files?(): Promise<TarEntry[]>;
}
export interface Container {
  name: string;
  image: string;
  imagePullPolicy?: string;
  args?: string[];
  readinessProbe?: { initialDelaySeconds?: number; periodSeconds?: number };
}
export interface Workload extends KubeObject {
  spec: {
    selector: { matchLabels: Record<string, string> };
    template: { metadata?: { labels?: Record<string, string> }; spec: { containers: Container[] } };
  };
}

/** Builds what is not in the cache. */
export function obtainAddon({ name, module, version, programs, manifests, takes }: Addon, log: Log): Promise<string> {
  return cached(
    `${name}-${version.slice(1)}-${process.arch}`,
    async (target) => {
      log(`${name}: building ${module}@${version} (${takes}, once)`);
      const outputs = Object.entries(programs).map(([program, pkg]) => [join(target, 'bin', program), pkg] as const);
      const sources = await goBuildPublished(`${module}@${version}`, Object.fromEntries(outputs), '', log);
      for (const file of manifests) {
        mkdirSync(dirname(join(target, file)), { recursive: true });
        copyFileSync(join(sources, file), join(target, file));
      }
    },
    { log },
  );
}

/** Applied, not awaited: see `untilAvailable`. */
export async function addTo(cluster: Cluster, addon: Addon, log: Log): Promise<void> {
  const folder = await obtainAddon(addon, log);
  const image = await imageOf(addon, folder);
  await cluster.load(image);
  const objects = addon.manifests.flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).flatMap(
      (document) => (document.toJS() as KubeObject | null) ?? [],
    ),
  );
  for (const object of objects) {
    if (object.kind === 'Deployment')
      for (const container of (object as Workload).spec.template.spec.containers) {
        container.image = qualified(image.name);
        container.imagePullPolicy = 'Never';
      }
    addon.adapt?.(object, qualified(image.name), cluster);
  }
  // What is of a kind that another object defines waits until that kind is there.
  const kinds = objects.filter(({ kind }) => kind === 'CustomResourceDefinition' || kind === 'Namespace');
  for (const some of [kinds, objects.filter((each) => !kinds.includes(each))])
    if (some.length > 0)
      await cluster.get(
        ['apply', '--server-side', '-f', '-'],
        some.map((each) => JSON.stringify(each)).join('\n---\n'),
      );
}

export const untilAvailable = (cluster: Cluster, namespace: string, deployment: string): Promise<string> =>
  cluster.get(['-n', namespace, 'rollout', 'status', `deployment/${deployment}`, '--timeout=55s']);

async function imageOf({ name, version, programs, files }: Addon, folder: string): Promise<WrittenImage> {
  const own = Object.keys(programs).map((program): TarEntry => {
    const data = readFileSync(join(folder, 'bin', program));
    return { path: program, type: 'File', mode: 0o755, data };
  });
  const archives = join(cacheFolder(), 'clusters', 'archives');
  mkdirSync(archives, { recursive: true });
  return writeImage(join(archives, `${name}.tar`), {
    name: `crossdock-test-${name}:${version.slice(1)}`,
    layers: [await cachedLayer([...own, ...((await files?.()) ?? [])])],
    config: { User: '65532:65532', Env: ['PATH=/'], Entrypoint: [own[0]!.path] },
  });
}
