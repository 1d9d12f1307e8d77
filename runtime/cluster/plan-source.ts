/** The plan of a namespace as the operator publishes it: an index that is watched, and parts that are read once each. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Part, PartHash, Plan } from '../plan.ts';
import { assemblePlan, decodeIndex, decodePart, PLAN_CONFIG_MAP, partConfigMap } from '../published.ts';
import type { Log } from '../telemetry/log.ts';
import type { KubeApi, KubeObject } from './api.ts';

const RETRY_MS = 1_000;

/** Applies each published plan in turn; of several that come while one is applied, the last. Ends when the signal aborts. */
export async function followPlan(
  api: KubeApi,
  namespace: string,
  apply: (plan: Plan) => Promise<void>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  let known = new Map<PartHash, Part>();
  let latest: KubeObject | undefined;
  let working = false;
  const read = async (hash: PartHash): Promise<Part> => {
    const part = known.get(hash);
    if (part) return part;
    const map = await api.get('configmaps', namespace, partConfigMap(hash));
    if (!map) throw new Error(`part ${hash} of the plan is not there (any more)`);
    return decodePart(map.data);
  };
  const work = async () => {
    if (working) return;
    working = true;
    while (latest && !signal.aborted) {
      const object = latest;
      try {
        const plan = await assemblePlan(decodeIndex(object.data), read);
        await apply(plan);
        known = new Map(Object.entries(plan.parts));
        if (latest === object) latest = undefined;
      } catch (error) {
        log.error('plan not applied; the one before stays in force', { error: (error as Error).message });
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
    working = false;
  };
  await api.watch(
    'configmaps',
    namespace,
    PLAN_CONFIG_MAP,
    signal,
    (object) => {
      // An index that is gone leaves the plan in force: the data plane does not depend on the API server.
      if (!object) return log.warn('no plan is published for this namespace', { namespace });
      latest = object;
      void work();
    },
    (error) => log.warn('the plan is not being watched, trying again', { error: error.message }),
  );
}
