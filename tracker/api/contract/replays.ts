/** Documents sent on again. */
import type { Time } from './base.ts';

/** GET replays */
export interface ReplayList {
  items: ReplayRow[];
}
export interface ReplayRow {
  name: string;
  reason: string;
  by?: string;
  mode: 'DryRun' | 'Run';
  state: 'Pending' | 'AwaitingApproval' | 'Running' | 'Succeeded' | 'Failed' | 'Cancelled';
  message?: string;
  selector: ReplaySelector;
  ratePerSecond?: number;
  selected: number;
  done: number;
  failed: number;
  /** Who approved it, where that was needed. */
  approvals: string[];
  createdAt?: Time;
  finishedAt?: Time;
  /** Of documents; at most 200. */
  outcomes: { document: string; outcome: string; message?: string }[];
}
/** All that is named must hold. */
export interface ReplaySelector {
  /** @maxLength 63 */
  integration?: string;
  /** `<integration>/<destination>` or its last part. @maxLength 200 */
  destination?: string;
  /** Error class of dead letters. @maxLength 100 */
  class?: string;
  /** @maxLength 200 */
  code?: string;
  /** @maxLength 200 */
  fingerprint?: string;
  /** @maxLength 63 */
  partner?: string;
  /** @maxLength 200 */
  documentType?: string;
  /** Mapping, to be found by a bad version of it: `name@hash`. @maxLength 200 */
  mapping?: string;
  /** Business keys. @maxItems 500 */
  keys?: string[];
  /** Ids of documents. @maxItems 500 */
  documents?: string[];
  since?: Time;
  until?: Time;
}
/** POST replays; answers ReplayRow. */
export interface ReplayRequest {
  /** @minLength 1 @maxLength 512 */
  reason: string;
  mode: 'DryRun' | 'Run';
  selector: ReplaySelector;
  /** @minimum 1 @maximum 1000 */
  ratePerSecond?: number;
}

/** POST replays/{name}/cancel */
export interface ReasonRequest {
  /** @minLength 1 @maxLength 512 */
  reason: string;
}
