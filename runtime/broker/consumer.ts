/** One queue's consumer: a channel of its own on a shared connection, made again after each loss. */
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Consumer, ConsumerOptions, Delivery, HeaderValue } from './broker.ts';
import { backoffMs, type Log, within } from './common.ts';
import { ACCESS_REFUSED, type AmqpError, type Link, type Live, NOT_FOUND } from './link.ts';
import { Settlement } from './settlement.ts';

/** How long acks ahead of a slow delivery wait to be sent together. */
const AHEAD_MS = 5;
const GRACE_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;
/** A handler that throws gets its delivery again after a pause, so that it does not spin. */
const longestPauseMs = 5_000;

/** A channel that consumes, while it lives: the generation that its deliveries belong to. */
class Attachment {
  readonly channel: Channel;
  readonly settlement: Settlement;
  readonly #live: Live;
  alive = true;
  #flushing = false;
  #aheadTimer: NodeJS.Timeout | undefined;

  /** A frame that cannot be sent is not missed: the channel is closing, and the broker redelivers. */
  constructor(channel: Channel, live: Live, prefetch: number) {
    this.channel = channel;
    this.#live = live;
    this.settlement = new Settlement(prefetch, {
      ack: (tag, multiple) => {
        try {
          channel.ack(tagged(tag), multiple);
        } catch {
          this.alive = false;
        }
      },
      reject: (tag, requeue) => {
        try {
          channel.reject(tagged(tag), requeue);
        } catch {
          this.alive = false;
        }
      },
    });
  }

  ack(tag: number): void {
    if (!this.alive) return;
    this.settlement.ack(tag);
    if (this.#flushing || this.settlement.unsent === 0) return;
    this.#flushing = true;
    this.#live.writer.beforeFlush(this.#flush);
  }

  reject(tag: number, requeue: boolean): void {
    if (this.alive) this.settlement.reject(tag, requeue);
  }

  readonly #flush = (): void => {
    this.#flushing = false;
    if (!this.alive) return;
    this.settlement.flush();
    if (this.settlement.stuck > 0) this.#aheadTimer ??= setTimeout(this.#flushAhead, AHEAD_MS);
  };

  readonly #flushAhead = (): void => {
    this.#aheadTimer = undefined;
    if (this.alive) this.settlement.flushAhead();
  };

  /** Tells the broker of every ack; the caller closes the channel next. */
  finish(): void {
    if (!this.alive) return;
    this.settlement.flush();
    this.settlement.flushAhead();
  }

  end(): void {
    this.alive = false;
    clearTimeout(this.#aheadTimer);
  }
}

const tagged = (deliveryTag: number): ConsumeMessage => ({ fields: { deliveryTag } }) as ConsumeMessage;

class AmqpDelivery implements Delivery {
  readonly #consumer: QueueConsumer;
  readonly #attachment: Attachment;
  readonly #message: ConsumeMessage;
  readonly queue: string;
  #headers: Readonly<Record<string, HeaderValue>> | undefined;
  #settled = false;

  constructor(consumer: QueueConsumer, attachment: Attachment, message: ConsumeMessage, queue: string) {
    this.#consumer = consumer;
    this.#attachment = attachment;
    this.#message = message;
    this.queue = queue;
  }

