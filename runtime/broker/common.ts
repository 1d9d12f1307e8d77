import { setTimeout as sleep } from 'node:timers/promises';

/** What this layer needs of a logger; winston's fits. Fields never hold a URI or a secret. */
export interface Log {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

const FIRST_MS = 100;
const LONGEST_MS = 3_000;

/** Delay before attempt `attempt + 1`: doubling, capped, with jitter over its upper half. */
export const backoffMs = (attempt: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);

/** Waits out the backoff; returns at once when the signal is or becomes aborted. */
export async function backoff(attempt: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(backoffMs(attempt), undefined, { signal });
  } catch {
    // Aborted: the caller looks at the signal.
  }
}

/** Resolves with the promise, or after `ms` whatever happens. */
export async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await Promise.race([promise.then(undefined, () => undefined), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
