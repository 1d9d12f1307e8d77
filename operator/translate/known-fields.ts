/**
 * What an expression reads that the type of its input does not have, and what it makes that the type of its result does not have, as far
 * as that can be told without running it. Schemas are followed through properties, items and local references; where a schema leaves a
 * choice (anyOf, if, patternProperties …) or an expression goes its own way (wildcards, functions, parents), nothing is said.
 */
import { nearest } from '../../crds/nearest.ts';
import { type Node, parse } from '../../runtime/mapping/jsonata/ast.ts';
import type { Remark } from './expressions.ts';
import { typeOf } from './known-types.ts';

type Schema = Readonly<Record<string, unknown>>;
/** undefined: not known. */
type Known = Schema | undefined;

export interface Sides {
  source?: Schema | undefined;
  target?: Schema | undefined;
}

/** For an expression without fault; sorted by place. */
export function unknownFields(text: string, { source, target }: Sides): Remark[] {
  const remarks: (Remark & { position: number })[] = [];
  const note = (position: number, message: string, remedy: string) => {
    const before = text.slice(0, position).split('\n');
    const place = { line: before.length, column: before.at(-1)!.length + 1 };
    if (!remarks.some((one) => one.position === position)) remarks.push({ ...place, message, remedy, position });
  };
  const tree = parse(text);
  if (source) {
    const reader = new Reader(source, note);
    reader.read(tree, source, new Map());
    if (reader.ofReply) remarks.length = 0;
  }
  if (target) compare(tree, target, target, note);
  return remarks.sort((a, b) => a.position - b.position).map(({ position: _, ...remark }) => remark);
}

type NoteField = (position: number, message: string, remedy: string) => void;
type Scope = ReadonlyMap<string, Known>;

/** A reply's mapping gets the answer of the other side and what was asked. */
const REPLY: ReadonlySet<string> = new Set(['answer', 'request']);

/** Gives what is known of values, and notes the fields that are not there. */
class Reader {
  /** It reads what a reply's mapping gets, which no type describes. */
  ofReply = false;
  readonly #root: Schema;
  readonly #note: NoteField;

  constructor(root: Schema, note: NoteField) {
    this.#root = root;
    this.#note = note;
  }

  read(node: Node | undefined, context: Known, scope: Scope): Known {
    if (!node) return undefined;
    const all = (nodes: readonly Node[] = []) => {
      for (const one of nodes) this.read(one, context, scope);
    };
    switch (node.type) {
      case 'path':
        return this.#path(node, context, scope);
      case 'name':
        return this.#field(node, context);
      case 'variable':
        if (node.value === '') return context;
        return node.value === '$' ? this.#root : scope.get(String(node.value));
      case 'block': {
        const own = new Map(scope);
        let last: Known;
        for (const one of node.expressions ?? []) last = this.read(one, context, own);
        return last;
      }
      case 'bind': {
        const value = this.read(node.rhs, context, scope);
        (scope as Map<string, Known>).set(String((node.lhs as Node).value), value);
        return value;
      }
      case 'condition':
        all([node.condition!, node.then!]);
        this.read(node.else, context, scope);
        return undefined;
      case 'lambda': {
        const own = new Map(scope);
        for (const { value } of node.arguments ?? []) own.set(String(value), undefined);
        this.read(node.body, context, own);
        return undefined;
      }
      case 'unary':
        for (const [name, value] of Array.isArray(node.lhs) ? node.lhs : []) all([name, value]);
        all(node.expressions);
        this.read(node.expression, context, scope);
        return undefined;
      case 'function':
      case 'partial':
        all(node.arguments);
        return undefined;
      case 'apply':
      case 'binary':
        this.read(node.lhs as Node, context, scope);
        this.read(node.rhs, context, scope);
        return undefined;
      default:
        return undefined;
    }
  }

