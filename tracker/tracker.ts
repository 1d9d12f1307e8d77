/**
 * Follows a stream of one namespace, the journal or the payloads, into PostgreSQL. Each attachment starts at the message that was folded last and expects that
 * very message: else the journal was cut off before it was folded, or is another stream under the same name. Such a gap is told and
 * recorded, and the retained journal is folded again from its start, which changes nothing twice.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Broker, Consumer, Delivery, StreamOffset } from '../runtime/broker/broker.ts';
import type { Secrets } from '../runtime/connectors/connector.ts';
import type { JournalEntry } from '../runtime/journal/entry.ts';
import type { Log } from '../runtime/telemetry/log.ts';
import {
  FencedError,
  type Followed,
  JOURNAL_STREAM,
  type Position,
  readPosition,
  samePosition,
  writeBatchOf,
} from './store.ts';

export interface TrackerOptions {
  namespace: string;
  /** Its health is the tracker's too. */
  broker: Broker;
  database: pg.Pool;
  log: Log;
  /** Waits so long for the message that was folded last. Default 10 s. */
  attachDeadlineMs?: number;
  /** To take letters on a connection of their own. Never logged. */
  access?: { uri: string; ca?: string };
  /** For who is told of deadlines. Default: there are none. */
  secrets?: Secrets;
}

const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const RETRY_MS = 1_000;
/** A stream that exists gives the asked message at once; one that was made anew gives nothing. */
const ATTACH_DEADLINE_MS = 10_000;

/** Goes on through every failure of broker and database; `trouble` tells. */
export function startTracker(options: TrackerOptions): Tracker {
  return new Tracker(options, JOURNAL_STREAM);
}
/** The same for another stream. */
export function follow<T extends { at: number }>(options: TrackerOptions, stream: Followed<T>): Tracker<T> {
  return new Tracker(options, stream);
}

/** One attaching to the stream, and what came by it. */
interface Attachment {
  waiting: Delivery[];
  /** Undefined: from the journal's start. */
  expected: Position | undefined;
  /** Whether its first delivery was looked at. */
  verified: boolean;
}

export class Tracker<T extends { at: number } = JournalEntry> {
  readonly #options: TrackerOptions;
  readonly #stream: Followed<T>;
  readonly #ended = Promise.withResolvers<'Stopped' | 'Fenced'>();
  #position: Position | undefined;
  /** Of attempts to write since then, whose commit may have happened without an answer. */
  #attempted: { after: Position; gap: string | undefined }[] = [];
  /** False while the journal is folded again from its start. */
  #resuming = true;
  /** To be recorded with the next batch. */
  #gap: string | undefined;
  #attachment: Attachment | undefined;
  #consumer: Consumer | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #working = false;
  #stopped = false;
  #trouble: string | undefined;
  #gaps = 0;
  #setAside = 0;

  constructor(options: TrackerOptions, stream: Followed<T>) {
    this.#options = options;
    this.#stream = stream;
    this.#trouble = `not attached to its ${stream.noun} yet`;
    void this.#begin();
  }

  /** Why it does not fold now; undefined when it does. */
  get trouble(): string | undefined {
    return this.#trouble ?? this.#options.broker.trouble;
  }
  /** Gaps noticed by this process. Those of all time are in the database. */
  get gaps(): number {
    return this.#gaps;
  }
  /** Odd entries set aside by this process. */
  get setAside(): number {
    return this.#setAside;
  }
  /** Whether it has found its place in the stream. */
  get attached(): boolean {
    const { verified, expected } = this.#attachment ?? {};
    return this.#attachment !== undefined && (verified === true || expected === undefined);
  }
  /** Messages that were delivered and are not in the database yet; bounded by the prefetch. */
  get behind(): number {
    return this.#attachment?.waiting.length ?? 0;
  }
  /** Age in ms of the oldest of them. */
  get lagMs(): number {
    const oldest = this.#attachment?.waiting[0];
    const at = oldest && this.#stream.read(oldest.body, 0n).entries[0]?.at;
    return at === undefined ? 0 : Math.max(0, Date.now() - at);
  }
  /** Fenced: another tracker moved the position, and this one stopped. */
  get ended(): Promise<'Stopped' | 'Fenced'> {
    return this.#ended.promise;
  }

  stop(): Promise<void> {
    return this.#end('Stopped');
  }

