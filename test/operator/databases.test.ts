import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import pg from 'pg';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Access, ensureDatabase } from '../../operator/apply/postgresql/namespace.ts';
import { openStore } from '../../runtime/store/postgres.ts';
import { schemaOf, TRACKER_OF_ALL, trackerSchemaOf } from '../../runtime/store/schemas.ts';
import { openTables } from '../../runtime/tables/tables.ts';
import { createLog } from '../../runtime/telemetry/log.ts';
import { openTrackerDatabase } from '../../tracker/store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { until } from './poll.ts';
import { stage } from './stage.ts';

const log = createLog('test', { stream: new PassThrough() });
const CLAIM = { type: 't', source: 's', sequence: '', document: 'd', bodyHash: 'h' };
let database: TestDatabase;
/** Namespaces' roles are the server's: each test has names of its own. */
let [a, b] = ['', ''];
beforeEach(async () => {
  database = await testDatabase();
  const drawn = randomBytes(4).toString('hex');
  [a, b] = [`a-${drawn}`, `b-${drawn}`];
});
afterEach(() => database.remove());

const PASSWORD = 'one-"password\'';
const ensure = (namespace: string, password = PASSWORD, admin = database.url): Promise<Access> =>
  ensureDatabase(admin, { namespace, owner: 'cluster', password });

async function as<T extends pg.QueryResultRow = Record<string, unknown>>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function claims(url: string, namespace: string, key: string): Promise<string> {
  const store = openStore({ url, namespace, log });
  try {
    return (await store.claim({ ...CLAIM, key })).verdict;
  } finally {
    await store.close();
  }
}

/** A user of a database that somebody else runs: no superuser. */
async function administrator(rights: string): Promise<string> {
  const name = `admin_${randomBytes(4).toString('hex')}`;
  await as(
    database.url,
    `create role ${name} login password 'p' ${rights}; grant create on database ${database.name} to ${name}`,
  );
  const url = new URL(database.url);
  [url.username, url.password] = [name, 'p'];
  return url.href;
}

it('gives a namespace a role that has its own schemas and nothing else', async () => {
  const [one, two] = [await ensure(a), await ensure(b)];
  expect(await claims(one.url, a, 'k')).toBe('New');
  const tables = openTables({ url: one.url, namespace: a, log });
  await tables.mark('orders', Date.now());
  await tables.close();
  await (await openTrackerDatabase(one.url, one.trackerSchema)).end();
  const denied = /permission denied/;
  for (const sql of [
    `select * from "${schemaOf(a)}".claims`,
    `select * from "${schemaOf(a)}".live_channel`,
    `select * from "${trackerSchemaOf(a)}".entries`,
    `create table "${schemaOf(a)}".mine (a int)`,
    'create schema mine',
    'create table public.mine (a int)',
    'create role mine',
    `set role "${decodeURIComponent(new URL(one.url).username)}"`,
    'select rolpassword from pg_authid',
    `copy (select 1) to program 'true'`,
  ])
    await expect(as(two.url, sql), sql).rejects.toThrow(denied);
  // Nothing is written that is so already.
  expect(await ensure(a)).toEqual(one);
});

it('lets pods of before work on as the administrator, who is no superuser, when their schema becomes the role’s', async () => {
  const admin = await administrator('createrole');
  const before = openStore({ url: admin, namespace: a, log });
  expect((await before.claim({ ...CLAIM, key: 'k' })).verdict).toBe('New');
  const tables = openTables({ url: admin, namespace: a, log });
  await tables.mark('orders', Date.now());
  const { url } = await ensure(a, PASSWORD, admin);
  expect((await before.claim({ ...CLAIM, key: 'later' })).verdict).toBe('New');
  await tables.mark('orders', Date.now());
  await Promise.all([before.close(), tables.close()]);
  const now = openStore({ url, namespace: a, log });
  expect((await now.claim({ ...CLAIM, key: 'k', document: 'other' })).verdict).toBe('Duplicate');
  await now.close();
  const owned = openTables({ url, namespace: a, log });
  await owned.mark('orders', Date.now());
  await owned.close();
});

