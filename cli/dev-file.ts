/** Where the other commands find the `crossdock dev` that runs, unless they are told. One file: the last one started. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../standalone/cache.ts';

export interface RunningDev {
  namespace: string;
  /** `postgres://` of its tracker. */
  database: string;
  /** An administrator's `http://` of its broker. */
  management: string;
  /** `amqp://` of the namespace's own user. */
  broker: string;
}

const file = (): string => join(cacheFolder(), 'dev.json');

/** Returns how to forget it. The file holds passwords: mode 0600. */
export function remember(running: RunningDev): () => void {
  mkdirSync(cacheFolder(), { recursive: true });
  const own = JSON.stringify(running);
  writeFileSync(file(), own, { mode: 0o600 });
  return () => {
    // Another `dev` may have begun since: then the file is that one's.
    if (existsSync(file()) && readFileSync(file(), 'utf8') === own) rmSync(file(), { force: true });
  };
}

export const runningDev = (): RunningDev | undefined =>
  existsSync(file()) ? (JSON.parse(readFileSync(file(), 'utf8')) as RunningDev) : undefined;
