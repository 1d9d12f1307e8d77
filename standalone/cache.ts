/** Where downloaded and built parts are kept: outside the clone, made once, shared by all clones of a user. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './process.ts';

/** $CROSSDOCK_CACHE, else $XDG_CACHE_HOME/crossdock, else ~/.cache/crossdock. */
export function cacheFolder(): string {
  const { CROSSDOCK_CACHE, XDG_CACHE_HOME } = process.env;
  if (CROSSDOCK_CACHE) return resolve(CROSSDOCK_CACHE);
  if (XDG_CACHE_HOME) return join(resolve(XDG_CACHE_HOME), 'crossdock');
  return join(homedir(), '.cache', 'crossdock');
}

/** As cacheFolder, but a folder that other users can read: parts that refuse root run under another uid. */
export function sharedCacheFolder(): string {
  const own = cacheFolder();
  mkdirSync(own, { recursive: true });
  if (reachableByOthers(own)) return own;
  const shared = `/var/tmp/crossdock-cache-${process.getuid?.() ?? 0}`;
  mkdirSync(shared, { recursive: true, mode: 0o755 });
  const found = lstatSync(shared);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) {
    throw new Error(
      `${shared} belongs to somebody else; remove it or set CROSSDOCK_CACHE to a folder that all users can read`,
    );
  }
  chmodSync(shared, 0o755);
  return shared;
}

/** True when any user can go down to the path (x on each folder) and read it. */
export function reachableByOthers(path: string): boolean {
  const full = resolve(path);
  if ((statSync(full).mode & 0o005) !== 0o005) return false;
  for (let folder = dirname(full); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** A new temporary folder; with `forOthers` one that other users can reach. */
export function temporaryFolder(prefix: string, forOthers = false): string {
  const parents = [tmpdir(), '/tmp', '/var/tmp'];
  const parent = forOthers ? parents.find((each) => existsSync(each) && reachableByOthers(each)) : parents[0];
  if (parent === undefined)
    throw new Error(`no temporary folder that other users can reach among ${parents.join(', ')}`);
  return mkdtempSync(join(parent, `crossdock-${prefix}-`));
}

/**
 * The folder `name` in the cache, built by `build` into a fresh folder and moved into place only when complete.
 * Two processes never build the same one at once: the second waits and uses the first one's.
 */
export async function cached(
  name: string,
  build: (folder: string) => Promise<void>,
  options: { root?: string; log?: Log } = {},
): Promise<string> {
  const root = options.root ?? cacheFolder();
  const target = join(root, name);
  if (existsSync(target)) return target;
  mkdirSync(dirname(target), { recursive: true });
  const release = await lock(`${target}.lock`, options.log);
  try {
    if (existsSync(target)) return target;
    const temporary = mkdtempSync(`${target}.part-`);
    try {
      chmodSync(temporary, 0o755);
      await build(temporary);
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true });
      throw error;
    }
    return target;
  } finally {
    release();
  }
}

/** A lock file that holds the owner's pid; the lock of a process that is gone is taken over. */
async function lock(path: string, log: Log | undefined): Promise<() => void> {
  for (let told = false; ; ) {
    try {
      writeFileSync(path, `${process.pid}`, { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = readOwner(path);
    if (owner !== undefined && !isAlive(owner)) {
      takeAway(path, owner);
      continue;
    }
    if (!told) log?.(`waiting for process ${owner ?? '?'}, which builds ${path.replace(/\.lock$/, '')}`);
    told = true;
    await delay(200);
  }
}

/** The rename is atomic: of several waiters one gets the stale lock. Got a fresh one by bad luck: it goes back. */
function takeAway(path: string, deadOwner: number): void {
  const taken = `${path}.${process.pid}`;
  try {
    renameSync(path, taken);
    if (readOwner(taken) === deadOwner) rmSync(taken, { force: true });
    else renameSync(taken, path);
  } catch {}
}

function readOwner(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
