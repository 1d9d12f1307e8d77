/** `crossdock dev` as a child process: ready when it says so, killed with us whatever happens. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ManagedProcess, spawnManaged, untilReady } from '../../../standalone/process.ts';

export const CROSSDOCK = join(import.meta.dirname, '..', '..', '..', 'cli', 'crossdock.sh');
const READY_WITHIN_MS = 60_000;

export interface CrossdockOptions {
  folder: string;
  broker: string;
  management: string;
  database: string;
  httpPort: number;
  adminPort: number;
  logFile: string;
}
export interface Crossdock {
  /** Its log, one JSON object per line. */
  logFile: string;
  process: ManagedProcess;
  stop(): Promise<void>;
}

export async function startCrossdock(options: CrossdockOptions): Promise<Crossdock> {
  const { folder, broker, management, database, httpPort, adminPort, logFile } = options;
  const process_ = spawnManaged({
    command: CROSSDOCK,
    args: [
      ...['dev', folder, '--json', '--broker', broker, '--management', management, '--database', database],
      ...['--http-port', String(httpPort), '--admin-port', String(adminPort)],
    ],
    env: Object.fromEntries(
      Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    logFile,
  });
  const isReady = async (): Promise<boolean> => /^\{"ready":true/m.test(readFileSync(logFile, 'utf8'));
  try {
    await untilReady('crossdock dev', process_, isReady, READY_WITHIN_MS);
  } catch (error) {
    await process_.kill();
    throw error;
  }
  return { logFile, process: process_, stop: () => process_.stop('SIGTERM', 15_000) };
}
