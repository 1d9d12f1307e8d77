/** The ways in which a sink fails without an answer. All are DeliveryFailed and retryable: the other side or its access may mend. */
import { DocumentError } from '../errors.ts';
import { SecretError } from '../secrets.ts';
import type { Secrets, SecretValue } from './connector.ts';

/**
 * `definite` stays false even where nothing was sent this time: an earlier attempt with the same idempotency key may have
 * arrived, so the key must not change. Only an answer of the other side can allow that.
 */
export const deliveryFailed = (code: string, message: string, cause?: unknown): DocumentError =>
  new DocumentError({ class: 'DeliveryFailed', code, message, retryable: true, cause });

/** The other side cannot be spoken to at all: why, and how to mend it. */
export class UnreachableError extends Error {
  override name = 'UnreachableError';
}

/** Resolves a Secret for a request that is about to be made. */
export async function secretFor(secrets: Secrets, name: string, key: string): Promise<SecretValue> {
  try {
    return await secrets.get(name, key);
  } catch (error) {
    const message = error instanceof SecretError ? error.message : `Secret "${name}" cannot be read now`;
    throw deliveryFailed('secret.unavailable', `${message}; nothing was sent`);
  }
}

/** Of the error or of what caused it: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `UND_ERR_SOCKET` … */
export function errorCode(error: unknown): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    if (at instanceof AggregateError && at.errors.length > 0) return errorCode(at.errors[0]);
  }
  return '';
}

/**
 * One deadline over all that a request does, joined with the caller's signal. `reason()` tells the two apart after the abort.
 * Call `clear` when done.
 */
export function deadline(timeoutMs: number, outer: AbortSignal) {
  const controller = new AbortController();
  let reason: 'timeout' | 'interrupted' | undefined;
  const abort = (why: 'timeout' | 'interrupted'): void => {
    reason ??= why;
    controller.abort();
  };
  const onAbort = (): void => abort('interrupted');
  const timer = setTimeout(() => abort('timeout'), timeoutMs);
  if (outer.aborted) onAbort();
  else outer.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    reason: () => reason,
    clear: (): void => {
      clearTimeout(timer);
      outer.removeEventListener('abort', onAbort);
    },
  };
}
