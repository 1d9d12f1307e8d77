/** RabbitMQ's management API, as far as the topology needs it. Every call has a deadline; errors say what kind they are. */
import { Agent, request } from 'undici';

export type ManagementErrorKind =
  /** No answer: refused, reset, unknown host, TLS, or past the deadline. */
  | 'unreachable'
  /** Wrong user or password. */
  | 'unauthorized'
  /** The user may not do this: no management tag, or no permission in the vhost. */
  | 'forbidden'
  | 'notFound'
  /** The object exists with other immutable arguments. */
  | 'precondition'
  | 'unexpected';

export class ManagementError extends Error {
  override name = 'ManagementError';
  readonly kind: ManagementErrorKind;
  readonly status: number | undefined;

  constructor(kind: ManagementErrorKind, message: string, status?: number, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
    this.status = status;
  }
}

export interface ActualQueue {
  name: string;
  durable: boolean;
  arguments: Record<string, unknown>;
  /** Ready, unacknowledged and being dead-lettered; absent until the broker has counted a new queue. Some seconds old. */
  messages?: number;
  messages_ready?: number;
  messages_unacknowledged?: number;
  /** At-least-once dead-lettering that the target has not confirmed; not among the ready. */
  messages_dlx?: number;
}
export interface ActualExchange {
  name: string;
  type: string;
  durable: boolean;
  arguments: Record<string, unknown>;
}
export interface ActualBinding {
  source: string;
  destination: string;
  destination_type: 'queue' | 'exchange';
  routing_key: string;
  arguments: Record<string, unknown>;
  /** Names the binding in the API. */
  properties_key: string;
}
export interface ActualPolicy {
  name: string;
  pattern: string;
  'apply-to': string;
  priority: number;
  definition: Record<string, unknown>;
}
export interface ActualUser {
  name: string;
  password_hash: string;
  hashing_algorithm: string;
  tags: string[] | string;
}
export interface Permission {
  configure: string;
  write: string;
  read: string;
}

export interface ManagementOptions {
  /** `http(s)://user:password@host:port`. Never logged. */
  uri: string;
  /** PEM of the authority that signed the certificate. */
  ca?: string | undefined;
  /** Per call. Default 10 s. */
  deadlineMs?: number | undefined;
}

const QUEUE_COLUMNS = 'name,durable,arguments,messages,messages_ready,messages_unacknowledged,messages_dlx';
const name = encodeURIComponent;

export const managementClient = (options: ManagementOptions): ManagementClient => new ManagementClient(options);

export class ManagementClient {
  /** Calls since the start, for tests and metrics. */
  readonly calls = { reads: 0, writes: 0 };
  readonly #origin: string;
  readonly #user: string;
  readonly #authorization: string;
  readonly #deadlineMs: number;
  readonly #agent: Agent;

