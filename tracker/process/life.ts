/** Test support: a process over the usual documents, and arbitrary lives of an order. */
import fc from 'fast-check';
import { canonicalJson, sha256Hex } from '../../runtime/canonical.ts';
import type { ProcessPlan } from '../plan.ts';
import type { Fact } from './facts.ts';

const lines = { lines: '/lines', key: ['orderNumber', 'orderLine'], quantity: 'quantity', unit: 'unit', item: 'gtin' };
export const PROCESS: ProcessPlan = {
  name: 'inbound',
  generation: 1,
  keyName: 'purchaseOrder',
  documents: [
    { type: 'order.v1', role: 'Order', ...lines, price: 'price', currency: 'currency', date: 'expectedDelivery' },
    { type: 'change.v1', role: 'Change', ...lines, price: 'price' },
    { type: 'notice.v1', role: 'Fact', ...lines, lines: '/orders/lines' },
    { type: 'receipt.v1', role: 'Fact', ...lines, quantity: 'accepted', damaged: 'damaged' },
    { type: 'return.v1', role: 'Return', against: 'receipt.v1', ...lines },
    { type: 'invoice.v1', role: 'Fact', ...lines, price: 'price', currency: 'currency' },
  ],
  milestones: [
    { name: 'Released', scope: 'Order', completeBy: 'Document', document: { type: 'order.v1' }, after: [] },
    { name: 'Confirmed', scope: 'Order', completeBy: 'Document', document: { type: 'response.v1' }, after: [] },
    { name: 'Shipped', scope: 'Line', completeBy: 'Quantity', document: { type: 'notice.v1' }, after: [] },
    { name: 'Visible', scope: 'Order', completeBy: 'Document', delivered: { to: 'notice/wms' }, after: [] },
    { name: 'Received', scope: 'Line', completeBy: 'Quantity', document: { type: 'receipt.v1' }, after: [] },
    { name: 'Invoiced', scope: 'Line', completeBy: 'Document', document: { type: 'invoice.v1' }, after: ['Released'] },
    { name: 'Matched', scope: 'Order', completeBy: 'Document', match: 'three-way', after: ['Received'] },
  ],
  matches: [
    {
      name: 'three-way',
      compare: { ordered: 'order.v1', received: 'receipt.v1', invoiced: 'invoice.v1' },
      tolerance: { quantity: { over: { percent: '5' }, under: {} }, price: { over: { percent: '1' } } },
      exception: { severity: 'Warning', owner: 'procurement', dueMs: 8 * 3_600_000 },
    },
    {
      name: 'arrival',
      compare: { ordered: 'order.v1', shipped: 'notice.v1', received: 'receipt.v1' },
      per: 'shipmentNumber',
      tolerance: { quantity: { under: {} } },
      exception: { severity: 'Info' },
    },
  ],
  units: [{ from: 'CA', to: 'EA', factor: '12' }],
};

export const KEY = 'PO-1';
let drawn = 0;
/** A document of the transaction; `more.keys` for others. */
export function fact(type: string, body: object, more: Partial<Fact> = {}): Fact {
  return {
    id: `d${++drawn}`,
    type,
    source: 'partner/acme',
    at: drawn * 10,
    keys: [KEY],
    bodyHash: sha256Hex(canonicalJson(body)),
    body,
    accounts: [],
    ...more,
  };
}
const line = (orderLine: number, quantity: number, more: object = {}) => ({
  orderLine,
  quantity,
  unit: 'EA',
  gtin: `item-${orderLine}`,
  ...more,
});
export const order = (quantities: readonly number[], sequence = '1', action = 'Create'): Fact =>
  fact(
    'order.v1',
    {
      orderNumber: KEY,
      currency: 'EUR',
      expectedDelivery: '2026-03-09',
      lines: quantities.map((quantity, i) => line(i + 1, quantity, { price: '2.50' })),
    },
    { source: 'system/erp', revision: { key: KEY, sequence, action } },
  );
export const change = (orderLine: number, quantity: number, sequence: string): Fact =>
  fact(
    'change.v1',
    { orderNumber: KEY, lines: [line(orderLine, quantity)], n: sequence },
    { source: 'system/erp', revision: { key: `${KEY}/${sequence}`, sequence, action: '' } },
  );
