/**
 * What a runtime tells the operator: `GET /state?after=REVISION`, with `Authorization: Bearer <token>`. The answer comes when
 * the revision is above `after`, or after 25 s with what there is; without `after` at once. 401 without the right token.
 */
import type { ErrorClass } from './errors.ts';
import type { PartHash } from './plan.ts';

export interface RuntimeState {
  /** Rises with every change of what follows; starts anew with the process (then it may be below `after`: answer at once). */
  revision: number;
  /** Unique among the runtimes of a pool and lives: pod name, or host and process id. */
  pod: string;
  /** Name of its RuntimePool; absent: the default one. */
  pool?: string;
  /** `indexHash` (runtime/published.ts) of the index in force; empty before the first. */
  index: string;
  /** By `Integration/<name>` and `Partner/<name>`. */
  roots: Record<string, RootState>;
}
export type RootKey = `${RootKind}/${string}`;
/** A ReferenceTable is a root when it lives. */
export type RootKind = 'Integration' | 'Partner' | 'ReferenceTable';

export interface RootState {
  /** Of the plan in force. */
  hash: PartHash;
  generation: number;
  /** Failed: its plan is in force but it cannot work at all (a source that cannot be opened). */
  state: 'Running' | 'Paused' | 'Stopped' | 'Failed';
  health: 'Healthy' | 'Degraded';
  /** What is wrong, for a person; no secret values. */
  message?: string;
  lastError?: { class: ErrorClass; code: string; message: string /** RFC 3339. */; at: string };
  /** Where documents keep their order: what has kept its key waiting longest, if that is long. */
  blocked?: BlockedKey;
  /** A newer plan that was refused; the one above stays in force. */
  rejected?: { hash: PartHash; generation: number; message: string };
  /** Of the rejected plan, or of the one in force if it is the first. */
  failedTests?: FailedTest[];
}
export interface BlockedKey {
  /** '' where it waits to be routed. */
  destination: string;
  key: string;
  document: string;
  /** RFC 3339. */
  since: string;
  message: string;
}
export interface FailedTest {
  /** Resource name of the Mapping. */
  mapping: string;
  test: string;
  message: string;
}
