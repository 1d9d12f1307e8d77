/**
 * Calls on the Kubernetes API as the operator needs them: typed errors, a deadline on every call, server-side apply under
 * one field manager, deletes with preconditions, and watches that end when nothing has come for too long.
 */
import { StringDecoder } from 'node:string_decoder';
import type { KubeConfig } from '@kubernetes/client-node';
import { errorFromAnswer, errorFromEvent, KubeError } from './errors.ts';
import { Transport, unavailable } from './transport.ts';
import { apiVersion, type KubeList, type KubeObject, type ObjectMeta, type ResourceType } from './types.ts';

export const FIELD_MANAGER = 'crossdock';
const PAGE = 500;
const DEADLINE_MS = 15_000;

export interface ClientOptions {
  /** Loads the configuration; called again after a 401. */
  load: () => KubeConfig;
  /** Per call, ms. Watches have their own bounds. */
  deadlineMs?: number;
  /** Told of every call that ended: for metrics. `code` is the HTTP status, 0 without an answer. */
  onCall?: (verb: string, plural: string, code: number) => void;
}
/** Throws unless this process may write now; returns ms left in which a write may still be under way. */
export type Fence = () => number;

export interface Selector {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}
export interface WatchOptions extends Selector {
  resourceVersion: string;
  /** The server ends the watch after this. */
  timeoutSeconds: number;
  /** No bytes for so long = the connection is dead. */
  inactivityMs: number;
  signal: AbortSignal;
}
export interface WatchEvent<T> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: T;
}
/** What an applied object must carry. `uid` keeps an apply from creating what was deleted meanwhile. */
export type Applied = Omit<Partial<KubeObject>, 'metadata'> & { metadata: ObjectMeta };
/** With a name, or a generateName. */
export type Created = Omit<Applied, 'metadata'> & { metadata: Partial<ObjectMeta> };

export class KubeClient {
  readonly #transport: Transport;
  readonly #deadlineMs: number;
  readonly #onCall: NonNullable<ClientOptions['onCall']>;
  readonly #fence: Fence | undefined;

  constructor(options: ClientOptions, shared?: { transport: Transport; fence: Fence }) {
    this.#transport = shared?.transport ?? new Transport(options);
    this.#fence = shared?.fence;
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS;
    this.#onCall = options.onCall ?? (() => {});
  }

  /** The same client for which every write first passes the fence and ends before the fence does. */
  fenced(fence: Fence): KubeClient {
    const options = { load: () => unreachable(), deadlineMs: this.#deadlineMs, onCall: this.#onCall };
    return new KubeClient(options, { transport: this.#transport, fence });
  }

  get<T extends KubeObject>(type: ResourceType, namespace: string | undefined, name: string): Promise<T> {
    return this.#call('get', type, 'GET', path(type, namespace, name));
  }

  /** All pages; a continue token that expired midway starts the list over. */
  async list<T extends KubeObject>(type: ResourceType, selector: Selector = {}): Promise<KubeList<T>> {
    const items: T[] = [];
    let token = '';
    let restarts = 0;
    for (;;) {
      const query = { ...selectorQuery(selector), limit: `${PAGE}`, ...(token && { continue: token }) };
      try {
        const page = await this.#call<KubeList<T>>(
          'list',
          type,
          'GET',
          path(type, selector.namespace, undefined, query),
        );
        items.push(...page.items);
        token = page.metadata.continue ?? '';
        if (!token) {
          const kind = { apiVersion: apiVersion(type), kind: type.kind };
          return { metadata: page.metadata, items: items.map((item) => ({ ...kind, ...item })) };
        }
      } catch (error) {
        if (!token || !(error instanceof KubeError) || error.reason !== 'Gone' || ++restarts > 3) throw error;
        items.length = 0;
        token = '';
      }
    }
  }

  create<T extends KubeObject>(type: ResourceType, object: Created): Promise<T> {
    const body = JSON.stringify({ apiVersion: apiVersion(type), kind: type.kind, ...object });
    const query = { fieldManager: FIELD_MANAGER };
    return this.#write('create', type, 'POST', path(type, object.metadata.namespace, undefined, query), body);
  }

  /** Server-side apply with force: what we send is ours, what we sent before and send no more is removed. */
  apply<T extends KubeObject>(type: ResourceType, object: Applied, manager = FIELD_MANAGER): Promise<T> {
    return this.#apply(type, object, undefined, manager);
  }

  applyStatus<T extends KubeObject>(type: ResourceType, object: Applied): Promise<T> {
    return this.#apply(type, object, 'status');
  }

  /** Whole replacement; with metadata.resourceVersion a compare-and-set. */
  replace<T extends KubeObject>(type: ResourceType, object: Applied): Promise<T> {
    const body = JSON.stringify({ apiVersion: apiVersion(type), kind: type.kind, ...object });
    const where = path(type, object.metadata.namespace, object.metadata.name, { fieldManager: FIELD_MANAGER });
    return this.#write('update', type, 'PUT', where, body);
  }

  /** Conflict when a precondition does not hold; NotFound when it is gone already. */
  delete(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    preconditions: { uid?: string; resourceVersion?: string } = {},
  ): Promise<unknown> {
    const body = JSON.stringify({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions,
      propagationPolicy: 'Background',
    });
    return this.#write('delete', type, 'DELETE', path(type, namespace, name), body);
  }

  /**
   * Ends normally when the server ends the watch; throws KubeError on an ERROR event, a refusal, a broken line, a lost
   * connection, or silence.
   */
  async *watch<T extends KubeObject>(type: ResourceType, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
    const what = `WATCH ${type.plural}`;
    const silence = new AbortController();
    const alarm = setTimeout(
      () => silence.abort(new DOMException('silent for too long', 'TimeoutError')),
      options.inactivityMs,
    );
    const query = {
      ...selectorQuery(options),
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: options.resourceVersion,
      timeoutSeconds: `${options.timeoutSeconds}`,
    };
    let code = 0;
    try {
      const signal = AbortSignal.any([options.signal, silence.signal]);
      const answer = await this.#transport.exchange({
        method: 'GET',
        path: path(type, options.namespace, undefined, query),
        signal,
      });
      code = answer.statusCode;
      if (code !== 200) throw errorFromAnswer(code, await answer.body.text(), header(answer, 'retry-after'), what);
      const decoder = new StringDecoder('utf8');
      let rest = '';
      for await (const chunk of answer.body) {
        alarm.refresh();
        const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
        rest = lines.pop()!;
        for (const line of lines) if (line) yield parseEvent<T>(line, what);
      }
    } catch (error) {
      throw unavailable(error, what);
    } finally {
      clearTimeout(alarm);
      this.#onCall('watch', type.plural, code);
      silence.abort();
    }
  }

