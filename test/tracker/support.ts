/** A journal stream and a tracker's database of one's own, with writers and followers. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { connectBroker } from '../../runtime/broker/amqp.ts';
import type { Broker } from '../../runtime/broker/broker.ts';
import type { JournalEntry, Outcome } from '../../runtime/journal/entry.ts';
import { entryId } from '../../runtime/journal/outranks.ts';
import { JOURNAL, PAYLOADS } from '../../runtime/names.ts';
import { openTrackerDatabase } from '../../tracker/store.ts';
import { startTracker, type Tracker } from '../../tracker/tracker.ts';
import { type TestVhost, testVhost } from '../support/broker.ts';
import { testDatabase } from '../support/database.ts';

export const NAMESPACE = 'test';
const quiet = () => {};
export const log = { info: quiet, warn: quiet, error: quiet } as never;

/** A tracker's database for the tests of a file: opened before them, gone after. */
export function withDatabase(use: (database: pg.Pool) => void): void {
  let close = async () => {};
  beforeAll(async () => {
    const own = await testDatabase();
    close = own.remove;
    const database = await openTrackerDatabase(own.url);
    close = () => database.end().then(own.remove);
    use(database);
  });
  afterAll(() => close());
}

export async function until(what: string, holds: () => Promise<boolean> | boolean, deadlineMs = 25_000): Promise<void> {
  for (const end = Date.now() + deadlineMs; ; ) {
    if (await holds()) return;
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await sleep(20);
  }
}

export const entry = (
  document: string,
  destination: string,
  outcome: Outcome,
  more: Partial<JournalEntry> = {},
): JournalEntry => {
  const { epoch = 0, attempt = 1 } = more;
  return {
    id: entryId(document, destination, epoch, outcome, attempt),
    at: 1_800_000_000_000,
    outcome,
    document,
    type: 'order.v1',
    origin: 'partner',
    source: 'acme',
    destination,
    epoch,
    attempt,
    ...more,
  };
};

export interface Journal {
  vhost: TestVhost;
  broker: Broker;
  database: pg.Pool;
  databaseUrl: string;
  /** Declares the stream; `maxBytes` with the smallest segments that there are. */
  declare(maxBytes?: number): Promise<void>;
  /** The stream of payloads, which nothing else of the journal's needs. */
  declarePayloads(): Promise<void>;
  remove(): Promise<void>;
  /** One message of the stream, confirmed. */
  write(entries: readonly unknown[]): Promise<void>;
  writeRaw(body: string | Buffer): Promise<void>;
  /** On a connection of its own. */
  follow(attachDeadlineMs?: number): Promise<Tracker>;
  count(table: string): Promise<number>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function makeJournal(
  parts: { broker?: Parameters<typeof testVhost>[0]; database?: { url: string } } = {},
): Promise<Journal> {
  const vhost = await testVhost(parts.broker);
  const own = await testDatabase(parts.database);
  const database = await openTrackerDatabase(own.url);
  const broker = await connectBroker({ uri: vhost.uri, name: 'writer', log });
  const path = `/queues/${vhost.vhost}/${JOURNAL}`;
  const closing: (() => Promise<unknown>)[] = [];
  const writeRaw = (body: string | Buffer, messageId = '') =>
    broker.publish({
      exchange: '',
      routingKey: JOURNAL,
      body: Buffer.from(body as string),
      contentType: 'application/json',
      ...(messageId && { messageId }),
    });
  const journal: Journal = {
    vhost,
    broker,
    database,
    databaseUrl: own.url,
    async declare(maxBytes = 50_000_000) {
      await vhost.management.call('PUT', path, {
        durable: true,
        arguments: {
          'x-queue-type': 'stream',
          'x-max-length-bytes': maxBytes,
          'x-stream-max-segment-size-bytes': Math.min(1_048_576, maxBytes),
        },
      });
    },
    declarePayloads: () =>
      vhost.management.call('PUT', `/queues/${vhost.vhost}/${PAYLOADS}`, {
        durable: true,
        arguments: { 'x-queue-type': 'stream' },
      }),
    remove: () => vhost.management.call('DELETE', path),
    write: (entries) => writeRaw(JSON.stringify(entries), (entries[0] as { id?: string })?.id),
    writeRaw,
    async follow(attachDeadlineMs = 1_500) {
      const connection = await connectBroker({ uri: vhost.uri, name: 'tracker', log });
      const tracker = startTracker({ namespace: NAMESPACE, broker: connection, database, log, attachDeadlineMs });
      closing.push(async () => {
        await tracker.stop();
        await connection.close();
      });
      return tracker;
    },
    async count(table) {
      const { rows } = await database.query(`select count(*)::int as n from ${table} where namespace = $1`, [
        NAMESPACE,
      ]);
      return rows[0].n;
    },
    async [Symbol.asyncDispose]() {
      for (const close of closing) await close();
      await broker.close();
      await database.end();
      await own.remove();
      await vhost.remove();
    },
  };
  await journal.declare();
  return journal;
}
