/** Entries into rows: one transaction per batch, together with the position in the stream. */
import pg from 'pg';
import type { JournalEntry } from '../runtime/journal/entry.ts';
import { type Account, accountsOf, decides } from './fold.ts';
import { migrate, SCHEMA } from './migrations.ts';

/** Where the tracker is in a namespace's journal: the last message that was folded. */
export interface Position {
  offset: bigint;
  /** Message id of that message: on attaching again it must be the same, else the stream is another or was cut. */
  message: string;
}

/** Another tracker has moved the position: this one must stop. The compare-and-set on the position is the fence. */
export class FencedError extends Error {
  override name = 'FencedError';
}

export async function openTrackerDatabase(url: string): Promise<pg.Pool> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 6,
    keepAlive: true,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 30_000,
    options: `-c search_path=${SCHEMA}`,
    application_name: 'crossdock-tracker',
  });
  // A connection that breaks while idle is replaced at the next use.
  pool.on('error', () => {});
  await migrate(pool);
  return pool;
}

export async function readPosition(pool: pg.Pool, namespace: string): Promise<Position | undefined> {
  const { rows } = await pool.query<{ last_offset: string; last_message: string }>(
    'select last_offset, last_message from positions where namespace = $1',
    [namespace],
  );
  return rows[0] && { offset: BigInt(rows[0].last_offset), message: rows[0].last_message };
}

/** Forgets the position, after a gap was recorded: the retained journal is folded again from its start, which changes nothing twice. */
export async function recordGap(pool: pg.Pool, namespace: string, detail: string): Promise<void> {
  await pool.query('insert into gaps (namespace, detail) values ($1, $2)', [namespace, detail]);
  await pool.query('delete from positions where namespace = $1', [namespace]);
}

/** Writes the batch and moves the position, or neither. Throws FencedError when the position is not `before`. */
export async function writeBatch(
  pool: pg.Pool,
  namespace: string,
  entries: readonly JournalEntry[],
  before: Position | undefined,
  after: Position,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await movePosition(client, namespace, before, after);
    await writeEntries(client, namespace, entries);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

async function movePosition(
  client: pg.PoolClient,
  namespace: string,
  before: Position | undefined,
  after: Position,
): Promise<void> {
  const moved = before
    ? await client.query(
        `update positions set last_offset = $2, last_message = $3
         where namespace = $1 and last_offset = $4 and last_message = $5`,
        [namespace, after.offset, after.message, before.offset, before.message],
      )
    : await client.query('insert into positions values ($1, $2, $3) on conflict do nothing', [
        namespace,
        after.offset,
        after.message,
      ]);
  if (moved.rowCount !== 1) throw new FencedError(`another tracker is at work on namespace ${namespace}`);
}

/** Rows go as arrays of columns; the order by key keeps two writers from locking each other. */
async function writeEntries(client: pg.PoolClient, namespace: string, entries: readonly JournalEntry[]): Promise<void> {
  const unique = [...new Map(entries.map((entry) => [entry.id, entry])).values()].sort(by(({ id }) => id));
  const column = <T>(pick: (entry: JournalEntry) => T) => unique.map(pick);
  await client.query(
    `insert into entries (namespace, id, document, destination, at, epoch, attempt, outcome, body)
     select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::int[], $7::int[], $8::text[], $9::jsonb[])
     on conflict do nothing`,
    [
      namespace,
      column((e) => e.id),
      column((e) => e.document),
      column((e) => e.destination),
      column((e) => e.at),
      column((e) => e.epoch),
      column((e) => e.attempt),
      column((e) => e.outcome),
      column((e) => JSON.stringify(e)),
    ],
  );
  await writeDocuments(client, namespace, unique);
  await writeAccounts(client, namespace, unique);
}

async function writeDocuments(client: pg.PoolClient, namespace: string, entries: JournalEntry[]): Promise<void> {
  // Only Accepted (and the entries of documents that never were) know keys; whichever comes first makes the row, keys are added.
  const known = new Map<string, JournalEntry>();
  for (const entry of entries) {
    const before = known.get(entry.document);
    if (!before || (!before.keys && entry.keys) || (!before.keys && entry.at < before.at))
      known.set(entry.document, entry);
  }
  const documents = [...known.values()].sort(by(({ document }) => document));
  const column = <T>(pick: (entry: JournalEntry) => T) => documents.map(pick);
  await client.query(
    `insert into documents (namespace, id, type, origin, source, keys, revision, causation, first_at)
     select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[], $8::text[], $9::bigint[])
     on conflict (namespace, id) do update set
       type = case when documents.type = '' then excluded.type else documents.type end,
       keys = case when documents.keys = '{}' then excluded.keys else documents.keys end,
       revision = coalesce(documents.revision, excluded.revision),
       causation = coalesce(documents.causation, excluded.causation),
       first_at = least(documents.first_at, excluded.first_at)`,
    [
      namespace,
      column((e) => e.document),
      column((e) => e.type),
      column((e) => e.origin),
      column((e) => e.source),
      column((e) => JSON.stringify(e.keys ?? {})),
      column((e) => (e.revision ? JSON.stringify(e.revision) : null)),
      column((e) => e.causation ?? null),
      column((e) => e.at),
    ],
  );
  const keys = documents.flatMap(({ document, keys = {} }) =>
    Object.entries(keys).flatMap(([name, values]) => values.map((value) => ({ document, name, value }))),
  );
  if (keys.length === 0) return;
  await client.query(
    `insert into document_keys (namespace, document, name, value)
     select $1, * from unnest($2::text[], $3::text[], $4::text[]) on conflict do nothing`,
    [namespace, keys.map((k) => k.document), keys.map((k) => k.name), keys.map((k) => k.value)],
  );
}

async function writeAccounts(client: pg.PoolClient, namespace: string, entries: JournalEntry[]): Promise<void> {
  const deciding = new Map<string, Account>();
  for (const account of entries.flatMap(accountsOf)) {
    const key = `${account.document} ${account.destination}`;
    const known = deciding.get(key);
    if (!known || decides(account, known)) deciding.set(key, account);
  }
  const accounts = [...deciding.entries()].sort(by(([key]) => key)).map(([, account]) => account);
  const column = <T>(pick: (account: Account) => T) => accounts.map(pick);
  await client.query(
    `insert into accounts
     select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::int[], $9::text[],
       $10::bigint[], $11::bigint[], $12::text[], $13::text[], $14::text[])
     on conflict (namespace, document, destination) do update set
       state = excluded.state, outcome = excluded.outcome, epoch = excluded.epoch, finality = excluded.finality,
       attempt = excluded.attempt, entry = excluded.entry, at = excluded.at, next_at = excluded.next_at,
       error_class = excluded.error_class, error_code = excluded.error_code, error_message = excluded.error_message
     where (excluded.epoch, excluded.finality, excluded.attempt, excluded.entry)
         > (accounts.epoch, accounts.finality, accounts.attempt, accounts.entry)`,
    [
      namespace,
      column((a) => a.document),
      column((a) => a.destination),
      column((a) => a.state),
      column((a) => a.outcome),
      column((a) => a.epoch),
      column((a) => a.finality),
      column((a) => a.attempt),
      column((a) => a.entry),
      column((a) => a.at),
      column((a) => a.nextAt),
      column((a) => a.errorClass),
      column((a) => a.errorCode),
      column((a) => a.errorMessage),
    ],
  );
}

const by =
  <T>(key: (value: T) => string) =>
  (a: T, b: T): number => {
    const [x, y] = [key(a), key(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  };
