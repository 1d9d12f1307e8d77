/** The audit: who did what, to what, why and when. Append-only: the database itself refuses to change or remove a row. */
import type pg from 'pg';
import { clean } from '../read.ts';
import type { AuditEntry, AuditFilter, AuditRecord } from './contract.ts';

const MAX_REASON = 2_000;

/** With a client: in its transaction, so that the act and its audit are one. */
export async function audit(
  database: pg.Pool | pg.ClientBase,
  namespace: string,
  { actor, act, target, outcome, reason, detail }: AuditRecord,
  at: number = Date.now(),
): Promise<void> {
  const text = (value: string, length: number) => clean(value.slice(0, length)) as string;
  await database.query(
    `insert into audit (namespace, at, actor, act, target, outcome, reason, detail) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      namespace,
      at,
      text(actor, 200),
      act,
      text(target, 1_000),
      outcome,
      reason === undefined ? null : text(reason, MAX_REASON),
      detail === undefined ? null : JSON.stringify(clean(detail)),
    ],
  );
}

/** Newest first. */
export async function readAudit(
  database: pg.Pool,
  namespace: string,
  { actor, act, target, from, to, before, limit = 50 }: AuditFilter = {},
): Promise<AuditEntry[]> {
  const { rows } = await database.query<AuditEntry & { reason: string | null; detail: AuditEntry['detail'] | null }>(
    `select seq::text as id, at::float8 as at, actor, act, target, outcome, reason, detail from audit
     where namespace = $1 and ($2::text is null or actor = $2) and ($3::text is null or act = $3)
       and ($4::text is null or starts_with(target, $4)) and ($5::bigint is null or at >= $5) and ($6::bigint is null or at < $6)
       and ($7::bigint is null or seq < $7)
     order by seq desc limit $8`,
    [namespace, actor ?? null, act ?? null, target ?? null, from ?? null, to ?? null, before ?? null, limit],
  );
  return rows.map(({ reason, detail, ...row }) => ({
    ...row,
    ...(reason !== null && { reason }),
    ...(detail !== null && { detail }),
  }));
}
