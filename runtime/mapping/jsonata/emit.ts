/**
 * JavaScript for a tree. Text of the expression gets into the code as JSON string literals only; every identifier is a letter and
 * a number. Statements are written in the library's order of evaluation, each value into a constant.
 */
import type { Node } from './ast.ts';
import {
  type Context,
  cannotThrow,
  type EmitOptions,
  equality,
  type Kind,
  LISTS,
  PRESENT,
  truth,
  type Value,
} from './emit/code.ts';
import { FunctionWriter } from './emit/functions.ts';
import { JsonataError } from './errors.ts';
import { type Engine, matcher } from './regex.ts';
import type { Frame } from './scope.ts';

export type { EmitOptions } from './emit/code.ts';

export interface Emitted {
  code: string;
  constants: unknown[];
  /** Built-in functions that the code takes to be the library's. */
  builtins: string[];
}

const COMPARISONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);

export function emit(root: Node, options: EmitOptions): Emitted {
  return new Emitter(root, options).program(root);
}

class Emitter extends FunctionWriter {
  program(root: Node): Emitted {
    const frame = this.frame([root], undefined);
    const context = this.context('input');
    const result = this.node(root, context, frame);
    this.out.push(`return ${result.js};`);
    const globals = [...this.globals].map(([name, js]) => `const ${js} = variable(bindings, ${JSON.stringify(name)});`);
    return { code: [...globals, ...this.out].join('\n'), constants: this.constants, builtins: [...this.builtins] };
  }

  protected node(node: Node, context: Context, frame: Frame): Value {
    let value = this.plain(node, context, frame);
    for (const { expr } of node.predicate ?? []) value = this.filter(value, expr, frame);
    if (node.group && node.type !== 'path') value = this.group(value.js, node.group, frame);
    return this.normal(value, node.keepArray === true);
  }

  protected normal({ js, kind }: Value, keep: boolean): Value {
    if (!LISTS.has(kind) || (kind === 'any' && !keep)) return { js, kind };
    return { js: this.temp(`Array.isArray(${js}) ? ${keep ? 'normKept' : 'norm'}(${js}) : ${js}`), kind: 'any' };
  }

  protected plain(node: Node, context: Context, frame: Frame): Value {
    const position = node.position ?? 0;
    switch (node.type) {
      case 'string':
        return { js: JSON.stringify(node.value), kind: 'string' };
      case 'number':
        return { js: Object.is(node.value, -0) ? '(-0)' : `(${String(Number(node.value))})`, kind: 'number' };
      case 'value':
        if (node.value === null) return { js: 'null', kind: 'record' };
        return { js: String(node.value === true), kind: 'boolean' };
      case 'path':
        return this.path(node, context, frame);
      case 'name':
        context.use();
        return {
          js: this.temp(
            `${context.list} ? lookup(${context.js}, ${JSON.stringify(node.value)}) : ${this.field(context.record, String(node.value))}`,
          ),
          kind: 'seq',
        };
      case 'binary':
        return this.binary(node, context, frame);
      case 'unary':
        if (node.value === '-') {
          const operand = this.node(node.expression!, context, frame);
          return {
            js: this.temp(`Number.isFinite(${operand.js}) ? -${operand.js} : negate(${operand.js}, ${position})`),
            kind: 'scalar',
          };
        }
        return node.value === '[' ? this.list(node, context, frame) : this.record(node, context, frame);
      case 'wildcard':
        return { js: this.temp(`wildcard(${context.js})`), kind: 'seq' };
      case 'descendant':
        return { js: this.temp(`descendants(${context.js})`), kind: 'seq' };
      case 'parent':
        return { js: this.temp(this.variable(node.slot!.label, frame)), kind: 'seq' };
      case 'condition':
        return this.condition(node, context, frame);
      case 'block':
        return this.block(node, context, frame);
      case 'bind': {
        const value = this.node(node.rhs!, context, frame);
        const name = String((node.lhs as Node).value);
        const js = slotOf(frame, name);
        this.out.push(`${js} = ${value.js};`);
        this.definite.add(js);
        return value;
      }
      case 'regex': {
        const pattern = node.value as RegExp;
        let engine: Engine;
        try {
          engine = this.options.engine(pattern);
        } catch (error) {
          const message = `regular expression ${pattern}: ${(error as Error).message}`;
          throw new JsonataError('regex.unsupported', { position, message });
        }
        return { js: this.temp(this.constant(matcher(engine, pattern.source, position))), kind: 'scalar' };
      }
      case 'variable': {
        const name = String(node.value);
        if (name === '')
          return { js: this.temp(`Array.isArray(${context.js}) ? self(${context.js}) : ${context.js}`), kind: 'seq' };
        return { js: this.temp(this.variable(name, frame)), kind: 'seq' };
      }
      case 'function':
        return this.call(node, [], context, frame);
      case 'lambda':
        return this.lambda(node, context, frame);
      case 'partial':
        return this.partial(node, context, frame);
      case 'apply':
        return this.apply(node, context, frame);
      case 'transform':
        return this.transform(node, frame);
      default:
        throw new Error(`a node of type ${node.type} is not expected`);
    }
  }

