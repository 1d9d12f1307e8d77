/**
 * The topology of a root from its plan alone: what keeps a last good plan's queues declared and bound while the resource that it
 * came from is broken. Must give what translation gave with the plan (test: equal for every example).
 */
import { DOCUMENTS, documentKey } from '../../runtime/names.ts';
import {
  type ConnectorPlan,
  type DocumentTypePlan,
  type IntegrationPlan,
  mailboxOf,
  type Part,
  type PartHash,
} from '../../runtime/plan.ts';
import { mergeTopologies, parseQueueName, pollQueue } from '../apply/rabbitmq/topology.ts';
import { declared } from '../translate/integration-topology.ts';
import { liveTopology } from '../translate/table-live.ts';
import type { BindingSpec, Topology } from '../translate/translation.ts';

export function topologyOfPlan(
  root: Part,
  part: (hash: PartHash) => Part | undefined,
  brokerVersion?: string,
): Topology {
  const options = brokerVersion === undefined ? {} : { brokerVersion };
  if (root.part === 'partner') return polledTopology([root.inbound], part, options);
  if (root.part === 'table' && root.live) return liveTopology(root, options);
  if (root.part !== 'integration') return { exchanges: [], queues: [], bindings: [] };
  // Of several generations the last one is the current one.
  const generations = new Map(
    [root.queues.inbox, ...Object.values(root.queues.outbox)].flat().map((name) => {
      const { logical, generation } = parseQueueName(name);
      return [logical, generation];
    }),
  );
  const { inbox, outboxes } = declared(root.name, Object.keys(root.queues.outbox), root.ordering, (logical) => ({
    ...options,
    generation: generations.get(logical) ?? 1,
  }));
  const queues = [inbox, ...outboxes];
  return mergeTopologies(
    {
      exchanges: [],
      queues: queues.map(({ queue }) => queue),
      bindings: [...queues.flatMap(({ bindings }) => bindings), ...subscriptions(root, inbox.queue.name, part)],
    },
    polledTopology([root.source.connector], part, options),
  );
}

function subscriptions(
  { name, state, source }: IntegrationPlan,
  destination: string,
  part: (hash: PartHash) => Part | undefined,
): BindingSpec[] {
  if (state === 'Stopped') return [];
  const types = source.partners ?? source.events ?? { documentTypes: source.documentType ? [source.documentType] : [] };
  const keyOf = (type: string): string => {
    if (source.partners) return documentKey(type, 'partner', '*');
    return documentKey(type, 'system', source.events ? '*' : name);
  };
  return types.documentTypes.map((hash) => ({
    source: DOCUMENTS,
    destination,
    destinationType: 'queue',
    routingKey: keyOf((part(hash) as DocumentTypePlan).type),
  }));
}

function polledTopology(
  connectors: readonly (PartHash | undefined)[],
  part: (hash: PartHash) => Part | undefined,
  options: { brokerVersion?: string },
): Topology {
  const polled = connectors
    .map((hash) => (hash === undefined ? undefined : (part(hash) as ConnectorPlan)))
    .filter((connector) => connector && mailboxOf(connector));
  return { exchanges: [], queues: polled.map((connector) => pollQueue(connector!.name, options).queue), bindings: [] };
}
