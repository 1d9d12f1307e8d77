/** A replay: which documents, how fast, who asked and who approved, and what came of each. One row per replay; trackers carry it out. */

/** All that is named must hold; at least one beside since and until must be named. */
export interface ReplaySelector {
  integration?: string;
  /** `<integration>/<destination>`, or the destination's name where `integration` is given. */
  destination?: string;
  /** Takes the letters. Without it: what was delivered, from the archive. `fingerprint` alone says all of a group. */
  deadLetters?: { state?: 'DeadLettered' | 'Parked'; class?: string; code?: string; fingerprint?: string };
  /** Who sent it, or who it was for. */
  partner?: string;
  /** `ship-notice.v1` */
  documentType?: string;
  /** Values of any business key. */
  keys?: string[];
  /** Ids. */
  documents?: string[];
  /** Documents that this Mapping made; with `hash` (its beginning will do) that version of it only. */
  mapping?: { name: string; hash?: string };
  /** Epoch ms of when it failed or was delivered: at or after, before. */
  since?: number;
  until?: number;
}
export type ReplayMode = 'DryRun' | 'Run';

export interface ReplaySpec {
  reason: string;
  requestedBy: string;
  mode: ReplayMode;
  selector: ReplaySelector;
  /** Default 20. */
  ratePerSecond?: number;
  /** Documents that need no approval of a second person. Default 100. */
  limit?: number;
  /** After it ended, it is forgotten so much later. Default: kept. */
  ttlMs?: number;
}

/** A Replay resource, for the tracker. */
export interface ReplayPlan {
  name: string;
  /** Another object of the same name has another. */
  uid: string;
  spec: ReplaySpec;
  approvals: string[];
  cancelled: boolean;
}

/** AwaitingApproval: more are selected than `limit`, and nobody but who asked has approved. */
export type ReplayState = 'Pending' | 'AwaitingApproval' | 'Running' | 'Succeeded' | 'Failed' | 'Cancelled';
export const ENDED: readonly ReplayState[] = ['Succeeded', 'Failed', 'Cancelled'];

export interface Replay extends ReplaySpec {
  name: string;
  /** Resource: of a Replay resource. Person: by the API or the command line. */
  origin: 'Resource' | 'Person';
  state: ReplayState;
  /** For people: why it waits, what came of it. */
  message: string;
  approvals: string[];
  cancelled: boolean;
  selected: number;
  /** Sent, and not failed. */
  done: number;
  /** Could not be sent, or came back. */
  failed: number;
  /** Epoch ms. */
  createdAt: number;
  startedAt?: number;
  finishedAt?: number;
}

/**
 * Waiting: not sent yet. Selected: of a dry run. Skipped: there was nothing to do any more. Refused: could not be sent, the message says why.
 * Else it was sent, and this is its account now.
 */
export type ItemOutcome =
  | 'Waiting'
  | 'Selected'
  | 'Skipped'
  | 'Refused'
  | 'InFlight'
  | 'Delivered'
  | 'Rejected'
  | 'DeadLettered'
  | 'Parked'
  | 'Duplicate'
  | 'Superseded';
export interface ReplayItem {
  document: string;
  /** As in accounts. */
  destination: string;
  type: string;
  outcome: ItemOutcome;
  /** What would happen, why not, or what went wrong again. */
  message: string;
  /** In which it is sent. */
  epoch: number;
}
