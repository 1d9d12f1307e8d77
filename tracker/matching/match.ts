/**
 * Holds what was ordered, shipped, received and invoiced against each other, line by line, within tolerances. Pure, in exact
 * decimals. A line agrees when all sides are there and nothing is outside its tolerance.
 */
import type { MatchPlan, Side } from '../plan.ts';
import type { Contribution, OrderLine, Read } from '../process/lines.ts';
import { type Exact, said, ZERO } from '../process/read.ts';
import { outside, outsideDate } from './tolerance.ts';

export interface Match {
  name: string;
  /** Pending: a side is not there yet, or not all of it. */
  state: 'Pending' | 'Matched' | 'Disagrees';
  lines: { line: string; state: Match['state'] }[];
  found: Found[];
}
export interface Found {
  id: string;
  match: string;
  kind: Kind;
  line: string;
  expected: string;
  actual: string;
  money?: string;
  currency?: string;
}
export type Kind =
  | 'NotOrdered'
  | 'OtherItem'
  | 'ShippedTooMuch'
  | 'ReceivedTooMuch'
  | 'ReceivedTooLittle'
  | 'Damaged'
  | 'InvoicedTooMuch'
  | 'InvoicedTooLittle'
  | 'Price'
  | 'Currency'
  | 'Unit'
  | 'Date';

type Facts = readonly Contribution[];

