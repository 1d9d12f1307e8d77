/** Orders: found by any number; and one with its lines, documents and objectives. */
import type { Day, Decimal, DocumentState, Money, ObjectiveStatus, Severity, Time } from './base.ts';
import type { ExceptionItem } from './exceptions.ts';

export type TransactionStateName = 'Open' | 'Complete' | 'Cancelled';
/** GET transactions */
export interface TransactionsQuery {
  process?: string;
  /**
   * Values of any business key (order, shipment, SSCC, bill of lading, lot), or the beginning of a transaction's own; several, as pasted, apart by white
   * space, comma or semicolon (then exact, at most 1,000).
   * @maxLength 20000
   */
  q?: string;
  state?: TransactionStateName;
  partner?: string;
  /** Only with a breached objective. */
  late?: boolean;
  /** Only with an open exception. */
  exception?: boolean;
  /** Only what the overview counts as at risk: with an open exception, or an objective that is breached or warned. */
  atRisk?: boolean;
  /** Only those where this milestone is not reached. */
  missing?: string;
  /** Opened at or after. */
  from?: Time;
  /** Opened before. */
  to?: Time;
  sort?: 'opened' | '-opened' | 'changed' | '-changed' | 'key' | '-key';
  /** @maxLength 1000 */
  cursor?: string;
  /** @minimum 1 @maximum 500 */
  limit?: number;
  format?: 'csv';
}
export interface TransactionList {
  items: TransactionRow[];
  next?: string;
  /** Values of a pasted list that no transaction has. */
  notFound?: string[];
}
export interface TransactionRow {
  process: string;
  key: string;
  state: TransactionStateName;
  partners: string[];
  openedAt: Time;
  changedAt: Time;
  /** In the order of the process. */
  milestones: Milestone[];
  late: boolean;
  warning: boolean;
  /** Open ones. */
  exceptions: number;
  /** At stake in open exceptions. */
  atRisk: Money[];
  value: Money[];
}
export interface Milestone {
  name: string;
  state: 'Open' | 'Partly' | 'Reached';
  at?: Time;
  /** Lines, or deliveries, that are there, and of how many. */
  done?: number;
  of?: number;
  /** Set by a person's fact, not by a document. */
  byHand?: boolean;
}
/** GET transactions/{process}/{key} */
export interface TransactionDetail extends TransactionRow {
  keyName: string;
  expectedOn?: Day;
  shipTo?: string;
  objectives: Objective[];
  lines: OrderLine[];
  matches: { name: string; state: string }[];
  /** Open and closed; `exceptions` of the row counts the open ones. */
  exceptionItems: ExceptionItem[];
  /** What could not be read of its documents; for people. */
  problems: string[];
  /** In order of time. */
  timeline: TimelineDocument[];
  facts: Fact[];
  links: Link[];
}
/** Opens what a business key names in another system, as a Connector says. */
export interface Link {
  /** For people: `ERP`. */
  name: string;
  url: string;
}
export interface Objective {
  policy: string;
  name: string;
  from?: string;
  to: string;
  severity: Severity;
  status: ObjectiveStatus;
  dueAt?: Time;
  warnAt?: Time;
  /** When it was met. */
  at?: Time;
  /** For people, where there is something to say. */
  message?: string;
}
/** Quantities of one order line; absent: nothing of the kind is known. */
export interface OrderLine {
  id: string;
  item?: string;
  unit?: string;
  price?: Decimal;
  currency?: string;
  ordered: Decimal;
  confirmed?: Decimal;
  shipped?: Decimal;
  received?: Decimal;
  damaged?: Decimal;
  invoiced?: Decimal;
  /** Ordered less received in good condition, at least 0. */
  open: Decimal;
}
export interface TimelineDocument {
  id: string;
  /** `ship-notice.v1` */
  type: string;
  origin: 'partner' | 'system';
  source: string;
  at: Time;
  state?: DocumentState;
  /** Document that caused it. */
  causation?: string;
  keys: BusinessKey[];
  revision?: { key: string; sequence: string; action: string };
  accounts: Account[];
  /** Of the interchange that it went out or came in with: 997, 999 or CONTRL. */
  acknowledgment?: Acknowledgment;
}
/** 997, 999, TA1 or CONTRL of what was sent to a partner. */
export interface Acknowledgment {
  state: 'Expected' | 'Overdue' | 'Received' | 'Accepted' | 'AcceptedWithErrors' | 'PartiallyAccepted' | 'Rejected';
  at?: Time;
  message?: string;
}
export interface BusinessKey {
  name: string;
  value: string;
}
/** What became of a document at one place. */
export interface Account {
  /** '' for intake, `<integration>` for its inbox, `<integration>/<destination>`. */
  destination: string;
  state?: DocumentState;
  outcome: string;
  attempt: number;
  at: Time;
  nextAt?: Time;
  error?: { class: string; code: string; message: string };
}
/** A statement of a person that counts as if a document had said it. */
export interface Fact {
  id: string;
  milestone: string;
  at: Time;
  by: string;
  reason: string;
  /** Lines that it is about; all without. */
  lines?: string[];
  recordedAt: Time;
}
/** POST transactions/{process}/{key}/facts; answers Fact. */
export interface FactRequest {
  /** @minLength 1 @maxLength 63 */
  milestone: string;
  /** When it happened; now without. */
  at?: Time;
  /** @maxItems 500 */
  lines?: string[];
  /** Says how it is known: `confirmed by phone, Ms Wu`. @minLength 1 @maxLength 512 */
  reason: string;
}
