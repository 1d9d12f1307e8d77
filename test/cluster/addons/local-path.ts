/** local-path-provisioner: a folder of the node for each PersistentVolumeClaim, as many small clusters have it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { obtainNode } from '../programs.ts';
import type { Addon } from './addon.ts';

export const LOCAL_PATH: Addon = {
  name: 'local-path-provisioner',
  module: 'github.com/rancher/local-path-provisioner',
  version: 'v0.0.30',
  programs: { 'local-path-provisioner': '.' },
  manifests: ['deploy/local-path-storage.yaml'],
  takes: '1 minute on two cores',
  // What makes and removes the folders runs in a pod of its own, by a shell's script where its image has a shell.
  async files() {
    const data = readFileSync((await obtainNode(() => {})).tools);
    return ['setup', 'teardown'].map((path) => ({ path, type: 'File', mode: 0o755, data }) as const);
  },
  adapt(object, image, cluster) {
    if (object.kind === 'StorageClass')
      object.metadata.annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    if (object.kind !== 'ConfigMap') return;
    // Not below /var/lib of a node of this machine, which is in memory, and would count as memory of the pod.
    const folder = join(cluster.folder, 'volumes');
    const nodePathMap = [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: [folder] }];
    const helper = {
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'helper-pod' } },
      spec: {
        securityContext: { runAsUser: 0, runAsGroup: 0 },
        containers: [{ name: 'helper-pod', image, imagePullPolicy: 'Never' }],
      },
    };
    object.data = {
      'config.json': JSON.stringify({ nodePathMap, setupCommand: '/setup', teardownCommand: '/teardown' }),
      'helperPod.yaml': JSON.stringify(helper),
    };
  },
};
