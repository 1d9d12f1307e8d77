/** The writer's own decisions, against a broker whose confirms the test gives. Real streams: test/rabbitmq. */
import { expect, test, vi } from 'vitest';
import type { Broker, OutgoingMessage } from '../broker/broker.ts';
import type { JournalEntry } from './entry.ts';
import { openJournal } from './writer.ts';

const log = { info: () => {}, warn: () => {}, error: () => {} };
const entry = (id: string): JournalEntry => ({ id, document: id }) as JournalEntry;

function controlled() {
  const published: { message: OutgoingMessage; confirm: () => void; fail: (error: Error) => void; ids: string[] }[] =
    [];
  const publish = (message: OutgoingMessage) =>
    new Promise<void>((resolve, reject) => {
      const ids = (JSON.parse(message.body.toString()) as JournalEntry[]).map(({ id }) => id);
      published.push({ message, confirm: resolve, fail: reject, ids });
    });
  return { published, broker: { publish } as unknown as Broker };
}
const turn = () => new Promise((resolve) => setTimeout(resolve, 10));
async function arrival<T>(list: readonly T[], index: number): Promise<T> {
  const end = performance.now() + 5_000;
  while (list.length <= index) {
    if (performance.now() > end) throw new Error(`message ${index} was not published`);
    await turn();
  }
  return list[index]!;
}

test('the entries of a turn are one message, and are written when it is confirmed', async () => {
  const { published, broker } = controlled();
  const journal = openJournal(broker, { namespace: 'n', log });
  let written = 0;
  const writes = ['a', 'b', 'c'].map((id) => journal.write(entry(id)).then(() => written++));
  const batch = await arrival(published, 0);
  expect(batch.ids).toEqual(['a', 'b', 'c']);
  expect(batch.message).toMatchObject({ exchange: '', routingKey: 'journal', messageId: 'a' });
  await turn();
  expect(written).toBe(0);
  expect(journal.pending).toBe(3);
  batch.confirm();
  await Promise.all(writes);
  expect(journal.pending).toBe(0);
});

test('a full batch does not wait', async () => {
  const { published, broker } = controlled();
  const journal = openJournal(broker, { namespace: 'n', log, maxEntries: 2 });
  for (const id of ['a', 'b', 'c']) void journal.write(entry(id));
  expect(published.map(({ ids }) => ids)).toEqual([['a', 'b']]);
  expect((await arrival(published, 1)).ids).toEqual(['c']);
});

test('where many are written they gather, and one alone does not wait', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });
  try {
    const { published, broker } = controlled();
    const journal = openJournal(broker, { namespace: 'n', log });
    const write = (ids: string[], afterMs: number) => {
      for (const id of ids) void journal.write(entry(id));
      vi.advanceTimersByTime(afterMs);
    };
    for (const id of ['a', 'b', 'c']) write([id], 1);
    expect(published.map(({ ids }) => ids)).toEqual([['a'], ['b'], ['c']]);
    write(
      Array.from({ length: 100 }, (_, n) => `d${n}`),
      1,
    );
    for (const id of ['e', 'f', 'g']) write([id], 2);
    expect(published.slice(3).map(({ ids }) => ids.length)).toEqual([100]);
    vi.advanceTimersByTime(3);
    expect(published.slice(4).map(({ ids }) => ids)).toEqual([['e', 'f', 'g']]);
  } finally {
    vi.useRealTimers();
  }
});

test('a failed batch is published again until it is confirmed', async () => {
  const { published, broker } = controlled();
  const journal = openJournal(broker, { namespace: 'n', log });
  const write = journal.write(entry('a'));
  (await arrival(published, 0)).fail(new Error('stream is down'));
  const again = await arrival(published, 1);
  expect(journal.trouble).toBe('stream is down');
  expect(again.ids).toEqual(['a']);
  again.confirm();
  await write;
  expect(journal.trouble).toBeUndefined();
});

test('unconfirmed bytes are bounded: writers wait', async () => {
  const { published, broker } = controlled();
  const journal = openJournal(broker, { namespace: 'n', log, maxBytes: 100, maxEntries: 1 });
  const writes = Array.from({ length: 20 }, (_, index) => journal.write(entry(`e${index}`)));
  await turn();
  expect(published.length).toBeLessThan(5);
  for (let index = 0; index < 20; index++) (await arrival(published, index)).confirm();
  await Promise.all(writes);
  expect(published.flatMap(({ ids }) => ids).sort()).toEqual(Array.from({ length: 20 }, (_, i) => `e${i}`).sort());
});

test('closing waits for confirms, then gives up and says so', async () => {
  const { published, broker } = controlled();
  const journal = openJournal(broker, { namespace: 'n', log });
  const first = journal.write(entry('a'));
  const batch = await arrival(published, 0);
  const closing = journal.close();
  batch.confirm();
  await Promise.all([first, closing]);
  await expect(journal.write(entry('b'))).rejects.toThrow('closed');

  const other = controlled();
  const doomed = openJournal(other.broker, { namespace: 'n', log });
  const lost = doomed.write(entry('a'));
  (await arrival(other.published, 0)).fail(new Error('gone'));
  await Promise.all([doomed.close(1), expect(lost).rejects.toThrow(/closed before.*gone/)]);
});
