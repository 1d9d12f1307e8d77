/** Functions of ours, beside JSONata's own. */
import jsonata from 'jsonata';
import { DocumentError } from '../errors.ts';
import type { FunctionValue } from './jsonata/functions.ts';
import type { Table } from './mapping.ts';

/** Tables of the evaluation that runs; evaluation is synchronous, so there is one at a time. */
const current: { tables: Record<string, Table> } = { tables: {} };

export function withTables<T>(tables: Record<string, Table>, run: () => T): T {
  const before = current.tables;
  current.tables = tables;
  try {
    return run();
  } finally {
    current.tables = before;
  }
}

type Implementation = (...args: never[]) => unknown;
interface Definition {
  run: Implementation;
  /** In JSONata's notation: types of the arguments. */
  signature?: string;
}

export const referenceIn = (tables: Record<string, Table>) => (tableName: unknown, key: unknown) => {
  const table = typeof tableName === 'string' && Object.hasOwn(tables, tableName) ? tables[tableName] : undefined;
  if (!table)
    throw new DocumentError({
      class: 'MappingFailed',
      code: 'reference.unknownTable',
      message: `There is no ReferenceTable "${String(tableName)}"`,
    });
  const parts = Array.isArray(key) ? [...key] : [key];
  if (key === undefined || parts.includes(undefined)) return undefined;
  const row = table.get(parts);
  if (!row)
    throw new DocumentError({
      class: 'ReferenceDataMissing',
      code: 'reference.missingRow',
      message: `ReferenceTable "${table.name}" has no row for ${JSON.stringify(key)}`,
    });
  return row;
};

const DEFINITIONS: Record<string, Definition> = {
  reference: { run: (table: unknown, key: unknown) => referenceIn(current.tables)(table, key) },
};

/** For the library, where it evaluates. */
export const DEFINED: readonly { name: string; run: Implementation; signature: string | undefined }[] = Object.entries(
  DEFINITIONS,
).map(([name, { run, signature }]) => ({ name, run, signature }));

export const FUNCTIONS: ReadonlyMap<string, FunctionValue> = new Map(
  DEFINED.map(({ name, run, signature }) => {
    const called = (args: unknown[]) => (run as (...args: unknown[]) => unknown)(...args);
    return [
      name,
      Object.assign(called as unknown as FunctionValue, {
        kind: 'native' as const,
        arity: run.length,
        parameters: run.length,
        signature: signature ? parsed(signature) : undefined,
      }),
    ];
  }),
);

function parsed(signature: string): FunctionValue['signature'] {
  const parameters = Array.from({ length: 8 }, (_, i) => `$a${i}`).join(', ');
  return (jsonata(`function(${parameters})${signature}{1}`).ast() as { signature?: FunctionValue['signature'] })
    .signature;
}
