/**
 * JSONata makes one value of a sequence of one. The target's schema says what must be a list, so a document with one line keeps
 * its list. Also drops JSONata's marks on arrays by copying. Follows `properties`, `items` and local `$ref`s.
 */
type Schema = Record<string, unknown>;

export function shapeBySchema(value: unknown, schema: Schema | undefined, root: Schema | undefined = schema): unknown {
  const own = resolve(schema, root);
  if (own?.type === 'array') {
    if (value === undefined) return undefined;
    const members = Array.isArray(value) ? value : [value];
    return members.map((member) => shapeBySchema(member, own.items as Schema | undefined, root));
  }
  if (Array.isArray(value)) return value.map((member) => shapeBySchema(member, undefined, root));
  if (typeof value !== 'object' || value === null) return value;
  const properties = (own?.properties ?? {}) as Record<string, Schema>;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      shapeBySchema(member, Object.hasOwn(properties, name) ? properties[name] : undefined, root),
    ]),
  );
}

function resolve(schema: Schema | undefined, root: Schema | undefined): Schema | undefined {
  let at = schema;
  for (let hops = 0; typeof at?.$ref === 'string' && hops < 16; hops++) {
    const path = at.$ref;
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
