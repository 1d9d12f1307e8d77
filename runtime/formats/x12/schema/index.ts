/** Schemas by version. Text tables are compiled at the first use of a version, transactions at their first use. */
import { boundsIn } from '../../bounds.ts';
import { elements } from './elements.ts';
import { parseElements, parseSegments, parseTransaction, splitTransactions } from './notation.ts';
import type { Schema, SegmentDef, TransactionDef } from './schema.ts';
import { segments } from './segments.ts';
import { transactions } from './transactions.ts';

const compiled = new Map<string, Schema>();
/** The first hundred spellings that were asked for. */
const byVersion = new Map<string, Schema>();
/** Bounds of the tables: versions between two bounds share one compiled schema, so that odd GS08 values cannot fill the memory. */
const steps = boundsIn(`${elements}${segments}${transactions}`);

/** `version` as in GS08 (`004010`, `005010X231A1`) or ISA12 (`00401`); anything unreadable is taken as 004010. */
export function schemaFor(version: string): Schema {
  const known = byVersion.get(version);
  if (known) return known;
  const digits = /^\d{5,6}/.exec(version)?.[0].padEnd(6, '0') ?? '004010';
  const step = steps.filter((bound) => bound <= digits).at(-1) ?? '000000';
  let schema = compiled.get(step);
  if (!schema) {
    schema = compile(step);
    compiled.set(step, schema);
  }
  if (byVersion.size < 100) byVersion.set(version, schema);
  return schema;
}

function compile(version: string): Schema {
  const elementTable = parseElements(elements, version);
  const segmentTable = parseSegments(segments, elementTable, version);
  const sources = splitTransactions(transactions);
  const parsed = new Map<string, TransactionDef>();
  const unchecked = (id: string): SegmentDef => ({
    id,
    name: '',
    elements: [],
    byKey: new Map(),
    required: [],
    conditions: [],
  });
  const transaction = (id: string): TransactionDef | undefined => {
    const source = sources.get(id);
    if (!source) return undefined;
    let found = parsed.get(id);
    if (!found) {
      found = parseTransaction(id, source, version, (name) => segmentTable.get(name) ?? unchecked(name));
      parsed.set(id, found);
    }
    return found;
  };
  return {
    version,
    segment: (id) => segmentTable.get(id),
    element: (reference) => elementTable.get(reference),
    transaction,
    transactions: () => [...sources.keys()].map((id) => transaction(id)!),
  };
}
