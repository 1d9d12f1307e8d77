/** What a slow, huge or dying sender, or a stopping server, does. */
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import type { Answer } from '../../runtime/ingress/contract.ts';
import { ingressDesk } from './ingress-desk.ts';
import { until } from './support.ts';

const MiB = 1_024 * 1_024;

it('a body of 100 MB is answered 413, said or chunked, and is never held', async () => {
  const { post, posted } = await ingressDesk();
  const body = Buffer.alloc(100e6, 'x');
  for (const chunked of [false, true]) {
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }, 2);
    const answer = await post('/receipts', { body, chunked });
    clearInterval(watch);
    expect(answer).toMatchObject({
      status: 413,
      json: { type: 'https://crossdock.dev/problems/body-too-large' },
      headers: { connection: 'close' },
    });
    expect(most).toBeLessThan(60 * MiB);
  }
  expect(posted).toEqual([]);
});

it('who sends all of a refused body before reading still gets the answer', async () => {
  const { socket } = await ingressDesk();
  const raw = await socket();
  raw.socket.pause();
  raw.socket.write(`POST /receipts HTTP/1.1\r\nHost: h\r\nContent-Length: ${40 * MiB}\r\n\r\n`);
  for (let n = 0; n < 40; n += 1) {
    await new Promise<void>((resolve, reject) => {
      raw.socket.write(Buffer.alloc(MiB), (error) => (error ? reject(error) : resolve()));
    });
  }
  raw.socket.resume();
  await raw.closed;
  expect(raw.text()).toMatch(/^HTTP\/1\.1 413 .*body-too-large/s);
});

it('a body at the cap passes, one byte more does not', async () => {
  const { post, posted } = await ingressDesk({ limits: { bodyBytes: 1_000 } });
  for (const chunked of [false, true]) {
    expect((await post('/receipts', { body: Buffer.alloc(1_000), chunked })).status).toBe(202);
    expect((await post('/receipts', { body: Buffer.alloc(1_001), chunked })).status).toBe(413);
  }
  expect(posted).toHaveLength(2);
});

it('a gzip bomb is answered 413', async () => {
  const { post, posted } = await ingressDesk();
  const bomb = gzipSync(Buffer.alloc(100 * MiB));
  expect(bomb.length).toBeLessThan(MiB);
  expect((await post('/receipts', { body: bomb, headers: { 'content-encoding': 'gzip' } })).status).toBe(413);
  expect(posted).toEqual([]);
});

