/**
 * The names of everything in a namespace's vhost. One place, because operator (declares), runtime (uses), tracker and CLI
 * (read) must agree. Resource names are DNS labels, so `:` never occurs inside one.
 *
 * Logical queue names (`inbox('receipt')`) are routing keys on the exchanges WORK and HOME; the bound queue is the current
 * generation, whose physical name is `queueName(logical, generation)`.
 */

/** Topic exchange on which runtimes before decision 16 publish documents. Declared and bound for them, until none of them is left. */
export const DOCUMENTS = 'documents';
/** Direct exchange, logical queue names as keys; a document for several has further keys (BCC). Publishers use it with `mandatory`. */
export const WORK = 'work';
/** Direct exchange, same bindings as WORK, fed by dead-lettering only; its alternate exchange is LOST. */
export const HOME = 'home';
/** Fanout exchange and quorum queue of messages that came home and found no queue. */
export const LOST = 'lost';
/** Fanout exchange for broker-side dead-lettering (delivery limit reached) and the queue of dead letters. */
export const DEAD_LETTERS = 'dead-letters';
/** Quorum queue of documents that wait for a person or for data. */
export const PARKED = 'parked';
/** Quorum queue of raw interchanges as they were received, before decoding. */
export const INTAKE = 'intake';
/** Quorum queue of functional acknowledgments on their way to partners: an outbox that belongs to no integration. */
export const ACKNOWLEDGMENTS = 'acknowledgments';
/** Stream of journal entries. */
export const JOURNAL = 'journal';
/** Stream of what documents hold, for the archive: canonical bodies, and payloads as they were sent. */
export const PAYLOADS = 'payloads';

/** Physical queue name of a generation. Generation 1 has the logical name itself. */
export const queueName = (logical: string, generation = 1): string =>
  generation === 1 ? logical : `${logical}#${generation}`;

export const inbox = (integration: string): string => `${integration}:inbox`;
export const outbox = (integration: string, destination: string): string => `${integration}:out:${destination}`;
/** Lanes of a destination whose documents keep their order: as many pods may deliver to it at a time. */
export const LANES = 4;
/**
 * Deliveries in hand of an inbox and of a lane whose order counts, those that wait behind one of their key among them. A change makes new
 * generations of the queues, because all consumers of one must have the same.
 */
export const ORDERED_PREFETCH = { inbox: 200, lane: 100 } as const;
/** Single-active-consumer queue of some of a destination's keys. The first is the outbox itself, so that what knows nothing of lanes reaches it. */
export const lane = (integration: string, destination: string, index: number): string =>
  index === 0 ? outbox(integration, destination) : `${outbox(integration, destination)}:lane:${index}`;
/** Single-active-consumer queue of the documents that keep the rows of a live table. */
export const rowsQueue = (table: string): string => `${table}:rows`;
/** Place of a live table in accounts: only documents that failed there have one. */
export const tablePlace = (table: string): string => `table:${table}`;
/** Single-active-consumer queue of poll ticks of a polled connector. */
export const ticks = (connector: string): string => `${connector}:poll`;

/** Delay steps of the retry ladder in ms, ascending. Queue and fanout exchange of a step: `retry:<label>`. */
export const RETRY_STEPS: readonly { label: string; ms: number }[] = [
  { label: '1s', ms: 1_000 },
  { label: '5s', ms: 5_000 },
  { label: '30s', ms: 30_000 },
  { label: '2m', ms: 120_000 },
  { label: '10m', ms: 600_000 },
  { label: '1h', ms: 3_600_000 },
  { label: '6h', ms: 21_600_000 },
  { label: '24h', ms: 86_400_000 },
];
export const retryStep = (label: string): string => `retry:${label}`;

/**
 * Routing key of a document on DOCUMENTS: `<type>.v<version>.<partner|system>.<name>`.
 * `type` is `<name>.v<version>`; for partner documents `name` is the Partner, for our systems the Integration they came in by.
 * Bindings: partners → `<type>.partner.*`, events → `<type>.system.*`, own endpoint → `<type>.system.<integration>`.
 */
export const documentKey = (type: string, origin: 'partner' | 'system', name: string): string =>
  `${type}.${origin}.${name}`;
