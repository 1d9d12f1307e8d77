import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { articles } from './catalogue.ts';
import { damage, damages, orderResponse, readOrder, shipNotice } from './supplier-x12-documents.ts';
import { makeOrder, suppliers } from './world.ts';
import { readInterchange, writeInterchange } from './x12.ts';

const order = makeOrder(5, 7);
const envelope = { sender: 'ACME', receiver: 'EXDIST', control: 17, functionalId: 'SH' };
const notice = shipNotice(order, { shipment: 'AC-S-1', prefix: 'AC', purpose: '00', time: '101500' });

describe('the simulated world', () => {
  it('is a function of the seed', () => {
    expect(makeOrder(5, 7)).toEqual(order);
    expect(makeOrder(5, 8)).not.toEqual(order);
    const codes = new Set(Array.from({ length: 8 }, (_, n) => makeOrder(n, 7).supplierCode));
    expect(codes).toEqual(new Set(suppliers.map(({ code }) => code)));
  });

  it('sells what the example knows', () => {
    const { spec } = parse(readFileSync(new URL('../items.yaml', import.meta.url), 'utf8')) as {
      spec: { inline: { rows: Record<string, string>[] } };
    };
    const known = articles.map(({ partner, sku, gtin, description }) => ({ partner, sku, gtin, description }));
    expect(spec.inline.rows).toEqual(known);
  });
});

describe('the suppliers’ own X12', () => {
  it('reads what it wrote', () => {
    const text = writeInterchange(envelope, '856', [notice, notice], '2026-03-06');
    const { sender, receiver, control, transactions } = readInterchange(text);
    expect({ sender, receiver, control }).toEqual({ sender: 'ACME', receiver: 'EXDIST', control: '000000017' });
    expect(transactions.map(({ id }) => id)).toEqual(['856', '856']);
    expect(transactions[0]?.segments.length).toBe(notice.length);
  });

  it.each(damages)('a file that is %s differs from what was meant', (how) => {
    const text = writeInterchange(envelope, '856', [notice], '2026-03-06');
    expect(damage(text, how)).not.toBe(text);
  });

  it.each([
    ['SE*', /SE\*\d+/, 'SE*99', /SE counts 99/],
    ['IEA', /IEA\*1/, 'IEA*2', /IEA counts 2/],
    ['GE', /GE\*1/, 'GE*3', /does not close/],
  ])('refuses wrong counts in %s', (_, pattern, replacement, complaint) => {
    const text = writeInterchange(envelope, '855', [orderResponse(order)], '2026-03-03').replace(pattern, replacement);
    expect(() => readInterchange(text)).toThrow(complaint);
  });

  it('reads an order as it should be, and says what is missing', () => {
    const segments = [
      ['BEG', '00', 'SA', 'PO-1', '', '20260302'],
      ['CUR', 'BY', 'EUR'],
      ['DTM', '002', '20260309'],
      ['N1', 'ST', 'Warehouse BER1', '92', 'BER1'],
      ['PO1', '1', '40', 'EA', '.35', '', 'VP', 'AC-1001', 'EN', '4056789010019'],
      ['PID', 'F', '', '', '', 'Hex bolt M8'],
      ['CTT', '1'],
    ];
    expect(readOrder({ id: '850', segments })).toMatchObject({
      orderNumber: 'PO-1',
      orderDate: '2026-03-02',
      lines: [{ orderLine: 1, sku: 'AC-1001', quantity: 40, price: '0.35', description: 'Hex bolt M8' }],
    });
    expect(() => readOrder({ id: '850', segments: segments.filter(([tag]) => tag !== 'CUR') })).toThrow(
      '850 without CUR02',
    );
  });
});
