/** The tracker's database: one transaction per batch, of rows and of the position in the stream. */
import type pg from 'pg';
import type { Current } from '../runtime/broker/link.ts';
import type { JournalEntry } from '../runtime/journal/entry.ts';
import { JOURNAL } from '../runtime/names.ts';
import { openPool } from '../runtime/store/connection.ts';
import { TRACKER_OF_ALL } from '../runtime/store/schemas.ts';
import { inTransaction } from '../runtime/store/transaction.ts';
import { migrate } from './migrations.ts';
import { type Odd, type Read, readMessage } from './read.ts';
import { writeRows } from './rows.ts';

/** Where the tracker is in a namespace's journal: the last message that was folded. */
export interface Position {
  offset: bigint;
  /** Message id of that message: on attaching again it must be the same, else the stream is another or was cut. */
  message: string;
}

/** The position is not what this tracker left: another has moved it. The compare-and-set on the position is the fence. */
export class FencedError extends Error {
  override name = 'FencedError';
}

/** A stream that is followed: how its messages are read, and the rows that they make. */
export interface Followed<T> {
  queue: string;
  /** What people call it. */
  noun: string;
  positions: 'positions' | 'payload_positions';
  /** Messages in memory at most. */
  prefetch: number;
  read(body: Buffer, offset: bigint): Read<T>;
  /** Within the caller's transaction; the same entries again change nothing. */
  write(client: pg.ClientBase, namespace: string, entries: readonly T[]): Promise<void>;
  /** Whether what the message begins with is in the database. */
  knows(pool: pg.Pool, namespace: string, message: { messageId: string | undefined; body: Buffer }): Promise<boolean>;
}

export const JOURNAL_STREAM: Followed<JournalEntry> = {
  queue: JOURNAL,
  noun: 'journal',
  positions: 'positions',
  // A message of the journal has at most 256 KiB.
  prefetch: 200,
  read: readMessage,
  write: writeRows,
  async knows(pool, namespace, { messageId }) {
    const { rowCount } = await pool.query('select from entries where namespace = $1 and id = $2', [
      namespace,
      messageId,
    ]);
    return rowCount === 1;
  },
};

export interface Batch<T = JournalEntry> {
  entries: readonly T[];
  odd: readonly Odd[];
  /** Noticed before these entries: what is missing of the journal. */
  gap: string | undefined;
  before: Position | undefined;
  after: Position;
}

/** `url`: a function is asked at each new connection. */
export async function openTrackerDatabase(url: Current<string>, schema: string = TRACKER_OF_ALL): Promise<pg.Pool> {
  const pool = openPool({
    url,
    max: 6,
    keepAlive: true,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 30_000,
    // The server's own timeout does not help when the server is gone without a word.
    query_timeout: 35_000,
    options: `-c search_path=${schema}`,
    application_name: 'crossdock-tracker',
  });
  try {
    await migrate(pool, schema);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return pool;
}

export async function readPosition(
  pool: pg.Pool,
  namespace: string,
  { positions }: Pick<Followed<never>, 'positions'> = JOURNAL_STREAM,
): Promise<Position | undefined> {
  const { rows } = await pool.query<{ last_offset: string; last_message: string }>(
    `select last_offset, last_message from ${positions} where namespace = $1`,
    [namespace],
  );
  return rows[0] && { offset: BigInt(rows[0].last_offset), message: rows[0].last_message };
}

export const samePosition = (a: Position | undefined, b: Position | undefined): boolean =>
  a?.offset === b?.offset && a?.message === b?.message;

/**
 * Writes the batch and moves the position, or neither. Throws FencedError when the position is not `before`. An entry that the
 * database refuses for what it holds is set aside; gives those, with the batch's own.
 */
export const writeBatch = (pool: pg.Pool, namespace: string, batch: Batch): Promise<Odd[]> =>
  writeBatchOf(JOURNAL_STREAM, pool, namespace, batch);

export async function writeBatchOf<T>(
  stream: Followed<T>,
  pool: pg.Pool,
  namespace: string,
  batch: Batch<T>,
): Promise<Odd[]> {
  try {
    return await inTransaction(pool, (client) => write(stream, client, namespace, batch, writeAll));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return await inTransaction(pool, (client) => write(stream, client, namespace, batch, writeOneByOne));
  }
}

type Rows = <T>(
  stream: Followed<T>,
  client: pg.ClientBase,
  namespace: string,
  entries: readonly T[],
  at: bigint,
) => Promise<Odd[]>;

async function write<T>(
  stream: Followed<T>,
  client: pg.ClientBase,
  namespace: string,
  { entries, odd, gap, before, after }: Batch<T>,
  rows: Rows,
): Promise<Odd[]> {
  await movePosition(client, stream.positions, namespace, before, after);
  const aside = [...odd, ...(await rows(stream, client, namespace, entries, after.offset))];
  for (const { offset, reason, text } of aside)
    await client.query('insert into set_aside (namespace, journal_offset, reason, body) values ($1, $2, $3, $4)', [
      namespace,
      offset,
      reason,
      text,
    ]);
  if (gap !== undefined) await client.query('insert into gaps (namespace, detail) values ($1, $2)', [namespace, gap]);
  return aside;
}

async function movePosition(
  client: pg.ClientBase,
  table: Followed<never>['positions'],
  namespace: string,
  before: Position | undefined,
  after: Position,
): Promise<void> {
  const moved = before
    ? await client.query(
        `update ${table} set last_offset = $2, last_message = $3
         where namespace = $1 and last_offset = $4 and last_message = $5`,
        [namespace, after.offset, after.message, before.offset, before.message],
      )
    : await client.query(`insert into ${table} values ($1, $2, $3) on conflict do nothing`, [
        namespace,
        after.offset,
        after.message,
      ]);
  if (moved.rowCount !== 1) throw new FencedError(`another tracker is at work on namespace ${namespace}`);
}

const writeAll: Rows = async (stream, client, namespace, entries) => {
  await stream.write(client, namespace, entries);
  return [];
};

const writeOneByOne: Rows = async (stream, client, namespace, entries, offset) => {
  const refused: Odd[] = [];
  for (const entry of entries) {
    await client.query('savepoint entry');
    try {
      await stream.write(client, namespace, [entry]);
      await client.query('release entry');
    } catch (error) {
      if (!isRefusal(error)) throw error;
      await client.query('rollback to entry');
      refused.push({ offset, reason: (error as Error).message, text: JSON.stringify(entry).slice(0, 65_536) });
    }
  }
  return refused;
};

/** Data exceptions, violated constraints, and limits such as an index entry's size: the same again would fail again. */
const isRefusal = (error: unknown): boolean => /^(22|23|54)/.test((error as { code?: string }).code ?? '');
