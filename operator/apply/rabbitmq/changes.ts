/**
 * What must change in a vhost so that it becomes the desired topology: pure. Nothing that holds messages is lost by it:
 *
 * - An immutable difference of a queue that is reached by its logical name makes a new generation. It takes over the bindings; the
 *   old one gets nothing any more, is drained by its consumers and deleted when it was empty for a while.
 * - A queue that is not wanted any more gets no new work. Its binding to HOME stays while it exists, so that what waits in the retry
 *   ladder comes back to it and not to LOST. Whether it is ever deleted is its owner's decision.
 * - Queues, exchanges and bindings of others in the vhost are not touched.
 */
import { DOCUMENTS, HOME, queueName, WORK } from '../../../runtime/names.ts';
import type { BindingSpec, ExchangeSpec, QueueSpec, Topology } from '../../translate/translation.ts';
import type { ActualBinding, ActualExchange, ActualPolicy, ActualQueue } from './client.ts';
import { bindingKey, isOurExchange, isOurQueue, outboxOfLane, parseQueueName, replaceable } from './topology.ts';

export interface Actual {
  exchanges: ActualExchange[];
  queues: ActualQueue[];
  bindings: ActualBinding[];
  policies: ActualPolicy[];
  operatorPolicies: ActualPolicy[];
}

/** An immutable argument that differs. `Manual`: a person must move the messages and delete the object. */
export interface Conflict {
  object: 'queue' | 'exchange';
  name: string;
  field: string;
  actual: unknown;
  desired: unknown;
  resolution: 'NewGeneration' | 'Manual';
}
export interface Counts {
  ready: number;
  unacknowledged: number;
  deadLettering: number;
}
/** A queue that gets nothing new. */
export interface Leftover {
  queue: string;
  logical: string;
  /** Absent until the broker has counted. */
  counts?: Counts;
  /** Epoch ms since which it was unbound and empty at each look. */
  emptySince?: number;
}
export interface ForeignPolicy {
  policy: string;
  kind: 'policy' | 'operatorPolicy';
  queue: string;
  /** Those of its keys that can lose messages or change where they go. */
  keys: string[];
}

export interface ChangeOptions {
  now: number;
  /** From the report before this one, for `emptySince`. */
  previous: readonly Leftover[];
  unwanted: 'Retain' | 'DeleteEmpty' | 'Delete';
  /** Counts lag by some seconds: how long a queue must have been seen empty before it is deleted. */
  settleMs: number;
}

export interface Changes {
  exchanges: ExchangeSpec[];
  queues: QueueSpec[];
  bind: BindingSpec[];
  unbind: ActualBinding[];
  /** Queues to delete. `ifEmpty`: to be asked once more before. */
  remove: { queue: string; ifEmpty: boolean }[];
  conflicts: Conflict[];
  draining: Leftover[];
  retained: Leftover[];
  foreignPolicies: ForeignPolicy[];
  /** Current generation by logical name, where it is not 1. */
  generations: Record<string, number>;
}

export function changesBetween(actual: Actual, desired: Topology, options: ChangeOptions): Changes {
  const queues = desiredQueues(actual, desired);
  const bindings = desiredBindings(desired, queues.current);
  const leftovers = leftoverQueues(actual, queues.current, options);
  const exchanges = desiredExchanges(actual, desired);
  return {
    exchanges: exchanges.missing,
    queues: queues.missing,
    bind: missingBindings(actual, bindings),
    unbind: surplusBindings(actual, bindings, queues.current),
    remove: leftovers.remove,
    conflicts: [...exchanges.conflicts, ...queues.conflicts],
    draining: leftovers.draining,
    retained: leftovers.retained,
    foreignPolicies: foreignPolicies(actual, queues.missing),
    generations: Object.fromEntries(
      [...queues.current]
        .map(([logical, name]) => [logical, parseQueueName(name).generation] as const)
        .filter(([, generation]) => generation > 1),
    ),
  };
}

function desiredExchanges(actual: Actual, desired: Topology): { missing: ExchangeSpec[]; conflicts: Conflict[] } {
  const byName = new Map(actual.exchanges.map((exchange) => [exchange.name, exchange]));
  const missing: ExchangeSpec[] = [];
  const conflicts: Conflict[] = [];
  for (const spec of desired.exchanges) {
    const found = byName.get(spec.name);
    if (!found) missing.push(spec);
    else
      for (const difference of differences(flat(found, found.type), flat(spec, spec.type)))
        conflicts.push({ object: 'exchange', name: spec.name, ...difference, resolution: 'Manual' });
  }
  return { missing, conflicts };
}

