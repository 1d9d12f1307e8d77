/**
 * Acts of people: what they say, what comes of it, how it is refused. Each act is written to the audit in the transaction that it takes
 * effect in. Who may act is decided before: `by` is believed.
 */

import type pg from 'pg';
import type { Broker } from '../../runtime/broker/broker.ts';
import type { JournalEntry } from '../../runtime/journal/entry.ts';
import type { StreamWriter } from '../../runtime/journal/writer.ts';
import type { Log } from '../../runtime/telemetry/log.ts';

/** Why an act cannot be. `Invalid`: it contradicts itself or what it names; `Conflict`: not in this state; `Unavailable`: try again. */
export class ActError extends Error {
  override name = 'ActError';
  readonly kind: 'Invalid' | 'NotFound' | 'Conflict' | 'Unavailable';
  constructor(kind: ActError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Who acts, and why: at most 512 characters. */
export interface Person {
  by: string;
  reason: string;
}

export interface ActReport {
  /** Documents or exceptions that it is about. */
  selected: number;
  done: number;
  /** By document (`id destination`) or exception id. */
  failed: { id: string; message: string }[];
}

/** A namespace as acts on its letters need it. */
export interface Office {
  namespace: string;
  database: pg.Pool;
  log: Log;
  /** Throws ActError Unavailable while there is no broker. */
  courier(): Courier;
}
export interface Courier {
  /** `amqp[s]://`, and the authority's certificate: letters are taken on a connection of their own. Never logged. */
  access: { uri: string; ca?: string };
  broker: Broker;
  journal: StreamWriter<JournalEntry>;
}

// ── Exceptions ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

export type ExceptionActKind = 'Assign' | 'Comment' | 'Snooze' | 'Escalate' | 'Resolve';

export interface ExceptionRef {
  process: string;
  key: string;
  id: string;
}
export interface ExceptionActRequest {
  kind: ExceptionActKind;
  by: string;
  /** Needed for Comment and Resolve. At most 2,000 characters. */
  text?: string;
  /** Needed for Assign; '' takes it from whoever has it. */
  owner?: string;
  /** Epoch ms in the future; needed for Snooze. */
  until?: number;
  /** Needed for Resolve: one that the BusinessProcess declares. */
  resolution?: string;
}
export interface ExceptionAct extends ExceptionRef {
  kind: ExceptionActKind;
  by: string;
  /** Epoch ms. */
  at: number;
  text?: string;
  owner?: string;
  until?: number;
  resolution?: string;
  /** Of the resolution, for the figures that the person saw. Settled: the match counts as agreed. Disputed: closed, but it goes on to disagree. */
  result?: 'Settled' | 'Disputed';
  /** Figures that the person saw. */
  expected: string;
  actual: string;
}

// ── Facts by hand ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** "Confirmed by phone": a milestone that a person says is reached; counts as if a document had said so. */
export interface FactByHand {
  id: string;
  process: string;
  key: string;
  milestone: string;
  /** Epoch ms at which it happened. */
  at: number;
  /** Of a milestone by line; absent: all. */
  lines?: string[];
  by: string;
  reason: string;
  recordedAt: number;
}
export type FactRequest = Pick<FactByHand, 'process' | 'key' | 'milestone' | 'by' | 'reason'> & {
  /** Not in the future. Default: now. */
  at?: number;
  lines?: string[];
};

// ── Audit ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface AuditRecord {
  actor: string;
  /** `LettersDiscarded`, `ReplayStarted`, `ExceptionResolved`, `FactRecorded`, `Refused` … */
  act: string;
  /** What it is about: `Replay/after-outage`, `group/3f…`, `Transaction/inbound/PO-1`. */
  target: string;
  outcome: 'Done' | 'Refused' | 'Failed';
  reason?: string;
  detail?: Record<string, string | number | boolean>;
}
export interface AuditEntry extends AuditRecord {
  /** Rises with time. */
  id: string;
  /** Epoch ms. */
  at: number;
}
export interface AuditFilter {
  actor?: string;
  act?: string;
  /** The beginning of it. */
  target?: string;
  from?: number;
  to?: number;
  /** Entries before this id. */
  before?: string;
  limit?: number;
}
