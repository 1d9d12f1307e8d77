import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { AccountRow } from '../tracker/accounts.ts';
import { statusText } from './status-text.ts';

const plain = (text: string) => stripVTControlCharacters(text).split('\n');
const none = { namespace: 'shop', counts: [], troubles: [], gaps: [], setAside: [] };

test('an empty namespace is said to be', () => {
  expect(plain(statusText(none, 0))[0]).toBe('No documents in namespace shop yet.');
});

test('counts by destination; states that nothing is in have no column', () => {
  const lines = plain(
    statusText(
      {
        ...none,
        counts: [
          { destination: '', type: '', state: 'DeadLettered', count: 2 },
          { destination: 'receipt/erp', type: 'receipt.v1', state: 'Delivered', count: 1_200 },
          { destination: 'receipt/erp', type: 'receipt.v1', state: 'InFlight', count: 3 },
        ],
      },
      0,
    ),
  );
  expect(lines[0]?.split(/ {2,}/)).toEqual([
    'destination',
    'document type',
    'in flight',
    'delivered',
    'dead',
    'parked',
  ]);
  expect(lines[1]?.split(/ {2,}/)).toEqual(['(intake)', '(not readable)', '·', '·', '2', '·']);
  expect(lines[2]?.split(/ {2,}/)).toEqual(['receipt/erp', 'receipt.v1', '3', '1200', '·', '·']);
});

test('troubles, gaps and odd entries are told, within 120 columns', () => {
  const trouble: AccountRow = {
    document: 'a'.repeat(32),
    type: 'receipt.v1',
    origin: 'system',
    source: 'receipt',
    keys: { order: ['PO-1'] },
    causation: null,
    destination: `${'i'.repeat(60)}/erp`,
    state: 'Parked',
    outcome: 'Parked',
    attempt: 1,
    errorClass: 'BusinessRejected',
    errorCode: 'UNKNOWN_ITEM',
    errorMessage: 'no '.repeat(500),
    at: 0,
    nextAt: null,
  };
  const text = statusText(
    {
      ...none,
      troubles: Array.from({ length: 12 }, () => trouble),
      gaps: [{ noticedAt: new Date(0), detail: 'the journal was made anew' }],
      setAside: [{ noticedAt: new Date(0), offset: '7', reason: 'id is missing' }],
    },
    3 * 3_600_000,
  );
  const lines = plain(text);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120);
  expect(text).toContain('the journal was made anew');
  expect(text).toContain('id is missing');
  expect(text).toContain('receipt.v1 PO-1');
  expect(text).toContain('3 h ago');
  expect(text).toContain('and 2 more');
});