  constructor({ uri, ca, deadlineMs }: ManagementOptions) {
    let url: URL;
    try {
      url = new URL(uri);
    } catch {
      throw new ManagementError('unexpected', 'The management URI is not of the form http://user:password@host:port.');
    }
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      throw new ManagementError('unexpected', `The management URI must begin with http or https, not ${url.protocol}`);
    this.#origin = url.origin + url.pathname.replace(/\/(api\/?)?$/, '');
    this.#user = decodeURIComponent(url.username);
    const credentials = `${this.#user}:${decodeURIComponent(url.password)}`;
    this.#authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
    this.#deadlineMs = deadlineMs ?? 10_000;
    this.#agent = new Agent({
      connections: 8,
      connect: { timeout: this.#deadlineMs, ...(ca === undefined ? {} : { ca }) },
    });
  }

  /** Where the API is, without credentials. */
  get origin(): string {
    return this.#origin;
  }
  /** The user that this client acts as. */
  get user(): string {
    return this.#user;
  }

  async overview(): Promise<{ version: string }> {
    const answer = await this.#call<{ rabbitmq_version: string }>('GET', '/overview');
    return { version: answer.rabbitmq_version };
  }

  hasVhost(vhost: string): Promise<boolean> {
    return this.#exists(`/vhosts/${name(vhost)}`);
  }
  async putVhost(vhost: string, description: string): Promise<void> {
    await this.#call('PUT', `/vhosts/${name(vhost)}`, { description });
  }
  /** With everything in it. */
  async deleteVhost(vhost: string): Promise<void> {
    await this.#gone(`/vhosts/${name(vhost)}`);
  }

  getUser(user: string): Promise<ActualUser | undefined> {
    return this.#maybe<ActualUser>(`/users/${name(user)}`);
  }
  /** Without tags: no management access, no policies. `management`: reads figures of the vhosts that it has rights in. */
  async putUser(user: string, password: string, tags: '' | 'management' = ''): Promise<void> {
    await this.#call('PUT', `/users/${name(user)}`, { password, tags });
  }
  async deleteUser(user: string): Promise<void> {
    await this.#gone(`/users/${name(user)}`);
  }
  permission(vhost: string, user: string): Promise<Permission | undefined> {
    return this.#maybe<Permission>(`/permissions/${name(vhost)}/${name(user)}`);
  }
  /** All of a user's, by vhost. */
  async permissionsOf(user: string): Promise<(Permission & { vhost: string })[]> {
    return this.#call('GET', `/users/${name(user)}/permissions`);
  }
  async putPermission(vhost: string, user: string, permission: Permission): Promise<void> {
    await this.#call('PUT', `/permissions/${name(vhost)}/${name(user)}`, permission);
  }
  async deletePermission(vhost: string, user: string): Promise<void> {
    await this.#gone(`/permissions/${name(vhost)}/${name(user)}`);
  }

  exchanges(vhost: string): Promise<ActualExchange[]> {
    return this.#call('GET', `/exchanges/${name(vhost)}?columns=name,type,durable,arguments`);
  }
  async putExchange(vhost: string, exchange: ActualExchange): Promise<void> {
    const { type, durable, arguments: args } = exchange;
    await this.#call('PUT', `/exchanges/${name(vhost)}/${name(exchange.name)}`, { type, durable, arguments: args });
  }
  async deleteExchange(vhost: string, exchange: string): Promise<void> {
    await this.#gone(`/exchanges/${name(vhost)}/${name(exchange)}`);
  }

  queues(vhost: string): Promise<ActualQueue[]> {
    return this.#call('GET', `/queues/${name(vhost)}?columns=${QUEUE_COLUMNS}`);
  }
  async putQueue(vhost: string, queue: Pick<ActualQueue, 'name' | 'durable' | 'arguments'>): Promise<void> {
    const { durable, arguments: args } = queue;
    await this.#call('PUT', `/queues/${name(vhost)}/${name(queue.name)}`, { durable, arguments: args });
  }
  /** Whatever is in it. */
  async deleteQueue(vhost: string, queue: string): Promise<void> {
    await this.#gone(`/queues/${name(vhost)}/${name(queue)}`);
  }
  /**
   * Whether a message is ready now, without the delay of the counts; the message goes back to the head. Of a queue with a single active
   * consumer, into which nobody else may look, as it was counted last.
   */
  async hasReady(vhost: string, queue: string): Promise<boolean> {
    const path = `/queues/${name(vhost)}/${name(queue)}`;
    const peek = { count: 1, ackmode: 'reject_requeue_true', encoding: 'base64', truncate: 1 };
    try {
      return (await this.#call<unknown[]>('POST', `${path}/get`, peek)).length > 0;
    } catch (error) {
      if (!(error instanceof ManagementError && /single active consumer/.test(error.message))) throw error;
      const { messages = 0 } = await this.#call<{ messages?: number }>('GET', `${path}?columns=messages`);
      return messages > 0;
    }
  }

  bindings(vhost: string): Promise<ActualBinding[]> {
    return this.#call('GET', `/bindings/${name(vhost)}`);
  }
  async putBinding(vhost: string, binding: Omit<ActualBinding, 'properties_key' | 'arguments'>): Promise<void> {
    await this.#call('POST', this.#bindingPath(vhost, binding), { routing_key: binding.routing_key, arguments: {} });
  }
  async deleteBinding(vhost: string, binding: ActualBinding): Promise<void> {
    await this.#gone(`${this.#bindingPath(vhost, binding)}/${name(binding.properties_key)}`);
  }
  #bindingPath(vhost: string, binding: Omit<ActualBinding, 'properties_key' | 'arguments'>): string {
    const kind = binding.destination_type === 'queue' ? 'q' : 'e';
    return `/bindings/${name(vhost)}/e/${name(binding.source)}/${kind}/${name(binding.destination)}`;
  }

  policies(vhost: string): Promise<ActualPolicy[]> {
    return this.#call('GET', `/policies/${name(vhost)}`);
  }
  operatorPolicies(vhost: string): Promise<ActualPolicy[]> {
    return this.#call('GET', `/operator-policies/${name(vhost)}`);
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #exists(path: string): Promise<boolean> {
    return (await this.#maybe(path)) !== undefined;
  }
  async #maybe<T>(path: string): Promise<T | undefined> {
    try {
      return await this.#call<T>('GET', path);
    } catch (error) {
      if (error instanceof ManagementError && error.kind === 'notFound') return undefined;
      throw error;
    }
  }
  /** Already gone is success. */
  async #gone(path: string): Promise<void> {
    try {
      await this.#call('DELETE', path);
    } catch (error) {
      if (!(error instanceof ManagementError && error.kind === 'notFound')) throw error;
    }
  }

  async #call<T>(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
    if (method === 'GET') this.calls.reads++;
    else this.calls.writes++;
    let status: number;
    let text: string;
    try {
      const answer = await request(`${this.#origin}/api${path}`, {
        method,
        dispatcher: this.#agent,
        headers: { authorization: this.#authorization, 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(this.#deadlineMs),
      });
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      const { message, code } = error as Error & { code?: string };
      const why =
        (error as Error).name === 'TimeoutError' ? `no answer within ${this.#deadlineMs} ms` : message || code;
      throw new ManagementError(
        'unreachable',
        `RabbitMQ's management API at ${this.#origin}: ${why}`,
        undefined,
        error,
      );
    }
    if (status >= 200 && status < 300) return (text === '' ? undefined : parse(text, this.#origin)) as T;
    const reason = reasonOf(text);
    throw new ManagementError(
      kindOf(status, reason),
      `RabbitMQ's management API at ${this.#origin}: ${method} ${path.replace(/\?.*/, '')} answered ${status}: ${reason}`,
      status,
    );
  }
}

function parse(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = `${origin} does not answer as RabbitMQ's management API does: not JSON.`;
    throw new ManagementError('unexpected', message, undefined, error);
  }
}

function reasonOf(text: string): string {
  try {
    const { reason, error } = JSON.parse(text) as { reason?: unknown; error?: unknown };
    return String(reason ?? error ?? text).slice(0, 300);
  } catch {
    return text.slice(0, 300);
  }
}

/** 401 is also the answer to a known user who lacks a tag or a permission. */
function kindOf(status: number, reason: string): ManagementErrorKind {
  if (status === 401)
    return /access refused|not (a )?(management|administrator|monitor|policymaker)/i.test(reason)
      ? 'forbidden'
      : 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'notFound';
  if (status === 400 && /inequivalent|precondition/i.test(reason)) return 'precondition';
  if (status === 502 || status === 503 || status === 504) return 'unreachable';
  return 'unexpected';
}
