/** Crossdock in a cluster: images loaded, chart installed with the trial RabbitMQ and PostgreSQL. */
import { join } from 'node:path';
import { buildCrossdock } from '../../images/crossdock.ts';
import { qualified, type WrittenImage } from '../../images/oci.ts';
import { buildPostgresql, buildRabbitmq } from '../../images/trial.ts';
import { cacheFolder } from '../../standalone/cache.ts';
import type { Log } from '../../standalone/process.ts';
import { addTo } from './addons/addon.ts';
import { LOCAL_PATH } from './addons/local-path.ts';
import { METRICS_SERVER } from './addons/metrics-server.ts';
import type { Cluster } from './cluster.ts';

export const SYSTEM = 'crossdock-system';
const CHART = join(import.meta.dirname, '../../charts/crossdock');

export interface Images {
  crossdock: WrittenImage;
  rabbitmq: WrittenImage;
  postgresql: WrittenImage;
}

export async function loadImages(cluster: Cluster, log: Log): Promise<Images> {
  const folder = join(cacheFolder(), 'clusters', 'archives');
  const images = {
    crossdock: await buildCrossdock(log, folder),
    rabbitmq: await buildRabbitmq(folder, log),
    postgresql: await buildPostgresql(folder, log),
  };
  for (const image of Object.values(images)) await cluster.load(image);
  log(
    `images are loaded: ${Object.values(images)
      .map(({ name }) => name)
      .join(', ')}`,
  );
  return images;
}

export interface Release {
  name: string;
  namespace: string;
  /** As `--set` takes them. */
  values: readonly string[];
}

/** Without `persistence` what is in them goes with their pods; with it the cluster needs a default StorageClass. */
export const trial = (images: Images, persistence = true): string[] =>
  [['rabbitmq', images.rabbitmq] as const, ['postgresql', images.postgresql] as const].flatMap(([name, image]) =>
    ['enabled=true', `image=${qualified(image.name)}`, `persistence.enabled=${persistence}`].map(
      (each) => `trial.${name}.${each}`,
    ),
  );

/** What clusters have beside Kubernetes, for a node of this machine: volumes, and metrics of pods and nodes. kind brings the volumes. */
export async function addStorageAndMetrics(cluster: Cluster, log: Log): Promise<void> {
  await addTo(cluster, LOCAL_PATH, log);
  await addTo(cluster, METRICS_SERVER, log);
  log('volumes by local-path-provisioner, metrics by metrics-server');
}

/** `helm upgrade --install`. Throws what helm says. */
export async function install(cluster: Cluster, { name, namespace, values }: Release): Promise<void> {
  const set = ['image.repository=docker.io/library/crossdock', 'image.pullPolicy=Never', ...values].flatMap((each) => [
    '--set',
    each,
  ]);
  const { code, stderr } = await cluster.helm(['upgrade', '--install', name, CHART, '-n', namespace, ...set]);
  if (code !== 0) throw new Error(stderr.trim());
}

/** That takes only pods of the restricted profile. */
export async function makeNamespace(cluster: Cluster, name: string): Promise<void> {
  await cluster.get(['create', 'namespace', name]);
  await cluster.get(['label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted']);
}
