/**
 * Keeps the transactions of a namespace's business processes true to what the journal and the archive told. What they touch is folded
 * anew in a transaction of its own, from rows alone: it can be redone, and the same documents give the same rows.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { canonicalJson, sha256Hex } from '../../runtime/canonical.ts';
import type { Log } from '../../runtime/telemetry/log.ts';
import { readExceptionActs } from '../acts/exceptions.ts';
import { readFacts } from '../acts/facts.ts';
import type { ByHand } from '../acts/fold.ts';
import { dueByCalendar } from '../deadlines/due.ts';
import { appointmentTypes, objectivesOf, type Watch, watchOf } from '../deadlines/objective.ts';
import { adoptPolicies, forgetProcesses, writeObjectives } from '../deadlines/store.ts';
import { addFigures, haveFigures, keepFigures } from '../figures/store.ts';
import { haveStaleWeeks, sumWeeks } from '../figures/weeks.ts';
import type { ProcessPlan, TrackerPlan } from '../plan.ts';
import { takeTouched } from '../touched.ts';
import { aloneWithProcesses } from './alone.ts';
import type { Fact } from './facts.ts';
import { foldTransaction, type TransactionState } from './fold.ts';
import { adoptProcesses, type Folded, factsOf, keysOf, writeTransactions } from './store.ts';

/** Documents of one turn, about. */
const TURN = 1_000;
const IDLE_MS = 200;
const RETRY_MS = 1_000;
/** Between two looks at weeks that changed, and how many of them (by partner) are summed in one turn. */
const SUM_MS = 2_000;
const WEEKS = 100;
/** Raised when the fold gives other rows of the same documents: everything is then folded again. */
const FOLD_VERSION = 3;

export interface ProcessesOptions {
  namespace: string;
  database: pg.Pool;
  log: Log;
  /** Epoch ms: everything that happened before was told. Default: now. */
  toldUntil?: () => number;
}

export class Processes {
  readonly #options: ProcessesOptions;
  /** undefined: nothing is known of what there should be, so nothing is done. */
  #plan: TrackerPlan | undefined;
  #watch: Watch | undefined;
  #adopted = false;
  /** Processes of which transactions may lack figures, and from which key on. */
  readonly #lacking = new Map<string, string>();
  #summedAt = 0;
  #trouble: string | undefined;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  constructor(options: ProcessesOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  /** Why transactions are not up to date now. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Whether the plan in use is that of all rows. */
  get adopted(): boolean {
    return this.#adopted;
  }

  /** Whether no transaction may lack its figures. */
  get complete(): boolean {
    return this.#adopted && this.#lacking.size === 0;
  }

  /** The plan that all rows are of, or are being made of. */
  get inForce(): TrackerPlan | undefined {
    return this.#adopted ? this.#plan : undefined;
  }

