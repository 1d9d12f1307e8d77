/** One document: what became of it, what it held, and its way back in or out. */
import type { Time } from './base.ts';
import type { Link, TimelineDocument } from './transactions.ts';

/** GET documents/{id} */
export interface DocumentDetail extends TimelineDocument {
  entries: Entry[];
  /** Documents that it was caused by, nearest first, and those that it caused. */
  ancestors: DocumentRef[];
  descendants: DocumentRef[];
  payloads: PayloadRef[];
  transactions: { process: string; key: string }[];
  /** Into other systems, by its keys. */
  links: Link[];
  mayResubmit: boolean;
  mayResend: boolean;
  /** Of OpenTelemetry, where its sender or we gave it one. */
  traceId?: string;
}
export interface DocumentRef {
  id: string;
  type: string;
  at: Time;
}
/** An entry of the journal. */
export interface Entry {
  id: string;
  at: Time;
  outcome: string;
  destination: string;
  epoch: number;
  attempt: number;
  error?: {
    class: string;
    code: string;
    message: string;
    violations?: { rule?: string; field?: string; message: string }[];
  };
  /** Partner, control numbers, status of an answer and the like. */
  detail?: { [name: string]: string | number };
  by?: string;
  reason?: string;
}
export interface PayloadRef {
  /** For GET documents/{id}/payloads/{n}. */
  n: number;
  /** Received: as it came from outside. Canonical: after mapping to its document type. Sent: as it went to `destination`. */
  stage: 'Received' | 'Canonical' | 'Sent';
  destination: string;
  at: Time;
  contentType: string;
  bytes: number;
  /** False: too large or past its retention, only its hash is known. */
  kept: boolean;
  /** `?view=words` is possible. */
  words: boolean;
  epoch: number;
  hash: string;
}
/** GET documents/{id}/payloads/{n}: as it is, with its own content type, for `Accept: application/octet-stream` or `?view=raw`; else: */
export interface PayloadQuery {
  /** text: as JSON below. words: the segments of an EDI interchange with what they mean. raw: the bytes, to download. */
  view?: 'text' | 'words' | 'raw';
}
export interface PayloadText {
  n: number;
  contentType: string;
  /** JSON is indented. Sensitive fields are `•••`. */
  text: string;
  /** JSON pointers of what was redacted. */
  redacted: string[];
  /** With `?view=words`. */
  words?: Words;
}
export interface Words {
  format: string;
  segments: WordSegment[];
}
export interface WordSegment {
  /** In the interchange, from 1. */
  position: number;
  /** Nesting by loops. */
  level: number;
  tag: string;
  /** What the segment is called. */
  name?: string;
  /** As it stands. */
  raw: string;
  elements: WordElement[];
}
export interface WordElement {
  /** `BEG03` or `BGM.C106.1004`. */
  ref: string;
  name?: string;
  value: string;
  /** Meaning of a code. */
  meaning?: string;
}
/** POST documents/{id}/resubmit: takes the edited payload in as a new document caused by this one; answers ActResult. */
export interface ResubmitRequest {
  /** The document as JSON of its document type. @maxLength 4194304 */
  payload: string;
  /** @minLength 1 @maxLength 512 */
  reason: string;
}
/** POST documents/{id}/resend: delivers it once more to the destination, as a new effect; answers ActResult. */
export interface ResendRequest {
  /** `<integration>/<destination>`. @minLength 1 @maxLength 600 */
  destination: string;
  /** @minLength 1 @maxLength 512 */
  reason: string;
}
