/**
 * The runtime's Prometheus metrics. Labels are names of resources and words of our own, never a document number, key, path or
 * partner's text, so their number is bounded by what is declared.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export interface Metrics {
  readonly registry: Registry;
  /** `stage`: intake, inbox, outbox. `outcome`: an Outcome of the journal. `integration` is empty at intake. */
  readonly documents: Counter<'integration' | 'stage' | 'outcome'>;
  /** Seconds. */
  readonly stageDuration: Histogram<'integration' | 'stage'>;
  /** Seconds since acceptance of the document that was taken from the queue last. */
  readonly queueAge: { set(labels: { queue: string }, seconds: number): void };
  /** Where documents keep their order: keys whose first document waits for another attempt. */
  readonly orderBlockedKeys: Gauge<'integration' | 'destination'>;
  /** Seconds since the first failure of the one that waits longest. */
  readonly orderBlockedSeconds: Gauge<'integration' | 'destination'>;
  readonly publishUnconfirmed: Gauge;
  /** 1 or 0. */
  readonly brokerHealthy: Gauge;
  /** 1 or 0: an alarm of the broker. */
  readonly publishBlocked: Gauge;
  /** `endpoint`: `documents`, `integration/<name>` or `unknown`. */
  readonly ingressRequests: Counter<'endpoint' | 'status'>;
  /** Seconds, from the request line to the answer's end. */
  readonly ingressDuration: Histogram<'endpoint'>;
  /** `outcome`: `2xx` … `5xx`, or `failed` where no answer came. */
  readonly connectorRequests: Counter<'connector' | 'outcome'>;
  /** Seconds, without the wait for a slot of the connector's limits. */
  readonly connectorDuration: Histogram<'connector'>;
  readonly journalEntries: Counter;
  /** Called before each scrape, to set gauges from what is true then. */
  onScrape(update: () => void): void;
  /** The text exposition. */
  text(): Promise<string>;
}

/** Longer than the retries of a usual delivery are apart. */
const SAID_MS = 15 * 60_000;

/** What was taken long ago says nothing of the queue any more. */
function queueAge(registers: Registry[]): Metrics['queueAge'] {
  const taken = new Map<string, { seconds: number; at: number }>();
  new Gauge({
    name: 'crossdock_queue_age_seconds',
    help: 'Age of the document that was taken from the queue last, since its acceptance; told for 15 minutes.',
    labelNames: ['queue'],
    registers,
    collect() {
      this.reset();
      const now = Date.now();
      for (const [queue, { seconds, at }] of taken)
        if (now - at < SAID_MS) this.set({ queue }, seconds);
        else taken.delete(queue);
    },
  });
  return { set: ({ queue }, seconds) => void taken.set(queue, { seconds, at: Date.now() }) };
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const updates: (() => void)[] = [];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    documents: new Counter({
      name: 'crossdock_documents_total',
      help: 'Documents by stage and what became of them there.',
      labelNames: ['integration', 'stage', 'outcome'],
      registers,
    }),
    stageDuration: new Histogram({
      name: 'crossdock_stage_duration_seconds',
      help: 'Time that a stage took for one message.',
      labelNames: ['integration', 'stage'],
      buckets: SECONDS,
      registers,
    }),
    queueAge: queueAge(registers),
    orderBlockedKeys: new Gauge({
      name: 'crossdock_order_blocked_keys',
      help: 'Keys of ordered integrations whose first document waits for another attempt, and the later ones behind it.',
      labelNames: ['integration', 'destination'],
      registers,
    }),
    orderBlockedSeconds: new Gauge({
      name: 'crossdock_order_blocked_seconds',
      help: 'Time since the first failure of the document that has kept its key waiting longest.',
      labelNames: ['integration', 'destination'],
      registers,
    }),
    publishUnconfirmed: new Gauge({
      name: 'crossdock_publish_unconfirmed',
      help: 'Messages published and not yet confirmed by the broker.',
      registers,
    }),
    brokerHealthy: new Gauge({
      name: 'crossdock_broker_healthy',
      help: '1 while both connections to the broker are up and publishing is not blocked.',
      registers,
    }),
    publishBlocked: new Gauge({
      name: 'crossdock_publish_blocked',
      help: '1 while the broker takes no messages because of an alarm for memory or disk.',
      registers,
    }),
    ingressRequests: new Counter({
      name: 'crossdock_ingress_requests_total',
      help: 'Requests to the HTTP ingress by endpoint and status of the answer.',
      labelNames: ['endpoint', 'status'],
      registers,
    }),
    ingressDuration: new Histogram({
      name: 'crossdock_ingress_duration_seconds',
      help: 'Time from a request to its answer.',
      labelNames: ['endpoint'],
      buckets: SECONDS,
      registers,
    }),
    connectorRequests: new Counter({
      name: 'crossdock_connector_requests_total',
      help: 'Requests to outside systems by connector and outcome.',
      labelNames: ['connector', 'outcome'],
      registers,
    }),
    connectorDuration: new Histogram({
      name: 'crossdock_connector_duration_seconds',
      help: 'Time that an outside system took to answer.',
      labelNames: ['connector'],
      buckets: SECONDS,
      registers,
    }),
    journalEntries: new Counter({
      name: 'crossdock_journal_entries_total',
      help: 'Journal entries confirmed by the stream.',
      registers,
    }),
    onScrape(update) {
      updates.push(update);
    },
    async text() {
      for (const update of updates) update();
      return registry.metrics();
    },
  };
}
