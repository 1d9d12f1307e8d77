/** What comes in, whether it was announced, and which orders nobody confirmed. */
import type { Day, Money, ObjectiveStatus, Time } from './base.ts';

/** GET today?day=&days= */
export interface TodayQuery {
  /** First day; today without. */
  day?: Day;
  /** How many days. @minimum 1 @maximum 31 */
  days?: number;
}
export interface Today {
  day: Day;
  days: number;
  /** One per warehouse or other place that goods go to; '' where the order names none. */
  arrivals: ArrivalsAt[];
  /** Orders released and not confirmed, those due first. */
  unconfirmed: Unconfirmed[];
}
export interface ArrivalsAt {
  shipTo: string;
  present: number;
  absent: number;
  mismatched: number;
  expected: Arrival[];
}
/** Present: announced in full. Absent: no ship notice. Mismatched: announced, but other quantities than are still open, or with an open exception. */
export type AsnState = 'Present' | 'Absent' | 'Mismatched';
export interface Arrival {
  process: string;
  key: string;
  partners: string[];
  expectedOn: Day;
  asn: AsnState;
  /** Values of the business key `shipment` of its ship notices. */
  shipments: string[];
  lines: number;
  /** Lines announced in full. */
  announced: number;
  received: boolean;
  /** Of an objective about it, if there is one. */
  dueAt?: Time;
}
export interface Unconfirmed {
  process: string;
  key: string;
  partners: string[];
  releasedAt: Time;
  expectedOn?: Day;
  dueAt?: Time;
  status?: ObjectiveStatus;
  value: Money[];
}
