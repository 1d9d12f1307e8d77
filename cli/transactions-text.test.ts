import { expect, test } from 'vitest';
import type { Objective } from '../tracker/deadlines/read.ts';
import type { Exception, ProcessCount, Transaction } from '../tracker/transactions.ts';
import { exceptionsText } from './commands/exceptions.ts';
import { slaText } from './commands/sla.ts';
import { transactionText } from './transactions-text.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are taken out
const plain = (text: string): string => text.replace(/\u001b\[\d+m/g, '');
const transaction: Transaction = {
  process: 'inbound',
  key: 'PO-1001',
  state: 'Open',
  openedAt: 0,
  changedAt: 0,
  partners: ['acme-supplies'],
  milestones: [
    { name: 'Released', state: 'Reached', at: 0 },
    { name: 'Received', state: 'Partly', done: 1, of: 2 },
    { name: 'Matched', state: 'Open' },
  ],
  lines: [
    {
      id: '1',
      item: '4056',
      unit: 'EA',
      ordered: '40',
      price: '0.35',
      currency: 'EUR',
      quantities: { 'ship-notice.v1': { quantity: '40' }, 'receipt.v1': { quantity: '38', damaged: '2' } },
    },
    { id: '2', ordered: '5', quantities: {} },
  ],
  matches: [],
  exceptions: [] as never,
  problems: ['receipt.v1 d1: its content is not in the archive'],
} as Transaction;
const damaged: Exception = {
  process: 'inbound',
  key: 'PO-1001',
  partners: ['acme-supplies'],
  id: 'three-way/Damaged/1',
  match: 'three-way',
  kind: 'Damaged',
  line: '1',
  expected: '0',
  actual: '2',
  money: '0.7',
  currency: 'EUR',
  severity: 'Warning',
  owner: 'procurement',
  openedAt: 0,
  dueAt: 10,
};
const counts: ProcessCount = {
  process: 'inbound',
  open: 3,
  complete: 2,
  cancelled: 0,
  late: 1,
  milestones: [
    { name: 'Released', reached: 5 },
    { name: 'Matched', reached: 2 },
  ],
  exceptions: { Damaged: 4 },
};

test('a transaction: milestones, lines, what does not agree, what could not be read', () => {
  const text = plain(
    transactionText(transaction, [damaged, { ...damaged, kind: 'Price', money: undefined as never, closedAt: 5 }]),
  );
  expect(text).toMatch(/^PO-1001 {2}inbound: Open\n {2}✓ Released {2}\d{4}-/);
  expect(text).toMatch(/◐ Received {2}not yet +1 of 2\n {2}○ Matched/);
  expect(text).toMatch(/│ 1 +│ 4056 +│ 40 EA +│ 38 \+2 damaged +│ 40 +│ 0.35 EUR/);
  expect(text).toContain('✗ line 1: Damaged, expected 0, is 2 (0.70 EUR), procurement');
  expect(text).toContain('✓ closed line 1: Price, expected 0, is 2, procurement');
  expect(text).toContain('! receipt.v1 d1: its content is not in the archive');
});

test('exceptions: how far the processes are, then what does not agree, and how much more there is', () => {
  const text = plain(exceptionsText([counts], [damaged], 'default', 100));
  expect(text).toContain('inbound  3 open, 2 complete, 1 late\n  Released 5 · Matched 2\n');
  expect(text).toMatch(/│ PO-1001 +│ 1 +│ Damaged +│ 0 +│ 2 +│ 0.70 EUR +│ acme-supplies +│ procurement +│ 1970-/);
  expect(text).toContain('1 of 4 open exceptions; --limit shows more');
  expect(plain(exceptionsText([counts], [], 'default', 100))).toContain('No exceptions.');
  expect(exceptionsText([], [], 'shop', 0)).toBe('No BusinessProcess in namespace shop.\n');
});

const HOUR = 3_600_000;
const late: Objective = {
  process: 'inbound',
  key: 'PO-1001',
  policy: 'response',
  objective: 'ConfirmedInADay',
  partner: 'acme-supplies',
  state: 'Breached',
  severity: 'Critical',
  from: 'Released',
  to: 'Confirmed',
  startedAt: 0,
  dueAt: 24 * HOUR,
};

test('a transaction shows its deadlines', () => {
  const { closedAt: _, ...unknown } = {
    ...late,
    state: 'Void' as const,
    dueAt: undefined as never,
    reason: 'order.v1 has no /due',
  } as Objective;
  const text = plain(transactionText(transaction, [], [late, unknown], 27 * HOUR));
  expect(text).toMatch(/⏱ ConfirmedInADay: late, Confirmed, due 1970-01-0\d .* \(3 h ago\)\n/);
  expect(text).toContain('⏱ ConfirmedInADay: void, Confirmed; order.v1 has no /due\n');
});

test('deadlines: how each objective stands, who is late, with what', () => {
  const counts = { Pending: 4, Warning: 1, Breached: 2, Met: 12, MetLate: 1, Void: 0 };
  const all = {
    counts: [{ policy: 'response', objective: 'ConfirmedInADay', counts, burn: 0.15 }],
    partners: [{ partner: 'acme-supplies', breached: 2, warning: 1, oldestDueAt: 0 }],
    objectives: [late],
  };
  const text = plain(slaText(all, 'default', 27 * HOUR));
  expect(text).toMatch(/│ response │ ConfirmedInADay │ +2 │ +1 │ +4 │ +12 │ +1 │ +0 │ +15\.0 % │/);
  expect(text).toContain('  acme-supplies  2 late, 1 near\n');
  expect(text).toMatch(/│ PO-1001 +│ ConfirmedInADay │ acme-supplies │ late +│ 1970-.* │ 3 h ago +│/);
  expect(text).toContain('1 of 3 that are late or near it; --limit shows more');
  expect(plain(slaText({ ...all, partners: [], objectives: [] }, 'default', 0))).toContain('Nothing is late.');
  expect(slaText({ counts: [], partners: [], objectives: [] }, 'shop', 0)).toMatch(/^No deadlines in namespace shop/);
});