function desiredQueues(actual: Actual, desired: Topology) {
  const newest = new Map<string, { generation: number; queue: ActualQueue }>();
  for (const queue of actual.queues) {
    const { logical, generation } = parseQueueName(queue.name);
    if (generation > (newest.get(logical)?.generation ?? 0)) newest.set(logical, { generation, queue });
  }
  /** Logical name → physical name that gets what is published. */
  const current = new Map<string, string>();
  const missing: QueueSpec[] = [];
  const conflicts: Conflict[] = [];
  for (const spec of desired.queues) {
    const wanted = parseQueueName(spec.name);
    const { logical } = wanted;
    const found = newest.get(logical);
    if (!found || found.generation < wanted.generation) {
      current.set(logical, spec.name);
      missing.push(spec);
      continue;
    }
    const fields = differences(flat(found.queue), flat(spec));
    const replaces = fields.length > 0 && replaceable(logical);
    for (const difference of fields) {
      const resolution = replaces ? 'NewGeneration' : 'Manual';
      conflicts.push({ object: 'queue', name: found.queue.name, ...difference, resolution });
    }
    const physical = replaces ? queueName(logical, found.generation + 1) : found.queue.name;
    current.set(logical, physical);
    if (replaces) missing.push({ ...spec, name: physical });
  }
  return { current, missing, conflicts };
}

function desiredBindings(desired: Topology, current: ReadonlyMap<string, string>): Map<string, BindingSpec> {
  const bindings = new Map<string, BindingSpec>();
  for (const binding of desired.bindings) {
    const physical =
      binding.destinationType === 'queue' ? current.get(parseQueueName(binding.destination).logical) : undefined;
    const resolved = physical === undefined ? binding : { ...binding, destination: physical };
    bindings.set(bindingKey(resolved), resolved);
  }
  return bindings;
}

const keyOf = (binding: ActualBinding): string =>
  bindingKey({
    source: binding.source,
    destination: binding.destination,
    destinationType: binding.destination_type,
    routingKey: binding.routing_key,
  });

/** In the order in which they are safe to make: where things end up first, what feeds them last. */
function missingBindings(actual: Actual, desired: ReadonlyMap<string, BindingSpec>): BindingSpec[] {
  const present = new Set(actual.bindings.map(keyOf));
  return [...desired.values()]
    .filter((binding) => !present.has(bindingKey(binding)))
    .sort((a, b) => bindingRank(a) - bindingRank(b));
}
const FEEDING = [HOME, WORK, DOCUMENTS];
export const bindingRank = (binding: BindingSpec): number => FEEDING.indexOf(binding.source);

function surplusBindings(
  actual: Actual,
  desired: ReadonlyMap<string, BindingSpec>,
  current: ReadonlyMap<string, string>,
): ActualBinding[] {
  return actual.bindings.filter((binding) => {
    if (binding.destination_type !== 'queue' || !isOurExchange(binding.source)) return false;
    if (!isOurQueue(binding.destination) || desired.has(keyOf(binding))) return false;
    const wanted = current.has(parseQueueName(binding.destination).logical);
    return wanted || binding.source === WORK || binding.source === DOCUMENTS;
  });
}

