import type { TablePlan } from '../plan.ts';
import type { Table } from './mapping.ts';

/** Numbers and strings of equal text are the same key: CSV has only strings, documents have both. */
const keyOf = (parts: readonly unknown[]): string => JSON.stringify(parts.map(String));

export function tableOf(plan: TablePlan): Table {
  const rows = new Map(plan.rows.map((row) => [keyOf(plan.key.map((column) => row[column])), row]));
  return { name: plan.name, get: (key) => rows.get(keyOf(key)) };
}
