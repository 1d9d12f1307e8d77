/** What a namespace has of its own: vhost and user at the broker with narrow rights, and the Secrets that its runtimes read. */
import { randomBytes } from 'node:crypto';
import type { Broker } from '../../crds/generated/types.ts';
import { canonicalJson } from '../../runtime/canonical.ts';
import { BROKER_SECRET, RUNTIME_TOKEN_SECRET } from '../../runtime/published.ts';
import type { TopologyReport } from '../apply/rabbitmq/apply.ts';
import { ensureScaler, ensureTenant, vhostOf } from '../apply/rabbitmq/namespace.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKube } from '../kube/errors.ts';
import { SECRETS } from '../kube/types.ts';
import type { Link } from './brokers.ts';
import { SCALER_SECRET } from './pool-objects.ts';
import { OURS } from './publish.ts';
import type { Values } from './values.ts';

export const vhostFor = (broker: Broker, namespace: string): string => broker.spec.virtualHost ?? vhostOf(namespace);
export const userFor = (namespace: string): string => `crossdock.${namespace}`;
const OWNER_MARK = 'crossdock-owner:';

export class Tenants {
  readonly #client: KubeClient;
  readonly #values: Values;

  constructor(client: KubeClient, values: Values) {
    this.#client = client;
    this.#values = values;
  }

  /**
   * Makes vhost, user, rights and the Secret what they should be. A password that is there stays; without the Secret a new
   * one is drawn. In a vhost that another owner has marked nothing is touched: gives whose it is.
   */
  async ensure(
    link: Link,
    broker: Broker,
    namespace: string,
    owner: string,
  ): Promise<Pick<TopologyReport, 'otherOwner'>> {
    const vhost = vhostFor(broker, namespace);
    const otherOwner = await ownerOf(link, vhost);
    if (otherOwner !== undefined && otherOwner !== owner) return { otherOwner };
    const known = await this.#values.secret(namespace, BROKER_SECRET);
    const password = known?.data.password || randomBytes(24).toString('base64url');
    const user = userFor(namespace);
    const { uri } = await ensureTenant(link.client, { namespace, vhost, user, password, amqpUri: link.amqpUri });
    const data = {
      uri,
      username: user,
      password,
      virtualHost: vhost,
      ...(link.ca !== undefined && { 'ca.crt': link.ca }),
    };
    if (canonicalJson(known?.data) !== canonicalJson(data)) await this.write(namespace, BROKER_SECRET, data);
    return {};
  }

  /** User and Secret for autoscalers of the namespace's RuntimePools. */
  async ensureScaler(link: Link, namespace: string, vhost: string): Promise<void> {
    const known = await this.#values.secret(namespace, SCALER_SECRET);
    const { host: before = '' } = known?.data ?? {};
    const drawn = URL.canParse(before) ? decodeURIComponent(new URL(before).password) : '';
    const password = drawn || randomBytes(24).toString('base64url');
    const host = await ensureScaler(link.client, { namespace, vhost, password });
    if (host !== before) await this.write(namespace, SCALER_SECRET, { host });
  }

  /** The token that the runtimes of the namespace demand for `/state`. */
  async ensureToken(namespace: string): Promise<void> {
    const known = await this.#values.secret(namespace, RUNTIME_TOKEN_SECRET);
    if (!known?.data.token)
      await this.write(namespace, RUNTIME_TOKEN_SECRET, { token: randomBytes(24).toString('base64url') });
  }

  async token(namespace: string): Promise<string | undefined> {
    return (await this.#values.secret(namespace, RUNTIME_TOKEN_SECRET))?.data.token;
  }

  /** A Secret of ours. */
  async write(namespace: string, name: string, values: Record<string, string>): Promise<void> {
    const data = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    );
    await this.#client
      .apply(SECRETS, { metadata: { name, namespace, labels: OURS }, type: 'Opaque', data })
      .catch(refuse(name));
  }
}

async function ownerOf(link: Link, vhost: string): Promise<string | undefined> {
  if (!(await link.client.hasVhost(vhost))) return undefined;
  const { client } = link;
  // Reading a vhost needs a permission in it, which a vhost that another made need not give us.
  const exchanges = await client.exchanges(vhost).catch(() => []);
  return exchanges
    .map(({ name }) => name)
    .filter((name) => name.startsWith(OWNER_MARK))
    .sort()[0]
    ?.slice(OWNER_MARK.length);
}

/** A Secret of that name whose type is not ours is somebody else's: say so instead of an API message about immutability. */
const refuse =
  (name: string) =>
  (error: unknown): never => {
    if (isKube(error, 'Invalid'))
      throw new Error(`Secret ${name} cannot be written: ${error.message}. If it is not the operator's, delete it.`);
    throw error;
  };
