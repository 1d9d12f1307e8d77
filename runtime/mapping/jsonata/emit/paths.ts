/** Paths: steps as loops, filters, tuple streams, sorting, grouping. */
import type { Group, Node } from '../ast.ts';
import type { Frame } from '../scope.ts';
import { type Context, LISTS, PRESENT, type Value } from './code.ts';
import { Writer } from './writer.ts';

/** `valueOf` and the like are found on every object, so these are looked at with care. */
const OBJECT_NAMES: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

export abstract class PathWriter extends Writer {
  protected field(record: string, name: string): string {
    const key = JSON.stringify(name);
    return OBJECT_NAMES.has(name) ? `own(${record}, ${key})` : `${record}[${key}]`;
  }

  protected path(node: Node, context: Context, frame: Frame): Value {
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
    if (whole && !node.keepSingletonArray && !node.group) return this.names(context, names, 'value');

    /** JavaScript of what the next step goes over, and of the result so far. */
    let result = '';
    let members = '';
    let tuples: string | undefined;
    let tupled = false;
    /** Where it is empty the path ends there: the list `[…]` that it begins with, what the tuples begin with. */
    const ends: [members: string, value: string][] = [];
    if (count > 0) members = result = this.names(context, names, whole ? 'list' : 'members').js;
    for (let i = count; i < steps.length; i++) {
      const step = steps[i]!;
      if (step.tuple && !tupled && i > 0) ends.push([members, 'sequence()']);
      tupled ||= step.tuple === true;
      if (i === 0 && step.consarray) {
        const list = this.temp(`listOf(${context.js})`);
        result = this.node(step, this.context(list), frame).js;
        if (!step.tuple) ends.push([`Array.isArray(${result}) && ${result}`, result]);
        members = step.focus ? list : this.temp(`Array.isArray(${result}) ? ${result} : NONE`);
        continue;
      }
      if (i === 0)
        members =
          step.type === 'variable'
            ? `[${context.js}]`
            : this.temp(`Array.isArray(${context.js}) ? ${context.js} : [${context.js}]`);
      if (tupled) {
        tuples = this.tupleStep(step, members, tuples, frame);
        continue;
      }
      result =
        step.type === 'sort' ? this.sortStep(step, members, frame) : this.step(step, members, i, steps, context, frame);
      members = result;
    }
    if (tuples !== undefined) result = node.tuple || node.group ? tuples : this.temp(`valuesOf(${tuples})`);
    if (steps.length > 1)
      for (const [list, value] of ends.reverse()) result = this.temp(`(${list}).length === 0 ? ${value} : ${result}`);
    if (node.keepSingletonArray) result = this.temp(`keepSingleton(${result})`);
    if (node.group) return this.group(result, node.group, frame);
    return { js: result, kind: 'seq' };
  }

  /** Fields of fields. As its value; as the list that keeping or grouping needs; or as members for the next step. */
  protected names(context: Context, names: string[], as: 'value' | 'list' | 'members'): Value {
    context.use();
    const all = this.constant(names);
    const id = this.id('t');
    const over = `namesOver(${context.js}, ${all}, 0, ${as !== 'members'})`;
    const lines = [`let ${id};`, `if (${context.list}) ${id} = ${as === 'value' ? `norm(${over})` : over};`, 'else {'];
    const end = {
      value: `if (Array.isArray(${id})) ${id} = last(${id});`,
      list: `${id} = listLast(${id});`,
      members: `${id} = stepMembers(${id});`,
    }[as];
    lines.push(`${id} = ${this.field(context.record, names[0]!)};`);
    names.slice(1).forEach((name, i) => {
      const rest = `namesOver(stepMembers(${id}), ${all}, ${i + 1}, ${as !== 'members'})`;
      lines.push(`if (Array.isArray(${id})) ${id} = ${as === 'value' ? `norm(${rest})` : rest};`, 'else {');
      lines.push(`${id} = typeof ${id} === "object" && ${id} !== null ? ${this.field(id, name)} : undefined;`);
    });
    lines.push(end, '}'.repeat(names.length));
    this.out.push(lines.join('\n'));
    return { js: id, kind: 'any' };
  }

