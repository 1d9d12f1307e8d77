/** A last good plan gives the topology that translation gave with it, for every root of the examples. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadFolder } from '../../crds/folder.ts';
import { translateNamespace } from '../translate/translate.ts';
import { worldOf } from '../translate/world.ts';
import { topologyOfPlan } from './plan-topology.ts';

const FOLDER = join(import.meta.dirname, '../../examples/inbound-distribution');

test.each(['3.10.8', '4.0.5'])(
  'the topology of a plan is that of its translation (RabbitMQ %s)',
  async (brokerVersion) => {
    expect(readdirSync(FOLDER).length).toBeGreaterThan(3);
    const world = worldOf(await loadFolder(FOLDER), {
      brokerVersion,
      generations: { 'receipt:inbox': 3, 'ship-notice:out:wms': 2 },
      draining: { 'receipt:inbox': [1, 2] },
    });
    const { translations } = translateNamespace(world);
    const roots = translations.filter(({ plan }) => plan);
    expect(roots.length).toBeGreaterThanOrEqual(10);
    for (const { name, plan, topology } of roots) {
      const derived = topologyOfPlan(plan!.parts[plan!.hash]!, (hash) => plan!.parts[hash], brokerVersion);
      expect(derived, name).toEqual(topology);
    }
  },
);
