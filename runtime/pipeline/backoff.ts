import { RETRY_STEPS } from '../names.ts';
import type { DeliveryPlan } from '../plan.ts';

/** A quarter of the retries takes the next longer step, so that what failed together does not come back together. */
const SPREAD = 0.25;

/**
 * Delay before the next attempt: the plan's backoff, or what the other side asked for if that is longer, rounded up to a step of the
 * ladder; a part of them one step longer where the plan's longest delay allows.
 * @param attempt the attempt that failed, from 1
 * @param random in [0, 1)
 */
export function retryDelay(
  delivery: DeliveryPlan,
  attempt: number,
  askedMs: number | undefined,
  random: number,
): { label: string; ms: number } {
  const step = roundedUp(Math.max(backoff(delivery, attempt), askedMs ?? 0));
  const longest = Math.max(roundedUp(delivery.backoffMaxMs), step);
  return RETRY_STEPS[random < SPREAD ? Math.min(step + 1, longest) : step]!;
}

/** The same for who waits in place: needs no ladder, so nothing is rounded. */
export function delayInPlace(delivery: DeliveryPlan, attempt: number, askedMs: number | undefined) {
  const ms = Math.max(backoff(delivery, attempt), askedMs ?? 0);
  return { label: `${ms / 1000}s`, ms };
}

function backoff({ backoffPolicy, backoffDelayMs, backoffMaxMs }: DeliveryPlan, attempt: number): number {
  const factor = backoffPolicy === 'Exponential' ? 2 ** (attempt - 1) : attempt;
  return Math.min(backoffDelayMs * factor, backoffMaxMs);
}

const roundedUp = (ms: number): number => {
  const index = RETRY_STEPS.findIndex((step) => step.ms >= ms);
  return index < 0 ? RETRY_STEPS.length - 1 : index;
};
