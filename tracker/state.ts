/**
 * What a tracker tells the operator: `GET /state?after=REVISION`, as a runtime does. Figures are rounded and new at most once a minute;
 * what is in force is told at once.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { canonicalJson } from '../runtime/canonical.ts';
import { countObjectives } from './deadlines/read.ts';
import { type ImpactWords, readImpact } from './impact/impact.ts';
import type { TrackerPlan } from './plan.ts';
import { type ReplayReport, reportReplays } from './replay/report.ts';
import { countLate, countOpen } from './transactions.ts';

export interface TrackerState {
  /** Rises with every change; starts anew with the process. */
  revision: number;
  pod: string;
  namespaces: Record<string, TrackedNamespace>;
}
export interface TrackedNamespace {
  /** Why it is not up to date now, for a person. */
  trouble?: string;
  /** By name, of those that are folded. */
  processes: Record<string, { generation: number; open: number; late: number }>;
  /** By name, of those that are watched. `failing`: why somebody who is to be told does not take it. */
  policies: Record<string, { generation: number; open: number; warning: number; breached: number; failing?: string }>;
  /** Of Replay resources, by name. */
  replays: Record<string, ReplayReport>;
  /** What waits: `12 purchase orders of 3 partners wait, oldest 40 min`. */
  impact: ImpactWords;
}

/** Throws for what is no report. */
export function parseTrackerState(text: string, url: string): TrackerState {
  const state = JSON.parse(text) as Partial<TrackerState> | null;
  if (typeof state?.revision !== 'number' || typeof state.pod !== 'string' || typeof state.namespaces !== 'object')
    throw new Error(`${url}/state answered something that is no report`);
  return state as TrackerState;
}

/** As far as a follower of a namespace tells. */
export interface Tracked {
  readonly namespace: string;
  readonly trouble: string | undefined;
  /** The plan that all rows are of. */
  readonly inForce: TrackerPlan | undefined;
  readonly failing: ReadonlyMap<string, string>;
}

const LOOK_MS = 500;
const FIGURES_MS = 60_000;
/** Troubles that pass within this are told by nobody. */
const LASTING_MS = 5_000;

type Figures = Awaited<ReturnType<typeof figuresOf>>;

export class Reporter {
  readonly #pod: string;
  readonly #tracked: () => readonly Tracked[];
  readonly #database: () => pg.Pool | undefined;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  readonly #figures = new Map<string, { at: number; plan: TrackerPlan; figures: Figures }>();
  readonly #troubledSince = new Map<string, number>();
  #state: TrackerState;
  #changed = Promise.withResolvers<void>();

  constructor(pod: string, tracked: () => readonly Tracked[], database: () => pg.Pool | undefined) {
    this.#pod = pod;
    this.#tracked = tracked;
    this.#database = database;
    this.#state = { revision: 1, pod, namespaces: {} };
    this.#ended = this.#run();
  }

  /** Resolves when the revision is above `after`, is another process's, or the signal aborts. */
  async after(after: number, signal: AbortSignal): Promise<TrackerState> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    while (this.#state.revision === after && !signal.aborted) await Promise.race([this.#changed.promise, aborted]);
    return this.#state;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      // The database being away is told as the followers' trouble.
      await this.#look().catch(() => {});
      await delay(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const namespaces: Record<string, TrackedNamespace> = {};
    for (const one of this.#tracked()) namespaces[one.namespace] = await this.#namespace(one);
    if (canonicalJson(namespaces) === canonicalJson(this.#state.namespaces)) return;
    this.#state = { revision: this.#state.revision + 1, pod: this.#pod, namespaces };
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #namespace({ namespace, trouble, inForce, failing }: Tracked): Promise<TrackedNamespace> {
    const now = performance.now();
    if (trouble === undefined) this.#troubledSince.delete(namespace);
    else if (!this.#troubledSince.has(namespace)) this.#troubledSince.set(namespace, now);
    const lasts = trouble !== undefined && now - this.#troubledSince.get(namespace)! >= LASTING_MS;
    let known = this.#figures.get(namespace);
    const database = this.#database();
    if (inForce && database && (known?.plan !== inForce || now - known.at >= FIGURES_MS)) {
      known = { at: now, plan: inForce, figures: await figuresOf(database, namespace, inForce) };
      this.#figures.set(namespace, known);
    }
    const { processes = [], sla } = (known && inForce) || {};
    const { open = {}, late = {}, policies = {}, impact = NO_IMPACT } = known?.figures ?? {};
    return {
      ...(lasts && { trouble }),
      processes: Object.fromEntries(
        processes.map(({ name, generation }) => [
          name,
          { generation, open: rounded(open[name] ?? 0), late: rounded(late[name] ?? 0) },
        ]),
      ),
      policies: Object.fromEntries(
        (sla?.policies ?? []).map(({ name, generation }) => {
          const { pending = 0, warning = 0, breached = 0 } = policies[name] ?? {};
          const why = failing.get(name);
          return [
            name,
            {
              generation,
              open: rounded(pending + warning),
              warning: rounded(warning),
              breached: rounded(breached),
              ...(why !== undefined && { failing: why }),
            },
          ];
        }),
      ),
      replays: database ? await reportReplays(database, namespace) : {},
      impact,
    };
  }
}
const NO_IMPACT: ImpactWords = { integrations: {}, connectors: {} };

/** Two digits that count: status is no place for what moves each second. */
export function rounded(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  return Math.round(count / unit) * unit;
}

async function figuresOf(database: pg.Pool, namespace: string, plan: TrackerPlan) {
  const policies: Record<string, { pending: number; warning: number; breached: number }> = {};
  for (const { policy, counts } of await countObjectives(database, namespace)) {
    const sum = policies[policy] ?? { pending: 0, warning: 0, breached: 0 };
    policies[policy] = {
      pending: sum.pending + counts.Pending,
      warning: sum.warning + counts.Warning,
      breached: sum.breached + counts.Breached,
    };
  }
  return {
    open: await countOpen(database, namespace),
    late: await countLate(database, namespace, Date.now()),
    policies,
    impact: await readImpact(database, namespace, plan),
  };
}
