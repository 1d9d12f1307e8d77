/**
 * The example at work with a handful of orders, on a real broker and database: `acme-supplies` by X12 files, `sunrise-goods` by HTTP, and
 * one ledger that is the ERP, the WMS and the portal. What went wrong by intent: PO-1002's invoice is refused by the ERP until
 * `mend()`, PO-1003 arrives with two broken pieces, PO-1002 with one, one ship notice is a broken file.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type pg from 'pg';
import { expect, vi } from 'vitest';
import { makeWorkingCopy } from '../../examples/inbound-distribution/demo/working-copy.ts';
import {
  damage,
  invoice,
  orderResponse,
  shipNotice,
} from '../../examples/inbound-distribution/simulators/supplier-x12-documents.ts';
import {
  INVOICE_DATE,
  type Order,
  RESPONSE_DATE,
  SHIP_DATE,
  sscc,
} from '../../examples/inbound-distribution/simulators/world.ts';
import { type Segment, writeInterchange } from '../../examples/inbound-distribution/simulators/x12.ts';
import { managementClient } from '../../operator/apply/rabbitmq/client.ts';
import { vhostOf } from '../../operator/apply/rabbitmq/namespace.ts';
import { createLog } from '../../runtime/telemetry/log.ts';
import { startDev } from '../../standalone/dev.ts';
import type { Overview } from '../../tracker/api/contract.ts';
import { openTrackerDatabase } from '../../tracker/store.ts';
import { type Ledger, startLedger } from '../standalone/support.ts';
import { sharedBroker } from '../support/broker.ts';
import { testDatabase } from '../support/database.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/inbound-distribution');
const DAY = '2026-03-09';

export interface ConsoleStand extends AsyncDisposable {
  /** Of the API, which serves the console too. */
  url: string;
  ledger: Ledger;
  database: pg.Pool;
  namespace: string;
  get<T>(path: string): Promise<T>;
  /** All that was sent has become what it becomes: two dead letters, two exceptions, nothing on its way. */
  settled(): Promise<void>;
  /** The ERP takes the invoice of PO-1002 from now on. */
  mend(): void;
  /** Releases one more order to sunrise-goods; gives its number. */
  release(): Promise<string>;
}

const line = (orderLine: number, sku: string, gtin: string, quantity: number, price: string) => ({
  ...{ orderLine, sku, gtin, description: sku, quantity, unit: 'EA', price },
});
const order = (n: number, supplierCode: string, lines: Order['lines']): Order => ({
  orderNumber: `PO-${n}`,
  orderDate: '2026-03-02',
  supplierCode,
  warehouse: 'BER1',
  expectedDelivery: DAY,
  currency: 'EUR',
  lines,
});
const ACME = '100345';
const ORDERS = [
  order(1001, ACME, [line(1, 'AC-1001', '4056789010019', 40, '0.35'), line(2, 'AC-1004', '4056789010040', 12, '2.40')]),
  order(1002, ACME, [line(1, 'AC-1002', '4056789010026', 500, '0.12')]),
  order(1003, ACME, [line(1, 'AC-1005', '4056789010057', 60, '1.15')]),
  order(1004, ACME, [line(1, 'AC-1003', '4056789010033', 900, '0.05')]),
  order(1005, '100701', [line(1, 'SG-4001', '4056789040016', 24, '3.20')]),
];

