/** Pools whose number of pods belongs to an autoscaler: they grow and shrink under traffic, and nothing is lost or doubled. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { POOL_LABEL } from '../../../operator/status/pods.ts';
import { untilAvailable } from '../addons/addon.ts';
import { KEDA_NAMESPACE } from '../addons/keda.ts';
import type { Cluster } from '../cluster.ts';
import { httpIntegration, type Shop } from '../shop.ts';

const apiVersion = 'crossdock.dev/v1alpha1';
const LIMITS = { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '768Mi' } };

interface Pods {
  items: {
    metadata: { name: string; deletionTimestamp?: string };
    spec: { terminationGracePeriodSeconds: number };
  }[];
}
/** A pod, and how it went. */
interface Left {
  /** Unix ms: when its time is over and it is killed, at the earliest; and when it was gone. */
  killedAt: number;
  goneAt?: number;
}

export function scalingTests(stage: () => { cluster: Cluster; shop: Shop; say: (line: string) => void }): void {
  const workload = (name: string) => `deployment/crossdock-runtime-${name}`;
  const makePool = async (name: string, autoscaling: object, ...more: object[]): Promise<void> => {
    const spec = { autoscaling, resources: LIMITS };
    await stage().shop.apply({ apiVersion, kind: 'RuntimePool', metadata: { name }, spec }, ...more);
    await stage().shop.kubectl(['wait', '--for=condition=Ready', `integration/${name}`, '--timeout=55s']);
  };
  const untilPods = async (name: string, field: 'readyReplicas' | 'replicas', count: number): Promise<number> => {
    const began = Date.now();
    const { cluster, shop } = stage();
    const wait = ['-n', shop.namespace, 'wait', `--for=jsonpath={.status.${field}}=${count}`, workload(name)];
    const { code, stderr } = await cluster.kubectl([...wait, '--timeout=150s'], undefined, 160_000);
    if (code === 0) return (Date.now() - began) / 1000;
    const state = ['-n', shop.namespace, 'describe', 'hpa'];
    throw new Error(`${count} pods: ${stderr}\n${(await cluster.kubectl(state)).stdout}`);
  };
  const remove = (name: string, ...more: string[]) =>
    stage().shop.kubectl(['delete', `integration/${name}`, `runtimepool/${name}`, ...more]);

  /** Posts one order after another until told to stop; then gives their numbers. */
  const posting = (path: string, pauseMs: number, batch: number): (() => Promise<string[]>) => {
    const sent: string[] = [];
    let goesOn = true;
    const done = (async () => {
      for (let at = 0; goesOn; at++) {
        const numbers = Array.from({ length: batch }, (_, index) => `${path.slice(1)}-${pauseMs}-${at}-${index}`);
        await stage().shop.post(numbers, 60_000, path);
        sent.push(...numbers);
        if (pauseMs > 0) await delay(pauseMs);
      }
    })();
    // Awaited at the end: a rejection before is none that nobody handles.
    done.catch(() => {});
    return async () => {
      goesOn = false;
      await done;
      return sent;
    };
  };

  /** Until told to stop, when it waits for those that are going, and gives all that went. */
  const watchingPods = (name: string): (() => Promise<Left[]>) => {
    const seen = new Map<string, Left>();
    let goesOn = true;
    const look = async () => {
      const asked = Date.now();
      const list = ['get', 'pods', '-l', `${POOL_LABEL}=${name}`, '-o', 'json'];
      const { items } = JSON.parse(await stage().shop.kubectl(list)) as Pods;
      for (const { metadata, spec } of items) {
        const { deletionTimestamp: end } = metadata;
        // One that goes between two looks was not told to before the first.
        const killedAt = end ? Date.parse(end) : asked + spec.terminationGracePeriodSeconds * 1_000;
        seen.set(metadata.name, { killedAt });
      }
      for (const [pod, each] of seen)
        if (!items.some(({ metadata }) => metadata.name === pod)) each.goneAt ??= Date.now();
      return items.some(({ metadata }) => metadata.deletionTimestamp);
    };
    const done = (async () => {
      for (; goesOn; await delay(400)) await look();
    })();
    done.catch(() => {});
    return async () => {
      goesOn = false;
      await done;
      while (await look()) await delay(400);
      return [...seen.values()].filter(({ goneAt }) => goneAt !== undefined);
    };
  };
  /** They had their documents done before their time was over, each document once. */
  const expectDrained = async (left: readonly Left[], sent: readonly string[]): Promise<void> => {
    for (const { killedAt, goneAt } of left) expect(goneAt, 'a pod is gone before it is killed').toBeLessThan(killedAt);
    const taken = await stage().shop.untilTaken(sent, 60_000);
    const counts = Map.groupBy(taken, ({ number }) => number);
    expect(sent.filter((number) => counts.get(number)?.length !== 1)).toEqual([]);
  };

  it('an autoscaler by processor time grows a pool under load and shrinks it again, and nothing is lost or doubled', async () => {
    const { cluster, say } = stage();
    await untilAvailable(cluster, 'kube-system', 'metrics-server');
    // An idle pod takes about 5m, and each order some milliseconds.
    const autoscaler = {
      ...{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'busy' } },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'crossdock-runtime-busy' },
        ...{ minReplicas: 1, maxReplicas: 3 },
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '25m' } } },
        ],
      },
    };
    const integration = httpIntegration('busy', '/busy', { runtimePoolRef: { name: 'busy' } });
    await makePool('busy', { maxReplicas: 3 }, integration, autoscaler);
    const left = watchingPods('busy');
    const loads = [posting('/busy', 0, 100), posting('/busy', 1, 100)];
    const up = await untilPods('busy', 'readyReplicas', 3);
    const heavy = (await Promise.all(loads.map((stop) => stop()))).flat();
    const trickle = posting('/busy', 700, 2);
    const down = await untilPods('busy', 'replicas', 1);
    const sent = [...heavy, ...(await trickle())];
    const gone = await left();
    expect(gone.length).toBeGreaterThanOrEqual(2);
    await expectDrained(gone, sent);
    say(
      `by processor: 3 pods after ${up.toFixed(0)} s, 1 after ${down.toFixed(0)} s; ${sent.length} orders, each once`,
    );
    await remove('busy', 'hpa/busy');
  }, 400_000);

  it('KEDA scales a pool by the messages of its queues, those in the hands of pods counted in', async () => {
    const { cluster, shop, say } = stage();
    for (const each of ['keda-operator', 'keda-metrics-apiserver']) await untilAvailable(cluster, KEDA_NAMESPACE, each);
    const slow = {
      ...{ apiVersion, kind: 'Connector', metadata: { name: 'slow' } },
      spec: { http: { url: 'http://erp/slow' }, timeout: '5m', limits: { concurrency: 50 } },
    };
    const integration = httpIntegration('deep', '/deep', {
      ...{ runtimePoolRef: { name: 'deep' }, delivery: { timeout: '5m' } },
      destinations: [{ name: 'erp', system: { connectorRef: { name: 'slow' } } }],
    });
    await makePool('deep', { maxReplicas: 3, queueDepth: { messagesPerPod: 10 } }, slow, integration);
    const left = watchingPods('deep');
    await shop.erpTakes('until told');
    const held = Array.from({ length: 30 }, (_, at) => `held-${at}`);
    await shop.post(held, 60_000, '/deep');
    await shop.untilTaken(held);
    // All in the hands of the one pod that there is: no message waits in a queue.
    const up = await untilPods('deep', 'readyReplicas', 3);
    await shop.erpTakes(1_000);
    const trickle = posting('/deep', 500, 2);
    const down = await untilPods('deep', 'replicas', 1);
    const sent = [...held, ...(await trickle())];
    const gone = await left();
    expect(gone.length).toBeGreaterThanOrEqual(2);
    await expectDrained(gone, sent);
    say(`by KEDA: 3 pods after ${up.toFixed(0)} s, 1 after ${down.toFixed(0)} s; ${sent.length} orders, each once`);
    await remove('deep', 'connector/slow');
    await shop.kubectl(['wait', '--for=delete', 'scaledobject/crossdock-runtime-deep', '--timeout=50s']);
  }, 400_000);
}
