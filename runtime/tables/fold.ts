/**
 * The rows of a live table as a function of the documents that keep it. Pure: the same set of documents gives the same rows, in
 * whatever order they came.
 */
import { DocumentError } from '../errors.ts';
import type { Row } from '../mapping/lookups.ts';
import type { Expression, Table } from '../mapping/mapping.ts';
import { keyOf } from '../mapping/tables.ts';
import type { TableEventPlan, TablePlan } from '../plan.ts';

export interface TableEvent {
  plan: TableEventPlan;
  key: Expression;
  row: Expression;
}
/** What is needed to make rows: key columns and compiled events. */
export interface Folding {
  plan: TablePlan;
  events: readonly TableEvent[];
  /** Tables that stand still, which the expressions may ask. */
  tables: Record<string, Table>;
}

/** A document as far as rows depend on it. */
export interface TableDocument {
  id: string;
  type: string;
  origin: 'partner' | 'system';
  source: string;
  /** Epoch ms. */
  acceptedAt: number;
  body: unknown;
}
/** One event of a document: of which row, and where in the document it stands. */
export interface Touch {
  key: string;
  /** Index into the table's events. */
  event: number;
  /** Index into the array at `each`; 0 without. */
  n: number;
}
export interface Contribution extends Touch {
  document: TableDocument;
}

/** An entry of PostgreSQL's indexes is bounded. */
export const MAX_KEY = 500;

/** Whether a row of this key can be kept at all. */
export const isKey = (key: string): boolean => key.length <= MAX_KEY && !key.includes('\0') && key.isWellFormed();

/** The rows that a document touches. Throws DocumentError for a key that is none. */
export function touchesOf(table: Folding, document: TableDocument): Touch[] {
  return table.events.flatMap((event, index) => {
    if (event.plan.type !== document.type) return [];
    return elementsOf(document.body, event.plan.each).flatMap((element, n): Touch[] => {
      const value = event.key.evaluate(element, { tables: table.tables, bindings: bindingsOf(document) });
      if (value === undefined || value === null) return [];
      return [{ key: keyFrom(table.plan, event.plan, value), event: index, n }];
    });
  });
}

/** The row that contributions make of the base; undefined where there is none. Throws DocumentError, which names event and document. */
export function foldRow(
  table: Folding,
  key: string,
  base: Row | undefined,
  contributions: readonly Contribution[],
): Row | undefined {
  let row = base;
  for (const { event, n, document } of [...contributions].sort(inOrder)) {
    const { plan, row: expression } = table.events[event]!;
    const element = elementsOf(document.body, plan.each)[n];
    const bindings = { ...bindingsOf(document), ...(row && { row }) };
    const made = expression.evaluate(element, { tables: table.tables, bindings });
    if (made === undefined || made === null) row = undefined;
    else if (typeof made !== 'object' || Array.isArray(made))
      throw new DocumentError({
        class: 'MappingFailed',
        code: 'table.notARow',
        message: `ReferenceTable "${table.plan.name}", spec.events[${event}].expression: gave ${JSON.stringify(made).slice(0, 80)} for row ${key}, where an object is needed`,
      });
    else row = { ...columnsOf(table.plan, key), ...(made as Row) };
  }
  return row;
}

/** In the order in which events are declared, then of acceptance; the id decides between equal times. */
const inOrder = (a: Contribution, b: Contribution): number =>
  a.event - b.event ||
  a.document.acceptedAt - b.document.acceptedAt ||
  (a.document.id < b.document.id ? -1 : a.document.id > b.document.id ? 1 : a.n - b.n);

const bindingsOf = ({ body, origin, source }: TableDocument): Record<string, unknown> => ({
  document: body,
  ...(origin === 'partner' && { partner: source }),
});

/** The value itself, or each member of the array at the pointer. */
export function elementsOf(body: unknown, each: string | undefined): readonly unknown[] {
  if (!each) return [body];
  const at = each
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (node, part) => (node as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')],
      body,
    );
  return Array.isArray(at) ? at : [];
}

function keyFrom({ name, key: columns }: TablePlan, { type }: TableEventPlan, value: unknown): string {
  const parts = Array.isArray(value) ? value : [value];
  const wrong = (code: string, what: string) =>
    new DocumentError({
      class: 'MappingFailed',
      code,
      message: `ReferenceTable "${name}", keyExpression of ${type}: ${what}`,
    });
  if (parts.length !== columns.length)
    throw wrong(
      'table.keyParts',
      `gave ${parts.length} value${parts.length === 1 ? '' : 's'} (${JSON.stringify(value).slice(0, 80)}), but the key has ${columns.length}: ${columns.join(', ')}`,
    );
  const odd = parts.find((part) => typeof part !== 'string' && typeof part !== 'number' && typeof part !== 'boolean');
  if (odd !== undefined)
    throw wrong('table.keyParts', `${JSON.stringify(odd).slice(0, 80)} cannot be part of a key: texts and numbers can`);
  const key = keyOf(parts);
  if (!isKey(key)) throw wrong('table.keyTooLong', `a key may have ${MAX_KEY} characters, and no U+0000`);
  return key;
}

/** Columns of the key, as texts. */
export function columnsOf({ key: columns }: TablePlan, key: string): Row {
  if (columns.length === 1) return { [columns[0]!]: key };
  const parts = JSON.parse(key) as string[];
  return Object.fromEntries(columns.map((column, i) => [column, parts[i]]));
}