/** `console`: folder of its built files. */
export async function startConsoleStand(console: string): Promise<ConsoleStand> {
  const { uri, managementUri } = await sharedBroker();
  const namespace = `console-${process.pid}`;
  const root = mkdtempSync(join(tmpdir(), 'crossdock-console-'));
  const own = await testDatabase();
  const ledger = await startLedger();
  let mended = false;
  ledger.answer = (effect, response) => {
    const { path, body } = effect;
    const say = (status: number, answer: object): true => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      return true;
    };
    if (path === '/invoices' && !mended && body.orderNumber === 'PO-1002')
      return say(422, { code: 'VENDOR_BLOCKED', message: 'vendor 100345 is blocked for posting' });
    if (path !== '/goods-receipts') return false;
    ledger.effects.push(effect);
    return say(201, { postingNumber: `500000${ledger.effects.length}` });
  };
  const mailboxes = join(root, 'mailboxes');
  const copy = join(root, 'resources');
  await makeWorkingCopy(EXAMPLE, copy, {
    erp: ledger.url,
    wms: ledger.url,
    sunrisePortal: ledger.url,
    mailboxes,
    namespace,
  });
  const dev = await startDev({
    folder: copy,
    brokerUri: uri,
    managementUri,
    databaseUrl: own.url,
    http: { host: '127.0.0.1', port: 0 },
    admin: { host: '127.0.0.1', port: 0 },
    console: { host: '127.0.0.1', port: 0, folder: console, login: { local: { user: 'anna' } } },
    log: createLog('test', {
      stream: new Writable({
        write: (chunk, _encoding, done) => (process.env.TEST_LOG ? process.stderr.write(chunk, done) : done()),
      }),
    }),
    onReload: () => {},
  });
  const http = `http://127.0.0.1:${dev.httpPort}`;
  const post = async (path: string, key: string, id: string, body: unknown): Promise<void> => {
    const response = await fetch(http + path, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify(body),
    });
    if (response.status !== 202) throw new Error(`${path} ${id}: ${response.status} ${await response.text()}`);
  };
  const release = (one: Order) => post('/orders', 'demo-key-that-the-erp-shows-crossdock', one.orderNumber, one);
  let control = 0;
  const drop = (
    functionalId: string,
    transaction: string,
    date: string,
    body: Segment[],
    alter = (text: string) => text,
  ): void => {
    control += 1;
    const text = writeInterchange(
      { sender: 'ACME', receiver: 'EXDIST', control, functionalId },
      transaction,
      [body],
      date,
    );
    const name = `AC-${transaction}-${control}.x12`;
    writeFileSync(join(mailboxes, name), alter(text));
    renameSync(join(mailboxes, name), join(mailboxes, 'acme', 'in', name));
  };
  const announce = (one: Order, alter?: (text: string) => string): void => {
    const shipment = `AC-S-${one.orderNumber.slice(3)}`;
    drop('SH', '856', SHIP_DATE, shipNotice(one, { shipment, prefix: 'AC', purpose: '00', time: '101500' }), alter);
  };
  const receive = (one: Order, damaged: number) =>
    post('/receipts', 'demo-key-that-the-wms-shows-crossdock', `R-${one.orderNumber}`, {
      grn: `R-${one.orderNumber}`,
      asn: `AC-S-${one.orderNumber.slice(3)}`,
      site: 'BER1',
      time: `${DAY}T07:30:00Z`,
      counted: one.lines.map(({ orderLine, gtin, quantity }) => ({
        ...{ po: one.orderNumber, line: orderLine, ean: gtin, ok: quantity - damaged, damaged, uom: 'EA' },
        label: sscc(one.orderNumber, orderLine, 'AC'),
      })),
    });

  const [first, second, third, fourth] = ORDERS as [Order, Order, Order, Order];
  for (const one of ORDERS) await release(one);
  const shipped = [first, second, third];
  for (const one of shipped) {
    drop('PR', '855', RESPONSE_DATE, orderResponse(one));
    announce(one);
  }
  await vi.waitFor(
    () => expect(ledger.effects.filter(({ path }) => path.startsWith('/asns/'))).toHaveLength(shipped.length),
    { timeout: 30_000, interval: 100 },
  );
  for (const one of shipped) {
    await receive(one, one === third ? 2 : one === second ? 1 : 0);
    drop('IN', '810', INVOICE_DATE, invoice(one, `AC-I-${one.orderNumber.slice(3)}`));
  }
  announce(fourth, (text) => damage(text, 'BrokenSegment'));
  let released = 1100;
  const database = await openTrackerDatabase(own.url);
  const url = `http://127.0.0.1:${dev.consolePort}`;
  const get = async <T>(path: string): Promise<T> => (await fetch(`${url}/api/v1${path}`)).json() as Promise<T>;
  return {
    url,
    ledger,
    database,
    namespace,
    get,
    settled: () =>
      vi.waitFor(
        async () => {
          const { deadLetters, exceptions, inFlight } = await get<Overview>('/overview');
          expect([deadLetters.count, exceptions.open, inFlight.count]).toEqual([2, 2, 0]);
        },
        { timeout: 60_000, interval: 200 },
      ),
    mend() {
      mended = true;
    },
    async release() {
      released += 1;
      await release(order(released, '100701', [line(1, 'SG-4002', '4056789040023', 5, '7.95')]));
      return `PO-${released}`;
    },
    async [Symbol.asyncDispose]() {
      await dev.stop();
      await database.end();
      await ledger.close();
      await own.remove();
      const management = managementClient({ uri: managementUri });
      await management.deleteVhost(vhostOf(namespace)).catch(() => {});
      await management.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
