/** Between the HTTP server that partners and our systems post to, and the pipeline that takes what they post. */
import type { Credential, InboundAuth } from '../../crds/generated/types.ts';
import type { DocumentError, Violation } from '../errors.ts';
import type { TraceContext } from '../telemetry/tracing.ts';

/** What may be posted now; replaced as a whole when the plan changes. */
export interface Endpoints {
  /** `POST <path>`: one of our systems, by integration. */
  integrations: { integration: string; path: string; auth?: InboundAuth }[];
  /** `POST /documents/<document type resource name>`: who, by which credentials. */
  partners: { partner: string; credentials: Credential[]; documentTypes: string[] }[];
  /** `GET /tables/<name>`, by those partners; requests a second by one of them. Absent = none. */
  tables?: { table: string; ratePerSecond: number }[];
}

/** A partner asks a live table: for the row of a key, or (without key parts) for a page of its rows after a key. */
export interface Asked {
  partner: string;
  table: string;
  key: string[];
  after: string;
  limit: number;
}
export type AskAnswer =
  | { row: Record<string, unknown> }
  /** `next`: the key to go on after. */
  | { rows: Record<string, unknown>[]; next?: string }
  | { notFound: string }
  | { unavailable: true };
/** Implemented by the pipeline. */
export type Ask = (asked: Asked) => Promise<AskAnswer>;

export interface Posted extends TraceContext {
  origin: 'partner' | 'system';
  /** Partner or Integration. */
  source: string;
  /** Resource name of the document type, for partners. */
  documentType?: string;
  body: Buffer;
  contentType: string;
  /** The caller's Idempotency-Key header; without one the identity is drawn. */
  idempotencyKey?: string;
}

export type Answer =
  /** Confirmed by a quorum queue: 202. */
  | { accepted: true; documents: { id: string; type: string }[]; warnings: Violation[] }
  /** The sender's fault, journalled Rejected: 400, 413, 415 or 422 as a problem with all violations. */
  | { accepted: false; status: 400 | 413 | 415 | 422; error: DocumentError }
  /** Ours: 503 with Retry-After (broker away, alarm, hold on inbound). */
  | { accepted: false; status: 503; retryAfterMs: number; error: DocumentError };

/** Implemented by the pipeline. Never throws for a document's own faults. */
export type Accept = (posted: Posted) => Promise<Answer>;
