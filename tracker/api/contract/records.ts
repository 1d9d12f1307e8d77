/** Measures, audit, events, and views that people keep. */
import type { Day, Time } from './base.ts';

/** GET measures */
export interface MeasuresQuery {
  /** A day of the first week; 12 weeks ago without. Weeks are whole. */
  from?: Day;
  /** A day of the last week; this week without. */
  to?: Day;
  partner?: string;
  format?: 'csv';
}
/** Rows by week (its Monday) and partner ('' where none is known). */
export interface Measures {
  rows: MeasureRow[];
}
export interface MeasureRow {
  week: Day;
  partner: string;
  /** Opened in that week. */
  transactions: number;
  complete: number;
  /** From Received to Posted, in seconds. */
  receiptToPosting?: { median: number; p95: number; count: number };
  /** Transactions with an exception about an invoice, opened in that week. */
  invoiceHolds: number;
  exceptions: number;
  /** Share of objectives met in time, 0 to 1. */
  compliance?: number;
  /** Acts of people: replays, discards, resolutions, facts, resubmissions. */
  touches: number;
}
/** GET audit */
export interface AuditQuery {
  actor?: string;
  act?: string;
  target?: string;
  from?: Time;
  to?: Time;
  /** @maxLength 1000 */
  cursor?: string;
  /** @minimum 1 @maximum 500 */
  limit?: number;
  format?: 'csv';
}
export interface AuditList {
  items: AuditEntry[];
  next?: string;
}
export interface AuditEntry {
  id: string;
  at: Time;
  actor: string;
  /** `ExceptionsActed`, `LoggedIn`, `Refused` … */
  act: string;
  target: string;
  outcome: 'Done' | 'Refused' | 'Failed';
  reason?: string;
  detail?: { [name: string]: string | number | boolean };
}
/**
 * GET events: `text/event-stream`. Each event has an `id` (give it back as Last-Event-ID), `event: changed` and this as `data`. Events are at most one per
 * 500 ms; a `ping` comment every 15 s. `event: reset`: too much was missed, read all anew.
 */
export interface Changed {
  /** What has changed since the last event. */
  topics: Topic[];
  /** Keys of transactions that changed, at most 100; absent: unknown or more. */
  transactions?: { process: string; key: string }[];
}
export type Topic =
  | 'documents'
  | 'transactions'
  | 'exceptions'
  | 'dead-letters'
  | 'integrations'
  | 'holds'
  | 'replays'
  | 'audit';
/** GET views: those of the user and those that are shared. */
export interface ViewList {
  items: View[];
}
export interface View {
  name: string;
  page: string;
  /** Query of the page, as in its address. */
  query: { [name: string]: string };
  shared: boolean;
  owner: string;
  /** It is the user's own. */
  own: boolean;
}
/** PUT views/{name} */
export interface ViewRequest {
  /** @minLength 1 @maxLength 63 */
  page: string;
  query: { [name: string]: string };
  /** Seen by all; needs the role Operator. */
  shared?: boolean;
}
