/** Partners and how they do. */
import type { Day, Time } from './base.ts';
import type { ExceptionItem } from './exceptions.ts';
import type { FlowState } from './overview.ts';

/** GET partners */
export interface PartnersQuery {
  format?: 'csv';
}
export interface PartnerList {
  items: PartnerRow[];
}
export interface PartnerRow {
  name: string;
  displayName: string;
  usage: 'Production' | 'Test' | 'Unknown';
  /** Declared: no document yet. Testing: documents of usage Test only. Live: documents in production. */
  onboarding: 'Declared' | 'Testing' | 'Live';
  state: FlowState;
  message?: string;
  scorecard: Scorecard;
}
/** Of the last 90 days; absent: nothing to judge by. */
export interface Scorecard {
  transactions: number;
  openTransactions: number;
  /** Median from Released to Confirmed, in seconds. */
  confirmationSeconds?: number;
  /** Median until the functional acknowledgment came, in seconds. */
  acknowledgmentSeconds?: number;
  /** Share of ship notices that needed no exception, 0 to 1. */
  asnAccuracy?: number;
  /** Share of objectives met in time, 0 to 1. */
  onTime?: number;
  openExceptions: number;
  deadLetters: number;
  lastDocumentAt?: Time;
}
/** GET partners/{name} */
export interface PartnerDetail extends PartnerRow {
  profile?: string;
  channel?: string;
  identifiers: string[];
  documentTypes: string[];
  conditions: Condition[];
  /** By week, oldest first. */
  weeks: { week: Day; transactions: number; onTime?: number; exceptions: number }[];
  exceptions: ExceptionItem[];
}
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  at?: Time;
}