  get body(): Buffer {
    return this.#message.content;
  }
  get routingKey(): string {
    return this.#message.fields.routingKey;
  }
  get exchange(): string {
    return this.#message.fields.exchange;
  }
  get contentType(): string {
    return this.#message.properties.contentType ?? '';
  }
  get messageId(): string | undefined {
    return this.#message.properties.messageId;
  }
  get redelivered(): boolean {
    return this.#message.fields.redelivered;
  }
  get headers(): Readonly<Record<string, HeaderValue>> {
    this.#headers ??= scalars(this.#message.properties.headers);
    return this.#headers;
  }
  get deliveryCount(): number {
    return Number(this.#message.properties.headers?.['x-delivery-count'] ?? 0);
  }
  get offset(): bigint | undefined {
    const offset = streamOffset(this.#message);
    return offset === undefined ? undefined : BigInt(offset);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#consumer.settled();
    return true;
  }
  ack(): void {
    if (this.#settle()) this.#attachment.ack(this.#message.fields.deliveryTag);
  }
  requeue(): void {
    if (this.#settle()) this.#attachment.reject(this.#message.fields.deliveryTag, true);
  }
  reject(): void {
    if (this.#settle()) this.#attachment.reject(this.#message.fields.deliveryTag, false);
  }
}

/** Strings, numbers and booleans; the broker's own tables (x-death) and the like are left out. */
function scalars(headers: Record<string, unknown> | undefined): Record<string, HeaderValue> {
  const result: Record<string, HeaderValue> = {};
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') result[name] = value;
  }
  return result;
}

const streamOffset = (message: ConsumeMessage): number | undefined =>
  message.properties.headers?.['x-stream-offset'] as number | undefined;

export class QueueConsumer implements Consumer {
  readonly queue: string;
  readonly #options: ConsumerOptions;
  readonly #link: Link;
  readonly #log: Log;
  readonly #onStopped: (consumer: QueueConsumer) => void;
  /** Settles at the first attempt that says something: consuming, or refused. */
  readonly #first = Promise.withResolvers<void>();
  #started = false;
  #attachment: Attachment | undefined;
  #opening = false;
  #consumerTag: string | undefined;
  #lastOffset: number | undefined;
  #attempt = 0;
  #retry: NodeJS.Timeout | undefined;
  #stopping = false;
  #idle: PromiseWithResolvers<void> | undefined;
  #inFlight = 0;
  /** Why it is not consuming. */
  trouble: string | undefined = 'not consuming yet';

  constructor(link: Link, options: ConsumerOptions, log: Log, onStopped: (consumer: QueueConsumer) => void) {
    this.#link = link;
    this.#options = options;
    this.#log = log;
    this.#onStopped = onStopped;
    this.queue = options.queue;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  start(): Promise<void> {
    this.attach();
    return this.#first.promise;
  }

  /** Consumes if there is a connection and it does not yet. */
  attach(): void {
    const live = this.#link.live;
    if (!live || this.#stopping || this.#opening || this.#attachment?.alive) return;
    clearTimeout(this.#retry);
    this.#opening = true;
    this.#open(live).then(
      () => {
        this.#opening = false;
        // The channel may have gone between its answer and now.
        if (this.#attachment && !this.#attachment.alive) this.#again(live);
      },
      (error: AmqpError) => {
        this.#opening = false;
        this.#failed(live, error);
      },
    );
  }

  async #open(live: Live): Promise<void> {
    const { queue, prefetch, offset } = this.#options;
    let attachment: Attachment | undefined;
    const channel = await live.channel(false, (error) => {
      if (!attachment?.alive) return;
      attachment.end();
      if (this.#stopping || this.#opening) return;
      if (error) this.#failed(live, error);
      else this.#again(live);
    });
    attachment = new Attachment(channel, live, prefetch);
    this.#attachment = attachment;
    await channel.prefetch(prefetch);
    if (typeof offset === 'function') this.#lastOffset = undefined;
    const from =
      typeof offset === 'function' ? offset() : this.#lastOffset === undefined ? offset : BigInt(this.#lastOffset + 1);
    const args =
      from === undefined
        ? {}
        : { 'x-stream-offset': typeof from === 'bigint' ? { '!': 'int64', value: Number(from) } : from };
    const generation = attachment;
    const { consumerTag } = await channel.consume(
      queue,
      (message) => {
        if (message === null) this.#cancelled(live, generation);
        else this.#deliver(generation, message);
      },
      { arguments: args },
    );
    this.#consumerTag = consumerTag;
    this.trouble = undefined;
    if (this.#started) this.#log.info('Consuming again', { queue });
    this.#started = true;
    this.#first.resolve();
  }

  #failed(live: Live, error: AmqpError): void {
    if (this.#attachment) {
      this.#attachment.end();
      this.#attachment = undefined;
    }
    const refused = error.code === NOT_FOUND || error.code === ACCESS_REFUSED;
    if (!this.#started && refused) {
      this.#stopping = true;
      this.#onStopped(this);
      this.#first.reject(new Error(`Cannot consume '${this.queue}': ${error.message}`, { cause: error }));
      return;
    }
    if (this.trouble !== error.message) {
      this.#log.warn('Not consuming; trying again', { queue: this.queue, error: error.message });
      this.trouble = error.message;
    }
    if (live.alive) this.#options.onTrouble?.(error);
    this.#again(live);
  }

  #again(live: Live): void {
    if (this.#stopping || !live.alive) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.attach(), backoffMs(this.#attempt++));
  }

  /** The queue was deleted, or its leader moved: the channel is open but gives nothing any more. */
  #cancelled(live: Live, attachment: Attachment): void {
    if (!attachment.alive) return;
    // What was handed out of the deleted queue cannot be settled.
    attachment.end();
    void within(attachment.channel.close(), CLOSE_TIMEOUT_MS);
    this.#failed(live, new Error(`The broker cancelled the consumer of '${this.queue}': was the queue deleted?`));
  }

  #deliver(attachment: Attachment, message: ConsumeMessage): void {
    if (!attachment.alive) return;
    if (this.#stopping) {
      attachment.reject(message.fields.deliveryTag, true);
      return;
    }
    this.#attempt = 0;
    const offset = streamOffset(message);
    if (offset !== undefined) {
      if (this.#lastOffset !== undefined && offset <= this.#lastOffset) {
        attachment.ack(message.fields.deliveryTag);
        return;
      }
      this.#lastOffset = offset;
    }
    const delivery = new AmqpDelivery(this, attachment, message, this.queue);
    this.#inFlight++;
    try {
      const result = this.#options.onDelivery(delivery);
      if (result !== undefined) result.then(undefined, (error) => this.#threw(delivery, error));
    } catch (error) {
      this.#threw(delivery, error);
    }
  }

  #threw(delivery: AmqpDelivery, error: unknown): void {
    const fields = {
      queue: this.queue,
      messageId: delivery.messageId,
      error: (error as Error)?.stack ?? String(error),
    };
    this.#log.error('The handler of a delivery failed; it goes back to the queue', fields);
    const pause = Math.min(longestPauseMs, 50 * 2 ** Math.min(delivery.deliveryCount, 10));
    setTimeout(() => delivery.requeue(), pause).unref();
  }

  settled(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#idle?.resolve();
  }

  async stop(graceMs = GRACE_MS): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#retry);
    this.#first.reject(new Error(`The consumer of '${this.queue}' was stopped.`));
    this.#first.promise.catch(() => {});
    const attachment = this.#attachment;
    if (attachment?.alive && this.#consumerTag !== undefined)
      await within(attachment.channel.cancel(this.#consumerTag), CLOSE_TIMEOUT_MS);
    if (this.#inFlight > 0) {
      this.#idle ??= Promise.withResolvers<void>();
      await within(this.#idle.promise, graceMs);
    }
    if (attachment?.alive) {
      attachment.finish();
      attachment.end();
      await within(attachment.channel.close(), CLOSE_TIMEOUT_MS);
    }
    this.#onStopped(this);
  }
}
