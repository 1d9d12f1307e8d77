/**
 * A document on its way: canonical JSON (or raw bytes before decoding) with the headers that every stage needs.
 * Header names are CloudEvents' with the prefix `ce-`, `traceparent` and `tracestate` (W3C) and our own `crossdock-*`.
 */
import type { TraceContext } from './telemetry/tracing.ts';

export interface Document extends TraceContext {
  /** Derived identity; see identity.ts. Equal for a redelivery, a second poll, a crash between archive and ack. */
  id: string;
  /** `<name>.v<version>`, e.g. `ship-notice.v1`. Empty for a raw interchange. */
  type: string;
  origin: 'partner' | 'system';
  /** Partner (origin partner) or Integration (origin system) that it came in by. */
  source: string;
  /** Epoch ms of first acceptance. */
  receivedAt: number;
  /** Business keys by name; values unique and sorted. */
  keys: Record<string, string[]>;
  /** Where the type declares revisions. */
  revision?: { key: string; sequence: string; action: string };
  /** sha256 hex of the canonical body. */
  bodyHash: string;
  /** Document that caused this one (interchange, replied-to document). */
  causation?: string;
  /** `<mapping>@<hash>` that made it canonical. Told once, in the entry of its acceptance; not carried on. */
  mappedBy?: string;
  /** Raised by each replay or release: later accounts supersede earlier ones. */
  epoch: number;
  /** Accepted without its rules having been checked, because a live table could not be asked: whoever takes it checks them first. */
  provisional?: boolean;
  contentType: string;
  body: Buffer;
}

/** A document on its way to one destination: what an outbox message adds. */
export interface Shipment {
  document: Document;
  integration: string;
  /** '' for an acknowledgment, whose `integration` is ACKNOWLEDGMENTS. */
  destination: string;
  /** Counts from 1; ours, never the broker's. */
  attempt: number;
  /** Raised after a definite refusal only. Part of the idempotency key. */
  keyRevision: number;
  /** Where documents keep their order: those with the same take effect one after another. */
  orderKey?: string;
  /** Epoch ms of the first attempt. */
  firstAttemptAt?: number;
  /** Mapped body for a system; the canonical body again for a partner (its terms map at delivery). */
  payload: Buffer;
  /** Values computed from the canonical document when it was routed: HTTP path, file name, routing key, partner. */
  target: {
    path?: string;
    fileName?: string;
    routingKey?: string;
    partner?: string;
    /** Acknowledgments only: whether the interchange that they answer was a test. */
    usage?: 'Production' | 'Test';
  };
}
