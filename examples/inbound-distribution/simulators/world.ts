/**
 * What all simulators agree on: who sells what, which order goes to whom, and which orders meet trouble. Everything is a function of
 * the seed and the order's number, never of arrival times, so two runs with one seed have the same documents and the same troubles.
 */
import { type Article, articles } from './catalogue.ts';

export interface Supplier {
  name: string;
  /** The ERP's number of it. */
  code: string;
  /** Start of the document numbers that it draws. */
  prefix: string;
  /** X12 interchange id; the portal has none. */
  interchangeId?: string;
}
export const suppliers: readonly Supplier[] = [
  { name: 'acme-supplies', code: '100345', prefix: 'AC', interchangeId: 'ACME' },
  { name: 'nordic-parts', code: '100512', prefix: 'NP', interchangeId: 'NORDIC' },
  { name: 'baltic-tools', code: '100678', prefix: 'BT', interchangeId: 'BALTIC' },
  { name: 'sunrise-goods', code: '100701', prefix: 'SG' },
];

export const FIRST_ORDER = 1001;
export const ORDER_DATE = '2026-03-02';
export const RESPONSE_DATE = '2026-03-03';
export const SHIP_DATE = '2026-03-06';
export const DELIVERY_DATE = '2026-03-09';
export const INVOICE_DATE = '2026-03-10';

export interface OrderLine {
  orderLine: number;
  sku: string;
  gtin: string;
  description: string;
  quantity: number;
  unit: string;
  /** EUR. */
  price: string;
}
export interface Order {
  orderNumber: string;
  orderDate: string;
  supplierCode: string;
  warehouse: string;
  expectedDelivery: string;
  currency: string;
  lines: OrderLine[];
}

/** How many orders a supplier had before this one. Troubles are assigned by it. */
export const ordinalOf = (orderNumber: string): number =>
  Math.floor((Number(orderNumber.slice('PO-'.length)) - FIRST_ORDER) / suppliers.length);

/** Mulberry32: numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Sold by Baltic Tools, in our table of items, but not yet in the ERP's: it comes as a substitute only. */
export const NEW_MODEL = articles.find((article) => article.sku === 'BT-3005') as Article;

/** The n-th order (from 0) that the ERP releases. */
export function makeOrder(n: number, seed: number): Order {
  const draw = random(seed * 100_003 + n);
  const supplier = suppliers[(n + seed) % suppliers.length] as Supplier;
  const assortment = articles.filter((article) => article.partner === supplier.name && article !== NEW_MODEL);
  const first = Math.floor(draw() * assortment.length);
  const count = 1 + Math.floor(draw() * 3);
  return {
    orderNumber: `PO-${FIRST_ORDER + n}`,
    orderDate: ORDER_DATE,
    supplierCode: supplier.code,
    warehouse: 'BER1',
    expectedDelivery: DELIVERY_DATE,
    currency: 'EUR',
    lines: Array.from({ length: count }, (_, i) => {
      const { sku, gtin, description, price } = assortment[(first + i) % assortment.length] as Article;
      return { orderLine: i + 1, sku, gtin, description, quantity: 1 + Math.floor(draw() * 60), unit: 'EA', price };
    }),
  };
}

/** Serial shipping container code: 17 digits and a check digit. */
export function sscc(orderNumber: string, orderLine: number, prefix: string): string {
  const company = 3_4012_3000 + (prefix.charCodeAt(0) % 10) * 100 + (prefix.charCodeAt(1) % 100);
  const serial = Number(orderNumber.slice('PO-'.length)) * 100 + orderLine;
  const digits = `${company}`.padEnd(9, '0') + `${serial}`.padStart(8, '0');
  const sum = [...digits].reverse().reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 3 : 1), 0);
  return digits + ((10 - (sum % 10)) % 10);
}

/** Money as text, computed in cents. */
export const toCents = (price: string): number => Math.round(Number(price) * 100);
export const fromCents = (cents: number): string =>
  `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
