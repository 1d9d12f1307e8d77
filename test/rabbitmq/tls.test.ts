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
let stop: () => void;

beforeAll(async () => {
  place = await testVhost();
  folder = temporaryFolder('tls');
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost'.split(' ');
  const names = ['-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', ...made, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  ca = readFileSync(cert, 'utf8');
  const { hostname, port } = new URL(place.uri);
  const sockets = new Set<TLSSocket>();
  const server = createServer({ key: readFileSync(key), cert: ca }, (socket) => {
    sockets.add(socket);
    const upstream = connect(Number(port), hostname);
    socket.on('error', () => upstream.destroy()).pipe(upstream);
    upstream.on('error', () => socket.destroy()).pipe(socket);
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const target = new URL(place.uri);
  target.protocol = 'amqps:';
  target.hostname = 'localhost';
  target.port = String((server.address() as AddressInfo).port);
  uri = target.href;
  stop = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
});
afterAll(async () => {
  stop?.();
  if (folder) removeFolder(folder);
  await place?.remove();
});

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
  const giveUp = new AbortController();
  const troubles: string[] = [];
  const onTrouble = ({ message: text }: Error) => {
    troubles.push(text);
    giveUp.abort(new Error('given up'));
  };
  await expect(open(uri, { signal: giveUp.signal, onTrouble })).rejects.toThrow('given up');
  expect(troubles[0]).toMatch(/self-signed certificate/);
});
