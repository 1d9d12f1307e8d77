/** A value against a structural schema, with strict field validation: what the API server's schema check says, and a remedy. */
import { nearest } from './nearest.ts';
import type { Schema } from './schema.ts';

export interface Invalid {
  /** `spec.destinations[0].name`; empty for the whole object. */
  field: string;
  message: string;
  /** How to mend it; empty where the message says it. */
  remedy: string;
  /** The API server leaves CEL rules out when one of these is present. */
  blocking?: boolean;
}

export function checkSchema(schema: Schema, value: unknown, field: string, found: Invalid[]): void {
  if (!schema.type) return;
  const type = typeOf(value);
  if (type !== schema.type) {
    found.push({
      field,
      message: `Invalid value: must be of type ${schema.type}, not ${type}`,
      remedy: schema.type === 'string' && type !== 'null' ? 'put it in quotes' : describe(schema),
      blocking: true,
    });
    return;
  }
  if (type === 'string') checkString(schema, value as string, field, found);
  else if (type === 'integer') checkInteger(schema, value as number, field, found);
  else if (type === 'array') checkList(schema, value as unknown[], field, found);
  else if (type === 'object') checkObject(schema, value as Record<string, unknown>, field, found);
}

/** The server drops declared fields that are null before it looks at anything (none of ours is nullable); items of lists stay. */
export function withoutNulls(schema: Schema | undefined, value: unknown): unknown {
  if (!schema || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withoutNulls(schema.items, item));
  const kept: [string, unknown][] = [];
  for (const [name, inner] of Object.entries(value)) {
    const known = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const declared = known ?? schema.additionalProperties;
    if (!declared || inner !== null) kept.push([name, withoutNulls(declared, inner)]);
  }
  return Object.fromEntries(kept);
}

/** `.a` or `["a.b"]` behind a path. */
export const member = (field: string, name: string): string => {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) return `${field}[${JSON.stringify(name)}]`;
  return field === '' ? name : `${field}.${name}`;
};

export const shorten = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
};

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function checkString(schema: Schema, value: string, field: string, found: Invalid[]): void {
  const length = [...value].length;
  if (schema.enum && !schema.enum.includes(value)) {
    const near = nearest(value, schema.enum);
    const supported = schema.enum.map((each) => JSON.stringify(each)).join(', ');
    found.push({
      field,
      message: `Unsupported value: ${shorten(value)}: supported values: ${supported}`,
      remedy: near ? `did you mean ${near}?` : describe(schema),
      blocking: true,
    });
  }
  if (schema.maxLength !== undefined && length > schema.maxLength)
    found.push({
      field,
      message: `Too long: may not be more than ${schema.maxLength} bytes`,
      remedy: `shorten it: it has ${length}`,
      blocking: true,
    });
  if (schema.minLength !== undefined && length < schema.minLength)
    found.push({
      field,
      message: `Invalid value: ${shorten(value)}: should be at least ${schema.minLength} chars long`,
      remedy: describe(schema),
    });
  if (schema.pattern !== undefined && !compiled(schema.pattern).test(value))
    found.push({
      field,
      message: `Invalid value: ${shorten(value)}: should match '${schema.pattern}'`,
      remedy: describe(schema),
    });
}

function checkInteger(schema: Schema, value: number, field: string, found: Invalid[]): void {
  const say = (relation: string, bound: number): void =>
    void found.push({
      field,
      message: `Invalid value: ${value}: should be ${relation} than or equal to ${bound}`,
      remedy: describe(schema),
    });
  if (schema.minimum !== undefined && value < schema.minimum) say('greater', schema.minimum);
  if (schema.maximum !== undefined && value > schema.maximum) say('less', schema.maximum);
}

function checkList(schema: Schema, value: unknown[], field: string, found: Invalid[]): void {
  if (schema.maxItems !== undefined && value.length > schema.maxItems)
    found.push({
      field,
      message: `Too many: ${value.length}: must have at most ${schema.maxItems} items`,
      remedy: 'split it into several resources',
      blocking: true,
    });
  if (schema.minItems !== undefined && value.length < schema.minItems)
    found.push({
      field,
      message: `Invalid value: ${value.length}: should have at least ${schema.minItems} items`,
      remedy: describe(schema),
    });
  for (const [index, item] of value.entries()) checkSchema(schema.items as Schema, item, `${field}[${index}]`, found);
  const keys = schema['x-kubernetes-list-map-keys'];
  const isSet = schema['x-kubernetes-list-type'] === 'set';
  if (!keys && !isSet) return;
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    if (keys && typeOf(item) !== 'object') continue;
    const key = JSON.stringify(
      keys ? Object.fromEntries(keys.map((name) => [name, (item as Record<string, unknown>)[name]])) : item,
    );
    if (seen.has(key))
      found.push({
        field: `${field}[${index}]`,
        message: `Duplicate value: ${key}`,
        remedy: keys ? `give each item another ${keys.join(' and ')}` : 'remove one',
      });
    seen.add(key);
  }
}

function checkObject(schema: Schema, value: Record<string, unknown>, field: string, found: Invalid[]): void {
  const names = Object.keys(value);
  if (schema.maxProperties !== undefined && names.length > schema.maxProperties)
    found.push({
      field,
      message: `Too many: ${names.length}: must have at most ${schema.maxProperties} items`,
      remedy: 'remove some',
      blocking: true,
    });
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(value, name))
      found.push({
        field: member(field, name),
        message: 'Required value',
        remedy: `add it: ${describe(schema.properties?.[name])}`,
        blocking: true,
      });
  for (const name of names) {
    const known = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const inner = known ?? schema.additionalProperties;
    if (inner) checkSchema(inner, value[name], member(field, name), found);
    else if (!schema['x-kubernetes-preserve-unknown-fields'])
      found.push(unknownField(member(field, name), name, Object.keys(schema.properties ?? {})));
  }
  const members = schema.oneOf?.map(({ required }) => required[0] as string);
  const set = members?.filter((name) => Object.hasOwn(value, name)).length;
  if (members && set !== 1)
    found.push({
      field,
      message: 'must validate one and only one schema (oneOf)',
      remedy: `set exactly one of ${members.join(', ')}`,
      // Of none the server says that the first is required.
      ...(set === 0 && { blocking: true }),
    });
}

export function unknownField(field: string, name: string, known: string[]): Invalid {
  const near = nearest(name, known);
  const fields = known.length > 0 ? `fields here: ${known.join(', ')}` : 'remove it';
  return {
    field,
    message: `unknown field "${field}"`,
    remedy: near ? `did you mean ${near}?` : fields,
    blocking: true,
  };
}

const describe = (schema: Schema | undefined): string =>
  (schema?.description ?? 'see the reference').trim().replace(/\s+/g, ' ').replace(/\.$/, '');

const patterns = new Map<string, RegExp>();
/** As Go reads it: `\s` is ASCII, characters are code points. In the manifests `\s` stands inside classes only. */
function compiled(pattern: string): RegExp {
  let regexp = patterns.get(pattern);
  if (!regexp) {
    regexp = new RegExp(pattern.replaceAll('\\s', '\\t\\n\\f\\r '), 'u');
    patterns.set(pattern, regexp);
  }
  return regexp;
}
