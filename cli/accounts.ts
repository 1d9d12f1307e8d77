/** How commands find the tracker's database. */
import type { Command } from 'commander';
import pg from 'pg';
import { quoted, TRACKER_OF_ALL, trackerSchemaOf } from '../runtime/store/schemas.ts';
import { runningDev } from './dev-file.ts';

export interface DatabaseFlags {
  database?: string;
  namespace?: string;
}

export const withDatabase = (command: Command): Command =>
  command
    .option(
      '--database <url>',
      'postgres:// of the tracker (default: $CROSSDOCK_DATABASE, or that of the running `crossdock dev`)',
    )
    .option('-n, --namespace <name>', 'default: that of `crossdock dev`, or `default`');

/** Throws with a remedy when there is none. */
export function databaseUrl(flags: DatabaseFlags): string {
  const url = flags.database ?? process.env.CROSSDOCK_DATABASE ?? runningDev()?.database;
  if (!url)
    throw new Error(
      'No tracker: start `crossdock dev FOLDER`, or name its database by --database or $CROSSDOCK_DATABASE',
    );
  return url;
}

/** Reading only, unless acts are to be written. Throws with a remedy when there is none. */
export async function openAccounts<T>(
  flags: DatabaseFlags,
  use: (database: pg.Pool, namespace: string) => Promise<T>,
  access: 'Read' | 'Act' = 'Read',
): Promise<T> {
  const dev = runningDev();
  const url = databaseUrl(flags);
  const namespace = flags.namespace ?? dev?.namespace ?? 'default';
  // In a cluster a namespace has a schema of its own; `crossdock dev` has one for all.
  const schemas = `${quoted(trackerSchemaOf(namespace))},${TRACKER_OF_ALL}`;
  const database = new pg.Pool({
    connectionString: url,
    max: 2,
    connectionTimeoutMillis: 5_000,
    options: `-c search_path=${schemas}${access === 'Read' ? ' -c default_transaction_read_only=on' : ''}`,
  });
  try {
    return await use(database, namespace);
  } catch (error) {
    const { code } = error as { code?: string };
    const { host } = new URL(url);
    if (code === 'ECONNREFUSED') {
      const whose = url === dev?.database ? ' of the `crossdock dev` that was started last: does it still run?' : '';
      throw new Error(`No PostgreSQL answers at ${host}${whose}`, { cause: error });
    }
    if (code === '42P01') throw new Error(`No tracker has worked in the database at ${host} yet`, { cause: error });
    throw error;
  } finally {
    await database.end();
  }
}
