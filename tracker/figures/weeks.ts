/** Figures of a week by partner, in which each transaction counts once. Medians cannot be added up: a week that changed is summed anew. */
import type pg from 'pg';

const SUMS = {
  transactions: 'count(*)::int',
  complete: "count(*) filter (where f.state = 'Complete')::int",
  posted: 'count(f.posted_after)::int',
  posted_median:
    'percentile_cont(0.5) within group (order by greatest(f.posted_after, 0)) filter (where f.posted_after is not null)',
  posted_p95:
    'percentile_cont(0.95) within group (order by greatest(f.posted_after, 0)) filter (where f.posted_after is not null)',
  invoice_holds: 'count(*) filter (where f.invoice_held)::int',
  exceptions: 'coalesce(sum(f.exceptions), 0)::int',
  met: 'coalesce(sum(f.met), 0)::int',
  judged: 'coalesce(sum(f.judged), 0)::int',
  touches: 'coalesce(sum(f.touches), 0)::int',
};
export const WEEK_COLUMNS = Object.keys(SUMS).join(', ');
export const WEEK_SUMS = Object.entries(SUMS)
  .map(([name, sum]) => `${sum} as ${name}`)
  .join(', ');

/** Sums stale weeks anew, at most `limit`; gives how many. One at a time with whoever changes transactions. */
export async function sumWeeks(client: pg.ClientBase, namespace: string, limit: number): Promise<number> {
  const { rowCount } = await client.query(
    `with chosen as materialized (
       select week, partner from week_figures where namespace = $1 and stale order by week, partner limit $2),
     summed as (
       select chosen.week, chosen.partner, s.* from chosen cross join lateral (
         select ${WEEK_SUMS} from transaction_figures f
         where f.namespace = $1 and f.week = chosen.week and f.partner = chosen.partner and f.leads) s)
     update week_figures w set (stale, ${WEEK_COLUMNS}) = (false, ${WEEK_COLUMNS.replaceAll(/\w+/g, 's.$&')})
     from summed s where w.namespace = $1 and w.week = s.week and w.partner = s.partner`,
    [namespace, limit],
  );
  await client.query('delete from week_figures where namespace = $1 and not stale and transactions = 0', [namespace]);
  return rowCount ?? 0;
}

export async function haveStaleWeeks(database: pg.Pool, namespace: string): Promise<boolean> {
  const { rowCount } = await database.query('select from week_figures where namespace = $1 and stale limit 1', [
    namespace,
  ]);
  return rowCount !== 0;
}
