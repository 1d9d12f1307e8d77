/**
 * A runtime of a namespace's pool: holds what is in force, keeps consumers and sources open for it, and tells its state. A new plan is
 * taken live: what did not change goes on undisturbed, and a document ends with the version that it started with.
 */
import type { Broker, Consumer, Delivery } from '../broker/broker.ts';
import { canonicalJson, deriveId } from '../canonical.ts';
import type { Received, RunningSource, Secrets, Sink } from '../connectors/connector.ts';
import { openSink, openSource } from '../connectors/registry.ts';
import type { Endpoints } from '../ingress/contract.ts';
import type { Journal } from '../journal/entry.ts';
import { ticks } from '../names.ts';
import type { ConnectorPlan, Plan } from '../plan.ts';
import { indexHash } from '../published.ts';
import type { RootKey, RootState, RuntimeState } from '../state.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { acknowledging } from './acknowledge.ts';
import { type Activation, activate, NOTHING_IN_FORCE } from './activation.ts';
import { PlanCompiler } from './compiled.ts';
import type { Environment } from './environment.ts';
import { routeDocument } from './inbox.ts';
import { acceptor, takeRaw } from './intake.ts';
import { rawMessage } from './messages.ts';
import { deliverShipment } from './outbox.ts';
import { PASS } from './points.ts';
import {
  endpointsOf,
  type WantedConsumer,
  type WantedSource,
  type Work,
  wantedConsumers,
  wantedSources,
} from './wanted.ts';

export interface PoolOptions {
  namespace: string;
  /** Unique among the pool's runtimes. */
  pod: string;
  broker: Broker;
  journal: Journal;
  store: Store;
  secrets: Secrets;
  log: Log;
  metrics: Metrics;
  /** Called when what may be posted changes. */
  onEndpoints(endpoints: Endpoints): void;
  /** For tests of the promises; see Environment. */
  guards?: Guards;
}
export type Guards = Partial<Pick<Environment, 'ackAfterConfirm' | 'pass'>>;

/** After a failure that is nobody's fault but the platform's, before the message goes back to its queue. */
const REQUEUE_DELAY_MS = 1_000;
/** After a queue that is not there yet, or a source that could not be opened. */
const REOPEN_DELAY_MS = 3_000;
const DEFAULT_POLL_MS = 5_000;

interface OpenSource extends WantedSource {
  running: RunningSource | undefined;
  ticker: NodeJS.Timeout | undefined;
  consumer: Consumer | undefined;
}

