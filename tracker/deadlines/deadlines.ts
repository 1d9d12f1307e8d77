/**
 * Notices what does not happen: when the next moment of an objective is over, its state changes, though no document came. The next moment
 * is asked of PostgreSQL and the clock is read again at least twice a second, so restarts and jumps of the clock miss nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Log } from '../../runtime/telemetry/log.ts';
import type { TrackerPlan } from '../plan.ts';
import { aloneWithProcesses } from '../process/alone.ts';
import { nextDeadline, passDeadlines } from './store.ts';

export interface DeadlinesOptions {
  namespace: string;
  database: pg.Pool;
  log: Log;
  /** Epoch ms: everything that happened before is in the database, if perhaps not folded yet. */
  toldUntil: () => number;
  now?: () => number;
}

const TICK_MS = 500;
/** Deadlines of one transaction of the database. */
const BATCH = 5_000;
/** What was touched before is folded within this, else deadlines pass without it. */
const FOLD_WAIT_MS = 60_000;
const FOLD_LOOK_MS = 40;

export class Deadlines {
  readonly #options: DeadlinesOptions;
  readonly #now: () => number;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #plan: TrackerPlan | undefined;
  #trouble: string | undefined;

  constructor(options: DeadlinesOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#ended = this.#run();
  }

  /** Why deadlines may pass unnoticed now. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Who is told of what; objectives themselves are in the database. */
  use(plan: TrackerPlan): void {
    this.#plan = plan;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let wait = TICK_MS;
      try {
        if (this.#plan) wait = await this.#turn(this.#plan);
        this.#trouble = undefined;
      } catch (error) {
        this.#trouble = `deadlines: ${(error as Error).message}`;
        const { namespace, log } = this.#options;
        log.warn('deadlines not looked at, trying again', { namespace, error: (error as Error).message });
      }
      if (wait > 0) await delay(wait, undefined, { signal }).catch(() => {});
    }
  }

  /** Ms until the next look. */
  async #turn(plan: TrackerPlan): Promise<number> {
    const { namespace, database, toldUntil } = this.#options;
    const next = await nextDeadline(database, namespace);
    if (next === undefined) return TICK_MS;
    const until = toldUntil();
    if (next > until) return Math.min(TICK_MS, Math.max(10, next - until));
    await this.#folded();
    const told = new Set(plan.sla?.policies.flatMap(({ name, notify }) => (notify.length > 0 ? [name] : [])));
    const passed = await aloneWithProcesses(database, namespace, (client) =>
      passDeadlines(client, namespace, until, this.#now(), told, BATCH),
    );
    return passed > 0 ? 0 : 10;
  }

  /** Waits until what is touched now is folded: it may meet what is due. */
  async #folded(): Promise<void> {
    const { namespace, database } = this.#options;
    const { rows } = await database.query<{ last: string | null }>(
      'select seq as last from touched where namespace = $1 order by seq desc limit 1',
      [namespace],
    );
    const last = rows[0]?.last;
    if (last == null) return;
    const { signal } = this.#stopping;
    for (const end = performance.now() + FOLD_WAIT_MS; performance.now() < end && !signal.aborted; ) {
      const { rowCount } = await database.query('select from touched where namespace = $1 and seq <= $2 limit 1', [
        namespace,
        last,
      ]);
      if (rowCount === 0) return;
      await delay(FOLD_LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }
}
