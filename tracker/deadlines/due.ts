/** When exceptions are due, where their process says by whose working hours. */
import type { ProcessPlan } from '../plan.ts';
import type { TransactionState } from '../process/fold.ts';
import { TooFar } from './calendar.ts';
import type { Watch } from './objective.ts';

/** The same transaction; without a calendar of the partner or of ours every hour counts. */
export function dueByCalendar(state: TransactionState, plan: ProcessPlan, watch: Watch | undefined): TransactionState {
  const rules = new Map(
    plan.matches.flatMap(({ name, exception }) => (exception.calendar ? [[name, exception] as const] : [])),
  );
  if (!watch || rules.size === 0) return state;
  return {
    ...state,
    exceptions: state.exceptions.map((one) => {
      const { calendar, dueMs } = rules.get(one.match) ?? {};
      const working = calendar && watch.calendarOf(state.partners[0] ?? '', calendar).working;
      if (!working || dueMs === undefined) return one;
      try {
        return { ...one, dueAt: working.add(one.openedAt, dueMs) };
      } catch (error) {
        if (!(error instanceof TooFar)) throw error;
        const { dueAt: _, ...never } = one;
        return never;
      }
    }),
  };
}
