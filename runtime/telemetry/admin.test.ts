import { expect, it, onTestFinished, vi } from 'vitest';
import { type AdminOptions, startAdmin } from './admin.ts';
import { createMetrics } from './metrics.ts';

const TOKEN = 'canary-token-77aa';

async function admin(options: Partial<AdminOptions> = {}) {
  const server = await startAdmin({
    port: 0,
    ready: () => ({ ok: true, reasons: [] }),
    metrics: createMetrics(),
    ...options,
  });
  onTestFinished(() => server.stop());
  const get = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}${path}`, init);
  return { server, get };
}
const bearer = { headers: { authorization: `Bearer ${TOKEN}` } };

it('tells the truth about readiness, with reasons', async () => {
  let reasons = ['the broker is away'];
  const { get } = await admin({ ready: () => ({ ok: reasons.length === 0, reasons }) });
  expect((await get('/healthz')).status).toBe(200);
  const not = await get('/readyz');
  expect([not.status, await not.json()]).toEqual([503, { ok: false, reasons: ['the broker is away'] }]);
  reasons = [];
  const ready = await get('/readyz');
  expect([ready.status, await ready.json()]).toEqual([200, { ok: true, reasons: [] }]);
});

it('exposes metrics, brought up to date at the scrape', async () => {
  const metrics = createMetrics();
  metrics.onScrape(() => metrics.brokerHealthy.set(1));
  metrics.documents.inc({ integration: 'receipt', stage: 'outbox', outcome: 'Delivered' });
  const { get } = await admin({ metrics });
  const answer = await get('/metrics');
  const text = await answer.text();
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(text).toContain('crossdock_documents_total{integration="receipt",stage="outbox",outcome="Delivered"} 1');
  expect(text).toContain('crossdock_broker_healthy 1');
  const own = text.split('\n').filter((line) => line.startsWith('# TYPE') && !/ (process|nodejs)_/.test(line));
  expect(own.every((line) => line.startsWith('# TYPE crossdock_'))).toBe(true);
});

it('tells the age of what was taken from a queue as long as it says something of it', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const metrics = createMetrics();
  metrics.queueAge.set({ queue: 'order:inbox' }, 7_200);
  expect(await metrics.text()).toContain('crossdock_queue_age_seconds{queue="order:inbox"} 7200');
  vi.setSystemTime(Date.now() + 16 * 60_000);
  expect(await metrics.text()).not.toContain('order:inbox');
});

it('gives the state to who has the token only', async () => {
  const asked: number[] = [];
  const { get } = await admin({
    state: {
      token: TOKEN,
      async get(after) {
        asked.push(after);
        return { revision: after + 1 };
      },
    },
  });
  for (const headers of [
    {},
    { authorization: 'Bearer wrong' },
    { authorization: `Basic ${TOKEN}` },
    { authorization: 'Bearer ' },
  ]) {
    expect((await get('/state?after=1', { headers: headers as Record<string, string> })).status).toBe(401);
  }
  expect(asked).toEqual([]);
  expect(await (await get('/state?after=41', bearer)).json()).toEqual({ revision: 42 });
  expect((await get('/state?after=-1', bearer)).status).toBe(400);
  expect((await get('/state', bearer)).status).toBe(200);
  expect((await get('/other', bearer)).status).toBe(404);
  expect((await get('/healthz', { method: 'POST' })).status).toBe(405);
});

it('has no state where none is configured', async () => {
  const { get } = await admin();
  expect((await get('/state', bearer)).status).toBe(404);
});

it('ends a long poll when the asker leaves and when it stops', async () => {
  const ended: string[] = [];
  let asked = (): void => {};
  const { get, server } = await admin({
    state: {
      token: TOKEN,
      get: (after, signal) =>
        new Promise((resolve) => {
          asked();
          signal.addEventListener('abort', () => {
            ended.push(`poll ${after}`);
            asked();
            resolve({ revision: after });
          });
        }),
    },
  });
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      asked = resolve;
    });
  const controller = new AbortController();
  let began = next();
  const left = get('/state?after=1', { ...bearer, signal: controller.signal }).catch(() => 'left');
  await began;
  began = next();
  controller.abort();
  await began;
  expect(await left).toBe('left');
  began = next();
  const waiting = get('/state?after=2', bearer);
  await began;
  const stopped = server.stop();
  expect(await (await waiting).json()).toEqual({ revision: 2 });
  await stopped;
  expect(ended).toEqual(['poll 1', 'poll 2']);
});

it('a failing state is 500 and takes nothing with it', async () => {
  const { get } = await admin({ state: { token: TOKEN, get: () => Promise.reject(new Error('broken')) } });
  expect((await get('/state', bearer)).status).toBe(500);
  expect((await get('/healthz')).status).toBe(200);
});
