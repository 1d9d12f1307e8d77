/** Problems by RFC 9457. `type` is a stable URI; `violations` say where and how to mend. */
import type { DocumentError, Violation } from '../errors.ts';

const BASE = 'https://crossdock.dev/problems/';

const TITLES = {
  'access-denied': 'Access denied',
  'bad-request': 'The request cannot be understood',
  'body-too-large': 'The body is too large',
  'business-rejected': 'The document was refused by a rule of business',
  'decode-failed': 'The document cannot be decoded',
  'delivery-failed': 'The document cannot be passed on',
  'duplicate-document': 'The document was received before',
  'length-required': 'The length of the body is not said',
  'mapping-failed': 'The document cannot be mapped',
  'method-not-allowed': 'This method is not answered here',
  'not-found': 'There is nothing here',
  'reference-data-missing': 'The document names what is not known here',
  'too-many-requests': 'Too many requests at a time',
  unauthenticated: 'No valid credentials',
  unavailable: 'Documents cannot be accepted now',
  unroutable: 'Nobody takes such a document',
  'unsupported-media-type': 'The media type or encoding is not supported',
  'validation-failed': 'The document is not valid',
} as const;
export type ProblemSlug = keyof typeof TITLES;

export interface ProblemViolation {
  code: string;
  message: string;
  /** JSON pointer into the document as it was sent. */
  pointer?: string;
  /** Where in a format without pointers: line, segment, element … */
  place?: Record<string, string | number>;
  remedy?: string;
}
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  violations: ProblemViolation[];
}

/** Ends a request. `headers` go with the answer. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly status: number;
  readonly slug: ProblemSlug;
  readonly headers: Record<string, string>;
  readonly violations: readonly Violation[];

  constructor(
    status: number,
    slug: ProblemSlug,
    detail: string,
    options: { headers?: Record<string, string>; violations?: readonly Violation[] } = {},
  ) {
    super(detail);
    this.status = status;
    this.slug = slug;
    this.headers = options.headers ?? {};
    this.violations = options.violations ?? [];
  }
}

/** Of what the pipeline refused. The status says more than the class where it is 400, 413, 415 or 503. */
export function refusalOf(status: 400 | 413 | 415 | 422 | 503, error: DocumentError, retryAfterMs?: number): Refusal {
  const byStatus: Partial<Record<number, ProblemSlug>> = {
    413: 'body-too-large',
    415: 'unsupported-media-type',
    503: 'unavailable',
  };
  const byClass = error.class.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
  const slug = byStatus[status] ?? (byClass in TITLES ? (byClass as ProblemSlug) : 'bad-request');
  return new Refusal(status, slug, error.message, {
    violations: error.violations,
    headers: status === 503 ? retryAfter(retryAfterMs ?? 5_000) : {},
  });
}

/** Whole seconds, at least one. */
export const retryAfter = (ms: number): Record<string, string> => ({
  'retry-after': String(Math.max(1, Math.ceil(ms / 1_000))),
});

export const problemOf = (refusal: Refusal, requestId: string): Problem => ({
  type: BASE + refusal.slug,
  title: TITLES[refusal.slug],
  status: refusal.status,
  detail: refusal.message,
  instance: `urn:uuid:${requestId}`,
  violations: refusal.violations.map(violationOf),
});

export function violationOf({ code, message, place, remedy }: Violation): ProblemViolation {
  const { path, ...rest } = place ?? {};
  return {
    code,
    message,
    ...(path === undefined ? {} : { pointer: path }),
    ...(Object.keys(rest).length > 0 ? { place: rest as Record<string, string | number> } : {}),
    ...(remedy === undefined ? {} : { remedy }),
  };
}
