/** A late order becomes a document (examples/late-orders), on real parts: from the clock through the tracker and back into an Integration. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readObjectives } from '../../tracker/deadlines/read.ts';
import { makeStand, startDevHere } from './support.ts';
import { poll } from './tables-support.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/late-orders');

it('what is late is told to an Integration, which makes a task of it, once', { timeout: 60_000 }, async () => {
  await using stand = await makeStand();
  const layOut = (platform: string): void => {
    for (const name of readdirSync(EXAMPLE).filter((each) => each.endsWith('.yaml')))
      stand.write(
        name,
        readFileSync(join(EXAMPLE, name), 'utf8')
          .replaceAll(/^metadata: \{/gm, `metadata: {namespace: ${stand.namespace}, `)
          .replaceAll(/^metadata:$/gm, `metadata:\n  namespace: ${stand.namespace}`)
          // The stand has an endpoint of that name.
          .replaceAll('path: /orders', 'path: /late/orders')
          .replaceAll('crossdock.dev/hosts: crossdock-http', 'crossdock.dev/hosts: 127.0.0.1')
          .replaceAll('https://erp.example.com/api', stand.ledger.url)
          .replaceAll('http://crossdock-http', platform),
      );
  };
  layOut('http://127.0.0.1:9');
  await using dev = await startDevHere(stand);
  const findings = dev.reloads[0]!.translation.translations.flatMap((one) => one.findings);
  expect(findings.filter(({ severity }) => severity === 'Error')).toEqual([]);
  const post = async (path: string, body: object): Promise<void> => {
    const response = await fetch(`${dev.http}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': 'demo-key-late-orders', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect([path, response.status]).toEqual([path, 202]);
  };
  const state = async (key: string) =>
    (await readObjectives(stand.database, stand.namespace, key).catch(() => []))[0]?.state;
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const later = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10);
  await post('/late/orders', { orderNumber: 'PO-1', expectedDelivery: tomorrow });
  await post('/late/orders', { orderNumber: 'PO-2', expectedDelivery: later });
  await poll(async () => (await state('PO-1')) === 'Breached' && (await state('PO-2')) === 'Pending');

  // Nobody answers at the first address; the message waits for the next.
  const next = dev.nextReload();
  layOut(dev.http);
  await next;
  const tasks = () => stand.ledger.effects.filter(({ path }) => path === '/tasks');
  await poll(async () => tasks().length > 0);
  expect(tasks()[0]!.body).toEqual({
    title: '1 purchase order is late: ConfirmedTheDayBefore',
    orders: ['PO-1'],
  });

  await post('/responses', { orderNumber: 'PO-1' });
  await post('/responses', { orderNumber: 'PO-2' });
  await poll(async () => (await state('PO-1')) === 'MetLate' && (await state('PO-2')) === 'Met');
  // Recovery comes in as a document too, and makes no task.
  await stand.until((rows) => rows.filter(({ destination }) => destination === 'late-orders').length === 2);
  expect(tasks()).toHaveLength(1);
});
