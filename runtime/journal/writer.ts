/**
 * Writes entries to a stream (JOURNAL, PAYLOADS), many per message: a JSON array whose first entry's id is also the messageId, so
 * that a reader who resumes at an offset can see whether it is still the message that it knew. For the broker a message of many
 * entries costs little more than one of one: where many are written, they gather.
 */
import type { Broker } from '../broker/broker.ts';
import { backoff, type Log } from '../broker/common.ts';
import { JOURNAL, PAYLOADS } from '../names.ts';
import type { JournalEntry } from './entry.ts';
import { PAYLOAD_CONTENT_TYPE, type PayloadEntry, payloadHead, payloadMessage } from './payload.ts';

export { entryId } from './outranks.ts';

export interface JournalOptions {
  namespace: string;
  log: Log;
  /** Entries per message at most. Default 1,024. */
  maxEntries?: number;
  /** Bytes of unconfirmed entries; above, `write` takes no more until some are confirmed. Default 16 MiB. */
  maxBytes?: number;
  /** Told of each message's number of entries, when it is confirmed. */
  onConfirmed?(entries: number): void;
}

export interface StreamWriter<T> {
  /** Resolves when the entry is confirmed by the stream: only then may what it tells of be acked. */
  write(entry: T): Promise<void>;
  /** Entries that are not confirmed yet. */
  readonly pending: number;
  /** Why entries are not being confirmed now. */
  readonly trouble: string | undefined;
  /** Takes no more entries; resolves when all are confirmed, or after `graceMs` (default 10 s), when the rest is rejected. */
  close(graceMs?: number): Promise<void>;
}

/** How a stream's entries are written. */
interface Form<T> {
  stream: string;
  contentType: string;
  text(entry: T): string;
  body(entry: T): Buffer | undefined;
  message(texts: readonly string[], bodies: readonly Buffer[]): Buffer;
}

const JOURNAL_FORM: Form<JournalEntry> = {
  stream: JOURNAL,
  contentType: 'application/json',
  text: JSON.stringify,
  body: () => undefined,
  message: (texts) => Buffer.from(`[${texts.join(',')}]`),
};
const PAYLOAD_FORM: Form<PayloadEntry> = {
  stream: PAYLOADS,
  contentType: PAYLOAD_CONTENT_TYPE,
  text: payloadHead,
  body: ({ body }) => body,
  message: payloadMessage,
};

/** A message's worth of entries, and the one promise that all its writers wait for. */
class Batch {
  readonly texts: string[] = [];
  readonly bodies: Buffer[] = [];
  bytes = 0;
  firstId = '';
  readonly done = Promise.withResolvers<void>();
}

/** A stream message is far below the 16 MiB that RabbitMQ 4 allows. */
const MAX_BATCH_BYTES = 512 * 1024;

/** A message holds the next back for so long, for each of its entries: below 2,000 entries a second this comes to nothing ... */
const GATHER_MS_PER_ENTRY = 0.5;
/** ... and above it grows to so much. */
const MAX_GATHER_MS = 10;

export const openJournal = (broker: Broker, options: JournalOptions): StreamWriter<JournalEntry> =>
  new Writer(broker, JOURNAL_FORM, options);
/** What documents hold, batched and confirmed as the journal is. */
export const openArchive = (broker: Broker, options: JournalOptions): StreamWriter<PayloadEntry> =>
  new Writer(broker, PAYLOAD_FORM, options);

class Writer<T extends { id: string }> implements StreamWriter<T> {
  readonly #broker: Broker;
  readonly #form: Form<T>;
  readonly #stream: string;
  readonly #log: Log;
  readonly #headers: { 'crossdock-namespace': string };
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #onConfirmed: ((entries: number) => void) | undefined;
  #open = new Batch();
  #scheduled = false;
  #timer: NodeJS.Timeout | undefined;
  /** On the clock of performance.now(); a full batch does not wait for it. */
  #notBefore = 0;
  readonly #sending = new Set<Batch>();
  #pending = 0;
  #bytes = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #trouble: string | undefined;
  #closed = false;
  readonly #stop = new AbortController();

