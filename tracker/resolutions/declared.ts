/** Which decisions a process declares for exceptions of its matches. */
import type pg from 'pg';
import type { ProcessPlan, ResolutionPlan } from '../plan.ts';

/** Of a match that declares none. */
const DEFAULT: readonly ResolutionPlan[] = [
  { name: 'Accept', result: 'Settled' },
  { name: 'Dispute', result: 'Disputed' },
];

export const resolutionsOf = (plan: ProcessPlan | undefined, match: string): readonly ResolutionPlan[] =>
  plan?.matches.find(({ name }) => name === match)?.exception.resolutions ?? DEFAULT;

/** As it is in force; undefined: not known. */
export async function readPlan(
  database: pg.Pool | pg.ClientBase,
  namespace: string,
  process: string,
): Promise<ProcessPlan | undefined> {
  const { rows } = await database.query<{ plan: ProcessPlan | null }>(
    'select plan from process_plans where namespace = $1 and process = $2',
    [namespace, process],
  );
  return rows[0]?.plan ?? undefined;
}
