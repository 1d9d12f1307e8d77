/** Groups of letters, from the accounts: by the index of what is not settled, so that its cost is that of the letters alone. */
import type pg from 'pg';
import { sha256Hex } from '../../runtime/canonical.ts';
import type { GroupFilter, LetterAccount, LetterGroup, LetterState } from './contract.ts';

/** The same as the database makes it of an account; '' for what is absent. */
export const fingerprintOf = (state: LetterState, errorClass: string, code: string, destination: string): string =>
  sha256Hex([state, errorClass, code, destination].join('\n')).slice(0, 12);

/** Of an account row `a`. NUL cannot be in them. */
export const letterFingerprint = `substr(encode(sha256(convert_to(a.state || E'\\n' || coalesce(a.error_class, '') || E'\\n' || coalesce(a.error_code, '')
  || E'\\n' || a.destination, 'UTF8')), 'hex'), 1, 12)`;

/**
 * Accounts `a` with their documents `d` and deciding entries `e` that the filter means. Parameters: namespace, state, integration, partner,
 * class, code, fingerprint.
 */
export const LETTERS = `from accounts a join documents d on d.namespace = a.namespace and d.id = a.document
  left join entries e on e.namespace = a.namespace and e.id = a.entry collate "default"
  where a.namespace = $1 and a.state in ('DeadLettered', 'Parked') and a.outcome <> 'Discarded'
    and ($2::text is null or a.state = $2) and ($3::text is null or split_part(a.destination, '/', 1) = $3)
    and ($4::text is null or d.origin = 'partner' and d.source = $4 or e.body->'detail'->>'partner' = $4)
    and ($5::text is null or a.error_class = $5) and ($6::text is null or a.error_code = $6)
    and ($7::text is null or ${letterFingerprint} = $7)`;
export const letterParameters = (
  namespace: string,
  { state, integration, partner, class: errorClass, code, fingerprint }: GroupFilter,
) => [namespace, state, integration, partner, errorClass, code, fingerprint].map((value) => value ?? null);

/** The largest first. */
export async function readGroups(
  database: pg.Pool,
  namespace: string,
  filter: GroupFilter = {},
): Promise<LetterGroup[]> {
  const { rows } = await database.query<Omit<LetterGroup, 'example'> & { document: string; message: string }>(
    `select ${letterFingerprint} as fingerprint, a.state, coalesce(a.error_class, '') as class, coalesce(a.error_code, '') as code,
       split_part(a.destination, '/', 1) as integration, a.destination, count(*)::int as count,
       min(a.at)::float8 as "firstAt", max(a.at)::float8 as "lastAt",
       (array_agg(distinct coalesce(e.body->'detail'->>'partner', d.source))
         filter (where d.origin = 'partner' or e.body->'detail'->>'partner' is not null))[1:20] as partners,
       (array_agg(a.document order by a.at desc, a.document))[1] as document,
       (array_agg(coalesce(a.error_message, '') order by a.at desc, a.document))[1] as message
     ${LETTERS} group by a.state, 3, 4, a.destination, 1 order by count(*) desc, 1`,
    letterParameters(namespace, filter),
  );
  return rows.map(({ document, message, partners, ...group }) => ({
    ...group,
    partners: partners ?? [],
    example: { document, message },
  }));
}

/** Newest first, `limit` of them behind `after`. */
export async function readLetters(
  database: pg.Pool,
  namespace: string,
  filter: GroupFilter,
  { limit = 50, after }: { limit?: number; after?: { at: number; document: string } } = {},
): Promise<LetterAccount[]> {
  const { rows } = await database.query<LetterAccount>(
    `select a.document, a.destination, d.type, d.origin, d.source, d.keys, a.at::float8 as at, a.attempt, a.epoch,
       coalesce(a.error_class, '') as class, coalesce(a.error_code, '') as code, coalesce(a.error_message, '') as message
     ${LETTERS} and ($8::bigint is null or (a.at, a.document) < ($8, $9))
     order by a.at desc, a.document desc, a.destination limit $10`,
    [...letterParameters(namespace, filter), after?.at ?? null, after?.document ?? null, limit],
  );
  return rows;
}
