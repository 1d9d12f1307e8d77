/**
 * One AMQP 0.9.1 connection, from the socket's opening to its end: handshake, heartbeats, blocking, and frames to and from channels.
 * It is not made again here; see link.ts.
 */
import { connect as connectPlain, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { Channel, type ChannelEvents } from './channel.ts';
import { AmqpError } from './errors.ts';
import { FRAME_END, FRAME_OVERHEAD, FrameReader, HEARTBEAT, METHOD } from './frames.ts';
import {
  type Argument,
  Arguments,
  CONNECTION_BLOCKED,
  CONNECTION_CLOSE,
  CONNECTION_CLOSE_OK,
  CONNECTION_OPEN,
  CONNECTION_OPEN_OK,
  CONNECTION_START,
  CONNECTION_START_OK,
  CONNECTION_TUNE,
  CONNECTION_TUNE_OK,
  CONNECTION_UNBLOCKED,
  methodFrame,
} from './methods.ts';
import { Output } from './output.ts';

export interface ConnectionOptions {
  tls: boolean;
  host: string;
  port: number;
  user: string;
  password: string;
  vhost: string;
  /** Shown by the broker. */
  name: string;
  /** PEM of the authority that signed the broker's certificate. */
  ca?: string | undefined;
  /** Seconds between signs of life; a peer that gives none for twice as long is lost. */
  heartbeat: number;
  /** For the whole of the opening. */
  timeoutMs: number;
}
export interface ConnectionEvents {
  /** Once, for a connection that was open. Without an error it was closed by `close`. */
  onClose(error: Error | undefined): void;
  /** The reason, or that the broker accepts publishing again. */
  onBlocked(reason: string | undefined): void;
}

const PROTOCOL = Buffer.from('AMQP\0\0\u0009\u0001', 'latin1');
const HEARTBEAT_FRAME = Buffer.from([HEARTBEAT, 0, 0, 0, 0, 0, 0, FRAME_END]);
const FRAME_MAX = 131_072;
const KEEP_ALIVE_MS = 10_000;
const CAPABILITIES = {
  publisher_confirms: true,
  'basic.nack': true,
  consumer_cancel_notify: true,
  'connection.blocked': true,
  authentication_failure_close: true,
};

/** Resolves when the vhost is open; rejects with AmqpError where the broker says why not. */
export async function openConnection(options: ConnectionOptions, events: ConnectionEvents): Promise<Connection> {
  const { tls, host, port, ca } = options;
  const socket = tls
    ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...(ca === undefined ? {} : { ca: [ca] }) })
    : connectPlain({ host, port });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  const connection = new Connection(socket, events);
  const timer = setTimeout(
    () => connection.fail(new Error(`The broker did not open the connection within ${options.timeoutMs} ms`)),
    options.timeoutMs,
  );
  try {
    socket.once(tls ? 'secureConnect' : 'connect', () => socket.write(PROTOCOL));
    await connection.shakeHands(options);
    return connection;
  } catch (error) {
    connection.fail(error as Error);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

export class Connection {
  readonly output: Output;
  readonly #socket: Duplex;
  readonly #events: ConnectionEvents;
  readonly #reader: FrameReader;
  readonly #channels = new Map<number, Channel>();
  /** Of a frame, its overhead included. */
  frameMax = FRAME_MAX;
  #channelMax = 0;
  /** What channel 0 waits for. */
  #expected: { method: number; resolve(args: Arguments): void; reject(error: Error): void } | undefined;
  #isOpen = false;
  #over = false;
  #heart: NodeJS.Timeout | undefined;
  #heard = true;

  constructor(socket: Duplex, events: ConnectionEvents) {
    this.#socket = socket;
    this.#events = events;
    this.output = new Output(socket);
    this.#reader = new FrameReader(FRAME_MAX - FRAME_OVERHEAD, (type, channel, bytes, start, end) =>
      this.#frame(type, channel, bytes, start, end),
    );
    socket.on('data', (chunk: Buffer) => {
      this.#heard = true;
      if (this.#over) return;
      try {
        this.#reader.push(chunk);
      } catch (error) {
        this.fail(error as Error);
      }
    });
    socket.on('error', (error: Error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('The broker closed the connection without a word')));
  }

  async shakeHands({ user, password, vhost, name, heartbeat }: ConnectionOptions): Promise<void> {
    await this.#expect(CONNECTION_START);
    const properties = { product: 'Crossdock', platform: 'Node.js', connection_name: name, capabilities: CAPABILITIES };
    const response = `\0${user}\0${password}`;
    this.#send(CONNECTION_START_OK, [{ table: properties }, 'PLAIN', { longText: response }, 'en_US']);
    const tune = await this.#expect(CONNECTION_TUNE);
    this.#channelMax = tune.short() || 0xffff;
    this.frameMax = Math.min(tune.long() || FRAME_MAX, FRAME_MAX);
    this.#reader.maxSize = this.frameMax - FRAME_OVERHEAD;
    this.#send(CONNECTION_TUNE_OK, [{ short: this.#channelMax }, { long: this.frameMax }, { short: heartbeat }]);
    this.#send(CONNECTION_OPEN, [vhost, '', { octet: 0 }]);
    await this.#expect(CONNECTION_OPEN_OK);
    this.#isOpen = true;
    if (heartbeat > 0) this.#beat(heartbeat * 500);
  }

  #send(method: number, args: readonly Argument[] = []): void {
    this.output.append(methodFrame(0, method, args));
  }

  #expect(method: number): Promise<Arguments> {
    return new Promise((resolve, reject) => {
      this.#expected = { method, resolve, reject };
      if (this.#over) reject(new Error('The connection is closed.'));
    });
  }

  #beat(everyMs: number): void {
    let silent = 0;
    this.#heart = setInterval(() => {
      silent = this.#heard ? 0 : silent + 1;
      this.#heard = false;
      if (silent >= 4) this.fail(new Error('Heartbeat timeout: the broker gave no sign of life'));
      else if (!this.output.wroteSinceAsked()) this.output.append(HEARTBEAT_FRAME);
    }, everyMs);
    this.#heart.unref();
  }

  /** Opens a channel; events may come before it is open. */
  async channel(events: ChannelEvents): Promise<Channel> {
    if (this.#over) throw new Error('The connection is closed.');
    let number = 1;
    while (this.#channels.has(number)) number++;
    if (number > this.#channelMax) throw new Error(`The broker allows ${this.#channelMax} channels a connection.`);
    const channel = new Channel(this, number, events);
    this.#channels.set(number, channel);
    await channel.begin();
    return channel;
  }

  /** Of a channel that is over. */
  forget(number: number): void {
    this.#channels.delete(number);
  }

  #frame(type: number, channel: number, bytes: Buffer, start: number, end: number): void {
    if (this.#over) return;
    if (channel === 0) {
      if (type === METHOD) this.#method(bytes.readUInt32BE(start), new Arguments(bytes, start + 4, end));
      return;
    }
    const target = this.#channels.get(channel);
    if (!target) throw new Error(`The broker sent a frame on channel ${channel}, which is not open`);
    if (type === METHOD) target.method(bytes, start, end);
    else target.contentFrame(type, bytes, start, end);
  }

  #method(method: number, args: Arguments): void {
    switch (method) {
      case CONNECTION_CLOSE: {
        const error = new AmqpError('Connection closed by the broker', args.short(), args.text());
        this.#send(CONNECTION_CLOSE_OK);
        this.output.flush();
        this.fail(error);
        return;
      }
      case CONNECTION_BLOCKED:
        this.#events.onBlocked(args.text());
        return;
      case CONNECTION_UNBLOCKED:
        this.#events.onBlocked(undefined);
        return;
    }
    const expected = this.#expected;
    if (expected?.method !== method)
      throw new Error(`The broker sent the method ${method.toString(16)} where it does not belong`);
    this.#expected = undefined;
    expected.resolve(args);
  }

  /** Sends what was written, says goodbye, and waits for the answer. */
  async close(): Promise<void> {
    if (this.#over) return;
    this.output.flush();
    this.#send(CONNECTION_CLOSE, [{ short: 200 }, 'Goodbye', { short: 0 }, { short: 0 }]);
    // Gone before it answered: closed all the same.
    await this.#expect(CONNECTION_CLOSE_OK).catch(() => {});
    this.fail(undefined);
  }

  /** It is over, for this cause. Later calls do nothing. */
  fail(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#heart);
    // Ends after what was written; a peer that does not take it must not hold the socket.
    this.#socket.end();
    this.#socket.destroy();
    const cause = error ?? new Error('The connection was closed.');
    this.#expected?.reject(cause);
    for (const channel of [...this.#channels.values()]) channel.end(undefined, cause);
    if (this.#isOpen) this.#events.onClose(error);
  }
}
