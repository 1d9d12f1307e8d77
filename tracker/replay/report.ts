/** What statuses of Replay resources say. */
import type pg from 'pg';
import { ENDED, type ReplayMode, type ReplayState } from './contract.ts';
import { readFailures } from './store.ts';

export interface ReplayReport {
  uid: string;
  mode: ReplayMode;
  state: ReplayState;
  message: string;
  selected: number;
  done: number;
  failed: number;
  /** RFC 3339. */
  startedAt?: string;
  finishedAt?: string;
  /** Its ttlAfterFinished is over. */
  expired?: true;
  failures: { document: string; destination: string; message: string }[];
}

const MAX_FAILURES = 10;
const MAX_MESSAGE = 1_000;

export async function reportReplays(
  database: pg.Pool,
  namespace: string,
  now: number = Date.now(),
): Promise<Record<string, ReplayReport>> {
  const { rows } = await database.query<{
    name: string;
    uid: string;
    mode: ReplayMode;
    state: ReplayState;
    message: string;
    selected: number;
    done: number;
    failed: number;
    ttl: number | null;
    startedAt: number | null;
    finishedAt: number | null;
  }>(
    `select name, uid, spec->>'mode' as mode, state, message, selected, done, failed, (spec->>'ttlMs')::float8 as ttl,
       started_at::float8 as "startedAt", finished_at::float8 as "finishedAt"
     from replays where namespace = $1 and origin = 'Resource'`,
    [namespace],
  );
  const reports: Record<string, ReplayReport> = {};
  for (const { name, ttl, startedAt, finishedAt, ...row } of rows) {
    const failures =
      row.failed > 0 && ENDED.includes(row.state) ? await readFailures(database, namespace, name, MAX_FAILURES) : [];
    reports[name] = {
      ...row,
      ...(startedAt !== null && { startedAt: new Date(startedAt).toISOString() }),
      ...(finishedAt !== null && { finishedAt: new Date(finishedAt).toISOString() }),
      ...(ttl !== null && finishedAt !== null && finishedAt + ttl < now && { expired: true as const }),
      failures: failures.map((one) => ({ ...one, message: one.message.slice(0, MAX_MESSAGE) })),
    };
  }
  return reports;
}
