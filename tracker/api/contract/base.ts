/** Words that all parts of the API share. */
import type { LoginWays } from './session.ts';

/** RFC 3339, UTC, with milliseconds. @format date-time */
export type Time = string;
/** Calendar date. @format date */
export type Day = string;
/** Exact decimal as text: `1234.50`. @pattern ^-?[0-9]+([.][0-9]+)?$ */
export type Decimal = string;
/** Amount in one currency; sums of several currencies are lists, one per currency. */
export interface Money {
  amount: Decimal;
  /** ISO 4217. */
  currency: string;
}
export type Role = 'Viewer' | 'Operator' | 'Partner';
/** Of an account, or of a document over all its destinations. */
export type DocumentState =
  | 'InFlight'
  | 'Delivered'
  | 'Rejected'
  | 'DeadLettered'
  | 'Parked'
  | 'Duplicate'
  | 'Superseded';
export type Severity = 'Info' | 'Warning' | 'Critical';
/** Of an objective: Pending (armed), Warning, Breached (the deadline passed and it is not met), Met, MetLate, Void (cannot be judged). */
export type ObjectiveStatus = 'Pending' | 'Warning' | 'Breached' | 'Met' | 'MetLate' | 'Void';

/** RFC 9457. */
export interface Problem {
  /** `about:blank`, or a link to the page that tells of it. */
  type: string;
  title: string;
  status: number;
  /** What, where, how to mend. */
  detail?: string;
  /** Of the request: also in the log and the audit. */
  requestId?: string;
  /** Of a request that does not fit its schema. */
  violations?: Violation[];
  /** On 401: how one can log in. */
  login?: LoginWays;
}
export interface Violation {
  /** JSON pointer into the body, or `?name` of a query parameter. */
  pointer: string;
  message: string;
}
/** What came of an act that may be about many. */
export interface ActResult {
  /** Documents or exceptions that it is about. */
  selected: number;
  done: number;
  /** With what refused it. */
  failed: { id: string; message: string }[];
  /** New document or Replay that came of it. */
  document?: string;
  replay?: string;
  dryRun?: boolean;
}
