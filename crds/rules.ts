/** The CEL rules of a schema over a value, as the API server evaluates them. */
import { Environment } from '@marcbachmann/cel-js';
import type { Rule, Schema } from './schema.ts';
import { type Invalid, member } from './structural.ts';

type Evaluate = (variables: { self: unknown; oldSelf?: unknown }) => unknown;

const environment = new Environment({ unlistedVariablesAreDyn: true });
const programs = new Map<string, Evaluate>();

function program(rule: string): Evaluate {
  let evaluate = programs.get(rule);
  if (!evaluate) {
    evaluate = environment.parse(rule) as Evaluate;
    programs.set(rule, evaluate);
  }
  return evaluate;
}

/** Rules with `oldSelf` are asked only where the old object has the same place: fields by name, items of list maps by key. */
export function checkRules(schema: Schema, value: unknown, old: unknown, field: string, found: Invalid[]): void {
  for (const rule of schema['x-kubernetes-validations'] ?? []) {
    const transition = /\boldSelf\b/.test(rule.rule);
    if (transition && old === undefined) continue;
    if (!holds(rule, celOf(schema, value), transition ? celOf(schema, old) : undefined))
      // Messages of rules are written to say what to do.
      found.push({ field, message: rule.message, remedy: '' });
  }
  if (Array.isArray(value) && schema.items) {
    const keys = schema['x-kubernetes-list-map-keys'];
    for (const [index, item] of value.entries())
      checkRules(schema.items, item, keys && counterpart(item, old, keys), `${field}[${index}]`, found);
    return;
  }
  if (!isObject(value)) return;
  for (const [name, inner] of Object.entries(schema.properties ?? {}))
    if (Object.hasOwn(value, name))
      checkRules(inner, value[name], isObject(old) ? own(old, name) : undefined, member(field, name), found);
}

function holds({ rule }: Rule, self: unknown, oldSelf: unknown): boolean {
  try {
    return program(rule)({ self, oldSelf }) === true;
  } catch {
    // An evaluation error (no such key) is a failure on the server too.
    return false;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (object: Record<string, unknown>, name: string): unknown =>
  Object.hasOwn(object, name) ? object[name] : undefined;

function counterpart(item: unknown, old: unknown, keys: string[]): unknown {
  if (!isObject(item) || !Array.isArray(old)) return undefined;
  return old.find((other) => isObject(other) && keys.every((key) => other[key] === item[key]));
}

/** CEL's view of a value: declared fields only, integers as int. Without a type a field cannot be seen. */
function celOf(schema: Schema, value: unknown): unknown {
  if (schema.type === 'integer' && typeof value === 'number') return BigInt(value);
  if (Array.isArray(value)) return value.map((item) => celOf(schema.items ?? {}, item));
  if (!isObject(value)) return value;
  const seen: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const declared = schema.properties?.[name] ?? schema.additionalProperties;
    if (declared?.type) seen[name] = celOf(declared, inner);
  }
  return seen;
}
