import { expect, test } from 'vitest';
import { ageText, impactText } from './words.ts';

const MINUTE = 60_000;
test.each([
  [
    { transactions: 12, documents: 0, partners: 3, oldest: 42 * MINUTE, keyName: 'purchaseOrder' },
    '12 purchase orders of 3 partners wait, oldest 40 min',
  ],
  [
    { transactions: 1, documents: 0, partners: 1, oldest: 5 * MINUTE, keyName: 'purchaseOrder' },
    '1 purchase order of 1 partner waits, oldest 5 min',
  ],
  [
    { transactions: 1234, documents: 2, partners: 0, oldest: 3 * 60 * MINUTE, keyName: 'order' },
    '1,200 orders and 2 documents wait, oldest 3 h',
  ],
  [{ transactions: 0, documents: 7, partners: 0, oldest: 1 }, '7 documents wait, oldest less than a minute'],
  [{ transactions: 0, documents: 0, partners: 0, oldest: 0 }, undefined],
])('%o', (waiting, text) => {
  expect(impactText(waiting)).toBe(text);
});

test('ages are told as seldom anew as people would', () => {
  expect([9, 10, 14, 59, 61, 47 * 60, 49 * 60].map((minutes) => ageText(minutes * MINUTE))).toEqual([
    ...['9 min', '10 min', '10 min', '55 min', '1 h', '47 h', '2 d'],
  ]);
});
