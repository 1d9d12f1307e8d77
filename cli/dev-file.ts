/** Where the other commands find the `crossdock dev` that runs, unless they are told: a file for each. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

const folder = (): string => join(cacheFolder(), 'running');

/** Returns how to forget it. The file holds passwords: mode 0600. */
export function remember(running: RunningDev): () => void {
  mkdirSync(folder(), { recursive: true });
  const file = join(folder(), `${process.pid}.json`);
  writeFileSync(file, JSON.stringify(running), { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

/** The one that was started last of those that live. */
export function runningDev(): RunningDev | undefined {
  if (!existsSync(folder())) return undefined;
  const [last] = readdirSync(folder())
    .filter((name) => isAlive(Number.parseInt(name, 10)))
    .map((name) => ({ file: join(folder(), name), at: statSync(join(folder(), name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  return last && (JSON.parse(readFileSync(last.file, 'utf8')) as RunningDev);
}

/** One that was killed leaves its file behind. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
