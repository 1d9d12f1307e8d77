/** Follows the streams of a namespace with the access to the broker that is valid now: a rotated password connects anew. */
import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import { connectBroker } from '../runtime/broker/amqp.ts';
import type { Secrets } from '../runtime/connectors/connector.ts';
import type { Log } from '../runtime/telemetry/log.ts';
import { ActError, type Office } from './acts/contract.ts';
import type { TrackerPlan } from './plan.ts';
import { startWholeTracker, type WholeTracker } from './whole.ts';

export interface BrokerAccess {
  /** amqp[s]://user:password@host/vhost. Never logged. */
  uri: string;
  ca?: string;
}

export class Follower {
  readonly namespace: string;
  readonly #database: pg.Pool;
  readonly #log: Log;
  readonly #secrets: Secrets | undefined;
  #access: BrokerAccess | undefined;
  #over = new AbortController();
  #turn: Promise<void> = Promise.resolve();
  #tracker: WholeTracker | undefined;
  #plan: TrackerPlan | undefined;
  #trouble: string | undefined = 'no access to the broker yet';
  #gaps = 0;
  #setAside = 0;
  readonly #fenced = Promise.withResolvers<void>();

  constructor(namespace: string, database: pg.Pool, log: Log, secrets?: Secrets) {
    this.namespace = namespace;
    this.#database = database;
    this.#log = log;
    this.#secrets = secrets;
  }

  get trouble(): string | undefined {
    return this.#tracker ? this.#tracker.trouble : this.#trouble;
  }
  /** undefined: none yet. */
  get plan(): TrackerPlan | undefined {
    return this.#plan;
  }
  get behind(): number {
    return this.#tracker?.behind ?? 0;
  }
  get lagMs(): number {
    return this.#tracker?.lagMs ?? 0;
  }
  /** Noticed by this process. */
  get gaps(): number {
    return this.#gaps + (this.#tracker?.gaps ?? 0);
  }
  get setAside(): number {
    return this.#setAside + (this.#tracker?.setAside ?? 0);
  }
  /** For acts of people. Throws ActError Unavailable while there is no access to the broker. */
  get office(): Office {
    if (!this.#tracker) throw new ActError('Unavailable', this.#trouble ?? 'no access to the broker yet');
    return this.#tracker.office;
  }
  get inForce(): TrackerPlan | undefined {
    return this.#tracker?.inForce;
  }
  get failing(): ReadonlyMap<string, string> {
    return this.#tracker?.failing ?? new Map();
  }
  /** Resolves when another tracker took over. */
  get fenced(): Promise<void> {
    return this.#fenced.promise;
  }

  /** Business processes to keep; without any plan yet, none are touched. */
  usePlan(plan: TrackerPlan): void {
    this.#plan = plan;
    this.#tracker?.use(plan);
  }

  /** Takes another access into use; the same again changes nothing. */
  use(access: BrokerAccess): void {
    if (isDeepStrictEqual(access, this.#access)) return;
    this.#access = access;
    this.#over.abort();
    const over = new AbortController();
    this.#over = over;
    this.#turn = this.#turn.then(() => this.#follow(access, over.signal)).catch(() => {});
  }

  async stop(): Promise<void> {
    this.#over.abort();
    await this.#turn;
  }

  async #follow({ uri, ca }: BrokerAccess, over: AbortSignal): Promise<void> {
    const { namespace } = this;
    if (over.aborted) return;
    const log = this.#log;
    const onTrouble = (error: Error) => {
      this.#trouble = error.message;
    };
    const broker = await connectBroker({
      uri,
      ca,
      name: `crossdock-tracker ${namespace}`,
      log,
      signal: over,
      onTrouble,
    });
    const tracker = startWholeTracker({
      namespace,
      broker,
      database: this.#database,
      access: { uri, ...(ca !== undefined && { ca }) },
      log,
      ...(this.#secrets && { secrets: this.#secrets }),
    });
    if (this.#plan) tracker.use(this.#plan);
    this.#tracker = tracker;
    const aborted = new Promise<void>((resolve) => over.addEventListener('abort', () => resolve(), { once: true }));
    const how = await Promise.race([tracker.ended, aborted]);
    await tracker.stop();
    await broker.close();
    this.#gaps += tracker.gaps;
    this.#setAside += tracker.setAside;
    this.#tracker = undefined;
    this.#trouble = 'connecting with another access to the broker';
    if (how === 'Fenced') {
      this.#trouble = 'another tracker took over';
      this.#fenced.resolve();
    }
  }
}
