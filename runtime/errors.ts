/**
 * What can go wrong with a document, by class. The class decides what happens next and is what a person searches for;
 * the code is stable and narrower (`UnknownItem`, `http.503`, `x12.SE01`).
 */
export type ErrorClass =
  | 'AccessDenied'
  | 'DecodeFailed'
  | 'ValidationFailed'
  | 'MappingFailed'
  | 'ReferenceDataMissing'
  | 'DuplicateDocument'
  | 'DeliveryFailed'
  | 'BusinessRejected'
  | 'AcknowledgmentOverdue'
  | 'Unroutable';

/** Where in a document or expression: `path` is a JSON pointer; line, segment and element count from 1, byte and position from 0. */
export interface Place {
  path?: string;
  line?: number;
  segment?: number;
  segmentId?: string;
  element?: number;
  byte?: number;
  /** Offset in the text of an expression. */
  position?: number;
  /** Mapping, rule, or destination whose expression or schema it was. */
  in?: string;
}

export interface Violation {
  code: string;
  message: string;
  place?: Place;
  /** How to mend it, when the code alone does not say. */
  remedy?: string;
}

export interface DocumentErrorOptions {
  class: ErrorClass;
  code: string;
  message: string;
  /** Whether the same document may succeed later without anybody changing anything. */
  retryable?: boolean;
  /** Earliest useful retry, ms from now (Retry-After, `after`). */
  retryAfterMs?: number;
  /** Whether the other side definitely did not take the effect: the idempotency key's revision may rise. */
  definite?: boolean;
  /** `Park` keeps it for a person instead of dead-lettering. */
  disposition?: 'DeadLetter' | 'Park';
  owner?: string;
  /** With Park: it can go on when the ReferenceTable has this row; `key` as runtime/mapping/tables.ts writes keys. */
  waitsFor?: { table: string; key: string };
  violations?: Violation[];
  cause?: unknown;
}

/** An error about one document. Its message holds no secret value and no payload beyond the offending field. */
export class DocumentError extends Error {
  readonly class: ErrorClass;
  readonly code: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly definite: boolean;
  readonly disposition: 'DeadLetter' | 'Park';
  readonly owner: string | undefined;
  readonly waitsFor: DocumentErrorOptions['waitsFor'];
  readonly violations: readonly Violation[];

  constructor(options: DocumentErrorOptions) {
    super(options.message, { cause: options.cause });
    this.name = 'DocumentError';
    this.class = options.class;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.definite = options.definite ?? false;
    this.disposition = options.disposition ?? 'DeadLetter';
    this.owner = options.owner;
    this.waitsFor = options.waitsFor;
    this.violations = options.violations ?? [];
  }
}