  protected record(node: Node, context: Context, frame: Frame): Value {
    const pairs = node.lhs as [Node, Node][];
    const keys = pairs.map(([key]) =>
      key.type === 'string' && !key.predicate && !key.group && !key.keepArray ? String(key.value) : undefined,
    );
    const known = keys.every((key) => key !== undefined && !key.startsWith('_jsonata_'));
    // A list is grouped as the library does it when a frame of its own may be needed, or keys must be found.
    if (!known || new Set(keys).size !== keys.length)
      return this.group(context.js, { lhs: pairs, position: node.position ?? 0 }, frame);
    const inner = this.context(this.temp(`Array.isArray(${context.js}) ? groupContext(${context.js}) : ${context.js}`));
    const values = pairs.map(([, value]) => this.node(value, inner, frame));
    const tests = values.filter(({ kind }) => !PRESENT.has(kind)).map(({ js }) => `${js} !== undefined`);
    const name = (key: string) => (key === '__proto__' ? '["__proto__"]' : JSON.stringify(key));
    const literal = `{${keys.map((key, i) => `${name(key!)}: ${values[i]!.js}`).join(', ')}}`;
    const sparse = `recordOf(${this.constant(keys)}, [${values.map(({ js }) => js).join(', ')}])`;
    return {
      js: this.temp(tests.length === 0 ? literal : `${tests.join(' && ')} ? ${literal} : ${sparse}`),
      kind: 'record',
    };
  }

  protected list(node: Node, context: Context, frame: Frame): Value {
    const items = node.expressions!.map((item) => `[${this.node(item, context, frame).js}, ${item.value === '['}]`);
    return { js: this.temp(`cons([${items.join(', ')}], ${node.consarray === true})`), kind: 'any' };
  }

  protected condition(node: Node, context: Context, frame: Frame): Value {
    const condition = this.node(node.condition!, context, frame);
    const id = this.id('t');
    const kinds: Kind[] = [];
    const write = (branch: Node, way: 'then' | 'else') =>
      this.branch(() => {
        this.out.push(this.taken(node, '?', way));
        const value = this.node(branch, context, frame);
        kinds.push(value.kind);
        this.out.push(`${id} = ${value.js};`);
      });
    this.out.push(`let ${id};`, `if (${truth(condition)}) {`);
    write(node.then!, 'then');
    this.out.push('} else {');
    if (node.else) write(node.else, 'else');
    else {
      this.out.push(this.taken(node, '?', 'else'));
      kinds.push('scalar');
    }
    this.out.push('}');
    const [first] = kinds;
    const kind = kinds.every((other) => other === first)
      ? first!
      : kinds.some((other) => LISTS.has(other))
        ? 'any'
        : 'scalar';
    return { js: id, kind };
  }

  protected block(node: Node, context: Context, frame: Frame): Value {
    const inner = this.frame(node.expressions!, frame);
    let value: Value = { js: 'undefined', kind: 'scalar' };
    for (const expression of node.expressions!) value = this.node(expression, context, inner);
    return value;
  }

  protected binary(node: Node, context: Context, frame: Frame): Value {
    const operator = String(node.value);
    const position = node.position ?? 0;
    const token = JSON.stringify(operator);
    const left = this.node(node.lhs as Node, context, frame);
    if (operator === 'and' || operator === 'or') {
      const id = this.id('t');
      const operand = ({ js, kind }: Value) => (kind === 'boolean' ? js : `operand(${js}, ${position}, ${token})`);
      this.out.push(`let ${id} = ${operand(left)};`, `if (${operator === 'and' ? id : `!${id}`}) {`);
      const harmless = cannotThrow(node.rhs!);
      if (!harmless) this.out.push('try {');
      this.branch(() => {
        this.out.push(this.taken(node, operator, 'right side'));
        const right = this.node(node.rhs!, context, frame);
        this.out.push(`${id} = ${operand(right)};`);
      });
      if (!harmless) this.out.push(`} catch (e) { throw atOperator(e, ${position}, ${token}); }`);
      this.out.push(`} else {${this.taken(node, operator, 'left side alone')}}`);
      return { js: id, kind: 'boolean' };
    }
    const right = this.node(node.rhs!, context, frame);
    const [a, b] = [left.js, right.js];
    switch (operator) {
      case '&':
        return {
          js: this.temp(
            `typeof ${a} === "string" && typeof ${b} === "string" && ${a}.length + ${b}.length < 1000 ? ${a} + ${b} : concat(${a}, ${b}, ${position})`,
          ),
          kind: 'string',
        };
      case '=':
      case '!=':
        return { js: this.temp(equality(left, right, operator === '=')), kind: 'boolean' };
      case 'in':
        return { js: this.temp(`includes(${a}, ${b})`), kind: 'boolean' };
      case '..':
        return { js: this.temp(`range(${a}, ${b}, ${position})`), kind: 'seq' };
      default: {
        if (COMPARISONS.has(operator)) {
          const numbers = `typeof ${a} === "number" && typeof ${b} === "number"`;
          return {
            js: this.temp(`${numbers} ? ${a} ${operator} ${b} : compare(${a}, ${b}, ${token}, ${position})`),
            kind: 'scalar',
          };
        }
        const finite = [left, right].filter(({ kind }) => kind !== 'number').map(({ js }) => `Number.isFinite(${js})`);
        const slow = `arithmetic(${a}, ${b}, ${token}, ${position})`;
        return {
          js: this.temp(
            finite.length === 0 ? `${a} ${operator} ${b}` : `${finite.join(' && ')} ? ${a} ${operator} ${b} : ${slow}`,
          ),
          kind: 'scalar',
        };
      }
    }
  }
}

function slotOf(frame: Frame, name: string): string {
  for (let at: Frame | undefined = frame; at; at = at.outer)
    if (at.kind === 'slots' && at.slots.has(name)) return at.slots.get(name)!.js;
  throw new Error(`$${name} is bound in an unexpected place`);
}
