/** A folder of YAML as a World. */
import type { Folder } from '../../crds/folder.ts';
import { hashOf } from './parts.ts';
import type { World } from './translation.ts';

export interface WorldOptions {
  /** Default: the folder's own. */
  namespace?: string;
  generations?: World['generations'];
  draining?: World['draining'];
  brokerVersion?: string;
}

/** Secrets become their keys and a version that changes when a value does; no value comes along. */
export function worldOf(folder: Folder, options: WorldOptions = {}): World {
  const { namespace = folder.namespace, generations, draining, brokerVersion } = options;
  return {
    namespace,
    resources:
      namespace === folder.namespace
        ? folder.resources
        : folder.resources.map((resource) => ({ ...resource, metadata: { ...resource.metadata, namespace } })),
    secrets: Object.fromEntries(
      Object.entries(folder.secrets).map(([name, values]) => [
        name,
        {
          keys: Object.keys(values).sort(),
          version: hashOf(Object.entries(values).map(([key, value]) => [key, hashOf(value.reveal())])),
          ...(folder.secretUses[name] && { use: folder.secretUses[name] }),
        },
      ]),
    ),
    configMaps: folder.configMaps,
    files: folder.files,
    ...(generations && { generations }),
    ...(draining && { draining }),
    ...(brokerVersion !== undefined && { brokerVersion }),
  };
}
