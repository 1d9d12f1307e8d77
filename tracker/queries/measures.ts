/** How the business does, by week and partner. */
import type { MeasureRow, MeasuresQuery } from '../api/contract.ts';
import type { Scope } from './scope.ts';

const WEEK_MS = 7 * 86_400_000;

export async function readMeasures(scope: Scope, query: MeasuresQuery, now = Date.now()): Promise<MeasureRow[]> {
  const { database, namespace } = scope;
  const from = query.from === undefined ? now - 12 * WEEK_MS : Date.parse(query.from);
  const to = query.to === undefined ? now + WEEK_MS : Date.parse(query.to) + 86_400_000;
  const invoices = scope.processes.flatMap((plan) =>
    plan.matches.filter(({ compare }) => compare.invoiced).map(({ name }) => name),
  );
  const { rows } = await database.query<
    Omit<MeasureRow, 'receiptToPosting' | 'compliance'> & {
      median: number | null;
      p95: number | null;
      posted: number;
      met: number;
      judged: number;
    }
  >(
    `with own as (
       select to_char(date_trunc('week', to_timestamp(t.opened_at / 1000.0) at time zone 'UTC'), 'YYYY-MM-DD') as week,
         coalesce(t.partners->>0, '') as partner, t.process, t.key, t.state,
         (jsonb_path_query_first(t.body, '$.milestones[*] ? (@.name like_regex "^post" flag "i").at')::float8
          - jsonb_path_query_first(t.body, '$.milestones[*] ? (@.name like_regex "^receiv" flag "i").at')::float8) / 1000 as posting
       from transactions t where t.namespace = $1 and t.opened_at >= $3 and t.opened_at < $4
         and ($2::text is null or t.partners ? $2)),
     held as (select process, key, count(*) as count, bool_or(match = any($5)) as invoice from exceptions where namespace = $1 group by 1, 2),
     judged as (select process, key, count(*) filter (where state = 'Met') as met, count(*) as judged from objectives
       where namespace = $1 and state in ('Met', 'MetLate', 'Breached') group by 1, 2),
     touched as (select process, key, count(*) as count from (
         select process, key from exception_acts where namespace = $1
         union all select process, key from facts_by_hand where namespace = $1) acts group by 1, 2)
     select o.week, o.partner, count(*)::int as transactions, count(*) filter (where o.state = 'Complete')::int as complete,
       percentile_cont(0.5) within group (order by greatest(o.posting, 0)) as median,
       percentile_cont(0.95) within group (order by greatest(o.posting, 0)) as p95, count(o.posting)::int as posted,
       count(*) filter (where h.invoice)::int as "invoiceHolds", coalesce(sum(h.count), 0)::int as exceptions,
       coalesce(sum(j.met), 0)::int as met, coalesce(sum(j.judged), 0)::int as judged, coalesce(sum(c.count), 0)::int as touches
     from own o left join held h using (process, key) left join judged j using (process, key) left join touched c using (process, key)
     group by 1, 2 order by 1, 2`,
    [namespace, scope.partner ?? query.partner ?? null, from, to, invoices],
  );
  return rows.map(({ median, p95, posted, met, judged, ...row }) => ({
    ...row,
    partner: scope.partner ?? query.partner ?? row.partner,
    ...(posted > 0 && { receiptToPosting: { median: median!, p95: p95!, count: posted } }),
    ...(judged > 0 && { compliance: met / judged }),
  }));
}