  constructor(broker: Broker, form: Form<T>, options: JournalOptions) {
    this.#broker = broker;
    this.#form = form;
    this.#stream = form.stream;
    this.#log = options.log;
    this.#headers = { 'crossdock-namespace': options.namespace };
    this.#maxEntries = options.maxEntries ?? 1_024;
    this.#maxBytes = options.maxBytes ?? 16 * 1024 * 1024;
    this.#onConfirmed = options.onConfirmed;
  }

  get pending(): number {
    return this.#pending;
  }
  get trouble(): string | undefined {
    return this.#trouble;
  }

  write(entry: T): Promise<void> {
    const text = this.#form.text(entry);
    const body = this.#form.body(entry);
    const bytes = text.length + (body?.length ?? 0);
    return this.#hasRoom(bytes)
      ? this.#add(entry.id, text, body, bytes)
      : this.#waitAndAdd(entry.id, text, body, bytes);
  }

  #hasRoom(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#maxBytes;
  }

  async #waitAndAdd(id: string, text: string, body: Buffer | undefined, bytes: number): Promise<void> {
    while (!this.#hasRoom(bytes)) {
      this.#room ??= Promise.withResolvers<void>();
      await this.#room.promise;
    }
    await this.#add(id, text, body, bytes);
  }

  #add(id: string, text: string, body: Buffer | undefined, bytes: number): Promise<void> {
    if (this.#closed) return Promise.reject(new Error(`The ${this.#stream} stream is closed.`));
    const batch = this.#open;
    if (batch.texts.length === 0) batch.firstId = id;
    batch.texts.push(text);
    if (body !== undefined) batch.bodies.push(body);
    batch.bytes += bytes;
    this.#bytes += bytes;
    this.#pending++;
    if (batch.texts.length >= this.#maxEntries || batch.bytes >= MAX_BATCH_BYTES) this.#flush();
    else this.#schedule();
    return batch.done.promise;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const wait = this.#notBefore - performance.now();
    if (wait <= 0) setImmediate(this.#flush);
    else this.#timer = setTimeout(this.#flush, wait);
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    clearTimeout(this.#timer);
    const batch = this.#open;
    if (batch.texts.length === 0) return;
    this.#open = new Batch();
    this.#notBefore = performance.now() + Math.min(MAX_GATHER_MS, batch.texts.length * GATHER_MS_PER_ENTRY);
    this.#sending.add(batch);
    void this.#send(batch);
  };

  async #send(batch: Batch): Promise<void> {
    const message = {
      exchange: '',
      routingKey: this.#stream,
      body: this.#form.message(batch.texts, batch.bodies),
      contentType: this.#form.contentType,
      messageId: batch.firstId,
      headers: this.#headers,
    };
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#broker.publish(message);
        this.#settle(batch);
        this.#onConfirmed?.(batch.texts.length);
        batch.done.resolve();
        return;
      } catch (error) {
        const { message: cause } = error as Error;
        this.#trouble = cause;
        if (!this.#stop.signal.aborted) {
          if (attempt === 0)
            this.#log.warn('entries are not confirmed; trying again', { stream: this.#stream, error: cause });
          await backoff(attempt, this.#stop.signal);
        }
        if (this.#stop.signal.aborted) {
          this.#settle(batch);
          batch.done.reject(
            new Error(`The ${this.#stream} stream was closed before its entries were confirmed: ${cause}`),
          );
          return;
        }
      }
    }
  }

  #settle(batch: Batch): void {
    this.#trouble = undefined;
    this.#sending.delete(batch);
    this.#pending -= batch.texts.length;
    this.#bytes -= batch.bytes;
    this.#room?.resolve();
    this.#room = undefined;
  }

  async close(graceMs = 10_000): Promise<void> {
    this.#closed = true;
    this.#flush();
    const timer = setTimeout(() => this.#stop.abort(), graceMs);
    await Promise.allSettled([...this.#sending].map((batch) => batch.done.promise));
    clearTimeout(timer);
    this.#stop.abort();
    this.#room?.resolve();
  }
}
