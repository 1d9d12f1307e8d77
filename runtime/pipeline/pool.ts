/**
 * A runtime of a namespace's pool: holds what is in force, keeps consumers and sources open for it, and tells its state. A new plan is
 * taken live: what did not change goes on undisturbed, and a document ends with the version that it started with.
 */
import type { Broker, Consumer } from '../broker/broker.ts';
import type { Secrets } from '../connectors/connector.ts';
import type { Endpoints } from '../ingress/contract.ts';
import type { Journal } from '../journal/entry.ts';
import type { Archive } from '../journal/payload.ts';
import type { Plan } from '../plan.ts';
import { indexHash } from '../published.ts';
import type { RuntimeState } from '../state.ts';
import type { Store } from '../store/store.ts';
import { NO_TABLES, type Tables } from '../tables/tables.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Tracer } from '../telemetry/tracing.ts';
import { acknowledging } from './acknowledge.ts';
import { type Activation, activate, NOTHING_IN_FORCE } from './activation.ts';
import { answering } from './asking.ts';
import { PlanCompiler } from './compiled.ts';
import type { Environment } from './environment.ts';
import { Failing } from './failing.ts';
import { Fair } from './fair.ts';
import { InOrder, type OrderedWork } from './in-order.ts';
import { routeDocument } from './inbox.ts';
import { takeRaw } from './intake.ts';
import { TableKeeper } from './keep.ts';
import { deliverShipment } from './outbox.ts';
import { PASS } from './points.ts';
import { acceptor } from './post.ts';
import { type LastError, rootStates } from './report.ts';
import { Sinks } from './sinks.ts';
import { Sources } from './sources.ts';
import { TableWorker } from './table.ts';
import { inSpan, type Taken } from './traced.ts';
import { buryUnexpected, isPassing } from './unexpected.ts';
import { endpointsOf, type WantedConsumer, type Work, wantedConsumers, wantedSources } from './wanted.ts';

export interface PoolOptions {
  namespace: string;
  /** Name of the RuntimePool; absent: the default one. */
  pool?: string;
  /** Unique among the pool's runtimes. */
  pod: string;
  broker: Broker;
  journal: Journal;
  archive: Archive;
  store: Store;
  /** Live tables; without them those of the plan are empty. */
  tables?: Tables;
  secrets: Secrets;
  log: Log;
  metrics: Metrics;
  tracer?: Tracer;
  /** Called when what may be posted changes. */
  onEndpoints(endpoints: Endpoints): void;
  /** For tests of the promises; see Environment. */
  guards?: Guards;
}
export type Guards = Partial<Pick<Environment, 'ackAfterConfirm' | 'pass'>>;

/** After a failure that is nobody's fault but the platform's, before the message goes back to its queue. */
const REQUEUE_DELAY_MS = 1_000;
/** Attempts that are under way end before their queue is taken anew, or goes to another runtime. */
const HAND_OVER_MS = 120_000;
/** Consumers that are being opened at a time: each is three answers of the broker. */
const OPENING = 64;
/** After a queue that is not there yet, or a source that could not be opened. */
const REOPEN_DELAY_MS = 3_000;

