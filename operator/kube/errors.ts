/** Errors of the Kubernetes API by what the caller can do about them. */

export type KubeReason =
  | 'NotFound'
  | 'AlreadyExists'
  /** The object changed, or a UID or resourceVersion precondition failed: read again. */
  | 'Conflict'
  | 'Forbidden'
  | 'Unauthorized'
  /** The resourceVersion or continue token is too old: list again. */
  | 'Gone'
  | 'TooManyRequests'
  /** The server refuses the object itself; the same object will be refused again. */
  | 'Invalid'
  /** 5xx, connection refused or lost, deadline passed: whether a write took effect is unknown. */
  | 'Unavailable';

export class KubeError extends Error {
  readonly reason: KubeReason;
  /** HTTP status, 0 where there was no answer. */
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(
    reason: KubeReason,
    status: number,
    message: string,
    options: { retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'KubeError';
    this.reason = reason;
    this.status = status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export const isKube = (error: unknown, ...reasons: KubeReason[]): error is KubeError =>
  error instanceof KubeError && (reasons.length === 0 || reasons.includes(error.reason));

const BY_STATUS: Record<number, KubeReason> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Gone',
  429: 'TooManyRequests',
};

/** From an answer's status and body (a `Status` object, or anything else when a proxy answered). */
export function errorFromAnswer(status: number, body: string, retryAfter: string | undefined, what: string): KubeError {
  const parsed = parseStatus(body);
  const reason =
    parsed?.reason === 'AlreadyExists'
      ? 'AlreadyExists'
      : (BY_STATUS[status] ?? (status >= 500 ? 'Unavailable' : 'Invalid'));
  const seconds = Number(retryAfter);
  return new KubeError(reason, status, `${what}: ${status} ${parsed?.message ?? body.slice(0, 200)}`, {
    retryAfterMs: retryAfter !== undefined && Number.isFinite(seconds) ? seconds * 1_000 : undefined,
  });
}

/** From the object of a watch's ERROR event. */
export function errorFromEvent(object: unknown, what: string): KubeError {
  const { code, reason, message } = (object ?? {}) as { code?: number; reason?: string; message?: string };
  const kind = reason === 'Expired' || reason === 'Gone' ? 'Gone' : (BY_STATUS[code ?? 0] ?? 'Unavailable');
  return new KubeError(
    kind,
    code ?? 0,
    `${what}: ERROR event ${code ?? ''} ${message ?? reason ?? 'without a reason'}`,
  );
}

function parseStatus(body: string): { reason?: string; message?: string } | undefined {
  try {
    const value = JSON.parse(body) as { reason?: string; message?: string } | null;
    return value && typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}
