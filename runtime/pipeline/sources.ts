/** Open sources of a pool: mailboxes that are polled, queues that are read. */
import type { Broker, Consumer } from '../broker/broker.ts';
import { deriveId } from '../canonical.ts';
import {
  NeverTakenError,
  type Received,
  type ReceivedLarge,
  type RunningSource,
  type Secrets,
} from '../connectors/connector.ts';
import { openSource } from '../connectors/registry.ts';
import { receiving } from '../connectors/traced.ts';
import { ticks } from '../names.ts';
import { type ConnectorPlan, mailboxOf } from '../plan.ts';
import type { Log } from '../telemetry/log.ts';
import type { TraceContext, Tracer } from '../telemetry/tracing.ts';
import type { InForce } from './environment.ts';
import { piecesOf } from './large.ts';
import { type RawInterchange, rawMessage } from './messages.ts';
import type { PassPoint } from './points.ts';
import { keyOfConnector } from './sinks.ts';
import { tooLarge } from './too-large.ts';
import type { WantedSource } from './wanted.ts';

export interface SourcesOptions {
  broker: Broker;
  secrets: Secrets;
  log: Log;
  inForce(): InForce;
  pass: PassPoint;
  tracer?: Tracer;
  onTrouble(channel: string, error: Error): void;
  /** The channel as a whole works (undefined) or why it does not; called on each change. */
  onHealth(channel: string, error: Error | undefined): void;
}

interface OpenSource extends WantedSource {
  running: RunningSource;
  /** Why the last poll failed. */
  failure?: string;
  ticker?: NodeJS.Timeout;
  consumer?: Consumer;
}

const DEFAULT_POLL_MS = 5_000;
const PIECES_UNDER_WAY = 16;

export class Sources {
  readonly #open = new Map<string, OpenSource>();
  readonly #options: SourcesOptions;

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  /** Opens and closes so that these are open, by channel. Gives what could not be opened. */
  async become(wanted: ReadonlyMap<string, WantedSource>): Promise<{ channel: string; error: Error }[]> {
    for (const [channel, { connector }] of this.#open) {
      const next = wanted.get(channel);
      if (!next || keyOfConnector(next.connector) !== keyOfConnector(connector)) await this.#close(channel);
    }
    const failures: { channel: string; error: Error }[] = [];
    for (const source of wanted.values())
      if (!this.#open.has(source.channel))
        await this.#start(source).catch((error: Error) => failures.push({ channel: source.channel, error }));
    return failures;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((channel) => this.#close(channel)));
  }

  async #start(wanted: WantedSource): Promise<void> {
    const { secrets, log, onTrouble } = this.#options;
    const { channel, connector } = wanted;
    const trouble = (error: Error) => {
      log.warn('source in trouble', { connector: connector.name, error: error.message });
      onTrouble(channel, error);
    };
    const running = await openSource(connector, secrets).start(
      (received) => this.#receive(wanted, received),
      trouble,
      (large) => this.#receiveLarge(wanted, large),
    );
    const source: OpenSource = { ...wanted, running };
    try {
      if (running.poll) await this.#tick(source, running.poll.bind(running));
    } catch (error) {
      await running.stop();
      throw error;
    }
    this.#open.set(channel, source);
  }

  /** Ticks name the poller: every runtime sends them, the queue's single active consumer gets them and polls. */
  async #tick(source: OpenSource, poll: () => Promise<void>): Promise<void> {
    const { broker, log } = this.#options;
    const queue = ticks(source.connector.name);
    source.consumer = await broker.consume({
      queue,
      prefetch: 1,
      onDelivery: async (delivery) => {
        this.#tell(
          source,
          await poll().then(
            () => undefined,
            (error: Error) => error,
          ),
        );
        delivery.ack();
      },
      onTrouble: (error) => log.warn('polling interrupted', { queue, error: error.message }),
    });
    const intervalMs = mailboxOf(source.connector)?.pollIntervalMs ?? DEFAULT_POLL_MS;
    const tick = () => {
      // An unsent tick is no loss: the next one follows. One that waited longer than that is stale.
      const message = { exchange: '', routingKey: queue, body: Buffer.alloc(0), contentType: 'text/plain' };
      void broker.publish({ ...message, persistent: false, expiration: intervalMs }).catch(() => {});
    };
    tick();
    source.ticker = setInterval(tick, intervalMs);
  }

  #tell(source: OpenSource, error: Error | undefined): void {
    if (source.failure === error?.message) return;
    if (error) source.failure = error.message;
    else delete source.failure;
    if (error) this.#options.log.warn('channel cannot be read', { channel: source.channel, error: error.message });
    else this.#options.log.info('channel can be read again', { channel: source.channel });
    this.#options.onHealth(source.channel, error);
  }

  /** Resolves when the broker has the bytes: only then the source archives or acks. */
  async #receive({ channel, connector }: WantedSource, received: Received): Promise<void> {
    const { identity, label, contentType, body } = received;
    const id = deriveId(connector.name, ...identity);
    await this.#traced(connector, id, received.trace, (context) =>
      this.#options.broker.publish(
        rawMessage({ id, channel, label, receivedAt: Date.now(), epoch: 0, contentType, body, ...context }),
      ),
    ).catch((error) => {
      const refusal = tooLarge('it', error);
      throw refusal ? new NeverTakenError(refusal.message, { cause: error }) : error;
    });
    this.#options.pass('source.confirmed');
  }

  /** A file in pieces, resolves when the broker has them all. False where it must be taken whole. */
  async #receiveLarge({ channel, connector }: WantedSource, large: ReceivedLarge): Promise<boolean> {
    const { identity, label, contentType, head, read } = large;
    const id = deriveId(connector.name, ...identity);
    const file = { id, channel, label, receivedAt: Date.now(), epoch: 0, contentType, head, read };
    const taken = await this.#traced(connector, id, undefined, async (context) => {
      const pieces = piecesOf(this.#options.inForce(), { ...file, ...context });
      if (pieces) await this.#publish(pieces);
      return pieces !== undefined;
    });
    if (taken) this.#options.pass('source.confirmed');
    return taken;
  }

  async #publish(pieces: AsyncIterable<RawInterchange>): Promise<void> {
    const underway = new Set<Promise<void>>();
    for await (const piece of pieces) {
      const published = this.#options.broker.publish(rawMessage(piece)).finally(() => underway.delete(published));
      underway.add(published);
      // What fails is thrown below.
      published.catch(() => {});
      if (underway.size >= PIECES_UNDER_WAY) await Promise.race(underway);
    }
    await Promise.all(underway);
  }

  /** `work` is given what its messages carry: the context of a span, else the sender's. */
  async #traced<T>(
    connector: ConnectorPlan,
    id: string,
    sender: TraceContext | undefined,
    work: (context: TraceContext | undefined) => Promise<T>,
  ): Promise<T> {
    const { tracer } = this.#options;
    if (!tracer) return work(sender);
    const span = receiving(tracer, connector, sender);
    span.set({ 'crossdock.document.id': id });
    try {
      return await work(span.context);
    } catch (error) {
      span.fail('platform.away');
      throw error;
    } finally {
      span.end();
    }
  }

  async #close(channel: string): Promise<void> {
    const source = this.#open.get(channel);
    this.#open.delete(channel);
    clearInterval(source?.ticker);
    await source?.consumer?.stop();
    await source?.running.stop();
  }
}
