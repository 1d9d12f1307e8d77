import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { ownDatabase, testDatabase } from './database.ts';

it('keeps a committed row over kill -9 and restart, on the same port', async () => {
  await using database = await ownDatabase();
  const before = await connect(database.url);
  await before.query('CREATE TABLE claims (key text PRIMARY KEY)');
  await before.query("INSERT INTO claims VALUES ('INV-1')");

  const { pid, url } = database;
  await database.kill();
  await expect(connect(url)).rejects.toThrow('ECONNREFUSED');
  await database.restart();
  expect(database.url).toBe(url);
  expect(database.pid).not.toBe(pid);

  const after = await connect(url);
  expect((await after.query('SELECT key FROM claims')).rows).toEqual([{ key: 'INV-1' }]);
});

it('gives each test a database of its own, and drops it with the sessions in it', async () => {
  const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
  const inOne = await connect(one.url);
  await inOne.query('CREATE TABLE documents (id text)');
  const inTwo = await connect(two.url);
  expect((await inTwo.query("SELECT to_regclass('documents') AS found")).rows).toEqual([{ found: null }]);
  await one.remove();
  await expect(connect(one.url)).rejects.toThrow('does not exist');
  await two.remove();
});

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  // A killed server and a dropped database end sessions with an error: expected here.
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end().catch(() => {}));
  return client;
}