export const response = (): Fact => fact('response.v1', { orderNumber: KEY });
type Quantities = readonly (readonly [orderLine: number, quantity: number])[];
export const notice = (shipment: string, of: Quantities, sequence = '1', action = 'Create', orderNumber = KEY): Fact =>
  fact(
    'notice.v1',
    { shipmentNumber: shipment, orders: [{ orderNumber, lines: of.map(([n, q]) => line(n, q)) }], sequence, action },
    {
      keys: [orderNumber],
      revision: { key: shipment, sequence, action },
      accounts: [{ destination: 'notice/wms', state: 'Delivered', at: drawn * 10 + 15 }],
    },
  );
export const receipt = (shipment: string, of: readonly (readonly [number, number, number])[]): Fact =>
  fact('receipt.v1', {
    receiptNumber: `R-${drawn}`,
    shipmentNumber: shipment,
    lines: of.map(([n, accepted, damaged]) => ({ ...line(n, 0), orderNumber: KEY, accepted, damaged })),
  });
export const returned = (of: Quantities): Fact =>
  fact('return.v1', { orderNumber: KEY, n: drawn, lines: of.map(([n, q]) => line(n, q)) });
export const invoice = (of: Quantities, price = '2.50', currency = 'EUR'): Fact =>
  fact('invoice.v1', {
    invoiceNumber: `I-${drawn}`,
    orderNumber: KEY,
    currency,
    lines: of.map(([n, q]) => line(n, q, { price })),
  });

const quantities = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 40 })), {
  minLength: 1,
  maxLength: 3,
});
/** Split and replaced shipments, changed orders, damage, returns, invoices of all sorts. Facts in the order of acceptance. */
export const lives: fc.Arbitrary<Fact[]> = fc
  .record({
    lines: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 }),
    orderRevised: fc.option(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 })),
    orderCancelled: fc.integer({ min: 0, max: 9 }),
    changes: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 40 })), { maxLength: 3 }),
    shipments: fc.array(
      fc.array(fc.record({ of: quantities, fate: fc.constantFrom('Create', 'Replace', 'Cancel', 'Moved') }), {
        minLength: 1,
        maxLength: 3,
      }),
      { maxLength: 3 },
    ),
    receipts: fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 2 }),
        fc.array(
          fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 })),
          {
            minLength: 1,
            maxLength: 3,
          },
        ),
      ),
      { maxLength: 3 },
    ),
    returns: fc.array(quantities, { maxLength: 1 }),
    invoices: fc.array(
      fc.tuple(quantities, fc.constantFrom('2.50', '2.52', '2.60'), fc.constantFrom('EUR', 'EUR', 'USD')),
      {
        maxLength: 2,
      },
    ),
    confirmed: fc.boolean(),
    itemsOnly: fc.boolean(),
  })
  .map((life) => {
    const facts = [order(life.lines)];
    if (life.orderRevised) facts.push(order(life.orderRevised, '2', 'Replace'));
    if (life.orderCancelled === 0) facts.push(order(life.lines, '3', 'Cancel'));
    facts.push(...life.changes.map(([n, q], i) => change(n, q, String(i + 8))));
    if (life.confirmed) facts.push(response());
    for (const [i, revisions] of life.shipments.entries())
      for (const [sequence, { of, fate }] of revisions.entries())
        facts.push(notice(`S-${i}`, of, String(sequence + 9), fate, fate === 'Moved' ? 'PO-2' : KEY));
    facts.push(...life.receipts.map(([shipment, of]) => receipt(`S-${shipment}`, of)));
    facts.push(...life.returns.map((of) => returned(of)));
    facts.push(...life.invoices.map(([of, price, currency]) => invoice(of, price, currency)));
    return life.itemsOnly ? facts.map(withoutLineNumbers) : facts;
  });

/** A supplier that knows items only. */
function withoutLineNumbers(one: Fact): Fact {
  if (one.type !== 'invoice.v1' && one.type !== 'receipt.v1') return one;
  const body = JSON.parse(JSON.stringify(one.body, (name, value) => (name === 'orderLine' ? undefined : value)));
  return { ...one, body, bodyHash: sha256Hex(canonicalJson(body)) };
}
