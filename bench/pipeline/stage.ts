/** What Crossdock needs around a drain: its plan as the operator would publish it, and the vhost as the operator would make it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadFolder } from '../../crds/folder.ts';
import { applyTopology } from '../../operator/apply/rabbitmq/apply.ts';
import type { ManagementClient } from '../../operator/apply/rabbitmq/client.ts';
import { ensureTenant } from '../../operator/apply/rabbitmq/namespace.ts';
import { nextPlan } from '../../operator/reconcile/last-good.ts';
import { translateNamespace } from '../../operator/translate/translate.ts';
import { worldOf } from '../../operator/translate/world.ts';
import { resources, type Variant } from './documents.ts';

export interface Stage {
  /** The plan's file, for the process. */
  plan: string;
  /** Makes the vhost; gives the runtime's AMQP URI. */
  declare(vhost: string): Promise<string>;
}

/** The plan as a file in the folder, and the topology that it needs. */
export async function planOf(folder: string, brokerVersion: string, variant: Variant) {
  const [inbound, written] = [join(folder, 'inbound'), join(folder, 'resources')];
  for (const each of [inbound, written]) mkdirSync(each, { recursive: true });
  writeFileSync(
    join(written, 'bench.yaml'),
    resources(inbound, variant)
      .map((each) => stringify(each))
      .join('---\n'),
  );
  const world = worldOf(await loadFolder(written), { namespace: 'bench', brokerVersion });
  const translation = translateNamespace({ ...world, generations: {}, draining: {} });
  const { index, texts } = nextPlan(translation, undefined);
  if (!index.integrations.orders)
    throw new Error(`no plan: ${JSON.stringify(translation.translations.flatMap(({ findings }) => findings))}`);
  const parts = Object.fromEntries([...texts].map(([hash, text]) => [hash, JSON.parse(text)]));
  const plan = join(folder, 'plan.json');
  writeFileSync(plan, JSON.stringify({ index, parts }));
  return { plan, topology: translation.topology };
}

export async function prepareStage(
  folder: string,
  management: ManagementClient,
  broker: { uri: string; version: string },
  variant: Variant,
): Promise<Stage> {
  const { plan, topology } = await planOf(folder, broker.version, variant);
  return {
    plan,
    async declare(vhost) {
      const tenant = await ensureTenant(management, {
        namespace: 'bench',
        vhost,
        user: 'crossdock-bench',
        password: 'only-here',
        amqpUri: broker.uri,
      });
      await applyTopology(management, vhost, topology, { owner: 'bench' });
      return tenant.uri;
    },
  };
}
