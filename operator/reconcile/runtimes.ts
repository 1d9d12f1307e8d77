/**
 * What the runtimes, and the trackers, report. Each known runtime is asked by long poll; one that answered its last poll is ready. A report
 * that changed makes its namespace due; how fast a document goes is no part of it, so at rest nothing changes.
 */
import { Agent, request } from 'undici';
import { canonicalJson } from '../../runtime/canonical.ts';
import type { RuntimeState } from '../../runtime/state.ts';
import { pause } from '../kube/pause.ts';

export interface RuntimeAddress {
  namespace: string;
  /** `http://host:port`, without a path. */
  url: string;
}
/** What every report has. */
interface Reporting {
  revision: number;
  pod: string;
}
export interface RuntimesOptions<S extends Reporting = RuntimeState> {
  addresses: readonly RuntimeAddress[];
  /** The token that a namespace's runtimes demand; undefined while there is none. */
  token: (namespace: string) => Promise<string | undefined>;
  onChange: (namespace: string) => void;
  onError?: (address: RuntimeAddress, error: unknown) => void;
  /** An answer takes no longer than this. */
  pollMs?: number;
  backoffMs?: number;
  backoffMaxMs?: number;
  /** Reads an answer. Default: as a runtime's. Throws for what is no report. */
  parse?: (text: string, url: string) => S;
}
interface Watched<S> {
  address: RuntimeAddress;
  state?: S;
  ready: boolean;
  stop: AbortController;
  loop?: Promise<void>;
}

/** A runtime that was ready may miss this many polls before it counts as away: a lost connection is not a lost pod. */
const MISSES = 2;

export class Runtimes<S extends Reporting = RuntimeState> {
  readonly #options: Required<RuntimesOptions<S>>;
  /** By URL. */
  readonly #watched = new Map<string, Watched<S>>();
  readonly #agent = new Agent({ keepAliveTimeout: 10_000, connect: { timeout: 5_000 } });
  #started = false;

  constructor(options: RuntimesOptions<S>) {
    this.#options = {
      onError: () => {},
      pollMs: 40_000,
      backoffMs: 250,
      backoffMaxMs: 5_000,
      parse: parseState as never,
      ...options,
    };
    for (const address of options.addresses) this.add(address);
  }

  start(): void {
    this.#started = true;
    for (const watched of this.#watched.values()) watched.loop ??= this.#poll(watched);
  }

  async stop(): Promise<void> {
    for (const { stop } of this.#watched.values()) stop.abort();
    await Promise.all([...this.#watched.values()].map(({ loop }) => loop));
    await this.#agent.destroy();
  }

  /** Is asked from now on. Of the same address again: nothing. */
  add(address: RuntimeAddress): void {
    if (this.#watched.has(address.url)) return;
    const watched: Watched<S> = { address, ready: false, stop: new AbortController() };
    this.#watched.set(address.url, watched);
    if (this.#started) watched.loop = this.#poll(watched);
  }

  remove(url: string): void {
    const watched = this.#watched.get(url);
    if (!watched) return;
    this.#watched.delete(url);
    watched.stop.abort();
    this.#options.onChange(watched.address.namespace);
  }

  /** Reports of the ready runtimes of a namespace, by pod, and how many are known. */
  of(namespace: string): { ready: S[]; known: number } {
    const here = [...this.#watched.values()].filter(({ address }) => address.namespace === namespace);
    const ready = here.flatMap(({ ready, state }) => (ready && state ? [state] : []));
    return { ready: ready.sort((a, b) => (a.pod < b.pod ? -1 : 1)), known: here.length };
  }

  async #poll(watched: Watched<S>): Promise<void> {
    const { address } = watched;
    const { signal } = watched.stop;
    // After a miss it may be another process, whose revisions begin anew: asked for what it has now.
    let misses = 0;
    while (!signal.aborted) {
      try {
        const state = await this.#ask(
          address,
          signal,
          misses === 0 && watched.ready ? watched.state?.revision : undefined,
        );
        misses = 0;
        const changed = !watched.ready || reported(watched.state) !== reported(state);
        watched.state = state;
        watched.ready = true;
        if (changed) this.#options.onChange(address.namespace);
      } catch (error) {
        if (signal.aborted) return;
        misses += 1;
        if (watched.ready && misses >= MISSES) {
          watched.ready = false;
          this.#options.onError(address, error);
          this.#options.onChange(address.namespace);
        }
        const { backoffMs, backoffMaxMs } = this.#options;
        await pause(
          Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(misses - 1, 10)) * (1 + Math.random() / 2),
          signal,
        );
      }
    }
  }

  async #ask({ namespace, url }: RuntimeAddress, stop: AbortSignal, after: number | undefined): Promise<S> {
    const token = await this.#options.token(namespace);
    if (!token) throw new Error(`namespace ${namespace} has no runtime token yet`);
    const answer = await request(`${url}/state${after === undefined ? '' : `?after=${after}`}`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
      signal: AbortSignal.any([stop, AbortSignal.timeout(this.#options.pollMs)]),
      dispatcher: this.#agent,
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${url}/state answered ${answer.statusCode}`);
    return this.#options.parse(text, url);
  }
}

function parseState(text: string, url: string): RuntimeState {
  const state = JSON.parse(text) as Partial<RuntimeState> | null;
  if (typeof state?.revision !== 'number' || typeof state.pod !== 'string' || typeof state.roots !== 'object')
    throw new Error(`${url}/state answered something that is no report`);
  return { ...state, index: state.index ?? '', roots: state.roots ?? {} } as RuntimeState;
}

/** All of a report that statuses may depend on. */
const reported = (state: Reporting | undefined): string => {
  if (!state) return '';
  const { revision: _, ...rest } = state;
  return canonicalJson(rest);
};
