/** What the stages of one runtime share. The plan in force is read anew for each message; what a message started with it ends with. */
import type { Broker } from '../broker/broker.ts';
import type { Secrets, Sink } from '../connectors/connector.ts';
import type { Document } from '../document.ts';
import type { Journal, JournalEntry, Outcome } from '../journal/entry.ts';
import { entryId } from '../journal/outranks.ts';
import type { Archive } from '../journal/payload.ts';
import type { Table } from '../mapping/mapping.ts';
import type { ConnectorPlan, OrganizationPlan } from '../plan.ts';
import type { Store } from '../store/store.ts';
import type { Subscribers } from '../subscribers.ts';
import type { Tables } from '../tables/tables.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Tracer } from '../telemetry/tracing.ts';
import type { CompiledIntegration, CompiledPartner, CompiledTable } from './compiled.ts';
import type { Failing } from './failing.ts';
import type { Holds } from './holds.ts';
import type { PassPoint } from './points.ts';

/** The roots in force: their last good versions. Replaced as a whole, never changed. */
export interface InForce {
  integrations: ReadonlyMap<string, CompiledIntegration>;
  partners: ReadonlyMap<string, CompiledPartner>;
  /** Live ReferenceTables. */
  tables: ReadonlyMap<string, CompiledTable>;
  organization: OrganizationPlan;
  holds: Holds;
  subscribers: Subscribers;
}

export interface Environment {
  namespace: string;
  broker: Broker;
  journal: Journal;
  archive: Archive;
  store: Store;
  tables: Tables;
  secrets: Secrets;
  log: Log;
  metrics: Metrics;
  /** Absent where nobody asks for traces. */
  tracer?: Tracer;
  inForce(): InForce;
  /** Tables of this name that stand still, in the versions that are in force. */
  standing(table: string): Iterable<Table>;
  /** Shared by all that deliver through the connector, so that its limits hold for the pod. */
  sinkOf(connector: ConnectorPlan): Sink;
  /** Last thing that went wrong at a root, for its status. */
  trouble(root: string, error: { class: string; code: string; message: string }): void;
  /** What cannot be delivered now, for status as long as it lasts. */
  failing: Pick<Failing, 'failed' | 'worked'>;
  /** Before work that takes a while, after anything was awaited: resolves when it is the root's turn. */
  turn(root: string): Promise<void>;
  now(): number;
  random(): number;
  /**
   * True in production. False acks messages before what they caused is confirmed: the tests that kill processes must fail then, which
   * shows that they can.
   */
  ackAfterConfirm: boolean;
  pass: PassPoint;
}

/** The journal entry of a document at a destination; `more` adds what the outcome needs. */
export function entryOf(
  document: Pick<Document, 'id' | 'type' | 'origin' | 'source' | 'epoch' | 'traceparent'>,
  destination: string,
  outcome: Outcome,
  at: number,
  more: Partial<JournalEntry> = {},
): JournalEntry {
  const attempt = more.attempt ?? 1;
  return {
    id: entryId(document.id, destination, document.epoch, outcome, attempt),
    at,
    outcome,
    document: document.id,
    type: document.type,
    origin: document.origin,
    source: document.source,
    destination,
    epoch: document.epoch,
    attempt,
    ...(document.traceparent && { traceparent: document.traceparent }),
    ...more,
  };
}
