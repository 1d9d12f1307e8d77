/** What documents hold, from its stream to PostgreSQL: any order, twice, in pieces, and a stream that was made anew. */
import { expect, it } from 'vitest';
import { connectBroker } from '../../runtime/broker/amqp.ts';
import { sha256Hex } from '../../runtime/canonical.ts';
import {
  canonicalPayload,
  MAX_PAYLOAD_BYTES,
  PAYLOAD_CONTENT_TYPE,
  type PayloadEntry,
  payloadHead,
  payloadMessage,
  sentPayload,
} from '../../runtime/journal/payload.ts';
import { openArchive } from '../../runtime/journal/writer.ts';
import { PAYLOADS } from '../../runtime/names.ts';
import { PAYLOAD_STREAM, readPayloads } from '../../tracker/payloads.ts';
import { follow } from '../../tracker/tracker.ts';
import { type Journal, log, makeJournal, NAMESPACE, until } from './support.ts';

const document = (id: string, text: string) => ({
  id,
  type: 'order.v1',
  origin: 'partner' as const,
  source: 'acme',
  receivedAt: 1,
  keys: {},
  epoch: 0,
  contentType: 'application/json',
  body: Buffer.from(text),
  bodyHash: sha256Hex(text),
});
const sent = (of: ReturnType<typeof document>, body: Buffer, at = 2): PayloadEntry =>
  sentPayload(of, 'a/x', { body, contentType: 'application/EDI-X12' }, at);

async function following(journal: Journal, run: (tracker: ReturnType<typeof start>) => Promise<void>): Promise<void> {
  const broker = await connectBroker({ uri: journal.vhost.uri, name: 'payloads', log });
  const tracker = start(journal, broker);
  try {
    await run(tracker);
  } finally {
    await tracker.stop();
    await broker.close();
  }
}
const start = (journal: Journal, broker: Awaited<ReturnType<typeof connectBroker>>) =>
  follow({ namespace: NAMESPACE, broker, database: journal.database, log, attachDeadlineMs: 1_500 }, PAYLOAD_STREAM);

it('keeps what was accepted and what was sent, byte by byte; the too large by their hash', async () => {
  await using journal = await makeJournal();
  await journal.declarePayloads();
  const archive = openArchive(journal.broker, { namespace: NAMESPACE, log });
  const one = document('d1', '{"text":"a\\u0000b"}');
  const wire = Buffer.from([0x49, 0, 0xff, 0x1d]);
  const large = Buffer.alloc(MAX_PAYLOAD_BYTES + 1, 'x');
  const two = document('d2', '{}');
  const entries = [canonicalPayload(one, 1), sent(one, wire), canonicalPayload(two, 1), sent(two, two.body)];
  // Later, of the same place and epoch: what was written first stays.
  entries.push(sent(one, Buffer.from('other'), 9), ...entries.slice(0, 2), sent(document('d3', ''), large));
  await Promise.all(entries.reverse().map((entry) => archive.write(entry)));
  await following(journal, async (tracker) => {
    await until('all there', async () => (await journal.count('payloads')) === 5);
    const rows = await readPayloads(journal.database, NAMESPACE, ['d1', 'd2', 'd3']);
    expect(rows.map(({ document, destination, body }) => [document, destination, body?.toString('latin1')])).toEqual([
      ['d1', '', '{"text":"a\\u0000b"}'],
      ['d1', 'a/x', wire.toString('latin1')],
      ['d2', '', '{}'],
      ['d2', 'a/x', '{}'],
      ['d3', 'a/x', undefined],
    ]);
    expect(rows[4]).toMatchObject({ bytes: large.length, hash: sha256Hex(large) });
    expect(tracker).toMatchObject({ trouble: undefined, gaps: 0, setAside: 0 });
  });
  await archive.close();
});

it('goes on where it was, and tells a gap, beside the journal', async () => {
  await using journal = await makeJournal();
  await journal.declarePayloads();
  const archive = openArchive(journal.broker, { namespace: NAMESPACE, log });
  await archive.write(canonicalPayload(document('d1', '{}'), 1));
  await following(journal, async (tracker) => {
    await until('d1', async () => (await journal.count('payloads')) === 1);
    expect(tracker.gaps).toBe(0);
  });
  await archive.write(canonicalPayload(document('d2', '{}'), 1));
  await following(journal, async (tracker) => {
    await until('d2', async () => (await journal.count('payloads')) === 2);
    expect(tracker.gaps).toBe(0);
  });
  await journal.vhost.management.call('DELETE', `/queues/${journal.vhost.vhost}/${PAYLOADS}`);
  await journal.declarePayloads();
  await archive.write(canonicalPayload(document('d3', '{}'), 1));
  await following(journal, async (tracker) => {
    await until('d3', async () => (await journal.count('payloads')) === 3);
    expect(tracker.gaps).toBe(1);
  });
  const { rows } = await journal.database.query('select detail from gaps');
  expect(rows.map(({ detail }) => detail).join()).toContain('stream of payloads');
  await archive.close();
});

it('sets odd entries aside and goes on', async () => {
  await using journal = await makeJournal();
  await journal.declarePayloads();
  const odd = { ...canonicalPayload(document('d1', '{}'), 1), hash: 7 as never };
  const good = canonicalPayload(document('d2', '{"a":1}'), 1);
  await journal.broker.publish({
    exchange: '',
    routingKey: PAYLOADS,
    body: payloadMessage([odd, good].map(payloadHead), [odd.body!, good.body!]),
    contentType: PAYLOAD_CONTENT_TYPE,
  });
  await following(journal, async (tracker) => {
    await until('d2', async () => (await journal.count('payloads')) === 1);
    expect(tracker.setAside).toBe(1);
  });
  const [row] = await readPayloads(journal.database, NAMESPACE, ['d2']);
  expect(row?.body?.toString()).toBe('{"a":1}');
});
