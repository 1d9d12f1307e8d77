/**
 * The topology of a namespace's vhost as docs/architecture.md names it, as pure values. Queue arguments differ by broker version
 * in one respect only: how "no delivery limit" is said (3.x: no argument, `-1` would delete at the first requeue; 4.x: `-1`, no
 * argument would mean 20).
 */
import {
  ACKNOWLEDGMENTS,
  DEAD_LETTERS,
  DOCUMENTS,
  HOME,
  INTAKE,
  inbox,
  JOURNAL,
  LOST,
  outbox,
  PARKED,
  PAYLOADS,
  queueName,
  RETRY_STEPS,
  retryStep,
  rowsQueue,
  ticks,
  WORK,
} from '../../../runtime/names.ts';
import type { BindingSpec, ExchangeSpec, QueueSpec, Topology } from '../../translate/translation.ts';

/** The oldest broker that is supported, and the one assumed when none was asked. */
export const DEFAULT_BROKER_VERSION = '3.10';

/**
 * Deliveries before the broker itself dead-letters a message: far above what any outage causes, because one crash counts for all
 * that were prefetched. Poison is found earlier, by the runtime's quarantine.
 */
export const DELIVERY_LIMIT = 10_000;

export interface QueueTopology {
  queue: QueueSpec;
  /** Bindings to WORK and HOME under the logical name. Those to DOCUMENTS are the translator's. */
  bindings: BindingSpec[];
}

export interface QueueOptions {
  /** As `overview` reports it. Default 3.10. */
  brokerVersion?: string;
  /** Physical queue generation. Default 1. */
  generation?: number;
}

type Arguments = QueueSpec['arguments'];

const unlimited = (brokerVersion: string): Arguments =>
  Number.parseInt(brokerVersion, 10) >= 4 ? { 'x-delivery-limit': -1 } : {};

/** Holds documents in work: what the broker gives up goes to the dead letters, never away. */
const workArguments = (): Arguments => ({
  'x-queue-type': 'quorum',
  'x-delivery-limit': DELIVERY_LIMIT,
  'x-dead-letter-exchange': DEAD_LETTERS,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});

/** Holds documents until somebody takes them: nothing but an ack removes one. */
const keepArguments = (brokerVersion: string): Arguments => ({
  'x-queue-type': 'quorum',
  'x-overflow': 'reject-publish',
  ...unlimited(brokerVersion),
});

const queue = (name: string, args: Arguments): QueueSpec => ({ name, durable: true, arguments: args });
const stream = (name: string, maxBytes: number): QueueSpec =>
  queue(name, {
    'x-queue-type': 'stream',
    'x-max-length-bytes': maxBytes,
    // Retention drops whole segments: small ones keep the cap sharp.
    'x-stream-max-segment-size-bytes': Math.max(1_048_576, Math.min(16_777_216, Math.floor(maxBytes / 16))),
  });
const exchange = (name: string, type: ExchangeSpec['type'], args: Record<string, string> = {}): ExchangeSpec => ({
  name,
  type,
  durable: true,
  arguments: args,
});
const bind = (source: string, destination: string, routingKey = ''): BindingSpec => ({
  source,
  destination,
  destinationType: 'queue',
  routingKey,
});

const workQueue = (logical: string, options: QueueOptions): QueueTopology => {
  const name = queueName(logical, options.generation);
  return { queue: queue(name, workArguments()), bindings: [bind(HOME, name, logical), bind(WORK, name, logical)] };
};

/** The raw interchanges' queue. */
export const intakeQueue = (options: QueueOptions = {}): QueueTopology => workQueue(INTAKE, options);
/** The queue of functional acknowledgments to partners. */
export const acknowledgmentsQueue = (options: QueueOptions = {}): QueueTopology => workQueue(ACKNOWLEDGMENTS, options);
/** An integration's inbox. */
export const inboxQueue = (integration: string, options: QueueOptions = {}): QueueTopology =>
  workQueue(inbox(integration), options);
