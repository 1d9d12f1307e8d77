/** A real node, the chart in it, one document through real pods. The suite (make test-cluster) goes on from there. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { removeAtExit } from '../../standalone/process.ts';
import { install, loadImages, makeNamespace, SYSTEM, trial } from './deploy.ts';
import { obstacle } from './programs.ts';
import { openShop } from './shop.ts';
import { down, type SingleNode, up } from './single-node.ts';

const why = obstacle();
const what = 'a document goes through pods of the chart on a real node, and nothing is left of it';

it.skipIf(why !== undefined)(
  why ? `${what} (not here: ${why})` : what,
  async () => {
    const said = (line: string) => console.log(`[cluster] ${line}`);
    let cluster: SingleNode | undefined;
    try {
      cluster = await up('smoke', said);
      removeAtExit(cluster.folder);
      const images = await loadImages(cluster, said);
      await makeNamespace(cluster, SYSTEM);
      const began = Date.now();
      await install(cluster, { name: 'crossdock', namespace: SYSTEM, values: trial(images, false) });
      const shop = await openShop(cluster, 'shop', { namespace: SYSTEM, secret: 'crossdock-rabbitmq' });
      await shop.post(['1'], 60_000);
      const taken = await shop.untilTaken(['1']);
      said(`helm install to the first document delivered: ${((Date.now() - began) / 1000).toFixed(1)} s`);
      expect(taken).toMatchObject([{ number: '1', apiKey: 'outbound-1', idempotencyKey: expect.any(String) }]);
    } finally {
      await down('smoke');
    }
    expect(existsSync(`/proc/${cluster.machine.pid}`)).toBe(false);
    expect(existsSync(cluster.folder)).toBe(false);
    expect(globSync(['/sys/fs/cgroup/crossdock-smoke', '/sys/fs/cgroup/*/crossdock-smoke'])).toEqual([]);
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain('clusters/smoke');
  },
  170_000,
);
