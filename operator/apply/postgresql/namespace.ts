/**
 * What a namespace has in PostgreSQL: a role that owns two schemas (the runtimes' and the tracker's) and has a right to nothing else. Without
 * roles of their own, all namespaces work as the administrator, each in its schemas.
 */
import pg from 'pg';
import { quoted, roleOf, schemaOf, trackerSchemaOf } from '../../../runtime/store/schemas.ts';
import { moveTracker } from './move-tracker.ts';
import { verifierOf } from './verifier.ts';

export interface Tenancy {
  namespace: string;
  /** The cluster that has the namespace: marked on the schemas, so that two clusters on one database do not share them. */
  owner: string;
  /** Of the namespace's role. Absent: no role; schemas are the administrator's. */
  password?: string;
}
export interface Access {
  url: string;
  trackerSchema: string;
}
export type DatabaseReason = 'DatabaseUnavailable' | 'DatabaseRefused';

/** Why a namespace cannot be given its database. */
export class DatabaseProblem extends Error {
  override name = 'DatabaseProblem';
  readonly reason: DatabaseReason;
  constructor(reason: DatabaseReason, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

const CONNECT_MS = 5_000;
const MARK = 'crossdock-owner:';

/** Makes it what it should be; what is so already is not written. `admin`: URL of the administrator. */
export async function ensureDatabase(admin: string, tenancy: Tenancy): Promise<Access> {
  const { namespace, password } = tenancy;
  const trackerSchema = trackerSchemaOf(namespace);
  const url = new URL(admin);
  const client = await connect(admin, 'administrator');
  try {
    const { rows } = await client.query<{ me: string; database: string }>(
      'select current_user as me, current_database() as database',
    );
    const { me, database } = rows[0]!;
    const role = password === undefined ? me : roleOf(namespace, database);
    // Until the connection ends.
    await client.query('select pg_advisory_lock(hashtext($1))', [`crossdock-namespace:${namespace}`]);
    await inOne(client, 'read committed', async () => {
      if (password !== undefined) await ensureRole(client, role, me, database, password);
      for (const schema of [schemaOf(namespace), trackerSchema]) await ensureSchema(client, schema, role, tenancy);
    });
    await inOne(client, 'repeatable read', () => moveTracker(client, namespace, trackerSchema, role));
    if (password === undefined) return { url: admin, trackerSchema };
    url.username = encodeURIComponent(role);
    url.password = encodeURIComponent(password);
    await proveOrMend(client, url.href, role, password);
    return { url: url.href, trackerSchema };
  } catch (error) {
    throw problemOf(error, url, decodeURIComponent(url.username));
  } finally {
    await client.end().catch(() => {});
  }
}

async function ensureRole(client: pg.Client, role: string, me: string, database: string, password: string) {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  if (!rowCount) await client.query(`create role ${quoted(role)} login password '${verifierOf(password)}'`);
  // To make things its own, and so that pods of a release before this, which work as the administrator, go on.
  const { rows } = await client.query<{ acts: boolean; connects: boolean }>(
    `select pg_has_role(current_user, $1, 'USAGE') as acts, has_database_privilege($1, $2, 'CONNECT') as connects`,
    [role, database],
  );
  if (!rows[0]!.acts) await client.query(`grant ${quoted(role)} to ${quoted(me)}`);
  if (!rows[0]!.connects) await client.query(`grant connect on database ${quoted(database)} to ${quoted(role)}`);
}

/** A schema that another made before is taken over with all that is in it, unless another cluster or namespace owns it. */
async function ensureSchema(client: pg.Client, schema: string, role: string, { owner, namespace, password }: Tenancy) {
  const mark = `${MARK}${owner}/${namespace}`;
  const { rows } = await client.query<{ owner: string; mark: string | null }>(
    `select pg_get_userbyid(nspowner) as owner, obj_description(oid, 'pg_namespace') as mark from pg_namespace where nspname = $1`,
    [schema],
  );
  const [there] = rows;
  if (!there) await client.query(`create schema ${quoted(schema)} authorization ${quoted(role)}`);
  if (there?.mark?.startsWith(MARK) && there.mark !== mark) {
    const whose = there.mark.slice(MARK.length);
    throw new DatabaseProblem(
      'DatabaseRefused',
      `schema ${schema} belongs to ${whose} (cluster/namespace): give each cluster a database of its own, or, to take it over: comment on schema ${quoted(schema)} is null`,
    );
  }
  if (there?.mark !== mark)
    await client.query(`comment on schema ${quoted(schema)} is '${mark.replaceAll("'", "''")}'`);
  // Without roles, what a role owned stays its own: the administrator is its member.
  if (password === undefined || !there) return;
  if (there.owner !== role) await client.query(`alter schema ${quoted(schema)} owner to ${quoted(role)}`);
  for (const statement of await foreignObjects(client, schema, role)) await client.query(statement);
}

/** Statements that give the role what another owns in the schema. Indexes and the sequences of columns go with their tables. */
async function foreignObjects(client: pg.Client, schema: string, role: string): Promise<string[]> {
  const { rows } = await client.query<{ statement: string }>(
    `select format('alter table %I.%I owner to %I', n.nspname, c.relname, $2::text) as statement
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = $1 and c.relkind in ('r', 'p') and pg_get_userbyid(c.relowner) <> $2
     union all
     select format('alter function %s owner to %I', p.oid::regprocedure, $2::text)
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname = $1 and pg_get_userbyid(p.proowner) <> $2`,
    [schema, role],
  );
  return rows.map(({ statement }) => statement);
}

/** A role that was there may have another password. Only by using it is it known to be the right one. */
async function proveOrMend(client: pg.Client, url: string, role: string, password: string): Promise<void> {
  try {
    await (await connect(url, role)).end();
  } catch (error) {
    if (codeOf(error) !== '28P01') throw error;
    await client.query(`alter role ${quoted(role)} login password '${verifierOf(password)}'`);
    await (await connect(url, role)).end();
  }
}

async function connect(connectionString: string, who: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    // Pods at work hold locks for moments only; else it is tried again.
    lock_timeout: 5_000,
    application_name: `crossdock-operator (${who})`,
  });
  // One that breaks fails the query that waits for it.
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function inOne(client: pg.Client, level: string, work: () => Promise<void>): Promise<void> {
  await client.query(`begin isolation level ${level}`);
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? '';

function problemOf(error: unknown, { host, pathname }: URL, me: string): DatabaseProblem {
  if (error instanceof DatabaseProblem) return error;
  const code = codeOf(error);
  const { message } = error as Error;
  // 42501: lacks a right. 28…: is not let in.
  if (code === '42501')
    return new DatabaseProblem(
      'DatabaseRefused',
      `PostgreSQL at ${host} refuses user ${me} of the release's database Secret: ${message}. Each namespace is to have a role and schemas of its own: alter role ${quoted(me)} createrole; grant create on database ${quoted(decodeURIComponent(pathname.slice(1)))} to ${quoted(me)}; or set database.roles=Shared in the chart, by which all namespaces work as this user`,
      error,
    );
  if (code.startsWith('28') || code === '3D000')
    return new DatabaseProblem('DatabaseRefused', `PostgreSQL at ${host}: ${message}`, error);
  return new DatabaseProblem('DatabaseUnavailable', `PostgreSQL at ${host}: ${message}`, error);
}
