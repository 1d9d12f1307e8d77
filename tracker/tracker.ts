/**
 * Follows the journal of one namespace into PostgreSQL. A gap in the journal (cut off before it was folded, or another stream under
 * the same name) is noticed on attaching, recorded, and told; then the retained journal is folded again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Broker, Consumer, Delivery } from '../runtime/broker/broker.ts';
import type { JournalEntry } from '../runtime/journal/entry.ts';
import { JOURNAL } from '../runtime/names.ts';
import type { Log } from '../runtime/telemetry/log.ts';
import { FencedError, type Position, readPosition, recordGap, writeBatch } from './store.ts';

export interface TrackerOptions {
  namespace: string;
  broker: Broker;
  database: pg.Pool;
  log: Log;
  /** Waits so long for the message that was folded last. Default 10 s. */
  attachDeadlineMs?: number;
}

const PREFETCH = 400;
const MAX_BATCH_MESSAGES = 200;
const RETRY_MS = 1_000;
/** A stream that exists gives the asked message at once; one that was made anew gives nothing. */
const ATTACH_DEADLINE_MS = 10_000;

export async function startTracker(options: TrackerOptions): Promise<Tracker> {
  const tracker = new Tracker(options);
  await tracker.attach();
  return tracker;
}

export class Tracker {
  /** Why it does not fold now; undefined when it does. */
  trouble: string | undefined;
  readonly #options: TrackerOptions;
  readonly #ended = Promise.withResolvers<'Stopped' | 'Fenced'>();
  #position: Position | undefined;
  /** The first delivery is not looked at yet. */
  #attaching = true;
  #deadline: NodeJS.Timeout | undefined;
  #consumer: Consumer | undefined;
  #waiting: Delivery[] = [];
  #working = false;
  #stopped = false;

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  /** Messages that were delivered and are not in the database yet. */
  get behind(): number {
    return this.#waiting.length;
  }
  /** Fenced: another tracker moved the position, and this one stopped. */
  get ended(): Promise<'Stopped' | 'Fenced'> {
    return this.#ended.promise;
  }

  async attach(): Promise<void> {
    const { namespace, broker, database, log, attachDeadlineMs = ATTACH_DEADLINE_MS } = this.#options;
    this.#position = await readPosition(database, namespace);
    this.#waiting = [];
    this.#attaching = true;
    this.#consumer = await broker.consume({
      queue: JOURNAL,
      prefetch: PREFETCH,
      offset: this.#position?.offset ?? 'first',
      onDelivery: (delivery) => {
        this.#waiting.push(delivery);
        if (!this.#working) void this.#work();
      },
      onTrouble: (error) => log.warn('journal interrupted', { namespace, error: error.message }),
    });
    if (this.#position && this.#attaching)
      this.#deadline = setTimeout(() => void this.#startOver('the journal was made anew'), attachDeadlineMs);
  }

  stop(): Promise<void> {
    return this.#end('Stopped');
  }

  async #end(how: 'Stopped' | 'Fenced'): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#deadline);
    await this.#consumer?.stop(0);
    this.#ended.resolve(how);
  }

  async #work(): Promise<void> {
    const { namespace, log } = this.#options;
    this.#working = true;
    while (this.#waiting.length > 0 && !this.#stopped) {
      try {
        if (this.#attaching && !(await this.#continues(this.#waiting[0]!))) continue;
        const batch = this.#waiting.slice(0, MAX_BATCH_MESSAGES);
        await this.#write(batch);
        this.trouble = undefined;
        this.#waiting.splice(0, batch.length);
        for (const delivery of batch) delivery.ack();
      } catch (error) {
        if (error instanceof FencedError) {
          log.warn('another tracker took over', { namespace });
          await this.#end('Fenced');
          break;
        }
        this.trouble = (error as Error).message;
        log.warn('journal not written, trying again', { namespace, error: this.trouble });
        await delay(RETRY_MS);
      }
    }
    this.#working = false;
  }

  async #write(batch: Delivery[]): Promise<void> {
    const { database, namespace } = this.#options;
    const before = this.#position;
    const fresh = batch.filter(({ offset }) => before === undefined || offset! > before.offset);
    const last = fresh.at(-1);
    if (!last) return;
    const after = { offset: last.offset!, message: last.messageId ?? '' };
    await writeBatch(database, namespace, fresh.flatMap(entriesOf), before, after);
    this.#position = after;
  }

  /** Whether the first delivery is where the last fold ended, or the journal's very start. */
  async #continues(first: Delivery): Promise<boolean> {
    const { database, namespace, log } = this.#options;
    clearTimeout(this.#deadline);
    const known = this.#position;
    if (known && (first.offset !== known.offset || first.messageId !== known.message)) {
      await this.#startOver(
        `the journal continues at offset ${first.offset}, the last that was folded is ${known.offset}`,
      );
      return false;
    }
    if (!known && first.offset !== 0n) {
      const detail = `the journal starts at offset ${first.offset}: what was before was cut off`;
      log.error('gap in the journal: accounts may miss what happened in it', { namespace, detail });
      await recordGap(database, namespace, detail);
    }
    this.#attaching = false;
    return true;
  }

  async #startOver(detail: string): Promise<void> {
    const { database, namespace, log } = this.#options;
    log.error('gap in the journal: accounts may miss what happened in it', { namespace, detail });
    await this.#consumer?.stop(0);
    await recordGap(database, namespace, detail);
    if (!this.#stopped) await this.attach();
  }
}

const entriesOf = (delivery: Delivery): JournalEntry[] => JSON.parse(delivery.body.toString()) as JournalEntry[];
