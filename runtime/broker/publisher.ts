/**
 * Publishing with confirms on one channel. A bounded number of messages is unconfirmed at a time; the rest wait in order. What
 * was unconfirmed when the channel went is published again on the next one, so a broker's restart is a delay to the caller; the
 * confirm deadline counts from the call of `publish`.
 */
import { MessageTooLargeError, type OutgoingMessage, PublishFailedError, UnroutableError } from './broker.ts';
import type { Channel } from './codec/channel.ts';
import { ACCESS_REFUSED, type AmqpError, NOT_FOUND, PRECONDITION_FAILED } from './codec/errors.ts';
import { backoffMs, type Log } from './common.ts';
import type { Link, Live } from './link.ts';

export interface PublisherOptions {
  /** Messages without a confirm. */
  window: number;
  confirmDeadlineMs: number;
  log: Log;
}

/** Bytes of bodies without a confirm; a single larger body still goes, alone. */
const WINDOW_BYTES = 64 * 1024 * 1024;

class Pending {
  readonly message: OutgoingMessage;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** On the clock of performance.now(). */
  readonly deadline: number;
  /** Reply text of a basic.return; the confirm follows. */
  returned: string | undefined;

  constructor(message: OutgoingMessage, resolve: () => void, reject: (error: Error) => void, deadline: number) {
    this.message = message;
    this.resolve = resolve;
    this.reject = reject;
    this.deadline = deadline;
    this.returned = undefined;
  }
}

export class Publisher {
  readonly #link: Link;
  readonly #options: PublisherOptions;
  #channel: Channel | undefined;
  /** By the channel's publish sequence. */
  readonly #inFlight = new Map<number, Pending>();
  #inFlightBytes = 0;
  /** Bytes of a body that the broker takes, once it has refused one: it does not tell before. */
  #mostBytes = Number.POSITIVE_INFINITY;
  #sequence = 0;
  /** No sequence below is in flight. */
  #lowest = 1;
  #waiting: Pending[] = [];
  #waitingHead = 0;
  #attempt = 0;
  #reopen: NodeJS.Timeout | undefined;
  readonly #sweep: NodeJS.Timeout;
  #closed = false;
  #idle: PromiseWithResolvers<void> | undefined;
  /** Why there is no channel though there is a connection. */
  trouble: string | undefined;

