/** The broker layer over the codec: see broker.ts for its contract. */
import type { Broker, Consumer, ConsumerOptions, OutgoingMessage } from './broker.ts';
import { type Log, within } from './common.ts';
import { QueueConsumer } from './consumer.ts';
import { type Current, Link } from './link.ts';
import { Publisher } from './publisher.ts';

export interface BrokerOptions {
  /** `amqp://user:password@host:port/vhost` or `amqps://…`. Never logged. A function is asked at each attempt to connect. */
  uri: Current<string>;
  /** Instead of the URI's. */
  vhost?: string | undefined;
  /** Shown by the broker as the connections' name. */
  name: string;
  log: Log;
  /** PEM of the authority that signed the broker's certificate. */
  ca?: Current<string | undefined>;
  /** Publishes without a confirm, at most; further ones wait. Default 2,000. */
  window?: number | undefined;
  /** From the call of publish. Default 30 s. */
  confirmDeadlineMs?: number | undefined;
  /** Seconds; a silent peer is noticed after two to three of them. Default 5. */
  heartbeat?: number | undefined;
  /** Gives up the first connect. Without it, that goes on until the broker answers. */
  signal?: AbortSignal | undefined;
  /** Each failed attempt to connect, also after a loss. For status. */
  onTrouble?: ((error: Error) => void) | undefined;
}

/** RabbitMQ allows 2,047 channels a connection; each consumer has one. */
const CONSUMERS_PER_CONNECTION = 1_000;
const CLOSE_GRACE_MS = 10_000;

/**
 * Connects for publishing and for consuming, and resolves when both are there. Rejects only for a URI of the wrong form or when
 * the signal is aborted: a broker that is away, or refuses, may mend.
 */
export async function connectBroker(options: BrokerOptions): Promise<Broker> {
  const broker = new AmqpBroker(options);
  const { signal } = options;
  const aborted = new Promise<never>((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    await Promise.race([broker.start(), aborted]);
    return broker;
  } catch (error) {
    await broker.close();
    throw error;
  }
}

class AmqpBroker implements Broker {
  readonly #options: BrokerOptions;
  readonly #publishing: Link;
  readonly #publisher: Publisher;
  readonly #consuming: { link: Link; consumers: Set<QueueConsumer> }[] = [];
  readonly #listeners = new Set<(healthy: boolean) => void>();
  #wasHealthy = false;
  #ready: PromiseWithResolvers<void> | undefined;
  #closed = false;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#publishing = this.#link('publish');
    this.#publisher = new Publisher(this.#publishing, {
      window: options.window ?? 2_000,
      confirmDeadlineMs: options.confirmDeadlineMs ?? 30_000,
      log: options.log,
    });
    this.#addConsuming();
  }

  #link(purpose: string): Link {
    const { uri, vhost, name, log, ca, heartbeat, onTrouble } = this.#options;
    const link = new Link({ uri, vhost, name: `${name} (${purpose})`, log, ca, heartbeat: heartbeat ?? 5, onTrouble });
    link.onChange = () => this.#changed();
    return link;
  }

  #addConsuming(): { link: Link; consumers: Set<QueueConsumer> } {
    const link = this.#link(this.#consuming.length === 0 ? 'consume' : `consume ${this.#consuming.length + 1}`);
    const consumers = new Set<QueueConsumer>();
    link.onUp = () => {
      for (const consumer of consumers) consumer.attach();
    };
    const entry = { link, consumers };
    this.#consuming.push(entry);
    return entry;
  }

  async start(): Promise<void> {
    this.#ready = Promise.withResolvers<void>();
    await Promise.all([
      this.#publishing.start(),
      ...this.#consuming.map(({ link }) => link.start()),
      this.#ready.promise,
    ]);
  }

  get trouble(): string | undefined {
    if (this.#closed) return 'closed';
    const { blocked, trouble } = this.#publishing;
    if (trouble !== undefined) return `publishing: ${trouble}`;
    if (blocked !== undefined) return `the broker blocks publishing: ${blocked}`;
    if (!this.#publisher.ready) return `publishing: ${this.#publisher.trouble ?? 'the channel is being opened'}`;
    const down = this.#consuming.find(({ link }) => link.trouble !== undefined);
    return down && `consuming: ${down.link.trouble}`;
  }
  get blocked(): boolean {
    return this.#publishing.blocked !== undefined;
  }
  get healthy(): boolean {
    return this.trouble === undefined;
  }
  onHealth(listener: (healthy: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): void {
    this.#publisher?.pump();
    const healthy = this.healthy;
    if (healthy) this.#ready?.resolve();
    if (healthy === this.#wasHealthy) return;
    this.#wasHealthy = healthy;
    for (const listener of this.#listeners) listener(healthy);
  }

  publish(message: OutgoingMessage): Promise<void> {
    return this.#publisher.publish(message);
  }
  get unconfirmed(): number {
    return this.#publisher.unconfirmed;
  }

  async consume(options: ConsumerOptions): Promise<Consumer> {
    if (this.#closed) throw new Error('The broker connection is closed.');
    let home = this.#consuming.find(({ consumers }) => consumers.size < CONSUMERS_PER_CONNECTION);
    if (!home) {
      home = this.#addConsuming();
      void home.link.start();
    }
    const { consumers, link } = home;
    const consumer = new QueueConsumer(link, options, this.#options.log, (stopped) => consumers.delete(stopped));
    consumers.add(consumer);
    await consumer.start();
    return consumer;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    const consumers = this.#consuming.flatMap((entry) => [...entry.consumers]);
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await this.#publisher.close(this.#publishing.live === undefined ? 0 : CLOSE_GRACE_MS);
    this.#closed = true;
    this.#ready?.reject(new Error('closed'));
    this.#ready?.promise.catch(() => {});
    await within(
      Promise.all([this.#publishing, ...this.#consuming.map(({ link }) => link)].map((link) => link.close())),
      CLOSE_GRACE_MS,
    );
    this.#changed();
  }
}