  #path({ steps = [], group }: Node, context: Known, outer: Scope): Known {
    const scope = new Map(outer);
    let at = context;
    for (const step of steps) {
      if (step.type === 'sort') {
        for (const { expression } of step.terms ?? []) this.read(expression, elementOf(at, this.#root), scope);
        continue;
      }
      at = this.read(step, elementOf(at, this.#root), scope);
      if (step.focus !== undefined) scope.set(step.focus, elementOf(at, this.#root));
      const filters = [...(step.stages ?? []), ...(step.predicate ?? [])];
      for (const { expr } of filters) this.read(expr, elementOf(at, this.#root), scope);
    }
    for (const pair of group?.lhs ?? []) for (const one of pair) this.read(one, elementOf(at, this.#root), scope);
    return at;
  }

  #field({ value, position = 0 }: Node, context: Known): Known {
    const name = String(value);
    const fields = fieldsOf(elementOf(context, this.#root));
    if (!fields) return undefined;
    if (Object.hasOwn(fields, name)) return resolved(fields[name], this.#root);
    if (context === this.#root && REPLY.has(name)) this.ofReply = true;
    const near = nearest(name, new Set(Object.keys(fields)));
    const remedy = near ? `did you mean ${near}?` : `it has: ${Object.keys(fields).slice(0, 8).join(', ')}`;
    this.#note(Math.max(0, position - name.length), `the type of the input has no field ${name} there`, remedy);
    return undefined;
  }
}

/** Literal objects and lists that an expression ends in, beside the schema of the result. */
function compare(node: Node | undefined, schema: Known, root: Schema, note: NoteField): void {
  if (!node || !schema) return;
  const end = node.type === 'block' ? node.expressions?.at(-1) : node.type === 'path' ? node.steps?.at(-1) : node;
  if (!end) return;
  if (end !== node) {
    compare(end, schema, root, note);
    return;
  }
  if (node.type === 'condition') {
    compare(node.then, schema, root, note);
    compare(node.else, schema, root, note);
  }
  checkType(node, resolved(schema, root), note);
  if (node.type !== 'unary') return;
  if (node.value === '[') {
    const items = elementOf(schema, root);
    for (const one of node.expressions ?? []) if (items !== schema) compare(one, items, root, note);
    return;
  }
  const element = elementOf(schema, root);
  const fields = fieldsOf(element);
  if (node.value !== '{' || !Array.isArray(node.lhs) || !fields) return;
  const made = new Set<string>();
  for (const [name, value] of node.lhs) {
    if (name.type !== 'string') return;
    made.add(String(name.value));
    if (Object.hasOwn(fields, String(name.value)))
      compare(value, resolved(fields[String(name.value)], root), root, note);
    else if (element?.additionalProperties === false) {
      const near = nearest(String(name.value), new Set(Object.keys(fields)));
      const remedy = near ? `did you mean ${near}?` : `it has: ${Object.keys(fields).slice(0, 8).join(', ')}`;
      const start = Math.max(0, (name.position ?? 0) - String(name.value).length - 2);
      note(start, `the type of the result has no field ${name.value} there`, remedy);
    }
  }
  const required = Array.isArray(element?.required) ? element.required : [];
  const missing = required.filter((name) => !made.has(String(name)));
  if (missing.length > 0)
    note(
      Math.max(0, (node.position ?? 1) - 1),
      `the type of the result requires ${missing.join(', ')}, which this object does not have`,
      'make it here, or take it out of `required`',
    );
}

/** What a part always gives, beside the type that its place must have. */
function checkType(node: Node, schema: Known, note: NoteField): void {
  if (!schema || CHOICES.some((word) => Object.hasOwn(schema, word))) return;
  const given = typeOf(node);
  const wanted = [schema.type ?? []].flat().map(String);
  const position = Math.max(0, (node.position ?? 1) - 1);
  // One where the schema wants a list becomes a list of one.
  const fits = (type: string) => type === given || type === 'array' || (given === 'number' && type === 'integer');
  if (given && wanted.length > 0 && !wanted.some(fits)) {
    const article = given === 'object' ? 'an' : 'a';
    const remedy = wanted.includes('string')
      ? 'make a text of it with $string, or change the type'
      : given === 'string' && wanted.some((type) => type === 'number' || type === 'integer')
        ? 'make a number of it with $number, or change the type'
        : 'change one of the two';
    note(
      position,
      `the type of the result wants ${wanted.join(' or ')} here, this is always ${article} ${given}`,
      remedy,
    );
  }
  const allowed = Array.isArray(schema.enum)
    ? schema.enum
    : Object.hasOwn(schema, 'const')
      ? [schema.const]
      : undefined;
  if (allowed && (node.type === 'string' || node.type === 'number') && !allowed.includes(node.value)) {
    const shown = allowed.slice(0, 8).map((value) => JSON.stringify(value));
    note(
      position,
      `the type of the result does not allow ${JSON.stringify(node.value)} here`,
      `it allows: ${shown.join(', ')}`,
    );
  }
}

/** Schemas that leave a choice say nothing here. */
const CHOICES = ['anyOf', 'oneOf', 'allOf', 'if', 'not', 'patternProperties', 'dependentSchemas', 'prefixItems'];

function resolved(value: unknown, root: Schema, depth = 0): Known {
  if (typeof value !== 'object' || value === null || depth > 16) return undefined;
  const { $ref } = value as { $ref?: unknown };
  if ($ref === undefined) return value as Schema;
  const [, names] = /^#((?:\/[^/]+)*)$/.exec(String($ref)) ?? [];
  if (names === undefined) return undefined;
  let at: unknown = root;
  for (const name of names
    .split('/')
    .slice(1)
    .map((each) => each.replaceAll('~1', '/').replaceAll('~0', '~')))
    at =
      typeof at === 'object' && at !== null && Object.hasOwn(at, name)
        ? (at as Record<string, unknown>)[name]
        : undefined;
  return resolved(at, root, depth + 1);
}

/** Of a list its items, of anything else itself: paths go through lists. */
function elementOf(schema: Known, root: Schema): Known {
  let at = resolved(schema, root);
  for (let depth = 0; at?.items !== undefined && depth < 16; depth++) at = resolved(at.items, root);
  return at;
}

function fieldsOf(schema: Known): Record<string, unknown> | undefined {
  if (!schema || CHOICES.some((word) => Object.hasOwn(schema, word))) return undefined;
  const { properties, additionalProperties } = schema;
  if (typeof properties !== 'object' || properties === null) return undefined;
  // Said to be open: what else there is nobody knows.
  if (additionalProperties !== undefined && additionalProperties !== false) return undefined;
  return properties as Record<string, unknown>;
}
