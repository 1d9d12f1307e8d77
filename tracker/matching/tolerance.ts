/** Whether a value is outside of what is tolerated. A tolerance is absolute, in percent of what is expected, or the larger of both. */
import type { DateTolerancePlan, TolerancePlan } from '../plan.ts';
import { Exact, ZERO } from '../process/read.ts';

/** `over` absent: nothing more is tolerated. `under` absent: less is not judged. */
export function outside(expected: Exact, actual: Exact, tolerance: TolerancePlan = {}): 'over' | 'under' | undefined {
  if (actual.gt(expected.plus(allowed(expected, tolerance.over)))) return 'over';
  if (tolerance.under && actual.lt(expected.minus(allowed(expected, tolerance.under)))) return 'under';
  return undefined;
}

function allowed(expected: Exact, bound: TolerancePlan['over']): Exact {
  const absolute = bound?.absolute === undefined ? ZERO : new Exact(bound.absolute);
  const percent = bound?.percent === undefined ? ZERO : expected.abs().times(bound.percent).div(100);
  return Exact.max(absolute, percent);
}

/** Absent bounds are not judged. */
export function outsideDate(expected: number, actual: number, { overMs, underMs }: DateTolerancePlan): boolean {
  if (overMs !== undefined && actual > expected + overMs) return true;
  return underMs !== undefined && actual < expected - underMs;
}
