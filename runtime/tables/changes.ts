/**
 * Changes of rows, each in one transaction under locks on the keys that it touches. A row is always what its base and all documents
 * that count make of it, so applying twice, or in another order, changes nothing.
 */
import type pg from 'pg';
import type { Row } from '../mapping/lookups.ts';
import { type Database, lock } from './database.ts';
import { type Contribution, type Folding, foldRow, type TableDocument, type Touch, touchesOf } from './fold.ts';
import { COUNTING } from './schema.ts';
import { type Arriving, type DocumentRow, documentOf } from './standing.ts';

export interface Arrived {
  document: Arriving;
  touches: readonly Touch[];
}

/** Takes documents into the rows; gives the keys of rows that changed. Throws DocumentError for one that cannot be taken: then none is. */
export async function applyDocuments(
  database: Database,
  table: Folding,
  documents: readonly Arriving[],
): Promise<string[]> {
  // The same document twice in a batch: the last one stands.
  const latest = new Map(documents.map((document) => [document.id, { document, touches: touchesOf(table, document) }]));
  const arrived = [...latest.values()];
  return database.change(async (client) => {
    const keys = await lockFor(client, table.plan.name, arrived);
    await writeDocuments(client, table.plan.name, arrived, undefined);
    return refold(client, table, keys);
  });
}

/** Takes back what was reserved and never accepted, once its time is up. */
export const expireReservations = (database: Database, table: Folding): Promise<string[]> =>
  database.change(async (client) => {
    const { rows } = await client.query<{ document: string }>(
      'select document from live_documents where tbl = $1 and expires_at < now() order by expires_at limit 500',
      [table.plan.name],
    );
    return takeBack(
      client,
      table,
      rows.map(({ document }) => document),
      'expires_at < now()',
    );
  });

/** Takes back reservations of these documents now. */
export const releaseDocuments = (database: Database, table: Folding, documents: readonly string[]): Promise<string[]> =>
  database.change((client) => takeBack(client, table, documents, 'expires_at is not null'));

async function takeBack(
  client: pg.ClientBase,
  table: Folding,
  documents: readonly string[],
  condition: string,
): Promise<string[]> {
  if (documents.length === 0) return [];
  const name = table.plan.name;
  const { rows } = await client.query<{ key: string }>(
    // With the rows of the revisions that count again.
    `select e.key from live_documents d
     cross join lateral (
       select d.document union select document from live_documents
       where revision_key = d.revision_key and type = d.type and source = d.source and tbl = d.tbl offset 0) as r
     cross join lateral (select key from live_events where document = r.document and tbl = d.tbl offset 0) as e
     where d.tbl = $1 and d.document = any($2)`,
    [name, documents],
  );
  const keys = [...new Set(rows.map(({ key }) => key))];
  await lock(client, keyLocks(name, keys));
  await client.query(
    `with gone as (delete from live_documents where tbl = $1 and document = any($2) and ${condition} returning document)
     delete from live_events e where e.tbl = $1 and e.document = any($2) and e.document in (select document from gone)`,
    [name, documents],
  );
  return refold(client, table, keys);
}

/** Rows of a seed. A row that documents touched keeps the base that it had: the system's figures hold what those did, or do not yet. */
export const seedRows = (
  database: Database,
  table: Folding,
  seed: number,
  rows: ReadonlyMap<string, Row>,
): Promise<string[]> =>
  database.change(async (client) => {
    const name = table.plan.name;
    const keys = [...rows.keys()];
    await lock(client, keyLocks(name, keys));
    await client.query(
      `insert into live_rows as r (tbl, key, base, seed)
       select $1, k, b, $4 from unnest($2::text[], $3::text[]) as i (k, b)
       on conflict (tbl, key) do update set seed = excluded.seed, base = case
         when r.base is null or not exists (select 1 from live_events e where e.tbl = $1 and e.key = r.key)
         then excluded.base else r.base end`,
      [name, keys, keys.map((key) => JSON.stringify(rows.get(key))), seed],
    );
    return refold(client, table, keys);
  });

