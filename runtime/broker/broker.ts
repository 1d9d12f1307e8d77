/**
 * The one layer between the runtime and AMQP 0.9.1. Everything else speaks this interface.
 * Publishing and consuming use separate connections (an alarm on one must not hang the other); both are rebuilt after loss,
 * with channels and consumers, without help from the caller.
 */
export type HeaderValue = string | number | boolean;

export interface OutgoingMessage {
  /** '' is the default exchange (routing key = queue). */
  exchange: string;
  routingKey: string;
  /** Further routing keys on the same exchange, direct or topic: one publish, one confirm, a copy for each queue. */
  bcc?: readonly string[];
  body: Buffer;
  contentType: string;
  /** Also used to match returns; need not be unique. */
  messageId?: string;
  headers?: Record<string, HeaderValue>;
  /** Epoch ms, sent as `timestamp` in s. */
  timestamp?: number;
  /** Default true: an unroutable message rejects with UnroutableError. */
  mandatory?: boolean;
  /** ms; for expendable messages (ticks) only. */
  expiration?: number;
  /** Default true. */
  persistent?: boolean;
}

/** Rejections of publish. PublishFailed leaves it unknown whether the broker has the message: publish again, ids are derived. */
export class UnroutableError extends Error {
  override name = 'UnroutableError';
}
export class PublishFailedError extends Error {
  override name = 'PublishFailedError';
}
/** The broker takes no body of that size, now or later (`max_message_size`; 16 MiB on RabbitMQ 4, 128 MiB on 3.x). */
export class MessageTooLargeError extends Error {
  override name = 'MessageTooLargeError';
  readonly bytes: number;
  readonly most: number;

  constructor(bytes: number, most: number) {
    super(`The message has ${bytes} bytes, and RabbitMQ takes ${most} at most.`);
    this.bytes = bytes;
    this.most = most;
  }
}

export interface Delivery {
  readonly queue: string;
  readonly body: Buffer;
  readonly routingKey: string;
  readonly exchange: string;
  readonly contentType: string;
  readonly messageId: string | undefined;
  readonly headers: Readonly<Record<string, HeaderValue>>;
  readonly redelivered: boolean;
  /** `x-delivery-count` of a quorum queue, 0 on the first delivery. */
  readonly deliveryCount: number;
  /** Stream offset, streams only. */
  readonly offset: bigint | undefined;
  /** Aborted when it is no longer this consumer's: the channel is gone, or the queue is being handed over. The broker redelivers it. */
  readonly revoked: AbortSignal;
  /** Settle exactly once; later calls are no-ops, as is any call after the channel is gone (the broker redelivers). */
  ack(): void;
  /** Back to the queue's head. */
  requeue(): void;
  /** To the queue's dead-letter exchange. */
  reject(): void;
}

export type StreamOffset = 'first' | 'next' | bigint;

export interface ConsumerOptions {
  queue: string;
  prefetch: number;
  /**
   * Bytes of deliveries in memory, about: of large ones fewer than `prefetch` are taken at a time. Not for queues with a single active
   * consumer, which changing the prefetch would pass on.
   */
  bytes?: number;
  /**
   * For queues with a single active consumer whose order counts. Deliveries go back with the channel alone, all that are not settled at
   * once and in their order, and only then does another consumer get any: the handler settles each, or returns without doing so once it is
   * revoked. Every consumer of such a queue must have the same prefetch: what comes back is put behind what came back before and was
   * not taken again, so a smaller window would mix them.
   */
  inOrder?: boolean;
  /**
   * Streams: where to attach. After a loss the layer goes on behind the last delivery; a function is asked instead, at each attachment,
   * and then every delivery from there on is handed out, also those that were before.
   */
  offset?: StreamOffset | (() => StreamOffset);
  /**
   * Called for each delivery, concurrently up to prefetch. Must settle it. A throw or rejection is logged and requeues it.
   */
  onDelivery(delivery: Delivery): void | Promise<void>;
  /** The queue vanished or consuming is refused; the layer keeps trying. For status and logs. */
  onTrouble?(error: Error): void;
}

export interface Consumer {
  readonly queue: string;
  /** Deliveries handed out and not settled. */
  readonly inFlight: number;
  /**
   * No new deliveries; resolves when those handed out are settled (in order: revoked, and their handlers have returned), or after graceMs
   * (then the broker redelivers the rest).
   */
  stop(graceMs?: number): Promise<void>;
}

export interface Broker {
  /** Resolves when the broker confirmed. Waits while the window is full or the connection is away, up to the confirm deadline. */
  publish(message: OutgoingMessage): Promise<void>;
  /** Resolves when consuming for the first time, or rejects if the queue does not exist then. */
  consume(options: ConsumerOptions): Promise<Consumer>;
  /** True while both connections are up and publishing is not blocked by an alarm. */
  readonly healthy: boolean;
  /** True while an alarm of the broker, for memory or disk, blocks publishing. */
  readonly blocked: boolean;
  /** Why not healthy, for readiness and status. */
  readonly trouble: string | undefined;
  /** Called on each change of `healthy`. */
  onHealth(listener: (healthy: boolean) => void): () => void;
  /** Publishes that have no confirm yet. */
  readonly unconfirmed: number;
  close(): Promise<void>;
}