  async #end(how: 'Stopped' | 'Fenced'): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#deadline);
    await this.#consumer?.stop(0);
    this.#ended.resolve(how);
  }

  async #begin(): Promise<void> {
    const { database, namespace } = this.#options;
    await this.#untilDone(async () => {
      this.#position = await readPosition(database, namespace, this.#stream);
    });
    await this.#consume();
  }

  async #consume(): Promise<void> {
    const { broker, namespace, log } = this.#options;
    await this.#untilDone(async () => {
      const consumer = await broker.consume({
        queue: this.#stream.queue,
        prefetch: this.#stream.prefetch,
        offset: () => this.#attach(),
        onDelivery: (delivery) => {
          this.#attachment?.waiting.push(delivery);
          void this.#work();
        },
        onTrouble: (error) => {
          this.#trouble = `${this.#stream.noun}: ${error.message}`;
          log.warn('stream interrupted', { namespace, stream: this.#stream.queue, error: error.message });
        },
      });
      this.#consumer = consumer;
      if (this.#stopped) await consumer.stop(0);
    });
    // What came while the consumer was not known yet.
    void this.#work();
  }

  /** At each attachment, also after a loss. What an earlier one left is delivered again. */
  #attach(): StreamOffset {
    const expected = this.#resuming ? this.#position : undefined;
    this.#attachment = { waiting: [], expected, verified: false };
    this.#trouble = undefined;
    clearTimeout(this.#deadline);
    if (expected)
      this.#deadline = setTimeout(
        () => this.#consumer && void this.#startOver(undefined),
        this.#options.attachDeadlineMs ?? ATTACH_DEADLINE_MS,
      );
    return expected?.offset ?? 'first';
  }

  /** Folds the retained journal from its start. Without a detail it is not known yet whether anything is missing. */
  async #startOver(detail: string | undefined): Promise<void> {
    this.#resuming = false;
    if (detail !== undefined) this.#noticed(detail);
    const consumer = this.#consumer;
    this.#consumer = undefined;
    this.#attachment = undefined;
    await consumer?.stop(0);
    await this.#consume();
  }

  #noticed(detail: string): void {
    const { namespace, log } = this.#options;
    if (this.#gap === undefined) this.#gaps += 1;
    this.#gap = detail;
    log.error('gap in a stream: the tracker may miss what was in it', {
      namespace,
      stream: this.#stream.queue,
      detail,
    });
  }

  async #work(): Promise<void> {
    if (this.#working || !this.#consumer) return;
    this.#working = true;
    while (!this.#stopped && this.#consumer && this.#attachment?.waiting.length)
      await this.#untilDone(() => this.#turn(this.#attachment));
    this.#working = false;
  }

  async #turn(attachment: Attachment | undefined): Promise<void> {
    // A new attachment brings all of it again.
    if (!attachment || attachment !== this.#attachment) return;
    if (!attachment.verified && !(await this.#continues(attachment))) return;
    const batch: Delivery[] = [];
    for (let bytes = 0; batch.length < attachment.waiting.length && bytes < MAX_BATCH_BYTES; ) {
      const delivery = attachment.waiting[batch.length]!;
      bytes += delivery.body.length;
      batch.push(delivery);
    }
    await this.#write(batch);
    attachment.waiting.splice(0, batch.length);
    for (const delivery of batch) delivery.ack();
    this.#trouble = undefined;
  }

  /** Whether the attachment starts where the last fold ended, or at the journal's very start. */
  async #continues(attachment: Attachment): Promise<boolean> {
    const first = attachment.waiting[0]!;
    const { expected } = attachment;
    const { noun } = this.#stream;
    if (expected) {
      clearTimeout(this.#deadline);
      if (!samePosition(expected, positionOf(first))) {
        void this.#startOver(
          first.offset! > expected.offset
            ? `the ${noun} continues at offset ${first.offset}; the last that was folded is ${expected.offset}`
            : `the ${noun} was made anew: offset ${first.offset} holds another message than the one that was folded`,
        );
        return false;
      }
    } else if (!this.#position && first.offset !== 0n)
      this.#noticed(`the ${noun} starts at offset ${first.offset}: what was before was cut off`);
    else if (
      this.#position &&
      this.#gap === undefined &&
      !(await this.#stream.knows(this.#options.database, this.#options.namespace, first))
    )
      this.#noticed(`the ${noun} does not hold the message that was folded last: it was made anew or cut off`);
    attachment.verified = true;
    return true;
  }

  async #write(batch: readonly Delivery[]): Promise<void> {
    const { database, namespace, log } = this.#options;
    const above = this.#resuming ? this.#position?.offset : undefined;
    const fresh = batch.filter(({ offset }) => above === undefined || offset! > above);
    if (fresh.length === 0) return;
    const read = fresh.map(({ body, offset }) => this.#stream.read(body, offset!));
    const before = this.#position;
    const after = positionOf(fresh.at(-1)!);
    const gap = this.#gap;
    const entries = read.flatMap((message) => message.entries);
    const odd = read.flatMap((message) => message.odd);
    try {
      const aside = await writeBatchOf(this.#stream, database, namespace, { entries, odd, gap, before, after });
      this.#setAside += aside.length;
      for (const { offset, reason } of aside)
        log.error('an odd entry was set aside', {
          namespace,
          stream: this.#stream.queue,
          offset: String(offset),
          reason,
        });
      this.#wrote({ after, gap });
    } catch (error) {
      if (error instanceof FencedError) await this.#fenced(error);
      this.#attempted.push({ after, gap });
      throw error;
    }
  }

  #wrote({ after, gap }: { after: Position; gap: string | undefined }): void {
    this.#attempted = [];
    this.#position = after;
    this.#resuming = true;
    if (this.#gap === gap) this.#gap = undefined;
  }

  /** Not by another tracker, when the position is what an earlier attempt of this one would have left: its answer was lost. */
  async #fenced(error: FencedError): Promise<never> {
    const { database, namespace, log } = this.#options;
    const now = await readPosition(database, namespace, this.#stream);
    const own = this.#attempted.find(({ after }) => samePosition(now, after));
    if (own) {
      this.#wrote(own);
      throw new Error('an earlier commit got no answer');
    }
    log.warn('another tracker took over', { namespace });
    await this.#end('Fenced');
    throw error;
  }

  /** Tries until it is done or the tracker is stopped. */
  async #untilDone(work: () => Promise<void>): Promise<void> {
    while (!this.#stopped) {
      try {
        await work();
        return;
      } catch (error) {
        if (this.#stopped) return;
        const { namespace, log } = this.#options;
        this.#trouble = (error as Error).message;
        log.warn('stream not followed, trying again', { namespace, stream: this.#stream.queue, error: this.#trouble });
        await delay(RETRY_MS);
      }
    }
  }
}

const positionOf = ({ offset, messageId }: Delivery): Position => ({ offset: offset!, message: messageId ?? '' });
