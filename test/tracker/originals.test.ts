/** What came, beside what was made of it: kept once, shown without what is sensitive in any document of it, and forgotten with the last of them. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canonicalPayload, receivedPayload } from '../../runtime/journal/payload.ts';
import { unitId } from '../../runtime/pipeline/letters.ts';
import { readPayloadRefs } from '../../tracker/queries/documents.ts';
import { readPayload } from '../../tracker/queries/payloads.ts';
import { Retention } from '../../tracker/retention.ts';
import { openTrackerDatabase } from '../../tracker/store.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { writer } from './documents.ts';
import { entry, log, until } from './support.ts';

const namespace = 'originals';
const FILE = 'the file';
const TEXT = 'ISA*00*~ST*850*1~PER*IC*Ms Wu*EM*wu@example.com~SE~ST*810*2~REF*IBAN*DE1234~SE~ST*999*3~SE~';
const types = { 'order.v1': { sensitive: ['/email'] }, 'invoice.v1': { sensitive: ['/iban'], retentionMs: 1_000 } };
const [order, invoice, broken] = [0, 1, 2].map((index) => unitId(FILE, index)) as [string, string, string];
let own: TestDatabase;
let database: pg.Pool;
beforeAll(async () => {
  own = await testDatabase();
  database = await openTrackerDatabase(own.url);
  const write = writer(database, namespace);
  const accept = async (id: string, type: string, source: string, body: object) => {
    const about = { type, source, causation: FILE, at: 10 };
    await write(entry(id, '', 'Accepted', { ...about, subscribers: [] }));
    await write(entry(id, '', 'Routed', { ...about, destinations: [] }));
    const document = { id, type, source, origin: 'partner' as const, receivedAt: 10, keys: {}, epoch: 0, bodyHash: id };
    const bytes = Buffer.from(JSON.stringify(body));
    await write(canonicalPayload({ ...document, contentType: 'application/json', body: bytes }, 10));
  };
  await write(
    receivedPayload(
      { id: FILE, source: 'connector/mailbox', contentType: 'application/edi-x12', body: Buffer.from(TEXT) },
      9,
    ),
  );
  await accept(order, 'order.v1', 'acme', { email: 'wu@example.com' });
  await accept(invoice, 'invoice.v1', 'acme', { iban: 'DE1234' });
});
afterAll(async () => {
  await database.end();
  await own.remove();
});
const scope = (partner?: string) => ({ database, namespace, processes: [], ...(partner && { partner }) });
const stages = async (id: string, partner?: string) =>
  (await readPayloadRefs(scope(partner), id)).map(({ stage, words }) => `${stage}${words ? ' words' : ''}`);
const shown = async (id: string, n: number) => (await readPayload(scope(), id, n, types))?.body.toString();

it('each document of a file shows what came, without what is sensitive in any of them', async () => {
  for (const id of [order, invoice]) {
    expect(await stages(id)).toEqual(['Canonical', 'Received words']);
    expect(await shown(id, 1)).toBe(TEXT.replace('wu@example.com', '[redacted]').replace('DE1234', '[redacted]'));
  }
  const bare = await readPayload(scope(), order, 1, {});
  expect(bare).toMatchObject({ redacted: [], body: Buffer.from(TEXT) });
});

it('the sender sees it, and nobody else', async () => {
  expect(await stages(order, 'globex')).toEqual(['Canonical']);
  expect(await stages(order, 'acme')).toEqual(['Canonical', 'Received words']);
});

it('a reply to a document did not come in that document’s bytes', async () => {
  const write = writer(database, namespace);
  await write(receivedPayload({ id: 'posted', source: 'acme', contentType: 'text/csv', body: Buffer.from('a;b') }, 9));
  await write(entry('posted', '', 'Accepted', { at: 9, subscribers: [] }));
  await write(entry('reply', '', 'Accepted', { type: 'reply.v1', causation: 'posted', at: 20, subscribers: [] }));
  expect(await stages('posted')).toEqual(['Received']);
  expect(await stages('reply')).toEqual([]);
});

it('what never became a document hides the whole, as nobody knows what in it is sensitive', async () => {
  const error = { class: 'ValidationFailed', code: 'x', message: 'no' } as const;
  const about = { type: '', source: 'connector/mailbox', causation: FILE, error, at: 10 };
  await writer(database, namespace)(entry(broken, '', 'DeadLettered', about));
  expect(await stages(broken)).toEqual(['Received words']);
  expect(await shown(broken, 0)).toBe('[redacted]');
  expect((await readPayload(scope(), broken, 0, {}))?.body.toString()).toBe(TEXT);
  // Nobody knows whose that is: the sender of the others does not see the file any more, and we do.
  expect(await stages(order, 'acme')).toEqual(['Canonical']);
  expect(await stages(order)).toEqual(['Canonical', 'Received words']);
});

it('it is forgotten with the last of its documents', async () => {
  const look = async (gone: string, plan: Record<string, { retentionMs: number }>) => {
    const retention = new Retention({ namespace, database, log, everyMs: 1e9, now: () => 1e12 });
    retention.use({ processes: [], types: plan });
    await until(`${gone} is forgotten`, async () => {
      const { rowCount } = await database.query('select from documents where id = $1', [gone]);
      return rowCount === 0;
    });
    await retention.stop();
    const { rowCount } = await database.query(
      "select from payloads where document = $1 and destination = ':received'",
      [FILE],
    );
    return rowCount;
  };
  const forget = { retentionMs: 1 };
  expect(await look(invoice, { 'invoice.v1': forget })).toBe(1);
  await writer(
    database,
    namespace,
  )(
    entry(broken, '', 'Discarded', {
      type: '',
      source: 'connector/mailbox',
      causation: FILE,
      at: 11,
      by: 'ann',
      reason: 'x',
    }),
  );
  // What never got a type goes when the longest retention of all types is over.
  expect(await look(broken, { 'order.v1': forget })).toBe(0);
});

it('what no document was ever made of is forgotten when the longest retention is over', async () => {
  const file = { source: 'connector/mailbox', contentType: 'application/edi-x12', body: Buffer.from('ISA*997~') };
  const write = writer(database, namespace);
  await write(receivedPayload({ ...file, id: 'of old' }, 900));
  await write(receivedPayload({ ...file, id: 'of late' }, 1_100));
  const retention = new Retention({ namespace, database, log, everyMs: 1e9, now: () => 2_000 });
  retention.use({ processes: [], types: { 'order.v1': { retentionMs: 1_000 }, 'invoice.v1': { retentionMs: 10 } } });
  const left = async () =>
    (await database.query("select document from payloads where destination = ':received' and document like 'of %'"))
      .rows;
  await until('the old one is forgotten', async () => (await left()).length === 1);
  await retention.stop();
  expect(await left()).toEqual([{ document: 'of late' }]);
});
