/** What a schema takes away that an earlier one gave: fields, values, room. Rules in CEL are not compared: stored objects are tried on them. */

export interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  required?: string[];
  enum?: unknown[];
  [keyword: string]: unknown;
}

/** A bound that is higher, or new, takes room away; one that is lower does. */
const LOWER = ['minLength', 'minItems', 'minProperties', 'minimum'];
const UPPER = ['maxLength', 'maxItems', 'maxProperties', 'maximum'];
/** Any other value than before may refuse what is stored, or merge it differently. */
const FIXED = ['type', 'format', 'pattern', 'default', 'x-kubernetes-list-type', 'x-kubernetes-map-type'];

/** One line per loss, with the path of the field. */
export function narrowings(before: Schema, after: Schema, path = ''): string[] {
  const found: string[] = [];
  const lost = (what: string) => found.push(`${path || '.'}: ${what}`);
  for (const key of FIXED) {
    const [old, now] = [before[key], after[key]].map((value) => JSON.stringify(value));
    if (old !== now && !(key !== 'type' && key !== 'default' && now === undefined))
      lost(`${key} was ${old}, is ${now}`);
  }
  for (const key of LOWER)
    if (after[key] !== undefined && (after[key] as number) > ((before[key] as number | undefined) ?? -Infinity))
      lost(`${key} was ${before[key]}, is ${after[key]}`);
  for (const key of UPPER)
    if (after[key] !== undefined && (after[key] as number) < ((before[key] as number | undefined) ?? Infinity))
      lost(`${key} was ${before[key]}, is ${after[key]}`);
  const values = after.enum && new Set(after.enum.map((value) => JSON.stringify(value)));
  if (values && !before.enum) lost('enum is new');
  for (const value of before.enum ?? [])
    if (values && !values.has(JSON.stringify(value))) lost(`${JSON.stringify(value)} is no value any more`);
  for (const name of after.required ?? []) if (!before.required?.includes(name)) lost(`${name} is required now`);
  for (const [name, schema] of Object.entries(before.properties ?? {})) {
    const now = after.properties?.[name];
    if (now) found.push(...narrowings(schema, now, `${path}.${name}`));
    else if (after['x-kubernetes-preserve-unknown-fields'] !== true) lost(`${name} is gone`);
  }
  if (before.items && after.items) found.push(...narrowings(before.items, after.items, `${path}[]`));
  const [old, now] = [before.additionalProperties, after.additionalProperties];
  if (typeof old === 'object' && typeof now === 'object') found.push(...narrowings(old, now, `${path}.*`));
  else if (old !== undefined && now === undefined) lost("names of one's own are gone");
  return found;
}
