/** An expression as a synchronous function. */
import { type Node, parse } from './ast.ts';
import { meter, startMeter, tick } from './budget.ts';
import { BUILTINS } from './builtins.ts';
import { type EmitOptions, emit } from './emit.ts';
import { asError } from './errors.ts';
import * as functions from './functions.ts';
import * as operators from './operators.ts';
import * as paths from './paths.ts';
import type { Engine } from './regex.ts';
import * as values from './values.ts';
import { type Sequence, sequence } from './values.ts';

export { NotCompiled } from './emit.ts';

export interface Program {
  /** Throws JsonataError. */
  evaluate(input: unknown, bindings?: Record<string, unknown>): unknown;
}

type Run = (input: unknown, whole: unknown, bindings: Record<string, unknown> | undefined) => unknown;

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

/** Throws NotCompiled for what the library has to evaluate, JsonataError for a regular expression that cannot be run. */
export function compileProgram(ast: Node, options: CompileOptions): Program & { run: Run } {
  const { engine } = options;
  const all = options.functions ? new Map([...BUILTINS, ...options.functions]) : BUILTINS;
  const variable = (bindings: Record<string, unknown> | undefined, name: string): unknown => {
    if (bindings === undefined || !Object.hasOwn(bindings, name)) return all.get(name);
    const bound = bindings[name];
    return typeof bound === 'function' ? foreign(bound as (...args: unknown[]) => unknown) : bound;
  };
  const make = (overrides: boolean) => {
    const { code, constants, builtins } = emit(ast, { engine, functions: all, overrides });
    const source = `"use strict";\nconst {${NAMES.join(', ')}} = R;\nreturn (input, whole, bindings) => {\n${code}\n};`;
    const run = new Function('R', 'K', 'N', 'variable', source)(RUNTIME, constants, all, variable) as Run;
    return { run, builtins: new Set(builtins) };
  };
  const usual = make(false);
  let overridden: Run | undefined;
  return {
    run: usual.run,
    evaluate(input, bindings) {
      let { run } = usual;
      if (bindings !== undefined)
        for (const name in bindings)
          if (usual.builtins.has(name)) {
            overridden ??= make(true).run;
            run = overridden;
            break;
          }
      startMeter();
      meter.at = input;
      try {
        return run(Array.isArray(input) && !(input as Sequence).sequence ? wrapped(input) : input, input, bindings);
      } catch (thrown) {
        throw asError(thrown);
      }
    },
  };
}

function wrapped(input: unknown[]): Sequence {
  const made = sequence(input);
  made.outerWrapper = true;
  return made;
}
