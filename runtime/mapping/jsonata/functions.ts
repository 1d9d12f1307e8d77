/** Function values, and how they are called: signatures, tail calls, partial application, the place of an error. */
import type { Signature } from './ast.ts';
import { charge, exhausted, LIMITS, meter, tick } from './budget.ts';
import { asError, JsonataError } from './errors.ts';
import { isFunction } from './values.ts';

/**
 * A function of an expression or a built-in one. Position and token are of its latest call, for errors; wrappers (functions
 * that were passed as arguments) have none and are called without a context.
 */
export interface FunctionValue {
  (args: unknown[], input: unknown): unknown;
  kind: 'lambda' | 'native' | 'wrapper';
  arity: number;
  /** Parameters of partial application. */
  parameters: number;
  signature?: Signature | undefined;
  position?: number | undefined;
  token?: string | undefined;
}

/** A call in tail position: made by the caller's loop instead of on the stack. */
export class Tail {
  readonly #call: [unknown, unknown[], number | undefined, string | undefined];
  constructor(target: unknown, args: unknown[], position: number | undefined, token: string | undefined) {
    this.#call = [target, args, position, token];
  }
  get call() {
    return this.#call;
  }
}
export const tail = (...call: ConstructorParameters<typeof Tail>): Tail => new Tail(...call);

export function lambda(
  run: (args: unknown[], input: unknown) => unknown,
  parameters: number,
  signature?: Signature,
): FunctionValue {
  return Object.assign(run as unknown as FunctionValue, {
    kind: 'lambda' as const,
    arity: parameters,
    parameters,
    signature,
  });
}

const asFunction = (value: unknown): FunctionValue | undefined =>
  typeof value === 'function' && (value as FunctionValue).kind !== undefined ? (value as FunctionValue) : undefined;

/** A function as an argument: called later, without a context. */
export function argument(value: unknown): unknown {
  if (!isFunction(value)) return value;
  const target = value as FunctionValue;
  const wrapper = ((args: unknown[]) => apply(target, args, null)) as unknown as FunctionValue;
  return Object.assign(wrapper, { kind: 'wrapper' as const, arity: target.arity, parameters: target.parameters });
}

/** Calls, and goes on with calls in tail position. */
export function apply(target: unknown, args: unknown[], input: unknown): unknown {
  let result = once(asFunction(target), args, input);
  while (result instanceof Tail) {
    if (--meter.left < 0) tick();
    const [next, nextArgs, position, token] = result.call;
    const callee = asFunction(next);
    if (callee && callee.kind !== 'wrapper') {
      if (token !== undefined) callee.token = token;
      callee.position = position;
    }
    result = once(callee, nextArgs, input);
  }
  return result;
}

function once(callee: FunctionValue | undefined, args: unknown[], input: unknown): unknown {
  try {
    if (callee === undefined) throw new JsonataError('T1006');
    if (--meter.left < 0) tick();
    if (++meter.depth > LIMITS.depth) throw exhausted(`calls nested more than ${LIMITS.depth} deep`, 'D1011');
    if (callee.kind === 'native') charge(args);
    const result = callee(callee.signature ? validated(callee.signature, args, input) : args, input);
    meter.depth--;
    return result;
  } catch (thrown) {
    const error = asError(thrown);
    if (callee !== undefined) {
      error.token ??= callee.token;
      error.position = callee.position || error.position;
    }
    throw error;
  }
}

/** A call as the expression writes it. */
export function call(
  target: unknown,
  args: unknown[],
  input: unknown,
  position: number,
  token: string | undefined,
): unknown {
  const callee = asFunction(target);
  if (callee && callee.kind !== 'wrapper') {
    callee.token = token;
    callee.position = position;
  }
  const { at } = meter;
  try {
    const result = apply(target, args, input);
    meter.at = at;
    return result;
  } catch (thrown) {
    const error = asError(thrown);
    if (!error.position) error.position = position;
    if (!error.token) error.token = token;
    throw error;
  }
}

/** What a parameter takes, by a letter; `!`, `-` (else the context) or `?` (may be missing) follows each. */
const LETTERS: Record<string, string> = {
  '(nsb)': 'q',
  '(sf)': 'g',
  '(oa)': 'p',
  'a<n>': 'N',
  'a<s>': 'S',
  'f<s:o>': 'f',
};
const PARAMETER = /(\((?:nsb|sf|oa)\)|a<[ns]>|f<s:o>|[snboxaf])([-?]?)/g;
const known = new Map<string, string | undefined>();

