/**
 * Work queue of keys. A key is in it at most once; a key added while a worker has it is handed out again afterwards, never
 * to two workers at a time. User changes go before resyncs. A failed key comes back after an exponential delay of its own.
 */

export type Priority = 'user' | 'resync';

export interface QueueOptions {
  workers: number;
  /**
   * Handles one key. Returning ms asks for the key again after that time at low priority; a throw asks for it after the
   * key's backoff.
   */
  work: (key: string) => Promise<number | undefined>;
  onError?: (key: string, error: unknown, attempt: number, delayMs: number) => void;
  backoffMs?: number;
  backoffMaxMs?: number;
  /** In [0, 1): spreads the backoff. */
  random?: () => number;
}

interface Delayed {
  at: number;
  priority: Priority;
  timer: NodeJS.Timeout;
}

export class WorkQueue {
  readonly #options: Required<QueueOptions>;
  readonly #ready = { user: new Set<string>(), resync: new Set<string>() };
  readonly #delayed = new Map<string, Delayed>();
  readonly #active = new Map<string, Promise<void>>();
  /** Added while active. */
  readonly #again = new Map<string, Priority>();
  readonly #failures = new Map<string, number>();
  /** When the oldest change of a key came: of those that wait, and of those that are worked in. */
  readonly #changed = new Map<string, number>();
  readonly #working = new Map<string, number>();
  #running = false;

  constructor(options: QueueOptions) {
    this.#options = {
      onError: () => {},
      backoffMs: 200,
      backoffMaxMs: 30_000,
      random: Math.random,
      ...options,
    };
  }

  /** Keys that wait for a worker now, and those that wait for their time. */
  get depth(): { ready: number; delayed: number; active: number } {
    const ready = this.#ready.user.size + this.#ready.resync.size;
    return { ready, delayed: this.#delayed.size, active: this.#active.size };
  }

  /** Age of the oldest change (priority user) that no work has taken in yet. */
  get lagMs(): number {
    const oldest = Math.min(...this.#changed.values(), ...this.#working.values());
    return oldest === Number.POSITIVE_INFINITY ? 0 : Math.max(0, Date.now() - oldest);
  }

  start(): void {
    this.#running = true;
    this.#pump();
  }

  /** Hands out nothing more and resolves when the active keys are done. What waits is forgotten. */
  async stop(): Promise<void> {
    this.#running = false;
    for (const { timer } of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    this.#ready.user.clear();
    this.#ready.resync.clear();
    this.#again.clear();
    this.#changed.clear();
    await Promise.all(this.#active.values());
  }

  /**
   * With a delay the key comes at that time, or earlier if it was asked for earlier. Without one it comes now, whatever
   * delay or backoff it had: something changed.
   */
  add(key: string, priority: Priority = 'user', delayMs = 0): void {
    if (priority === 'user' && !this.#changed.has(key)) this.#changed.set(key, Date.now());
    if (delayMs > 0) {
      this.#delay(key, priority, delayMs);
      return;
    }
    this.#undelay(key);
    if (this.#active.has(key)) {
      if (this.#again.get(key) !== 'user') this.#again.set(key, priority);
      return;
    }
    if (priority === 'user') {
      this.#ready.resync.delete(key);
      this.#ready.user.add(key);
    } else if (!this.#ready.user.has(key)) {
      this.#ready.resync.add(key);
    }
    this.#pump();
  }

  /** Forgets a key that no longer exists. */
  forget(key: string): void {
    this.#undelay(key);
    this.#failures.delete(key);
    this.#changed.delete(key);
    this.#ready.user.delete(key);
    this.#ready.resync.delete(key);
    this.#again.delete(key);
  }

  #delay(key: string, priority: Priority, delayMs: number): void {
    if (this.#ready.user.has(key) || this.#ready.resync.has(key)) return;
    const at = Date.now() + delayMs;
    const known = this.#delayed.get(key);
    if (known && known.at <= at) {
      if (priority === 'user') known.priority = 'user';
      return;
    }
    this.#undelay(key);
    const due: Priority = known?.priority === 'user' ? 'user' : priority;
    const timer = setTimeout(() => {
      const priorityNow = this.#delayed.get(key)?.priority ?? due;
      this.#delayed.delete(key);
      this.add(key, priorityNow);
    }, delayMs);
    this.#delayed.set(key, { at, priority: due, timer });
  }

  #undelay(key: string): void {
    const delayed = this.#delayed.get(key);
    if (!delayed) return;
    clearTimeout(delayed.timer);
    this.#delayed.delete(key);
  }

  #pump(): void {
    while (this.#running && this.#active.size < this.#options.workers) {
      const key = first(this.#ready.user) ?? first(this.#ready.resync);
      if (key === undefined) return;
      this.#ready.user.delete(key);
      this.#ready.resync.delete(key);
      this.#active.set(key, this.#run(key));
    }
  }

  async #run(key: string): Promise<void> {
    let next: { priority: Priority; delayMs: number } | undefined;
    const changed = this.#changed.get(key);
    this.#changed.delete(key);
    if (changed !== undefined) this.#working.set(key, changed);
    try {
      const delayMs = await Promise.resolve(key).then(this.#options.work);
      this.#failures.delete(key);
      if (delayMs !== undefined) next = { priority: 'resync', delayMs: Math.max(1, delayMs) };
    } catch (error) {
      if (changed !== undefined) this.#changed.set(key, changed);
      const attempt = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, attempt);
      const delayMs = this.#backoff(attempt);
      this.#options.onError(key, error, attempt, delayMs);
      next = { priority: 'resync', delayMs };
    }
    this.#working.delete(key);
    this.#active.delete(key);
    const again = this.#again.get(key);
    this.#again.delete(key);
    if (!this.#running) return;
    if (again) this.add(key, again);
    else if (next) this.add(key, next.priority, next.delayMs);
    this.#pump();
  }

  #backoff(attempt: number): number {
    const { backoffMs, backoffMaxMs, random } = this.#options;
    const full = Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(attempt - 1, 30));
    return Math.ceil(full * (0.5 + random() / 2));
  }
}

const first = (set: Set<string>): string | undefined => set.values().next().value;
