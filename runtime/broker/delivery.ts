/** What one channel's life gives: the deliveries of that generation, and their settling. */
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Delivery, HeaderValue } from './broker.ts';
import type { Live } from './link.ts';
import { Settlement } from './settlement.ts';

/** How long acks ahead of a slow delivery wait to be sent together. */
const AHEAD_MS = 5;

/** A channel that consumes, while it lives: the generation that its deliveries belong to. */
export class Attachment {
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

export class AmqpDelivery implements Delivery {
  readonly #onSettled: () => void;
  readonly #attachment: Attachment;
  readonly #message: ConsumeMessage;
  readonly queue: string;
  #headers: Readonly<Record<string, HeaderValue>> | undefined;
  #settled = false;

  constructor(queue: string, attachment: Attachment, message: ConsumeMessage, onSettled: () => void) {
    this.#onSettled = onSettled;
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
    this.#onSettled();
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

export const streamOffset = (message: ConsumeMessage): number | undefined =>
  message.properties.headers?.['x-stream-offset'] as number | undefined;
