import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Letter } from '../runtime/pipeline/letters.ts';
import { selects } from './dlq.ts';
import { groupsOf, letterText, listText } from './dlq-text.ts';
import { cut, wrapped } from './text.ts';

const letter = (more: Partial<Letter> = {}): Letter => ({
  id: '0123456789ab',
  stage: 'outbox',
  returnTo: 'receipt:out:erp',
  class: 'DeliveryFailed',
  code: 'http.503',
  message: 'busy',
  failedAt: 1_000,
  document: 'd'.repeat(32),
  type: 'receipt.v1',
  origin: 'system',
  source: 'receipt',
  keys: { order: ['PO-1'] },
  epoch: 0,
  integration: 'receipt',
  destination: 'erp',
  ...more,
});

test('letters are grouped by cause and place, the largest group first, with the newest as example', () => {
  const letters = [
    letter({ class: 'MappingFailed', code: 'm' }),
    letter({ failedAt: 5_000, message: 'newest', id: 'newest' }),
    letter({ failedAt: 2_000 }),
  ];
  expect(groupsOf(letters)).toEqual([
    {
      class: 'DeliveryFailed',
      code: 'http.503',
      place: 'receipt/erp',
      count: 2,
      firstAt: 2_000,
      lastAt: 5_000,
      example: { id: 'newest', message: 'newest' },
    },
    expect.objectContaining({ class: 'MappingFailed', count: 1 }),
  ]);
});

test('nothing is selected unless something is asked for', () => {
  expect(selects({}, letter())).toBe(false);
  expect(selects({ all: true }, letter())).toBe(true);
  expect(selects({ ids: ['0123'] }, letter())).toBe(true);
  expect(selects({ ids: ['dddd'] }, letter())).toBe(true);
  expect(selects({ ids: ['0123'], class: 'MappingFailed' }, letter())).toBe(false);
  expect(selects({ class: 'DeliveryFailed', integration: 'receipt' }, letter())).toBe(true);
  expect(selects({ all: true, integration: 'other' }, letter())).toBe(false);
});

test('lists and letters stay within 120 columns', () => {
  const long = letter({ message: 'word '.repeat(300), destination: 'x'.repeat(200), keys: { k: ['v'.repeat(400)] } });
  const message = { headers: {}, body: Buffer.from('{"a":1}'), contentType: 'application/json', messageId: 'm' };
  const shown = letterText(long, message);
  for (const text of [listText('dead-letters', [long, letter()], 1), shown])
    for (const line of stripVTControlCharacters(text).split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  expect(shown).toContain('{\n  "a": 1\n}');
  expect(letterText(letter(), { ...message, body: Buffer.from([0, 255, 1]) })).toContain('00ff01');
  expect(listText('parked', [], 1)).toBe('No letters in parked.\n');
});

test('texts are cut and wrapped', () => {
  expect(cut('abcdef', 4)).toBe('abc…');
  expect(wrapped('aa bb cccccc d', 5)).toEqual(['aa bb', 'ccccc', 'c d']);
  expect(wrapped('a b c d', 1, 2)).toEqual(['a', '…']);
  expect(wrapped('', 5)).toEqual(['']);
});
