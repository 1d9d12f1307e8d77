/** Lines of a canonical document, as a process reads them. Exact decimals; what cannot be read is said, never guessed. */
import { Decimal } from 'decimal.js';
import type { ReadingPlan } from '../plan.ts';

/** Enough for any sum of what documents hold. */
export const Exact = Decimal.clone({ precision: 60 });
export type Exact = Decimal;
export const ZERO = new Exact(0);

export interface Line {
  /** Parts of the line's key after the transaction's; undefined where the document does not name it. */
  id?: string;
  quantity?: Exact;
  damaged: Exact;
  unit?: string;
  item?: string;
  price?: Exact;
  currency?: string;
  /** Epoch ms. */
  date?: number;
  shipTo?: string;
  /** Value of the name by which a match pairs sides. */
  per: Readonly<Record<string, string>>;
}
export interface ReadLines {
  lines: Line[];
  /** What could not be read, each with its place. */
  problems: string[];
}

type Scope = readonly unknown[];

/** Those of the transaction `key`. `pers` are names to be read beside. */
export function readLines(reading: ReadingPlan, body: unknown, key: string, pers: readonly string[]): ReadLines {
  const problems: string[] = [];
  const lines: Line[] = [];
  if (reading.lines === undefined) return { lines, problems };
  for (const { scope, place } of walk(reading.lines, body)) {
    const text = (name: string | undefined): string | undefined => name && textOf(lookUp(scope, name));
    const [own, ...rest] = reading.key;
    if (own !== undefined && text(own) !== key) continue;
    const decimal = (name: string | undefined): Exact | undefined => {
      const value = name === undefined ? undefined : lookUp(scope, name);
      if (value === undefined || value === null || value === '') return undefined;
      const exact = decimalOf(value);
      if (!exact) problems.push(`${place}: ${name} is ${JSON.stringify(value).slice(0, 60)}, not a number`);
      return exact;
    };
    const parts = rest.map(text);
    const quantity = decimal(reading.quantity);
    if (reading.quantity !== undefined && quantity === undefined) {
      problems.push(`${place}: no ${reading.quantity}`);
      continue;
    }
    const price = decimal(reading.price);
    const date = reading.date === undefined ? undefined : dateOf(text(reading.date));
    lines.push({
      damaged: decimal(reading.damaged) ?? ZERO,
      per: Object.fromEntries(pers.flatMap((name) => [[name, text(name)]].filter(([, value]) => value !== undefined))),
      ...(parts.length > 0 && parts.every((part) => part !== undefined) && { id: parts.join(' ') }),
      ...(quantity && { quantity }),
      ...present('unit', text(reading.unit)),
      ...present('item', text(reading.item)),
      ...(price && { price }),
      ...present('currency', text(reading.currency)),
      ...(date !== undefined && { date }),
      ...present('shipTo', text(reading.shipTo)),
    });
  }
  return { lines, problems };
}

const present = <K extends string>(name: K, value: string | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [k in K]?: string };

/** Each element that the pointer leads to, with what holds it, innermost first. */
function* walk(pointer: string, body: unknown): Generator<{ scope: Scope; place: string }> {
  const names = pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  yield* step(names, body, [], '');
}
function* step(
  names: readonly string[],
  value: unknown,
  outer: Scope,
  place: string,
): Generator<{ scope: Scope; place: string }> {
  if (Array.isArray(value)) {
    for (const [i, element] of value.entries()) yield* step(names, element, outer, `${place}/${i}`);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const scope = [value, ...outer];
  const [name, ...rest] = names;
  if (name === undefined) yield { scope, place };
  else if (Object.hasOwn(value, name))
    yield* step(rest, (value as Record<string, unknown>)[name], scope, `${place}/${name}`);
}

function lookUp(scope: Scope, name: string): unknown {
  for (const level of scope) if (Object.hasOwn(level as object, name)) return (level as Record<string, unknown>)[name];
  return undefined;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;

const DECIMAL = /^[+-]?\d{1,30}(\.\d{1,30})?$/;
export function decimalOf(value: unknown): Exact | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? new Exact(value) : undefined;
  return typeof value === 'string' && DECIMAL.test(value.trim()) ? new Exact(value.trim()) : undefined;
}

function dateOf(text: string | undefined): number | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

/** Plain decimal notation, however large or small. */
export const said = (value: Exact): string => value.toFixed();
