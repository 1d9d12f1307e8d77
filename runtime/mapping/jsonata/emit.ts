/**
 * JavaScript for a tree. Text of the expression gets into the code as JSON string literals only; every identifier is a letter and
 * a number. Statements are written in the library's order of evaluation, each value into a constant.
 */
import { type Group, type Node, parse } from './ast.ts';
import { JsonataError } from './errors.ts';
import { type Engine, matcher } from './regex.ts';
import { bound, type Frame, tupleNames } from './scope.ts';

/** `seq` may be a sequence that is not normalized, `any` anything else that may be a list, `scalar` no list; the others never nothing. */
type Kind = 'seq' | 'any' | 'scalar' | 'boolean' | 'string' | 'number' | 'record';
export interface Value {
  js: string;
  kind: Kind;
}
const PRESENT: ReadonlySet<Kind> = new Set<Kind>(['boolean', 'string', 'number', 'record']);
const LISTS: ReadonlySet<Kind> = new Set<Kind>(['seq', 'any']);

/** The context `$`: a variable, and on demand the record that it is (an empty one if it is none) and whether it is a list. */
interface Context {
  js: string;
  record: string;
  list: string;
  use(): void;
}

export interface Emitted {
  code: string;
  constants: unknown[];
  /** Built-in functions that the code takes to be the library's. */
  builtins: string[];
}

const OBJECT_NAMES: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));
const TRANSFORM_SIGNATURE = parse('function($value)<(oa):o>{$value}').signature;
const COMPARISONS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);

export interface EmitOptions {
  engine(pattern: RegExp): Engine;
  /** Functions by name that an expression finds unless it is given others. */
  functions: ReadonlyMap<string, unknown>;
  /** Every name may be bound from outside, those of built-in functions too. */
  overrides: boolean;
}

export function emit(root: Node, options: EmitOptions): Emitted {
  return new Emitter(root, options).program(root);
}

class Emitter {
  #out: string[] = [];
  #next = 0;
  readonly #constants: unknown[] = [];
  readonly #options: EmitOptions;
  readonly #tupleNames: Set<string>;
  readonly #globals = new Map<string, string>();
  readonly #builtins = new Set<string>();
  /** Slots that are certainly bound where code is written now. */
  #definite = new Set<string>();

  constructor(root: Node, options: EmitOptions) {
    this.#options = options;
    this.#tupleNames = tupleNames(root);
  }

