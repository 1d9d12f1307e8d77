import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { JournalEntry, Outcome } from '../runtime/journal/entry.ts';
import { entryId } from '../runtime/journal/outranks.ts';
import type { TracedDocument } from '../tracker/accounts.ts';
import { timelineText } from './trace-text.ts';

const START = Date.UTC(2026, 2, 1, 12);
const entry = (document: string, ms: number, outcome: Outcome, destination: string, more: Partial<JournalEntry> = {}) =>
  ({
    id: entryId(document, destination, 0, outcome, more.attempt ?? 1),
    at: START + ms,
    outcome,
    document,
    type: '',
    origin: 'partner',
    source: 'nordic-parts',
    destination,
    epoch: 0,
    attempt: 1,
    ...more,
  }) as JournalEntry;
const document = (id: string, type: string, keys = {}): TracedDocument => ({
  id,
  type,
  origin: 'partner',
  source: 'nordic-parts',
  keys: { purchaseOrder: ['PO-1'], ...keys },
  causation: null,
  state: 'Delivered',
  at: START,
});

test('documents are numbered, lines say whom from, whom to and what, and pending ends are told', () => {
  const error = { class: 'DeliveryFailed', code: 'http.503', message: 'The other side answered 503: busy' } as const;
  const text = timelineText('PO-1', {
    documents: [
      document('a'.repeat(32), 'purchase-order.v1'),
      document('b'.repeat(32), 'ship-notice.v1', { shipment: ['S-1', 'S-2'] }),
    ],
    entries: [
      entry('a'.repeat(32), 0, 'Accepted', '', {
        subscribers: ['out'],
        source: 'orders',
        traceparent: `00-${'4'.repeat(32)}-${'5'.repeat(16)}-01`,
      }),
      entry('a'.repeat(32), 1, 'Routed', 'out', { destinations: ['supplier'] }),
      entry('a'.repeat(32), 20, 'Delivered', 'out/supplier', {
        detail: { partner: 'nordic-parts', transaction: '850', control: 7 },
      }),
      entry('b'.repeat(32), 2_000, 'Accepted', '', {
        detail: { transaction: '856', control: '000000012', file: 'asn.x12' },
      }),
      entry('b'.repeat(32), 2_010, 'Retrying', 'in/wms', { error, nextAt: START + 5_000 }),
    ],
  });
  const lines = stripVTControlCharacters(text).split('\n');
  expect(lines[0]).toBe('PO-1  2 documents, 2026-03-01, 2.01 s from first to last');
  const body = lines.slice(2).join('\n');
  expect(lines).toContain(`trace ${'4'.repeat(32)}  #1`);
  expect(body).toMatch(/^#2 {2}ship-notice\.v1 .* shipment S-1 \+1 /m);
  expect(body).toMatch(/#1 purchase-order\.v1 {2}→ nordic-parts .*delivered as X12 850, control number 7/);
  expect(body).toMatch(/#2 ship-notice\.v1 .*← nordic-parts .*accepted as X12 856, control number 12, asn\.x12/);
  expect(body).toMatch(/→ in\/wms .*attempt 1 failed: The other side answered 503: busy/);
  expect(body).toMatch(/now .*→ in\/wms .*in flight, next attempt at/);
  expect(body).not.toMatch(/routed/i);
});

test('long names and messages stay within 120 columns and a few lines', () => {
  const message = `${'long '.repeat(200)}${'x'.repeat(500)}`;
  const text = timelineText('PO-1', {
    documents: [document('a'.repeat(32), `${'type'.repeat(8)}.v1`, { k: ['v'.repeat(300)] })],
    entries: [
      entry('a'.repeat(32), 0, 'DeadLettered', `${'i'.repeat(60)}/${'d'.repeat(60)}`, {
        error: { class: 'MappingFailed', code: 'c', message },
      }),
    ],
  });
  const lines = stripVTControlCharacters(text).split('\n');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120);
  expect(lines.length).toBeLessThan(10);
});

test('nothing known is said', () => {
  expect(timelineText('PO-9', { documents: [], entries: [] }, 'shop')).toBe(
    'Nothing is known of PO-9 in namespace shop.\n',
  );
});
