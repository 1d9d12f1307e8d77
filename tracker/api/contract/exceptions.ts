/** What does not agree, and what people decide about it. */
import type { DocumentState, Money, Severity, Time } from './base.ts';

/** GET exceptions */
export interface ExceptionsQuery {
  process?: string;
  key?: string;
  partner?: string;
  kind?: string;
  severity?: Severity;
  /** `-` for those without. */
  owner?: string;
  /** Default Open, without those that are snoozed. */
  state?: 'Open' | 'Snoozed' | 'Closed' | 'All';
  overdue?: boolean;
  sort?: 'due' | 'opened' | '-opened' | '-money';
  /** @maxLength 1000 */
  cursor?: string;
  /** @minimum 1 @maximum 500 */
  limit?: number;
  format?: 'csv';
}
export interface ExceptionList {
  items: ExceptionItem[];
  next?: string;
  /** Of all that the filter means, at most 10,000. */
  total: number;
}
/** What names an exception. */
export interface ExceptionRef {
  process: string;
  key: string;
  id: string;
  openedAt: Time;
}
export interface ExceptionItem extends ExceptionRef {
  /** Match or objective that found it. */
  match: string;
  kind: string;
  line: string;
  expected: string;
  actual: string;
  money?: Money;
  severity: Severity;
  partners: string[];
  owner?: string;
  dueAt?: Time;
  overdue: boolean;
  closedAt?: Time;
  /** Cause: what it found is so no more. Person: resolved by an act. */
  closedBy?: 'Cause' | 'Person';
  snoozedUntil?: Time;
  escalated: boolean;
  /** What can be decided about it. */
  resolutions: Resolution[];
  /** The document by which a system is told what was decided last; without a state while it is not taken in yet. */
  told?: { document: string; integration: string; state?: DocumentState };
  /** Oldest first. */
  acts: ExceptionAct[];
}
export type ExceptionActKind = 'Assign' | 'Comment' | 'Snooze' | 'Escalate' | 'Resolve';
export interface ExceptionAct {
  kind: ExceptionActKind;
  by: string;
  at: Time;
  text?: string;
  owner?: string;
  until?: Time;
  resolution?: string;
}
/** What a person may decide, as the BusinessProcess declares it. */
export interface Resolution {
  name: string;
  /** Settled: the match counts as agreed. Disputed: the exception leaves the work list, the match goes on to disagree. */
  result: 'Settled' | 'Disputed';
  /** Tells a system of it. */
  integration?: string;
}
/** POST exceptions/acts; answers ActResult. Assign needs owner, Comment text, Snooze until, Resolve text and resolution. */
export interface ExceptionActRequest {
  kind: ExceptionActKind;
  /** @minItems 1 @maxItems 500 */
  exceptions: ExceptionRef[];
  /** @maxLength 128 */
  owner?: string;
  /** @maxLength 2000 */
  text?: string;
  until?: Time;
  /** One of those that the exception offers. @maxLength 63 */
  resolution?: string;
}
