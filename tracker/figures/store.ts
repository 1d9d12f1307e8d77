/**
 * What scorecards and measures need of each transaction, kept beside it: in the transaction that changes what they follow from. They go
 * when their transaction goes; where one has none (an older version wrote it), they are made later.
 */
import type pg from 'pg';
import type { ProcessPlan } from '../plan.ts';
import { sidesOf } from '../queries/scope.ts';

const COUNTED = [
  ...['leads', 'opened_at', 'week', 'state', 'confirmed_after', 'posted_after', 'announced', 'announced_well'],
  ...['exceptions', 'open_exceptions', 'invoice_held', 'met', 'judged', 'touches'],
];
const milestone = (name: string): string =>
  `jsonb_path_query_first(t.body, '$.milestones[*] ? (@.name like_regex "${name}" flag "i").at')::float8`;

/** $1 namespace, $2 process, $3 keys, $4 place of the milestone Shipped in `stages` or 0, $5 matches of notices, $6 of invoices. */
const FIGURES = `
  select $1::text, $2::text, t.key, p.partner, p.n = 1, t.opened_at,
    date_trunc('week', to_timestamp(t.opened_at / 1000.0) at time zone 'UTC')::date, t.state,
    (${milestone('confirm')} - t.opened_at) / 1000,
    (${milestone('^post')} - ${milestone('^receiv')}) / 1000,
    t.announced, t.announced and not coalesce(x.notice, false),
    coalesce(x.all_of, 0), coalesce(x.open, 0), coalesce(x.invoice, false),
    coalesce(o.met, 0), coalesce(o.judged, 0), coalesce(a.acts, 0) + coalesce(f.facts, 0)
  from (select *, $4::int > 0 and substr(stages, $4, 1) <> 'O' as announced from transactions
        where namespace = $1 and process = $2 and key = any($3::text[])) t
  cross join lateral (
    select partner, n from jsonb_array_elements_text(t.partners) with ordinality each (partner, n)
    union all select '', 1::bigint where coalesce(jsonb_array_length(t.partners), 0) = 0) p
  left join lateral (
    select count(*)::int as all_of, count(*) filter (where closed_at is null)::int as open,
      bool_or(match = any($5::text[])) as notice, bool_or(match = any($6::text[])) as invoice
    from exceptions where namespace = $1 and process = $2 and key = t.key) x on true
  left join lateral (
    select count(*) filter (where state = 'Met')::int as met, count(*)::int as judged
    from objectives where namespace = $1 and process = $2 and key = t.key and state in ('Met', 'MetLate', 'Breached')) o on true
  left join lateral (select count(*)::int as acts from exception_acts where namespace = $1 and process = $2 and key = t.key) a on true
  left join lateral (select count(*)::int as facts from facts_by_hand where namespace = $1 and process = $2 and key = t.key) f on true`;

/** Makes those of these transactions anew. Within the caller's transaction, after everything that they follow from. */
export async function keepFigures(
  client: pg.ClientBase,
  namespace: string,
  plan: ProcessPlan,
  keys: readonly string[],
): Promise<void> {
  const { shipped } = sidesOf(plan);
  const place = plan.milestones.findIndex(({ document }) => document !== undefined && document.type === shipped);
  const named = (side: 'shipped' | 'invoiced') =>
    plan.matches.filter(({ compare }) => compare[side]).map(({ name }) => name);
  const excluded = COUNTED.map((name) => `excluded.${name}`).join(', ');
  await client.query({
    name: 'figures',
    text: `with figures (namespace, process, key, partner, ${COUNTED.join(', ')}) as materialized (${FIGURES}),
     gone as (
       delete from transaction_figures f where namespace = $1 and process = $2 and key = any($3)
         and not exists (select from figures n where n.key = f.key and n.partner = f.partner))
     insert into transaction_figures as f (namespace, process, key, partner, ${COUNTED.join(', ')})
     select * from figures order by key, partner
     on conflict (namespace, process, key, partner) do update set (${COUNTED.join(', ')}) = (${excluded})
     where (${COUNTED.map((name) => `f.${name}`).join(', ')}) is distinct from (${excluded})`,
    values: [namespace, plan.name, keys, place < 0 ? 0 : 2 + 3 * place, named('shipped'), named('invoiced')],
  });
}

/** Whether each transaction of a process has its figures. */
export async function haveFigures(client: pg.ClientBase, namespace: string, process: string): Promise<boolean> {
  const { rows } = await client.query<{ all: boolean }>(
    `select (select count(*) from transactions where namespace = $1 and process = $2)
       = (select count(*) from transaction_figures where namespace = $1 and process = $2 and leads) as all`,
    [namespace, process],
  );
  return rows[0]!.all;
}

/** Makes those that are missing of the next transactions after a key; gives the last of these, undefined at the end. */
export async function addFigures(
  client: pg.ClientBase,
  namespace: string,
  plan: ProcessPlan,
  after: string,
  limit: number,
): Promise<string | undefined> {
  const { rows } = await client.query<{ key: string }>(
    `select key from transactions t where namespace = $1 and process = $2 and key > $3
       and not exists (select from transaction_figures f where f.namespace = $1 and f.process = $2 and f.key = t.key)
     order by key limit $4`,
    [namespace, plan.name, after, limit],
  );
  if (rows.length === 0) return undefined;
  const keys = rows.map(({ key }) => key);
  await keepFigures(client, namespace, plan, keys);
  return keys.length < limit ? undefined : keys.at(-1);
}
