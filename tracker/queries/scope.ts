/** What the API's queries have in common. */
import type pg from 'pg';
import type { BusinessKey, Money, Time } from '../api/contract.ts';
import type { ProcessPlan } from '../plan.ts';
import { Exact } from '../process/read.ts';

export interface Scope {
  database: pg.Pool;
  namespace: string;
  /** Everything else is not there for it. */
  partner?: string;
  processes: readonly ProcessPlan[];
}

export const time = (ms: number): Time => new Date(ms).toISOString();
export const optionalTime = <K extends string>(name: K, ms: number | null | undefined): { [k in K]?: Time } =>
  (ms === null || ms === undefined ? {} : { [name]: time(ms) }) as { [k in K]?: Time };
/** Without members that are null. */
export const dense = <T extends object>(row: T): T =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined)) as T;

export const keysOf = (keys: Record<string, string[]>): BusinessKey[] =>
  Object.entries(keys).flatMap(([name, values]) => values.map((value) => ({ name, value })));

/** One amount per currency. Amounts that are no decimals do not count. */
export function sumMoney(amounts: Iterable<{ amount: string | Exact; currency: string | undefined }>): Money[] {
  const sums = new Map<string, Exact>();
  for (const { amount, currency } of amounts) {
    if (!currency) continue;
    const exact = typeof amount === 'string' ? exactOf(amount) : amount;
    if (exact) sums.set(currency, (sums.get(currency) ?? new Exact(0)).plus(exact));
  }
  return [...sums].sort().map(([currency, sum]) => ({ amount: moneyText(sum), currency }));
}
export const moneyText = (sum: Exact): string => (sum.decimalPlaces() <= 2 ? sum.toFixed(2) : sum.toFixed());
export function exactOf(text: string): Exact | undefined {
  try {
    const exact = new Exact(text);
    return exact.isFinite() ? exact : undefined;
  } catch {
    return undefined;
  }
}

/** A cursor is what the last row was sorted by. Throws a RangeError for what is none. */
export const cursorOf = (values: readonly (string | number)[]): string =>
  Buffer.from(JSON.stringify(values)).toString('base64url');
export function readCursor(cursor: string, types: readonly ('string' | 'number')[]): (string | number)[] {
  let values: unknown;
  try {
    values = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    values = undefined;
  }
  if (!Array.isArray(values) || values.length !== types.length || types.some((type, i) => typeof values[i] !== type))
    throw new RangeError('this is no cursor of this list');
  return values as (string | number)[];
}

export interface Sides {
  ordered?: string;
  confirmed?: string;
  shipped?: string;
  received?: string;
  invoiced?: string;
}
/** Event types of a process by what they say of an order line: as its matches compare them, and by their roles. */
export function sidesOf(plan: ProcessPlan | undefined): Sides {
  const sides: Sides = {};
  for (const { compare } of plan?.matches ?? []) Object.assign(sides, { ...compare, ...sides });
  const order = plan?.documents.find(({ role }) => role === 'Order');
  const confirmed = plan?.documents.find(({ role }) => role === 'Confirmation');
  return { ...(order && { ordered: order.type }), ...(confirmed && { confirmed: confirmed.type }), ...sides };
}
