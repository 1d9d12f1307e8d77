/** Writing code: statements, constants, loops, closures, and which JavaScript variable a `$name` is. */
import type { Node } from '../ast.ts';
import type { Way } from '../coverage.ts';
import { bound, type Frame, tupleNames } from '../scope.ts';
import type { Context, EmitOptions, Value } from './code.ts';

export abstract class Writer {
  protected out: string[] = [];
  protected readonly constants: unknown[] = [];
  protected readonly options: EmitOptions;
  protected readonly tupleNames: Set<string>;
  /** JavaScript variables of names that come from outside. */
  protected readonly globals = new Map<string, string>();
  protected readonly builtins = new Set<string>();
  /** Slots that are certainly bound where code is written now. */
  protected definite = new Set<string>();
  #next = 0;

  constructor(root: Node, options: EmitOptions) {
    this.options = options;
    this.tupleNames = tupleNames(root);
  }

  /** Writes what gives the node's value. */
  protected abstract node(node: Node, context: Context, frame: Frame): Value;

  protected id(letter: string): string {
    return `${letter}${this.#next++}`;
  }
  protected constant(value: unknown): string {
    return `K[${this.constants.push(value) - 1}]`;
  }
  protected temp(js: string): string {
    const id = this.id('t');
    this.out.push(`const ${id} = ${js};`);
    return id;
  }
  protected context(js: string): Context {
    const out = this.out;
    const place = out.push('') - 1;
    const [record, list] = [this.id('r'), this.id('l')];
    const use = () => {
      out[place] =
        `const ${list} = Array.isArray(${js}), ${record} = !${list} && typeof ${js} === "object" && ${js} !== null ? ${js} : EMPTY;`;
    };
    return { js, record, list, use };
  }
  /** What is written in `write` may not happen. */
  protected branch(write: () => void): void {
    const before = new Set(this.definite);
    write();
    this.definite = before;
  }
  /** JavaScript that counts that evaluation goes this way, where that is asked for. */
  protected taken(node: Node, of: string, way: Way): string {
    const { coverage } = this.options;
    if (!coverage) return '';
    this.#counts ??= this.constant(coverage.counts);
    return `${this.#counts}[${coverage.numberOf(node.position ?? 0, of, way)}]++;`;
  }
  #counts: string | undefined;

  /** `(input, tuple) => …` */
  protected part(node: Node, frame: Frame): string {
    const [input, tuple] = [this.id('c'), this.id('u')];
    const tupled = this.tupleNames.size > 0;
    const body = this.closure(() => {
      const around: Frame = tupled ? { kind: 'tuple', js: tuple, outer: frame } : frame;
      const own = tupled ? this.frame([node], around) : around;
      return this.node(node, this.context(input), own).js;
    });
    return `(${input}, ${tuple}) => {\n${body}}`;
  }
  protected closure(write: () => string): string {
    const before = this.out;
    this.out = [];
    let result = '';
    this.branch(() => {
      result = write();
    });
    const body = `${this.out.join('\n')}\nreturn ${result};\n`;
    this.out = before;
    return body;
  }
  protected loop(list: string, write: (item: string, index: string) => void): void {
    const [index, item] = [this.id('i'), this.id('c')];
    const around = this.temp('meter.at');
    this.out.push(`for (let ${index} = 0; ${index} < ${list}.length; ${index}++) {`);
    this.out.push('if (--meter.left < 0) tick();', `const ${item} = ${list}[${index}];`);
    this.out.push(`meter.at = ${item};`);
    this.branch(() => write(item, index));
    this.out.push('}', `meter.at = ${around};`);
  }

  protected frame(nodes: readonly Node[], outer: Frame | undefined): Frame {
    const names = bound(nodes);
    const frame: Frame = { kind: 'slots', slots: new Map(), outer };
    for (const name of names) {
      const js = this.id('v');
      frame.slots.set(name, { js });
      this.out.push(`let ${js} = UNBOUND;`);
    }
    return frame;
  }
  /** The name is the library's own function here, whatever the expression binds elsewhere. */
  protected isBuiltin(name: string, frame: Frame | undefined): boolean {
    if (this.options.overrides || !this.options.functions.has(name)) return false;
    if (this.tupleNames.has(name)) return false;
    for (let at = frame; at; at = at.outer) if (at.kind === 'slots' && at.slots.has(name)) return false;
    return true;
  }
  protected variable(name: string, frame: Frame | undefined): string {
    const found: [test: string, js: string][] = [];
    let end: string | undefined;
    for (let at = frame; at && !end; at = at.outer) {
      if (at.kind === 'tuple') {
        if (this.tupleNames.has(name)) {
          const key = JSON.stringify(name);
          found.push([`${at.js} !== undefined && ${key} in ${at.js}`, `${at.js}[${key}]`]);
        }
        continue;
      }
      const js = at.slots.get(name)?.js;
      if (js === undefined) continue;
      if (this.definite.has(js)) end = js;
      else found.push([`${js} !== UNBOUND`, js]);
    }
    end ??= this.global(name, frame);
    return found.reduceRight((rest, [test, js]) => `(${test} ? ${js} : ${rest})`, end);
  }
  protected global(name: string, frame: Frame | undefined): string {
    if (name === '$') return 'whole';
    if (name === 'eval') return this.eval(frame);
    if (!this.options.overrides && this.options.functions.has(name)) {
      this.builtins.add(name);
      return `N.get(${JSON.stringify(name)})`;
    }
    if (name.startsWith('!')) return 'undefined';
    const known = this.globals.get(name) ?? this.id('g');
    this.globals.set(name, known);
    return known;
  }

  /** `$eval` with the variables that are visible here. */
  protected eval(frame: Frame | undefined): string {
    const names = new Set<string>(this.tupleNames);
    for (let at = frame; at; at = at.outer)
      if (at.kind === 'slots') for (const name of at.slots.keys()) names.add(name);
    names.delete('eval');
    const cases = [...names].map((name) => `case ${JSON.stringify(name)}: return ${this.variable(name, frame)};`);
    const bound = 'evaluator((name) => variable(bindings, name), whole)';
    if (cases.length === 0) return `given(variable(bindings, "eval"), () => ${bound})`;
    const lookup = `(name) => { switch (name) { ${cases.join(' ')} default: return variable(bindings, name); } }`;
    return `given(variable(bindings, "eval"), () => evaluator(${lookup}, whole))`;
  }
}
