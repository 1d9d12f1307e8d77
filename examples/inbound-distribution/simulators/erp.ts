/**
 * The ERP: releases purchase orders from an outbox, and takes order confirmations, goods receipts, invoices and what people
 * decide about them. It honours Idempotency-Key, is away for a while (503), closes its posting period for a while, does not know one item, and now and then takes
 * an effect but loses the answer.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLedger } from './ledger.ts';
import { type Answer, type Call, flags, postUntilTaken, ready, report, serve } from './process.ts';
import { makeOrder, NEW_MODEL } from './world.ts';

const args = flags({
  ledger: undefined,
  crossdock: undefined,
  /** What we show Crossdock. */
  'own-key': undefined,
  /** What Crossdock must show us. */
  'api-key': undefined,
  orders: '200',
  seed: '7',
  /** Orders released per second. */
  rate: '10',
  /** `true`: does not remember idempotency keys. */
  forgetful: 'false',
});
const orders = Number(args.orders);
const ledger = openLedger(args.ledger, 'erp');
const counters = report({
  released: 0,
  confirmations: 0,
  receipts: 0,
  invoices: 0,
  refused: 0,
  unavailable: 0,
  pending: orders,
});

const OUTAGE = { after: Math.ceil(orders * 0.7), ms: 4_000 };
const PERIOD_CLOSED = { after: Math.ceil(orders * 0.25), ms: 4_000 };
const LOSE_EVERY = 20;

let effects = 0;
let outageUntil: number | undefined;
let closedUntil: number | undefined;
const posted = new Map<string, string>();
/** Invoices that can be released, blocked or debited. */
const booked = new Set<string>();

function effect(
  call: Call,
  type: 'order-response' | 'receipt' | 'invoice' | 'settlement',
  identity: { key: string; orders: string[] },
  body: Record<string, unknown>,
): Answer {
  ledger.write({ kind: 'Effect', type, ...identity, idempotencyKey: call.idempotencyKey });
  effects += 1;
  return { status: 201, body, hangUp: effects % LOSE_EVERY === 0 };
}

function postReceipt(call: Call, identity: { key: string; orders: string[] }): Answer {
  const { idempotencyKey } = call;
  const known = posted.get(identity.key);
  if (known !== undefined) {
    ledger.write({ kind: 'Already', type: 'receipt', ...identity, idempotencyKey });
    return { status: 409, body: { code: 'ALREADY_POSTED', postingNumber: known } };
  }
  const refuse = (code: string, more: Record<string, unknown>): Answer => {
    counters.refused += 1;
    ledger.write({ kind: 'Refused', type: 'receipt', ...identity, idempotencyKey, note: code });
    return { status: 422, body: { code, ...more } };
  };
  const lines = call.body.lines as { gtin: string }[];
  if (lines.some((line) => line.gtin === NEW_MODEL.gtin))
    return refuse('UNKNOWN_ITEM', {
      item: NEW_MODEL.gtin,
      message: `Item ${NEW_MODEL.gtin} is not in the item master`,
    });
  if (closedUntil === undefined && posted.size >= PERIOD_CLOSED.after) closedUntil = Date.now() + PERIOD_CLOSED.ms;
  if (closedUntil !== undefined && Date.now() < closedUntil)
    return refuse('PERIOD_CLOSED', { message: 'Posting period 2026-03 is closed' });
  const postingNumber = String(5_000_000_001 + posted.size);
  posted.set(identity.key, postingNumber);
  counters.receipts += 1;
  return effect(call, 'receipt', identity, { postingNumber });
}

const url = await serve({
  ledger,
  apiKey: args['api-key'],
  forgetful: args.forgetful === 'true',
  unavailable() {
    if (outageUntil === undefined && effects >= OUTAGE.after) outageUntil = Date.now() + OUTAGE.ms;
    if (outageUntil === undefined || Date.now() >= outageUntil) return undefined;
    counters.unavailable += 1;
    return { status: 503, body: { code: 'UNAVAILABLE' }, headers: { 'retry-after': '2' } };
  },
  endpoints: [
    {
      method: 'POST',
      path: /^\/api\/order-confirmations$/,
      type: 'order-response',
      identify: ({ body }) => ({ key: String(body.orderNumber), orders: [String(body.orderNumber)] }),
      take(call, identity) {
        counters.confirmations += 1;
        return effect(call, 'order-response', identity, { confirmed: identity.key });
      },
    },
    {
      method: 'POST',
      path: /^\/api\/goods-receipts$/,
      type: 'receipt',
      identify: ({ body }) => ({
        key: String(body.receiptNumber),
        orders: [...new Set((body.lines as { orderNumber: string }[]).map((line) => line.orderNumber))],
      }),
      take: postReceipt,
    },
    {
      method: 'POST',
      path: /^\/api\/invoices$/,
      type: 'invoice',
      identify: ({ body }) => ({ key: String(body.invoiceNumber), orders: [String(body.orderNumber)] }),
      take(call, identity) {
        counters.invoices += 1;
        booked.add(identity.key);
        return effect(call, 'invoice', identity, { booked: identity.key });
      },
    },
    {
      method: 'POST',
      path: /^\/api\/(invoice-releases|debit-notes|invoice-blocks)$/,
      type: 'settlement',
      identify: ({ path, body: { orderNumber, orderLine } }) => ({
        key: `${path.split('/').at(-1)} ${orderNumber}/${orderLine}`,
        orders: [String(orderNumber)],
      }),
      take(call, identity) {
        const unknown = (call.body.invoices as string[]).filter((invoice) => !booked.has(invoice));
        if (unknown.length === 0) return effect(call, 'settlement', identity, { taken: identity.key });
        ledger.write({ kind: 'Refused', type: 'settlement', ...identity, idempotencyKey: call.idempotencyKey });
        return { status: 422, body: { code: 'UNKNOWN_INVOICE', message: `Invoice ${unknown[0]} is not booked` } };
      },
    },
  ],
});
ready({ url: `${url}/api` });

async function release(n: number): Promise<void> {
  const order = makeOrder(n, Number(args.seed));
  const key = order.orderNumber;
  const answer = await postUntilTaken(
    `${args.crossdock}/orders`,
    { 'x-api-key': args['own-key'], 'idempotency-key': key },
    order,
  );
  const identity = { type: 'purchase-order' as const, key, orders: [key] };
  if (answer.status === 202) {
    ledger.write({ kind: 'Sent', ...identity, expect: 'Effect', note: order.supplierCode });
    counters.released += 1;
  } else
    ledger.write({
      kind: 'Conflict',
      ...identity,
      idempotencyKey: key,
      note: `release answered ${answer.status}: ${JSON.stringify(answer.body).slice(0, 300)}`,
    });
  counters.pending -= 1;
}
// Anything on standard input is the start signal: the receivers are up.
await once(process.stdin, 'data');
for (let n = 0; n < orders; n++) {
  void release(n);
  await sleep(1000 / Number(args.rate));
}
