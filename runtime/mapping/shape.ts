/**
 * JSONata makes one value of a sequence of one. The target's schema says what must be a list, so a document with one line keeps
 * its list. Also drops JSONata's marks on arrays by copying. Follows `properties`, `items` and local `$ref`s.
 */
import { DocumentError } from '../errors.ts';

type Schema = Record<string, unknown>;

/** A value that is found in many places is written out in each: members and characters of the result. */
const MAX_MEMBERS = 5_000_000;
const MAX_CHARACTERS = 256 * 1024 * 1024;
const MAX_DEPTH = 500;

interface Size {
  members: number;
  characters: number;
}

/** Throws MappingFailed `budget.exceeded` for a result that is too large or holds itself. */
export const shapeBySchema = (value: unknown, schema: Schema | undefined): unknown =>
  shaped(value, schema && shapeOf(schema, schema), { members: 0, characters: 0 }, 0);

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
  if (typeof value === 'string') size.characters += value.length;
  if (++size.members > MAX_MEMBERS || size.characters > MAX_CHARACTERS || depth > MAX_DEPTH)
    throw new DocumentError({
      class: 'MappingFailed',
      code: 'budget.exceeded',
      message: `The result of the mapping is too large: more than ${MAX_MEMBERS} values, ${MAX_CHARACTERS} characters or ${MAX_DEPTH} levels`,
    });
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
