/** The queues of an integration and what they are bound to. */
import { canonicalJson, sha256Hex } from '../../runtime/canonical.ts';
import {
  DOCUMENTS,
  documentKey,
  inbox,
  LANES,
  lane,
  ORDERED_PREFETCH,
  outbox,
  queueName,
} from '../../runtime/names.ts';
import type { IntegrationPlan, OrderingPlan } from '../../runtime/plan.ts';
import type { QueueOptions, QueueTopology } from '../apply/rabbitmq/topology.ts';
import {
  inboxQueue,
  laneQueue,
  mergeTopologies,
  orderedInboxQueue,
  outboxQueue,
  pollQueue,
} from '../apply/rabbitmq/topology.ts';
import { versionOption } from './partner.ts';
import type { BindingSpec, Topology } from './translation.ts';
import type { View } from './view.ts';

export interface Queues {
  plan: IntegrationPlan['queues'];
  inbox: QueueTopology;
  outboxes: QueueTopology[];
}

/** Consumed: older generations that still hold messages, then the current one. Declared: the current one. */
export function queuesOf(
  view: View,
  integration: string,
  destinations: readonly string[],
  ordering?: OrderingPlan,
): Queues {
  const version = versionOption(view);
  const older = (logical: string) => view.queues(logical).draining.map((generation) => queueName(logical, generation));
  const current = (logical: string) => queueName(logical, view.queues(logical).current);
  const options = (logical: string) => ({ ...version, generation: view.queues(logical).current });
  const sorted = [...destinations].sort();
  const consumed = (name: string): string[] => {
    const lanes = lanesOf(integration, name);
    const wanted = (ordering ? lanes : [outbox(integration, name)]).map(current);
    return [...lanes.flatMap(older).filter((each) => !wanted.includes(each)), ...wanted];
  };
  return {
    plan: {
      inbox: [...older(inbox(integration)), current(inbox(integration))],
      outbox: Object.fromEntries(sorted.map((name) => [name, consumed(name)])),
    },
    ...declared(integration, sorted, ordering, options),
  };
}

const lanesOf = (integration: string, destination: string): string[] =>
  Array.from({ length: LANES }, (_, index) => lane(integration, destination, index));

/** The current generations of its queues. */
export function declared(
  integration: string,
  destinations: readonly string[],
  ordering: OrderingPlan | undefined,
  options: (logical: string) => QueueOptions,
): Pick<Queues, 'inbox' | 'outboxes'> {
  const received = inbox(integration);
  if (!ordering)
    return {
      inbox: inboxQueue(integration, options(received)),
      outboxes: destinations.map((name) => outboxQueue(integration, name, options(outbox(integration, name)))),
    };
  // The inbox does not know the key.
  const lanesBy = sha256Hex(canonicalJson([ordering.keyExpression, LANES, ORDERED_PREFETCH.lane])).slice(0, 12);
  return {
    inbox: orderedInboxQueue(integration, `${ORDERED_PREFETCH.inbox}`, options(received)),
    outboxes: destinations.flatMap((name) =>
      lanesOf(integration, name).map((logical) => laneQueue(logical, lanesBy, options(logical))),
    ),
  };
}

/** What reaches the inbox. Must agree with runtime/subscribers.ts. */
export interface Subscription {
  /** Not when Stopped: then documents pass it by. */
  subscribed: boolean;
  way: 'partners' | 'events' | 'own';
  /** Event types. */
  types: readonly string[];
  /** Name of the connector whose source is polled. */
  polled?: string;
}

export function topologyOf(view: View, integration: string, queues: Queues, subscription: Subscription): Topology {
  const { subscribed, way, types, polled } = subscription;
  const all = [queues.inbox, ...queues.outboxes, ...(polled ? [pollQueue(polled, versionOption(view))] : [])];
  const keyOf = (type: string): string =>
    way === 'own'
      ? documentKey(type, 'system', integration)
      : documentKey(type, way === 'partners' ? 'partner' : 'system', '*');
  const subscriptions: BindingSpec[] = (subscribed ? types : []).map((type) => ({
    source: DOCUMENTS,
    destination: queues.inbox.queue.name,
    destinationType: 'queue',
    routingKey: keyOf(type),
  }));
  return mergeTopologies({
    exchanges: [],
    queues: all.map((one) => one.queue),
    bindings: [...all.flatMap((one) => one.bindings), ...subscriptions],
  });
}
