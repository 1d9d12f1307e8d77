/**
 * `$referenceAt(table, key, date)`: the row of that date, where rows have a validity.
 * `$reference(table, key)`: the row of a ReferenceTable. The key is one value, a list for a key of several columns, or an object of
 * columns and values, which finds by any columns (the other way round). A third argument is the value when there is no row.
 */
import { DocumentError } from '../../errors.ts';
import { PENDING } from '../lookups.ts';
import type { Table } from '../mapping.ts';
import { keyOf } from '../tables.ts';
import { type Definition, refused } from './definition.ts';

/** Tables of the evaluation that runs; evaluation is synchronous, so there is one at a time. */
let current: Record<string, Table> = {};

export function withTables<T>(tables: Record<string, Table>, run: () => T): T {
  const before = current;
  current = tables;
  try {
    return run();
  } finally {
    current = before;
  }
}

export const referenceIn =
  (tables: Record<string, Table>, date?: string) =>
  (...[name, key, ...otherwise]: unknown[]): unknown => {
    const table = typeof name === 'string' && Object.hasOwn(tables, name) ? tables[name] : undefined;
    if (!table) throw refused('reference.unknownTable', `There is no ReferenceTable "${String(name)}"`);
    if (key === undefined || (Array.isArray(key) && key.includes(undefined))) return otherwise[0];
    const row = rowOf(table, key, date);
    if (row === PENDING) return undefined;
    if (row || otherwise.length > 0) return row ?? otherwise[0];
    throw new DocumentError({
      class: 'ReferenceDataMissing',
      code: 'reference.missingRow',
      message: `ReferenceTable "${table.name}" has no row for ${JSON.stringify(key)}`,
      ...waitsFor(table, key),
    });
  };

/** What would end the waiting; a look-up by other columns waits for a person. */
const waitsFor = (table: Table, key: unknown) =>
  typeof key !== 'object' || key === null || Array.isArray(key)
    ? { waitsFor: { table: table.name, key: keyOf(Array.isArray(key) ? key : [key]) } }
    : {};

function rowOf(
  table: Table,
  key: unknown,
  date: string | undefined,
): Record<string, unknown> | undefined | typeof PENDING {
  if (typeof key !== 'object' || key === null || Array.isArray(key)) {
    const parts = Array.isArray(key) ? [...key] : [key];
    if (parts.length !== table.key.length)
      throw refused(
        'reference.keyParts',
        `ReferenceTable "${table.name}" has the key [${table.key.join(', ')}], but ${parts.length} value${parts.length === 1 ? ' is' : 's are'} asked: ${JSON.stringify(key)}`,
      );
    return table.get(parts, date);
  }
  const rows = table.find(key as Record<string, unknown>);
  if (rows.length > 1)
    throw refused(
      'reference.ambiguous',
      `ReferenceTable "${table.name}" has ${rows.length} rows for ${JSON.stringify(key)}; name more columns`,
    );
  return rows[0];
}

export const REFERENCE: Record<string, Definition> = {
  reference: { run: (...args: unknown[]) => referenceIn(current)(...args) },
  referenceAt: {
    run(...[name, key, date, ...otherwise]: unknown[]) {
      if (date === undefined) return otherwise[0];
      if (typeof date !== 'string' || Number.isNaN(Date.parse(date)))
        throw refused('reference.date', `"${String(date)}" is not a date; write it as 2026-03-09`);
      return referenceIn(current, date)(name, key, ...otherwise);
    },
  },
};
