/** Conversion between units, by rows of a table; both ways, through one step. */
import type { UnitRow } from '../plan.ts';
import { decimalOf, type Exact } from './read.ts';

/** Quantity in unit `to`; undefined where no row says how. A row for the item goes before one for all. */
export function convert(
  rows: readonly UnitRow[],
  quantity: Exact,
  from: string | undefined,
  to: string | undefined,
  item: string | undefined,
): Exact | undefined {
  if (from === to || from === undefined || to === undefined) return quantity;
  const fitting = rows
    .filter((row) => row.item === undefined || row.item === item)
    .sort((a, b) => Number(a.item === undefined) - Number(b.item === undefined));
  for (const { from: one, to: other, factor } of fitting) {
    const by = decimalOf(factor);
    if (!by || by.lte(0)) continue;
    if (one === from && other === to) return quantity.times(by);
    if (one === to && other === from) return quantity.div(by);
  }
  return undefined;
}
