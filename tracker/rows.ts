/** The statements that bring folded entries into tables: arrays of columns, in the order of keys, so that writers do not lock each other. */
import type pg from 'pg';
import type { JournalEntry } from '../runtime/journal/entry.ts';
import { writeAcknowledgments } from './acknowledgments/store.ts';
import { fold, tieOf } from './fold.ts';
import { writeVersions } from './replay/versions.ts';
import { touch } from './touched.ts';

/** Whether the new row decides rather than the one that is there: by rank; of equal ranks the earlier; then the lesser tie. */
const outranks = (table: string, rank: string[]): string => {
  const row = (of: string, at: string) => `(${[...rank.map((name) => `${of}.${name}`), `${at}${of}.at`].join(', ')})`;
  return `(${row('excluded', '-')} > ${row(table, '-')} or ${row('excluded', '')} = ${row(table, '')} and excluded.tie < ${table}.tie)`;
};

const ENTRIES = `
  insert into entries (namespace, id, document, destination, at, tie, epoch, attempt, outcome, body)
  select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::int[], $8::int[], $9::text[], $10::jsonb[])
  on conflict (namespace, id) do update set at = excluded.at, tie = excluded.tie, body = excluded.body 
  where ${outranks('entries', [])}`;

const TELLS = outranks('documents', ['informed', 'epoch', 'entry']);
const TOLD = ['type', 'origin', 'source', 'keys', 'revision', 'causation', 'informed', 'epoch', 'entry', 'at', 'tie'];
const DOCUMENTS = `
  insert into documents (namespace, id, ${TOLD.join(', ')}, first_at)
  select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[], $8::text[],
    $9::int[], $10::int[], $11::text[], $12::bigint[], $13::text[], $14::bigint[])
  on conflict (namespace, id) do update set
    ${TOLD.map((name) => `${name} = case when ${TELLS} then excluded.${name} else documents.${name} end`).join(',\n    ')},
    first_at = least(documents.first_at, excluded.first_at)
  where ${TELLS} or excluded.first_at < documents.first_at`;

const KEYS = `
  insert into document_keys (namespace, document, name, value)
  select $1, * from unnest($2::text[], $3::text[], $4::text[]) on conflict do nothing`;

const DECIDED = [
  'state',
  'outcome',
  'epoch',
  'finality',
  'attempt',
  'entry',
  'at',
  'tie',
  'next_at',
  'error_class',
  'error_code',
  'error_message',
];
const ACCOUNTS = `
  insert into accounts (namespace, document, destination, ${DECIDED.join(', ')})
  select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::int[], $9::text[],
    $10::bigint[], $11::text[], $12::bigint[], $13::text[], $14::text[], $15::text[])
  on conflict (namespace, document, destination) do update set
    ${DECIDED.map((name) => `${name} = excluded.${name}`).join(', ')}
  where ${outranks('accounts', ['epoch', 'finality', 'attempt', 'entry'])}`;

/** Within the caller's transaction. */
export async function writeRows(
  client: pg.ClientBase,
  namespace: string,
  entries: readonly JournalEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const written = writings(entries);
  await client.query(ENTRIES, [
    namespace,
    ...columns(written, ({ entry: e, tie, text }) => [
      e.id,
      e.document,
      e.destination,
      e.at,
      tie,
      e.epoch,
      e.attempt,
      e.outcome,
      text,
    ]),
  ]);
  const { accounts, documents, keys } = fold(entries);
  await touch(client, namespace, documents.keys());
  await writeVersions(client, namespace, entries);
  await writeAcknowledgments(client, namespace, entries);
  await client.query(DOCUMENTS, [
    namespace,
    ...columns(sorted(documents), (d) => [
      d.id,
      d.type,
      d.origin,
      d.source,
      JSON.stringify(d.keys),
      d.revision && JSON.stringify(d.revision),
      d.causation,
      d.informed,
      d.epoch,
      d.entry,
      d.at,
      d.tie,
      d.firstAt,
    ]),
  ]);
  if (keys.size > 0)
    await client.query(KEYS, [namespace, ...columns(sorted(keys), (k) => [k.document, k.name, k.value])]);
  await client.query(ACCOUNTS, [
    namespace,
    ...columns(sorted(accounts), (a) => [
      a.document,
      a.destination,
      a.state,
      a.outcome,
      a.epoch,
      a.finality,
      a.attempt,
      a.entry,
      a.at,
      a.tie,
      a.nextAt,
      a.errorClass,
      a.errorCode,
      a.errorMessage,
    ]),
  ]);
}

/** One per id: of several writings the one that the fold prefers. */
function writings(entries: readonly JournalEntry[]) {
  const known = new Map<string, { entry: JournalEntry; text: string; tie: string }>();
  for (const entry of entries) {
    const text = JSON.stringify(entry);
    const one = { entry, text, tie: tieOf(text) };
    const before = known.get(entry.id);
    if (!before || entry.at < before.entry.at || (entry.at === before.entry.at && one.tie < before.tie))
      known.set(entry.id, one);
  }
  return sorted(known);
}

export const sorted = <T>(rows: Map<string, T>): T[] =>
  [...rows].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, row]) => row);

export function columns<T>(rows: readonly T[], cells: (row: T) => unknown[]): unknown[][] {
  const result: unknown[][] = [];
  for (const row of rows)
    cells(row).forEach((cell, index) => {
      result[index] ??= [];
      result[index].push(cell);
    });
  return result;
}
