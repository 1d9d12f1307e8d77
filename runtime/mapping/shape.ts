/**
 * JSONata makes one value of a sequence of one. The target's schema says what must be a list, so a document with one line keeps
 * its list. Also drops JSONata's marks on arrays by copying. Follows `properties`, `items` and local `$ref`s.
 */
import { sortKeys } from '../canonical.ts';
import { DocumentError } from '../errors.ts';
import { meter, startMeter, tick } from './jsonata/budget.ts';
import { JsonataError } from './jsonata/errors.ts';

type Schema = Record<string, unknown>;

/** A value that is found in many places is written out in each: characters of the result, all together. */
const MAX_CHARACTERS = 64 * 1024 * 1024;
const MAX_DEPTH = 500;

/** Of one result. */
interface Writing {
  /** So far. */
  characters: number;
  sorted: boolean;
}

export interface ShapeOptions {
  /** Keys of every object in their order in canonical JSON; else as the mapping wrote them. */
  sorted?: boolean;
  /** Of CPU; default that of an evaluation. */
  milliseconds?: number;
}

/**
 * Throws MappingFailed `budget.exceeded` for a result that is too large or holds itself: it is written out under a budget as large as that of
 * an evaluation.
 */
export function shapeBySchema(
  value: unknown,
  schema: Schema | undefined,
  { sorted = false, milliseconds }: ShapeOptions = {},
): unknown {
  startMeter(milliseconds);
  try {
    return shaped(value, schema ? shapeOf(schema, schema) : SHAPELESS, { characters: 0, sorted }, 0);
  } catch (error) {
    if (!(error instanceof JsonataError)) throw error;
    throw tooLarge(error.message);
  }
}

const tooLarge = (why: string): DocumentError =>
  new DocumentError({
    class: 'MappingFailed',
    code: 'budget.exceeded',
    message: `The result of the mapping is too large: ${why}`,
  });

/** What a schema says of shape; members are resolved when they are first met, for schemas that hold themselves. */
interface Shape {
  list: boolean;
  items(): Shape;
  /** How an object with these keys is written. */
  layout(keys: string[], sorted: boolean): Layout;
}
interface Layout {
  keys: readonly string[];
  sorted: boolean;
  /** The keys, as they are written, and the shapes of their members. */
  names: readonly string[];
  members: readonly Shape[];
}
const known = new WeakMap<Schema, Shape>();

/** What has more keys is a table rather than a record: they are not kept. */
const MAX_KEPT_KEYS = 1_000;

/** Objects of one place have the same keys as a rule: what was found out of the last one is kept. */
function keeper(memberOf: (name: string) => Shape): Shape['layout'] {
  let last: Layout | undefined;
  return (keys, sorted) => {
    if (last !== undefined && last.sorted === sorted && sameKeys(last.keys, keys)) return last;
    const names = sorted ? sortKeys([...keys]) : keys;
    const layout = { keys, sorted, names, members: names.map(memberOf) };
    if (keys.length <= MAX_KEPT_KEYS) last = layout;
    return layout;
  };
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Of what no schema tells of. */
const SHAPELESS: Shape = { list: false, items: () => SHAPELESS, layout: keeper(() => SHAPELESS) };

function shapeOf(schema: Schema, root: Schema): Shape {
  const cached = known.get(schema);
  if (cached) return cached;
  const own = resolve(schema, root) ?? {};
  const properties = (own.properties ?? {}) as Record<string, Schema>;
  const sub = (member: unknown) =>
    typeof member === 'object' && member !== null ? shapeOf(member as Schema, root) : SHAPELESS;
  const shape: Shape = {
    list: own.type === 'array',
    items: () => sub(own.items),
    layout: keeper((name) => (Object.hasOwn(properties, name) ? sub(properties[name]) : SHAPELESS)),
  };
  known.set(schema, shape);
  return shape;
}

function shaped(value: unknown, shape: Shape, writing: Writing, depth: number): unknown {
  if (--meter.left < 0) tick();
  if (typeof value === 'string' && !shape.list) {
    writing.characters += value.length;
    if (writing.characters > MAX_CHARACTERS) throw tooLarge(`more than ${MAX_CHARACTERS} characters`);
    return value;
  }
  if (depth > MAX_DEPTH) throw tooLarge(`more than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    const items = shape.list ? shape.items() : SHAPELESS;
    const list: unknown[] = [];
    for (let i = 0; i < value.length; i++) list.push(shaped(value[i], items, writing, depth + 1));
    return list;
  }
  if (shape.list) return value === undefined ? undefined : [shaped(value, shape.items(), writing, depth + 1)];
  if (typeof value !== 'object' || value === null) return value;
  const { names, members } = shape.layout(Object.keys(value), writing.sorted);
  const record: Record<string, unknown> = {};
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const member = shaped((value as Schema)[name], members[i]!, writing, depth + 1);
    if (name === '__proto__')
      Object.defineProperty(record, name, { value: member, enumerable: true, configurable: true, writable: true });
    else record[name] = member;
  }
  return record;
}

function resolve(schema: Schema, root: Schema): Schema | undefined {
  let at: Schema | undefined = schema;
  for (let hops = 0; typeof at?.$ref === 'string' && hops < 16; hops++) {
    const path: string = at.$ref;
    if (path === '#') return root;
    if (!path.startsWith('#/')) return undefined;
    at = path
      .slice(2)
      .split('/')
      .reduce<unknown>(
        (node, part) => (node as Schema | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')],
        root,
      ) as Schema | undefined;
  }
  return at;
}