export class Pool {
  readonly environment: Environment;
  /** The HTTP sources' way in. */
  readonly accept: ReturnType<typeof acceptor>;
  /** What partners may ask. */
  readonly ask: ReturnType<typeof answering>;
  readonly #options: PoolOptions;
  readonly #compiler: PlanCompiler;
  readonly #tableWorker: TableWorker;
  readonly #tableKeeper: TableKeeper;
  #activation: Activation = { inForce: NOTHING_IN_FORCE, refusals: new Map() };
  #index = '';
  #revision = 0;
  #changed = Promise.withResolvers<void>();
  readonly #failing = new Failing({ onChange: () => this.#touch() });
  readonly #troubles = new Map<string, LastError>();
  /** By root: what could not be opened; by channel: what cannot be read. */
  readonly #broken = new Map<string, string>();
  readonly #unreadable = new Map<string, string>();
  readonly #consumers = new Map<string, { wanted: WantedConsumer; consumer: Consumer }>();
  readonly #inOrder: InOrder;
  readonly #fair = new Fair();
  readonly #renewing = new Set<string>();
  readonly #sources: Sources;
  readonly #sinks: Sinks;
  #turn: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.environment = {
      ...options,
      tables: options.tables ?? NO_TABLES,
      ackAfterConfirm: options.guards?.ackAfterConfirm ?? true,
      pass: options.guards?.pass ?? PASS,
      inForce: () => this.#activation.inForce,
      standing: (table) => this.#compiler.standing(table),
      sinkOf: (connector) => this.#sinks.of(connector),
      trouble: (root, error) => this.#trouble(root, error),
      failing: this.#failing,
      turn: (root) => this.#fair.turn(root),
      now: Date.now,
      random: Math.random,
    };
    this.#sinks = new Sinks(options.secrets, options.metrics, options.tracer);
    this.#sources = new Sources({
      ...options,
      inForce: () => this.#activation.inForce,
      pass: this.environment.pass,
      onHealth: (channel, error) => {
        if (error) this.#unreadable.set(channel, error.message);
        else this.#unreadable.delete(channel);
        this.#touch();
      },
      onTrouble: (channel, { message }) =>
        this.#trouble(rootOfChannel(this.#activation, channel), {
          class: 'DecodeFailed',
          code: 'source.trouble',
          message,
        }),
    });
    this.accept = acceptor(this.environment);
    this.ask = answering(this.environment);
    this.#compiler = new PlanCompiler((plan) => this.environment.tables.handle(plan));
    this.#inOrder = new InOrder(this.environment, {
      renew: (queue) => this.#renew(queue),
      onChange: () => this.#touch(),
    });
    this.#tableWorker = new TableWorker(this.environment);
    this.#tableKeeper = new TableKeeper(this.environment);
    this.environment.tables.onLead((database, tables) => this.#tableKeeper.turn(database, tables));
    this.environment.tables.onTrouble(() => this.#touch());
  }

  /** Takes a plan into force. Resolves when consumers and sources are open for it; calls run one after another. */
  apply(plan: Plan): Promise<void> {
    return this.#inTurn(async () => {
      this.#activation = await activate(this.#compiler, plan, this.#activation.inForce);
      this.environment.tables.use(this.#activation.inForce.tables, this.#compiler.hasTables);
      for (const [root, { message }] of this.#activation.refusals)
        this.#options.log.error('new version refused, the last good one stays', { root, reason: message });
      this.#index = indexHash(plan.index);
      await this.#reconcile();
      this.#touch();
    });
  }

  get state(): RuntimeState {
    const broken = new Map(this.#broken);
    for (const [channel, message] of this.#unreadable) broken.set(rootOfChannel(this.#activation, channel), message);
    for (const name of this.#activation.inForce.tables.keys()) {
      const trouble = this.environment.tables.get(name)?.knowledge.seedTrouble;
      if (trouble) broken.set(`ReferenceTable/${name}`, trouble);
    }
    const roots = rootStates(
      this.#activation,
      broken,
      this.#failing.messages,
      this.#troubles,
      this.#inOrder.waiting.longest(),
    );
    const { pod, pool } = this.#options;
    return { revision: this.#revision, pod, ...(pool !== undefined && { pool }), index: this.#index, roots };
  }

  /** The state once its revision is above `after`, or when the signal aborts. */
  async stateAfter(after: number | undefined, signal: AbortSignal): Promise<RuntimeState> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    while (after !== undefined && this.#revision === after && !signal.aborted)
      await Promise.race([this.#changed.promise, aborted]);
    return this.state;
  }

  /** Reasons for not being ready; empty when it is. */
  get unready(): string[] {
    const { broker } = this.#options;
    const reasons: string[] = [];
    if (this.#index === '') reasons.push('no plan yet');
    if (!broker.healthy) reasons.push(`broker: ${broker.trouble ?? 'not connected'}`);
    if (this.#stopping) reasons.push('stopping');
    return reasons;
  }

  /** Takes nothing new, finishes what is in the air (at most `graceMs`), closes sinks. The broker stays the caller's. */
  async stop(graceMs = 20_000): Promise<void> {
    this.#stopping = true;
    this.#failing.stop();
    await this.#inTurn(async () => {
      clearTimeout(this.#timer);
      await this.#sources.close();
      this.#inOrder.stop();
      await Promise.all([...this.#consumers.values()].map(({ consumer }) => consumer.stop(graceMs)));
      await this.#tableKeeper.stop();
      await this.#sinks.close();
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #touch(): void {
    this.#revision += 1;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #trouble(root: string, { class: errorClass, code, message }: { class: string; code: string; message: string }): void {
    const known = this.#troubles.get(root);
    const at = new Date().toISOString();
    this.#troubles.set(root, { class: errorClass as LastError['class'], code, message, at });
    // Only a new kind of trouble is a change of state; a storm of the same must not keep the operator busy.
    if (known?.code !== code) this.#touch();
  }

  /** Opens and closes consumers and sources so that they are what is wanted now. */
  async #reconcile(): Promise<void> {
    const { inForce } = this.#activation;
    const now = Date.now();
    this.#broken.clear();
    const consumers = wantedConsumers(inForce, now, this.#options.pool);
    for (const [queue, { wanted, consumer }] of this.#consumers) {
      const next = consumers.get(queue);
      if (next && next.inOrder === wanted.inOrder) continue;
      this.#consumers.delete(queue);
      void consumer.stop(wanted.inOrder ? HAND_OVER_MS : undefined);
    }
    const missing = [...consumers.values()].filter(({ queue }) => !this.#consumers.has(queue)).values();
    const open = async () => {
      for (const wanted of missing) await this.#consume(wanted);
    };
    await Promise.all(Array.from({ length: OPENING }, open));
    const sources = wantedSources(inForce, now, this.#options.pool);
    for (const channel of this.#unreadable.keys()) if (!sources.has(channel)) this.#unreadable.delete(channel);
    for (const { channel, error } of await this.#sources.become(sources))
      this.#breaks(rootOfChannel(this.#activation, channel), `${channel} cannot be read: ${error.message}`);
    this.#sinks.closeUnused(inForce);
    this.#options.onEndpoints(endpointsOf(inForce));
    clearTimeout(this.#timer);
    // What could not be opened is tried again; a hold that ends by itself opens what it closed.
    const again = this.#broken.size > 0 ? now + REOPEN_DELAY_MS : undefined;
    const end = Math.min(again ?? Number.POSITIVE_INFINITY, inForce.holds.nextEnd(now) ?? Number.POSITIVE_INFINITY);
    if (end !== Number.POSITIVE_INFINITY)
      this.#timer = setTimeout(() => void this.#inTurn(() => this.#reconcile()), Math.min(end - now + 10, 2 ** 31 - 1));
  }

  /** Gives back what has been in hand for long, and takes it anew. */
  #renew(queue: string): void {
    if (this.#renewing.has(queue)) return;
    this.#renewing.add(queue);
    void this.#inTurn(async () => {
      const { consumer } = this.#consumers.get(queue) ?? {};
      this.#consumers.delete(queue);
      await consumer?.stop(HAND_OVER_MS);
      this.#renewing.delete(queue);
      if (!this.#stopping) await this.#reconcile();
    });
  }

  async #consume(wanted: WantedConsumer): Promise<void> {
    const { broker, log, tracer } = this.#options;
    const { queue, prefetch, bytes, inOrder, work } = wanted;
    const handle = (delivery: Taken) =>
      inOrder ? this.#inOrder.take(work as OrderedWork, delivery) : this.#handle(work, delivery);
    const root = rootOf(work);
    const taken = (delivery: Taken) => (tracer ? inSpan(tracer, work, delivery, handle) : handle(delivery));
    // Deliveries may take long, and what keeps its order may wait in hand: neither is load on the broker.
    const takes = (delivery: Taken) =>
      work.stage === 'outbox' || inOrder
        ? this.#fair.turn(root).then(() => taken(delivery))
        : this.#fair.run(root, () => taken(delivery));
    try {
      const consumer = await broker.consume({
        queue,
        prefetch,
        ...(bytes && { bytes }),
        ...(inOrder && { inOrder }),
        onDelivery: takes,
        onTrouble: (error) => log.warn('consuming interrupted', { queue, error: error.message }),
      });
      this.#consumers.set(queue, { wanted, consumer });
    } catch (error) {
      this.#breaks(rootOf(work), `queue ${queue} cannot be consumed: ${(error as Error).message}`);
    }
  }

  #breaks(root: string, message: string): void {
    this.#broken.set(root, message);
    this.#options.log.error('cannot work', { root, reason: message });
  }

  /** Never rejects, but where a message cannot even be buried. */
  async #handle(work: Work, delivery: Taken): Promise<void> {
    const { integrations } = this.#activation.inForce;
    try {
      if (work.stage === 'table') return await this.#tableWorker.take(work.table, delivery);
      if (work.stage === 'intake') return await takeRaw(this.environment, delivery);
      const own = work.stage === 'outbox' && work.destination === '';
      const integration = own ? acknowledging : integrations.get(work.integration);
      if (!integration) return delivery.requeue();
      if (work.stage === 'inbox') return await routeDocument(this.environment, integration, delivery);
      const destination = integration.destinations.get(work.destination);
      if (!destination) return delivery.requeue();
      return await deliverShipment(this.environment, integration, destination, delivery);
    } catch (error) {
      delivery.span?.fail(isPassing(error) ? 'platform.away' : 'internal.error');
      this.#trouble(rootOf(work), {
        class: 'DeliveryFailed',
        code: isPassing(error) ? 'platform.away' : 'internal.error',
        message: (error as Error).message,
      });
      if (!isPassing(error)) return buryUnexpected(this.environment, work, delivery, error);
      this.#options.log.warn('put back', { queue: delivery.queue, error: (error as Error).message });
      setTimeout(() => delivery.requeue(), REQUEUE_DELAY_MS);
    }
  }
}

function rootOf(work: Work): string {
  if (work.stage === 'intake') return 'intake';
  return work.stage === 'table' ? `ReferenceTable/${work.table}` : `Integration/${work.integration}`;
}

/** The root whose status tells of a channel: its integration, or the first partner on it. */
function rootOfChannel({ inForce }: Activation, channel: string): string {
  const [kind, name] = channel.split('/');
  if (kind === 'integration') return `Integration/${name}`;
  const partner = [...inForce.partners.values()].find(({ inbound }) => inbound?.name === name);
  return `Partner/${partner?.plan.name ?? name}`;
}
