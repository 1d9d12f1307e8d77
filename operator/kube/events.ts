/**
 * Events about our resources. The same thing said again about the same object is one Event with a count (its series), and
 * the count is written at most once in a while; one object gets no more than a burst of different events at a time.
 */
import { createHash } from 'node:crypto';
import type { KubeClient } from './client.ts';
import { EVENTS, type KubeObject } from './types.ts';

export interface Said {
  type: 'Normal' | 'Warning';
  /** CamelCase, as in a condition. */
  reason: string;
  /** What was being done, CamelCase. */
  action: string;
  /** For a person; no secret values. */
  note: string;
}
export interface EventOptions {
  client: KubeClient;
  /** Reported as reportingInstance. */
  instance: string;
  onError?: (error: unknown) => void;
  /** Between two writes of one series' count. */
  seriesMs?: number;
  /** Different events of one object: this many at once, then one per refillMs. */
  burst?: number;
  refillMs?: number;
  now?: () => number;
}
interface Series {
  first: string;
  count: number;
  writtenAt: number;
  written: number;
  timer?: NodeJS.Timeout;
}
/** A series that was silent for so long begins anew. */
const FORGET_MS = 3_600_000;
const NOTE_LENGTH = 1_000;

export class EventRecorder {
  readonly #options: Required<EventOptions>;
  readonly #series = new Map<string, Series>();
  readonly #budgets = new Map<string, { tokens: number; at: number }>();
  readonly #pending = new Set<Promise<void>>();

  constructor(options: EventOptions) {
    this.#options = {
      onError: () => {},
      seriesMs: 60_000,
      burst: 15,
      refillMs: 60_000,
      now: Date.now,
      ...options,
    };
  }

  /** Never throws and never waits: an event that cannot be written is only reported to onError. */
  record(object: KubeObject, said: Said): void {
    const { now, seriesMs } = this.#options;
    this.#forget();
    const key = digest(object.metadata.uid ?? object.metadata.name, said.type, said.reason, said.note);
    const known = this.#series.get(key);
    if (!known) {
      if (!this.#spend(object.metadata.uid ?? '')) return;
      const series = { first: micro(now()), count: 1, writtenAt: now(), written: 1 };
      this.#series.set(key, series);
      this.#write(object, said, key, series);
      return;
    }
    known.count += 1;
    if (known.timer) return;
    const wait = Math.max(0, known.writtenAt + seriesMs - now());
    known.timer = setTimeout(() => {
      delete known.timer;
      known.writtenAt = now();
      this.#write(object, said, key, known);
    }, wait);
    known.timer.unref();
  }

  /** Waits for the writes under way. */
  async flush(): Promise<void> {
    while (this.#pending.size) await Promise.all(this.#pending);
  }

  #write(object: KubeObject, said: Said, key: string, series: Series): void {
    const { client, instance, onError, now } = this.#options;
    const { name, namespace, uid, resourceVersion } = object.metadata;
    series.written = series.count;
    const writing = client
      .apply(EVENTS, {
        metadata: {
          name: `${name.slice(0, 200)}.${digest(key, series.first).slice(0, 16)}`,
          namespace: namespace ?? 'default',
        },
        eventTime: series.first,
        reportingController: 'crossdock.dev/operator',
        reportingInstance: instance,
        regarding: { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid, resourceVersion },
        type: said.type,
        reason: said.reason,
        action: said.action,
        note: said.note.length > NOTE_LENGTH ? `${said.note.slice(0, NOTE_LENGTH)}…` : said.note,
        ...(series.count > 1 && { series: { count: series.count, lastObservedTime: micro(now()) } }),
      })
      .then(() => {}, onError)
      .finally(() => this.#pending.delete(writing));
    this.#pending.add(writing);
  }

  #spend(uid: string): boolean {
    const { now, burst, refillMs } = this.#options;
    const budget = this.#budgets.get(uid) ?? { tokens: burst, at: now() };
    budget.tokens = Math.min(burst, budget.tokens + (now() - budget.at) / refillMs);
    budget.at = now();
    this.#budgets.set(uid, budget);
    if (budget.tokens < 1) return false;
    budget.tokens -= 1;
    return true;
  }

  #forget(): void {
    const before = this.#options.now() - FORGET_MS;
    for (const [key, series] of this.#series) if (series.writtenAt < before && !series.timer) this.#series.delete(key);
    for (const [uid, budget] of this.#budgets) if (budget.at < before) this.#budgets.delete(uid);
  }
}

const micro = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z');
const digest = (...parts: string[]): string => createHash('sha256').update(parts.join('\0')).digest('hex');
