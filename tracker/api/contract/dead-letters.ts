/** Documents that could not go on, by cause. */
import type { Time } from './base.ts';
import type { BusinessKey } from './transactions.ts';

/** GET dead-letters */
export interface DeadLettersQuery {
  state?: 'DeadLettered' | 'Parked';
  integration?: string;
  partner?: string;
  class?: string;
}
export interface DeadLetterGroups {
  items: DeadLetterGroup[];
}
/** Letters with the same cause at the same place. */
export interface DeadLetterGroup {
  fingerprint: string;
  state: 'DeadLettered' | 'Parked';
  class: string;
  code: string;
  integration: string;
  /** As in Account. */
  destination: string;
  /** Of the newest; what differs between letters may be generalised. */
  message: string;
  count: number;
  firstAt: Time;
  lastAt: Time;
  partners: string[];
  /** Id of one of its documents. */
  example: string;
  /** What it keeps waiting; for people. */
  impact?: string;
}
/** GET dead-letters/{fingerprint} */
export interface DeadLetterDetail {
  group: DeadLetterGroup;
  letters: DeadLetter[];
  next?: string;
}
export interface DeadLetter {
  document: string;
  type: string;
  source: string;
  destination: string;
  keys: BusinessKey[];
  at: Time;
  attempt: number;
  message: string;
}
export interface PageQuery {
  /** @maxLength 1000 */
  cursor?: string;
  /** @minimum 1 @maximum 500 */
  limit?: number;
}
/** POST dead-letters/{fingerprint}/replay|discard|park; answers ActResult. */
export interface DeadLetterActRequest {
  /** @minLength 1 @maxLength 512 */
  reason: string;
  /** Says what would happen, and does nothing. */
  dryRun?: boolean;
  /** Only these documents of the group; all without. @maxItems 500 */
  documents?: string[];
}
