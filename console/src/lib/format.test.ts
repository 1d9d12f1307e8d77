import { describe, expect, it } from 'vitest';
import { count, decimal, documentName, duration, money, quantity, relative, sentence, words } from './format.ts';

describe('numbers', () => {
  it('are grouped, and keep every digit of decimal text', () => {
    expect(count(1234567)).toBe('1,234,567');
    expect(decimal('12345678901234567890.123456789')).toBe('12,345,678,901,234,567,890.123456789');
    expect(decimal('-1234.5')).toBe('-1,234.5');
  });
  it('money has two digits, and more where it has more', () => {
    expect(money('1234', 'EUR')).toBe('1,234.00 EUR');
    expect(money('0.125')).toBe('0.125');
  });
  it('quantities lose zeros that say nothing, and only those', () => {
    expect(quantity('40.000')).toBe('40');
    expect(quantity('1.250')).toBe('1.25');
    expect(quantity('1200')).toBe('1,200');
  });
});

describe('times', () => {
  it('durations have two units at most', () => {
    expect(duration(45_000)).toBe('45 s');
    expect(duration(3 * 3_600_000 + 20 * 60_000 + 5_000)).toBe('3 h 20 min');
    expect(duration(26 * 3_600_000)).toBe('1 d 2 h');
    expect(duration(12 * 86_400_000 + 1)).toBe('12 d');
    expect(duration(250)).toBe('250 ms');
  });
  it('are told from now', () => {
    expect(relative(0, 7_200_000)).toBe('2 h ago');
    expect(relative(90_000, 0)).toBe('in 1 min');
    expect(relative(1_000, 0)).toBe('now');
  });
});

describe('names', () => {
  it('of resources are words', () => {
    expect(words('VisibleToWarehouse')).toBe('visible to warehouse');
    expect(sentence('ship-notice')).toBe('Ship notice');
    expect(words('SLABreached')).toBe('SLA breached');
    expect(documentName('purchase-order.v1')).toBe('Purchase order');
  });
});