function leftoverQueues(actual: Actual, current: ReadonlyMap<string, string>, options: ChangeOptions) {
  const feeding = new Set<string>();
  for (const binding of actual.bindings) {
    // HOME feeds a queue that is not wanted only with what is its own already.
    const own = binding.source === HOME && !current.has(parseQueueName(binding.destination).logical);
    if (binding.source !== '' && binding.destination_type === 'queue' && !own) feeding.add(binding.destination);
  }
  const previous = new Map(options.previous.map((leftover) => [leftover.queue, leftover]));
  const remove: Changes['remove'] = [];
  const draining: Leftover[] = [];
  const retained: Leftover[] = [];
  for (const queue of actual.queues) {
    const { logical } = parseQueueName(queue.name);
    if (!isOurQueue(queue.name) || current.get(logical) === queue.name) continue;
    // Where documents do not keep their order any more, the lanes' outbox stands for them.
    const replaced = current.has(logical) || current.has(outboxOfLane(logical) ?? '');
    // Ticks are expendable, by design.
    if (logical.endsWith(':poll') || (!replaced && options.unwanted === 'Delete')) {
      remove.push({ queue: queue.name, ifEmpty: false });
      continue;
    }
    const empty = queue.messages === 0 && !feeding.has(queue.name);
    const emptySince = empty ? (previous.get(queue.name)?.emptySince ?? options.now) : undefined;
    const leftover: Leftover = {
      queue: queue.name,
      logical,
      ...(queue.messages === undefined ? {} : { counts: countsOf(queue) }),
      ...(emptySince === undefined ? {} : { emptySince }),
    };
    const settled = emptySince !== undefined && options.now - emptySince >= options.settleMs;
    if (settled && (replaced || options.unwanted === 'DeleteEmpty')) remove.push({ queue: queue.name, ifEmpty: true });
    (replaced ? draining : retained).push(leftover);
  }
  return { remove, draining, retained };
}

const countsOf = (queue: ActualQueue): Counts => ({
  ready: queue.messages_ready ?? 0,
  unacknowledged: queue.messages_unacknowledged ?? 0,
  deadLettering: queue.messages_dlx ?? 0,
});

/** Where a queue's members begin to live; afterwards they are moved, and these say nothing of it any more. */
const PLACEMENT = ['x-queue-leader-locator', 'x-quorum-initial-group-size', 'x-initial-cluster-size'];

/**
 * As it is declared. In a cluster a queue has its members on up to three nodes, a stream on all, unless somebody says otherwise; but
 * all leaders would be on the node that answers the management API.
 */
export const placed = (queue: QueueSpec): QueueSpec => ({
  ...queue,
  arguments: { ...queue.arguments, 'x-queue-leader-locator': 'balanced' },
});

const flat = (object: { durable: boolean; arguments: object }, type?: string): Record<string, unknown> => ({
  ...(type === undefined ? {} : { type }),
  durable: object.durable,
  ...Object.fromEntries(Object.entries(object.arguments).filter(([name]) => !PLACEMENT.includes(name))),
});

function differences(actual: Record<string, unknown>, desired: Record<string, unknown>) {
  const fields = [...new Set([...Object.keys(actual), ...Object.keys(desired)])].sort();
  return fields
    .filter((field) => actual[field] !== desired[field])
    .map((field) => ({ field, actual: actual[field], desired: desired[field] }));
}

/** Keys that take messages away, or change where they go, whatever the queue's own arguments say. */
const DANGEROUS = [
  'dead-letter-exchange',
  'dead-letter-routing-key',
  'dead-letter-strategy',
  'delivery-limit',
  'expires',
  'max-age',
  'max-length',
  'max-length-bytes',
  'message-ttl',
  'overflow',
];

/** Of each kind the matching policy with the highest priority is in force. We make none, so any with such a key is foreign. */
function foreignPolicies(actual: Actual, missing: readonly QueueSpec[]): ForeignPolicy[] {
  const found: ForeignPolicy[] = [];
  const kinds = [
    ['policy', actual.policies],
    ['operatorPolicy', actual.operatorPolicies],
  ] as const;
  const queues = [...actual.queues, ...missing].filter(({ name }) => isOurQueue(name) && !name.endsWith(':poll'));
  for (const [kind, policies] of kinds) {
    const byPriority = [...policies].sort((a, b) => b.priority - a.priority);
    for (const queue of queues) {
      const inForce = byPriority.find((policy) => applies(policy, queue));
      const keys = inForce ? DANGEROUS.filter((key) => key in inForce.definition) : [];
      if (inForce && keys.length > 0) found.push({ policy: inForce.name, kind, queue: queue.name, keys });
    }
  }
  return found;
}

function applies(policy: ActualPolicy, queue: { name: string; arguments: Record<string, unknown> }): boolean {
  const type = queue.arguments['x-queue-type'];
  const scope = policy['apply-to'];
  const inScope =
    scope === 'all' ||
    scope === 'queues' ||
    (scope === 'quorum_queues' && type === 'quorum') ||
    (scope === 'streams' && type === 'stream');
  if (!inScope) return false;
  try {
    return new RegExp(policy.pattern).test(queue.name);
  } catch {
    // The broker's patterns are PCRE: one that JavaScript does not know may match.
    return true;
  }
}
