/**
 * Documents of ordered integrations that failed and are tried again in place: what is known of each attempt, as long as this runtime
 * lives, and what is told of them. Another runtime that gets the lane begins to count anew.
 */
import type { BlockedKey } from '../state.ts';

export interface Waiting {
  integration: string;
  /** '' where it waits to be routed. */
  destination: string;
  key: string;
  document: string;
  /** Epoch ms of the first failure. */
  since: number;
  /** Epoch ms of the next attempt. */
  nextAt: number;
  message: string;
  /** Of the next attempt. */
  attempt: number;
  keyRevision: number;
  /** Ours at present; else another runtime, or nobody, has the lane. */
  inHand: boolean;
}

/** What passes sooner is not told of. */
const TOLD_AFTER_MS = 30_000;
const LOOK_MS = 5_000;
/** What is not in hand is somebody else's, unless the lane comes back. */
const FORGOTTEN_AFTER_MS = 86_400_000;

export class WaitingDocuments {
  readonly #all = new Map<string, Waiting>();
  readonly #onChange: () => void;
  #told = '[]';
  #looking: NodeJS.Timeout | undefined;

  /** `onChange`: what is told is another, looked at every few seconds. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get(id: string): Waiting | undefined {
    return this.#all.get(id);
  }

  set(id: string, waiting: Waiting): void {
    for (const [other, { inHand, nextAt }] of this.#all)
      if (!inHand && nextAt < waiting.nextAt - FORGOTTEN_AFTER_MS) this.#all.delete(other);
    this.#all.set(id, waiting);
    this.#looking ??= setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** It is over. */
  end(id: string): void {
    this.#all.delete(id);
  }
  /** The lane is not ours any more. */
  letGo(id: string): void {
    const waiting = this.#all.get(id);
    if (waiting) waiting.inHand = false;
  }

  /** Of each integration the key that has waited longest, if that is long. */
  longest(now = Date.now()): Map<string, BlockedKey> {
    const longest = new Map<string, Waiting>();
    for (const waiting of this.#all.values()) {
      if (!waiting.inHand || now - waiting.since < TOLD_AFTER_MS) continue;
      const other = longest.get(waiting.integration);
      if (!other || waiting.since < other.since) longest.set(waiting.integration, waiting);
    }
    return new Map(
      [...longest].map(([integration, { destination, key, document, since, message }]) => [
        integration,
        { destination, key, document, since: new Date(since).toISOString(), message },
      ]),
    );
  }

  /** Keys that wait and the age of the oldest in ms, by integration and destination. */
  *counts(now = Date.now()): Iterable<{ integration: string; destination: string; keys: number; ms: number }> {
    const places = Map.groupBy(
      [...this.#all.values()].filter(({ inHand }) => inHand),
      ({ integration, destination }) => `${integration}/${destination}`,
    );
    for (const all of places.values()) {
      const { integration, destination } = all[0]!;
      yield { integration, destination, keys: all.length, ms: now - Math.min(...all.map(({ since }) => since)) };
    }
  }

  #look(): void {
    const tell = JSON.stringify([...this.longest()].map(([integration, { document }]) => [integration, document]));
    if (tell !== this.#told) this.#onChange();
    this.#told = tell;
    if ([...this.#all.values()].some(({ inHand }) => inHand) || tell !== '[]') return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}
