/**
 * A supplier with a portal: gets orders by HTTP and posts confirmations, ship notices and invoices as JSON. It learns at once what is
 * wrong with a ship notice (422 as a problem by RFC 9457), corrects it and posts again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type DocumentName, type Expectation, openLedger } from './ledger.ts';
import { flags, postUntilTaken, ready, report, serve } from './process.ts';
import {
  fromCents,
  INVOICE_DATE,
  type Order,
  ordinalOf,
  RESPONSE_DATE,
  random,
  SHIP_DATE,
  sscc,
  toCents,
} from './world.ts';

const args = flags({ ledger: undefined, crossdock: undefined, 'own-key': undefined, 'api-key': undefined, seed: '7' });
const NAME = 'sunrise-goods';
const PREFIX = 'SG';
const ledger = openLedger(args.ledger, NAME);
const counters = report({ orders: 0, responses: 0, shipNotices: 0, invoices: 0, rejected: 0, pending: 0 });

interface Position {
  po: string;
  poDate: string;
  pos: number;
  sku: string;
  qty: string;
  uom: string;
  carton: string;
}
interface PortalAsn {
  asnNo: string;
  created: string;
  shipDate: string;
  eta?: string;
  deliverTo: string;
  positions: Position[];
}
/** Mistakes of a clerk: what the portal should be told about each is written beside it. */
const mistakes: readonly { note: string; make(asn: PortalAsn): PortalAsn }[] = [
  {
    note: 'negative quantity',
    make: (asn) => ({ ...asn, positions: asn.positions.map((p) => ({ ...p, qty: `-${p.qty}` })) }),
  },
  {
    note: 'more than is open',
    make: (asn) => ({ ...asn, positions: asn.positions.map((p) => ({ ...p, qty: String(Number(p.qty) + 40) })) }),
  },
  { note: 'shipped before ordered', make: (asn) => ({ ...asn, shipDate: '2026-02-27' }) },
  { note: 'no expected delivery', make: ({ eta: _, ...asn }) => asn },
  {
    note: 'unit that nobody agreed on',
    make: (asn) => ({ ...asn, positions: asn.positions.map((p) => ({ ...p, uom: 'dozen' })) }),
  },
];

interface Post {
  /** Resource name of the document type. */
  documentType: string;
  type: DocumentName;
  key: string;
  idempotencyKey: string;
  order: Order;
  body: unknown;
  expect: Expectation;
  note?: string;
}
async function post({ documentType, type, key, idempotencyKey, order, body, expect, note }: Post): Promise<void> {
  const url = `${args.crossdock}/documents/${documentType}`;
  const answer = await postUntilTaken(url, { 'x-api-key': args['own-key'], 'idempotency-key': idempotencyKey }, body);
  const identity = { type, key, orders: [order.orderNumber] };
  const refused = answer.status === 422 && answer.contentType.includes('application/problem+json');
  const asExpected = expect === 'Rejected' ? refused : answer.status === 202;
  if (asExpected) ledger.write({ kind: 'Sent', ...identity, expect, ...(note ? { note } : {}) });
  else
    ledger.write({
      kind: 'Conflict',
      ...identity,
      idempotencyKey,
      note: `${note ?? 'as agreed'}: answered ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`,
    });
}

async function fulfil(order: Order): Promise<void> {
  const number = order.orderNumber.slice('PO-'.length);
  const draw = random(Number(number) * 17 + Number(args.seed));
  await sleep(100 + draw() * 400);
  await post({
    documentType: 'order-response-v1',
    type: 'order-response',
    key: order.orderNumber,
    idempotencyKey: `confirmation-${number}`,
    order,
    expect: 'Effect',
    body: {
      orderNumber: order.orderNumber,
      responseDate: RESPONSE_DATE,
      status: 'Accepted',
      lines: order.lines.map(({ orderLine, quantity }) => ({
        orderLine,
        status: 'Accepted',
        quantity,
        deliveryDate: order.expectedDelivery,
      })),
    },
  });
  counters.responses += 1;
  await sleep(500 + draw() * 1_000);

  const created = `${SHIP_DATE}T08:00:00Z`;
  const asn: PortalAsn = {
    asnNo: `${PREFIX}-S-${number}`,
    created,
    shipDate: SHIP_DATE,
    eta: order.expectedDelivery,
    deliverTo: order.warehouse,
    positions: order.lines.map(({ orderLine, sku, quantity }) => ({
      po: order.orderNumber,
      poDate: order.orderDate,
      pos: orderLine,
      sku,
      qty: String(quantity),
      uom: 'piece',
      carton: sscc(order.orderNumber, orderLine, PREFIX),
    })),
  };
  const notice = {
    documentType: 'ship-notice-v1',
    type: 'ship-notice' as const,
    key: `${asn.asnNo}@${created}`,
    order,
  };
  const ordinal = ordinalOf(order.orderNumber);
  const mistake = ordinal % 3 === 1 ? mistakes[Math.floor(ordinal / 3) % mistakes.length] : undefined;
  if (mistake) {
    await post({
      ...notice,
      idempotencyKey: `asn-${number}-draft`,
      body: mistake.make(asn),
      expect: 'Rejected',
      note: mistake.note,
    });
    counters.rejected += 1;
    await sleep(400);
  }
  await post({ ...notice, idempotencyKey: `asn-${number}`, body: asn, expect: 'Effect' });
  counters.shipNotices += 1;
  await sleep(1_000 + draw() * 1_000);

  const lines = order.lines.map(({ orderLine, gtin, quantity, unit, price }) => ({
    orderLine,
    gtin,
    quantity,
    unit,
    price,
  }));
  await post({
    documentType: 'invoice-v1',
    type: 'invoice',
    key: `${PREFIX}-I-${number}`,
    idempotencyKey: `invoice-${number}`,
    order,
    expect: 'Effect',
    body: {
      invoiceNumber: `${PREFIX}-I-${number}`,
      invoiceDate: INVOICE_DATE,
      orderNumber: order.orderNumber,
      supplier: NAME,
      currency: order.currency,
      lines,
      total: fromCents(lines.reduce((total, line) => total + line.quantity * toCents(line.price), 0)),
    },
  });
  counters.invoices += 1;
  counters.pending -= 1;
}

const url = await serve({
  ledger,
  apiKey: args['api-key'],
  endpoints: [
    {
      method: 'POST',
      path: /^\/orders$/,
      type: 'purchase-order',
      identify: ({ body }) => ({ key: String(body.orderNumber), orders: [String(body.orderNumber)] }),
      take(call, identity) {
        ledger.write({ kind: 'Effect', type: 'purchase-order', ...identity, idempotencyKey: call.idempotencyKey });
        counters.orders += 1;
        counters.pending += 1;
        void fulfil(call.body as unknown as Order);
        return { status: 201, body: { received: identity.key } };
      },
    },
  ],
});
ready({ url: `${url}/orders` });