/** The queue of one destination of an integration. */
export const outboxQueue = (integration: string, destination: string, options: QueueOptions = {}): QueueTopology =>
  workQueue(outbox(integration, destination), options);

/**
 * For documents that keep their order: one consumer at a time. What decides which of them belong together, and in what window they are
 * taken, is an argument of ours, so that a change of it makes new queues and the old ones are emptied first.
 */
const inOrder = ({ queue: made, bindings }: QueueTopology, ordering: string): QueueTopology => ({
  queue: {
    ...made,
    arguments: { ...made.arguments, 'x-single-active-consumer': true, 'x-crossdock-ordering': ordering },
  },
  bindings,
});
export const orderedInboxQueue = (integration: string, ordering: string, options: QueueOptions = {}): QueueTopology =>
  inOrder(inboxQueue(integration, options), ordering);
/** A lane of one destination. */
export const laneQueue = (logical: string, ordering: string, options: QueueOptions = {}): QueueTopology =>
  inOrder(workQueue(logical, options), ordering);

/** What keeps a live table's rows. One consumer at a time, in the order of the queue: what it has seen, all before it was seen. */
export const tableQueue = (table: string, options: QueueOptions = {}): QueueTopology => {
  const { queue: made, bindings } = workQueue(rowsQueue(table), options);
  return { queue: { ...made, arguments: { ...made.arguments, 'x-single-active-consumer': true } }, bindings };
};

/**
 * Ticks of a polled connector: the single active consumer is the poller. Ticks are expendable, so one may wait and older ones
 * drop; they are published to the default exchange.
 */
export const pollQueue = (connector: string, options: QueueOptions = {}): QueueTopology => ({
  queue: queue(ticks(connector), {
    'x-queue-type': 'quorum',
    'x-single-active-consumer': true,
    'x-max-length': 1,
    'x-overflow': 'drop-head',
    ...unlimited(options.brokerVersion ?? DEFAULT_BROKER_VERSION),
  }),
  bindings: [],
});

export interface BaseOptions {
  brokerVersion?: string;
  /** Names of polled connectors. */
  polled?: readonly string[];
  /** Generations in use by logical name; default 1. */
  generations?: Readonly<Record<string, number>>;
  /** Cap of the journal stream. Keep it far below the broker's disk alarm. Default 1 GiB. */
  journalMaxBytes?: number;
  /** Cap of the stream of payloads. Default 2 GiB. */
  payloadsMaxBytes?: number;
  /** Default: RETRY_STEPS. */
  retrySteps?: readonly { label: string; ms: number }[];
}

/** What every namespace has, whatever its resources are. */
export function baseTopology(options: BaseOptions = {}): Topology {
  const version = options.brokerVersion ?? DEFAULT_BROKER_VERSION;
  const steps = options.retrySteps ?? RETRY_STEPS;
  const intake = intakeQueue({ brokerVersion: version, generation: options.generations?.[INTAKE] ?? 1 });
  const acknowledgments = acknowledgmentsQueue({
    brokerVersion: version,
    generation: options.generations?.[ACKNOWLEDGMENTS] ?? 1,
  });
  const polls = (options.polled ?? []).map((connector) => pollQueue(connector, { brokerVersion: version }));
  return mergeTopologies(
    {
      exchanges: [
        exchange(DEAD_LETTERS, 'fanout'),
        exchange(DOCUMENTS, 'topic'),
        exchange(HOME, 'direct', { 'alternate-exchange': LOST }),
        exchange(LOST, 'fanout'),
        exchange(WORK, 'direct'),
      ],
      queues: [
        queue(DEAD_LETTERS, keepArguments(version)),
        queue(LOST, keepArguments(version)),
        queue(PARKED, keepArguments(version)),
        stream(JOURNAL, options.journalMaxBytes ?? 1_073_741_824),
        stream(PAYLOADS, options.payloadsMaxBytes ?? 2_147_483_648),
        intake.queue,
        acknowledgments.queue,
        ...polls.map((poll) => poll.queue),
      ],
      bindings: [bind(DEAD_LETTERS, DEAD_LETTERS), bind(LOST, LOST), ...intake.bindings, ...acknowledgments.bindings],
    },
    {
      exchanges: steps.map((step) => exchange(retryStep(step.label), 'fanout')),
      queues: steps.map((step) =>
        queue(retryStep(step.label), {
          'x-queue-type': 'quorum',
          'x-message-ttl': step.ms,
          'x-dead-letter-exchange': HOME,
          'x-dead-letter-strategy': 'at-least-once',
          'x-overflow': 'reject-publish',
          ...unlimited(version),
        }),
      ),
      bindings: steps.map((step) => bind(retryStep(step.label), retryStep(step.label))),
    },
  );
}

