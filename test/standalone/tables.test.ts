/** Live tables on real parts: orders make rows, ship notices reserve of them while their senders wait, rows can be asked for. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { API_KEY, makeStand, type Stand, startDevHere } from './support.ts';
import { ordersYaml, poll } from './tables-support.ts';

let stand: Stand;
let dev: Awaited<ReturnType<typeof startDevHere>>;
beforeAll(async () => {
  stand = await makeStand();
  stand.write('tables.yaml', ordersYaml(stand));
  dev = await startDevHere(stand);
  const faults = dev.reloads[0]!.translation.translations.flatMap(({ findings }) => findings);
  expect(faults.filter(({ severity }) => severity === 'Error')).toEqual([]);
});
afterAll(async () => {
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

it('answers from the rows of open orders while the sender waits', async () => {
  expect((await order('PO-1', 40)).status).toBe(202);
  await poll(async () => (await open('PO-1')) === 40);
  const over = await notice('S-1', 'PO-1', 80);
  expect(over).toMatchObject({
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
    body: { violations: [{ message: 'order PO-0 is not known' }] },
  });
  expect((await notice('S-1', 'PO-1', 30)).status).toBe(202);
  expect(await open('PO-1')).toBe(10);
});
