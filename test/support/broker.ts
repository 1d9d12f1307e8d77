/** RabbitMQ for tests: a vhost of one's own in the run's broker, or a broker of one's own to kill. */
import { randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type PrivateBroker, startPrivateBroker } from '../../standalone/broker.ts';
import type { BrokerMajor } from '../../standalone/broker-program.ts';
import { sharedPart } from './parts.ts';

export interface Management {
  /** `path` without `/api`, its names percent-encoded by the caller. Rejects on any answer that is not 2xx. Undefined for an empty body. */
  call<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
}

export interface TestVhost {
  readonly vhost: string;
  readonly user: string;
  readonly password: string;
  /** As the vhost's own user, who may do all in it and nothing elsewhere; without any management tag. */
  readonly uri: string;
  /** As the broker's administrator, default vhost. */
  readonly adminUri: string;
  /** As the broker's administrator: `http://user:password@127.0.0.1:port`. */
  readonly managementUri: string;
  readonly version: string;
  readonly management: Management;
  /** Removes the vhost with all that is in it, and the user. */
  remove(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The broker that all test files of the project share, of the version that $CROSSDOCK_RABBITMQ asks for. Never kill it, never set a policy on `/` or an alarm. */
export function sharedBroker(): Promise<{ uri: string; managementUri: string; version: string; pid: number }> {
  const major = process.env.CROSSDOCK_RABBITMQ as BrokerMajor | undefined;
  return sharedPart(major ? `broker-${major}` : 'broker');
}

/** A fresh vhost in the shared broker, or in the given one. */
export async function testVhost(broker?: { uri: string; managementUri: string; version: string }): Promise<TestVhost> {
  const { uri: adminUri, managementUri, version } = broker ?? (await sharedBroker());
  const management = managementOf(managementUri);
  const vhost = `test-${randomBytes(5).toString('hex')}`;
  const user = vhost;
  const password = randomBytes(12).toString('hex');
  await management.call('PUT', `/vhosts/${vhost}`, {});
  await management.call('PUT', `/users/${user}`, { password, tags: '' });
  await management.call('PUT', `/permissions/${vhost}/${user}`, { configure: '.*', write: '.*', read: '.*' });
  const admin = decodeURIComponent(new URL(adminUri).username);
  await management.call('PUT', `/permissions/${vhost}/${admin}`, { configure: '.*', write: '.*', read: '.*' });
  const remove = async () => {
    await management.call('DELETE', `/vhosts/${vhost}`);
    await management.call('DELETE', `/users/${user}`);
  };
  const uri = `amqp://${user}:${password}@${new URL(adminUri).host}/${vhost}`;
  return {
    vhost,
    user,
    password,
    uri,
    adminUri,
    managementUri,
    version,
    management,
    remove,
    [Symbol.asyncDispose]: remove,
  };
}

/** A broker for this test alone, to be killed and restarted. ~5 s and 160 MB each: dispose of it. */
export function ownBroker(): Promise<PrivateBroker> {
  return startPrivateBroker();
}

/**
 * Waits until the node has written down that the quorum queues exist. RabbitMQ writes their names behind, up to a second after
 * it has answered the declaration; a node that is killed before that comes back with the queue but without its messages
 * and its leader. Call it between declaring and kill().
 */
export async function untilQueuesAreOnDisk(broker: PrivateBroker, ...queues: string[]): Promise<void> {
  const end = Date.now() + 10_000;
  for (;;) {
    const written = globSync(join(broker.folder, 'data/*/quorum/*/names.dets')).map((file) => readFileSync(file));
    if (queues.every((queue) => written.some((bytes) => bytes.includes(`_${queue}`)))) return;
    if (Date.now() > end) throw new Error(`not on disk after 10 s in ${broker.folder}: ${queues.join(', ')}`);
    await delay(25);
  }
}

export function managementOf(managementUri: string): Management {
  const { username, password, origin } = new URL(managementUri);
  const authorization = `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
  return {
    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const response = await fetch(`${origin}/api${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(20_000),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
      return (text === '' ? undefined : JSON.parse(text)) as T;
    },
  };
}
