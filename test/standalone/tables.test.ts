/** Live tables on real parts: orders make rows, ship notices reserve of them while their senders wait, rows can be asked for. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { act } from '../../cli/dlq.ts';
import { connectBroker } from '../../runtime/broker/amqp.ts';
import type { Broker } from '../../runtime/broker/broker.ts';
import { askForSeed } from '../../runtime/pipeline/table.ts';
import { LetterBox } from '../../tracker/letters/box.ts';
import { API_KEY, makeStand, type Stand, startDevHere } from './support.ts';
import { ordersYaml, parkingYaml, poll, seededYaml } from './tables-support.ts';

let stand: Stand;
let broker: Broker;
let dev: Awaited<ReturnType<typeof startDevHere>>;
beforeAll(async () => {
  stand = await makeStand();
  stand.write('tables.yaml', ordersYaml(stand));
  dev = await startDevHere(stand);
  broker = await connectBroker({ uri: dev.brokerUri, name: 'test', log: { info() {}, warn() {}, error() {} } });
  const faults = dev.reloads[0]!.translation.translations.flatMap(({ findings }) => findings);
  expect(faults.filter(({ severity }) => severity === 'Error')).toEqual([]);
});
afterAll(async () => {
  await broker?.close();
  await dev?.stop();
  await stand?.[Symbol.asyncDispose]();
});

const order = (number: string, quantity: number, more: object = {}) =>
  fetch(`${dev.http}/orders`, {
    method: 'POST',
    headers: { 'x-api-key': API_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ number, supplier: 'acme', lines: [{ line: 1, item: 'A', quantity }], ...more }),
  });
const notice = async (number: string, orderNumber: string, quantity: number, more: object = {}, key?: string) => {
  const response = await fetch(`${dev.http}/documents/notice-v1`, {
    method: 'POST',
    headers: {
      'x-api-key': 'acme-key',
      'content-type': 'application/json',
      ...(key && { 'idempotency-key': key }),
    },
    body: JSON.stringify({ number, version: 1, orders: [{ orderNumber, lines: [{ item: 'A', quantity }] }], ...more }),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
};
const row = async (key: string, table = 'open-orders', apiKey = 'acme-key') => {
  const response = await fetch(`${dev.http}/tables/${table}/${encodeURIComponent(key)}`, {
    headers: { 'x-api-key': apiKey },
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  };
};
const open = async (number: string): Promise<number | undefined> => {
  const { rows } = await stand.database
    .query(`select row from "crossdock_${stand.namespace}".live_rows where tbl = 'open-orders' and key = $1`, [number])
    .catch(() => ({ rows: [] }));
  return rows[0]?.row ? (JSON.parse(rows[0].row) as { lines: { open: number }[] }).lines[0]!.open : undefined;
};

const letters = async (queue: 'dead-letters' | 'parked') => {
  const box = await LetterBox.open({ uri: dev.brokerUri }, queue);
  const found = [];
  for await (const { letter } of box.letters()) found.push(letter);
  await box.close();
  return found;
};

it('answers from the rows of open orders while the sender waits', async () => {
  expect((await order('PO-1', 40)).status).toBe(202);
  // In its first moments the runtime knows nothing of the table yet, and says 503 of it.
  await poll(async () => (await open('PO-1')) === 40 && (await row('PO-1')).status === 200);
  expect(await notice('S-1', 'PO-1', 80)).toMatchObject({
    status: 422,
    body: {
      type: 'https://crossdock.dev/problems/validation-failed',
      violations: [
        { code: 'rule.QuantityIsOpen', message: 'quantity exceeds what is open by 40', pointer: '/orders/0/lines' },
      ],
    },
  });
  expect(await notice('S-1', 'PO-0', 1)).toMatchObject({
    status: 422,
    body: { violations: [{ message: 'order PO-0 is not known', pointer: '/orders/0/orderNumber' }] },
  });
  expect(
    await notice('S-1', 'PO-1', 1, { orders: [{ orderNumber: 'PO-1', lines: [{ item: 'X', quantity: 1 }] }] }),
  ).toMatchObject({
    status: 422,
    body: { violations: [{ message: 'item X is not on the order' }] },
  });
  expect((await order('PO-2', 1)).status).toBe(202);
  await poll(async () => (await open('PO-2')) === 1);
  const closing = await fetch(`${dev.http}/closings`, {
    method: 'POST',
    headers: { 'x-api-key': API_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ number: 'PO-2' }),
  });
  expect(closing.status).toBe(202);
  await poll(async () => (await row('PO-2')).body.status === 'Closed');
  expect(await notice('S-1', 'PO-2', 1)).toMatchObject({
    status: 422,
    body: { violations: [{ message: 'order PO-2 is closed' }] },
  });
});

it('takes the quantity once: for a retry, for a revision, for one of two who want the last', async () => {
  expect((await notice('S-1', 'PO-1', 30, {}, 'key-1')).status).toBe(202);
  expect((await notice('S-1', 'PO-1', 30, {}, 'key-1')).status).toBe(202);
  expect(await open('PO-1')).toBe(10);
  expect((await notice('S-1', 'PO-1', 40, { version: 2 })).status).toBe(202);
  expect(await open('PO-1')).toBe(0);
  expect((await notice('S-1', 'PO-1', 0, { version: 3, action: 'Cancel' })).status).toBe(202);
  await poll(async () => (await open('PO-1')) === 40);
  const both = await Promise.all([notice('S-2', 'PO-1', 40), notice('S-3', 'PO-1', 40)]);
  expect(both.map(({ status }) => status).sort()).toEqual([202, 422]);
  expect(both.find(({ status }) => status === 422)!.body.detail).toContain('quantity exceeds what is open by 40');
  await stand.until((all) => all.some(({ destination }) => destination === 'notices/sink'));
  expect(await open('PO-1')).toBe(0);
});

it('shows a partner its own rows, and of those what is to be shown', async () => {
  const [mine, theirs] = await Promise.all([row('PO-1'), row('PO-1', 'open-orders', 'other-key')]);
  expect(mine).toMatchObject({ status: 200, body: { orderNumber: 'PO-1', status: 'Open' } });
  expect(Object.keys(mine.body).sort()).toEqual(['lines', 'orderNumber', 'status']);
  const nothing = await row('PO-99');
  expect(theirs).toMatchObject({ status: 404, body: { detail: nothing.body.detail } });
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${dev.http}${path}`, { headers: { 'x-api-key': 'acme-key' }, ...init });
    return {
      status: response.status,
      body: (await response.json()) as { rows: { orderNumber: string }[]; next?: string },
    };
  };
  const first = await get('/tables/open-orders?limit=1');
  expect(first.body.rows.map(({ orderNumber }) => orderNumber)).toEqual(['PO-1']);
  const second = await get(first.body.next!);
  expect(second.body).toMatchObject({ rows: [{ orderNumber: 'PO-2' }] });
  expect(second.body.next).toBe(undefined);
  expect((await get('/tables/open-orders', { headers: { 'x-api-key': 'other-key' } })).body.rows).toEqual([]);
  expect((await get('/tables/open-orders', { headers: {} })).status).toBe(401);
  expect(
    (await get('/tables/open-orders', { method: 'POST', body: '{}', headers: { 'x-api-key': 'acme-key' } })).status,
  ).toBe(405);
  expect((await get('/tables/open-orders?limit=0')).status).toBe(400);
  expect((await get('/tables/open-orders/PO-1/1')).status).toBe(404);
  expect((await get('/tables/prices/PO-1')).status).toBe(404);
  const many = await Promise.all(Array.from({ length: 8 }, () => get('/tables/few/A')));
  expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200, 429]));
});

it('an event that throws is a dead letter of the table; the table goes on, and a mended one takes the letter', async () => {
  expect((await order('PO-3', 5, { poison: true })).status).toBe(202);
  expect((await order('PO-4', 6)).status).toBe(202);
  await poll(async () => (await open('PO-4')) === 6);
  await stand.until((all) =>
    all.some(({ destination, state }) => destination === 'table:open-orders' && state === 'DeadLettered'),
  );
  expect(await letters('dead-letters')).toMatchObject([
    {
      stage: 'table',
      returnTo: 'open-orders:rows',
      class: 'MappingFailed',
      code: 'D3137',
      message: expect.stringContaining('ReferenceTable open-orders, spec.events[0].expression'),
    },
  ]);
  expect(dev.state.roots['ReferenceTable/open-orders']).toMatchObject({
    state: 'Running',
    lastError: { class: 'MappingFailed' },
  });
  expect(await open('PO-3')).toBe(undefined);
  const reloaded = dev.nextReload();
  stand.write('tables.yaml', ordersYaml(stand, '', { poison: '"none"' }));
  await reloaded;
  const report = await act(
    dev.brokerUri,
    'dead-letters',
    stand.namespace,
    { all: true },
    { outcome: 'Replayed', by: 'a test', reason: 'mended' },
  );
  expect(report).toMatchObject({ failed: [], left: 0 });
  await poll(async () => (await open('PO-3')) === 5);
  await stand.until((all) =>
    all.filter(({ destination }) => destination === 'table:open-orders').every(({ state }) => state === 'Delivered'),
  );
});

it('reads the seed page by page, keeps what documents did, and says what is wrong with garbage', async () => {
  const pages: Record<string, { body: string; link?: string; type?: string }> = {
    '/list': { body: '<html>', type: 'text/html' },
  };
  stand.ledger.answer = ({ path }, response) => {
    const page = pages[path];
    if (!page) return false;
    response
      .writeHead(200, { 'content-type': page.type ?? 'application/json', ...(page.link && { link: page.link }) })
      .end(page.body);
    return true;
  };
  const state = () => dev.state.roots['ReferenceTable/seeded'];
  stand.write('seeded.yaml', seededYaml(stand));
  await poll(async () => state()?.state === 'Failed');
  expect(state()!.message).toMatch(
    /its seed cannot be read: GET http:\S+\/list answered text\/html that is not JSON; a JSON array of objects, or NDJSON, is needed/,
  );
  // Not seeded: nobody can be told that an order is unknown.
  const asked = await row('A', 'seeded');
  expect(asked).toMatchObject({ status: 503 });
  expect(asked.headers.get('retry-after')).not.toBe(null);
  pages['/list'] = {
    body: JSON.stringify([
      { id: 'A', stock: 1 },
      { id: 'B', stock: 2 },
    ]),
    link: '</list?page=2>; rel="next"',
  };
  pages['/list?page=2'] = { body: '{"id":"C","stock":3}\n{"id":"D","stock":4}\n', type: 'application/x-ndjson' };
  await askForSeed(broker, 'seeded');
  await poll(async () => (await row('D', 'seeded')).body.stock === 4, 15_000);
  await poll(async () => state()?.state === 'Running');
  expect((await row('A', 'seeded')).body).toEqual({ id: 'A', stock: 1 });
  // On demand: what is gone there goes here, what changed changes.
  pages['/list'] = { body: JSON.stringify([{ id: 'A', stock: 5 }]) };
  await askForSeed(broker, 'seeded');
  await poll(async () => (await row('A', 'seeded')).body.stock === 5 && (await row('B', 'seeded')).status === 404);
});

it('parked documents go on when their row is there', async () => {
  stand.ledger.answer = ({ path }, response) => {
    if (path !== '/items' || known) return false;
    response
      .writeHead(422, { 'content-type': 'application/json' })
      .end(JSON.stringify({ code: 'UNKNOWN_ITEM', item: 'I-1' }));
    return true;
  };
  let known = false;
  stand.write('parking.yaml', parkingYaml(stand));
  await dev.nextReload();
  const post = (path: string, body: object) =>
    fetch(`${dev.http}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  // Its mapping misses a row of a live table; the answer of the system misses one of a table that stands still.
  expect((await post('/wants', { order: 'PO-77' })).status).toBe(202);
  expect((await post('/items', { order: 'x' })).status).toBe(202);
  await stand.until((all) =>
    ['wants/sink', 'items/sink'].every((place) =>
      all.some(({ destination, state }) => destination === place && state === 'Parked'),
    ),
  );
  expect(
    (await letters('parked')).map(({ waitsFor }) => waitsFor).sort((a, b) => (a!.table < b!.table ? -1 : 1)),
  ).toEqual([
    { table: 'articles', key: 'I-1' },
    { table: 'open-orders', key: 'PO-77' },
  ]);
  known = true;
  expect((await order('PO-77', 5)).status).toBe(202);
  stand.write('parking.yaml', parkingYaml(stand, ', {id: I-1}'));
  await stand.until((all) =>
    ['wants/sink', 'items/sink'].every((place) =>
      all.some(({ destination, state }) => destination === place && state === 'Delivered'),
    ),
  );
  expect(stand.ledger.effects.filter(({ path }) => path === '/wants').map(({ body }) => body)).toEqual([
    { of: 'acme' },
  ]);
  expect(await letters('parked')).toEqual([]);
});
