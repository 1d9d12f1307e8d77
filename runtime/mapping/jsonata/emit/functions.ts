/** Functions: calls, lambdas, partial application, transforms. */
import { type Node, parse } from '../ast.ts';
import { bound, type Frame } from '../scope.ts';
import { type Context, inline, isData, LISTS, type Value } from './code.ts';
import { PathWriter } from './paths.ts';

const TRANSFORM_SIGNATURE = parse('function($value)<(oa):o>{$value}').signature;

export abstract class FunctionWriter extends PathWriter {
  protected procedure(
    node: Node,
    context: Context,
    frame: Frame,
  ): { js: string; name: string | undefined; builtin: string | undefined } {
    const procedure = node.procedure!;
    const name = procedure.type === 'path' ? procedure.steps![0]!.value : procedure.value;
    const plain = procedure.type === 'variable' && !procedure.predicate && !procedure.group;
    const builtin = plain && this.isBuiltin(String(name), frame) ? String(name) : undefined;
    const js = this.node(procedure, context, frame).js;
    return { js, name: typeof name === 'string' ? name : undefined, builtin };
  }

  /** `$name` that the author may have meant. */
  protected meant(node: Node, frame: Frame): string | undefined {
    const procedure = node.procedure!;
    return procedure.type === 'path' ? this.variable(String(procedure.steps![0]!.value), frame) : undefined;
  }

  protected call(node: Node, given: Value[], context: Context, frame: Frame): Value {
    const position = node.position ?? 0;
    const { js, name, builtin } = this.procedure(node, context, frame);
    const meant = this.meant(node, frame);
    if (meant !== undefined) this.out.push(`expectCallable(${js}, ${meant}, ${position}, ${JSON.stringify(name)});`);
    const args = [...given];
    for (const argument of node.arguments!) {
      const value = this.node(argument, context, frame);
      args.push(
        isData(argument, value)
          ? value
          : {
              js: this.temp(`typeof ${value.js} === "function" ? argument(${value.js}) : ${value.js}`),
              kind: value.kind,
            },
      );
    }
    const slow = `call(${js}, [${args.map((value) => value.js).join(', ')}], ${context.js}, ${position}, ${JSON.stringify(name)})`;
    const fast = builtin === undefined || args.length !== 1 ? undefined : inline(builtin, args[0]!, slow);
    if (fast) return { js: this.temp(fast.js), kind: fast.kind };
    return { js: this.temp(slow), kind: 'seq' };
  }

  protected lambda(node: Node, context: Context, frame: Frame): Value {
    if (node.thunk) {
      const call = node.body!;
      const { js } = this.procedure(call, context, frame);
      const args = call.arguments!.map((argument) => this.node(argument, context, frame).js);
      const token = call.procedure!.type === 'variable' ? JSON.stringify(call.procedure!.value) : 'undefined';
      return {
        js: this.temp(`tail(${js}, [${args.join(', ')}], ${call.procedure!.position}, ${token})`),
        kind: 'scalar',
      };
    }
    const args = this.id('a');
    const body = this.closure(() => {
      const parameters: Frame = { kind: 'slots', slots: new Map(), outer: frame };
      node.arguments!.forEach(({ value }, i) => {
        const js = this.id('v');
        parameters.slots.set(String(value), { js });
        this.definite.add(js);
        this.out.push(`let ${js} = ${args}[${i}];`);
      });
      this.out.push(this.taken(node, 'function', 'called'));
      for (const name of bound([node.body!]))
        if (!parameters.slots.has(name)) {
          const js = this.id('v');
          parameters.slots.set(name, { js });
          this.out.push(`let ${js} = UNBOUND;`);
        }
      return this.node(node.body!, context, parameters).js;
    });
    const signature = node.signature ? this.constant(node.signature) : 'undefined';
    return {
      js: this.temp(`lambda((${args}) => {\n${body}}, ${node.arguments!.length}, ${signature})`),
      kind: 'scalar',
    };
  }

  protected partial(node: Node, context: Context, frame: Frame): Value {
    const args = node.arguments!.map((argument) =>
      argument.type === 'operator' && argument.value === '?' ? 'HOLE' : this.node(argument, context, frame).js,
    );
    const { js, name } = this.procedure(node, context, frame);
    const meant = this.meant(node, frame);
    const near = meant === undefined ? 'false' : `${js} === undefined && !!${meant}`;
    return {
      js: this.temp(`partial(${js}, [${args.join(', ')}], ${node.position ?? 0}, ${JSON.stringify(name)}, ${near})`),
      kind: 'scalar',
    };
  }

  protected apply(node: Node, context: Context, frame: Frame): Value {
    const left = this.node(node.lhs as Node, context, frame);
    const rhs = node.rhs!;
    if (rhs.type === 'function') {
      const value = this.call(rhs, [left], context, frame);
      // What is attached to the call is not evaluated here: the library takes the call alone.
      return { js: value.js, kind: LISTS.has(value.kind) ? 'seq' : value.kind };
    }
    const right = this.node(rhs, context, frame);
    return { js: this.temp(`pipe(${left.js}, ${right.js}, ${node.position ?? 0}, compose)`), kind: 'seq' };
  }

  protected transform(node: Node, frame: Frame): Value {
    const remove = node.delete ? this.part(node.delete, frame) : 'undefined';
    const parts = `{pattern: ${this.part(node.pattern!, frame)}, update: ${this.part(node.update!, frame)}, remove: ${remove}}`;
    const positions = this.constant({
      transform: node.position ?? 0,
      update: node.update!.position ?? 0,
      remove: node.delete?.position ?? 0,
    });
    const signature = this.constant(TRANSFORM_SIGNATURE);
    return {
      js: this.temp(`transform(() => ${this.variable('clone', frame)}, ${parts}, ${positions}, ${signature})`),
      kind: 'scalar',
    };
  }
}
