/** What one channel's life gives: the deliveries of that generation, and their settling. */
import type { Delivery, HeaderValue } from './broker.ts';
import type { Channel, Delivered } from './codec/channel.ts';
import type { Output } from './codec/output.ts';
import { Settlement } from './settlement.ts';

/** How long acks ahead of a slow delivery wait to be sent together. */
const AHEAD_MS = 5;

/** Acks hold the next back for so long, each: they cost the broker by the frame, and where few are sent this comes to nothing ... */
const GATHER_MS_PER_ACK = 0.5;
/** ... and where many are, to so much. A quarter of the prefetch does not wait. */
const MAX_GATHER_MS = 5;

/** A channel that consumes, while it lives: the generation that its deliveries belong to. */
export class Attachment {
  readonly channel: Channel;
  readonly settlement: Settlement;
  readonly #output: Output;
  readonly #revocation = new AbortController();
  alive = true;
  #flushing = false;
  #aheadTimer: NodeJS.Timeout | undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  /** On the clock of performance.now(). */
  #notBefore = 0;

  /** A frame that cannot be sent is not missed: the channel is closing, and the broker redelivers. */
  constructor(channel: Channel, output: Output, prefetch: number) {
    this.channel = channel;
    this.#output = output;
    this.settlement = new Settlement(prefetch, {
      ack: (tag, multiple) => {
        try {
          channel.ack(tag, multiple);
        } catch {
          this.alive = false;
        }
      },
      reject: (tag, requeue) => {
        try {
          channel.reject(tag, requeue);
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
    const wait = this.#notBefore - performance.now();
    if (wait <= 0) this.#output.beforeFlush(this.#flush);
    else this.#flushTimer = setTimeout(this.#flush, wait);
  }

  reject(tag: number, requeue: boolean): void {
    if (this.alive) this.settlement.reject(tag, requeue);
  }

  readonly #flush = (): void => {
    this.#flushing = false;
    if (!this.alive) return;
    this.#notBefore = performance.now() + Math.min(MAX_GATHER_MS, this.settlement.unsent * GATHER_MS_PER_ACK);
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

  get revoked(): AbortSignal {
    return this.#revocation.signal;
  }
  /** What was handed out is to be left alone from now on; acks of what is under way still count. */
  revoke(): void {
    this.#revocation.abort();
  }

  end(): void {
    this.alive = false;
    this.revoke();
    clearTimeout(this.#aheadTimer);
    clearTimeout(this.#flushTimer);
  }
}

export class AmqpDelivery implements Delivery {
  readonly #onSettled: (bytes: number) => void;
  readonly #attachment: Attachment;
  readonly #delivered: Delivered;
  readonly queue: string;
  #settled = false;

  constructor(queue: string, attachment: Attachment, delivered: Delivered, onSettled: (bytes: number) => void) {
    this.#onSettled = onSettled;
    this.#attachment = attachment;
    this.#delivered = delivered;
    this.queue = queue;
  }

  get body(): Buffer {
    return this.#delivered.content.body;
  }
  get routingKey(): string {
    return this.#delivered.routingKey;
  }
  get exchange(): string {
    return this.#delivered.exchange;
  }
  get contentType(): string {
    return this.#delivered.content.contentType;
  }
  get revoked(): AbortSignal {
    return this.#attachment.revoked;
  }
  get messageId(): string | undefined {
    return this.#delivered.content.messageId;
  }
  get redelivered(): boolean {
    return this.#delivered.redelivered;
  }
  get headers(): Readonly<Record<string, HeaderValue>> {
    return this.#delivered.content.headers;
  }
  get deliveryCount(): number {
    return Number(this.headers['x-delivery-count'] ?? 0);
  }
  get offset(): bigint | undefined {
    const offset = streamOffset(this.#delivered);
    return offset === undefined ? undefined : BigInt(offset);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#onSettled(this.body.length);
    return true;
  }
  ack(): void {
    if (this.#settle()) this.#attachment.ack(this.#delivered.tag);
  }
  requeue(): void {
    if (this.#settle()) this.#attachment.reject(this.#delivered.tag, true);
  }
  reject(): void {
    if (this.#settle()) this.#attachment.reject(this.#delivered.tag, false);
  }
}

export const streamOffset = ({ content }: Delivered): number | undefined =>
  content.headers['x-stream-offset'] as number | undefined;
