/**
 * Connections to the management APIs of Brokers, one per Broker and Secret version. A broker that fails is not asked again
 * until its breaker allows one try: an unreachable broker delays only the namespaces that use it.
 */
import type { Broker } from '../../crds/generated/types.ts';
import { type ManagementClient, ManagementError, managementClient } from '../apply/rabbitmq/client.ts';
import { connectionSecret } from './sources.ts';
import type { Values } from './values.ts';

export type BrokerReason = 'BrokerNotFound' | 'BrokerUnavailable' | 'BrokerRefused' | 'BrokerUnsupported';

/** Why nothing can be applied at a Broker; `retryMs` from now it is worth another try. */
export class BrokerProblem extends Error {
  readonly reason: BrokerReason;
  readonly retryMs: number;

  constructor(reason: BrokerReason, message: string, retryMs: number) {
    super(message);
    this.name = 'BrokerProblem';
    this.reason = reason;
    this.retryMs = retryMs;
  }
}

export interface Link {
  client: ManagementClient;
  amqpUri: string;
  ca?: string;
  /** Of RabbitMQ. */
  version: string;
  secret: string;
  secretVersion: string;
}
interface Known {
  link?: Link;
  /** In memory only, as long as the process lives. */
  credentials?: Credentials;
  failures: number;
  /** Monotonic ms. */
  openUntil: number;
  problem?: BrokerProblem;
}

const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;
const ODD_MS = 5_000;
const OLDEST = [3, 10] as const;

export class Brokers {
  readonly #values: Values;
  readonly #deadlineMs: number;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();

  constructor(values: Values, deadlineMs = 12_000, now: () => number = () => performance.now()) {
    this.#values = values;
    this.#deadlineMs = deadlineMs;
    this.#now = now;
  }

  /** Runs the act with the Broker's connection. Rejects with BrokerProblem when the Broker is at fault, at once while its breaker is open. */
  async use<T>(broker: Broker, act: (link: Link) => Promise<T>): Promise<T> {
    const key = `${broker.metadata.namespace}/${broker.metadata.name}`;
    const known = this.#known.get(key) ?? { failures: 0, openUntil: 0 };
    this.#known.set(key, known);
    const credentials = await this.#credentials(broker, known);
    if (credentials.secretVersion !== known.credentials?.secretVersion) this.#reset(known, credentials);
    const wait = known.openUntil - this.#now();
    if (known.problem && wait > 0) throw new BrokerProblem(known.problem.reason, known.problem.message, wait);
    // The others wait until this try is over.
    if (known.problem) known.openUntil = this.#now() + this.#deadlineMs;
    try {
      known.link ??= await this.#connect(credentials);
      const result = await act(known.link);
      known.failures = 0;
      delete known.problem;
      return result;
    } catch (error) {
      const problem = problemOf(error);
      if (!problem) {
        delete known.problem;
        // One namespace's trouble with a broker that answers is nobody else's.
        if (error instanceof ManagementError) throw new BrokerProblem('BrokerRefused', error.message, ODD_MS);
        throw error;
      }
      known.failures += 1;
      const openMs =
        Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(known.failures - 1, 10)) * (0.75 + Math.random() / 4);
      known.openUntil = this.#now() + openMs;
      known.problem = new BrokerProblem(problem.reason, problem.message, openMs);
      // Another version may answer after the outage.
      if (known.link) await known.link.client.close();
      delete known.link;
      throw known.problem;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#known.values()].map(({ link }) => link?.client.close()));
  }

  #reset(known: Known, credentials: Credentials): void {
    void known.link?.client.close();
    delete known.link;
    delete known.problem;
    known.failures = 0;
    known.openUntil = 0;
    known.credentials = credentials;
  }

  async #connect(credentials: Credentials): Promise<Link> {
    const { managementUri, amqpUri, ca, secret, secretVersion } = credentials;
    const client = managementClient({ uri: managementUri, ca, deadlineMs: this.#deadlineMs });
    try {
      const { version } = await client.overview();
      const [major = 0, minor = 0] = version.split('.').map(Number);
      if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
        const message = `RabbitMQ ${version} is not supported: ${OLDEST.join('.')} or later is needed`;
        throw new BrokerProblem('BrokerUnsupported', message, LONGEST_MS);
      }
      return { client, amqpUri, ...(ca !== undefined && { ca }), version, secret, secretVersion };
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** A Secret that went before its Broker does not cut off what is still to be cleaned up: those known last stay in use. */
  async #credentials(broker: Broker, known: Known): Promise<Credentials> {
    const namespace = broker.metadata.namespace!;
    const { secretRef, rabbitmqClusterRef } = broker.spec.connection;
    if (rabbitmqClusterRef?.namespace && rabbitmqClusterRef.namespace !== namespace)
      throw new BrokerProblem(
        'BrokerNotFound',
        'rabbitmqClusterRef may only name a cluster of its own namespace',
        LONGEST_MS,
      );
    const secret = connectionSecret(broker);
    const found = await this.#values.secret(namespace, secret);
    if (!found) {
      if (known.credentials?.secret === secret) return known.credentials;
      throw new BrokerProblem(
        'BrokerNotFound',
        `Secret ${secret} of Broker ${broker.metadata.name} does not exist`,
        LONGEST_MS,
      );
    }
    const uris = secretRef ? found.data : urisOfCluster(found.data);
    const { uri: amqpUri, managementUri } = uris;
    if (!amqpUri || !managementUri) {
      const lacking = amqpUri ? 'managementUri' : 'uri';
      throw new BrokerProblem(
        'BrokerNotFound',
        `Secret ${secret} of Broker ${broker.metadata.name} lacks the key ${lacking}`,
        LONGEST_MS,
      );
    }
    for (const [key, text, schemes] of [
      ['uri', amqpUri, ['amqp:', 'amqps:']],
      ['managementUri', managementUri, ['http:', 'https:']],
    ] as const) {
      if (!URL.canParse(text) || !(schemes as readonly string[]).includes(new URL(text).protocol)) {
        const message = `the key ${key} of Secret ${secret} must be a URI that begins with ${schemes.join('// or ')}//`;
        throw new BrokerProblem('BrokerRefused', message, LONGEST_MS);
      }
    }
    const ca = found.data['ca.crt'];
    return { amqpUri, managementUri, ...(ca !== undefined && { ca }), secret, secretVersion: found.version };
  }
}

interface Credentials {
  amqpUri: string;
  managementUri: string;
  ca?: string;
  secret: string;
  secretVersion: string;
}

/** From the default user's Secret that RabbitMQ's cluster operator makes. With TLS its port is 5671, and management's 15671. */
function urisOfCluster(data: Record<string, string>): Record<string, string> {
  const { username, password, host, port = '5672' } = data;
  if (!username || !password || !host) return {};
  const who = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
  const [s, management] = port === '5671' ? ['s', 15671] : ['', 15672];
  return {
    ...data,
    uri: `amqp${s}://${who}@${host}:${port}`,
    managementUri: `http${s}://${who}@${host}:${management}`,
  };
}

function problemOf(error: unknown): BrokerProblem | undefined {
  if (error instanceof BrokerProblem) return error;
  if (!(error instanceof ManagementError)) return undefined;
  if (error.kind === 'unreachable') return new BrokerProblem('BrokerUnavailable', error.message, FIRST_MS);
  if (error.kind === 'unauthorized') return new BrokerProblem('BrokerRefused', error.message, LONGEST_MS);
  if (error.kind === 'forbidden') return new BrokerProblem('BrokerRefused', error.message, LONGEST_MS);
  return undefined;
}
