/** The pools of live tables: one for those who ask, one for those who change, so that neither waits for the other's connections. */
import pg from 'pg';
import { schemaOf } from '../store/postgres.ts';
import { StoreUnavailableError } from '../store/store.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Log } from '../telemetry/log.ts';
import { TABLES } from './schema.ts';

export interface Database {
  /** Of the notifications that rows changed. */
  readonly channel: string;
  readonly schema: string;
  read<R extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<R[]>;
  /** Rejects with what `work` throws, or with StoreUnavailableError where PostgreSQL is away. */
  change<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  /** A connection of its own, for listening. */
  connect(): Promise<pg.Client>;
  close(): Promise<void>;
}

const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;

export function openDatabase({ url, namespace, log }: { url: string; namespace: string; log: Log }): Database {
  const schema = schemaOf(namespace);
  const options = {
    connectionString: url,
    keepAlive: true,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 30_000,
    query_timeout: 32_000,
    options: `-c search_path=${schema}`,
    application_name: `crossdock-tables-${namespace}`,
  };
  const [readers, writers] = [new pg.Pool({ ...options, max: 4 }), new pg.Pool({ ...options, max: 8 })];
  for (const pool of [readers, writers])
    pool.on('error', (error) => log.warn('PostgreSQL connection lost', { error: error.message }));
  let prepared: Promise<void> | undefined;
  const prepare = () => {
    prepared ??= makeSchema(writers, schema).catch((error) => {
      prepared = undefined;
      throw error;
    });
    return prepared;
  };
  const away = (error: unknown): Error => {
    // Not PostgreSQL's: what the work itself threw, or a fault of ours.
    if (!isDatabaseTrouble(error)) return error as Error;
    if (['42P01', '3F000'].includes((error as { code?: string }).code ?? '')) prepared = undefined;
    return new StoreUnavailableError(`PostgreSQL: ${(error as Error).message}`, { cause: error });
  };
  const reached = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      await prepare();
      return await work();
    } catch (error) {
      throw away(error);
    }
  };
  return {
    schema,
    channel: `${schema}:rows`,
    read: (sql, values) => reached(async () => (await readers.query(sql, values)).rows),
    change: (work) => reached(() => inTransaction(writers, work)),
    connect: () =>
      reached(async () => {
        const client = new pg.Client({ ...options, query_timeout: 5_000 });
        await client.connect();
        return client;
      }),
    async close() {
      await Promise.all([readers.end(), writers.end()]);
    },
  };
}

const isDatabaseTrouble = (error: unknown): boolean =>
  error instanceof pg.DatabaseError ||
  (error instanceof Error &&
    (['AggregateError'].includes(error.name) ||
      /^(E[A-Z]+|57\w+)$/.test((error as { code?: string }).code ?? '') ||
      /timeout|Connection terminated|Client has encountered|not queryable|Cannot use a pool/i.test(error.message)));

/** Safe to run by many at once, and on every start. */
const makeSchema = (pool: pg.Pool, schema: string): Promise<void> =>
  inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [schema]);
    await client.query(
      `create schema if not exists ${quoted(schema)}; set local search_path to ${quoted(schema)}; ${TABLES}`,
    );
  });

/** Locks by name until the transaction ends, always in the same order, so that two takers cannot wait for each other. */
export async function lock(client: pg.ClientBase, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  await client.query({
    name: 'lock',
    text: `select pg_advisory_xact_lock(h) from (
       select distinct hashtextextended(current_schema() || n, 0) as h from unnest($1::text[]) as n order by 1) as hashes`,
    values: [names],
  });
}
