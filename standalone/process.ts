/**
 * Child processes that never outlive us.
 *
 * Each part runs as the leader of its own process group. One guard process (a shell that reads our pipe) knows the groups and
 * the temporary folders; when this process goes, in whatever way (also `kill -9`), the pipe ends and the guard kills the
 * groups and removes the folders.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export type Log = (line: string) => void;

export interface SpawnOptions {
  command: string;
  args: readonly string[];
  /** The whole environment of the child: nothing is inherited. */
  env: Record<string, string>;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** stdout and stderr are appended to this file. */
  logFile: string;
}

export interface ManagedProcess {
  readonly pid: number;
  readonly logFile: string;
  /** Undefined while it runs. */
  readonly exit: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL to the whole group; resolves when the process is gone. */
  kill(): Promise<void>;
  /** `signal`, and SIGKILL when it is still there after graceMs. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<void>;
  /** The last lines of its log, for error messages. */
  tail(lines?: number): string;
}

const GUARD_SCRIPT = `
trap '' INT TERM HUP QUIT
groups=' '
while IFS=' ' read -r verb arg; do
  case $verb in
    watch) groups="$groups$arg " ;;
    forget) case $groups in *" $arg "*) groups="\${groups%%" $arg "*} \${groups#*" $arg "}" ;; esac ;;
    remove) set -- "$@" "$arg" ;;
  esac
done
for group in $groups; do kill -KILL "-$group" 2>/dev/null; done
[ $# -gt 0 ] || exit 0
rm -rf -- "$@" 2>/dev/null || { sleep 1; rm -rf -- "$@"; }
`;

let guard: ChildProcess | undefined;

function tellGuard(line: string): void {
  if (guard === undefined) {
    guard = spawn('/bin/sh', ['-c', GUARD_SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, cwd: '/' });
    guard.on('error', () => {});
    guard.stdin!.on('error', () => {});
    guard.unref();
    (guard.stdin as unknown as { unref?(): void }).unref?.();
  }
  guard.stdin!.write(`${line}\n`);
}

/** The folder is removed when this process has ended, after the processes in it. */
export function removeAtExit(folder: string): void {
  if (folder.includes('\n')) throw new Error(`the folder's name holds a line break: ${JSON.stringify(folder)}`);
  tellGuard(`remove ${folder}`);
}

export function spawnManaged(options: SpawnOptions): ManagedProcess {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a');
  const child = spawn(options.command, options.args, {
    env: options.env,
    cwd: options.cwd ?? '/',
    stdio: ['ignore', log, log],
    detached: true,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  closeSync(log);
  // Nobody should keep running because a part still runs: its owner stops it, or the guard does.
  child.unref();
  const pid = child.pid ?? -1;
  if (pid > 0) tellGuard(`watch ${pid}`);

  let exit: ManagedProcess['exit'];
  const exited = new Promise<void>((resolve) => {
    child.on('exit', (code, signal) => {
      exit = { code, signal };
      tellGuard(`forget ${pid}`);
      resolve();
    });
    child.on('error', (error) => {
      if (child.pid !== undefined) return;
      exit = { code: 127, signal: null };
      spawnErrors.set(managed, error.message);
      resolve();
    });
  });
  const signalGroup = (signal: NodeJS.Signals): void => {
    if (exit !== undefined || pid < 0) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const managed: ManagedProcess = {
    pid,
    logFile: options.logFile,
    get exit() {
      return exit;
    },
    exited,
    signal: (signal) => {
      if (exit === undefined) child.kill(signal);
    },
    async kill() {
      signalGroup('SIGKILL');
      await stayFor(exited);
    },
    async stop(signal = 'SIGTERM', graceMs = 10_000) {
      if (exit === undefined) child.kill(signal);
      if (!(await stayFor(exited, graceMs))) {
        signalGroup('SIGKILL');
        await stayFor(exited);
      }
    },
    tail(lines = 15) {
      const spawnError = spawnErrors.get(managed);
      if (spawnError !== undefined) return spawnError;
      try {
        return readFileSync(options.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
      } catch {
        return '';
      }
    },
  };
  return managed;
}

const spawnErrors = new WeakMap<ManagedProcess, string>();

/** Waits although the child is unreferenced: without a live timer Node would end in the middle of the wait. */
async function stayFor(exited: Promise<void>, limitMs = 60_000): Promise<boolean> {
  const abort = new AbortController();
  const timeout = delay(limitMs, false, { signal: abort.signal }).catch(() => false);
  const gone = await Promise.race([exited.then(() => true), timeout]);
  abort.abort();
  return gone;
}

/** Polls until `ready` answers true; fails with the process's last words when it ends or the deadline passes. */
export async function untilReady(
  what: string,
  managed: ManagedProcess,
  ready: () => Promise<boolean>,
  deadlineMs: number,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await ready().catch(() => false))) {
    if (managed.exit !== undefined) {
      const how = managed.exit.signal ?? `exit code ${managed.exit.code}`;
      throw new Error(
        `${what} ended while starting (${how}). Its log (${managed.logFile}) ends with:\n${managed.tail()}`,
      );
    }
    if (Date.now() > end) {
      throw new Error(
        `${what} is not ready after ${deadlineMs / 1000} s. Its log (${managed.logFile}) ends with:\n${managed.tail()}`,
      );
    }
    await delay(50);
  }
}

/**
 * A free port on 127.0.0.1 below the range from which the kernel takes ports for outgoing connections, so that it is
 * still free when a part is restarted on it. `preferred` is given back if it is free.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    if (!handedOut.has(port) && (await isFree(port))) {
      handedOut.add(port);
      return port;
    }
  }
  throw new Error('no free port found between 15000 and 32000 on 127.0.0.1');
}

const handedOut = new Set<number>();

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Runs a command to its end; throws with its output when it fails. */
export async function run(
  command: string,
  args: readonly string[],
  options: {
    env?: NodeJS.ProcessEnv;
    cwd?: string;
    timeoutMs?: number;
    uid?: number;
    gid?: number;
    input?: string;
  } = {},
): Promise<string> {
  const result = await runAnyway(command, args, options);
  if (result.code === 0) return result.stdout;
  const output = `${result.stderr}\n${result.stdout}`.trim().split('\n').slice(-15).join('\n');
  throw new Error(`${command} ${args.slice(0, 3).join(' ')} failed (${result.code ?? 'killed'}): ${output}`);
}

/** As `run`, but gives back the exit code (null: killed by a signal or the timeout). */
export function runAnyway(
  command: string,
  args: readonly string[],
  options: Parameters<typeof run>[2] = {},
): Promise<{ stdout: string; stderr: string; code: number | null }> {
  return new Promise((resolve) => {
    const { input, timeoutMs, ...rest } = options;
    const child = spawn(command, args, { ...rest, stdio: ['pipe', 'pipe', 'pipe'] });
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ stdout, stderr: `${stderr}${error.message}`, code: 127 });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ stdout, stderr, code });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}

/** The full path of a command on the PATH. */
export function which(command: string): string | undefined {
  const found = spawnSync('/bin/sh', ['-c', 'command -v -- "$1"', 'sh', command], { encoding: 'utf8' });
  const path = found.stdout?.trim();
  return found.status === 0 && path?.startsWith('/') ? path : undefined;
}

/** Removes a folder whose files may still be written by a process that is just dying. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