  constructor(link: Link, options: PublisherOptions) {
    this.#link = link;
    this.#options = options;
    this.#sweep = setInterval(() => this.#expire(), Math.min(1_000, options.confirmDeadlineMs / 4));
    this.#sweep.unref();
    link.onUp = (live) => void this.#open(live);
    link.onDown = () => {
      clearTimeout(this.#reopen);
      // It may come back with another limit.
      this.#mostBytes = Number.POSITIVE_INFINITY;
    };
  }

  get ready(): boolean {
    return this.#channel !== undefined;
  }
  get unconfirmed(): number {
    return this.#inFlight.size + this.#waiting.length - this.#waitingHead;
  }

  publish(message: OutgoingMessage): Promise<void> {
    if (this.#closed) return Promise.reject(new PublishFailedError('The broker connection is closed.'));
    return new Promise((resolve, reject) => {
      const deadline = performance.now() + this.#options.confirmDeadlineMs;
      const pending = new Pending(message, resolve, reject, deadline);
      if (this.#waiting.length === this.#waitingHead && this.#mayPublish(message)) this.#publish(pending);
      else this.#waiting.push(pending);
    });
  }

  #mayPublish(message: OutgoingMessage): boolean {
    return (
      this.#channel !== undefined &&
      this.#link.blocked === undefined &&
      this.#inFlight.size < this.#options.window &&
      (this.#inFlightBytes + message.body.length <= WINDOW_BYTES || this.#inFlight.size === 0)
    );
  }

  #publish(pending: Pending): void {
    const { message } = pending;
    if (message.body.length > this.#mostBytes) {
      pending.reject(new MessageTooLargeError(message.body.length, this.#mostBytes));
      return;
    }
    const mandatory = message.mandatory ?? true;
    const sequence = this.#sequence + 1;
    try {
      this.#channel!.publish(
        {
          exchange: message.exchange,
          routingKey: message.routingKey,
          mandatory,
          contentType: message.contentType,
          // RabbitMQ takes it off before anybody gets the message.
          headers: message.bcc?.length ? { ...message.headers, BCC: message.bcc } : message.headers,
          persistent: message.persistent ?? true,
          // What a return is matched by; it comes back before the confirm.
          correlationId: mandatory ? String(sequence) : undefined,
          expiration: message.expiration === undefined ? undefined : String(message.expiration),
          messageId: message.messageId,
          timestamp: message.timestamp === undefined ? undefined : Math.floor(message.timestamp / 1_000),
        },
        message.body,
      );
    } catch (error) {
      pending.reject(new PublishFailedError(`The message cannot be encoded: ${(error as Error).message}`));
      return;
    }
    this.#sequence = sequence;
    this.#inFlight.set(sequence, pending);
    this.#inFlightBytes += message.body.length;
  }

  /** Publishes what waits, as far as the window allows. */
  pump(): void {
    while (this.#waitingHead < this.#waiting.length) {
      const pending = this.#waiting[this.#waitingHead]!;
      if (!this.#mayPublish(pending.message)) break;
      this.#waitingHead++;
      this.#publish(pending);
    }
    if (this.#waitingHead > 0 && this.#waitingHead * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#waitingHead);
      this.#waitingHead = 0;
    }
    if (this.unconfirmed === 0) this.#idle?.resolve();
  }

  async #open(live: Live): Promise<void> {
    let channel: Channel | undefined;
    try {
      channel = await live.connection.channel({
        onClose: (error) => this.#lost(channel, live, error),
        onConfirm: (sequence, multiple, accepted) => this.#confirmed(sequence, multiple, accepted ? undefined : NACKED),
        onReturn: (replyText, { correlationId }) => this.#returned(replyText, Number(correlationId)),
      });
      await channel.confirmSelect();
      if (!live.alive) return;
      this.#sequence = 0;
      this.#lowest = 1;
      this.#channel = channel;
      this.trouble = undefined;
      this.#link.onChange();
      this.pump();
    } catch (error) {
      this.#again(live, error as Error);
    }
  }

  #again(live: Live, error: Error): void {
    if (!live.alive || this.#closed) return;
    this.trouble = error.message;
    this.#link.onChange();
    this.#reopen = setTimeout(
      () => {
        if (live.alive) void this.#open(live);
      },
      backoffMs(this.#attempt++),
    );
  }

  #lost(channel: Channel | undefined, live: Live, error: AmqpError | undefined): void {
    if (channel === undefined || channel !== this.#channel) return;
    this.#channel = undefined;
    const blamed = error === undefined ? undefined : culprit(error);
    this.#mostBytes = Math.min(this.#mostBytes, mostBytesIn(error));
    const again: Pending[] = [];
    for (const pending of this.#inFlight.values()) {
      if (pending.message.body.length > this.#mostBytes) {
        pending.reject(new MessageTooLargeError(pending.message.body.length, this.#mostBytes));
      } else if (error !== undefined && (blamed === undefined || blamed(pending.message))) {
        const missing = error.code === NOT_FOUND;
        pending.reject(missing ? new UnroutableError(error.message) : new PublishFailedError(error.message));
      } else {
        pending.returned = undefined;
        again.push(pending);
      }
    }
    this.#inFlight.clear();
    this.#inFlightBytes = 0;
    this.#waiting = [...again, ...this.#waiting.slice(this.#waitingHead)];
    this.#waitingHead = 0;
    if (error) {
      this.#options.log.warn('The broker refused a message', { error: error.message });
      this.#again(live, error);
    }
  }

  #confirmed(tag: number, multiple: boolean, failure: string | undefined): void {
    this.#attempt = 0;
    if (multiple) for (let sequence = this.#lowest; sequence < tag; sequence++) this.#settle(sequence, failure);
    this.#settle(tag, failure);
    if (multiple || tag === this.#lowest) this.#lowest = tag + 1;
    this.pump();
  }

  #settle(sequence: number, failure: string | undefined): void {
    const pending = this.#inFlight.get(sequence);
    if (pending === undefined) return;
    this.#inFlight.delete(sequence);
    this.#inFlightBytes -= pending.message.body.length;
    if (failure !== undefined) pending.reject(new PublishFailedError(failure));
    else if (pending.returned !== undefined) pending.reject(new UnroutableError(unroutable(pending)));
    else pending.resolve();
  }

  #returned(replyText: string, sequence: number): void {
    const pending = this.#inFlight.get(sequence);
    if (pending) pending.returned = replyText;
  }

  #expire(): void {
    const now = performance.now();
    const late = `No confirm from the broker within ${this.#options.confirmDeadlineMs} ms`;
    for (const [sequence, pending] of this.#inFlight) {
      if (pending.deadline <= now) this.#settle(sequence, `${late}.`);
    }
    if (this.#waiting.length > this.#waitingHead) {
      const cause = this.#link.blocked ?? this.#link.trouble ?? this.trouble;
      const text = cause === undefined ? `${late}: too many before it.` : `${late}: ${cause}`;
      const waiting = this.#waiting.slice(this.#waitingHead);
      this.#waiting = waiting.filter((pending) => pending.deadline > now);
      this.#waitingHead = 0;
      for (const pending of waiting) if (pending.deadline <= now) pending.reject(new PublishFailedError(text));
    }
    this.pump();
  }

  /** Takes no more; resolves when all is settled, or after `graceMs`, when the rest is rejected. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    if (this.unconfirmed > 0) {
      this.#idle = Promise.withResolvers<void>();
      const timer = setTimeout(() => this.#idle?.resolve(), graceMs);
      await this.#idle.promise;
      clearTimeout(timer);
    }
    clearInterval(this.#sweep);
    clearTimeout(this.#reopen);
    const rest = [...this.#inFlight.values(), ...this.#waiting.slice(this.#waitingHead)];
    this.#inFlight.clear();
    this.#waiting = [];
    this.#waitingHead = 0;
    for (const pending of rest) pending.reject(new PublishFailedError('Closed before the broker confirmed.'));
  }
}

const NACKED = 'The broker refused the message (basic.nack): a queue is full or has no leader.';

const unroutable = ({ message, returned }: Pending): string =>
  `No queue is bound to exchange '${message.exchange}' for key '${message.routingKey}' (${returned}).`;

/** Which of the unconfirmed a channel error is about; `undefined` if it does not say. */
function culprit(error: AmqpError): ((message: OutgoingMessage) => boolean) | undefined {
  if (error.code === NOT_FOUND || error.code === ACCESS_REFUSED) {
    const exchange = /exchange '([^']*)' in vhost/.exec(error.message)?.[1];
    if (exchange !== undefined) return (message) => message.exchange === exchange;
  }
  // The one that was too large is known by its size.
  if (mostBytesIn(error) < Number.POSITIVE_INFINITY) return () => false;
  return undefined;
}

function mostBytesIn(error: AmqpError | undefined): number {
  const most =
    error?.code === PRECONDITION_FAILED && /message size \d+ is larger than .*?size (\d+)/.exec(error.message);
  return most ? Number(most[1]) : Number.POSITIVE_INFINITY;
}
