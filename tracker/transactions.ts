/** What is known of business transactions and their exceptions. */
import type pg from 'pg';
import type { ExceptionState, TransactionState } from './process/fold.ts';

export interface Transaction extends Omit<TransactionState, 'exceptions'> {
  process: string;
}
export interface Exception extends ExceptionState {
  process: string;
  key: string;
  /** Who it is about: partners of the transaction. */
  partners: string[];
}

/** The transactions with that key, one per process that knows it. */
export async function readTransactions(database: pg.Pool, namespace: string, key: string): Promise<Transaction[]> {
  const { rows } = await database.query<{ process: string; body: Omit<TransactionState, 'exceptions'> }>(
    'select process, body from transactions where namespace = $1 and key = $2 order by process',
    [namespace, key],
  );
  return rows.map(({ process, body }) => ({ process, ...body }));
}

export interface ExceptionFilter {
  /** Business key of the transaction. */
  key?: string;
  /** Closed ones too. */
  closed?: boolean;
  limit?: number;
}

/** Overdue first, then by what is at stake. */
export async function readExceptions(
  database: pg.Pool,
  namespace: string,
  { key, closed = false, limit = 1_000_000 }: ExceptionFilter = {},
): Promise<Exception[]> {
  const { rows } = await database.query<Record<string, unknown>>(
    `select e.process, e.key, e.id, e.match, e.kind, e.line, e.expected, e.actual, e.money::text as money, e.currency, e.severity, e.owner,
       e.opened_at::float8 as "openedAt", e.due_at::float8 as "dueAt", e.closed_at::float8 as "closedAt",
       e.closed_by as "closedBy", e.effect as resolution, e.snoozed_until::float8 as "snoozedUntil", nullif(e.escalated, false) as escalated, t.body->'partners' as partners
     from exceptions e join transactions t on t.namespace = e.namespace and t.process = e.process and t.key = e.key
     where e.namespace = $1 and ($2::text is null or e.key = $2) and ($3 or e.closed_at is null)
     order by e.closed_at is not null, e.due_at nulls last, e.money desc nulls last, e.process, e.key, e.id, e.opened_at limit $4`,
    [namespace, key ?? null, closed, limit],
  );
  return rows.map(
    (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as Exception,
  );
}

export interface ProcessCount {
  process: string;
  open: number;
  complete: number;
  cancelled: number;
  /** Of transactions, by milestone in the order of the process. */
  milestones: { name: string; reached: number }[];
  /** Open ones, by kind. */
  exceptions: Record<string, number>;
  /** Transactions with an exception that is overdue at `now`. */
  late: number;
}

export async function countTransactions(database: pg.Pool, namespace: string, now: number): Promise<ProcessCount[]> {
  const { rows: processes } = await database.query<Omit<ProcessCount, 'milestones' | 'exceptions'>>(
    `select p.process, count(t.key) filter (where t.state = 'Open')::int as open,
       count(t.key) filter (where t.state = 'Complete')::int as complete, count(t.key) filter (where t.state = 'Cancelled')::int as cancelled,
       (select count(distinct e.key)::int from exceptions e where e.namespace = $1 and e.process = p.process
        and e.closed_at is null and e.due_at < $2) as late
     from process_plans p left join transactions t on t.namespace = p.namespace and t.process = p.process
     where p.namespace = $1 group by p.process order by p.process`,
    [namespace, now],
  );
  const { rows: milestones } = await database.query<{ process: string; name: string; reached: number }>(
    `select t.process, m.value->>'name' as name, count(*) filter (where m.value->>'state' = 'Reached')::int as reached
     from transactions t cross join lateral jsonb_array_elements(t.body->'milestones') with ordinality m (value, place)
     where t.namespace = $1 group by t.process, name order by t.process, min(m.place)`,
    [namespace],
  );
  const { rows: exceptions } = await database.query<{ process: string; kind: string; count: number }>(
    `select process, kind, count(*)::int as count from exceptions where namespace = $1 and closed_at is null
     group by process, kind order by process, kind`,
    [namespace],
  );
  return processes.map((one) => ({
    ...one,
    milestones: milestones
      .filter(({ process }) => process === one.process)
      .map(({ name, reached }) => ({ name, reached })),
    exceptions: Object.fromEntries(
      exceptions.filter(({ process }) => process === one.process).map(({ kind, count }) => [kind, count]),
    ),
  }));
}

/** Of each process the transactions that are late: with an open exception that is overdue at `now`, or a deadline that passed. */
export async function countLate(database: pg.Pool, namespace: string, now: number): Promise<Record<string, number>> {
  const { rows } = await database.query<{ process: string; late: number }>(
    `select process, count(*)::int as late from (
       select process, key from exceptions where namespace = $1 and closed_at is null and due_at < $2
       union select process, key from objectives where namespace = $1 and state = 'Breached') late
     group by process order by process`,
    [namespace, now],
  );
  return Object.fromEntries(rows.map(({ process, late }) => [process, late]));
}

/** Of each process the transactions that are not complete, by their index alone. */
export async function countOpen(database: pg.Pool, namespace: string): Promise<Record<string, number>> {
  const { rows } = await database.query<{ process: string; open: number }>(
    `select p.process, (select count(*)::int from transactions t
       where t.namespace = $1 and t.process = p.process and t.state = 'Open') as open
     from process_plans p where p.namespace = $1 order by p.process`,
    [namespace],
  );
  return Object.fromEntries(rows.map(({ process, open }) => [process, open]));
}

export interface Reached {
  process: string;
  key: string;
  state: TransactionState['state'];
  /** Names of the milestones that it reached. */
  reached: string[];
}
/** Every transaction with its milestones. Of all sizes: for tests and small installations. */
export async function readReached(database: pg.Pool, namespace: string): Promise<Reached[]> {
  const { rows } = await database.query<Reached>(
    `select process, key, state, array(select m->>'name' from jsonb_array_elements(body->'milestones') m
       where m->>'state' = 'Reached') as reached
     from transactions where namespace = $1 order by process, key`,
    [namespace],
  );
  return rows;
}
