/** Live tables in trouble: PostgreSQL away, and a runtime that is killed while it releases a parked document. */
import { expect, it } from 'vitest';
import { act } from '../../cli/dlq.ts';
import { ownDatabase } from '../support/database.ts';
import { API_KEY, makeStand, post, type Stand, startDevHere, startDevProcess, summary } from './support.ts';
import { ordersYaml, parkingYaml, poll } from './tables-support.ts';

const noticeTo = async (http: string, number: string, orderNumber: string, quantity: number) => {
  const response = await fetch(`${http}/documents/notice-v1`, {
    method: 'POST',
    headers: { 'x-api-key': 'acme-key', 'content-type': 'application/json', 'idempotency-key': number },
    body: JSON.stringify({ number, version: 1, orders: [{ orderNumber, lines: [{ item: 'A', quantity }] }] }),
  });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: (await response.json()) as Record<string, unknown>,
  };
};
const row = async (http: string, key: string) => {
  const response = await fetch(`${http}/tables/open-orders/${key}`, { headers: { 'x-api-key': 'acme-key' } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const lines = [{ line: 1, item: 'A', quantity: 40 }];

it('without PostgreSQL senders come back, or are accepted provisionally and checked before anything goes anywhere', {
  timeout: 90_000,
}, async () => {
  const server = await ownDatabase();
  await using stand = await makeStand();
  stand.write('tables.yaml', ordersYaml(stand));
  const dev = await startDevHere({ ...stand, databaseUrl: server.url } as Stand);
  try {
    await post(() => dev.http, 'PO-1', { number: 'PO-1', supplier: 'acme', lines });
    await poll(async () => (await row(dev.http, 'PO-1')).status === 200);
    await server.kill();
    const refused = await noticeTo(dev.http, 'S-1', 'PO-1', 30);
    expect(refused).toMatchObject({
      status: 503,
      retryAfter: '2',
      body: { detail: 'The document cannot be checked against open-orders now; send it again' },
    });
    expect(await row(dev.http, 'PO-1')).toMatchObject({ status: 503 });

    const reloaded = dev.nextReload();
    stand.write('tables.yaml', ordersYaml(stand, 'staleAfter: 1h\nwhenStale: AcceptProvisionally'));
    await reloaded;
    for (const [number, quantity] of [
      ['S-1', 30],
      ['S-2', 80],
    ] as const)
      expect(await noticeTo(dev.http, number, 'PO-1', quantity)).toMatchObject({
        status: 202,
        body: { warnings: expect.arrayContaining([expect.objectContaining({ code: 'table.provisional' })]) },
      });
    expect(stand.ledger.effects.filter(({ path }) => path === '/notices')).toEqual([]);
    await server.restart();
    // What was right goes on and counts; what was not is a dead letter, and takes nothing.
    await poll(async () => stand.ledger.effects.some(({ path }) => path === '/notices'), 40_000);
    await poll(
      async () => ((await row(dev.http, 'PO-1')).body.lines as { open: number }[] | undefined)?.[0]?.open === 10,
    );
    const discarded = async () => {
      const { done } = await act(
        dev.brokerUri,
        'dead-letters',
        stand.namespace,
        { class: 'ValidationFailed' },
        { outcome: 'Discarded', by: 'a test', reason: 'seen' },
      );
      return done.length > 0 && done;
    };
    const done = await poll(discarded);
    expect(done.map(({ message, integration }) => [message, integration])).toEqual([
      [expect.stringMatching(/quantity exceeds what is open by (40|70)$/), 'notices'],
    ]);
    expect(stand.ledger.effects.filter(({ path }) => path === '/notices').map(({ body }) => body.number)).toEqual([
      'S-1',
    ]);
  } finally {
    await dev.stop();
    await server.stop();
  }
});

it('a parked document goes on once, although the runtime is killed in the middle of it', {
  timeout: 90_000,
}, async () => {
  await using stand = await makeStand();
  stand.write('tables.yaml', ordersYaml(stand));
  stand.write('parking.yaml', parkingYaml(stand));
  let dev = await startDevProcess(stand, { CROSSDOCK_TEST_KILL_AT: 'parked.released:1' });
  const send = (path: string, no: string, body: object) =>
    fetch(`${dev.http}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': API_KEY, 'content-type': 'application/json', 'idempotency-key': no },
      body: JSON.stringify(body),
    });
  expect((await send('/wants', 'w', { order: 'PO-7' })).status).toBe(202);
  await stand.until((all) => all.some(({ destination, state }) => destination === 'wants/sink' && state === 'Parked'));
  expect((await send('/orders', 'o', { number: 'PO-7', supplier: 'acme', lines })).status).toBe(202);
  expect(await dev.exited).toBe('SIGKILL');
  dev = await startDevProcess(stand);
  try {
    const all = await stand.until(
      (rows) => rows.some(({ destination, state }) => destination === 'wants/sink' && state === 'Delivered'),
      40_000,
    );
    expect(summary(all)).toEqual({ 'orders/sink Delivered': 1, 'wants/sink Delivered': 1 });
    const { rows } = await stand.database.query(
      `select count(*)::int as n from entries where namespace = $1 and outcome = 'Replayed'`,
      [stand.namespace],
    );
    expect(rows).toEqual([{ n: 1 }]);
    // The other side may see it again, under the same key: that is no second effect.
    expect(stand.ledger.effects.filter(({ path, repeated }) => path === '/wants' && !repeated)).toHaveLength(1);
    expect(new Set(stand.ledger.effects.filter(({ path }) => path === '/wants').map(({ key }) => key)).size).toBe(1);
  } finally {
    await dev.stop();
  }
});
