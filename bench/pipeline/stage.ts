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
  const inbound = join(folder, 'inbound');
  mkdirSync(inbound, { recursive: true });
  return planOfResources(folder, brokerVersion, resources(inbound, variant));
}

/** As the operator would publish it for these resources. `file`: of the plan, in the folder. */
export async function planOfResources(
  folder: string,
  brokerVersion: string,
  all: readonly object[],
  file = 'plan.json',
) {
  const written = join(folder, 'resources');
  mkdirSync(written, { recursive: true });
  writeFileSync(join(written, 'bench.yaml'), all.map((each) => stringify(each)).join('---\n'));
  const world = worldOf(await loadFolder(written), { namespace: 'bench', brokerVersion });
  const translation = translateNamespace({ ...world, generations: {}, draining: {} });
  const { index, texts } = nextPlan(translation, undefined);
  const findings = translation.translations.flatMap((each) => each.findings);
  const errors = findings.filter(({ severity }) => severity === 'Error');
  if (errors.length > 0) throw new Error(`no plan: ${JSON.stringify(errors)}`);
  const parts = Object.fromEntries([...texts].map(([hash, text]) => [hash, JSON.parse(text)]));
  const plan = join(folder, file);
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
  return { plan, declare: (vhost) => declareIn(management, broker.uri, vhost, topology) };
}

/** Makes the vhost with a runtime's user, as the operator does; gives that user's URI. */
export async function declareIn(
  management: ManagementClient,
  amqpUri: string,
  vhost: string,
  topology: Parameters<typeof applyTopology>[2],
): Promise<string> {
  const tenant = await ensureTenant(management, {
    namespace: 'bench',
    vhost,
    user: 'crossdock-bench',
    password: 'only-here',
    amqpUri,
  });
  await applyTopology(management, vhost, topology, { owner: 'bench' });
  return tenant.uri;
}
