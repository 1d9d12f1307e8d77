/** Scorecards of partners over the last 90 days. Of one partner it costs what that one did; of all it is for the API to ask seldom. */
import type { PartnerDetail, Scorecard } from '../api/contract.ts';
import { mondayOf } from './measures.ts';
import { optionalTime, type Scope } from './scope.ts';

const WINDOW_MS = 90 * 86_400_000;

/** By partner; of one that did nothing there is none. */
export async function readScorecards(scope: Scope, now: number): Promise<Map<string, Scorecard>> {
  const { database, namespace, partner = null } = scope;
  const since = now - WINDOW_MS;
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
      `select partner, count(*)::int as transactions, count(*) filter (where state = 'Open')::int as open,
         percentile_cont(0.5) within group (order by confirmed_after) as confirmation,
         count(*) filter (where announced)::int as announced, count(*) filter (where announced_well)::int as clean
       from transaction_figures where namespace = $1 and partner <> '' and opened_at >= $3 and ${mine('partner')} group by 1`,
      [namespace, partner, since],
    ),
    database.query<{ partner: string; open: number }>(
      `select partner, sum(open_exceptions)::int as open from transaction_figures
       where namespace = $1 and partner <> '' and open_exceptions > 0 and ${mine('partner')} group by 1`,
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
      // From the letters to their documents, never the other way.
      `select d.source as partner, count(*)::int as count from accounts a
       cross join lateral (select source from documents where namespace = $1 and id = a.document and origin = 'partner' offset 0) d
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

/** Of the last 12 weeks and this one, which all are whole. */
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
    `select to_char(week, 'YYYY-MM-DD') as week, count(*)::int as transactions, sum(met)::int as met, sum(judged)::int as judged,
       sum(exceptions)::int as exceptions
     from transaction_figures where namespace = $1 and partner = $2 and opened_at >= $3 group by 1 order by 1`,
    [namespace, partner, mondayOf(now - 12 * 7 * 86_400_000)],
  );
  return rows.map(({ week, transactions, met, judged, exceptions }) => ({
    week,
    transactions,
    exceptions,
    ...(judged > 0 && { onTime: met / judged }),
  }));
}
