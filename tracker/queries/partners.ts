/** Scorecards of partners over the last 90 days. Reads what happened in that time: its cost is theirs, so the API asks at most every half minute. */
import type { PartnerDetail, Scorecard } from '../api/contract.ts';
import { optionalTime, type Scope, sidesOf } from './scope.ts';

const WINDOW_MS = 90 * 86_400_000;

/** By partner; of one that did nothing there is none. */
export async function readScorecards(scope: Scope, now: number): Promise<Map<string, Scorecard>> {
  const { database, namespace, partner = null } = scope;
  const since = now - WINDOW_MS;
  const asn = scope.processes.flatMap((plan) =>
    plan.matches.filter(({ compare }) => compare.shipped).map(({ name }) => name),
  );
  const shipped = scope.processes.flatMap((plan) => {
    const type = sidesOf(plan).shipped;
    const place = plan.milestones.findIndex(({ document }) => document !== undefined && document.type === type);
    return place < 0 ? [] : [{ process: plan.name, place: 2 + 3 * place }];
  });
  const mine = (expression: string) => `($2::text is null or ${expression} = $2)`;
  const [transactions, exceptions, acknowledged, objectives, letters, last] = await Promise.all([
    database.query<{
      partner: string;
      transactions: number;
      open: number;
      confirmation: number | null;
      announced: number;
      clean: number;
    }>(
      `with own as (
         select p.partner, t.process, t.key, t.state, t.body,
           exists (select from unnest($4::text[], $5::int[]) s(process, place) where s.process = t.process and substr(t.stages, s.place, 1) <> 'O') as announced
         from transactions t cross join jsonb_array_elements_text(t.partners) p(partner)
         where t.namespace = $1 and t.opened_at >= $3 and ${mine('p.partner')})
       select partner, count(*)::int as transactions, count(*) filter (where state = 'Open')::int as open,
         percentile_cont(0.5) within group (order by
           (jsonb_path_query_first(body, '$.milestones[*] ? (@.name like_regex "confirm" flag "i").at')::float8
            - (body->>'openedAt')::float8) / 1000) as confirmation,
         count(*) filter (where announced)::int as announced,
         count(*) filter (where announced and not exists (select from exceptions e where e.namespace = $1 and e.process = own.process
           and e.key = own.key and e.match = any($6)))::int as clean
       from own group by 1`,
      [namespace, partner, since, shipped.map(({ process }) => process), shipped.map(({ place }) => place), asn],
    ),
    database.query<{ partner: string; open: number }>(
      `select p.partner, count(*)::int as open from exceptions e
       join transactions t on t.namespace = e.namespace and t.process = e.process and t.key = e.key
       cross join jsonb_array_elements_text(t.partners) p(partner)
       where e.namespace = $1 and e.closed_at is null and ${mine('p.partner')} group by 1`,
      [namespace, partner],
    ),
    database.query<{ partner: string; seconds: number | null }>(
      `select partner, percentile_cont(0.5) within group (order by (told_at - sent_at) / 1000.0) as seconds from acknowledgments
       where namespace = $1 and sent_at >= $3 and told_at >= sent_at and ${mine('partner')} group by 1`,
      [namespace, partner, since],
    ),
    database.query<{ partner: string; met: number; judged: number }>(
      `select partner, count(*) filter (where state = 'Met')::int as met, count(*)::int as judged from objectives
       where namespace = $1 and state in ('Met', 'MetLate', 'Breached') and started_at >= $3 and ${mine('partner')} group by 1`,
      [namespace, partner, since],
    ),
    database.query<{ partner: string; count: number }>(
      `select d.source as partner, count(*)::int as count from accounts a
       join documents d on d.namespace = a.namespace and d.id = a.document and d.origin = 'partner'
       where a.namespace = $1 and a.state = 'DeadLettered' and a.outcome <> 'Discarded' and ${mine('d.source')} group by 1`,
      [namespace, partner],
    ),
    // One step of the index for each partner, not one for each document.
    database.query<{ partner: string; at: number }>(
      `with recursive sources as (
         (select source from documents where namespace = $1 and origin = 'partner' order by source limit 1)
         union all
         select (select d.source from documents d where d.namespace = $1 and d.origin = 'partner' and d.source > s.source order by d.source limit 1)
         from sources s where s.source is not null)
       select s.source as partner, (select max(first_at) from documents d where d.namespace = $1 and d.origin = 'partner'
         and d.source = s.source)::float8 as at
       from sources s where s.source is not null and ${mine('s.source')}`,
      [namespace, partner],
    ),
  ]);
  const cards = new Map<string, Scorecard>();
  const change = (name: string, more: Partial<Scorecard>) =>
    cards.set(name, {
      ...(cards.get(name) ?? { transactions: 0, openTransactions: 0, openExceptions: 0, deadLetters: 0 }),
      ...more,
    });
  for (const { partner: name, transactions: count, open, confirmation, announced, clean } of transactions.rows)
    change(name, {
      transactions: count,
      openTransactions: open,
      ...(confirmation !== null && { confirmationSeconds: Math.max(0, Math.round(confirmation)) }),
      ...(announced > 0 && { asnAccuracy: clean / announced }),
    });
  for (const { partner: name, open } of exceptions.rows) change(name, { openExceptions: open });
  for (const { partner: name, seconds } of acknowledged.rows)
    if (seconds !== null) change(name, { acknowledgmentSeconds: Math.round(seconds) });
  for (const { partner: name, met, judged } of objectives.rows) change(name, { onTime: met / judged });
  for (const { partner: name, count } of letters.rows) change(name, { deadLetters: count });
  for (const { partner: name, at } of last.rows) change(name, optionalTime('lastDocumentAt', at));
  return cards;
}

/** Of the last 12 weeks. */
export async function readWeeks(
  { database, namespace }: Scope,
  partner: string,
  now: number,
): Promise<PartnerDetail['weeks']> {
  const { rows } = await database.query<{
    week: string;
    transactions: number;
    met: number;
    judged: number;
    exceptions: number;
  }>(
    `select to_char(date_trunc('week', to_timestamp(t.opened_at / 1000.0) at time zone 'UTC'), 'YYYY-MM-DD') as week, count(*)::int as transactions,
       coalesce(sum(o.met), 0)::int as met, coalesce(sum(o.judged), 0)::int as judged, coalesce(sum(e.count), 0)::int as exceptions
     from transactions t
     left join lateral (select count(*) filter (where state = 'Met') as met, count(*) as judged from objectives o
       where o.namespace = $1 and o.process = t.process and o.key = t.key and o.state in ('Met', 'MetLate', 'Breached')) o on true
     left join lateral (select count(*) as count from exceptions e where e.namespace = $1 and e.process = t.process and e.key = t.key) e on true
     where t.namespace = $1 and t.partners ? $2 and t.opened_at >= $3 group by 1 order by 1`,
    [namespace, partner, now - 12 * 7 * 86_400_000],
  );
  return rows.map(({ week, transactions, met, judged, exceptions }) => ({
    week,
    transactions,
    exceptions,
    ...(judged > 0 && { onTime: met / judged }),
  }));
}
