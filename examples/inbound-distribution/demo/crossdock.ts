/** `crossdock dev` as a child process: ready when it says so, killed with us whatever happens. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ManagedProcess, spawnManaged, untilReady } from '../../../standalone/process.ts';

const CROSSDOCK = join(import.meta.dirname, '..', '..', '..', 'cli', 'crossdock.sh');
const READY_WITHIN_MS = 60_000;

export interface CrossdockOptions {
  folder: string;
  broker: string;
  management: string;
  database: string;
  httpPort: number;
  adminPort: number;
  consolePort: number;
  logFile: string;
}
export interface Crossdock {
  /** Changes with restart(). */
  readonly pid: number;
  /** Rejects when it ends although nobody asked for it. */
  readonly ended: Promise<never>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Again, on the same ports; resolves when it is ready. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  tail(lines?: number): string;
}

export async function startCrossdock(options: CrossdockOptions): Promise<Crossdock> {
  const { folder, broker, management, database, httpPort, adminPort, consolePort, logFile } = options;
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  let expected: ManagedProcess | undefined;

  const start = async (): Promise<ManagedProcess> => {
    const alreadyLogged = existsSync(logFile) ? statSync(logFile).size : 0;
    const child = spawnManaged({
      command: CROSSDOCK,
      args: [
        ...['dev', folder, '--json', '--broker', broker, '--management', management, '--database', database],
        ...['--http-port', String(httpPort), '--admin-port', String(adminPort), '--console-port', String(consolePort)],
      ],
      env,
      logFile,
    });
    const isReady = async (): Promise<boolean> =>
      /^\{"ready":true/m.test(readFileSync(logFile).subarray(alreadyLogged).toString('utf8'));
    try {
      await untilReady('crossdock dev', child, isReady, READY_WITHIN_MS);
    } catch (error) {
      await child.kill();
      throw error;
    }
    void child.exited.then(() => {
      if (child !== expected)
        ended.reject(new Error(`crossdock dev ended by itself; its log ends with:\n${child.tail()}`));
    });
    return child;
  };

  let running = await start();
  return {
    get pid() {
      return running.pid;
    },
    ended: ended.promise,
    async kill() {
      expected = running;
      await running.kill();
    },
    async restart() {
      running = await start();
    },
    async stop() {
      expected = running;
      await running.stop('SIGTERM', 15_000);
    },
    tail: (lines) => running.tail(lines),
  };
}