  /** Takes another plan into force; the same again changes nothing. */
  use(plan: TrackerPlan): void {
    if (this.#plan && canonicalJson(this.#plan) === canonicalJson(plan)) return;
    this.#plan = plan;
    this.#watch = plan.sla && watchOf(plan.sla);
    this.#adopted = false;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let wait = IDLE_MS;
      try {
        if (this.#plan) wait = (await this.#turn(this.#plan)) ? 0 : IDLE_MS;
        this.#trouble = undefined;
      } catch (error) {
        this.#trouble = `business processes: ${(error as Error).message}`;
        this.#options.log.warn('transactions not folded, trying again', {
          namespace: this.#options.namespace,
          error: (error as Error).message,
        });
        wait = RETRY_MS;
      }
      if (wait > 0) await delay(wait, undefined, { signal }).catch(() => {});
    }
  }

  /** Whether there may be more to do. */
  async #turn(plan: TrackerPlan): Promise<boolean> {
    const { database, namespace, log } = this.#options;
    if (!this.#adopted) {
      const hashed = plan.processes.map((process) => ({ plan: process, hash: hashOf(process) }));
      const keyNames = new Map(plan.processes.map(({ name, keyName }) => [name, keyName]));
      const changed = await this.#alone(async (client) => {
        const processes = await adoptProcesses(client, namespace, hashed);
        await forgetProcesses(client, namespace, [...keyNames.keys()]);
        const policies = await adoptPolicies(client, namespace, plan.sla, keyNames);
        this.#lacking.clear();
        for (const name of keyNames.keys())
          if (!(await haveFigures(client, namespace, name))) this.#lacking.set(name, '');
        return [...processes, ...policies];
      });
      if (plan !== this.#plan) return true;
      this.#adopted = true;
      if (changed.length > 0)
        log.info('business processes or their deadlines changed: folding them again', { namespace, changed });
    }
    const { rowCount } = await database.query('select from touched where namespace = $1 limit 1', [namespace]);
    const touched = rowCount !== 0;
    if (!touched && (await this.#addFigures(plan))) return true;
    if (performance.now() - this.#summedAt > SUM_MS && !(await this.#sumWeeks())) this.#summedAt = performance.now();
    if (!touched) return false;
    return this.#alone(async (client) => {
      const documents = await takeTouched(client, namespace, TURN);
      for (const process of plan.processes) await this.#foldAgain(client, process, documents);
      return documents.length > 0;
    });
  }

  /** Of some transactions that lack them; whether there were any. */
  async #addFigures({ processes }: TrackerPlan): Promise<boolean> {
    for (const [name, after] of this.#lacking) {
      const process = processes.find((each) => each.name === name);
      const next =
        process && (await this.#alone((client) => addFigures(client, this.#options.namespace, process, after, TURN)));
      if (next === undefined) this.#lacking.delete(name);
      else this.#lacking.set(name, next);
      return true;
    }
    return false;
  }

  /** Whether there may be more. */
  async #sumWeeks(): Promise<boolean> {
    const { database, namespace } = this.#options;
    if (!(await haveStaleWeeks(database, namespace))) return false;
    return (await this.#alone((client) => sumWeeks(client, namespace, WEEKS))) === WEEKS;
  }

  async #foldAgain(client: pg.ClientBase, process: ProcessPlan, documents: readonly string[]): Promise<void> {
    const { namespace } = this.#options;
    const keys = await keysOf(client, namespace, process, documents);
    if (keys.length === 0) return;
    const sla = this.#plan?.sla;
    const appointments = sla ? appointmentTypes(sla, process.name) : [];
    const facts = await factsOf(client, namespace, process, keys, appointments);
    const acts = await readExceptionActs(client, namespace, process.name, keys);
    const byHand = await readFacts(client, namespace, process.name, keys);
    const folded = keys.map((key) => ({
      key,
      state: this.#fold(process, key, facts.get(key) ?? [], {
        facts: byHand.get(key) ?? [],
        acts: acts.get(key) ?? [],
      }),
    }));
    await writeTransactions(client, namespace, process.name, folded);
    await this.#watchOver(client, process, folded, facts);
    await keepFigures(client, namespace, process, keys);
  }

  async #watchOver(
    client: pg.ClientBase,
    process: ProcessPlan,
    folded: readonly Folded[],
    facts: ReadonlyMap<string, Fact[]>,
  ): Promise<void> {
    const { namespace, log, toldUntil = Date.now } = this.#options;
    const watch = this.#watch;
    if (!watch) return;
    const now = toldUntil();
    const objectives = folded.flatMap(({ key, state }) => {
      try {
        return state ? objectivesOf(watch, process.name, state, facts.get(key) ?? [], now) : [];
      } catch (error) {
        const { message } = error as Error;
        log.error('deadlines of a transaction cannot be told', { process: process.name, key, error: message });
        return [];
      }
    });
    const keys = folded.map(({ key }) => key);
    const told = new Set(watch.policies.flatMap(({ name, notify }) => (notify.length > 0 ? [name] : [])));
    await writeObjectives(client, namespace, process.name, keys, objectives, told, Date.now());
  }

  /** One odd transaction must not stop the others, and must not go unnoticed. */
  #fold(
    process: ProcessPlan,
    key: string,
    facts: Parameters<typeof foldTransaction>[2],
    byHand: ByHand,
  ): TransactionState | undefined {
    try {
      const state = foldTransaction(process, key, facts, byHand);
      return state && dueByCalendar(state, process, this.#watch);
    } catch (error) {
      const { message } = error as Error;
      this.#options.log.error('a transaction could not be folded', { process: process.name, key, error: message });
      const times = facts.map(({ at }) => at);
      return {
        key,
        state: 'Open',
        openedAt: Math.min(...times),
        changedAt: Math.max(...times),
        partners: [],
        milestones: [],
        lines: [],
        matches: [],
        exceptions: [],
        problems: [`it could not be folded: ${message}`],
      };
    }
  }

  #alone<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    return aloneWithProcesses(this.#options.database, this.#options.namespace, work);
  }
}

/** Of what changes rows: not the generation, and not what people may decide. */
const hashOf = ({ generation: _, matches, ...process }: ProcessPlan): string => {
  const folded = matches.map(({ exception: { resolutions: __, ...exception }, ...match }) => ({ ...match, exception }));
  return sha256Hex(canonicalJson([FOLD_VERSION, { ...process, matches: folded }]));
};
