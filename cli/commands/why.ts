/** `crossdock why KIND/NAME [FOLDER]`: exit 0 where nothing is against it, 1 where something is, 2 where there is no such resource. */
import type { Command } from 'commander';
import { setCondition } from '../../crds/conditions.ts';
import { type Folder, loadFolder } from '../../crds/folder.ts';
import type { Condition, Resource } from '../../crds/generated/types.ts';
import { translateNamespace } from '../../operator/translate/translate.ts';
import { worldOf } from '../../operator/translate/world.ts';
import { type ClusterFlags, inCluster, parseWhat, resourcesIn, withCluster } from '../cluster.ts';
import { rootsOf, why, whyText } from '../why.ts';

export function register(program: Command): void {
  withCluster(program.command('why'))
    .description('from a symptom to what is broken: a resource of a cluster, or of a folder')
    .argument('<kind/name>', 'as in integration/order')
    .argument('[folder]', 'of manifests; default: the cluster of the kubeconfig')
    .action(async (what: string, path: string | undefined, flags: ClusterFlags) => {
      const { kind, name } = parseWhat(what);
      const found = path
        ? explain(judged(await loadFolder(path)), '')
        : await inCluster(flags, async (client, namespace) => explain(await resourcesIn(client, namespace), namespace));
      if (!found) {
        process.stderr.write(`error  there is no ${kind} ${name}${path ? ` in ${path}` : ''}\n`);
        process.exitCode = 2;
        return;
      }
      process.stdout.write(whyText(found));
      if (rootsOf(found).length > 0) process.exitCode = 1;

      function explain(resources: readonly Resource[], namespace: string) {
        return why(resources, kind, name, namespace);
      }
    });
}

/** The resources with the conditions that need no cluster. */
function judged(folder: Folder): Resource[] {
  const { translations } = translateNamespace(worldOf(folder));
  return folder.resources.map((resource) => {
    const { metadata, kind } = resource;
    const own = translations.find((each) => each.kind === kind && each.name === metadata.name);
    let conditions: Condition[] = [];
    for (const verdict of own?.conditions ?? []) conditions = setCondition(conditions, verdict, '', 1);
    return { ...resource, metadata: { ...metadata, namespace: '' }, status: { conditions } } as Resource;
  });
}
