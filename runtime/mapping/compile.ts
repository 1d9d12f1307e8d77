/**
 * JSONata with `$reference(table, key)`, under a budget. Evaluation is bounded in steps, depth, sequence length and time; regular expressions
 * run on a linear-time engine. Compile once, evaluate per document.
 */
import jsonata from 'jsonata';
import { DocumentError } from '../errors.ts';
import type { Expression, MappingContext, Table } from './mapping.ts';
import { LinearRegExp } from './regex.ts';

/** Ends an evaluation: ms of wall clock, frames of depth, members of one sequence, characters of one padded string. */
const BUDGET = { timeout: 500, stack: 400, sequence: 200_000, padding: 100_000 };

export class ExpressionSyntaxError extends Error {
  readonly code: string;
  /** Offset in the expression's text. */
  readonly position: number;
  constructor(source: string, error: { code?: string; message?: string; position?: number }) {
    super(`${error.message ?? 'syntax error'} at ${place(source, error.position ?? 0)}`);
    this.name = 'ExpressionSyntaxError';
    this.code = error.code ?? 'S0000';
    this.position = error.position ?? 0;
  }
}

/** `line 3, column 7` of an offset, counted from 1. */
const place = (source: string, position: number): string => {
  const before = source.slice(0, position).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
};

/** Throws ExpressionSyntaxError. `name` says whose expression it is (`Mapping order-to-850`), for errors at run time. */
export function compileExpression(source: string, name: string): Expression {
  let compiled: jsonata.Expression;
  try {
    compiled = jsonata(source, { ...BUDGET, RegexEngine: LinearRegExp as unknown as RegExpConstructor });
  } catch (error) {
    throw new ExpressionSyntaxError(source, error as jsonata.JsonataError);
  }
  compiled.registerFunction('pad', pad, '<s-ns?:s>');
  return {
    source,
    async evaluate(input, context) {
      try {
        const value = await compiled.evaluate(input, { ...context.bindings, reference: referenceIn(context.tables) });
        return value;
      } catch (error) {
        throw asDocumentError(error, source, name);
      }
    },
  };
}

function referenceIn(tables: Record<string, Table>) {
  return (tableName: unknown, key: unknown): Record<string, unknown> | undefined => {
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
}

/** `$pad` of the library, bounded: width is in code points, negative pads on the left. */
function pad(text: string | undefined, width: number, filler = ' '): string | undefined {
  if (text === undefined) return undefined;
  if (Math.abs(width) > BUDGET.padding)
    throw new DocumentError({
      class: 'MappingFailed',
      code: 'budget.exceeded',
      message: `$pad to ${width} characters; the limit is ${BUDGET.padding}`,
    });
  const missing = Math.abs(width) - [...text].length;
  if (missing <= 0) return text;
  const fill = [...(filler || ' ')];
  const padding = Array.from({ length: missing }, (_, i) => fill[i % fill.length]).join('');
  return width > 0 ? text + padding : padding + text;
}

function asDocumentError(error: unknown, source: string, name: string): DocumentError {
  const { code = '', message = String(error), position } = error as Partial<jsonata.JsonataError>;
  const at = position === undefined ? undefined : { position, in: name };
  const where = position === undefined ? '' : `, ${place(source, position)}`;
  if (error instanceof DocumentError)
    return new DocumentError({
      class: error.class,
      code: error.code,
      message: `${name}${where}: ${error.message}`,
      violations: [{ code: error.code, message: error.message, ...(at && { place: at }) }],
    });
  const exhausted = ['D1011', 'D1012', 'D2014', 'D2015'].includes(code) || error instanceof RangeError;
  const said = exhausted ? `the expression exceeded its budget (${message})` : message;
  return new DocumentError({
    class: 'MappingFailed',
    code: exhausted ? 'budget.exceeded' : code || 'mapping.threw',
    message: `${name}${where}: ${said}`.slice(0, 1000),
    violations: [{ code: code || 'mapping.threw', message: said.slice(0, 500), ...(at && { place: at }) }],
    cause: error,
  });
}

/** Empty tables and no bindings, for expressions that may use neither. */
export const NO_CONTEXT: MappingContext = { tables: {} };
