import type { TablePlan } from '../plan.ts';
import type { Table } from './mapping.ts';

type Row = Record<string, unknown>;

/** Numbers and strings of equal text are the same key: CSV has only strings, documents have both. */
export const keyOf = (parts: readonly unknown[]): string =>
  parts.length === 1 ? String(parts[0]) : JSON.stringify(parts.map(String));

export function tableOf({ name, key, rows }: TablePlan): Table {
  const byKey = new Map(rows.map((row) => [keyOf(key.map((column) => row[column])), row]));
  /** Made when first asked; by the names of the columns. */
  const byColumns = new Map<string, Map<string, Row[]>>();
  return {
    name,
    key,
    get: (parts) => (parts.length === key.length ? byKey.get(keyOf(parts)) : undefined),
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
