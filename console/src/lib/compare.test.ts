import { describe, expect, it } from 'vitest';
import { compare, normal, parts } from './compare.ts';

const alone = (pieces: { text: string; alone: boolean }[]): string[] =>
  pieces.flatMap(({ text, alone }) => (alone ? [text] : []));

describe('payloads side by side', () => {
  it('a value is the same however a format writes it', () => {
    expect(normal('20261123')).toBe(normal('2026-11-23T19:04:00Z'));
    expect(normal('"0040.500"')).not.toBe(normal('40'));
    expect(normal('0040.500')).toBe(normal('40.5'));
    expect(normal('"2.40"')).toBe(normal('2.40'));
    expect(normal('"PO-1001"')).toBe(normal('PO1001'));
  });
  it('marks what was not carried over, and what the mapping made', () => {
    const [left, right] = compare(
      { text: 'ST*856*0001~\nLIN*1*SK*A-100~\nSN1*1*40*EA~', contentType: 'application/edi-x12' },
      { text: '{"item": "A-100", "quantity": 40, "unit": "EA", "warehouse": "BER1"}', contentType: 'application/json' },
    );
    expect(alone(left)).toEqual(['1', 'SK', '1']);
    expect(alone(right)).toEqual(['"BER1"']);
  });
  it('loses nothing of a text, and takes no member name for a value', () => {
    for (const [text, type] of [
      ['{"a": {"b": [1, 2.5, "x\\"y"], "c": true}}', 'application/json'],
      ['<a x="1"><b>text</b></a>', 'application/xml'],
      ["UNB+UNOA:1+A+B'UNH+1+ORDERS:D:96A'", 'application/edifact'],
    ] as const)
      expect(
        parts(text, type)
          .map((part) => part.text)
          .join(''),
      ).toBe(text);
    expect(parts('{"name": "v"}', 'application/json').flatMap(({ value }) => value ?? [])).toEqual(['"v"']);
  });
});
