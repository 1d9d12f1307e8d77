import { RETRY_STEPS } from '../names.ts';
import type { DeliveryPlan } from '../plan.ts';

/**
 * Delay before the next attempt: the plan's backoff with a jitter of a quarter, or what the other side asked for if that is longer,
 * rounded up to a step of the ladder (so the jitter spreads over two steps, and nobody is asked earlier than they said).
 * @param attempt the attempt that failed, from 1
 * @param random in [0, 1)
 */
export function retryDelay(
  delivery: DeliveryPlan,
  attempt: number,
  askedMs: number | undefined,
  random: number,
): { label: string; ms: number } {
  const factor = delivery.backoffPolicy === 'Exponential' ? 2 ** (attempt - 1) : attempt;
  const backoff = Math.min(delivery.backoffDelayMs * factor, delivery.backoffMaxMs);
  const wanted = Math.max(backoff * (0.75 + random / 2), askedMs ?? 0);
  return RETRY_STEPS.find((step) => step.ms >= wanted) ?? RETRY_STEPS.at(-1)!;
}
