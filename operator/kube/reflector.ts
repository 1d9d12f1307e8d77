/**
 * Keeps a cache of one resource type equal to the server's, whatever happens in between. It lists, then watches from the
 * list's version; anything but a quiet end of the watch (ERROR event, refusal, lost or silent connection) makes it list
 * again after a jittered backoff, and a full list is made regularly in any case, because a watch alone cannot show what
 * it failed to deliver. Objects are kept by UID: a recreated object is a deletion and an addition, never an update.
 */
import type { KubeClient, Selector } from './client.ts';
import { isKube } from './errors.ts';
import { pause } from './pause.ts';
import type { KubeObject, ResourceType } from './types.ts';

export interface Change<T> {
  type: 'Added' | 'Modified' | 'Deleted';
  object: T;
  previous?: T;
}
export interface ReflectorOptions<T extends KubeObject> {
  client: KubeClient;
  type: ResourceType;
  selector?: Selector;
  /** Only enqueues keys; what it throws is reported and changes nothing. */
  onChange: (change: Change<T>) => void;
  /** What is kept of an object, for example without the values of a Secret. */
  keep?: (object: T) => T;
  onRestart?: (plural: string, why: string) => void;
  timing?: Partial<ReflectorTiming>;
}
export interface ReflectorTiming {
  backoffMs: number;
  backoffMaxMs: number;
  /** The server ends a watch after this (jittered upwards by half). */
  watchMs: number;
  /** Silence beyond the watch's own end that counts as a dead connection. */
  graceMs: number;
  relistMs: number;
  /** A watch that ended before this counts as a failure, so a server that closes at once is not asked in a hot loop. */
  healthyMs: number;
}
const TIMING: ReflectorTiming = {
  backoffMs: 200,
  backoffMaxMs: 30_000,
  watchMs: 40_000,
  graceMs: 5_000,
  relistMs: 300_000,
  healthyMs: 5_000,
};

export class Reflector<T extends KubeObject> {
  readonly type: ResourceType;
  readonly #options: ReflectorOptions<T>;
  readonly #timing: ReflectorTiming;
  /** By namespace ('' for cluster scope), then name. */
  readonly #objects = new Map<string, Map<string, T>>();
  readonly #stop = new AbortController();
  #synced = false;
  #first = Promise.withResolvers<void>();
  #failures = 0;
  #failing: string | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.type = options.type;
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
  }

  /** Whether the cache has held a complete list at least once. */
  get synced(): boolean {
    return this.#synced;
  }
  /** Why the last attempt ended; undefined once a list was complete. */
  get failing(): string | undefined {
    return this.#failing;
  }
  get(namespace: string | undefined, name: string): T | undefined {
    return this.#objects.get(namespace ?? '')?.get(name);
  }
  /** Of one namespace, or of all. */
  all(namespace?: string): T[] {
    if (namespace !== undefined) return [...(this.#objects.get(namespace)?.values() ?? [])];
    return [...this.#objects.values()].flatMap((objects) => [...objects.values()]);
  }
  namespaces(): string[] {
    return [...this.#objects.keys()];
  }

  /** Begins; resolves when the first list is in. */
  start(): Promise<void> {
    this.#loop ??= this.#run();
    return this.#first.promise;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#first.resolve();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        let version = await this.#list();
        const relistAt = performance.now() + jitter(this.#timing.relistMs);
        while (!signal.aborted && performance.now() < relistAt - 1_000) version = await this.#watch(version, relistAt);
        this.#options.onRestart?.(this.type.plural, 'Relist');
      } catch (error) {
        if (signal.aborted) return;
        this.#failing = isKube(error) ? error.reason : 'Error';
        this.#options.onRestart?.(this.type.plural, this.#failing);
        await this.#pause(isKube(error) ? (error.retryAfterMs ?? 0) : 0);
      }
    }
  }

  async #list(): Promise<string> {
    const list = await this.#options.client.list<T>(this.type, this.#options.selector);
    if (this.#stop.signal.aborted) return '';
    const seen = new Set<string>();
    for (const object of list.items) {
      seen.add(keyOf(object));
      this.#put(object);
    }
    for (const object of this.all()) if (!seen.has(keyOf(object))) this.#remove(object);
    this.#synced = true;
    this.#failing = undefined;
    this.#first.resolve();
    return list.metadata.resourceVersion;
  }

  /** One watch; returns the version to go on from. */
  async #watch(from: string, until: number): Promise<string> {
    const { client, selector } = this.#options;
    const { watchMs, graceMs, healthyMs } = this.#timing;
    const began = performance.now();
    const lifeMs = Math.min(jitter(watchMs), until - began);
    const timeoutSeconds = Math.ceil(lifeMs / 1_000);
    const inactivityMs = timeoutSeconds * 1_000 + graceMs;
    const due = AbortSignal.timeout(Math.ceil(Math.max(1, until - began)));
    const signal = AbortSignal.any([this.#stop.signal, due]);
    const lived = (): boolean => performance.now() - began >= Math.min(healthyMs, lifeMs / 2);
    let version = from;
    try {
      const open = { ...selector, resourceVersion: from, timeoutSeconds, inactivityMs, signal };
      for await (const { type, object } of client.watch<T>(this.type, open)) {
        version = object.metadata.resourceVersion!;
        if (type === 'DELETED') this.#removeIfSame(object);
        else if (type !== 'BOOKMARK') this.#put(object);
      }
    } catch (error) {
      if (!due.aborted) throw error;
    } finally {
      if (lived()) this.#failures = 0;
    }
    if (!lived() && !signal.aborted) {
      this.#options.onRestart?.(this.type.plural, 'ClosedEarly');
      await this.#pause(0);
    }
    return version;
  }

  #put(raw: T): void {
    const object = this.#options.keep?.(raw) ?? raw;
    const { namespace = '', name, uid, resourceVersion } = object.metadata;
    let previous = this.get(namespace, name);
    if (previous && previous.metadata.uid !== uid) {
      this.#remove(previous);
      previous = undefined;
    }
    if (previous && previous.metadata.resourceVersion === resourceVersion) return;
    const siblings = this.#objects.get(namespace) ?? new Map<string, T>();
    this.#objects.set(namespace, siblings.set(name, object));
    this.#tell(previous ? { type: 'Modified', object, previous } : { type: 'Added', object });
  }

  /** A late deletion of an earlier object of the same name leaves the new one alone. */
  #removeIfSame(object: T): void {
    const known = this.get(object.metadata.namespace, object.metadata.name);
    if (known && known.metadata.uid === object.metadata.uid) this.#remove(known);
  }

  #remove(object: T): void {
    const { namespace = '', name } = object.metadata;
    const siblings = this.#objects.get(namespace);
    siblings?.delete(name);
    if (siblings?.size === 0) this.#objects.delete(namespace);
    this.#tell({ type: 'Deleted', object });
  }

  #tell(change: Change<T>): void {
    try {
      this.#options.onChange(change);
    } catch {
      this.#options.onRestart?.(this.type.plural, 'HandlerThrew');
    }
  }

  async #pause(atLeastMs: number): Promise<void> {
    const { backoffMs, backoffMaxMs } = this.#timing;
    const delayMs = Math.max(atLeastMs, jitter(Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(this.#failures, 20))));
    this.#failures += 1;
    await pause(delayMs, this.#stop.signal);
  }
}

const keyOf = (object: KubeObject): string => `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
/** Up to half more. */
const jitter = (ms: number): number => ms * (1 + Math.random() / 2);
