/** One connection that is made again after each loss, until it is closed. Who uses it makes channels again in `onUp`. */
import { type Connection, openConnection } from './codec/connection.ts';
import { AmqpError, NOT_ALLOWED } from './codec/errors.ts';
import { backoff, type Log, within } from './common.ts';

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
export interface Live {
  readonly connection: Connection;
  alive: boolean;
}

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
        const { promise: lost, resolve: lose } = Promise.withResolvers<Error | undefined>();
        const live = await this.#connect(lose);
        const upSince = performance.now();
        this.#adopt(live);
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

  /** `lost` is called once, with the cause, when the connection is gone. */
  async #connect(lost: (cause: Error | undefined) => void): Promise<Live> {
    const { name, log, heartbeat } = this.#options;
    const ca = current(this.#options.ca);
    const { host: _, ...target } = this.#url;
    let live: Live | undefined;
    const connection = await openConnection(
      { ...target, host: target.hostname, name, ca, heartbeat, timeoutMs: CONNECT_TIMEOUT_MS },
      {
        onClose: (cause) => {
          if (live) live.alive = false;
          this.live = undefined;
          this.blocked = undefined;
          this.trouble = describe(cause ?? new Error('The connection was closed.'), target.vhost);
          this.onDown();
          this.onChange();
          lost(cause);
        },
        onBlocked: (reason) => {
          this.blocked = reason;
          if (reason === undefined) log.info('The broker accepts publishing again', { connection: name });
          else log.warn('The broker blocks publishing', { connection: name, reason });
          this.onChange();
        },
      },
    );
    live = { connection, alive: true };
    return live;
  }

  #adopt(live: Live): void {
    this.live = live;
    this.trouble = undefined;
    this.#logged = undefined;
    this.onUp(live);
    this.onChange();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const connection = this.live?.connection;
    if (connection) {
      await within(connection.close(), CLOSE_TIMEOUT_MS);
      connection.fail(undefined);
    }
    await within(this.#loop ?? Promise.resolve(), CLOSE_TIMEOUT_MS);
  }
}

interface Address {
  tls: boolean;
  hostname: string;
  port: number;
  user: string;
  password: string;
  vhost: string;
  /** What may be shown. */
  host: string;
}

/** With the vhost if another is wanted. */
function address(options: LinkOptions): Address {
  let url: URL;
  try {
    url = new URL(current(options.uri));
  } catch {
    throw new Error('The broker URI is not of the form amqp://user:password@host:port/vhost.');
  }
  if (url.protocol !== 'amqp:' && url.protocol !== 'amqps:')
    throw new Error(`The broker URI must begin with amqp:// or amqps://, not ${url.protocol}//.`);
  const tls = url.protocol === 'amqps:';
  return {
    tls,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (tls ? 5671 : 5672),
    user: decodeURIComponent(url.username) || 'guest',
    password: decodeURIComponent(url.password) || (url.username === '' ? 'guest' : ''),
    vhost: options.vhost ?? (decodeURIComponent(url.pathname.slice(1)) || '/'),
    host: url.host,
  };
}

function describe(error: Error, vhost: string): string {
  if (error instanceof AmqpError && error.code === NOT_ALLOWED)
    return `the virtual host '${vhost}' does not exist, is being started, or the user has no permission in it (${error.message})`;
  // Node gathers the refusals of several addresses in an error without a message.
  if (error instanceof AggregateError) return error.errors.map((each) => (each as Error).message).join('; ');
  return error.message;
}
