/** Disks for RabbitMQ and PostgreSQL that outlive their pods, as in production: folders of the node. */
import type { SingleNode } from '../single-node.ts';
import { PARTS } from './faults.ts';

/** Of the user in their images. */
const USER = 999;

export async function makeDisks(cluster: SingleNode): Promise<void> {
  const names = ['rabbitmq', 'postgresql'];
  // Not below /var/lib, which is in memory there, and would count as memory of the pod.
  const paths = names.map((name) => `${cluster.folder}/disks/${name}`);
  await cluster.onSomeNode(`mkdir -p '${paths.join("' '")}' && chown ${USER}:${USER} '${paths.join("' '")}'`);
  const items = names.map((name, at) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '2Gi' },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: paths[at] },
      claimRef: { namespace: PARTS, name: `data-parts-crossdock-${name}-0` },
    },
  }));
  await cluster.get(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}
