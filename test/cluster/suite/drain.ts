/** A node that is drained, as for its replacement: the budgets of the runtimes are honoured, and orders go on meanwhile. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Cluster } from '../cluster.ts';
import type { Shop } from '../shop.ts';

interface Pod {
  metadata: { name: string; deletionTimestamp?: string };
  spec: { nodeName?: string };
  status: { conditions?: { type: string; status: string }[] };
}
const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;

export function drainTest(stage: () => { cluster: Cluster; shop: Shop }): void {
  const selector = 'app.kubernetes.io/component=runtime';
  const runtimes = async (): Promise<Pod[]> =>
    (JSON.parse(await stage().shop.kubectl(['get', 'pods', '-l', selector, '-o', 'json'])) as { items: Pod[] }).items;
  const evict = (name: string) => {
    const { cluster, shop } = stage();
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: shop.namespace } };
    const path = `/api/v1/namespaces/${shop.namespace}/pods/${name}/eviction`;
    return cluster.kubectl(['create', '--raw', path, '-f', '-'], JSON.stringify(body));
  };

  it('a node that is drained gives its runtimes away one by one, while orders go on', async () => {
    const { cluster, shop } = stage();
    await shop.kubectl(['rollout', 'status', 'deployment/crossdock-runtime', '--timeout=55s']);
    const before = (await runtimes()).map(({ metadata }) => metadata.name);
    const [first] = await runtimes();
    const node = first!.spec.nodeName!;
    const sent = Array.from({ length: 120 }, (_, at) => `drain-${at}`);
    const posted = shop.post(sent, 120_000);
    let over = false;
    const drain = ['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=120s'];
    const drained = cluster.kubectl([...drain, `--pod-selector=${selector}`], undefined, 150_000).finally(() => {
      over = true;
    });
    let uncordoned = false;
    try {
      while (!over) {
        const pods = await runtimes();
        const staying = pods.filter(({ metadata }) => !metadata.deletionTimestamp);
        expect(staying.filter(isReady).length, 'ready pods that stay').toBeGreaterThanOrEqual(1);
        const unplaced = staying.find(({ spec }) => spec.nodeName === undefined);
        const last = staying.find(({ metadata }) => before.includes(metadata.name));
        // The only node: what would replace its pods waits until it takes some again, and the budget has the last one stay.
        if (unplaced && last && !uncordoned) {
          const refused = await evict(last.metadata.name);
          expect(refused.code).not.toBe(0);
          expect(refused.stderr).toContain('disruption budget');
          await cluster.get(['uncordon', node]);
          uncordoned = true;
        }
        await delay(200);
      }
      const { code, stderr } = await drained;
      expect(code, stderr).toBe(0);
      const nodes = (await cluster.get(['get', 'nodes', '-o', 'name'])).trim().split('\n');
      expect(uncordoned, 'the budget was asked').toBe(nodes.length === 1);
    } finally {
      await cluster.get(['uncordon', node]);
    }
    await posted;
    const taken = await shop.untilTaken(sent);
    for (const number of sent)
      expect(
        new Set(taken.filter((each) => each.number === number).map(({ idempotencyKey }) => idempotencyKey)).size,
      ).toBe(1);
  }, 240_000);
}