export function matchLines(plan: MatchPlan, read: Read): Match {
  const found: Found[] = [];
  const sides = (Object.keys(plan.compare) as Side[]).filter((side) => side !== 'ordered');
  const of = (side: Side, line: string): Facts =>
    read.contributions.filter((one) => one.line === line && one.type === plan.compare[side]);
  const known = new Set(read.lines.map(({ id }) => id));
  const lines = read.lines
    .filter(({ ordered }) => ordered.gt(0))
    .map((order) => {
      const facts = Object.fromEntries(sides.map((side) => [side, of(side, order.id)])) as Partial<Record<Side, Facts>>;
      const wrong = judgeLine(plan, order, facts);
      found.push(...wrong);
      return {
        line: order.id,
        state: wrong.length > 0 ? 'Disagrees' : isWhole(plan, order, facts) ? 'Matched' : 'Pending',
      } as const;
    });
  // Without the order, what it asks for is not known.
  if (read.lines.length > 0)
    for (const side of sides)
      for (const [line, facts] of Map.groupBy(
        read.contributions.filter((one) => one.type === plan.compare[side] && !isWanted(read, known, one.line)),
        ({ line }) => line,
      )) {
        const total = quantityOf(facts).plus(damagedOf(facts));
        if (!total.isZero())
          found.push(
            make(plan, 'NotOrdered', line, '0', said(total), {
              paired: side,
              ...(facts.some(({ price }) => price) && { money: worthOf(facts).abs() }),
              currency: least(facts.flatMap(({ currency }) => currency ?? [])),
            }),
          );
      }
  const whole = lines.length > 0 && lines.every(({ state }) => state === 'Matched');
  const state = found.length > 0 ? 'Disagrees' : whole ? 'Matched' : 'Pending';
  return { name: plan.name, state, lines, found: found.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/** A line that was taken out of the order is not wanted any more. */
const isWanted = ({ lines }: Read, known: ReadonlySet<string>, id: string): boolean =>
  known.has(id) && lines.some((line) => line.id === id && line.ordered.gt(0));

const sum = (values: readonly Exact[]): Exact => values.reduce((total, value) => total.plus(value), ZERO);
const quantityOf = (facts: Facts): Exact => sum(facts.map(({ quantity }) => quantity));
const worthOf = (facts: Facts): Exact =>
  sum(facts.map(({ quantity, damaged, price }) => (price ? quantity.plus(damaged).times(price) : ZERO)));
/** Of several the same one, whatever came first. */
const least = (texts: readonly string[]): string | undefined => [...texts].sort()[0];
const isoOf = (at: number): string => new Date(at).toISOString();
const damagedOf = (facts: Facts): Exact => sum(facts.map(({ damaged }) => damaged));

function judgeLine(plan: MatchPlan, order: OrderLine, facts: Partial<Record<Side, Facts>>): Found[] {
  const { tolerance } = plan;
  const found: Found[] = [];
  const add = (kind: Kind, expected: string, actual: string, more: More = {}): void => {
    found.push(make(plan, kind, order.id, expected, actual, { currency: order.currency, ...more }));
  };
  const worth = (quantity: Exact, price = order.price): Pick<More, 'money'> =>
    price ? { money: quantity.abs().times(price) } : {};
  const { shipped, received, invoiced } = facts;

  for (const [side, all] of Object.entries(facts) as [Side, Facts][]) {
    const unit = least(all.flatMap(({ foreignUnit }) => foreignUnit ?? []));
    if (unit !== undefined) add('Unit', order.unit ?? '', unit, { paired: side });
    const others = all.filter(({ item }) => item !== undefined && order.item !== undefined && item !== order.item);
    const other = least(others.map(({ item }) => item!));
    if (other !== undefined) add('OtherItem', order.item!, other, { paired: side, ...worth(quantityOf(others)) });
    const { date } = order;
    if (date === undefined || !tolerance.date) continue;
    const late = all.flatMap((one) =>
      one.date !== undefined && outsideDate(date, one.date, tolerance.date!) ? one.date : [],
    );
    if (late.length > 0) add('Date', isoOf(date), isoOf(Math.max(...late)), { paired: side });
  }
  const quantity = (kind: [over: Kind, under: Kind | undefined], expected: Exact, actual: Exact, paired = ''): void => {
    const which = outside(expected, actual, tolerance.quantity);
    const name = which === 'over' ? kind[0] : which === 'under' ? kind[1] : undefined;
    if (name) add(name, said(expected), said(actual), { paired, ...worth(actual.minus(expected)) });
  };
  if (shipped?.length) quantity(['ShippedTooMuch', undefined], order.ordered, arrivedOf(shipped));
  if (received?.length) {
    quantity(['ReceivedTooMuch', undefined], order.ordered, arrivedOf(received));
    const damaged = damagedOf(received);
    if (damaged.gt(0) && quantityOf(received).lt(order.ordered)) add('Damaged', '0', said(damaged), worth(damaged));
  }
  if (shipped?.length && received?.length)
    for (const [paired, [sent, got]] of pairs(plan.per, shipped, received))
      quantity(['ReceivedTooMuch', 'ReceivedTooLittle'], arrivedOf(sent), arrivedOf(got), paired);
  if (invoiced?.length) {
    const basis = plan.compare.received ? received : plan.compare.shipped ? shipped : undefined;
    const two = !plan.compare.received && !plan.compare.shipped;
    if (two) quantity(['InvoicedTooMuch', undefined], order.ordered, quantityOf(invoiced));
    else if (basis?.length) quantity(['InvoicedTooMuch', 'InvoicedTooLittle'], quantityOf(basis), quantityOf(invoiced));
    judgePrice(plan, order, invoiced, add);
  }
  return found;
}
const arrivedOf = (facts: Facts): Exact => quantityOf(facts).plus(damagedOf(facts));

type Add = (kind: Kind, expected: string, actual: string, more?: More) => void;
function judgePrice({ tolerance }: MatchPlan, order: OrderLine, invoiced: Facts, add: Add): void {
  const { currency: agreed } = order;
  const foreign = invoiced.filter(
    ({ currency }) => currency !== undefined && agreed !== undefined && currency !== agreed,
  );
  const currency = least(foreign.map((one) => one.currency!));
  if (currency !== undefined) {
    const same = foreign.filter((one) => one.currency === currency);
    add('Currency', agreed!, currency, { ...(same.some((one) => one.price) && { money: worthOf(same) }), currency });
    return;
  }
  const { price } = order;
  if (!price) return;
  const wrong = invoiced.filter((one) => one.price && outside(price, one.price, tolerance.price));
  if (wrong.length === 0) return;
  const money = sum(wrong.map((one) => one.price!.minus(price).times(one.quantity))).abs();
  const farthest = wrong.map((one) => one.price!).reduce((a, b) => (fartherFrom(price, a, b) ? a : b));
  add('Price', said(price), said(farthest), { money });
}

const fartherFrom = (from: Exact, a: Exact, b: Exact): boolean => {
  const [x, y] = [a.minus(from).abs(), b.minus(from).abs()];
  return x.eq(y) ? a.gt(b) : x.gt(y);
};

/** Both sides by the value that pairs them; those that only one side has are not judged. */
function pairs(per: string | undefined, a: Facts, b: Facts): Map<string, [Facts, Facts]> {
  if (per === undefined) return new Map([['', [a, b]]]);
  const left = Map.groupBy(a, (one) => one.per[per] ?? '');
  const right = Map.groupBy(b, (one) => one.per[per] ?? '');
  return new Map(
    [...left].flatMap(([key, facts]) => (right.has(key) ? [[key, [facts, right.get(key)!] as [Facts, Facts]]] : [])),
  );
}

/** Every side is there, and the last of them covers what was ordered. */
function isWhole(plan: MatchPlan, order: OrderLine, facts: Partial<Record<Side, Facts>>): boolean {
  const all = Object.values(facts);
  if (!all.every((side) => side.length > 0)) return false;
  const under = plan.tolerance.quantity?.under;
  return all.every((side) => outside(order.ordered, quantityOf(side), { under: under ?? {}, over: {} }) !== 'under');
}

interface More {
  money?: Exact;
  currency?: string | undefined;
  paired?: string;
}
const make = (
  { name }: MatchPlan,
  kind: Kind,
  line: string,
  expected: string,
  actual: string,
  { money, currency, paired = '' }: More,
): Found => ({
  id: [name, kind, line, paired].filter((part) => part !== '').join('/'),
  match: name,
  kind,
  line,
  expected,
  actual,
  ...(money && { money: said(money) }),
  ...(money && currency !== undefined && { currency }),
});