/** Rows of an earlier seed that this one does not have any more, and that no document touched. */
export const sweepSeed = (database: Database, table: Folding, seed: number): Promise<string[]> =>
  database.change(async (client) => {
    const { rows } = await client.query<{ key: string }>(
      `delete from live_rows r where tbl = $1 and base is not null and seed is distinct from $2
         and not exists (select 1 from live_events e where e.tbl = $1 and e.key = r.key) returning key`,
      [table.plan.name, seed],
    );
    return rows.map(({ key }) => key);
  });

/** Makes rows anew from what is stored. */
export const refoldKeys = (database: Database, table: Folding, keys: readonly string[]): Promise<string[]> =>
  database.change(async (client) => {
    await lock(client, keyLocks(table.plan.name, keys));
    return refold(client, table, keys);
  });

export const groupLocks = (table: string, documents: readonly Arriving[]): string[] =>
  documents.flatMap(({ type, source, revision }) =>
    revision ? JSON.stringify([table, type, source, revision.key]) : [],
  );
const keyLocks = (table: string, keys: readonly string[]): string[] => keys.map((key) => `${table}\n${key}`);

/**
 * First what decides which revision counts, then the rows that any of the revisions touches; of several tables one after another by name.
 * Everybody in this order. Gives the keys of the rows: those that the documents touch, touched before, and those of their other revisions.
 */
async function lockFor(client: pg.ClientBase, table: string, arrived: readonly Arrived[]): Promise<string[]> {
  const documents = arrived.map(({ document }) => document);
  const revised = documents.filter(({ revision }) => revision);
  const { rows } = await client.query<{ keys: string[] }>({
    name: 'live_lock',
    text: 'select live_lock($1, $2, $3, $4, $5, $6, $7) as keys',
    values: [
      table,
      groupLocks(table, documents),
      documents.map(({ id }) => id),
      revised.map(({ type }) => type),
      revised.map(({ source }) => source),
      revised.map(({ revision }) => revision!.key),
      [...new Set(arrived.flatMap(({ touches }) => touches.map(({ key }) => key)))],
    ],
  });
  return rows[0]!.keys;
}

/** `reservedForMs` undefined: accepted. A reservation never takes the place of an accepted document, an older epoch never of a newer one. */
export async function writeDocuments(
  client: pg.ClientBase,
  table: string,
  arrived: readonly Arrived[],
  reservedForMs: number | undefined,
): Promise<void> {
  const column = <T>(pick: (document: Arriving) => T) => arrived.map(({ document }) => pick(document));
  const touches = arrived.flatMap(({ document, touches: all }) =>
    all.map((one) => ({ ...one, document: document.id })),
  );
  await client.query({
    name: 'write',
    // Of the events what stays is not touched: the same document again is the rule.
    text: `with taken as (
         insert into live_documents as d
           (tbl, document, type, origin, source, revision_key, rank, cancels, epoch, accepted_at, body, expires_at)
         select $1, i.*, now() + make_interval(secs => $12::float8) from unnest(
           $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bool[], $9::int[], $10::bigint[], $11::text[]) as i
         on conflict (document, tbl) do update set
           revision_key = excluded.revision_key, rank = excluded.rank, cancels = excluded.cancels, epoch = excluded.epoch,
           accepted_at = least(d.accepted_at, excluded.accepted_at), body = excluded.body, expires_at = excluded.expires_at
         where d.epoch <= excluded.epoch and (excluded.expires_at is null or d.expires_at is not null)
         returning document),
       given as (
         select i.* from unnest($13::text[], $14::text[], $15::int[], $16::int[]) as i (key, document, event, n)
         join taken using (document)),
       gone as (
         delete from live_events e
         where e.tbl = $1 and e.document = any($2) and e.document in (select document from taken) and not exists (
           select 1 from given g where g.key = e.key and g.document = e.document and g.event = e.event and g.n = e.n))
       insert into live_events (tbl, key, document, event, n)
       select $1, g.key, g.document, g.event, g.n from given g on conflict do nothing`,
    values: [
      table,
      column(({ id }) => id),
      column(({ type }) => type),
      column(({ origin }) => origin),
      column(({ source }) => source),
      column(({ revision }) => revision?.key ?? null),
      column(({ revision }) => revision?.rank ?? ''),
      column(({ revision }) => revision?.cancels ?? false),
      column(({ epoch }) => epoch),
      column(({ acceptedAt }) => acceptedAt),
      column(({ body }) => JSON.stringify(body)),
      reservedForMs === undefined ? null : reservedForMs / 1_000,
      touches.map(({ key }) => key),
      touches.map(({ document }) => document),
      touches.map(({ event }) => event),
      touches.map(({ n }) => n),
    ],
  });
}

