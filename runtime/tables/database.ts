/** The pools of live tables: one for those who ask, one for those who change, so that neither waits for the other's connections. */
import pg from 'pg';
import type { Current } from '../broker/link.ts';
import { makeTables, openPool, optionsNow } from '../store/connection.ts';
import { schemaOf } from '../store/schemas.ts';
import { StoreUnavailableError } from '../store/store.ts';
import { inTransaction } from '../store/transaction.ts';
import type { Log } from '../telemetry/log.ts';
import { TABLES } from './schema.ts';

export interface Database {
  readonly schema: string;
  read<R extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<R[]>;
  /**
   * Rejects with what `work` throws, or with StoreUnavailableError where PostgreSQL is away. What it sends without waiting goes together with the
   * begin or the commit beside it; what it did not wait for must be looked at afterwards: a commit of what failed takes all back.
   */
  change<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T>;
  /** A connection of its own, for listening. */
  connect(): Promise<pg.Client>;
  close(): Promise<void>;
}

export function openDatabase({ url, namespace, log }: { url: Current<string>; namespace: string; log: Log }): Database {
  const schema = schemaOf(namespace);
  const options = {
    url,
    keepAlive: true,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 30_000,
    query_timeout: 32_000,
    // See schema.ts: a plan is made once, of tables that may be small then.
    options: `-c search_path=${schema} -c enable_seqscan=off`,
    application_name: `crossdock-tables-${namespace}`,
  };
  const [readers, writers] = [
    openPool({ ...options, max: 4 }, log),
    openPool({ ...options, max: 8, pipeline: true }, log),
  ];
  let prepared: Promise<void> | undefined;
  const prepare = () => {
    prepared ??= makeTables(writers, schema, TABLES).catch((error) => {
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
    read: (sql, values) => reached(async () => (await readers.query(sql, values)).rows),
    change: (work) => reached(() => inTransaction(writers, work)),
    connect: () =>
      reached(async () => {
        const client = new pg.Client(optionsNow({ ...options, query_timeout: 5_000 }));
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
