/** The broker layer over TLS: a real broker behind an end of TLS that is made here. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../../standalone/cache.ts';
import { removeFolder } from '../../standalone/process.ts';
import { type TestVhost, testVhost } from '../support/broker.ts';
import { message, open } from './helpers.ts';

let place: TestVhost;
let folder: string;
let ca: string;
let uri: string;
const servers: { stop(): void }[] = [];

beforeAll(async () => {
  place = await testVhost();
  folder = temporaryFolder('tls');
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost'.split(' ');
  openssl('req', ...made, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert);
  ca = readFileSync(cert, 'utf8');
  uri = await behindTls(key, cert);
});
afterAll(async () => {
  for (const server of servers) server.stop();
  if (folder) removeFolder(folder);
  await place?.remove();
});

const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });

/** The broker behind an end of TLS with that certificate. */
async function behindTls(keyFile: string, certFile: string): Promise<string> {
  const { hostname, port } = new URL(place.uri);
  const sockets = new Set<TLSSocket>();
  const server = createServer({ key: readFileSync(keyFile), cert: readFileSync(certFile) }, (socket) => {
    sockets.add(socket);
    const upstream = connect(Number(port), hostname);
    socket.on('error', () => upstream.destroy()).pipe(upstream);
    upstream.on('error', () => socket.destroy()).pipe(socket);
  });
  servers.push({
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const target = new URL(place.uri);
  target.protocol = 'amqps:';
  target.hostname = 'localhost';
  target.port = String((server.address() as AddressInfo).port);
  return target.href;
}

/** Why it cannot be connected to, as it is told the first time. */
async function troubleAt(target: string, trusted?: string): Promise<string> {
  const giveUp = new AbortController();
  const troubles: string[] = [];
  const onTrouble = ({ message: text }: Error) => {
    troubles.push(text);
    giveUp.abort(new Error('given up'));
  };
  const ca = trusted === undefined ? {} : { ca: trusted };
  await expect(open(target, { signal: giveUp.signal, onTrouble, ...ca })).rejects.toThrow('given up');
  return troubles[0]!;
}

test('messages of any size pass', async () => {
  await place.management.call('PUT', `/queues/${place.vhost}/tls`, {
    durable: true,
    arguments: { 'x-queue-type': 'quorum' },
  });
  const broker = await open(uri, { ca });
  const sizes = [0, 10, 40_000, 1_000_000];
  await Promise.all(sizes.map((size) => broker.publish({ ...message('tls', ''), body: Buffer.alloc(size, 'x') })));
  const seen: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const consumer = await broker.consume({
    queue: 'tls',
    prefetch: 10,
    onDelivery(delivery) {
      seen.push(delivery.body.length);
      delivery.ack();
      if (seen.length === sizes.length) resolve();
    },
  });
  await promise;
  expect(seen).toEqual(sizes);
  await consumer.stop();
  await broker.close();
});

test('a certificate that nobody vouches for is refused, and told', async () => {
  expect(await troubleAt(uri)).toMatch(/self-signed certificate/);
});

test('a certificate that has expired is refused, and told', async () => {
  const [key, request, cert] = ['old-key.pem', 'old-request.pem', 'old-cert.pem'].map((name) => join(folder, name));
  const made = '-new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost'.split(' ');
  openssl('req', ...made, '-keyout', key!, '-out', request!);
  openssl('x509', '-req', '-in', request!, '-signkey', key!, '-days', '-1', '-out', cert!);
  expect(await troubleAt(await behindTls(key!, cert!), readFileSync(cert!, 'utf8'))).toMatch(/certificate has expired/);
});
