/** Counts over a namespace, each by an index that holds them: what settled long ago is not read. */

import type { Backlog, Overview, ProcessSummary, Stage } from '../api/contract.ts';
import { countLateTransactions, countObjectives } from '../deadlines/read.ts';
import { optionalTime, type Scope, sumMoney } from './scope.ts';

const DAY_MS = 86_400_000;
const WINDOW_MS = 30 * DAY_MS;

export const NONE: Stage = { inFlight: 0, today: 0, failed: 0, parked: 0 };

/** By destination as in accounts. */
export async function countStages({ database, namespace }: Scope, now: number): Promise<Map<string, Stage>> {
  const midnight = now - (now % DAY_MS);
  const [waiting, done] = await Promise.all([
    database.query<{ destination: string; inFlight: number; failed: number; parked: number; oldestAt: number }>(
      `select destination, count(*) filter (where state = 'InFlight')::int as "inFlight",
         count(*) filter (where state = 'DeadLettered')::int as failed, count(*) filter (where state = 'Parked')::int as parked,
         min(at)::float8 as "oldestAt"
       from accounts where namespace = $1 and state in ('InFlight', 'DeadLettered', 'Parked') and outcome <> 'Discarded' group by 1`,
      [namespace],
    ),
    database.query<{ destination: string; today: number }>(
      `select destination, count(*)::int as today from accounts
       where namespace = $1 and at >= $2 and (state is null or state = 'Delivered') group by 1`,
      [namespace, midnight],
    ),
  ]);
  const stages = new Map<string, Stage>();
  for (const { destination, today } of done.rows) stages.set(destination, { ...NONE, today });
  for (const { destination, oldestAt, ...counts } of waiting.rows)
    stages.set(destination, { ...NONE, ...stages.get(destination), ...counts, ...optionalTime('oldestAt', oldestAt) });
  return stages;
}

/** Delivered documents per minute of the last hour, oldest first, by destination. */
export async function countRates({ database, namespace }: Scope, now: number): Promise<Map<string, number[]>> {
  const { rows } = await database.query<{ destination: string; minute: number; count: number }>(
    `select destination, ((at - $2) / 60000)::int as minute, count(*)::int as count from accounts
     where namespace = $1 and at >= $2 and at < $3 and (state is null or state = 'Delivered') group by 1, 2`,
    [namespace, now - 60 * 60_000, now],
  );
  const rates = new Map<string, number[]>();
  for (const { destination, minute, count } of rows) {
    const rate = rates.get(destination) ?? new Array<number>(60).fill(0);
    rate[Math.min(59, minute)] = count;
    rates.set(destination, rate);
  }
  return rates;
}

export type Figures = Omit<Overview, 'intake' | 'acknowledgments' | 'flows' | 'holds' | 'troubles' | 'at'>;

export async function readFigures(scope: Scope, now: number): Promise<Figures> {
  const { database, namespace } = scope;
  const [processes, objectives, risk, money, exceptions, unsettled] = await Promise.all([
    summarise(scope, now),
    countObjectives(database, namespace),
    database.query<{ orders: number }>(
      `select count(*)::int as orders from (
         select process, key from exceptions where namespace = $1 and closed_at is null
         union select process, key from objectives where namespace = $1 and state in ('Warning', 'Breached')) at_risk`,
      [namespace],
    ),
    database.query<{ amount: string; currency: string }>(
      `select sum(money)::text as amount, currency from exceptions
       where namespace = $1 and closed_at is null and money is not null and currency is not null group by currency`,
      [namespace],
    ),
    database.query<{ severity: 'Info' | 'Warning' | 'Critical'; open: number; overdue: number; unassigned: number }>(
      `select severity, count(*)::int as open, count(*) filter (where due_at < $2)::int as overdue,
         count(*) filter (where coalesce(owner, '') = '')::int as unassigned
       from exceptions where namespace = $1 and closed_at is null and coalesce(snoozed_until, 0) <= $2
       group by severity order by severity`,
      [namespace, now],
    ),
    database.query<{ state: string; count: number; oldestAt: number }>(
      `select state, count(*)::int as count, min(at)::float8 as "oldestAt" from accounts
       where namespace = $1 and state in ('InFlight', 'DeadLettered', 'Parked') and outcome <> 'Discarded' group by 1`,
      [namespace],
    ),
  ]);
  const backlog = (state: string): Backlog => {
    const row = unsettled.rows.find((one) => one.state === state);
    return { count: row?.count ?? 0, ...optionalTime('oldestAt', row?.oldestAt) };
  };
  const sum = (name: 'open' | 'overdue' | 'unassigned') => exceptions.rows.reduce((all, row) => all + row[name], 0);
  return {
    processes,
    sla: objectives.map(({ policy, objective, counts }) => ({
      policy,
      objective,
      pending: counts.Pending,
      warning: counts.Warning,
      breached: counts.Breached,
      met: counts.Met,
      metLate: counts.MetLate,
    })),
    atRisk: { orders: risk.rows[0]!.orders, money: sumMoney(money.rows) },
    exceptions: {
      open: sum('open'),
      overdue: sum('overdue'),
      unassigned: sum('unassigned'),
      bySeverity: exceptions.rows.map(({ severity, open }) => ({ severity, count: open })),
    },
    deadLetters: backlog('DeadLettered'),
    parked: backlog('Parked'),
    inFlight: backlog('InFlight'),
  };
}

async function summarise({ database, namespace, processes }: Scope, now: number): Promise<ProcessSummary[]> {
  const [{ rows }, late] = await Promise.all([
    database.query<{ process: string; state: string; stages: string; count: number }>(
      // Each half by an index that holds all of it.
      `select process, state, stages, count(*)::int as count from (
         select process, 'Open' as state, stages from transactions where namespace = $1 and state = 'Open'
         union all
         select process, state, stages from transactions where namespace = $1 and state <> 'Open' and changed_at >= $2) counted
       group by 1, 2, 3`,
      [namespace, now - WINDOW_MS],
    ),
    countLateTransactions(database, namespace),
  ]);
  return processes.map(({ name, keyName, milestones }) => {
    const own = rows.filter(({ process }) => process === name);
    const count = (holds: (row: (typeof own)[number]) => boolean) =>
      own.filter(holds).reduce((sum, row) => sum + row.count, 0);
    return {
      process: name,
      keyName,
      open: count(({ state }) => state === 'Open'),
      complete: count(({ state }) => state === 'Complete'),
      cancelled: count(({ state }) => state === 'Cancelled'),
      late: late[name] ?? 0,
      milestones: milestones.map((milestone, i) => {
        const letter = (wanted: string) =>
          count(({ state, stages }) => state !== 'Cancelled' && stages[1 + 3 * i] === wanted);
        return { name: milestone.name, reached: letter('R'), partly: letter('P'), open: letter('O') };
      }),
    };
  });
}
