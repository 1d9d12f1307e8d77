/** One connection that is made again after each loss, until it is closed. Who uses it makes channels again in `onUp`. */
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { backoff, type Log, within } from './common.ts';
import { socketOf, TurnWriter } from './wire.ts';

export interface LinkOptions {
  /** A function is asked at each attempt to connect: what it gives may have been rotated since. */
  uri: Current<string>;
  vhost?: string | undefined;
  /** Shown by the broker as the connection's name. */
  name: string;
  log: Log;
  ca?: Current<string | undefined>;
  /** Seconds. */
  heartbeat: number;
  onTrouble?: ((error: Error) => void) | undefined;
}

/** A value, or where to get the one in force. */
export type Current<T> = T | (() => T);
const current = <T extends string | undefined>(value: Current<T>): T => (typeof value === 'function' ? value() : value);

/** A connection while it lives. */
export class Live {
  readonly model: ChannelModel;
  readonly writer: TurnWriter;
  alive = true;

  constructor(model: ChannelModel) {
    this.model = model;
    this.writer = new TurnWriter(socketOf(model));
  }

  /** Its errors are logged by whoever opened it, through `onClose`, which is called once. */
  async channel(confirm: boolean, onClose: (error: AmqpError | undefined) => void): Promise<Channel> {
    const channel = confirm ? await this.model.createConfirmChannel() : await this.model.createChannel();
    let cause: AmqpError | undefined;
    channel.on('error', (error: AmqpError) => {
      cause = error;
    });
    channel.on('close', () => onClose(cause));
    this.writer.coalesce(channel);
    return channel;
  }
}

/** amqplib's errors carry the AMQP reply code of a close. */
export interface AmqpError extends Error {
  code?: number;
}
export const NOT_FOUND = 404;
export const ACCESS_REFUSED = 403;
export const PRECONDITION_FAILED = 406;

const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;

export class Link {
  /** Listeners that are told of the connection's life; set before `start`. */
  onUp: (live: Live) => void = () => {};
  onDown: () => void = () => {};
  onChange: () => void = () => {};
  live: Live | undefined;
  /** Reason given by the broker while an alarm blocks publishing. */
  blocked: string | undefined;
  /** Why there is no connection. */
  trouble: string | undefined = 'not connected yet';
  readonly #options: LinkOptions;
  #url: Address;
  readonly #closing = new AbortController();
  #loop: Promise<void> | undefined;
  /** The trouble last logged: the same one is not logged at each attempt. */
  #logged: string | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#url = address(options);
  }

  /** Resolves when connected for the first time, or when closed before. */
  start(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closing.signal.addEventListener('abort', () => resolve());
    this.#loop = this.#run(resolve);
    return promise;
  }

  async #run(connected: () => void): Promise<void> {
    const { log, name } = this.#options;
    const signal = this.#closing.signal;
    let attempt = 0;
    while (!signal.aborted) {
      try {
        this.#url = address(this.#options);
        const model = await this.#connect();
        const upSince = performance.now();
        const lost = this.#adopt(model);
        log.info('Connected to the broker', { connection: name, host: this.#url.host });
        connected();
        const error = await lost;
        // A broker that accepts and drops at once is not hammered.
        attempt = performance.now() - upSince > 5_000 ? 0 : attempt + 1;
        if (signal.aborted) return;
        this.#report(error ?? new Error('The connection was closed.'), 'Lost the connection to the broker');
      } catch (error) {
        if (signal.aborted) return;
        attempt++;
        this.#report(error as Error, 'Cannot connect to the broker');
      }
      await backoff(attempt, signal);
    }
  }

  #report(error: Error, message: string): void {
    const text = describe(error, this.#url.vhost);
    if (text !== this.#logged) {
      const fields = { connection: this.#options.name, host: this.#url.host, error: text };
      this.#options.log.warn(`${message}; trying again`, fields);
    }
    this.#logged = text;
    this.trouble = text;
    this.onChange();
    this.#options.onTrouble?.(new Error(`${message} at ${this.#url.host}: ${text}`, { cause: error }));
  }

  #connect(): Promise<ChannelModel> {
    const { name } = this.#options;
    const ca = current(this.#options.ca);
    return connect(this.#url.address, {
      noDelay: true,
      keepAlive: true,
      keepAliveDelay: 10_000,
      timeout: CONNECT_TIMEOUT_MS,
      clientProperties: { connection_name: name },
      ...(ca === undefined ? {} : { ca: [ca] }),
    });
  }

  /** Resolves with the cause when the connection is gone. */
  #adopt(model: ChannelModel): Promise<Error | undefined> {
    const live = new Live(model);
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    let cause: Error | undefined;
    model.on('error', (error: Error) => {
      cause = error;
    });
    model.on('close', (error?: Error) => {
      live.alive = false;
      this.live = undefined;
      this.blocked = undefined;
      this.trouble = describe(cause ?? error ?? new Error('The connection was closed.'), this.#url.vhost);
      socketOf(model).destroy();
      this.onDown();
      this.onChange();
      resolve(cause ?? error);
    });
    model.on('blocked', (reason: string) => {
      this.blocked = reason;
      this.#options.log.warn('The broker blocks publishing', { connection: this.#options.name, reason });
      this.onChange();
    });
    model.on('unblocked', () => {
      this.blocked = undefined;
      this.#options.log.info('The broker accepts publishing again', { connection: this.#options.name });
      this.onChange();
    });
    this.live = live;
    this.trouble = undefined;
    this.#logged = undefined;
    this.onUp(live);
    this.onChange();
    return promise;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const live = this.live;
    if (live) {
      live.writer.flush();
      await within(live.model.close(), CLOSE_TIMEOUT_MS);
      socketOf(live.model).destroy();
    }
    await within(this.#loop ?? Promise.resolve(), CLOSE_TIMEOUT_MS);
  }
}

interface Address {
  address: string;
  host: string;
  vhost: string;
}

/** With the heartbeat, and the vhost if another is wanted. `host` is what may be shown. */
function address(options: LinkOptions): Address {
  let url: URL;
  try {
    url = new URL(current(options.uri));
  } catch {
    throw new Error('The broker URI is not of the form amqp://user:password@host:port/vhost.');
  }
  if (url.protocol !== 'amqp:' && url.protocol !== 'amqps:')
    throw new Error(`The broker URI must begin with amqp:// or amqps://, not ${url.protocol}//.`);
  if (options.vhost !== undefined) url.pathname = `/${encodeURIComponent(options.vhost)}`;
  url.searchParams.set('heartbeat', String(options.heartbeat));
  const vhost = decodeURIComponent(url.pathname.slice(1)) || '/';
  return { address: url.href, host: url.host, vhost };
}

function describe(error: Error, vhost: string): string {
  // All that amqplib says when the broker answers connection.open with a close.
  if (error.message.startsWith('Expected ConnectionOpenOk; got'))
    return `the virtual host '${vhost}' does not exist, is being started, or the user has no permission in it`;
  // Node gathers the refusals of several addresses in an error without a message.
  if (error instanceof AggregateError) return error.errors.map((each) => (each as Error).message).join('; ');
  return error.message;
}
