import { expect, it } from 'vitest';
import { alertsOf, mailOf, messageOf, type Notice, worthTelling } from './message.ts';

const notice = (key: string, event: Notice['event'], more: Partial<Notice> = {}): Notice => ({
  event,
  process: 'inbound',
  key,
  objective: 'Confirmed',
  partner: 'acme',
  severity: 'Warning',
  dueAt: 1_000,
  at: 1_100,
  ...more,
});
const about = { namespace: 'shop', policy: 'response', keyName: 'purchaseOrder', at: 2_000, salt: 'r 7' };

it('tells of one objective the last, and nothing of what is over before anybody was told', () => {
  const told = worthTelling([
    notice('PO-1', 'Warning'),
    notice('PO-2', 'Warning'),
    notice('PO-1', 'Breach'),
    notice('PO-2', 'Recovery'),
    notice('PO-3', 'Recovery'),
    notice('PO-1', 'Warning', { objective: 'Shipped' }),
  ]);
  expect([...told].map(([event, all]) => [event, all.map(({ key, objective }) => `${key} ${objective}`)])).toEqual([
    ['Breach', ['PO-1 Confirmed']],
    ['Recovery', ['PO-3 Confirmed']],
    ['Warning', ['PO-1 Shipped']],
  ]);
});

it.each([
  [[notice('PO-1', 'Breach')], '1 purchase order of acme is late: Confirmed'],
  [[notice('PO-1', 'Breach', { partner: '' })], '1 purchase order is late: Confirmed'],
  [
    [
      notice('PO-1', 'Breach'),
      notice('PO-2', 'Breach'),
      notice('PO-2', 'Breach', { objective: 'Shipped', partner: 'b' }),
    ],
    '2 purchase orders of 2 partners are late: Confirmed, Shipped',
  ],
])('says it in words', (notices, text) => {
  expect(messageOf(about, 'Breach', notices).text).toBe(text);
});

it('a message has the same key for the same notices, and another for others', () => {
  const id = (more: Partial<typeof about> = {}) =>
    messageOf({ ...about, ...more }, 'Breach', [notice('PO-1', 'Breach')]).id;
  expect(id()).toBe(id());
  expect(new Set([id(), id({ salt: 'r 8' }), id({ at: 3_000 }), id({ policy: 'other' })]).size).toBe(4);
});

it('a mail has one line of subject, whatever names hold, and what is left out is counted', () => {
  const many = Array.from({ length: 60 }, (_, i) =>
    notice(`PO-${i}`, 'Breach', { partner: 'a\r\nBcc: x@example.com' }),
  );
  const { subject, text } = mailOf(messageOf(about, 'Breach', many));
  expect(subject).not.toMatch(/[\r\n]/);
  expect(subject).toContain('60 purchase orders of a Bcc: x@example.com are late');
  expect(text).toContain('… and 10 more');
});

it('an alert fires until it is resolved, with labels of objective and partner', () => {
  const firing = {
    objective: 'Confirmed',
    partner: 'acme',
    severity: 'Critical',
    event: 'Breach',
    transactions: 3,
    since: 500,
  } as const;
  const [fires, resolved] = alertsOf(about, [firing, { ...firing, transactions: 0 }], 2_000, 900) as {
    labels: Record<string, string>;
    annotations: { summary: string };
    startsAt: string;
    endsAt: string;
  }[];
  expect(fires).toMatchObject({
    labels: { alertname: 'CrossdockObjectiveBreached', objective: 'Confirmed', partner: 'acme', severity: 'critical' },
    annotations: { summary: '3 purchase orders of acme are late: Confirmed' },
    startsAt: new Date(500).toISOString(),
    endsAt: new Date(2_900).toISOString(),
  });
  expect(resolved!.labels).toEqual(fires!.labels);
  expect(resolved!.endsAt).toBe(new Date(2_000).toISOString());
});