/** Sorted union; the first of equal names wins. */
export function mergeTopologies(...topologies: readonly Topology[]): Topology {
  const collect = <T>(of: (topology: Topology) => readonly T[], key: (item: T) => string): T[] => {
    const found = new Map<string, T>();
    for (const topology of topologies)
      for (const item of of(topology)) if (!found.has(key(item))) found.set(key(item), item);
    return [...found].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, item]) => item);
  };
  return {
    exchanges: collect(
      (topology) => topology.exchanges,
      (item) => item.name,
    ),
    queues: collect(
      (topology) => topology.queues,
      (item) => item.name,
    ),
    bindings: collect((topology) => topology.bindings, bindingKey),
  };
}

/** Identity of a binding; NUL cannot occur in a name. */
export const bindingKey = (binding: BindingSpec): string =>
  `${binding.source}\0${binding.destinationType}\0${binding.destination}\0${binding.routingKey}`;

/** Inverse of `queueName`. */
export function parseQueueName(name: string): { logical: string; generation: number } {
  const match = /^(.*)#([2-9]|[1-9]\d+)$/.exec(name);
  return match ? { logical: match[1]!, generation: Number(match[2]) } : { logical: name, generation: 1 };
}

/**
 * Whether an immutable change of this queue is made by a new generation: its publishers reach it through an exchange under its
 * logical name, and its consumers learn its physical names from the plan. The others (dead letters, parked, lost, streams,
 * ticks) are read by their physical name: a difference is reported and left to a person.
 */
export const replaceable = (logical: string): boolean =>
  logical === INTAKE ||
  logical === ACKNOWLEDGMENTS ||
  logical.endsWith(':inbox') ||
  logical.endsWith(':rows') ||
  logical.includes(':out:') ||
  logical.startsWith('retry:');

/** The outbox that a further lane belongs to; nothing for another queue. */
export const outboxOfLane = (logical: string): string | undefined => /^(.*):lane:\d+$/.exec(logical)?.[1];

const NAME = '[a-z0-9]([-a-z0-9.]*[a-z0-9])?';
const OURS = new RegExp(`^(${NAME}:(inbox|poll|rows|out:${NAME}(:lane:\\d+)?)|retry:${NAME})$`);
const BASE_QUEUES = new Set<string>([ACKNOWLEDGMENTS, DEAD_LETTERS, INTAKE, JOURNAL, LOST, PARKED, PAYLOADS]);
const BASE_EXCHANGES = new Set<string>([DEAD_LETTERS, DOCUMENTS, HOME, LOST, WORK]);

/** Whether a queue's name is of the forms of runtime/names.ts. In a vhost shared with others, only such queues are touched. */
export const isOurQueue = (name: string): boolean => {
  const { logical } = parseQueueName(name);
  return BASE_QUEUES.has(logical) || OURS.test(logical);
};
export const isOurExchange = (name: string): boolean => BASE_EXCHANGES.has(name) || /^retry:/.test(name);

/** Streams hold accounts and archive, not work: nothing in them waits to be taken. */
export const isStream = (name: string): boolean => name === JOURNAL || name === PAYLOADS;
