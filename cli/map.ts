/** Expressions evaluated outside of a pipeline: one request in, one answer out. */
import { DocumentError } from '../runtime/errors.ts';
import { compileExpression, ExpressionSyntaxError } from '../runtime/mapping/compile.ts';
import type { Expression } from '../runtime/mapping/mapping.ts';
import { shapeBySchema } from '../runtime/mapping/shape.ts';

export interface EvalRequest {
  expression: string;
  input?: unknown;
  bindings?: Record<string, unknown>;
}
/** Neither where the expression gives nothing. */
export interface EvalAnswer {
  value?: unknown;
  error?: { code: string; message: string; position?: number };
}

const REMEMBERED = 1000;
/** ms of CPU for one expression: here nothing else waits. */
const PATIENCE = 1000;

export class Evaluator {
  /** By text, least recently made first. */
  readonly #compiled = new Map<string, Expression>();

  async evaluate({ expression, input, bindings }: EvalRequest): Promise<EvalAnswer> {
    try {
      const context = { tables: {}, milliseconds: PATIENCE, ...(bindings && { bindings }) };
      const value = this.#compile(expression).evaluate(input, context);
      return { value: shapeBySchema(value, undefined, { milliseconds: PATIENCE }) };
    } catch (error) {
      return { error: answerTo(error) };
    }
  }

  /** A line of NDJSON. */
  async line(text: string): Promise<EvalAnswer> {
    let request: unknown;
    try {
      request = JSON.parse(text);
    } catch (error) {
      return invalid(`not JSON: ${(error as Error).message}`);
    }
    const { expression, bindings } = (request ?? {}) as Partial<EvalRequest>;
    if (typeof expression !== 'string') return invalid('"expression" is not a text');
    if (bindings !== undefined && (typeof bindings !== 'object' || bindings === null || Array.isArray(bindings)))
      return invalid('"bindings" is not an object');
    return this.evaluate(request as EvalRequest);
  }

  #compile(source: string): Expression {
    const known = this.#compiled.get(source);
    if (known) return known;
    const made = compileExpression(source, 'expression');
    if (this.#compiled.size >= REMEMBERED) this.#compiled.delete(this.#compiled.keys().next().value!);
    this.#compiled.set(source, made);
    return made;
  }
}

const invalid = (message: string): EvalAnswer => ({ error: { code: 'request.invalid', message } });

function answerTo(error: unknown): NonNullable<EvalAnswer['error']> {
  if (error instanceof ExpressionSyntaxError) {
    const { code, message, position } = error;
    return { code, message, position };
  }
  if (!(error instanceof DocumentError)) throw error;
  const [violation] = error.violations;
  const position = violation?.place?.position;
  // The library's own code, where it has one, rather than what the pipeline makes of it.
  const library = violation && /^[DSTU]\d{4}$/.test(violation.code) ? violation.code : undefined;
  return {
    code: library ?? error.code,
    message: violation?.message ?? error.message,
    ...(position !== undefined && { position }),
  };
}
