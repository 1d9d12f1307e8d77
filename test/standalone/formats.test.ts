/** Partners that send files (examples/partner-files), on real parts: CSV, fixed width and XML come in and go out. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readPayloadRefs } from '../../tracker/queries/documents.ts';
import { readPayload } from '../../tracker/queries/payloads.ts';
import { makeStand, type Stand, startDevHere } from './support.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/partner-files');
const file = (name: string): Buffer => readFileSync(join(EXAMPLE, 'files', name));

/** The example on the stand's addresses. */
function layOut(stand: Stand): string {
  const mailboxes = join(stand.inbound, 'mailboxes');
  for (const name of ['nordwind', 'hanse', 'baltic'])
    for (const way of ['in', 'out']) mkdirSync(join(mailboxes, name, way), { recursive: true });
  for (const name of readdirSync(EXAMPLE).filter((each) => each.endsWith('.yaml'))) {
    const text = readFileSync(join(EXAMPLE, name), 'utf8')
      .replaceAll('metadata: {', `metadata: {namespace: ${stand.namespace}, `)
      .replaceAll('mailboxes/', `${mailboxes}/`)
      .replaceAll('pollInterval: 1s', 'pollInterval: 200ms')
      .replaceAll('https://erp.example.com', stand.ledger.url)
      .replaceAll('https://hub.baltic.example.com', stand.ledger.url);
    stand.write(name, text);
  }
  return mailboxes;
}

it('reads what such partners send, writes what they get, and tells what it cannot understand', async () => {
  await using stand = await makeStand();
  const mailboxes = layOut(stand);
  const posted: Record<string, string> = {};
  stand.ledger.answer = ({ path, body }) => {
    if (path === '/cxml') posted[path] = String(body.text);
    return false;
  };
  await using dev = await startDevHere(stand);
  const drop = (mailbox: string, name: string, bytes: Buffer): void => {
    writeFileSync(join(stand.inbound, 'half'), bytes);
    renameSync(join(stand.inbound, 'half'), join(mailboxes, mailbox, 'in', name));
  };
  drop('nordwind', 'stock.csv', file('in/stock.csv'));
  drop('nordwind', 'broken.csv', Buffer.from('Artikel;Stand;Menge\r\n4711;31.02.2026;viel\r\n'));
  drop('nordwind', 'empty.csv', Buffer.alloc(0));
  drop('hanse', 'stock.txt', file('in/stock.txt'));
  drop('baltic', 'invoice.xml', file('in/invoice.xml'));
  drop('baltic', 'credit.xml', Buffer.from('<CreditNote/>'));

  const order = JSON.parse(file('order.json').toString());
  for (const supplier of ['700100', '700200', '700300']) {
    const { status } = await fetch(`${dev.http}/orders-out`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...order, supplier }),
    });
    expect(status).toBe(202);
  }
  const post = (body: Buffer) =>
    fetch(`${dev.http}/documents/stock-v1`, {
      method: 'POST',
      headers: { 'x-api-key': 'nordwind-posts-here', 'content-type': 'text/csv', 'idempotency-key': 'one' },
      body: new Uint8Array(body),
    });
  const answered = await post(file('in/stock.csv'));
  expect(answered.status).toBe(202);
  expect(((await answered.json()) as { documents: unknown[] }).documents).toHaveLength(2);
  const refused = await post(Buffer.from('Artikel;Stand;Menge\r\n4711;24.11.2026;viel\r\n4712;24.11.2026;\r\n'));
  expect([refused.status, await refused.json()]).toMatchObject([
    400,
    { violations: [{ code: 'csv.InvalidNumber' }, { code: 'csv.FieldMissing' }] },
  ]);

  const rows = await stand.until(
    (all) =>
      all.filter(({ destination, state }) => destination === 'stock/erp' && state === 'Delivered').length === 5 &&
      all.filter(({ destination, state }) => destination === 'orders-out/supplier' && state === 'Delivered').length ===
        3 &&
      all.some(({ destination, state }) => destination === 'invoices/erp' && state === 'Delivered') &&
      all.filter(({ state }) => state === 'DeadLettered').length === 4,
  );
  const effects = (path: string) =>
    stand.ledger.effects
      .filter((effect) => effect.path === path)
      .map(({ body }) => body)
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const [first, second] = [
    {
      day: '2026-11-23',
      lines: [
        { item: '4711', name: 'Bürste; groß', quantity: 1234.5 },
        { item: '4712', name: 'Eimer', quantity: 2 },
      ],
    },
    { day: '2026-11-24', lines: [{ item: '4711', name: 'Bürste "klein"', quantity: -3.25 }] },
  ];
  const hanse = {
    day: '2026-11-24',
    lines: [
      { item: '4711', quantity: 1234.5 },
      { item: '4712', quantity: 2 },
    ],
  };
  expect(effects('/stock')).toEqual(
    [first, first, second, second, hanse].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  );
  expect(effects('/invoices')).toEqual([
    { number: 'INV-9001', order: 'PO-7', currency: 'EUR', lines: [{ item: '4711', quantity: 10, price: 4.75 }] },
  ]);

  const sent = (mailbox: string): Buffer => {
    const folder = join(mailboxes, mailbox, 'out');
    return readFileSync(join(folder, readdirSync(folder).find((name) => !name.startsWith('.'))!));
  };
  expect(sent('nordwind').toString('latin1')).toBe(file('out/700100.csv').toString('latin1'));
  expect(sent('hanse').toString('latin1')).toBe(file('out/700200.txt').toString('latin1'));
  for (const end = Date.now() + 5_000; !posted['/cxml'] && Date.now() < end; ) await sleep(50);
  expect(posted['/cxml']).toBe(file('out/700300.xml').toString());

  const errors = rows.filter(({ state }) => state === 'DeadLettered').map(({ errorCode }) => errorCode);
  expect(errors.sort()).toEqual(['csv.InvalidNumber', 'intake.empty', 'D3141', 'xml.Root'].sort());

  // What came is kept as it came, also of what nobody could read.
  const scope = { database: stand.database, namespace: stand.namespace, processes: [] };
  const came = async (where: (row: (typeof rows)[number]) => boolean): Promise<string | undefined> => {
    const { document } = rows.find(where)!;
    const ref = (await readPayloadRefs(scope, document)).find(({ stage }) => stage === 'Received');
    return ref && (await readPayload(scope, document, ref.n, {}))?.body.toString('latin1');
  };
  const invoiced = await came(({ destination }) => destination === 'invoices/erp');
  expect(invoiced).toBe(file('in/invoice.xml').toString('latin1'));
  expect(await came(({ errorCode, state }) => errorCode === 'csv.InvalidNumber' && state === 'DeadLettered')).toBe(
    'Artikel;Stand;Menge\r\n4711;31.02.2026;viel\r\n',
  );
  const stocks = rows.filter(({ destination, source }) => destination === 'stock/erp' && source === 'nordwind');
  const originals = await Promise.all(stocks.map(({ document }) => came((row) => row.document === document)));
  // Two by file, two posted: each of them knows it.
  expect(originals.filter((text) => text === file('in/stock.csv').toString('latin1'))).toHaveLength(4);
  // What was refused under the key of what was accepted says nothing of that.
  const [rejected, ...more] = rows.filter(({ state }) => state === 'Rejected').map(({ document }) => document);
  expect(more).toEqual([]);
  expect(stocks.map(({ document }) => document)).not.toContain(rejected);
  // The canonical order is what came.
  expect(await came(({ destination }) => destination === 'orders-out/supplier')).toBeUndefined();
});
