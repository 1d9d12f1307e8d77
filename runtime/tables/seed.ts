/** Reads a table's seed into its rows, and makes rows anew when the expressions that make them are others. */

import { canonicalJson, sha256Hex } from '../canonical.ts';
import { DocumentError } from '../errors.ts';
import type { Row } from '../mapping/lookups.ts';
import { keyOf } from '../mapping/tables.ts';
import type { TablePlan } from '../plan.ts';
import { applyDocuments, refoldKeys, seedRows, sweepSeed } from './changes.ts';
import type { Database } from './database.ts';
import { type Folding, isKey, MAX_KEY } from './fold.ts';
import { type Arriving, arrivingOf, type RevisedRow } from './standing.ts';

type Changed = (keys: string[]) => Promise<void>;

/** All batches, then what the list does not have any more goes. `startedAt`: epoch ms at which the list was asked for. */
export async function seedTable(
  database: Database,
  table: Folding,
  batches: AsyncIterable<unknown[]>,
  startedAt: number,
  changed: Changed,
): Promise<number> {
  let count = 0;
  for await (const batch of batches) {
    const rows = new Map(batch.map((row, i) => keyedRow(table.plan, row, count + i + 1)));
    await changed(await seedRows(database, table, startedAt, rows));
    count += batch.length;
  }
  await changed(await sweepSeed(database, table, startedAt));
  await database.change(async (client) => {
    await client.query(
      `insert into live_tables (name, seeded_at, seed_trouble) values ($1, to_timestamp($2::float8 / 1000), null)
       on conflict (name) do update set seeded_at = excluded.seeded_at, seed_trouble = null`,
      [table.plan.name, startedAt],
    );
  });
  return count;
}

function keyedRow({ key: columns }: TablePlan, row: unknown, n: number): [string, Row] {
  const wrong = (message: string) =>
    new DocumentError({ class: 'DecodeFailed', code: 'seed.row', message: `row ${n} ${message}` });
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw wrong('is not an object; the seed must be a list of objects');
  const values = columns.map((column) => {
    const value = (row as Row)[column];
    if (value !== undefined && value !== null && typeof value !== 'object') return value;
    const has = Object.keys(row).slice(0, 10).join(', ');
    throw wrong(
      `has no value for the key column "${column}"; its columns are: ${has}; mend spec.key, or spec.seed.http.rows`,
    );
  });
  const key = keyOf(values);
  if (!isKey(key)) throw wrong(`has a key of more than ${MAX_KEY} characters, or with U+0000`);
  return [key, row as Row];
}

/** What makes rows of documents; another one makes them all anew. */
export const foldHash = ({ plan: { key, live } }: Folding): string =>
  sha256Hex(canonicalJson([key, live!.events, live!.tables, live!.serve?.owner?.column ?? null])).slice(0, 32);

/** The stored documents of a table as it is now. Gives the first that cannot be taken any more; it stays as it was. */
export async function rebuildTable(
  database: Database,
  table: Folding,
  changed: Changed,
): Promise<DocumentError | undefined> {
  const name = table.plan.name;
  let trouble: DocumentError | undefined;
  const note = (error: unknown) => {
    if (!(error instanceof DocumentError)) throw error;
    trouble ??= error;
  };
  for (let after = ''; ; ) {
    const documents = await storedDocuments(database, name, after);
    if (documents.length === 0) break;
    after = documents.at(-1)!.id;
    try {
      await changed(await applyDocuments(database, table, documents));
    } catch (error) {
      note(error);
      for (const document of documents) await applyDocuments(database, table, [document]).then(changed, note);
    }
  }
  for (let after = ''; ; ) {
    const rows = await database.read<{ key: string }>(
      `select key from live_rows r where tbl = $1 and key > $2
         and not exists (select 1 from live_events e where e.tbl = $1 and e.key = r.key) order by key limit 500`,
      [name, after],
    );
    if (rows.length === 0) break;
    after = rows.at(-1)!.key;
    await changed(
      await refoldKeys(
        database,
        table,
        rows.map(({ key }) => key),
      ),
    );
  }
  await database.change(async (client) => {
    await client.query(
      'insert into live_tables (name, fold) values ($1, $2) on conflict (name) do update set fold = excluded.fold',
      [name, foldHash(table)],
    );
  });
  return trouble;
}

async function storedDocuments(database: Database, table: string, after: string): Promise<Arriving[]> {
  const rows = await database.read<RevisedRow>(
    `select * from live_documents where tbl = $1 and document > $2 and expires_at is null order by document limit 200`,
    [table, after],
  );
  return rows.map((row) => arrivingOf(row));
}
