/**
 * JSONata with our functions, compiled to synchronous JavaScript under a budget; what the compiler does not do, the library evaluates,
 * under one of its own. Regular expressions run on a linear-time engine. Compile once, evaluate per document.
 */
import jsonata from 'jsonata';
import { asDocumentError, ExpressionSyntaxError, pointerTo } from './errors.ts';
import { DEFINITIONS, FUNCTIONS } from './functions/all.ts';
import { referenceIn, withTables } from './functions/reference.ts';
import type { Node } from './jsonata/ast.ts';
import { meter } from './jsonata/budget.ts';
import { BUILTINS } from './jsonata/builtins.ts';
import { compileProgram, NotCompiled, type Program } from './jsonata/program.ts';
import type { Expression, MappingContext } from './mapping.ts';
import { LinearRegExp } from './regex.ts';

export { ExpressionSyntaxError } from './errors.ts';

/** Ends an evaluation by the library: ms of wall clock, frames of depth, members of one sequence. */
const LIBRARY_BUDGET = { timeout: 500, stack: 400, sequence: 200_000 };

const engine = (pattern: RegExp) => new LinearRegExp(pattern);

/** Throws ExpressionSyntaxError. `name` says whose expression it is (`Mapping order-to-850`), for errors at run time. */
export function compileExpression(source: string, name: string): Expression {
  try {
    const library = jsonata(source, { ...LIBRARY_BUDGET, RegexEngine: LinearRegExp as unknown as RegExpConstructor });
    const program = programOf(library);
    return program instanceof NotCompiled
      ? byLibrary(source, name, library, program.message)
      : byProgram(source, name, program);
  } catch (error) {
    throw new ExpressionSyntaxError(source, error as { code?: string; message?: string; position?: number });
  }
}

function programOf(library: jsonata.Expression): Program | NotCompiled {
  try {
    return compileProgram(library.ast() as unknown as Node, { engine, functions: FUNCTIONS });
  } catch (error) {
    if (error instanceof NotCompiled) return error;
    if (error instanceof RangeError) return new NotCompiled('nested too deeply to be compiled');
    throw error;
  }
}

const byProgram = (source: string, name: string, program: Program): Expression => ({
  source,
  engine: 'compiled',
  evaluate(input, { tables, bindings }) {
    try {
      return withTables(tables, () => program.evaluate(input, bindings));
    } catch (error) {
      throw asDocumentError(error, source, name, pointerTo(input, meter.at));
    }
  },
});

function byLibrary(source: string, name: string, library: jsonata.Expression, why: string): Expression {
  for (const [name, { run, signature }] of Object.entries(DEFINITIONS))
    library.registerFunction(name, run as (...args: unknown[]) => unknown, signature);
  library.registerFunction('pad', boundedPad, '<s-ns?:s>');
  return {
    source,
    engine: 'library',
    why,
    async evaluate(input, { tables, bindings }) {
      try {
        return await library.evaluate(input, { ...bindings, reference: referenceIn(tables) });
      } catch (error) {
        throw asDocumentError(error, source, name);
      }
    },
  };
}

const boundedPad = (text: string, width: number, filler?: string) =>
  BUILTINS.get('pad')!([text, width, filler], undefined);

/** Empty tables and no bindings, for expressions that may use neither. */
export const NO_CONTEXT: MappingContext = { tables: {} };
