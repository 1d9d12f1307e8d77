import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WorkQueue } from './queue.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A queue whose work ends when the test says so. */
function manual(workers: number) {
  const started: string[] = [];
  const ends = new Map<string, (outcome?: number | Error) => void>();
  const queue = new WorkQueue({
    workers,
    random: () => 0.999_999,
    work: (key) =>
      new Promise<number | undefined>((resolve, reject) => {
        started.push(key);
        ends.set(key, (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)));
      }),
  });
  const end = async (key: string, outcome?: number | Error) => {
    ends.get(key)!(outcome);
    await vi.advanceTimersByTimeAsync(0);
  };
  queue.start();
  return { queue, started, end };
}
const settle = () => vi.advanceTimersByTimeAsync(0);

test('a key waits once, however often it is added', async () => {
  const { queue, started, end } = manual(1);
  queue.add('busy');
  await settle();
  for (let i = 0; i < 5; i++) queue.add('a');
  expect(queue.depth.ready).toBe(1);
  await end('busy');
  await end('a');
  expect(started).toEqual(['busy', 'a']);
});

test('a key is never with two workers, and comes again when it was added meanwhile', async () => {
  const { queue, started, end } = manual(4);
  queue.add('a');
  await settle();
  queue.add('a');
  queue.add('a', 'resync');
  await settle();
  expect(started).toEqual(['a']);
  await end('a');
  expect(started).toEqual(['a', 'a']);
  await end('a');
  expect(started).toHaveLength(2);
});

test('user changes go before resyncs, also when the key already waits as a resync', async () => {
  const { queue, started, end } = manual(1);
  queue.add('busy');
  await settle();
  queue.add('r1', 'resync');
  queue.add('r2', 'resync');
  queue.add('u1', 'user');
  queue.add('r2', 'user');
  await end('busy');
  await end('u1');
  await end('r2');
  await end('r1');
  expect(started).toEqual(['busy', 'u1', 'r2', 'r1']);
});

test('a failing key backs off exponentially on its own; success forgets it; others are not delayed', async () => {
  const { queue, started, end } = manual(2);
  queue.add('bad');
  await settle();
  for (const delay of [200, 400, 800]) {
    await end('bad', new Error('no'));
    const before = started.length;
    queue.add('good');
    await settle();
    await end('good');
    await vi.advanceTimersByTimeAsync(delay - 1);
    expect(started.slice(before)).toEqual(['good']);
    await vi.advanceTimersByTimeAsync(2);
    expect(started.slice(before)).toEqual(['good', 'bad']);
  }
  await end('bad');
  queue.add('bad');
  await settle();
  const before = started.length;
  await end('bad', new Error('no'));
  await vi.advanceTimersByTimeAsync(201);
  expect(started).toHaveLength(before + 1);
});

test('backoff is capped', async () => {
  const delays: number[] = [];
  const queue = new WorkQueue({
    workers: 1,
    backoffMaxMs: 30_000,
    random: () => 0.999_999,
    work: async () => {
      throw new Error('no');
    },
    onError: (_key, _error, _attempt, delay) => delays.push(delay),
  });
  queue.start();
  queue.add('a');
  await vi.advanceTimersByTimeAsync(300_000);
  expect(Math.max(...delays)).toBe(30_000);
  await queue.stop();
});

test('a change is not held up by the backoff or a later date of its key', async () => {
  const { queue, started, end } = manual(1);
  queue.add('a');
  await settle();
  await end('a', new Error('no'));
  queue.add('a');
  await settle();
  expect(started).toEqual(['a', 'a']);
  await end('a', 60_000);
  expect(queue.depth.delayed).toBe(1);
  queue.add('a', 'resync', 90_000);
  queue.add('a', 'resync', 10_000);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(started).toHaveLength(3);
  expect(queue.depth.delayed).toBe(0);
});

test('stop waits for what is active and hands out nothing more', async () => {
  const { queue, started, end } = manual(1);
  queue.add('a');
  queue.add('b');
  await settle();
  let stopped = false;
  const stopping = queue.stop().then(() => {
    stopped = true;
  });
  await settle();
  expect(stopped).toBe(false);
  await end('a');
  await stopping;
  expect(started).toEqual(['a']);
});

test('the lag is the age of the oldest change that no work has taken in, also while it is tried again', async () => {
  const { queue, end } = manual(1);
  queue.add('quiet', 'resync');
  await settle();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(queue.lagMs).toBe(0);
  queue.add('a', 'user', 100);
  await vi.advanceTimersByTimeAsync(2_000);
  queue.add('a', 'user');
  expect(queue.lagMs).toBe(2_000);
  await end('quiet');
  await vi.advanceTimersByTimeAsync(1_000);
  await end('a', new Error('the API server is away'));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(queue.lagMs).toBe(4_000);
  // A change that comes while one is worked in counts for itself.
  queue.add('a', 'user');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(queue.lagMs).toBe(5_000);
  await end('a');
  expect(queue.lagMs).toBe(1_000);
  await end('a');
  expect(queue.lagMs).toBe(0);
});
