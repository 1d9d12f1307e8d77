/**
 * Journal entries: what happened to documents, one JSON object each, many per stream message (a JSON array).
 * Ids are derived from what happened, so a redelivery writes the same entry again and the fold ignores it. The fold is
 * commutative and idempotent: state of a (document, destination) is the entry that `outranks` all others.
 */
import type { ErrorClass, Violation } from '../errors.ts';

export type Outcome =
  /** In flight: accepted by intake; `subscribers` will each write Routed. */
  | 'Accepted'
  /** In flight: an integration made shipments for `destinations` (empty: no `when` was true, which ends there as Delivered). */
  | 'Routed'
  /** In flight: an attempt failed, another follows. */
  | 'Retrying'
  | 'Delivered'
  | 'Rejected'
  | 'DeadLettered'
  | 'Parked'
  | 'Duplicate'
  | 'Superseded'
  /** In flight again, in a higher epoch: replayed or released. */
  | 'Replayed'
  /** Removed from the dead letters by a person, with a reason. Counts as DeadLettered in accounts, flagged. */
  | 'Discarded';

export interface JournalEntry {
  /** sha256 (32 hex digits) of document, destination, epoch, outcome, attempt. */
  id: string;
  /** Epoch ms. */
  at: number;
  outcome: Outcome;
  document: string;
  type: string;
  origin: 'partner' | 'system';
  source: string;
  /**
   * `` for intake (Accepted, Rejected, or a DecodeFailed dead letter), `<integration>` for its inbox,
   * `<integration>/<destination>` for a destination.
   */
  destination: string;
  epoch: number;
  attempt: number;
  /** On Accepted, and on the first entry of documents that never were. */
  keys?: Record<string, string[]>;
  revision?: { key: string; sequence: string; action: string };
  causation?: string;
  bodyHash?: string;
  /** On Accepted: integrations that will get it. */
  subscribers?: string[];
  /** On Routed. */
  destinations?: string[];
  /** Partner that a shipment goes to, control numbers, the answer's status, the reply's document id. */
  detail?: Record<string, string | number>;
  error?: { class: ErrorClass; code: string; message: string; violations?: Violation[] };
  /** For Retrying: epoch ms of the next attempt. */
  nextAt?: number;
  /** Who and why, for Replayed, Discarded, and what came of a document that a person edited. */
  by?: string;
  reason?: string;
  traceparent?: string;
}

/** What stages write to. Resolves when the entry is confirmed by the stream: only then may what it tells of be acked. */
export interface Journal {
  write(entry: JournalEntry): Promise<void>;
}
