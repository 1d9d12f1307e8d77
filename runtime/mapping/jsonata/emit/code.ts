/** Pieces of code and what is known of them. */
import type { Node } from '../ast.ts';
import type { Coverage } from '../coverage.ts';
import type { Engine } from '../regex.ts';

/** `seq` may be a sequence that is not normalized, `any` anything else that may be a list, `scalar` no list; the others never nothing. */
export type Kind = 'seq' | 'any' | 'scalar' | 'boolean' | 'string' | 'number' | 'record';
export interface Value {
  js: string;
  kind: Kind;
}
export const PRESENT: ReadonlySet<Kind> = new Set<Kind>(['boolean', 'string', 'number', 'record']);
export const LISTS: ReadonlySet<Kind> = new Set<Kind>(['seq', 'any']);

/** The context `$`: a variable, and on demand the record that it is (an empty one if it is none) and whether it is a list. */
export interface Context {
  js: string;
  record: string;
  list: string;
  use(): void;
}

export interface EmitOptions {
  engine(pattern: RegExp): Engine;
  /** Functions by name that an expression finds unless it is given others. */
  functions: ReadonlyMap<string, unknown>;
  /** Every name may be bound from outside, those of built-in functions too. */
  overrides: boolean;
  /** Where code is to count the ways that it takes. */
  coverage?: Coverage | undefined;
}

export const truth = ({ js, kind }: Value): string => (kind === 'boolean' ? js : `truth(${js})`);

/** No function can come out of it. */
export const isData = (node: Node, { kind }: Value): boolean =>
  PRESENT.has(kind) ||
  (node.type === 'binary' && kind === 'scalar') ||
  node.type === 'string' ||
  node.type === 'number';

export function cannotThrow(node: Node): boolean {
  if (node.predicate || node.group) return false;
  switch (node.type) {
    case 'string':
    case 'number':
    case 'value':
    case 'variable':
      return true;
    case 'path':
      return !node.group && node.steps!.every((step) => step.type === 'name' && !step.stages && !step.tuple);
    case 'binary':
      return (
        ['=', '!=', 'in', 'and', 'or'].includes(String(node.value)) &&
        cannotThrow(node.lhs as Node) &&
        cannotThrow(node.rhs!)
      );
    default:
      return false;
  }
}

export function equality(left: Value, right: Value, same: boolean): string {
  const literal = [left, right].find(({ kind, js }) => kind === 'string' && js.startsWith('"'));
  if (literal) {
    const other = literal === left ? right : left;
    return same ? `${other.js} === ${literal.js}` : `${other.js} !== undefined && ${other.js} !== ${literal.js}`;
  }
  return `${same ? 'equal' : 'unequal'}(${left.js}, ${right.js})`;
}

/** Built-in functions of one argument where it is of the usual type. */
export function inline(name: string, { js, kind }: Value, slow: string): Value | undefined {
  switch (name) {
    case 'exists':
      return { js: `${js} !== undefined`, kind: 'boolean' };
    case 'not':
      if (kind === 'boolean') return { js: `!${js}`, kind };
      return { js: `typeof ${js} === "boolean" ? !${js} : ${slow}`, kind: 'scalar' };
    case 'string':
      return { js: `typeof ${js} === "string" ? ${js} : ${slow}`, kind: 'scalar' };
    case 'number':
      return { js: `typeof ${js} === "number" ? ${js} : ${slow}`, kind: 'scalar' };
    case 'count':
      return { js: `Array.isArray(${js}) ? ${js}.length : ${slow}`, kind: 'scalar' };
    case 'uppercase':
      return { js: `typeof ${js} === "string" && ${js}.length < 1000 ? ${js}.toUpperCase() : ${slow}`, kind: 'scalar' };
    case 'lowercase':
      return { js: `typeof ${js} === "string" && ${js}.length < 1000 ? ${js}.toLowerCase() : ${slow}`, kind: 'scalar' };
    case 'boolean':
    case 'sum':
    case 'max':
    case 'min':
    case 'average':
    case 'trim':
    case 'length':
    case 'floor':
    case 'ceil':
    case 'abs':
    case 'round':
      return { js: slow, kind: 'scalar' };
    default:
      return undefined;
  }
}
