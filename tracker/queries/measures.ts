/** How the business does, by week and partner. */
import type { MeasureRow, MeasuresQuery } from '../api/contract.ts';
import { WEEK_COLUMNS, WEEK_SUMS } from '../figures/weeks.ts';
import type { Scope } from './scope.ts';

const WEEK_MS = 7 * 86_400_000;
/** Monday of the week, of which 1970-01-05 was the first. */
const MONDAY_MS = 4 * 86_400_000;
export const mondayOf = (ms: number): number => Math.floor((ms - MONDAY_MS) / WEEK_MS) * WEEK_MS + MONDAY_MS;
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Of a partner its own transactions are summed; of all, weeks that did not change since they were summed are read. */
const OF_PARTNER = `select week, partner, ${WEEK_SUMS} from transaction_figures f
  where namespace = $1 and partner = $4 and week between $2 and $3 and opened_at >= extract(epoch from $2::date) * 1000 group by 1, 2`;
const OF_ALL = `select week, partner, ${WEEK_COLUMNS} from week_figures
  where namespace = $1 and week between $2 and $3 and not stale and transactions > 0
  union all
  select f.week, f.partner, ${WEEK_SUMS} from week_figures s
    join transaction_figures f on f.namespace = $1 and f.week = s.week and f.partner = s.partner and f.leads
  where s.namespace = $1 and s.week between $2 and $3 and s.stale group by 1, 2`;

interface Summed {
  week: string;
  partner: string;
  transactions: number;
  complete: number;
  posted: number;
  posted_median: number | null;
  posted_p95: number | null;
  invoice_holds: number;
  exceptions: number;
  met: number;
  judged: number;
  touches: number;
}

/** Whole weeks, from that of the first day to that of the last. */
export async function readMeasures(
  { database, namespace, ...scope }: Scope,
  query: MeasuresQuery,
  now = Date.now(),
): Promise<MeasureRow[]> {
  const from = mondayOf(query.from === undefined ? now - 12 * WEEK_MS : Date.parse(query.from));
  const to = mondayOf(query.to === undefined ? now + WEEK_MS : Date.parse(query.to));
  const partner = scope.partner ?? query.partner;
  const { rows } = await database.query<Summed>(
    `select to_char(week, 'YYYY-MM-DD') as week, partner, ${WEEK_COLUMNS}
     from (${partner === undefined ? OF_ALL : OF_PARTNER}) weeks order by week, partner`,
    [namespace, dayOf(from), dayOf(to), ...(partner === undefined ? [] : [partner])],
  );
  return rows.map((row) => ({
    week: row.week,
    partner: row.partner,
    transactions: row.transactions,
    complete: row.complete,
    ...(row.posted > 0 && {
      receiptToPosting: { median: row.posted_median!, p95: row.posted_p95!, count: row.posted },
    }),
    invoiceHolds: row.invoice_holds,
    exceptions: row.exceptions,
    ...(row.judged > 0 && { compliance: row.met / row.judged }),
    touches: row.touches,
  }));
}
