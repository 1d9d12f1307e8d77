/**
 * JSONata makes one value of a sequence of one. The target's schema says what must be a list, so a document with one line keeps
 * its list. Also drops JSONata's marks on arrays by copying. Follows `properties`, `items` and local `$ref`s.
 */
import { DocumentError } from '../errors.ts';
import { meter, startMeter, tick } from './jsonata/budget.ts';
import { JsonataError } from './jsonata/errors.ts';

type Schema = Record<string, unknown>;

/** A value that is found in many places is written out in each: characters of the result, all together. */
const MAX_CHARACTERS = 64 * 1024 * 1024;
const MAX_DEPTH = 500;

/** Characters so far. */
interface Size {
  characters: number;
}

/**
 * Throws MappingFailed `budget.exceeded` for a result that is too large or holds itself: it is written out under a budget as large as that of
 * an evaluation.
 */
export function shapeBySchema(value: unknown, schema: Schema | undefined, milliseconds?: number): unknown {
  startMeter(milliseconds);
  try {
    return shaped(value, schema && shapeOf(schema, schema), { characters: 0 }, 0);
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
  items(): Shape | undefined;
  property(name: string): Shape | undefined;
}
const known = new WeakMap<Schema, Shape>();

function shapeOf(schema: Schema, root: Schema): Shape {
  const cached = known.get(schema);
  if (cached) return cached;
  const own = resolve(schema, root) ?? {};
  const properties = (own.properties ?? {}) as Record<string, Schema>;
  const members = new Map<string, Shape | undefined>();
  const sub = (member: unknown) =>
    typeof member === 'object' && member !== null ? shapeOf(member as Schema, root) : undefined;
  const shape: Shape = {
    list: own.type === 'array',
    items: () => sub(own.items),
    property(name) {
      if (!members.has(name)) members.set(name, Object.hasOwn(properties, name) ? sub(properties[name]) : undefined);
      return members.get(name);
    },
  };
  known.set(schema, shape);
  return shape;
}

function shaped(value: unknown, shape: Shape | undefined, size: Size, depth: number): unknown {
  if (--meter.left < 0) tick();
  if (typeof value === 'string') {
    size.characters += value.length;
    if (size.characters > MAX_CHARACTERS) throw tooLarge(`more than ${MAX_CHARACTERS} characters`);
  }
  if (depth > MAX_DEPTH) throw tooLarge(`more than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    const items = shape?.list ? shape.items() : undefined;
    const list: unknown[] = [];
    for (let i = 0; i < value.length; i++) list.push(shaped(value[i], items, size, depth + 1));
    return list;
  }
  if (shape?.list) return value === undefined ? undefined : [shaped(value, shape.items(), size, depth + 1)];
  if (typeof value !== 'object' || value === null) return value;
  const record: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const member = shaped((value as Schema)[name], shape?.property(name), size, depth + 1);
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
