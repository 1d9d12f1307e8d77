import type { TablePlan } from '../plan.ts';
import type { Table } from './mapping.ts';

type Row = Record<string, unknown>;

/** Numbers and strings of equal text are the same key: CSV has only strings, documents have both. */
export const keyOf = (parts: readonly unknown[]): string =>
  parts.length === 1 ? String(parts[0]) : JSON.stringify(parts.map(String));

/** Of rows of one key, the one of the date. Bounds are part of it; a day as last bound means all of the day. */
export function isValid(row: Row, { from, to }: NonNullable<TablePlan['validity']>, date: string): boolean {
  const [first, last] = [from && row[from], to && row[to]].map((bound) => (bound ? String(bound) : undefined));
  return (first === undefined || first <= date) && (last === undefined || date <= last || date.startsWith(last));
}

export function tableOf({ name, key, rows, validity }: TablePlan): Table {
  const byKey = new Map(rows.map((row) => [keyOf(key.map((column) => row[column])), row]));
  const dated = validity && Map.groupBy(rows, (row) => keyOf(key.map((column) => row[column])));
  /** Made when first asked; by the names of the columns. */
  const byColumns = new Map<string, Map<string, Row[]>>();
  return {
    name,
    key,
    get(parts, date) {
      if (parts.length !== key.length) return undefined;
      if (!dated) return byKey.get(keyOf(parts));
      const at = date ?? new Date().toISOString();
      return dated.get(keyOf(parts))?.find((row) => isValid(row, validity, at));
    },
    find(columns) {
      const names = Object.keys(columns).sort();
      const id = JSON.stringify(names);
      const index = byColumns.get(id) ?? indexed(rows, names);
      byColumns.set(id, index);
      return index.get(keyOf(names.map((column) => columns[column]))) ?? [];
    },
  };
}

function indexed(rows: readonly Row[], names: string[]): Map<string, Row[]> {
  const index = new Map<string, Row[]>();
  for (const row of rows) {
    const id = keyOf(names.map((column) => row[column]));
    const known = index.get(id);
    if (known) known.push(row);
    else index.set(id, [row]);
  }
  return index;
}
