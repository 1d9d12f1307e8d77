/** One channel of a connection: its calls one after another, its publishes and deliveries as they come. */
import type { Connection } from './connection.ts';
import { Content, type Publish, writePublish } from './content.ts';
import { AmqpError } from './errors.ts';
import { BODY, HEADER } from './frames.ts';
import {
  type Argument,
  Arguments,
  BASIC_ACK,
  BASIC_CANCEL,
  BASIC_CANCEL_OK,
  BASIC_CONSUME,
  BASIC_CONSUME_OK,
  BASIC_DELIVER,
  BASIC_NACK,
  BASIC_QOS,
  BASIC_QOS_OK,
  BASIC_REJECT,
  BASIC_RETURN,
  CHANNEL_CLOSE,
  CHANNEL_CLOSE_OK,
  CHANNEL_FLOW,
  CHANNEL_FLOW_OK,
  CHANNEL_OPEN,
  CHANNEL_OPEN_OK,
  CONFIRM_SELECT,
  CONFIRM_SELECT_OK,
  methodFrame,
  writeSettle,
} from './methods.ts';
import { type Fields, readUInt64 } from './values.ts';

/** What a channel tells; all may stay unset. */
export interface ChannelEvents {
  /** Once, when it is over: by `close`, by the broker (with the error), or with its connection. */
  onClose?(error: AmqpError | undefined): void;
  onDelivery?(delivery: Delivered): void;
  /** The broker ended a consumer: its queue is gone, or moved. */
  onCancelled?(consumerTag: string): void;
  /** A publish came back; its confirm follows. */
  onReturn?(replyText: string, content: Content): void;
  /** Of publishes, counted from 1. */
  onConfirm?(sequence: number, multiple: boolean, accepted: boolean): void;
}

/** A message of a consumer. */
export interface Delivered {
  readonly tag: number;
  readonly redelivered: boolean;
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Content;
}

class Delivery implements Delivered {
  readonly tag: number;
  readonly redelivered: boolean;
  readonly content: Content;
  /** Of the method's frame: exchange and routing key. */
  readonly #names: Buffer;

  constructor(tag: number, redelivered: boolean, names: Buffer, content: Content) {
    this.tag = tag;
    this.redelivered = redelivered;
    this.#names = names;
    this.content = content;
  }
  get exchange(): string {
    return this.#names.toString('utf8', 1, 1 + this.#names[0]!);
  }
  get routingKey(): string {
    const at = 2 + this.#names[0]!;
    return this.#names.toString('utf8', at, at + this.#names[at - 1]!);
  }
}

interface Call {
  frame: Buffer;
  answer: number;
  resolve(args: Arguments): void;
  reject(error: Error): void;
}

export class Channel {
  readonly #connection: Connection;
  readonly number: number;
  readonly #events: ChannelEvents;
  readonly #calls: Call[] = [];
  /** The method whose content is coming. */
  #coming: ((content: Content) => void) | undefined;
  #content: Content | undefined;
  #parts: Buffer[] = [];
  #missing = 0;
  open = true;

  constructor(connection: Connection, number: number, events: ChannelEvents) {
    this.#connection = connection;
    this.number = number;
    this.#events = events;
  }