  program(root: Node): Emitted {
    const frame = this.#frame([root], undefined);
    const context = this.#context('input');
    const result = this.#node(root, context, frame);
    this.#out.push(`return ${result.js};`);
    const globals = [...this.#globals].map(
      ([name, js]) => `const ${js} = variable(bindings, ${JSON.stringify(name)});`,
    );
    return { code: [...globals, ...this.#out].join('\n'), constants: this.#constants, builtins: [...this.#builtins] };
  }

  // --- writing ---

  #id(letter: string): string {
    return `${letter}${this.#next++}`;
  }
  #constant(value: unknown): string {
    return `K[${this.#constants.push(value) - 1}]`;
  }
  #temp(js: string): string {
    const id = this.#id('t');
    this.#out.push(`const ${id} = ${js};`);
    return id;
  }
  #context(js: string): Context {
    const out = this.#out;
    const place = out.push('') - 1;
    const [record, list] = [this.#id('r'), this.#id('l')];
    const use = () => {
      out[place] =
        `const ${list} = Array.isArray(${js}), ${record} = !${list} && typeof ${js} === "object" && ${js} !== null ? ${js} : EMPTY;`;
    };
    return { js, record, list, use };
  }
  /** What is written in `write` may not happen. */
  #branch(write: () => void): void {
    const before = new Set(this.#definite);
    write();
    this.#definite = before;
  }
  /** `(input, tuple) => …` */
  #part(node: Node, frame: Frame): string {
    const [input, tuple] = [this.#id('c'), this.#id('u')];
    const tupled = this.#tupleNames.size > 0;
    const body = this.#function(() => {
      const around: Frame = tupled ? { kind: 'tuple', js: tuple, outer: frame } : frame;
      const own = tupled ? this.#frame([node], around) : around;
      return this.#node(node, this.#context(input), own).js;
    });
    return `(${input}, ${tuple}) => {\n${body}}`;
  }
  #function(write: () => string): string {
    const before = this.#out;
    this.#out = [];
    let result = '';
    this.#branch(() => {
      result = write();
    });
    const body = `${this.#out.join('\n')}\nreturn ${result};\n`;
    this.#out = before;
    return body;
  }
  #loop(list: string, write: (item: string, index: string) => void): void {
    const [index, item] = [this.#id('i'), this.#id('c')];
    const around = this.#temp('meter.at');
    this.#out.push(`for (let ${index} = 0; ${index} < ${list}.length; ${index}++) {`);
    this.#out.push('if (--meter.left < 0) tick();', `const ${item} = ${list}[${index}];`);
    this.#out.push(`meter.at = ${item};`);
    this.#branch(() => write(item, index));
    this.#out.push('}', `meter.at = ${around};`);
  }

  // --- variables ---

  #frame(nodes: readonly Node[], outer: Frame | undefined): Frame {
    const names = bound(nodes);
    const frame: Frame = { kind: 'slots', slots: new Map(), outer };
    for (const name of names) {
      const js = this.#id('v');
      frame.slots.set(name, { js });
      this.#out.push(`let ${js} = UNBOUND;`);
    }
    return frame;
  }
  /** The name is the library's own function here, whatever the expression binds elsewhere. */
  #isBuiltin(name: string, frame: Frame | undefined): boolean {
    if (this.#options.overrides || !this.#options.functions.has(name)) return false;
    if (this.#tupleNames.has(name)) return false;
    for (let at = frame; at; at = at.outer) if (at.kind === 'slots' && at.slots.has(name)) return false;
    return true;
  }
  #variable(name: string, frame: Frame | undefined): string {
    const found: [test: string, js: string][] = [];
    let end: string | undefined;
    for (let at = frame; at && !end; at = at.outer) {
      if (at.kind === 'tuple') {
        if (this.#tupleNames.has(name)) {
          const key = JSON.stringify(name);
          found.push([`${at.js} !== undefined && ${key} in ${at.js}`, `${at.js}[${key}]`]);
        }
        continue;
      }
      const js = at.slots.get(name)?.js;
      if (js === undefined) continue;
      if (this.#definite.has(js)) end = js;
      else found.push([`${js} !== UNBOUND`, js]);
    }
    end ??= this.#global(name, frame);
    return found.reduceRight((rest, [test, js]) => `(${test} ? ${js} : ${rest})`, end);
  }
  #global(name: string, frame: Frame | undefined): string {
    if (name === '$') return 'whole';
    if (name === 'eval') return this.#eval(frame);
    if (!this.#options.overrides && this.#options.functions.has(name)) {
      this.#builtins.add(name);
      return `N.get(${JSON.stringify(name)})`;
    }
    if (name.startsWith('!')) return 'undefined';
    const known = this.#globals.get(name) ?? this.#id('g');
    this.#globals.set(name, known);
    return known;
  }

  /** `$eval` with the variables that are visible here. */
  #eval(frame: Frame | undefined): string {
    const names = new Set<string>(this.#tupleNames);
    for (let at = frame; at; at = at.outer)
      if (at.kind === 'slots') for (const name of at.slots.keys()) names.add(name);
    names.delete('eval');
    const cases = [...names].map((name) => `case ${JSON.stringify(name)}: return ${this.#variable(name, frame)};`);
    const bound = 'evaluator((name) => variable(bindings, name), whole)';
    if (cases.length === 0) return `given(variable(bindings, "eval"), () => ${bound})`;
    const lookup = `(name) => { switch (name) { ${cases.join(' ')} default: return variable(bindings, name); } }`;
    return `given(variable(bindings, "eval"), () => evaluator(${lookup}, whole))`;
  }

  // --- nodes ---

  #node(node: Node, context: Context, frame: Frame): Value {
    let value = this.#plain(node, context, frame);
    for (const { expr } of node.predicate ?? []) value = this.#filter(value, expr, frame);
    if (node.group && node.type !== 'path') value = this.#group(value.js, node.group, frame);
    return this.#normal(value, node.keepArray === true);
  }

  #normal({ js, kind }: Value, keep: boolean): Value {
    if (!LISTS.has(kind) || (kind === 'any' && !keep)) return { js, kind };
    return { js: this.#temp(`Array.isArray(${js}) ? ${keep ? 'normKept' : 'norm'}(${js}) : ${js}`), kind: 'any' };
  }

  #plain(node: Node, context: Context, frame: Frame): Value {
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
        return this.#path(node, context, frame);
      case 'name':
        context.use();
        return {
          js: this.#temp(
            `${context.list} ? lookup(${context.js}, ${JSON.stringify(node.value)}) : ${this.#field(context.record, String(node.value))}`,
          ),
          kind: 'seq',
        };
      case 'binary':
        return this.#binary(node, context, frame);
      case 'unary':
        if (node.value === '-') {
          const operand = this.#node(node.expression!, context, frame);
          return {
            js: this.#temp(`Number.isFinite(${operand.js}) ? -${operand.js} : negate(${operand.js}, ${position})`),
            kind: 'scalar',
          };
        }
        return node.value === '[' ? this.#list(node, context, frame) : this.#record(node, context, frame);
      case 'wildcard':
        return { js: this.#temp(`wildcard(${context.js})`), kind: 'seq' };
      case 'descendant':
        return { js: this.#temp(`descendants(${context.js})`), kind: 'seq' };
      case 'parent':
        return { js: this.#temp(this.#variable(node.slot!.label, frame)), kind: 'seq' };
      case 'condition':
        return this.#condition(node, context, frame);
      case 'block':
        return this.#block(node, context, frame);
      case 'bind': {
        const value = this.#node(node.rhs!, context, frame);
        const name = String((node.lhs as Node).value);
        const js = slotOf(frame, name);
        this.#out.push(`${js} = ${value.js};`);
        this.#definite.add(js);
        return value;
      }
      case 'regex': {
        const pattern = node.value as RegExp;
        let engine: Engine;
        try {
          engine = this.#options.engine(pattern);
        } catch (error) {
          const message = `regular expression ${pattern}: ${(error as Error).message}`;
          throw new JsonataError('regex.unsupported', { position, message });
        }
        return { js: this.#temp(this.#constant(matcher(engine, pattern.source, position))), kind: 'scalar' };
      }
      case 'variable': {
        const name = String(node.value);
        if (name === '')
          return { js: this.#temp(`Array.isArray(${context.js}) ? self(${context.js}) : ${context.js}`), kind: 'seq' };
        return { js: this.#temp(this.#variable(name, frame)), kind: 'seq' };
      }
      case 'function':
        return this.#call(node, [], context, frame);
      case 'lambda':
        return this.#lambda(node, context, frame);
      case 'partial':
        return this.#partial(node, context, frame);
      case 'apply':
        return this.#apply(node, context, frame);
      case 'transform':
        return this.#transform(node, frame);
      default:
        throw new Error(`a node of type ${node.type} is not expected`);
    }
  }

  #field(record: string, name: string): string {
    const key = JSON.stringify(name);
    return OBJECT_NAMES.has(name) ? `own(${record}, ${key})` : `${record}[${key}]`;
  }

  // --- paths ---

  #path(node: Node, context: Context, frame: Frame): Value {
    const steps = node.steps!;
    const plainName = (step: Node) =>
      step.type === 'name' &&
      !step.stages &&
      !step.predicate &&
      !step.tuple &&
      !step.focus &&
      !step.index &&
      !step.keepArray &&
      !step.group;
    let count = 0;
    while (count < steps.length && plainName(steps[count]!)) count++;
    const names = steps.slice(0, count).map(({ value }) => String(value));
    const whole = count === steps.length;
    if (whole && !node.keepSingletonArray && !node.group) return this.#names(context, names, 'value');

    /** JavaScript of what the next step goes over, and of the result so far. */
    let result = '';
    let members = '';
    let tuples: string | undefined;
    let tupled = false;
    /** Where it is empty the path ends there: the list `[…]` that it begins with, what the tuples begin with. */
    const ends: [members: string, value: string][] = [];
    if (count > 0) members = result = this.#names(context, names, whole ? 'list' : 'members').js;
    for (let i = count; i < steps.length; i++) {
      const step = steps[i]!;
      if (step.tuple && !tupled && i > 0) ends.push([members, 'sequence()']);
      tupled ||= step.tuple === true;
      if (i === 0 && step.consarray) {
        const list = this.#temp(`listOf(${context.js})`);
        result = this.#node(step, this.#context(list), frame).js;
        if (!step.tuple) ends.push([`Array.isArray(${result}) && ${result}`, result]);
        members = step.focus ? list : this.#temp(`Array.isArray(${result}) ? ${result} : NONE`);
        continue;
      }
      if (i === 0)
        members =
          step.type === 'variable'
            ? `[${context.js}]`
            : this.#temp(`Array.isArray(${context.js}) ? ${context.js} : [${context.js}]`);
      if (tupled) {
        tuples = this.#tupleStep(step, members, tuples, frame);
        continue;
      }
      result =
        step.type === 'sort'
          ? this.#sortStep(step, members, frame)
          : this.#step(step, members, i, steps, context, frame);
      members = result;
    }
    if (tuples !== undefined) result = node.tuple || node.group ? tuples : this.#temp(`valuesOf(${tuples})`);
    if (steps.length > 1)
      for (const [list, value] of ends.reverse()) result = this.#temp(`(${list}).length === 0 ? ${value} : ${result}`);
    if (node.keepSingletonArray) result = this.#temp(`keepSingleton(${result})`);
    if (node.group) return this.#group(result, node.group, frame);
    return { js: result, kind: 'seq' };
  }

  /** Fields of fields. As its value; as the list that keeping or grouping needs; or as members for the next step. */
  #names(context: Context, names: string[], as: 'value' | 'list' | 'members'): Value {
    context.use();
    const all = this.#constant(names);
    const id = this.#id('t');
    const over = `namesOver(${context.js}, ${all}, 0, ${as !== 'members'})`;
    const lines = [`let ${id};`, `if (${context.list}) ${id} = ${as === 'value' ? `norm(${over})` : over};`, 'else {'];
    const end = {
      value: `if (Array.isArray(${id})) ${id} = last(${id});`,
      list: `${id} = listLast(${id});`,
      members: `${id} = stepMembers(${id});`,
    }[as];
    lines.push(`${id} = ${this.#field(context.record, names[0]!)};`);
    names.slice(1).forEach((name, i) => {
      const rest = `namesOver(stepMembers(${id}), ${all}, ${i + 1}, ${as !== 'members'})`;
      lines.push(`if (Array.isArray(${id})) ${id} = ${as === 'value' ? `norm(${rest})` : rest};`, 'else {');
      lines.push(`${id} = typeof ${id} === "object" && ${id} !== null ? ${this.#field(id, name)} : undefined;`);
    });
    lines.push(end, '}'.repeat(names.length));
    this.#out.push(lines.join('\n'));
    return { js: id, kind: 'any' };
  }

  #step(step: Node, members: string, i: number, steps: Node[], context: Context, frame: Frame): string {
    const last = i === steps.length - 1;
    const results = this.#temp('[]');
    let lists = true;
    const body = (inner: Context) => {
      let value = this.#node(step, inner, frame);
      for (const { expr } of step.stages ?? []) value = this.#filter(value, expr!, frame);
      lists = LISTS.has(value.kind);
      const push = !lists || last ? `${results}.push(${value.js});` : `pushFlat(${results}, ${value.js});`;
      this.#out.push(PRESENT.has(value.kind) ? push : `if (${value.js} !== undefined) ${push}`);
    };
    if (i === 0 && step.type === 'variable') body(context);
    else this.#loop(members, (item) => body(this.#context(item)));
    if (last && lists) return this.#temp(`joinLast(${results})`);
    if (last) this.#out.push(`${results}.sequence = true;`);
    return results;
  }

  #sortStep(step: Node, members: string, frame: Frame): string {
    let value: Value = {
      js: this.#temp(`sort(${members}, ${this.#terms(step, frame)}, ${step.position ?? 0})`),
      kind: 'seq',
    };
    for (const { expr } of step.stages ?? []) value = this.#filter(value, expr!, frame);
    return value.js;
  }

  #terms(step: Node, frame: Frame): string {
    const terms = step.terms!.map(
      ({ expression, descending }) => `{part: ${this.#part(expression, frame)}, descending: ${descending === true}}`,
    );
    return `[${terms.join(', ')}]`;
  }

  #tupleStep(step: Node, members: string, tuples: string | undefined, frame: Frame): string {
    const stages = (step.stages ?? []).map(({ type, expr, value }) => {
      if (type === 'index') return `{index: ${JSON.stringify(value)}}`;
      return expr!.type === 'number'
        ? `{at: ${Math.floor(Number(expr!.value))}}`
        : `{filter: ${this.#part(expr!, frame)}}`;
    });
    const all = `[${stages.join(', ')}]`;
    if (step.type === 'sort') {
      const index = JSON.stringify(step.index) ?? 'undefined';
      return this.#temp(
        `tupleSort(${members}, ${tuples}, ${this.#terms(step, frame)}, ${step.position ?? 0}, ${index}, ${all})`,
      );
    }
    const { stages: _, ...plain } = step;
    const carried = this.#constant({ focus: step.focus, index: step.index, ancestor: step.ancestor?.label });
    return this.#temp(`tupleStep(${members}, ${tuples}, ${this.#part(plain, frame)}, ${carried}, ${all})`);
  }

  #filter(value: Value, expr: Node, frame: Frame): Value {
    if (expr.type === 'number')
      return { js: this.#temp(`at(${value.js}, ${Math.floor(Number(expr.value))})`), kind: 'seq' };
    if (this.#tupleNames.size > 0)
      return { js: this.#temp(`filterTuples(${value.js}, ${this.#part(expr, frame)})`), kind: 'seq' };
    const list = this.#temp(`listOf(${value.js})`);
    const results = this.#temp('[]');
    this.#loop(list, (item, index) => {
      const decision = this.#node(expr, this.#context(item), frame);
      if (decision.kind === 'boolean') this.#out.push(`if (${decision.js}) ${results}.push(${item});`);
      else
        this.#out.push(
          `if (${decision.js} === true) ${results}.push(${item});`,
          `else if (${decision.js} !== false && ${decision.js} !== undefined) keep(${decision.js}, ${index}, ${list}.length, ${item}, ${results});`,
        );
    });
    this.#out.push(`${results}.sequence = true;`);
    return { js: results, kind: 'seq' };
  }

  #group(input: string, { lhs, position }: Group, frame: Frame): Value {
    const pairs = lhs.map(([key, value]) => `[${this.#part(key, frame)}, ${this.#part(value, frame)}]`);
    return { js: this.#temp(`group(${input}, [${pairs.join(', ')}], ${position ?? 0})`), kind: 'record' };
  }

  // --- constructors, operators, control ---

  #record(node: Node, context: Context, frame: Frame): Value {
    const pairs = node.lhs as [Node, Node][];
    const keys = pairs.map(([key]) =>
      key.type === 'string' && !key.predicate && !key.group && !key.keepArray ? String(key.value) : undefined,
    );
    const known = keys.every((key) => key !== undefined && !key.startsWith('_jsonata_'));
    // A list is grouped as the library does it when a frame of its own may be needed, or keys must be found.
    if (!known || new Set(keys).size !== keys.length)
      return this.#group(context.js, { lhs: pairs, position: node.position ?? 0 }, frame);
    const inner = this.#context(
      this.#temp(`Array.isArray(${context.js}) ? groupContext(${context.js}) : ${context.js}`),
    );
    const values = pairs.map(([, value]) => this.#node(value, inner, frame));
    const tests = values.filter(({ kind }) => !PRESENT.has(kind)).map(({ js }) => `${js} !== undefined`);
    const name = (key: string) => (key === '__proto__' ? '["__proto__"]' : JSON.stringify(key));
    const literal = `{${keys.map((key, i) => `${name(key!)}: ${values[i]!.js}`).join(', ')}}`;
    const sparse = `recordOf(${this.#constant(keys)}, [${values.map(({ js }) => js).join(', ')}])`;
    return {
      js: this.#temp(tests.length === 0 ? literal : `${tests.join(' && ')} ? ${literal} : ${sparse}`),
      kind: 'record',
    };
  }

  #list(node: Node, context: Context, frame: Frame): Value {
    const items = node.expressions!.map((item) => `[${this.#node(item, context, frame).js}, ${item.value === '['}]`);
    return { js: this.#temp(`cons([${items.join(', ')}], ${node.consarray === true})`), kind: 'any' };
  }

  #condition(node: Node, context: Context, frame: Frame): Value {
    const condition = this.#node(node.condition!, context, frame);
    const id = this.#id('t');
    const kinds: Kind[] = [];
    const write = (branch: Node) =>
      this.#branch(() => {
        const value = this.#node(branch, context, frame);
        kinds.push(value.kind);
        this.#out.push(`${id} = ${value.js};`);
      });
    this.#out.push(`let ${id};`, `if (${truth(condition)}) {`);
    write(node.then!);
    if (node.else) {
      this.#out.push('} else {');
      write(node.else);
    } else kinds.push('scalar');
    this.#out.push('}');
    const [first] = kinds;
    const kind = kinds.every((other) => other === first)
      ? first!
      : kinds.some((other) => LISTS.has(other))
        ? 'any'
        : 'scalar';
    return { js: id, kind };
  }

  #block(node: Node, context: Context, frame: Frame): Value {
    const inner = this.#frame(node.expressions!, frame);
    let value: Value = { js: 'undefined', kind: 'scalar' };
    for (const expression of node.expressions!) value = this.#node(expression, context, inner);
    return value;
  }

  #binary(node: Node, context: Context, frame: Frame): Value {
    const operator = String(node.value);
    const position = node.position ?? 0;
    const token = JSON.stringify(operator);
    const left = this.#node(node.lhs as Node, context, frame);
    if (operator === 'and' || operator === 'or') {
      const id = this.#id('t');
      const operand = ({ js, kind }: Value) => (kind === 'boolean' ? js : `operand(${js}, ${position}, ${token})`);
      this.#out.push(`let ${id} = ${operand(left)};`, `if (${operator === 'and' ? id : `!${id}`}) {`);
      const harmless = cannotThrow(node.rhs!);
      if (!harmless) this.#out.push('try {');
      this.#branch(() => {
        const right = this.#node(node.rhs!, context, frame);
        this.#out.push(`${id} = ${operand(right)};`);
      });
      if (!harmless) this.#out.push(`} catch (e) { throw atOperator(e, ${position}, ${token}); }`);
      this.#out.push('}');
      return { js: id, kind: 'boolean' };
    }
    const right = this.#node(node.rhs!, context, frame);
    const [a, b] = [left.js, right.js];
    switch (operator) {
      case '&':
        return {
          js: this.#temp(
            `typeof ${a} === "string" && typeof ${b} === "string" && ${a}.length + ${b}.length < 1000 ? ${a} + ${b} : concat(${a}, ${b}, ${position})`,
          ),
          kind: 'string',
        };
      case '=':
      case '!=':
        return { js: this.#temp(equality(left, right, operator === '=')), kind: 'boolean' };
      case 'in':
        return { js: this.#temp(`includes(${a}, ${b})`), kind: 'boolean' };
      case '..':
        return { js: this.#temp(`range(${a}, ${b}, ${position})`), kind: 'seq' };
      default: {
        if (COMPARISONS.has(operator)) {
          const same = `typeof ${a} === typeof ${b} && (typeof ${a} === "number" || typeof ${a} === "string")`;
          return {
            js: this.#temp(`${same} ? ${a} ${operator} ${b} : compare(${a}, ${b}, ${token}, ${position})`),
            kind: 'scalar',
          };
        }
        const finite = [left, right].filter(({ kind }) => kind !== 'number').map(({ js }) => `Number.isFinite(${js})`);
        const slow = `arithmetic(${a}, ${b}, ${token}, ${position})`;
        return {
          js: this.#temp(
            finite.length === 0 ? `${a} ${operator} ${b}` : `${finite.join(' && ')} ? ${a} ${operator} ${b} : ${slow}`,
          ),
          kind: 'scalar',
        };
      }
    }
  }

  // --- functions ---

  #procedure(
    node: Node,
    context: Context,
    frame: Frame,
  ): { js: string; name: string | undefined; builtin: string | undefined } {
    const procedure = node.procedure!;
    const name = procedure.type === 'path' ? procedure.steps![0]!.value : procedure.value;
    const plain = procedure.type === 'variable' && !procedure.predicate && !procedure.group;
    const builtin = plain && this.#isBuiltin(String(name), frame) ? String(name) : undefined;
    const js = this.#node(procedure, context, frame).js;
    return { js, name: typeof name === 'string' ? name : undefined, builtin };
  }

  /** `$name` that the author may have meant. */
  #meant(node: Node, frame: Frame): string | undefined {
    const procedure = node.procedure!;
    return procedure.type === 'path' ? this.#variable(String(procedure.steps![0]!.value), frame) : undefined;
  }

  #call(node: Node, given: Value[], context: Context, frame: Frame): Value {
    const position = node.position ?? 0;
    const { js, name, builtin } = this.#procedure(node, context, frame);
    const meant = this.#meant(node, frame);
    if (meant !== undefined) this.#out.push(`expectCallable(${js}, ${meant}, ${position}, ${JSON.stringify(name)});`);
    const args = [...given];
    for (const argument of node.arguments!) {
      const value = this.#node(argument, context, frame);
      args.push(
        isData(argument, value)
          ? value
          : {
              js: this.#temp(`typeof ${value.js} === "function" ? argument(${value.js}) : ${value.js}`),
              kind: value.kind,
            },
      );
    }
    const slow = `call(${js}, [${args.map((value) => value.js).join(', ')}], ${context.js}, ${position}, ${JSON.stringify(name)})`;
    const fast = builtin === undefined || args.length !== 1 ? undefined : inline(builtin, args[0]!, slow);
    if (fast) return { js: this.#temp(fast.js), kind: fast.kind };
    return { js: this.#temp(slow), kind: 'seq' };
  }

  #lambda(node: Node, context: Context, frame: Frame): Value {
    if (node.thunk) {
      const call = node.body!;
      const { js } = this.#procedure(call, context, frame);
      const args = call.arguments!.map((argument) => this.#node(argument, context, frame).js);
      const token = call.procedure!.type === 'variable' ? JSON.stringify(call.procedure!.value) : 'undefined';
      return {
        js: this.#temp(`tail(${js}, [${args.join(', ')}], ${call.procedure!.position}, ${token})`),
        kind: 'scalar',
      };
    }
    const args = this.#id('a');
    const body = this.#function(() => {
      const parameters: Frame = { kind: 'slots', slots: new Map(), outer: frame };
      node.arguments!.forEach(({ value }, i) => {
        const js = this.#id('v');
        parameters.slots.set(String(value), { js });
        this.#definite.add(js);
        this.#out.push(`let ${js} = ${args}[${i}];`);
      });
      for (const name of bound([node.body!]))
        if (!parameters.slots.has(name)) {
          const js = this.#id('v');
          parameters.slots.set(name, { js });
          this.#out.push(`let ${js} = UNBOUND;`);
        }
      return this.#node(node.body!, context, parameters).js;
    });
    const signature = node.signature ? this.#constant(node.signature) : 'undefined';
    return {
      js: this.#temp(`lambda((${args}) => {\n${body}}, ${node.arguments!.length}, ${signature})`),
      kind: 'scalar',
    };
  }

  #partial(node: Node, context: Context, frame: Frame): Value {
    const args = node.arguments!.map((argument) =>
      argument.type === 'operator' && argument.value === '?' ? 'HOLE' : this.#node(argument, context, frame).js,
    );
    const { js, name } = this.#procedure(node, context, frame);
    const meant = this.#meant(node, frame);
    const near = meant === undefined ? 'false' : `${js} === undefined && !!${meant}`;
    return {
      js: this.#temp(`partial(${js}, [${args.join(', ')}], ${node.position ?? 0}, ${JSON.stringify(name)}, ${near})`),
      kind: 'scalar',
    };
  }

  #apply(node: Node, context: Context, frame: Frame): Value {
    const left = this.#node(node.lhs as Node, context, frame);
    const rhs = node.rhs!;
    if (rhs.type === 'function') {
      const value = this.#call(rhs, [left], context, frame);
      // What is attached to the call is not evaluated here: the library takes the call alone.
      return { js: value.js, kind: LISTS.has(value.kind) ? 'seq' : value.kind };
    }
    const right = this.#node(rhs, context, frame);
    return { js: this.#temp(`pipe(${left.js}, ${right.js}, ${node.position ?? 0}, compose)`), kind: 'seq' };
  }

  #transform(node: Node, frame: Frame): Value {
    const remove = node.delete ? this.#part(node.delete, frame) : 'undefined';
    const parts = `{pattern: ${this.#part(node.pattern!, frame)}, update: ${this.#part(node.update!, frame)}, remove: ${remove}}`;
    const positions = this.#constant({
      transform: node.position ?? 0,
      update: node.update!.position ?? 0,
      remove: node.delete?.position ?? 0,
    });
    const signature = this.#constant(TRANSFORM_SIGNATURE);
    return {
      js: this.#temp(`transform(() => ${this.#variable('clone', frame)}, ${parts}, ${positions}, ${signature})`),
      kind: 'scalar',
    };
  }
}

