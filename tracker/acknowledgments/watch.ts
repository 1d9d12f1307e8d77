/** Notices acknowledgments that do not come in time. What is overdue stands in the database: a restart neither forgets nor repeats it. */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Log } from '../../runtime/telemetry/log.ts';
import { noticeOverdue } from './store.ts';

const LOOK_MS = 1_000;

export interface WatchOptions {
  namespace: string;
  database: pg.Pool;
  log: Log;
  /** Epoch ms up to which the journal was read: what came later may be an acknowledgment. */
  toldUntil(): number;
}

export class AcknowledgmentWatch {
  readonly #over = new AbortController();
  readonly #done: Promise<void>;

  constructor(options: WatchOptions) {
    this.#done = this.#watch(options);
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#done;
  }

  async #watch({ namespace, database, log, toldUntil }: WatchOptions): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      // Without the database the streams tell; the next look finds the same.
      const overdue = await noticeOverdue(database, namespace, toldUntil()).catch(() => []);
      for (const { document, destination, partner, control, dueAt } of overdue)
        log.warn('acknowledgment overdue', {
          class: 'AcknowledgmentOverdue',
          namespace,
          partner,
          document,
          destination,
          control,
          due: new Date(dueAt!).toISOString(),
        });
      await delay(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }
}
