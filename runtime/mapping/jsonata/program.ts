/** An expression as a synchronous function. */
import { DocumentError } from '../../errors.ts';
import { type Node, parse } from './ast.ts';
import { exhausted, meter, spend, startMeter, tick } from './budget.ts';
import { BUILTINS } from './builtins.ts';
import type { Coverage } from './coverage.ts';
import { type EmitOptions, emit } from './emit.ts';
import { asError, EXHAUSTED, JsonataError } from './errors.ts';
import * as functions from './functions.ts';
import * as operators from './operators.ts';
import * as paths from './paths.ts';
import type { Engine } from './regex.ts';
import * as values from './values.ts';
import { type Sequence, sequence } from './values.ts';

export interface Program {
  /** Throws JsonataError. */
  evaluate(input: unknown, bindings?: Record<string, unknown>, milliseconds?: number): unknown;
}

type Bindings = Record<string, unknown> | undefined;
type Run = (input: unknown, whole: unknown, bindings: Bindings) => unknown;
/** Value of a variable. */
type Lookup = (name: string) => unknown;

/** The names that generated code may use, beside its own. */
const RUNTIME: Record<string, unknown> = {
  ...values,
  ...operators,
  ...paths,
  ...functions,
  meter,
  tick,
  EMPTY: Object.freeze(Object.create(null)),
  NONE: Object.freeze([]),
  UNBOUND: Symbol('unbound'),
  given: (bound: unknown, otherwise: () => unknown) => (bound === undefined ? otherwise() : bound),
  compose: () => {
    composition ??= compileProgram(parse('function($f, $g) { function($x){ $g($f($x)) } }'), { engine: noPatterns });
    return composition.run(null, null, undefined);
  },
};
let composition: { run: Run } | undefined;
const noPatterns = (): Engine => {
  throw new Error('no pattern is expected here');
};
const NAMES = Object.keys(RUNTIME);

export interface CompileOptions {
  /** What a regular expression runs on; what it throws is thrown. */
  engine: EmitOptions['engine'];
  /** Functions besides the built-in ones. */
  functions?: ReadonlyMap<string, functions.FunctionValue>;
  /** Where to count the ways that evaluations take; expressions within expressions are not counted. */
  coverage?: Coverage | undefined;
}

const functionOf = (code: string, ...environment: unknown[]): unknown => {
  const source = `"use strict";\nconst {${NAMES.join(', ')}} = R;\nreturn (input, whole, bindings) => {\n${code}\n};`;
  return new Function('R', 'K', 'N', 'variable', 'evaluator', source)(RUNTIME, ...environment);
};

/** Characters of a text that `$eval` takes, and texts that it remembers. */
const EVALUATED = { characters: 10_000, remembered: 100 };

/** Makes `$eval` functions: an expression in an expression sees the variables around it; what it binds is its own. */
function evaluatorWith({ engine }: CompileOptions, all: ReadonlyMap<string, functions.FunctionValue>) {
  const programs = new Map<string, (input: unknown, whole: unknown, lookup: Lookup) => unknown>();
  const programOf = (text: string) => {
    const known = programs.get(text);
    if (known) return known;
    if (text.length > EVALUATED.characters)
      throw exhausted(`$eval of ${text.length} characters; the limit is ${EVALUATED.characters}`);
    spend(2000 + text.length * 20);
    const { code, constants } = emit(parse(text), { engine, functions: all, overrides: true });
    const variable = (lookup: Lookup, name: string) => lookup(name);
    const made = functionOf(code, constants, all, variable, evaluator) as Run & typeof known & object;
    if (programs.size >= EVALUATED.remembered) programs.clear();
    programs.set(text, made);
    return made;
  };
  const evaluate = (text: string, input: unknown, whole: unknown, lookup: Lookup): unknown => {
    let program: ReturnType<typeof programOf>;
    try {
      program = programOf(text);
    } catch (error) {
      throw nested('D3120', error);
    }
    try {
      return program(input, whole, lookup);
    } catch (error) {
      throw nested('D3121', error);
    }
  };
  const evaluator = (lookup: Lookup, whole: unknown): functions.FunctionValue => {
    const run = ([text, focus]: unknown[], input: unknown) =>
      text === undefined
        ? undefined
        : evaluate(String(text), focus === undefined ? input : contextOf(focus), whole, lookup);
    const made = functions.lambda(run, 2, EVAL_SIGNATURE);
    return Object.assign(made, { kind: 'native' as const });
  };
  return evaluator;
}
const EVAL_SIGNATURE = parse('function($text, $focus)<sx?:x>{$text}').signature;

/** An error within `$eval`; one of the budget, or of a document, stays what it is. */
function nested(code: string, thrown: unknown): JsonataError {
  const error = asError(thrown);
  if (EXHAUSTED.has(error.code) || error.fields.cause instanceof DocumentError) return error;
  return new JsonataError(code, { value: error.message });
}

/** A JavaScript function that was bound from outside. */
const foreign = (bound: (...args: unknown[]) => unknown): functions.FunctionValue =>
  (bound as functions.FunctionValue).kind !== undefined
    ? (bound as functions.FunctionValue)
    : Object.assign((args: unknown[]) => bound(...args), {
        kind: 'wrapper' as const,
        arity: bound.length,
        parameters: bound.length,
      });

/** Throws JsonataError for a regular expression that cannot be run. */
export function compileProgram(ast: Node, options: CompileOptions): Program & { run: Run } {
  const { engine, coverage } = options;
  const all = options.functions ? new Map([...BUILTINS, ...options.functions]) : BUILTINS;
  const variable = (bindings: Bindings, name: string): unknown => {
    if (bindings === undefined || !Object.hasOwn(bindings, name)) return all.get(name);
    const bound = bindings[name];
    return typeof bound === 'function' ? foreign(bound as (...args: unknown[]) => unknown) : bound;
  };
  const evaluator = evaluatorWith(options, all);
  const make = (overrides: boolean) => {
    const { code, constants, builtins } = emit(ast, { engine, functions: all, overrides, coverage });
    return { run: functionOf(code, constants, all, variable, evaluator) as Run, builtins: new Set(builtins) };
  };
  const usual = make(false);
  let overridden: Run | undefined;
  return {
    run: usual.run,
    evaluate(input, bindings, milliseconds) {
      let { run } = usual;
      if (bindings !== undefined)
        for (const name in bindings)
          if (usual.builtins.has(name)) {
            overridden ??= make(true).run;
            run = overridden;
            break;
          }
      startMeter(milliseconds);
      meter.at = input;
      try {
        return run(contextOf(input), input, bindings);
      } catch (thrown) {
        throw asError(thrown);
      }
    },
  };
}

/** A list is one document, not many: it is wrapped. */
function contextOf(input: unknown): unknown {
  if (!Array.isArray(input) || (input as Sequence).sequence) return input;
  const made = sequence(input);
  made.outerWrapper = true;
  return made;
}