function slotOf(frame: Frame, name: string): string {
  for (let at: Frame | undefined = frame; at; at = at.outer)
    if (at.kind === 'slots' && at.slots.has(name)) return at.slots.get(name)!.js;
  throw new Error(`$${name} is bound in an unexpected place`);
}

const truth = ({ js, kind }: Value): string => (kind === 'boolean' ? js : `truth(${js})`);

/** No function can come out of it. */
const isData = (node: Node, { kind }: Value): boolean =>
  PRESENT.has(kind) ||
  (node.type === 'binary' && kind === 'scalar') ||
  node.type === 'string' ||
  node.type === 'number';

function cannotThrow(node: Node): boolean {
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

function equality(left: Value, right: Value, same: boolean): string {
  const literal = [left, right].find(({ kind, js }) => kind === 'string' && js.startsWith('"'));
  if (literal) {
    const other = literal === left ? right : left;
    return same ? `${other.js} === ${literal.js}` : `${other.js} !== undefined && ${other.js} !== ${literal.js}`;
  }
  return `${same ? 'equal' : 'unequal'}(${left.js}, ${right.js})`;
}

/** Built-in functions of one argument where it is of the usual type. */
function inline(name: string, { js, kind }: Value, slow: string): Value | undefined {
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
      return { js: `typeof ${js} === "string" ? ${js}.toUpperCase() : ${slow}`, kind: 'scalar' };
    case 'lowercase':
      return { js: `typeof ${js} === "string" ? ${js}.toLowerCase() : ${slow}`, kind: 'scalar' };
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
