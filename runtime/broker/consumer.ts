/** One queue's consumer: a channel of its own on a shared connection, made again after each loss. */
import type { Consumer, ConsumerOptions } from './broker.ts';
import type { Delivered } from './codec/channel.ts';
import { ACCESS_REFUSED, AmqpError, NOT_FOUND } from './codec/errors.ts';
import { backoffMs, type Log, within } from './common.ts';
import { AmqpDelivery, Attachment, streamOffset } from './delivery.ts';
import type { Link, Live } from './link.ts';
import { Width } from './width.ts';

const GRACE_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;
/** A handler that throws gets its delivery again after a pause, so that it does not spin. */
const LONGEST_PAUSE_MS = 5_000;
/**
 * When a stream's leader moves, RabbitMQ 3.10 may forget a consumer on another node: nothing comes any more, and no word. One that gets
 * nothing for so long attaches again where it stopped, which costs little.
 */
const QUIET_STREAM_MS = 10_000;

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
  readonly #width: Width;
  /** The prefetch that the broker knows. */
  #told = 0;
  #widening = false;
  #lastOffset: number | undefined;
  #attempt = 0;
  #retry: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #gotSome = false;
  #renewing = false;
  #stopping = false;
  #idle: PromiseWithResolvers<void> | undefined;
  #inFlight = 0;
  /** Handlers that have not returned. */
  #handling = 0;
  /** Why it is not consuming. */
  trouble: string | undefined = 'not consuming yet';

  constructor(link: Link, options: ConsumerOptions, log: Log, onStopped: (consumer: QueueConsumer) => void) {
    this.#link = link;
    this.#options = options;
    this.#log = log;
    this.#onStopped = onStopped;
    this.#width = new Width(options.prefetch, options.bytes);
    this.queue = options.queue;
  }

  get inFlight(): number {
    return this.#underWay;
  }

  start(): Promise<void> {
    if (this.#options.offset !== undefined)
      this.#quiet = setInterval(() => this.#renewIfQuiet(), QUIET_STREAM_MS).unref();
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
        // Deliveries may have come before the answer.
        else void this.#widen();
      },
      (error: Error) => {
        this.#opening = false;
        this.#failed(live, error);
      },
    );
  }

  async #open(live: Live): Promise<void> {
    const { queue, prefetch, offset } = this.#options;
    let attachment: Attachment | undefined;
    const channel = await live.connection.channel({
      onClose: (error) => {
        if (!attachment?.alive) return;
        attachment.end();
        if (this.#stopping || this.#opening) return;
        if (error) this.#failed(live, error);
        else this.#again(live);
      },
      onDelivery: (delivered) => attachment && this.#deliver(attachment, delivered),
      onCancelled: () => attachment && this.#cancelled(live, attachment),
    });
    attachment = new Attachment(channel, live.connection.output, prefetch);
    this.#attachment = attachment;
    this.#told = this.#width.now;
    await channel.prefetch(this.#told);
    if (typeof offset === 'function') this.#lastOffset = undefined;
    const from =
      typeof offset === 'function' ? offset() : this.#lastOffset === undefined ? offset : BigInt(this.#lastOffset + 1);
    const consumerTag = await channel.consume(queue, { 'x-stream-offset': from });
    this.#consumerTag = consumerTag;
    if (this.#stopping) {
      attachment.end();
      await within(channel.close(), CLOSE_TIMEOUT_MS);
      return;
    }
    this.trouble = undefined;
    if (this.#started && !this.#renewing) this.#log.info('Consuming again', { queue });
    this.#renewing = false;
    this.#started = true;
    this.#first.resolve();
  }

  #renewIfQuiet(): void {
    const attachment = this.#attachment;
    const quiet = !this.#gotSome && this.#inFlight === 0;
    this.#gotSome = false;
    if (!quiet || !attachment?.alive || this.#opening || this.#stopping) return;
    attachment.end();
    void within(attachment.channel.close(), CLOSE_TIMEOUT_MS);
    this.#renewing = true;
    this.attach();
  }

  #failed(live: Live, error: Error): void {
    if (this.#attachment) {
      this.#attachment.end();
      this.#attachment = undefined;
    }
    const refused = error instanceof AmqpError && (error.code === NOT_FOUND || error.code === ACCESS_REFUSED);
    if (!this.#started && refused) {
      this.#stopping = true;
      clearInterval(this.#quiet);
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

  #deliver(attachment: Attachment, delivered: Delivered): void {
    if (!attachment.alive) return;
    if (this.#stopping) {
      if (!this.#options.inOrder) attachment.reject(delivered.tag, true);
      return;
    }
    this.#attempt = 0;
    this.#gotSome = true;
    const offset = this.#options.offset === undefined ? undefined : streamOffset(delivered);
    if (offset !== undefined) {
      if (this.#lastOffset !== undefined && offset <= this.#lastOffset) {
        attachment.ack(delivered.tag);
        return;
      }
      this.#lastOffset = offset;
    }
    const delivery = new AmqpDelivery(this.queue, attachment, delivered, this.#settled);
    this.#inFlight++;
    if (this.#width.came(delivery.body.length)) void this.#widen();
    try {
      const result = this.#options.onDelivery(delivery);
      if (result === undefined) return;
      this.#handling++;
      result.then(this.#handled, (error) => {
        this.#threw(delivery, error);
        this.#handled();
      });
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
    const pause = Math.min(LONGEST_PAUSE_MS, 50 * 2 ** Math.min(delivery.deliveryCount, 10));
    setTimeout(() => (this.#options.inOrder ? this.#handBack() : delivery.requeue()), pause).unref();
  }

  /**
   * A prefetch holds for consumers that begin later: this one begins again, on its channel, where its deliveries are still settled. What
   * the broker had under way to it goes back to the queue's head, and comes as a redelivery.
   */
  async #widen(): Promise<void> {
    const attachment = this.#attachment;
    if (this.#widening || this.#opening || !attachment?.alive || this.#told === this.#width.now) return;
    const { channel } = attachment;
    this.#widening = true;
    try {
      while (this.#told !== this.#width.now && !this.#stopping) {
        await channel.cancel(this.#consumerTag!);
        this.#told = this.#width.now;
        await channel.prefetch(this.#told);
        this.#consumerTag = await channel.consume(this.queue, {});
      }
    } catch {
      // The channel is gone: it is opened again.
    }
    this.#widening = false;
    if (this.#attachment !== attachment) void this.#widen();
  }

  /** In order: all that is not settled, with the channel; then from its beginning. */
  #handBack(): void {
    const attachment = this.#attachment;
    const { live } = this.#link;
    if (!attachment?.alive || !live) return;
    attachment.finish();
    attachment.end();
    void within(attachment.channel.close(), CLOSE_TIMEOUT_MS).then(() => this.#again(live));
  }

  readonly #settled = (bytes: number): void => {
    this.#width.went(bytes);
    this.#inFlight--;
    this.#rested();
  };
  readonly #handled = (): void => {
    this.#handling--;
    this.#rested();
  };
  #rested(): void {
    if (this.#underWay === 0) this.#idle?.resolve();
  }
  get #underWay(): number {
    return this.#options.inOrder ? this.#handling : this.#inFlight;
  }

  async stop(graceMs = GRACE_MS): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#retry);
    clearInterval(this.#quiet);
    this.#first.reject(new Error(`The consumer of '${this.queue}' was stopped.`));
    this.#first.promise.catch(() => {});
    const attachment = this.#attachment;
    // In order, nobody else may get what follows before what is here has gone back: the consumer ends with its channel.
    if (this.#options.inOrder) attachment?.revoke();
    else if (attachment?.alive && this.#consumerTag !== undefined)
      await within(attachment.channel.cancel(this.#consumerTag), CLOSE_TIMEOUT_MS);
    if (this.#underWay > 0) {
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
