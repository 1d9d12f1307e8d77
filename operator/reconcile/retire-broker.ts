/** The end of a Broker: after the Integrations that need it, and with `deletionPolicy: Delete` after what is empty. */

import type { Broker } from '../../crds/generated/types.ts';
import { scalerOf } from '../apply/rabbitmq/namespace.ts';
import { isOurQueue, isStream } from '../apply/rabbitmq/topology.ts';
import type { Fence } from '../kube/client.ts';
import type { KubeObject } from '../kube/types.ts';
import { BrokerProblem, type Brokers, type Link } from './brokers.ts';
import { FINALIZER, left, type Retirement } from './retire.ts';
import type { Sources } from './sources.ts';
import { userFor, vhostFor } from './tenant.ts';
import { admits } from './world.ts';

export interface RetireBrokerDeps {
  sources: Sources;
  brokers: Brokers;
  retirement: Retirement;
  fence: Fence;
}
const LOOK_MS = 1_000;

/** Released, or ms until the next look. */
export async function retireBroker(broker: Broker & KubeObject, deps: RetireBrokerDeps): Promise<number | undefined> {
  const { sources, brokers, retirement, fence } = deps;
  const served = servedBy(broker, sources);
  const waiting = served.flatMap((namespace) => sources.of('Integration', namespace)).filter(isEnding);
  if (waiting.length > 0 && !retirement.overdue(broker)) return LOOK_MS;
  if (broker.spec.deletionPolicy !== 'Delete') return void (await retirement.release(broker));
  const kept: string[] = [];
  try {
    await brokers.use(broker, async (link) => {
      for (const namespace of served) {
        fence();
        kept.push(...(await clear(link, broker, namespace)));
      }
    });
  } catch (error) {
    if (!(error instanceof BrokerProblem)) throw error;
    return retirement.waitForBroker(broker, error.message, error.retryMs);
  }
  await retirement.release(
    broker,
    kept.length > 0 ? left(broker, `what holds messages: ${kept.join(', ')}`) : undefined,
  );
  return undefined;
}

const isEnding = ({ metadata }: KubeObject): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(FINALIZER) ?? false);

const servedBy = (broker: Broker, sources: Sources): string[] =>
  sources.active().filter((namespace) => namespace === broker.metadata.namespace || admits(sources, broker, namespace));

/** Takes away what is empty, and the vhost with its user when nothing is left in it. Gives what was kept. */
async function clear(link: Link, broker: Broker, namespace: string): Promise<string[]> {
  const vhost = vhostFor(broker, namespace);
  if (!(await link.client.hasVhost(vhost))) return [];
  const kept: string[] = [];
  let others = 0;
  for (const queue of await link.client.queues(vhost)) {
    if (!isOurQueue(queue.name)) others += 1;
    else if (queue.messages !== 0) kept.push(`${vhost}/${queue.name} (${queue.messages ?? 'not yet counted'})`);
    else if (!isStream(queue.name) && (await link.client.hasReady(vhost, queue.name)))
      kept.push(`${vhost}/${queue.name}`);
    else await link.client.deleteQueue(vhost, queue.name);
  }
  if (kept.length > 0 || others > 0) return kept;
  // A fixed vhost was named by its owner and stays.
  if (broker.spec.virtualHost === undefined) await link.client.deleteVhost(vhost);
  for (const user of [userFor(namespace), scalerOf(namespace)]) await link.client.deleteUser(user);
  return kept;
}