  protected step(step: Node, members: string, i: number, steps: Node[], context: Context, frame: Frame): string {
    const last = i === steps.length - 1;
    const results = this.temp('[]');
    let lists = true;
    const body = (inner: Context) => {
      let value = this.node(step, inner, frame);
      for (const { expr } of step.stages ?? []) value = this.filter(value, expr!, frame);
      lists = LISTS.has(value.kind);
      const push = !lists || last ? `${results}.push(${value.js});` : `pushFlat(${results}, ${value.js});`;
      this.out.push(PRESENT.has(value.kind) ? push : `if (${value.js} !== undefined) ${push}`);
    };
    if (i === 0 && step.type === 'variable') body(context);
    else this.loop(members, (item) => body(this.context(item)));
    if (last && lists) return this.temp(`joinLast(${results})`);
    if (last) this.out.push(`${results}.sequence = true;`);
    return results;
  }

  protected sortStep(step: Node, members: string, frame: Frame): string {
    let value: Value = {
      js: this.temp(`sort(${members}, ${this.terms(step, frame)}, ${step.position ?? 0})`),
      kind: 'seq',
    };
    for (const { expr } of step.stages ?? []) value = this.filter(value, expr!, frame);
    return value.js;
  }

  protected terms(step: Node, frame: Frame): string {
    const terms = step.terms!.map(
      ({ expression, descending }) => `{part: ${this.part(expression, frame)}, descending: ${descending === true}}`,
    );
    return `[${terms.join(', ')}]`;
  }

  protected tupleStep(step: Node, members: string, tuples: string | undefined, frame: Frame): string {
    const stages = (step.stages ?? []).map(({ type, expr, value }) => {
      if (type === 'index') return `{index: ${JSON.stringify(value)}}`;
      return expr!.type === 'number'
        ? `{at: ${Math.floor(Number(expr!.value))}}`
        : `{filter: ${this.part(expr!, frame)}}`;
    });
    const all = `[${stages.join(', ')}]`;
    if (step.type === 'sort') {
      const index = JSON.stringify(step.index) ?? 'undefined';
      return this.temp(
        `tupleSort(${members}, ${tuples}, ${this.terms(step, frame)}, ${step.position ?? 0}, ${index}, ${all})`,
      );
    }
    const { stages: _, ...plain } = step;
    const carried = this.constant({ focus: step.focus, index: step.index, ancestor: step.ancestor?.label });
    return this.temp(`tupleStep(${members}, ${tuples}, ${this.part(plain, frame)}, ${carried}, ${all})`);
  }

  protected filter(value: Value, expr: Node, frame: Frame): Value {
    if (expr.type === 'number')
      return { js: this.temp(`at(${value.js}, ${Math.floor(Number(expr.value))})`), kind: 'seq' };
    if (this.tupleNames.size > 0)
      return { js: this.temp(`filterTuples(${value.js}, ${this.part(expr, frame)})`), kind: 'seq' };
    const list = this.temp(`listOf(${value.js})`);
    const results = this.temp('[]');
    const [kept, left] = [this.taken(expr, '[…]', 'kept'), this.taken(expr, '[…]', 'left out')];
    this.loop(list, (item, index) => {
      const before = kept && this.temp(`${results}.length`);
      const decision = this.node(expr, this.context(item), frame);
      if (decision.kind === 'boolean') this.out.push(`if (${decision.js}) ${results}.push(${item});`);
      else
        this.out.push(
          `if (${decision.js} === true) ${results}.push(${item});`,
          `else if (${decision.js} !== false && ${decision.js} !== undefined) keep(${decision.js}, ${index}, ${list}.length, ${item}, ${results});`,
        );
      if (kept) this.out.push(`if (${results}.length > ${before}) ${kept} else ${left}`);
    });
    this.out.push(`${results}.sequence = true;`);
    return { js: results, kind: 'seq' };
  }

  protected group(input: string, { lhs, position }: Group, frame: Frame): Value {
    const pairs = lhs.map(([key, value]) => `[${this.part(key, frame)}, ${this.part(value, frame)}]`);
    return { js: this.temp(`group(${input}, [${pairs.join(', ')}], ${position ?? 0})`), kind: 'record' };
  }
}
