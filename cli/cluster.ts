/** How commands reach a cluster: as kubectl does. */
import { KubeConfig } from '@kubernetes/client-node';
import type { Command } from 'commander';
import { KINDS, NAMES } from '../crds/generated/schemas.ts';
import type { Kind, Resource } from '../crds/generated/types.ts';
import { KubeClient } from '../operator/kube/client.ts';
import { isKube } from '../operator/kube/errors.ts';
import { CROSSDOCK, type KubeObject } from '../operator/kube/types.ts';

export interface ClusterFlags {
  kubeconfig?: string;
  context?: string;
  namespace?: string;
}

export const withCluster = (command: Command): Command =>
  command
    .option('--kubeconfig <file>', 'default: $KUBECONFIG or ~/.kube/config')
    .option('--context <name>', 'of the kubeconfig; default: its current one')
    .option('-n, --namespace <name>', 'default: that of the context');

/** Throws with a remedy where there is no cluster. */
export async function inCluster<T>(
  { kubeconfig, context, namespace }: ClusterFlags,
  use: (client: KubeClient, namespace: string) => Promise<T>,
): Promise<T> {
  const load = (): KubeConfig => {
    const config = new KubeConfig();
    if (kubeconfig) config.loadFromFile(kubeconfig);
    else config.loadFromDefault();
    if (context) config.setCurrentContext(context);
    return config;
  };
  const config = load();
  const current = config.getContextObject(config.getCurrentContext());
  if (!current) throw new Error('no cluster: name one by --kubeconfig, $KUBECONFIG or --context, or give a folder');
  const client = new KubeClient({ load });
  try {
    return await use(client, namespace ?? current.namespace ?? 'default');
  } finally {
    await client.close();
  }
}

/** All of ours in a namespace, those whose kind the cluster does not know left out. */
export async function resourcesIn(client: KubeClient, namespace: string): Promise<Resource[]> {
  const lists = await Promise.all(
    KINDS.map((kind) =>
      client.list<KubeObject>(CROSSDOCK[kind], { namespace }).catch((error: unknown) => {
        if (isKube(error, 'NotFound')) return { items: [] };
        throw error;
      }),
    ),
  );
  return lists.flatMap(({ items }) => items) as unknown as Resource[];
}

/** `integration/order`, `int/order`, `Integration/order`. Throws for what is none. */
export function parseWhat(text: string): { kind: Kind; name: string } {
  const [, word = '', name] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  const kind = KINDS.find((each) => {
    const { plural, singular, shortNames } = NAMES[each];
    return [plural, singular, ...shortNames].includes(word.toLowerCase());
  });
  if (!kind || !name)
    throw new Error(`${text}: KIND/NAME is expected, as in integration/order; kinds: ${KINDS.join(', ')}`);
  return { kind, name };
}
