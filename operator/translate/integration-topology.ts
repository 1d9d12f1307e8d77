/** The queues of an integration and what they are bound to. */
import { DOCUMENTS, documentKey, inbox, outbox, queueName } from '../../runtime/names.ts';
import type { IntegrationPlan } from '../../runtime/plan.ts';
import type { QueueTopology } from '../apply/rabbitmq/topology.ts';
import { inboxQueue, mergeTopologies, outboxQueue, pollQueue } from '../apply/rabbitmq/topology.ts';
import { versionOption } from './partner.ts';
import type { BindingSpec, Topology } from './translation.ts';
import type { View } from './view.ts';

export interface Queues {
  plan: IntegrationPlan['queues'];
  inbox: QueueTopology;
  outboxes: QueueTopology[];
}

/** Consumed: older generations that still hold messages, then the current one. Declared: the current one. */
export function queuesOf(view: View, integration: string, destinations: readonly string[]): Queues {
  const version = versionOption(view);
  const consumed = (logical: string): string[] => {
    const { current, draining } = view.queues(logical);
    return [...draining, current].map((generation) => queueName(logical, generation));
  };
  const options = (logical: string) => ({ ...version, generation: view.queues(logical).current });
  const sorted = [...destinations].sort();
  return {
    plan: {
      inbox: consumed(inbox(integration)),
      outbox: Object.fromEntries(sorted.map((name) => [name, consumed(outbox(integration, name))])),
    },
    inbox: inboxQueue(integration, options(inbox(integration))),
    outboxes: sorted.map((name) => outboxQueue(integration, name, options(outbox(integration, name)))),
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
