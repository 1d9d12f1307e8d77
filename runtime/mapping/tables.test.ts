import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isValid, tableOf } from './tables.ts';

it('gives the row whose time the date is in, both bounds and all of the last day included', () => {
  const rates = tableOf({
    part: 'table',
    name: 'rates',
    key: ['currency'],
    validity: { from: 'since', to: 'until' },
    rows: [
      { currency: 'USD', n: 1, since: '', until: '2026-03-31' },
      { currency: 'USD', n: 2, since: '2026-04-01', until: '2026-04-30' },
      { currency: 'USD', n: 3, since: '2026-06-01' },
    ],
  });
  const at = (date: string) => (rates.get(['USD'], date) as { n: number } | undefined)?.n;
  expect(['1999-01-01', '2026-03-31', '2026-03-31T23:59:59Z', '2026-04-01', '2026-04-30T08:00:00Z'].map(at)).toEqual([
    1, 1, 1, 2, 2,
  ]);
  expect(['2026-05-01', '2026-05-31'].map(at)).toEqual([undefined, undefined]);
  expect(['2026-06-01', '2999-01-01'].map(at)).toEqual([3, 3]);
  expect(rates.get(['CHF'], '2026-04-01')).toBe(undefined);
});

it('of periods that follow one another, exactly one holds at any day', () => {
  const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
      fc.integer({ min: 0, max: 320 }),
      (cuts, n) => {
        const sorted = [...cuts].sort((a, b) => a - b);
        const rows = [
          ...sorted.map((cut, i) => ({ from: i ? day(sorted[i - 1]! + 1) : '', to: day(cut) })),
          { from: day(sorted.at(-1)! + 1), to: '' },
        ];
        expect(rows.filter((row) => isValid(row, { from: 'from', to: 'to' }, day(n)))).toHaveLength(1);
      },
    ),
  );
});
