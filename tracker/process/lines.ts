/** The lines of a transaction: what the order and its changes ask for, and what each document adds to which line. */
import type { ProcessPlan, ReadingPlan } from '../plan.ts';
import { bySequence, type Effective } from './facts.ts';
import { type Exact, type Line, type ReadLines, readLines, said, ZERO } from './read.ts';
import { convert } from './units.ts';

/** What is wanted of a line now. */
export interface OrderLine {
  id: string;
  ordered: Exact;
  item?: string;
  unit?: string;
  price?: Exact;
  currency?: string;
  date?: number;
}
/** What one document adds to a line (or takes off it), in the unit of the order. */
export interface Contribution {
  type: string;
  fact: Effective;
  line: string;
  quantity: Exact;
  damaged: Exact;
  item?: string;
  price?: Exact;
  currency?: string;
  date?: number;
  per: Readonly<Record<string, string>>;
  /** Its unit could not be converted, so its quantity does not count. */
  foreignUnit?: string;
}
export interface Read {
  /** By id, sorted. Empty while there is no order. */
  lines: OrderLine[];
  /** In the order of acceptance. */
  contributions: Contribution[];
  problems: string[];
}

/** Lines by document: a history reads the same documents again and again. */
export type LineCache = Map<string, ReadLines>;

export function readTransaction(
  plan: ProcessPlan,
  key: string,
  effective: readonly Effective[],
  cache: LineCache = new Map(),
): Read {
  const problems: string[] = [];
  const pers = [...new Set(plan.matches.flatMap(({ per }) => per ?? []))];
  const of = (reading: ReadingPlan): { fact: Effective; lines: Line[] }[] =>
    effective
      .filter(({ fact }) => fact.type === reading.type && fact.keys.includes(key))
      .map((fact) => {
        const { id, type, body } = fact.fact;
        if (body === undefined) {
          if (reading.lines !== undefined) problems.push(`${type} ${id}: its content is not in the archive`);
          return { fact, lines: [] };
        }
        const read = cache.get(id) ?? readLines(reading, body, key, pers);
        cache.set(id, read);
        problems.push(...read.problems.map((problem) => `${type} ${id} ${problem}`));
        return { fact, lines: read.lines };
      });
  const byRole = (role: ReadingPlan['role']) => plan.documents.filter((reading) => reading.role === role);

  const lines = orderLines(byRole('Order').flatMap(of), byRole('Change').flatMap(of), problems);
  const contributions = [...byRole('Confirmation'), ...byRole('Fact'), ...byRole('Return')].flatMap((reading) => {
    const documents = reading.role === 'Confirmation' ? lastWords(of(reading)) : of(reading);
    return documents.flatMap((read) =>
      read.lines.map((line) => contribution(plan, reading, read.fact, line, lines, problems)),
    );
  });
  const placed = place(contributions, lines).sort((a, b) => a.fact.fact.at - b.fact.fact.at || order(a, b));
  return { lines: [...lines.values()].sort((a, b) => compareIds(a.id, b.id)), contributions: placed, problems };
}

const order = (a: Contribution, b: Contribution): number =>
  compare(a.fact.fact.id, b.fact.fact.id) || compareIds(a.line, b.line);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Numbers as numbers: line 10 comes after line 9. */
export const compareIds = (a: string, b: string): number => {
  const [x, y] = [Number(a), Number(b)];
  return (Number.isNaN(x) || Number.isNaN(y) ? 0 : x - y) || compare(a, b);
};

type Documents = { fact: Effective; lines: Line[] }[];

/** Without the lines that a later document names again. */
function lastWords(documents: Documents): Documents {
  const name = ({ id, item }: Line): string => id ?? `? ${item ?? ''}`;
  const said = new Set<string>();
  return [...documents]
    .sort((a, b) => bySequence(b.fact.fact, a.fact.fact))
    .map(({ fact, lines }) => {
      const fresh = lines.filter((line) => !said.has(name(line)));
      for (const line of fresh) said.add(name(line));
      return { fact, lines: fresh };
    });
}

