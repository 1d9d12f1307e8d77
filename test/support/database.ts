/** PostgreSQL for tests: a database of one's own in the run's server, or a server of one's own to kill. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { type PrivateDatabase, startPrivateDatabase } from '../../standalone/database.ts';
import { sharedPart } from './parts.ts';

export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Ends all sessions in it and drops it. */
  remove(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The server that all test files of the run share: `url` is its administrator's. Never kill it. */
export function sharedDatabase(): Promise<{ url: string; version: string; pid: number }> {
  return sharedPart('database');
}

/** A fresh, empty database in the shared server, or in the given one. Its user is the administrator. */
export async function testDatabase(server?: { url: string }): Promise<TestDatabase> {
  const { url: adminUrl } = server ?? (await sharedDatabase());
  const name = `test_${randomBytes(5).toString('hex')}`;
  await administer(adminUrl, `CREATE DATABASE ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const remove = () => administer(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  return { url: url.href, name, remove, [Symbol.asyncDispose]: remove };
}

/** A server for this test alone, to be killed and restarted. ~1 s: dispose of it. */
export function ownDatabase(): Promise<PrivateDatabase> {
  return startPrivateDatabase({ fsync: false });
}

async function administer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