  async begin(): Promise<void> {
    await this.#call(CHANNEL_OPEN, [''], CHANNEL_OPEN_OK);
  }
  async confirmSelect(): Promise<void> {
    await this.#call(CONFIRM_SELECT, [{ octet: 0 }], CONFIRM_SELECT_OK);
  }
  /** Of the consumers that begin later. */
  async prefetch(count: number): Promise<void> {
    await this.#call(BASIC_QOS, [{ long: 0 }, { short: count }, { octet: 0 }], BASIC_QOS_OK);
  }
  /** Gives the consumer's tag. Deliveries may come before that is known. */
  async consume(queue: string, args: Fields): Promise<string> {
    const asked: Argument[] = [{ short: 0 }, queue, '', { octet: 0 }, { table: args }];
    return (await this.#call(BASIC_CONSUME, asked, BASIC_CONSUME_OK)).text();
  }
  async cancel(consumerTag: string): Promise<void> {
    await this.#call(BASIC_CANCEL, [consumerTag, { octet: 0 }], BASIC_CANCEL_OK);
  }
  async close(): Promise<void> {
    if (!this.open) return;
    const args: Argument[] = [{ short: 200 }, 'Goodbye', { short: 0 }, { short: 0 }];
    await this.#call(CHANNEL_CLOSE, args, CHANNEL_CLOSE_OK);
    this.end(undefined);
  }

  /** Throws for what cannot be encoded, and for a channel that is over. */
  publish(publish: Publish, body: Buffer): void {
    this.#mustBeOpen();
    writePublish(this.#connection.output, this.number, this.#connection.frameMax, publish, body);
  }
  ack(tag: number, multiple: boolean): void {
    this.#mustBeOpen();
    writeSettle(this.#connection.output, this.number, BASIC_ACK, tag, multiple);
  }
  reject(tag: number, requeue: boolean): void {
    this.#mustBeOpen();
    writeSettle(this.#connection.output, this.number, BASIC_REJECT, tag, requeue);
  }

  #mustBeOpen(): void {
    if (!this.open) throw new Error('The channel is closed.');
  }

  #call(method: number, args: readonly Argument[], answer: number): Promise<Arguments> {
    return new Promise((resolve, reject) => {
      this.#mustBeOpen();
      this.#calls.push({ frame: methodFrame(this.number, method, args), answer, resolve, reject });
      if (this.#calls.length === 1) this.#connection.output.append(this.#calls[0]!.frame);
    });
  }

  #answered(answer: number, args: Arguments): void {
    const call = this.#calls.shift();
    if (call?.answer !== answer) throw new Error(`The broker answered with ${answer.toString(16)} what was not asked`);
    call.resolve(args);
    if (this.#calls[0]) this.#connection.output.append(this.#calls[0].frame);
  }

  /** Of the connection: a method frame's payload. */
  method(bytes: Buffer, start: number, end: number): void {
    if (this.#coming) throw new Error('The broker sent a method where content must follow');
    const method = bytes.readUInt32BE(start);
    if (method === BASIC_DELIVER) {
      const behindTag = start + 5 + bytes[start + 4]!;
      const tag = readUInt64(bytes, behindTag);
      const redelivered = bytes[behindTag + 8] !== 0;
      const names = bytes.subarray(behindTag + 9, end);
      this.#coming = (content) => this.#events.onDelivery?.(new Delivery(tag, redelivered, names, content));
      return;
    }
    const args = new Arguments(bytes, start + 4, end);
    switch (method) {
      case BASIC_ACK:
      case BASIC_NACK: {
        const sequence = args.longlong();
        this.#events.onConfirm?.(sequence, (args.octet() & 1) === 1, method === BASIC_ACK);
        return;
      }
      case BASIC_RETURN: {
        args.short();
        const replyText = args.text();
        this.#coming = (content) => this.#events.onReturn?.(replyText, content);
        return;
      }
      case BASIC_CANCEL: {
        const tag = args.text();
        if ((args.octet() & 1) === 0) this.#connection.output.append(methodFrame(this.number, BASIC_CANCEL_OK, [tag]));
        this.#events.onCancelled?.(tag);
        return;
      }
      case CHANNEL_FLOW:
        this.#connection.output.append(methodFrame(this.number, CHANNEL_FLOW_OK, [{ octet: args.octet() }]));
        return;
      case CHANNEL_CLOSE: {
        const error = new AmqpError('Channel closed by the broker', args.short(), args.text());
        this.#connection.output.append(methodFrame(this.number, CHANNEL_CLOSE_OK));
        this.end(error);
        return;
      }
      default:
        this.#answered(method, args);
    }
  }

  /** Of the connection: a header's or body's payload. */
  contentFrame(type: number, bytes: Buffer, start: number, end: number): void {
    if (!this.#coming) throw new Error('The broker sent content that no method announced');
    if (type === HEADER) {
      if (this.#content) throw new Error('The broker sent two headers of one content');
      this.#content = new Content(bytes.subarray(start, end));
      this.#missing = this.#content.size;
      if (this.#missing > 0) return;
    } else if (type === BODY) {
      if (!this.#content) throw new Error('The broker sent a body without its header');
      this.#missing -= end - start;
      if (this.#missing < 0) throw new Error('The broker sent more content than it announced');
      const part = bytes.subarray(start, end);
      if (this.#missing > 0) {
        this.#parts.push(part);
        return;
      }
      if (this.#parts.length === 0) this.#content.body = part;
      else {
        this.#content.body = Buffer.concat([...this.#parts, part]);
        this.#parts = [];
      }
    }
    const [coming, content] = [this.#coming, this.#content!];
    this.#coming = undefined;
    this.#content = undefined;
    coming(content);
  }

  /** It is over; tells whoever waits. Of the connection too. */
  end(error: AmqpError | undefined, cause: Error | undefined = error): void {
    if (!this.open) return;
    this.open = false;
    this.#connection.forget(this.number);
    for (const call of this.#calls.splice(0)) {
      if (error === undefined && cause === undefined && call.answer === CHANNEL_CLOSE_OK) continue;
      call.reject(cause ?? new Error('The channel was closed.'));
    }
    this.#events.onClose?.(error);
  }
}