/** The order's own lines, then each change in its sequence: what a change names, it says anew. */
function orderLines(orders: Documents, changes: Documents, problems: string[]): Map<string, OrderLine> {
  const lines = new Map<string, OrderLine>();
  const sorted = (documents: Documents) => [...documents].sort((a, b) => bySequence(a.fact.fact, b.fact.fact));
  if (orders.length > 1)
    problems.push(`${orders.length} orders with one key and different contents: the last one counts`);
  for (const { lines: stated, fact } of [...sorted(orders).slice(-1), ...sorted(changes)])
    for (const line of stated) {
      if (line.id === undefined) {
        problems.push(`${fact.fact.type} ${fact.fact.id}: a line without its key`);
        continue;
      }
      const before = lines.get(line.id);
      const { item, unit, price, currency, date } = line;
      lines.set(line.id, {
        ...(before ?? { id: line.id }),
        ordered: line.quantity ?? before?.ordered ?? ZERO,
        ...(item !== undefined && { item }),
        ...(unit !== undefined && { unit }),
        ...(price && { price }),
        ...(currency !== undefined && { currency }),
        ...(date !== undefined && { date }),
      });
    }
  return lines;
}

/** Empty id: to be found by its item. */
function contribution(
  { units }: ProcessPlan,
  reading: ReadingPlan,
  fact: Effective,
  line: Line,
  lines: ReadonlyMap<string, OrderLine>,
  problems: string[],
): Contribution {
  const sameItem = [...lines.values()].find(({ item }) => item !== undefined && item === line.item);
  const wanted = line.id === undefined ? sameItem : lines.get(line.id);
  const item = line.item ?? wanted?.item;
  const to = wanted?.unit ?? line.unit;
  const sign = reading.role === 'Return' ? -1 : 1;
  const quantity = convert(units, line.quantity ?? ZERO, line.unit, to, item);
  const damaged = convert(units, line.damaged, line.unit, to, item);
  if (!quantity)
    problems.push(`${fact.fact.type} ${fact.fact.id}: nothing says how ${line.unit} become ${to} of ${item ?? 'it'}`);
  const { id = '', price, currency, date, per } = line;
  return {
    type: reading.role === 'Return' ? reading.against! : reading.type,
    fact,
    line: id,
    quantity: (quantity ?? ZERO).times(sign),
    damaged: (damaged ?? ZERO).times(sign),
    per,
    ...(!quantity && line.unit !== undefined && { foreignUnit: line.unit }),
    ...(item !== undefined && { item }),
    ...(price && { price: price.times(quantity && line.quantity?.gt(0) ? line.quantity.div(quantity) : 1) }),
    ...(currency !== undefined && { currency }),
    ...(date !== undefined && { date }),
  };
}

/** What names an item only fills the lines of that item in their order; what is too much goes to the last. */
function place(contributions: Contribution[], lines: ReadonlyMap<string, OrderLine>): Contribution[] {
  const open = new Map<string, Exact>();
  const key = (type: string, line: string) => `${type} ${line}`;
  for (const { type, line, quantity, damaged } of contributions)
    if (line !== '') open.set(key(type, line), (open.get(key(type, line)) ?? ZERO).plus(quantity).plus(damaged));
  const byItem = [...lines.values()].sort((a, b) => compareIds(a.id, b.id));
  // In an order of their own, not that of arrival: else the same documents could fill lines in another way.
  const byNumber = contributions.filter(({ line }) => line !== '');
  const itemOnly = contributions.filter(({ line }) => line === '').sort(byContent);
  return byNumber.concat(
    itemOnly.flatMap((one) => {
      const candidates = byItem.filter(({ item }) => item !== undefined && item === one.item);
      if (candidates.length === 0) return [{ ...one, line: `? ${one.item ?? ''}` }];
      let rest = one.quantity.plus(one.damaged);
      let damaged = one.damaged;
      return candidates.flatMap((line, i) => {
        const filled = open.get(key(one.type, line.id)) ?? ZERO;
        const room = line.ordered.minus(filled);
        const last = i === candidates.length - 1;
        const share = last ? rest : min(rest, room.lt(0) ? ZERO : room);
        if (share.isZero()) return [];
        rest = rest.minus(share);
        open.set(key(one.type, line.id), filled.plus(share));
        const broken = min(damaged, share);
        damaged = damaged.minus(broken);
        return [{ ...one, line: line.id, quantity: share.minus(broken), damaged: broken }];
      });
    }),
  );
}
const min = (a: Exact, b: Exact): Exact => (a.lte(b) ? a : b);
const byContent = (a: Contribution, b: Contribution): number =>
  compare(textOf(a), textOf(b)) || compare(a.fact.fact.id, b.fact.fact.id);
const textOf = ({ type, item = '', quantity, damaged, fact }: Contribution): string =>
  [type, item, fact.fact.revision?.key ?? '', fact.fact.id, said(quantity), said(damaged)].join('\n');
