/**
 * HTTP to the API server over what client-node's KubeConfig knows of authentication and TLS. One dispatcher for the life of
 * the process (a new agent per request leaks file descriptors); credentials are asked for on every request and read anew
 * once after a 401, because a rotated service account token stays cached otherwise.
 */
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, request } from 'undici';
import { KubeError } from './errors.ts';

export interface TransportOptions {
  /** Called at the start and after each 401; must return a newly loaded KubeConfig. */
  load: () => KubeConfig;
}
export interface Exchange {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT';
  /** Path with query. */
  path: string;
  contentType?: string;
  body?: string;
  signal: AbortSignal;
  /** Asked when everything is ready, right before the request goes out; throws where it must not any more. */
  mayBegin?: () => unknown;
}
interface Credentials {
  server: string;
  headers: Record<string, string>;
  tls: Record<string, unknown>;
}

export class Transport {
  readonly #load: () => KubeConfig;
  #config: KubeConfig;
  #agent: Agent | undefined;
  #agentKey = '';

  constructor(options: TransportOptions) {
    this.#load = options.load;
    this.#config = options.load();
  }

  /** The answer's head and body stream, whatever its status. Throws KubeError Unavailable when there is no answer. */
  async exchange(exchange: Exchange): Promise<Dispatcher.ResponseData> {
    const first = await this.#send(exchange);
    if (first.statusCode !== 401) return first;
    await first.body.dump();
    this.#config = this.#load();
    return this.#send(exchange);
  }

  async close(): Promise<void> {
    await this.#agent?.destroy();
  }

  async #send(exchange: Exchange): Promise<Dispatcher.ResponseData> {
    try {
      const { server, headers, tls } = await this.#credentials();
      if (exchange.contentType) headers['content-type'] = exchange.contentType;
      headers.accept = 'application/json';
      headers['user-agent'] = 'crossdock-operator';
      exchange.mayBegin?.();
      return await request(server + exchange.path, {
        method: exchange.method,
        headers,
        body: exchange.body ?? null,
        signal: exchange.signal,
        dispatcher: this.#dispatcher(tls),
      });
    } catch (error) {
      throw unavailable(error, `${exchange.method} ${exchange.path.split('?')[0]}`);
    }
  }

  async #credentials(): Promise<Credentials> {
    const cluster = this.#config.getCurrentCluster();
    if (!cluster) throw new Error('the kubeconfig names no cluster for its current context');
    const options: RequestOptions & { headers: Record<string, string> } = { headers: {} };
    await this.#config.applyToHTTPSOptions(options);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers)) headers[name.toLowerCase()] = `${value}`.trim();
    if (options.auth) headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
    const tls = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername };
    return { server: cluster.server.replace(/\/$/, ''), headers, tls: definedOnly(tls) };
  }

  /** The one dispatcher; replaced only when the TLS identity itself was rotated. */
  #dispatcher(tls: Record<string, unknown>): Agent {
    const key = JSON.stringify(tls, (_, value) => (Buffer.isBuffer(value) ? value.toString('base64') : value));
    if (this.#agent && this.#agentKey === key) return this.#agent;
    void this.#agent?.close();
    this.#agentKey = key;
    this.#agent = new Agent({
      connect: { ...tls, timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 10_000 },
      keepAliveTimeout: 30_000,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return this.#agent;
  }
}

export function unavailable(error: unknown, what: string): KubeError {
  if (error instanceof KubeError) return error;
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  const why = name === 'TimeoutError' ? 'no answer before the deadline' : (code ?? message ?? String(error));
  return new KubeError('Unavailable', 0, `${what}: ${why}`, { cause: error });
}

const definedOnly = (value: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));