it('no length at all is 411', async () => {
  const { socket } = await ingressDesk();
  const raw = await socket();
  raw.socket.write('POST /receipts HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  await raw.closed;
  expect(raw.text()).toMatch(/^HTTP\/1\.1 411 /);
});

it('Expect: 100-continue is judged before the body is asked for', async () => {
  const { post, posted, socket } = await ingressDesk();
  expect((await post('/receipts', { body: '{"a":1}', headers: { expect: '100-continue' } })).status).toBe(202);
  expect(posted[0]!.body.toString()).toBe('{"a":1}');
  const raw = await socket();
  raw.socket.write(`POST /receipts HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: ${100e6}\r\n\r\n`);
  await raw.closed;
  expect(raw.text()).toMatch(/^HTTP\/1\.1 413 /);
  const stranger = await socket();
  stranger.socket.write('POST /orders HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  await stranger.closed;
  expect(stranger.text()).toMatch(/^HTTP\/1\.1 401 /);
});

it('who sends the head or the body too slowly is cut off, and others are served meanwhile', async () => {
  const { post, posted, socket } = await ingressDesk({ limits: { headerTimeoutMs: 300, requestTimeoutMs: 600 } });
  const head = await socket();
  head.socket.write('POST /receipts HTTP/1.1\r\nHost:');
  const body = await socket();
  body.socket.write('POST /receipts HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{');
  const drip = setInterval(() => body.socket.write(' '), 50);
  expect((await post('/receipts')).status).toBe(202);
  await Promise.all([head.closed, body.closed]);
  clearInterval(drip);
  expect(head.text()).toMatch(/^HTTP\/1\.1 408 /);
  expect(posted).toHaveLength(1);
});

it('who goes away in the middle of the body leaves nothing behind', async () => {
  const { post, posted, socket, metrics } = await ingressDesk({ limits: { requests: 1 } });
  const raw = await socket();
  raw.socket.write('POST /receipts HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf');
  await until(async () => (await post('/receipts')).status === 503);
  raw.socket.destroy();
  await until(async () => (await post('/receipts')).status === 202);
  expect(posted).toHaveLength(1);
  expect(await metrics.text()).toContain(
    'crossdock_ingress_requests_total{endpoint="integration/receipt",status="gone"} 1',
  );
});

it('nonsense is answered 400 and closed', async () => {
  const { socket } = await ingressDesk();
  const raw = await socket();
  raw.socket.write('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n');
  await raw.closed;
  expect(raw.text()).toMatch(/^HTTP\/1\.1 400 /);
});

it('one caller gets its share at a time (429), all together theirs (503), and what is answered makes room', async () => {
  const waiting: (() => void)[] = [];
  const { post } = await ingressDesk({
    limits: { requests: 3, requestsPerCaller: 2 },
    accept: () =>
      new Promise<Answer>((resolve) => waiting.push(() => resolve({ accepted: true, documents: [], warnings: [] }))),
  });
  const first = [post('/receipts'), post('/receipts')];
  await until(() => waiting.length === 2);
  expect(await post('/receipts')).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  const other = post('/orders', { headers: { 'x-api-key': 'canary-key-wms-4e5f' } });
  await until(() => waiting.length === 3);
  expect(await post('/counts', { headers: { 'x-wms': 'canary-key-wms-4e5f' } })).toMatchObject({ status: 503 });
  for (const answer of waiting.splice(0)) answer();
  expect((await Promise.all([...first, other])).map(({ status }) => status)).toEqual([202, 202, 202]);
  const again = post('/receipts');
  await until(() => waiting.length === 1);
  waiting[0]!();
  expect((await again).status).toBe(202);
});

it('bodies held at a time are bounded in bytes', async () => {
  let release = (): void => {};
  const { post } = await ingressDesk({
    limits: { bodyBytes: 1_000, totalBytes: 1_500 },
    accept: () =>
      new Promise<Answer>((resolve) => {
        release = () => resolve({ accepted: true, documents: [], warnings: [] });
      }),
  });
  const one = post('/receipts', { body: Buffer.alloc(1_000) });
  const held = release;
  await until(() => release !== held);
  expect((await post('/receipts', { body: Buffer.alloc(600) })).status).toBe(503);
  release();
  expect((await one).status).toBe(202);
});

it('while stopping, what is under way is finished, what is new gets 503, and then the port is closed', async () => {
  let release = (): void => {};
  const { ingress, post, posted } = await ingressDesk({
    accept: () =>
      new Promise<Answer>((resolve) => {
        release = () => resolve({ accepted: true, documents: [{ id: 'd', type: 't' }], warnings: [] });
      }),
  });
  const underWay = post('/receipts');
  await until(() => posted.length === 1);
  const stopped = ingress.stop(10_000);
  expect(await post('/receipts')).toMatchObject({ status: 503, headers: { connection: 'close', 'retry-after': '1' } });
  release();
  expect(await underWay).toMatchObject({ status: 202, headers: { connection: 'close' } });
  await stopped;
  await expect(post('/receipts')).rejects.toThrow(/ECONNREFUSED/);
});

it('stopping does not wait longer than its grace', async () => {
  const { ingress, post, posted } = await ingressDesk({ accept: () => new Promise<Answer>(() => {}) });
  const hung = post('/receipts').catch((error: Error) => error.message);
  await until(() => posted.length === 1);
  const started = performance.now();
  await ingress.stop(100);
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(await hung).toMatch(/socket hang up|ECONNRESET/);
});
