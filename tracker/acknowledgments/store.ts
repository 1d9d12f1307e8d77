/** Acknowledgments in the tracker's database. */
import type pg from 'pg';
import type { JournalEntry } from '../../runtime/journal/entry.ts';
import { columns, sorted } from '../rows.ts';
import { type Acknowledgment, type AcknowledgmentState, foldAcknowledgments, stateOfAcknowledgment } from './fold.ts';

const SENT = '(coalesce(excluded.sent_at, -1) > coalesce(acknowledgments.sent_at, -1))';
const TOLD = `((excluded.told_rank, coalesce(excluded.told_at, -1), coalesce(excluded.told_by, ''))
  > (acknowledgments.told_rank, coalesce(acknowledgments.told_at, -1), coalesce(acknowledgments.told_by, '')))`;
const either = (by: string, names: string[]): string =>
  names.map((name) => `${name} = case when ${by} then excluded.${name} else acknowledgments.${name} end`).join(', ');
const WRITE = `
  insert into acknowledgments (namespace, document, destination, partner, control, transaction, sent_at, due_at,
    verdict, told_rank, told_at, told_by, message)
  select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
    $9::text[], $10::int[], $11::bigint[], $12::text[], $13::text[])
  on conflict (namespace, document, destination) do update set
    ${either(SENT, ['partner', 'control', 'transaction', 'sent_at', 'due_at', 'overdue_at'])},
    ${either(TOLD, ['verdict', 'told_rank', 'told_at', 'told_by', 'message'])}
  where ${SENT} or ${TOLD}`;

/** Within the caller's transaction; the same entries again change nothing. */
export async function writeAcknowledgments(
  client: pg.ClientBase,
  namespace: string,
  entries: readonly JournalEntry[],
): Promise<void> {
  const folded = foldAcknowledgments(entries);
  if (folded.size === 0) return;
  await client.query(WRITE, [
    namespace,
    ...columns(sorted(folded), (a) => [
      a.document,
      a.destination,
      a.partner,
      a.control,
      a.transaction,
      a.sentAt,
      a.dueAt,
      a.verdict,
      a.rank,
      a.toldAt,
      a.toldBy,
      a.message,
    ]),
  ]);
}

export interface AcknowledgmentRow extends Acknowledgment {
  state: AcknowledgmentState;
  /** Type and keys of the document. */
  type: string;
  keys: Record<string, string[]>;
}

const COLUMNS = `a.document, a.destination, a.partner, a.control, a.transaction, a.sent_at::float8 as "sentAt",
  a.due_at::float8 as "dueAt", a.verdict, a.told_rank as rank, a.told_at::float8 as "toldAt", a.told_by as "toldBy", a.message,
  coalesce(d.type, '') as type, coalesce(d.keys, '{}') as keys`;

/** What a person looks at: overdue, rejected, accepted in part or with errors; the longest overdue first. */
export async function readTroubledAcknowledgments(
  database: pg.Pool,
  namespace: string,
  limit: number,
  now: number,
): Promise<AcknowledgmentRow[]> {
  const { rows } = await database.query<Omit<AcknowledgmentRow, 'state'>>(
    `select ${COLUMNS} from acknowledgments a left join documents d on d.namespace = a.namespace and d.id = a.document
     where a.namespace = $1 and (a.verdict in ('Rejected', 'PartiallyAccepted', 'AcceptedWithErrors') or (a.told_rank < 2 and a.due_at < $2))
     order by coalesce(a.due_at, a.told_at), a.document, a.destination limit $3`,
    [namespace, now, limit],
  );
  return rows.map((row) => ({ ...row, state: stateOfAcknowledgment(row, now) }));
}

export async function countAcknowledgments(
  database: pg.Pool,
  namespace: string,
  now: number,
): Promise<Partial<Record<AcknowledgmentState, number>>> {
  const { rows } = await database.query<{ state: AcknowledgmentState; count: number }>(
    `select case when told_rank < 2 and due_at < $2 then 'Overdue' else coalesce(verdict, 'Expected') end as state, count(*)::int as count
     from acknowledgments where namespace = $1 group by 1 order by 1`,
    [namespace, now],
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** Those that became overdue since the last look, each once, however many look. */
export async function noticeOverdue(
  database: pg.Pool,
  namespace: string,
  now: number,
): Promise<Pick<Acknowledgment, 'document' | 'destination' | 'partner' | 'control' | 'dueAt'>[]> {
  const { rows } = await database.query(
    `update acknowledgments set overdue_at = $2
     where namespace = $1 and told_rank < 2 and due_at < $2 and overdue_at is null
     returning document, destination, partner, control, due_at::float8 as "dueAt"`,
    [namespace, now],
  );
  return rows;
}
