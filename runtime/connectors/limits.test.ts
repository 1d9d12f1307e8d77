import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Sink, SinkRequest } from './connector.ts';
import { limited } from './limits.ts';

const request = (signal = new AbortController().signal): SinkRequest => ({
  body: Buffer.alloc(0),
  contentType: '',
  idempotencyKey: 'k',
  headers: {},
  timeoutMs: 1_000,
  signal,
});
/** Answers when told to. */
function slow() {
  const pending: (() => void)[] = [];
  const sink: Sink = {
    send: () => new Promise((resolve) => pending.push(() => resolve({ status: 200, headers: {}, body: '' }))),
    async close() {},
  };
  return { sink, pending };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('runs no more than concurrency at a time, in order', async () => {
  const { sink, pending } = slow();
  const held = limited(sink, { name: 'c', concurrency: 2 });
  const sent = [1, 2, 3].map(() => held.send(request()));
  await vi.advanceTimersByTimeAsync(0);
  expect(pending).toHaveLength(2);
  pending[0]!();
  await sent[0];
  await vi.advanceTimersByTimeAsync(0);
  expect(pending).toHaveLength(3);
});

it('starts no more than the rate', async () => {
  let started = 0;
  const sink: Sink = {
    async send() {
      started += 1;
      return { status: 200, headers: {}, body: '' };
    },
    async close() {},
  };
  const held = limited(sink, { name: 'c', concurrency: 100, ratePerSecond: 10 });
  const all = Array.from({ length: 40 }, () => held.send(request()));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(started).toBeGreaterThanOrEqual(9);
  expect(started).toBeLessThanOrEqual(12);
  await vi.advanceTimersByTimeAsync(3_500);
  await Promise.all(all);
});

it('gives the slot back after a failure', async () => {
  const sink: Sink = { send: () => Promise.reject(new Error('no')), async close() {} };
  const held = limited(sink, { name: 'c', concurrency: 1 });
  await expect(held.send(request())).rejects.toThrow('no');
  await expect(held.send(request())).rejects.toThrow('no');
});

it('lets a waiting request go when it is aborted, unsent', async () => {
  const { sink, pending } = slow();
  const held = limited(sink, { name: 'c', concurrency: 1 });
  void held.send(request());
  const controller = new AbortController();
  const waiting = held.send(request(controller.signal));
  controller.abort();
  await expect(waiting).rejects.toMatchObject({
    class: 'DeliveryFailed',
    code: 'delivery.interrupted',
    retryable: true,
  });
  expect(pending).toHaveLength(1);
});
