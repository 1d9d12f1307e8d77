/** Connections to PostgreSQL that outlive a rotation of their password, and the schema that they work in. */
import pg from 'pg';
import type { Current } from '../broker/link.ts';
import type { Log } from '../telemetry/log.ts';
import { quoted } from './schemas.ts';
import { inTransaction } from './transaction.ts';

export type ConnectionOptions = Omit<pg.PoolConfig, 'connectionString'> & {
  /** `postgres://user:password@host:port/database`. Never logged. A function is asked at each new connection. */
  url: Current<string>;
};

/** Those of the next connection. */
export const optionsNow = ({ url, ...options }: ConnectionOptions): pg.PoolConfig => ({
  ...options,
  connectionString: typeof url === 'string' ? url : url(),
});

export function openPool(options: ConnectionOptions, log?: Log): pg.Pool {
  const pool = new pg.Pool(optionsNow(options));
  // The pool makes each client of its options as they are then.
  Object.defineProperty(pool.options, 'connectionString', {
    enumerable: true,
    get: () => optionsNow(options).connectionString,
  });
  // One that breaks while idle is replaced at the next use.
  pool.on('error', (error) => log?.warn('PostgreSQL connection lost', { error: error.message }));
  return pool;
}

/**
 * Takes the schema's lock for the transaction, makes it where it is not there, and works in it from there on. In a cluster the operator makes
 * it: the role of a namespace may make tables in its own schemas, and no schemas.
 */
export async function enterSchema(client: pg.ClientBase, schema: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock(hashtext($1))', [schema]);
  const { rows } = await client.query<{ there: boolean }>('select to_regnamespace($1) is not null as there', [
    quoted(schema),
  ]);
  if (!rows[0]!.there) await client.query(`create schema ${quoted(schema)}`);
  await client.query(`set local search_path to ${quoted(schema)}`);
}

/** Safe to run by many at once, and on every start. */
export const makeTables = (pool: pg.Pool, schema: string, tables: string): Promise<void> =>
  inTransaction(pool, async (client) => {
    await enterSchema(client, schema);
    await client.query(tables);
  });
