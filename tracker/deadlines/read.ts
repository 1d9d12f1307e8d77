/** What is known of deadlines: for the API, the CLI and the status. Times are epoch ms. */
import type pg from 'pg';
import type { Severity } from '../plan.ts';

/** Pending: its deadline is ahead. Void: it cannot be judged, or the transaction was cancelled; `reason` tells. */
export type ObjectiveState = 'Pending' | 'Warning' | 'Breached' | 'Met' | 'MetLate' | 'Void';
export const OBJECTIVE_STATES: readonly ObjectiveState[] = ['Pending', 'Warning', 'Breached', 'Met', 'MetLate', 'Void'];

export interface Objective {
  process: string;
  /** Of the transaction. */
  key: string;
  policy: string;
  objective: string;
  /** Whose it is; '' while that is not known. */
  partner: string;
  state: ObjectiveState;
  severity: Severity;
  /** Milestones; without `from` it is about an appointment. */
  from?: string;
  to: string;
  startedAt: number;
  /** Absent only where it is Void. */
  dueAt?: number;
  warnAt?: number;
  /** When `to` was reached, in time or late. */
  closedAt?: number;
  /** For people, where there is something to say. */
  reason?: string;
}

const COLUMNS = `process, key, policy, objective, partner, state, severity, from_milestone as "from", to_milestone as "to",
  started_at::float8 as "startedAt", due_at::float8 as "dueAt", warn_at::float8 as "warnAt", closed_at::float8 as "closedAt", reason`;

const objective = (row: Record<string, unknown>): Objective =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as Objective;

/** Of the transactions with that key, those due first at the head. */
export async function readObjectives(database: pg.Pool, namespace: string, key: string): Promise<Objective[]> {
  const { rows } = await database.query(
    `select ${COLUMNS} from objectives where namespace = $1 and process in (select process from process_plans where namespace = $1)
       and key = $2 order by process, due_at nulls last, policy, objective`,
    [namespace, key],
  );
  return rows.map(objective);
}

/** Every one. Of all sizes: for tests and small installations. */
export async function readAllObjectives(database: pg.Pool, namespace: string): Promise<Objective[]> {
  const { rows } = await database.query(
    `select ${COLUMNS} from objectives where namespace = $1 order by key, policy, objective`,
    [namespace],
  );
  return rows.map(objective);
}

export interface LateFilter {
  policy?: string;
  partner?: string;
  /** Default: Breached and Warning. */
  states?: readonly ('Pending' | 'Warning' | 'Breached')[];
  limit?: number;
}
/** Open ones, the longest overdue first. */
export async function readLate(database: pg.Pool, namespace: string, filter: LateFilter = {}): Promise<Objective[]> {
  const { policy, partner, states = ['Warning', 'Breached'], limit = 1_000_000 } = filter;
  const { rows } = await database.query(
    `select ${COLUMNS} from objectives where namespace = $1 and state in ('Pending', 'Warning', 'Breached') and state = any($2)
       and ($3::text is null or policy = $3) and ($4::text is null or partner = $4)
     order by due_at, process, key, policy, objective limit $5`,
    [namespace, states, policy ?? null, partner ?? null, limit],
  );
  return rows.map(objective);
}

export interface ObjectiveCount {
  policy: string;
  objective: string;
  counts: Record<ObjectiveState, number>;
  /** Breached and MetLate over all that are not Void; 0 where there are none. */
  burn: number;
}
/** Of all time, however many there are: the counts are kept. */
export async function countObjectives(database: pg.Pool, namespace: string): Promise<ObjectiveCount[]> {
  const { rows } = await database.query<{ policy: string; objective: string; state: ObjectiveState; count: number }>(
    `select policy, objective, state, count::float8 as count from objective_counts
     where namespace = $1 order by policy, objective`,
    [namespace],
  );
  const byObjective = Map.groupBy(rows, ({ policy, objective: name }) => JSON.stringify([policy, name]));
  return [...byObjective.values()].map((own) => {
    const counts = Object.fromEntries(
      OBJECTIVE_STATES.map((state) => [state, own.find((row) => row.state === state)?.count ?? 0]),
    ) as Record<ObjectiveState, number>;
    const { Pending, Warning, Breached, Met, MetLate } = counts;
    const total = Pending + Warning + Breached + Met + MetLate;
    return {
      policy: own[0]!.policy,
      objective: own[0]!.objective,
      counts,
      burn: total === 0 ? 0 : (Breached + MetLate) / total,
    };
  });
}

export interface PartnerLate {
  partner: string;
  warning: number;
  breached: number;
  oldestDueAt: number;
}
/** Who is late now, the most breaches first. */
export async function countLateByPartner(
  database: pg.Pool,
  namespace: string,
  policy?: string,
): Promise<PartnerLate[]> {
  const { rows } = await database.query<PartnerLate>(
    `select partner, count(*) filter (where state = 'Warning')::int as warning, count(*) filter (where state = 'Breached')::int as breached,
       min(due_at)::float8 as "oldestDueAt"
     from objectives where namespace = $1 and state in ('Warning', 'Breached') and ($2::text is null or policy = $2)
     group by partner order by breached desc, warning desc, partner`,
    [namespace, policy ?? null],
  );
  return rows;
}

/** Keys of transactions with a breached objective, by process. */
export async function countLateTransactions(database: pg.Pool, namespace: string): Promise<Record<string, number>> {
  const { rows } = await database.query<{ process: string; late: number }>(
    `select process, count(distinct key)::int as late from objectives
     where namespace = $1 and state = 'Breached' group by process`,
    [namespace],
  );
  return Object.fromEntries(rows.map(({ process, late }) => [process, late]));
}