export class Pool {
  readonly environment: Environment;
  /** The HTTP sources' way in. */
  readonly accept: ReturnType<typeof acceptor>;
  readonly #options: PoolOptions;
  readonly #compiler = new PlanCompiler();
  #activation: Activation = { inForce: NOTHING_IN_FORCE, refusals: new Map() };
  #index = '';
  #revision = 0;
  #changed = Promise.withResolvers<void>();
  readonly #troubles = new Map<string, NonNullable<RootState['lastError']>>();
  readonly #broken = new Map<string, string>();
  readonly #consumers = new Map<string, Consumer>();
  readonly #sources = new Map<string, OpenSource>();
  readonly #sinks = new Map<string, Sink>();
  #turn: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.environment = {
      ...options,
      ackAfterConfirm: options.guards?.ackAfterConfirm ?? true,
      pass: options.guards?.pass ?? PASS,
      inForce: () => this.#activation.inForce,
      sinkOf: (connector) => this.#sinkOf(connector),
      trouble: (root, error) => this.#trouble(root, error),
      now: Date.now,
      random: Math.random,
    };
    this.accept = acceptor(this.environment);
  }

  /** Takes a plan into force. Resolves when consumers and sources are open for it; calls run one after another. */
  apply(plan: Plan): Promise<void> {
    return this.#inTurn(async () => {
      this.#activation = await activate(this.#compiler, plan, this.#activation.inForce);
      for (const [root, { message }] of this.#activation.refusals)
        this.#options.log.error('new version refused, the last good one stays', { root, reason: message });
      this.#index = indexHash(plan.index);
      await this.#reconcile();
      this.#touch();
    });
  }

  get state(): RuntimeState {
    const { inForce, refusals } = this.#activation;
    const roots: RuntimeState['roots'] = {};
    const add = (key: RootKey, hash: string, generation: number, state: RootState['state']) => {
      const message = this.#broken.get(key);
      const refusal = refusals.get(key);
      const lastError = this.#troubles.get(key);
      roots[key] = {
        hash,
        generation,
        state: message ? 'Failed' : state,
        health: message || refusal ? 'Degraded' : 'Healthy',
        ...(message && { message }),
        ...(lastError && { lastError }),
        ...(refusal && {
          rejected: { hash: refusal.hash, generation: refusal.generation, message: refusal.message },
          ...(refusal.failedTests.length > 0 && { failedTests: refusal.failedTests }),
        }),
      };
    };
    for (const { plan, hash, generation } of inForce.integrations.values())
      add(`Integration/${plan.name}`, hash, generation, plan.state);
    for (const { plan, hash, generation } of inForce.partners.values())
      add(`Partner/${plan.name}`, hash, generation, 'Running');
    // A first version that was refused has nothing in force, and still must be told of.
    for (const [key, { hash, generation, message, failedTests }] of refusals)
      roots[key] ??= {
        hash: '',
        generation: 0,
        state: 'Failed',
        health: 'Degraded',
        message,
        rejected: { hash, generation, message },
        ...(failedTests.length > 0 && { failedTests }),
      };
    return { revision: this.#revision, pod: this.#options.pod, index: this.#index, roots };
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
    await this.#inTurn(async () => {
      clearTimeout(this.#timer);
      await Promise.all([...this.#sources.keys()].map((channel) => this.#closeSource(channel)));
      await Promise.all([...this.#consumers.values()].map((consumer) => consumer.stop(graceMs)));
      await Promise.all([...this.#sinks.values()].map((sink) => sink.close()));
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
    this.#troubles.set(root, { class: errorClass as NonNullable<RootState['lastError']>['class'], code, message, at });
    // Only a new kind of trouble is a change of state; a storm of the same must not keep the operator busy.
    if (known?.code !== code) this.#touch();
  }

  /** Opens and closes consumers and sources so that they are what is wanted now. */
  async #reconcile(): Promise<void> {
    const { inForce } = this.#activation;
    const now = Date.now();
    this.#broken.clear();
    const consumers = wantedConsumers(inForce, now);
    for (const [queue, consumer] of this.#consumers)
      if (!consumers.has(queue)) {
        this.#consumers.delete(queue);
        void consumer.stop();
      }
    for (const wanted of consumers.values()) if (!this.#consumers.has(wanted.queue)) await this.#consume(wanted);
    const sources = wantedSources(inForce, now);
    for (const [channel, { connector }] of this.#sources)
      if (!wants(sources.get(channel), connector)) await this.#closeSource(channel);
    for (const wanted of sources.values()) if (!this.#sources.has(wanted.channel)) await this.#openSource(wanted);
    this.#closeUnusedSinks();
    this.#options.onEndpoints(endpointsOf(inForce));
    clearTimeout(this.#timer);
    // What could not be opened is tried again; a hold that ends by itself opens what it closed.
    const again = this.#broken.size > 0 ? now + REOPEN_DELAY_MS : undefined;
    const end = Math.min(again ?? Number.POSITIVE_INFINITY, inForce.holds.nextEnd(now) ?? Number.POSITIVE_INFINITY);
    if (end !== Number.POSITIVE_INFINITY)
      this.#timer = setTimeout(() => void this.#inTurn(() => this.#reconcile()), Math.min(end - now + 10, 2 ** 31 - 1));
  }

  async #consume({ queue, prefetch, work }: WantedConsumer): Promise<void> {
    const { broker, log } = this.#options;
    try {
      this.#consumers.set(
        queue,
        await broker.consume({
          queue,
          prefetch,
          onDelivery: (delivery) => this.#handle(work, delivery),
          onTrouble: (error) => log.warn('consuming interrupted', { queue, error: error.message }),
        }),
      );
    } catch (error) {
      this.#breaks(rootOf(work), `queue ${queue} cannot be consumed: ${(error as Error).message}`);
    }
  }

  #breaks(root: string, message: string): void {
    this.#broken.set(root, message);
    this.#options.log.error('cannot work', { root, reason: message });
  }

  async #handle(work: Work, delivery: Delivery): Promise<void> {
    const { integrations } = this.#activation.inForce;
    try {
      if (work.stage === 'intake') return await takeRaw(this.environment, delivery);
      const own = work.stage === 'outbox' && work.destination === '';
      const integration = own ? acknowledging : integrations.get(work.integration);
      if (!integration) return delivery.requeue();
      if (work.stage === 'inbox') return await routeDocument(this.environment, integration, delivery);
      const destination = integration.destinations.get(work.destination);
      if (!destination) return delivery.requeue();
      return await deliverShipment(this.environment, integration, destination, delivery);
    } catch (error) {
      // Nothing about this document: the broker or PostgreSQL is away. It waits in its queue.
      this.#options.log.warn('put back', { queue: delivery.queue, error: (error as Error).message });
      this.#trouble(rootOf(work), {
        class: 'DeliveryFailed',
        code: 'platform.away',
        message: (error as Error).message,
      });
      setTimeout(() => delivery.requeue(), REQUEUE_DELAY_MS);
    }
  }

  async #openSource(wanted: WantedSource): Promise<void> {
    const { broker, secrets, log } = this.#options;
    const { channel, connector } = wanted;
    const source: OpenSource = { ...wanted, running: undefined, ticker: undefined, consumer: undefined };
    const trouble = (error: Error) => {
      log.warn('source in trouble', { connector: connector.name, error: error.message });
      this.#trouble(rootOfChannel(this.#activation, channel), {
        class: 'DecodeFailed',
        code: 'source.trouble',
        message: error.message,
      });
    };
    try {
      const running = await openSource(connector, secrets).start(
        (received) => this.#receive(wanted, received),
        trouble,
      );
      source.running = running;
      if (running.poll) await this.#tick(source, running.poll.bind(running), trouble, broker);
      this.#sources.set(channel, source);
    } catch (error) {
      await source.running?.stop();
      this.#breaks(
        rootOfChannel(this.#activation, channel),
        `connector ${connector.name}: ${(error as Error).message}`,
      );
    }
  }

  /** Ticks name the poller: every runtime sends them, the queue's single active consumer gets them and polls. */
  async #tick(
    source: OpenSource,
    poll: () => Promise<void>,
    trouble: (error: Error) => void,
    broker: Broker,
  ): Promise<void> {
    const queue = ticks(source.connector.name);
    source.consumer = await broker.consume({
      queue,
      prefetch: 1,
      onDelivery: async (delivery) => {
        await poll().catch(trouble);
        delivery.ack();
      },
      onTrouble: (error) => this.#options.log.warn('polling interrupted', { queue, error: error.message }),
    });
    const pollIntervalMs = source.connector.directory?.pollIntervalMs ?? DEFAULT_POLL_MS;
    const tick = () => {
      const message = {
        exchange: '',
        routingKey: queue,
        body: Buffer.alloc(0),
        contentType: 'text/plain',
        persistent: false,
        expiration: pollIntervalMs,
      };
      // An unsent tick is no loss: the next one follows.
      void broker.publish(message).catch(() => {});
    };
    tick();
    source.ticker = setInterval(tick, pollIntervalMs);
  }

  /** Resolves when the broker has the bytes: only then the source archives or acks. */
  async #receive({ channel, connector }: WantedSource, received: Received): Promise<void> {
    await this.#options.broker.publish(
      rawMessage({
        id: deriveId(connector.name, ...received.identity),
        channel,
        label: received.label,
        receivedAt: Date.now(),
        epoch: 0,
        contentType: received.contentType,
        body: received.body,
      }),
    );
    this.environment.pass('source.confirmed');
  }

  async #closeSource(channel: string): Promise<void> {
    const source = this.#sources.get(channel);
    this.#sources.delete(channel);
    clearInterval(source?.ticker);
    await source?.consumer?.stop();
    await source?.running?.stop();
  }

  #sinkOf(connector: ConnectorPlan): Sink {
    const key = keyOf(connector);
    const known = this.#sinks.get(key);
    if (known) return known;
    const sink = openSink(connector, this.#options.secrets, { metrics: this.#options.metrics });
    this.#sinks.set(key, sink);
    return sink;
  }

  #closeUnusedSinks(): void {
    const { integrations, partners } = this.#activation.inForce;
    const used = new Set<string>();
    for (const { destinations } of integrations.values())
      for (const { connector } of destinations.values()) if (connector) used.add(keyOf(connector));
    for (const { outbound } of partners.values()) if (outbound) used.add(keyOf(outbound));
    for (const [key, sink] of this.#sinks)
      if (!used.has(key)) {
        this.#sinks.delete(key);
        void sink.close();
      }
  }
}

/** Equal plans share a sink; the text of a plan is made once. */
const keys = new WeakMap<ConnectorPlan, string>();
function keyOf(connector: ConnectorPlan): string {
  const key = keys.get(connector) ?? canonicalJson(connector);
  keys.set(connector, key);
  return key;
}

const wants = (wanted: WantedSource | undefined, connector: ConnectorPlan): boolean =>
  wanted !== undefined && keyOf(wanted.connector) === keyOf(connector);

const rootOf = (work: Work): string => (work.stage === 'intake' ? 'intake' : `Integration/${work.integration}`);

/** The root whose status tells of a channel: its integration, or the first partner on it. */
function rootOfChannel({ inForce }: Activation, channel: string): string {
  const [kind, name] = channel.split('/');
  if (kind === 'integration') return `Integration/${name}`;
  const partner = [...inForce.partners.values()].find(({ inbound }) => inbound?.name === name);
  return `Partner/${partner?.plan.name ?? name}`;
}