/** Makes the rows anew; gives the keys of those that are others now. */
async function refold(client: pg.ClientBase, table: Folding, keys: readonly string[]): Promise<string[]> {
  return keys.length === 0 ? [] : writeRows(client, table, await rowsOf(client, table, keys));
}

/** Gives the keys of those that are others now. */
export async function writeRows(
  client: pg.ClientBase,
  table: Folding,
  rows: ReadonlyMap<string, Row | undefined>,
): Promise<string[]> {
  const keys = [...rows.keys()];
  const column = table.plan.live?.serve?.owner?.column;
  const ownerOf = (row: Row | undefined) =>
    column === undefined || row?.[column] === undefined || row[column] === null ? null : String(row[column]);
  const changed = await client.query<{ key: string }>({
    name: 'rows',
    text: `insert into live_rows as r (tbl, key, row, owner)
     select $1, i.* from unnest($2::text[], $3::text[], $4::text[]) as i
     on conflict (tbl, key) do update set row = excluded.row, owner = excluded.owner
     where r.row is distinct from excluded.row or r.owner is distinct from excluded.owner
     returning key`,
    values: [
      table.plan.name,
      keys,
      keys.map((key) => (rows.get(key) === undefined ? null : JSON.stringify(rows.get(key)))),
      keys.map((key) => ownerOf(rows.get(key))),
    ],
  });
  return changed.rows.map(({ key }) => key);
}

/** Without `document`, `body` is the row's base. */
type ContributionRow = { key: string } & (
  | { document: null; body: string }
  | (DocumentRow & { event: number; n: number })
);

/** Bases, and what counts of the documents. */
const CONTRIBUTIONS = `
  select e.key, e.event, e.n, d.document, d.type, d.origin, d.source, d.body, d.accepted_at
  from live_events e cross join lateral (${COUNTING}) as d
  where e.tbl = $1 and e.key = any($2)
  union all
  select key, null, null, null, null, null, null, base, null from live_rows where tbl = $1 and key = any($2) and base is not null`;

/** The rows that base and documents give. */
async function rowsOf(
  client: pg.ClientBase,
  table: Folding,
  keys: readonly string[],
): Promise<Map<string, Row | undefined>> {
  const name = table.plan.name;
  const { rows } = await client.query<ContributionRow>({
    name: 'counting',
    text: CONTRIBUTIONS,
    values: [name, keys],
  });
  const base = new Map<string, Row>();
  const documents = new Map<string, TableDocument>();
  const contributions = new Map<string, Contribution[]>();
  for (const row of rows) {
    const { key } = row;
    if (row.document === null) {
      base.set(key, JSON.parse(row.body) as Row);
      continue;
    }
    const { event, n, document: id } = row;
    // An event that the table does not have any more; the rows are about to be made anew.
    if (!table.events[event]) continue;
    const document = documents.get(id) ?? documentOf(row);
    documents.set(id, document);
    const known = contributions.get(key);
    if (known) known.push({ key, event, n, document });
    else contributions.set(key, [{ key, event, n, document }]);
  }
  return new Map(keys.map((key) => [key, foldRow(table, key, base.get(key), contributions.get(key) ?? [])]));
}
