/**
 * What the pipeline keeps in PostgreSQL. Only declared revisions and control numbers need it; when it is away, what needs it waits
 * in its queue and everything else goes on.
 */
export interface Claim {
  /** Event type, e.g. `ship-notice.v1`. */
  type: string;
  /** `partner/<name>` or `system/<integration>`. */
  source: string;
  key: string;
  /** Compared as text unless both are numbers; '' where the type declares none. */
  sequence: string;
  document: string;
  bodyHash: string;
}
export type ClaimResult =
  /** First of its key and sequence, and no later sequence is known. The same document id gets this answer again. */
  | { verdict: 'New' }
  /** Same key, sequence and body under another document id. */
  | { verdict: 'Duplicate'; of: string }
  /** Same key and sequence with another body. */
  | { verdict: 'Conflict'; with: string }
  /** A later sequence of the key was claimed before. */
  | { verdict: 'Superseded'; by: string };

export interface Store {
  /** Claims from concurrent callers are batched into one statement. Rejects while PostgreSQL is away (StoreUnavailableError). */
  claim(claim: Claim): Promise<ClaimResult>;
  /** The number of (document, destination) on a counter: drawn on the first call, the same on every later one. From 1. */
  controlNumber(counter: string, document: string, destination: string): Promise<number>;
  /** Whose number it is on one of the counters; undefined where it was never drawn. */
  numbered(counters: readonly string[], number: number): Promise<{ document: string; destination: string } | undefined>;
  readonly healthy: boolean;
  close(): Promise<void>;
}

export class StoreUnavailableError extends Error {
  override name = 'StoreUnavailableError';
}