it('moves the accounts of a namespace out of the schema of all, once, and fences the tracker of before', async () => {
  const admin = await administrator('createrole');
  const before = await openTrackerDatabase(admin);
  for (const namespace of [a, b])
    for (const sql of [
      `insert into positions values ('${namespace}', 7, 'm')`,
      `insert into audit (namespace, at, actor, act, target, outcome) values ('${namespace}', 1, 'x', 'y', 'z', 'Done')`,
      `insert into transactions (namespace, process, key, state, opened_at, changed_at, body) values ('${namespace}', 'p', 'k', 'Open', 1, 1, '{"partners": ["acme"]}')`,
    ])
      await before.query(sql);
  const { url, trackerSchema } = await ensure(a, PASSWORD, admin);
  await ensure(a, PASSWORD, admin);
  const now = await openTrackerDatabase(url, trackerSchema);
  const count = async (pool: pg.Pool, table: string) =>
    (await pool.query<{ namespace: string }>(`select namespace from ${table} order by 1`)).rows.map(
      (row) => row.namespace,
    );
  expect(await count(now, 'positions')).toEqual([a]);
  expect((await now.query('select partners from transactions')).rows).toEqual([{ partners: ['acme'] }]);
  // The next number is none that moved.
  await now.query(
    `insert into audit (namespace, at, actor, act, target, outcome) values ('${a}', 2, 'x', 'y', 'z', 'Done')`,
  );
  expect(await count(now, 'audit')).toEqual([a, a]);
  expect(await count(before, 'positions')).toEqual([b]);
  await expect(as(url, `select * from ${TRACKER_OF_ALL}.audit`)).rejects.toThrow('permission denied');
  await Promise.all([before.end(), now.end()]);
});

it('says what to grant where the user may make no roles; without roles each namespace has its schemas all the same', async () => {
  const admin = await administrator('');
  await expect(ensure(a, PASSWORD, admin)).rejects.toMatchObject({
    reason: 'DatabaseRefused',
    message: expect.stringMatching(/alter role "admin_\w+" createrole; .*database\.roles=Shared/),
  });
  const { url, trackerSchema } = await ensureDatabase(admin, { namespace: a, owner: 'cluster' });
  expect(url).toBe(admin);
  expect(await claims(url, a, 'k')).toBe('New');
  await (await openTrackerDatabase(url, trackerSchema)).end();
  // Roles come later, when it may.
  await as(database.url, `alter role ${new URL(admin).username} createrole`);
  expect(await claims((await ensure(a, PASSWORD, admin)).url, a, 'k')).toBe('New');
});

it('leaves schemas of another cluster alone, and says whose they are', async () => {
  await ensure(a);
  await expect(ensureDatabase(database.url, { namespace: a, owner: 'other', password: 'x' })).rejects.toMatchObject({
    reason: 'DatabaseRefused',
    message: expect.stringContaining(`belongs to cluster/${a}`),
  });
  // Nor was its password touched.
  expect(await claims((await ensure(a)).url, a, 'k')).toBe('New');
});

it('uses a new password at the next connection, without an open connection being lost', async () => {
  let { url } = await ensure(a);
  const store = openStore({ url: () => url, namespace: a, log });
  await store.claim({ ...CLAIM, key: 'k' });
  ({ url } = await ensure(a, 'another'));
  await as(
    database.url,
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crossdock-runtime-${a}'`,
  );
  await vi.waitUntil(async () =>
    store.claim({ ...CLAIM, key: 'j' }).then(
      ({ verdict }) => verdict === 'New',
      () => false,
    ),
  );
  await expect(as((await ensure(a, 'another')).url.replace('another', 'one'), 'select 1')).rejects.toThrow('password');
  await store.close();
});

it('writes the namespace its credentials, rotates them when the Secret is deleted, and says what is in the way', async () => {
  await using one = await stage();
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-database-test-'));
  const file = join(folder, 'url');
  const admin = await administrator('');
  writeFileSync(file, `${admin}\n`);
  const runtime = await one.runtime();
  one.operate({
    database: { folder, roles: 'PerNamespace' },
    runtimes: [{ namespace: one.namespace, url: runtime.url }],
  });
  await one.applyExample();
  const refused = { status: 'False', reason: 'DatabaseRefused' } as const;
  expect((await one.condition('Integration', 'purchase-order', 'Programmed', refused, 60_000)).message).toContain(
    'createrole',
  );
  const url = async () => {
    const secret = await one.object('secrets', 'crossdock-database');
    return secret && Buffer.from(secret.data!.url!, 'base64').toString();
  };
  expect(await url()).toBeUndefined();
  await as(database.url, `alter role ${new URL(admin).username} createrole`);
  await one.condition('Integration', 'purchase-order', 'Ready', { status: 'True' }, 60_000);
  const first = (await url())!;
  expect(await claims(first, one.namespace, 'k')).toBe('New');
  await one.plane.request('DELETE', `/api/v1/namespaces/${one.namespace}/secrets/crossdock-database`);
  const second = await until('another password', async () => {
    const now = await url();
    if (now === undefined || now === first) throw new Error('the Secret is not written yet');
    return now;
  });
  expect(await claims(second, one.namespace, 'k')).toBe('New');
  await expect(as(first, 'select 1')).rejects.toThrow('password authentication failed');
  rmSync(folder, { recursive: true });
  expect(one.logged.join('\n')).not.toContain(new URL(second).password);
});
