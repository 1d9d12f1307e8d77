import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ManagementClient, ManagementError, managementClient } from '../../operator/apply/rabbitmq/client.ts';
import { ensureTenant, vhostOf } from '../../operator/apply/rabbitmq/namespace.ts';
import { type TestVhost, testVhost } from '../support/broker.ts';
import { message, open } from './helpers.ts';

let place: TestVhost;
let client: ManagementClient;

beforeAll(async () => {
  place = await testVhost();
  client = managementClient({ uri: place.managementUri });
});
afterAll(async () => {
  await client?.close();
  await place?.remove();
});

const errorOf = async (uri: string, call: (client: ManagementClient) => Promise<unknown>): Promise<ManagementError> => {
  const other = managementClient({ uri, deadlineMs: 500 });
  try {
    await call(other);
  } catch (error) {
    expect(error).toBeInstanceOf(ManagementError);
    return error as ManagementError;
  } finally {
    await other.close();
  }
  throw new Error('no error');
};
const as = (user: string, password: string): string => {
  const url = new URL(place.managementUri);
  url.username = user;
  url.password = password;
  return url.href;
};

test('the version is known', async () => {
  expect((await client.overview()).version).toBe(place.version);
});

test('errors say what kind they are, and hold no password', async () => {
  const wrong = await errorOf(as('crossdock', 'wrong-secret'), (other) => other.overview());
  expect(wrong.kind).toBe('unauthorized');
  expect(wrong.message).not.toContain('wrong-secret');
  const tenant = as(place.user, place.password);
  expect((await errorOf(tenant, (other) => other.overview())).kind).toBe('forbidden');
  expect((await errorOf('http://u:wrong-secret@127.0.0.1:1', (other) => other.overview())).kind).toBe('unreachable');
  expect((await errorOf(place.managementUri, (other) => other.queues('no-such'))).kind).toBe('notFound');
  await client.putQueue(place.vhost, { name: 'q', durable: true, arguments: {} });
  const changed = { name: 'q', durable: true, arguments: { 'x-max-length': 1 } };
  expect((await errorOf(place.managementUri, (other) => other.putQueue(place.vhost, changed))).kind).toBe(
    'precondition',
  );
  expect(() => managementClient({ uri: 'not a uri' })).toThrow(/not of the form/);
});

test('a server that never answers is unreachable after the deadline; one that is no RabbitMQ is told apart', async () => {
  const server = createServer((incoming, outgoing) => {
    if (incoming.url?.includes('vhosts')) outgoing.end('<html>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const uri = `http://u:p@127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hung = await errorOf(uri, (other) => other.overview());
  expect(hung).toMatchObject({ kind: 'unreachable', message: expect.stringMatching(/no answer within 500 ms/) });
  expect((await errorOf(uri, (other) => other.hasVhost('a'))).kind).toBe('unexpected');
  server.closeAllConnections();
  server.close();
});

test('a tenant has a vhost and a user of its own, and reaches nothing else', async () => {
  const namespace = `n-${place.vhost}`;
  const user = `crossdock.${namespace}`;
  const tenant = { namespace, user, password: 'first secret/1', amqpUri: place.adminUri };
  const { vhost, uri } = await ensureTenant(client, tenant);
  expect(vhost).toBe(vhostOf(namespace));
  const { writes } = client.calls;
  expect(await ensureTenant(client, tenant)).toEqual({ vhost, uri });
  expect(client.calls.writes).toBe(writes);

  await client.putQueue(vhost, { name: 'own', durable: true, arguments: { 'x-queue-type': 'quorum' } });
  const broker = await open(uri);
  await broker.publish(message('own', 'x'));
  await broker.close();
  const elsewhere = new URL(uri);
  elsewhere.pathname = `/${place.vhost}`;
  const giveUp = new AbortController();
  const trouble = await new Promise<Error>((resolve) => {
    open(elsewhere.href, { signal: giveUp.signal, onTrouble: resolve }).catch(() => {});
  });
  giveUp.abort();
  expect(trouble.message).toMatch(new RegExp(`virtual host '${place.vhost}' does not exist.*or .*no permission`));
  // Declares nothing.
  const plain = await connect(uri);
  plain.on('error', () => {});
  const channel = await plain.createChannel();
  channel.on('error', () => {});
  await expect(channel.assertQueue('another')).rejects.toThrow(/ACCESS_REFUSED/);
  await plain.close();

  // A rotated password, and rights that somebody added, are put right.
  await place.management.call('PUT', `/permissions/${place.vhost}/${user}`, { configure: '', write: '.*', read: '.*' });
  const rotated = await ensureTenant(client, { ...tenant, password: 'second' });
  await (await open(rotated.uri)).close();
  await expect(connect(uri)).rejects.toThrow(/ACCESS_REFUSED|ACCESS-REFUSED/);
  await expect(connect(Object.assign(new URL(rotated.uri), { pathname: `/${place.vhost}` }).href)).rejects.toThrow();
  await client.deleteVhost(vhost);
  await client.deleteUser(user);
  // Already gone is success.
  await client.deleteVhost(vhost);
});
