/** An order as an X12 supplier reads it, and what it answers: 855, 856 and 810 as segments. Pure. */
import { INVOICE_DATE, NEW_MODEL, type Order, RESPONSE_DATE, SHIP_DATE, sscc, toCents } from './world.ts';
import type { ReadTransaction, Segment } from './x12.ts';

const compact = (iso: string): string => iso.replaceAll('-', '');
const dashed = (date: string): string => `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6, 8)}`;

/** Which group a 997 answers, and AK901: A accepted, E with errors, P partially, R rejected. */
export function readAcknowledgment({ segments }: ReadTransaction): { group: string; verdict: string } {
  const group = segments.find(([tag]) => tag === 'AK1')?.[2];
  const verdict = segments.find(([tag]) => tag === 'AK9')?.[1];
  if (!group || !verdict) throw new Error('997 without AK102 or AK901');
  return { group, verdict };
}

/** Throws with a sentence where something that the supplier needs is missing or wrong. */
export function readOrder({ segments }: ReadTransaction): Order {
  const find = (tag: string, qualifier?: string): Segment | undefined =>
    segments.find((segment) => segment[0] === tag && (qualifier === undefined || segment[1] === qualifier));
  const need = (tag: string, element: number, qualifier?: string): string => {
    const value = find(tag, qualifier)?.[element];
    if (!value) throw new Error(`850 without ${tag}${String(element).padStart(2, '0')}`);
    return value;
  };
  const lines = segments.flatMap((segment, i) => {
    if (segment[0] !== 'PO1') return [];
    const [, line, quantity, unit, price, , q1, sku, q2, gtin] = segment;
    if (q1 !== 'VP' || q2 !== 'EN' || !line || !quantity || !unit || !price || !sku || !gtin)
      throw new Error(`850 with an unreadable line: ${segment.join('*')}`);
    const next = segments[i + 1];
    const description = next?.[0] === 'PID' ? (next[5] ?? '') : '';
    return [
      {
        orderLine: Number(line),
        sku,
        gtin,
        description,
        quantity: Number(quantity),
        unit,
        price: Number(price).toFixed(2),
      },
    ];
  });
  if (need('CTT', 1) !== String(lines.length))
    throw new Error(`850 with CTT01 ${need('CTT', 1)} for ${lines.length} lines`);
  return {
    orderNumber: need('BEG', 3),
    orderDate: dashed(need('BEG', 5)),
    supplierCode: '',
    warehouse: need('N1', 4, 'ST'),
    expectedDelivery: dashed(need('DTM', 2, '002')),
    currency: need('CUR', 2),
    lines,
  };
}

export function orderResponse(order: Order): Segment[] {
  return [
    ['BAK', '00', 'AK', order.orderNumber, compact(RESPONSE_DATE)],
    ...order.lines.flatMap((line): Segment[] => [
      ['PO1', String(line.orderLine), String(line.quantity), line.unit, line.price, '', 'VP', line.sku],
      ['ACK', 'IA', String(line.quantity), line.unit, '067', compact(order.expectedDelivery)],
    ]),
    ['CTT', String(order.lines.length)],
  ];
}

export interface ShipNoticeOptions {
  shipment: string;
  prefix: string;
  /** BSN01: 00 original, 05 replacement. */
  purpose: '00' | '05';
  /** HHMMSS of issue. */
  time: string;
  /** Sends this article instead of the one ordered in the first line. */
  substitute?: 'UnknownToUs' | 'UnknownToErp';
}
export const UNKNOWN_SKU = 'AC-9999';

export function shipNotice(
  order: Order,
  { shipment, prefix, purpose, time, substitute }: ShipNoticeOptions,
): Segment[] {
  const skuOf = (line: Order['lines'][number], i: number): string => {
    if (i > 0 || substitute === undefined) return line.sku;
    return substitute === 'UnknownToUs' ? UNKNOWN_SKU : NEW_MODEL.sku;
  };
  return [
    ['BSN', purpose, shipment, compact(SHIP_DATE), time, '0001'],
    ['HL', '1', '', 'S'],
    ['TD5', '', '2', 'DHLC', 'M'],
    ['DTM', '011', compact(SHIP_DATE)],
    ['DTM', '017', compact(order.expectedDelivery)],
    ['N1', 'ST', `Warehouse ${order.warehouse}`, '92', order.warehouse],
    ['HL', '2', '1', 'O'],
    ['PRF', order.orderNumber, '', '', compact(order.orderDate)],
    ...order.lines.flatMap((line, i): Segment[] => [
      ['HL', String(3 + i * 2), '2', 'P'],
      ['MAN', 'GM', sscc(order.orderNumber, line.orderLine, prefix)],
      ['HL', String(4 + i * 2), String(3 + i * 2), 'I'],
      ['LIN', String(line.orderLine), 'VP', skuOf(line, i)],
      ['SN1', '', String(line.quantity), line.unit],
    ]),
    ['CTT', String(2 + order.lines.length * 2)],
  ];
}

export function invoice(order: Order, number: string): Segment[] {
  const cents = order.lines.reduce((total, line) => total + line.quantity * toCents(line.price), 0);
  return [
    ['BIG', compact(INVOICE_DATE), number, compact(order.orderDate), order.orderNumber],
    ['CUR', 'SE', order.currency],
    ...order.lines.map(
      (line): Segment => [
        'IT1',
        String(line.orderLine),
        String(line.quantity),
        line.unit,
        line.price,
        '',
        'VP',
        line.sku,
      ],
    ),
    ['TDS', String(cents)],
    ['CTT', String(order.lines.length)],
  ];
}

export type Damage = 'Truncated' | 'BrokenSegment' | 'MissingMandatory';
export const damages: readonly Damage[] = ['Truncated', 'BrokenSegment', 'MissingMandatory'];

/** What happens to files in real life. */
export function damage(interchange: string, how: Damage): string {
  switch (how) {
    case 'Truncated':
      return interchange.slice(0, Math.floor(interchange.length * 0.6));
    case 'BrokenSegment':
      return interchange.replace(/\nHL\*2\*1\*O~/, '\nHL*two*1*O~').replace(/\nPRF\*/, '\nP?F*');
    case 'MissingMandatory':
      return interchange
        .replace(/\nBSN\*[^~]*~/, '')
        .replace(/\nSE\*(\d+)\*/, (_, count: string) => `\nSE*${Number(count) - 1}*`);
  }
}
