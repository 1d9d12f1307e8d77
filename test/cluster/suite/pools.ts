/** A RuntimePool on real nodes: its pods move its integrations' documents, and what is wrong with them is told where it belongs. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { httpIntegration, type Shop } from '../shop.ts';

interface Condition {
  type: string;
  status: string;
  reason: string;
  message: string;
}
const apiVersion = 'crossdock.dev/v1alpha1';

export function poolTests(stage: () => { cluster: Cluster; shop: Shop }): void {
  const conditions = async (what: string): Promise<Condition[]> =>
    JSON.parse(
      (await stage().shop.kubectl(['get', what, '-o', 'jsonpath={.status.conditions}'])) || '[]',
    ) as Condition[];
  /** The condition once it has the reason. */
  const until = async (what: string, type: string, reason: string, deadlineMs = 90_000): Promise<Condition> => {
    for (const end = Date.now() + deadlineMs; ; await delay(300)) {
      const all = await conditions(what);
      const found = all.find((each) => each.type === type);
      if (found?.reason === reason) return found;
      if (Date.now() > end) throw new Error(`${what} has no ${type} ${reason}: ${JSON.stringify(all)}`);
    }
  };
  const pool = (spec: object) =>
    stage().shop.apply({ apiVersion, kind: 'RuntimePool', metadata: { name: 'own' }, spec });

  it('a pool that has too little memory fails its own integrations, by name and cause; with enough it works', async () => {
    const { shop } = stage();
    await pool({ replicas: 1, resources: { requests: { memory: '8Mi' }, limits: { memory: '40Mi' } } });
    await shop.apply(httpIntegration('heavy', '/heavy', { runtimePoolRef: { name: 'own' } }));
    const killed = await until('integration/heavy', 'Running', 'OOMKilled');
    expect(killed).toMatchObject({
      status: 'False',
      message: expect.stringMatching(/pod crossdock-runtime-own-\S+:.*memory/),
    });
    expect((await until('runtimepool/own', 'Ready', 'OOMKilled')).status).toBe('False');
    expect((await conditions('integration/order')).find(({ type }) => type === 'Ready')?.status).toBe('True');

    await pool({ replicas: 1, resources: { limits: { memory: '768Mi' } } });
    await until('integration/heavy', 'Ready', 'Ready');
    await shop.post(['in-own-pool'], 60_000, '/heavy');
    await shop.untilTaken(['in-own-pool']);
  }, 200_000);

  it('pods without a node or an image are a blemish while others work; kubectl scales the pool, and what is gone is gone', async () => {
    const { shop } = stage();
    // Of the pod that had too little memory nothing is left.
    await until('integration/heavy', 'Degraded', 'AsExpected');
    await pool({ replicas: 1, resources: { requests: { cpu: '1000' }, limits: { memory: '768Mi' } } });
    const unplaced = await until('integration/heavy', 'Degraded', 'PodFailing');
    expect(unplaced.message).toMatch(/PodUnschedulable: pod crossdock-runtime-own-\S+: no node takes it: .*cpu/);
    expect((await conditions('integration/heavy')).find(({ type }) => type === 'Ready')?.status).toBe('True');
    await pool({ replicas: 1, resources: { limits: { memory: '768Mi' } } });
    await until('integration/heavy', 'Degraded', 'AsExpected');
    await shop.kubectl(['set', 'image', 'deployment/crossdock-runtime-own', 'runtime=docker.io/library/nowhere:1']);
    expect((await until('integration/heavy', 'Degraded', 'PodFailing')).message).toContain('ImagePullBackOff: pod');
    await shop.kubectl(['rollout', 'undo', 'deployment/crossdock-runtime-own']);
    await until('integration/heavy', 'Degraded', 'AsExpected');

    await shop.kubectl(['scale', 'runtimepool/own', '--replicas=2']);
    await shop.kubectl(['wait', '--for=jsonpath={.status.replicas}=2', 'runtimepool/own', '--timeout=50s']);
    await shop.kubectl(['delete', 'integration/heavy', 'runtimepool/own']);
    await shop.kubectl(['wait', '--for=delete', 'deployment/crossdock-runtime-own', '--timeout=50s']);
  }, 240_000);
}
