/**
 * JSONata with our functions, compiled to synchronous JavaScript under a budget. Regular expressions run on a linear-time engine.
 * Compile once, evaluate per document.
 */
import { asDocumentError, ExpressionSyntaxError, pointerTo } from './errors.ts';
import { FUNCTIONS } from './functions/all.ts';
import { withTables } from './functions/reference.ts';
import { parse } from './jsonata/ast.ts';
import { meter } from './jsonata/budget.ts';
import type { Coverage } from './jsonata/coverage.ts';
import { compileProgram, type Program } from './jsonata/program.ts';
import type { Expression, MappingContext } from './mapping.ts';
import { LinearRegExp } from './regex.ts';

export { ExpressionSyntaxError } from './errors.ts';

/**
 * Throws ExpressionSyntaxError. `name` says whose expression it is (`Mapping order-to-850`), for errors at run time. `coverage` counts the ways that
 * evaluations take.
 */
export function compileExpression(source: string, name: string, coverage?: Coverage): Expression {
  const program = programOf(source, coverage);
  return {
    source,
    evaluate(input, { tables, bindings, milliseconds }) {
      try {
        return withTables(tables, () => program.evaluate(input, bindings, milliseconds));
      } catch (error) {
        throw asDocumentError(error, source, name, pointerTo(input, meter.at));
      }
    },
  };
}

function programOf(source: string, coverage: Coverage | undefined): Program {
  try {
    return compileProgram(parse(source), {
      engine: (pattern) => new LinearRegExp(pattern),
      functions: FUNCTIONS,
      coverage,
    });
  } catch (error) {
    if (error instanceof RangeError) throw new ExpressionSyntaxError(source, { message: 'nested too deeply' });
    throw new ExpressionSyntaxError(source, error as { code?: string; message?: string; position?: number });
  }
}

/** Empty tables and no bindings, for expressions that may use neither. */
export const NO_CONTEXT: MappingContext = { tables: {} };