  /** A GET outside the resource types, such as `/readyz`. */
  async raw(where: string): Promise<string> {
    const answer = await this.#transport.exchange({
      method: 'GET',
      path: where,
      signal: AbortSignal.timeout(this.#deadlineMs),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 400) throw errorFromAnswer(answer.statusCode, text, undefined, `GET ${where}`);
    return text;
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  #apply<T extends KubeObject>(
    type: ResourceType,
    object: Applied,
    subresource: 'status' | undefined,
    fieldManager = FIELD_MANAGER,
  ): Promise<T> {
    const { name, namespace } = object.metadata;
    const body = JSON.stringify({ ...object, apiVersion: apiVersion(type), kind: type.kind });
    const where = path(type, namespace, name, { fieldManager, force: 'true' }, subresource);
    return this.#write(
      subresource ? 'apply-status' : 'apply',
      type,
      'PATCH',
      where,
      body,
      'application/apply-patch+yaml',
    );
  }

  async #write<T>(
    verb: string,
    type: ResourceType,
    method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    where: string,
    body: string,
    contentType = 'application/json',
  ): Promise<T> {
    const left = this.#fence?.() ?? this.#deadlineMs;
    // Asked again at the last moment: credentials may take their time, and this process may be stopped meanwhile.
    const payload = { body, contentType, ...(this.#fence && { mayBegin: this.#fence }) };
    return this.#call(verb, type, method, where, payload, Math.min(left, this.#deadlineMs));
  }

  async #call<T>(
    verb: string,
    type: ResourceType,
    method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
    where: string,
    payload: { body?: string; contentType?: string; mayBegin?: Fence } = {},
    deadlineMs = this.#deadlineMs,
  ): Promise<T> {
    const what = `${verb} ${where.split('?')[0]}`;
    let code = 0;
    try {
      const answer = await this.#transport.exchange({
        method,
        path: where,
        ...payload,
        signal: AbortSignal.timeout(Math.max(1, Math.floor(deadlineMs))),
      });
      code = answer.statusCode;
      const text = await answer.body.text();
      if (code >= 300) throw errorFromAnswer(code, text, header(answer, 'retry-after'), what);
      return JSON.parse(text) as T;
    } catch (error) {
      throw unavailable(error, what);
    } finally {
      this.#onCall(verb, type.plural, code);
    }
  }
}

function path(
  type: ResourceType,
  namespace: string | undefined,
  name?: string,
  query: Record<string, string> = {},
  subresource?: string,
): string {
  const root = type.group ? `/apis/${type.group}/${type.version}` : `/api/${type.version}`;
  const scope = type.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === undefined ? '' : `/${encodeURIComponent(name)}`;
  const search = new URLSearchParams(query).toString();
  return `${root}${scope}/${type.plural}${object}${subresource ? `/${subresource}` : ''}${search && `?${search}`}`;
}

function selectorQuery({ labelSelector, fieldSelector }: Selector): Record<string, string> {
  return { ...(labelSelector && { labelSelector }), ...(fieldSelector && { fieldSelector }) };
}

function parseEvent<T>(line: string, what: string): WatchEvent<T> {
  const event = JSON.parse(line) as { type: string; object: T };
  if (event.type === 'ERROR') throw errorFromEvent(event.object, what);
  return event as WatchEvent<T>;
}

function header(answer: { headers: Record<string, string | string[] | undefined> }, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function unreachable(): never {
  throw new Error('a fenced client shares its transport');
}
