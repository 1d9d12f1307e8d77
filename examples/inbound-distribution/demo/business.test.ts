import { expect, test } from 'vitest';
import type { Line } from '../simulators/ledger.ts';
import { type Business, businessText, checkBusiness } from './business.ts';

const sent = (type: Extract<Line, { kind: 'Sent' }>['type'], order: string, note?: string): Line => ({
  kind: 'Sent',
  at: 1,
  system: 's',
  type,
  key: `${type} ${order}`,
  orders: [order],
  expect: 'Effect',
  ...(note && { note }),
});
const taken = (
  type: 'ship-notice' | 'receipt',
  order: string,
  kind: 'Effect' | 'Refused' = 'Effect',
  note?: string,
): Line => ({
  kind,
  at: 2,
  system: 'r',
  type,
  key: `${type} ${order}`,
  orders: [order],
  idempotencyKey: 'k',
  ...(note && { note }),
});
const life = (order: string, note?: string): Line[] => [
  sent('purchase-order', order),
  sent('order-response', order),
  sent('ship-notice', order),
  taken('ship-notice', order),
  sent('receipt', order, note),
  taken('receipt', order),
  sent('invoice', order),
];
const milestones = [
  'Released',
  'Confirmed',
  'Shipped',
  'VisibleToWarehouse',
  'Received',
  'Posted',
  'Invoiced',
  'Matched',
];
const ledger = [...life('PO-1'), ...life('PO-2', 'damaged lines 1,3'), sent('purchase-order', 'PO-3')];
const exception = (key: string, line: string, kind: string) => ({
  ...{ process: 'inbound', id: `three-way/${kind}/${line}`, key, line, kind },
});
const business: Business = {
  milestones,
  transactions: [
    { key: 'PO-1', reached: milestones },
    { key: 'PO-2', reached: milestones.slice(0, -1) },
    { key: 'PO-3', reached: ['Released'] },
  ],
  exceptions: [1, 3].map((line) => ({ ...exception('PO-2', String(line), 'Damaged'), money: '2.40', currency: 'EUR' })),
  objectives: [
    { key: 'PO-1', objective: 'ConfirmedInADay', from: 'Released', to: 'Confirmed', state: 'Met' },
    { key: 'PO-2', objective: 'ConfirmedInADay', from: 'Released', to: 'Confirmed', state: 'MetLate' },
    { key: 'PO-3', objective: 'ConfirmedInADay', from: 'Released', to: 'Confirmed', state: 'Pending' },
    { key: 'PO-1', objective: 'MatchedInTwoWeeks', from: 'Posted', to: 'Matched', state: 'Met' },
    { key: 'PO-2', objective: 'MatchedInTwoWeeks', from: 'Posted', to: 'Matched', state: 'Breached' },
  ],
};

test('what both sides know agrees, and is said in three lines', () => {
  expect(checkBusiness(business, ledger)).toEqual([]);
  expect(businessText(business)).toContain('Damaged 2 · 4.80 EUR at stake');
  expect(businessText(business)).toContain('5 · met 2 · late');
});

test('each difference is found, in both directions', () => {
  const check = (more: Partial<Business>, lines = ledger) => checkBusiness({ ...business, ...more }, lines).join('\n');
  expect(check({ transactions: business.transactions.slice(1) })).toContain(
    'milestone Released: 1 that the simulators know',
  );
  expect(check({ transactions: [...business.transactions, { key: 'PO-9', reached: ['Matched'] }] })).toContain(
    'milestone Matched: 1 are in Crossdock that the simulators do not know (PO-9)',
  );
  expect(check({ exceptions: business.exceptions.slice(1) })).toContain('damaged lines: 1 that the simulators know');
  expect(check({ exceptions: [...business.exceptions, exception('PO-1', '1', 'Price')] })).toContain(
    'exception Price of PO-1',
  );
  expect(check({ exceptions: [...business.exceptions, exception('PO-1', '1', 'InvoicedTooMuch')] })).toContain(
    'invoiced more',
  );
  expect(check({}, [...ledger, taken('receipt', 'PO-1', 'Refused', 'UNKNOWN_ITEM')])).toContain(
    'milestone Posted: 1 are in Crossdock',
  );
  const other = ledger.map((line) =>
    line.type === 'ship-notice' && line.kind === 'Sent'
      ? { ...line, note: 'ships a model that the ERP does not know' }
      : line,
  );
  expect(check({}, other)).toContain('orders with another article: 2');
  const objectives = (state: string) =>
    business.objectives.map((one) => (one.key === 'PO-2' ? { ...one, state } : one));
  expect(check({ objectives: objectives('Met') })).toContain('MatchedInTwoWeeks: late: 1 that the simulators know');
  expect(check({ objectives: objectives('Breached') })).toContain(
    'ConfirmedInADay: late: 1 are in Crossdock that the simulators do not know (PO-2)',
  );
});