/** A signature as letters and marks, where it is no more than plain types. */
function simple({ definition }: Signature): string | undefined {
  if (known.has(definition)) return known.get(definition);
  const parameters = definition.slice(1, -1).replace(/:[^:<>]*(?:<[^<>]*>)?$/, '');
  const plain = parameters.replace(PARAMETER, (_, type, mark) => `${LETTERS[type] ?? type}${mark || '!'}`);
  known.set(definition, /^(?:[a-zA-Z][-?!])*$/.test(plain) ? plain : undefined);
  return known.get(definition);
}

/** The library's check, with a short way for arguments that are all there and right. */
function validated(signature: Signature, args: unknown[], input: unknown): unknown[] {
  const plain = simple(signature);
  if (plain !== undefined && fits(plain, args)) return args;
  return signature.validate(args, input);
}

function fits(plain: string, args: unknown[]): boolean {
  if (args.length * 2 > plain.length) return false;
  for (let i = 0; i < args.length; i++)
    if (args[i] === undefined ? plain[i * 2] === 'f' : !isOf(plain[i * 2]!, args[i])) return false;
  for (let i = args.length * 2 + 1; i < plain.length; i += 2) if (plain[i] !== '?') return false;
  return true;
}

function isOf(letter: string, value: unknown): boolean {
  const type = typeof value;
  switch (letter) {
    case 's':
      return type === 'string';
    case 'n':
      return type === 'number';
    case 'b':
      return type === 'boolean';
    case 'q':
      return type === 'string' || type === 'number' || type === 'boolean';
    case 'f':
      return type === 'function';
    case 'g':
      return type === 'string' || type === 'function';
    case 'o':
      return type === 'object' && value !== null && !Array.isArray(value);
    case 'p':
      return type === 'object' && value !== null;
    case 'x':
      return true;
    case 'a':
      return Array.isArray(value);
    case 'N':
      return Array.isArray(value) && value.every((member) => typeof member === 'number');
    case 'S':
      return Array.isArray(value) && value.every((member) => typeof member === 'string');
    default:
      return false;
  }
}

export const HOLE = Symbol('?');

export function partial(
  target: unknown,
  args: unknown[],
  position: number,
  token: string | undefined,
  near: boolean,
): FunctionValue {
  const callee = asFunction(target);
  if (callee === undefined) throw new JsonataError(near ? 'T1007' : 'T1008', { position, token });
  const count = callee.parameters;
  const open = Array.from({ length: count }, (_, i) => i).filter((i) => args[i] === HOLE);
  return lambda((given, input) => {
    const all: unknown[] = Array.from({ length: count }, (_, i) => (args[i] === HOLE ? undefined : args[i]));
    open.forEach((index, i) => {
      all[index] = given[i];
    });
    return callee(all, input);
  }, open.length);
}

/** `lhs ~> rhs`. `compose` is the library's own expression for a chain of two functions. */
export function pipe(left: unknown, right: unknown, position: number, compose: () => unknown): unknown {
  if (!isFunction(right)) throw new JsonataError('T2006', { position, value: right });
  if (isFunction(left)) return apply(compose(), [left, right], null);
  return apply(right, [left], null);
}

/** Called by built-in functions: `count` arguments, fewer if the function takes fewer. */
export function callback(target: unknown, first: unknown, second: unknown, third: unknown): unknown {
  const { arity } = target as FunctionValue;
  meter.at = first;
  const args = arity >= 3 ? [first, second, third] : arity === 2 ? [first, second] : [first];
  return invoke(target, args);
}

/** The library calls `func.apply(this, args)`, which for a function it never wrapped runs with the call's own context. */
export const invoke = (target: unknown, args: unknown[]): unknown =>
  (target as FunctionValue).kind === 'wrapper' ? (target as FunctionValue)(args, null) : apply(target, args, null);

/** Throws unless the call was to a function; says so when the name is that of a function without its `$`. */
export function expectCallable(target: unknown, visible: unknown, position: number, name: string): void {
  if (target === undefined && visible) throw new JsonataError('T1005', { position, token: name });
}
