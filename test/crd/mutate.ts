/** Random harm to a valid resource, guided by its schema: typing errors, wrong types, lost and superfluous fields, broken unions. */
import { SCHEMAS } from '../../crds/generated/schemas.ts';
import type { Resource } from '../../crds/generated/types.ts';
import type { Schema } from '../../crds/schema.ts';

/** A whole number from 0 up to, not including, the bound. */
export type Draw = (bound: number) => number;

interface Slot {
  container: Record<string, unknown> | unknown[];
  key: string | number;
  schema: Schema | undefined;
}

/** A changed copy; sometimes still valid. */
export function mutate(resource: Resource, draw: Draw): Resource {
  const copy = structuredClone(resource) as unknown as Record<string, unknown>;
  delete copy.status;
  if (draw(12) === 0) {
    harmMetadata(copy.metadata as Record<string, unknown>, draw);
    return copy as unknown as Resource;
  }
  const times = 1 + draw(2);
  for (let n = 0; n < times; n++) {
    const slots: Slot[] = [];
    collect(copy, 'spec', SCHEMAS[resource.kind].properties?.spec, slots);
    const slot = slots[draw(slots.length)] as Slot;
    harm(slot, draw);
  }
  // As it goes over the wire: what is undefined is not there.
  return JSON.parse(JSON.stringify(copy)) as Resource;
}

function harmMetadata(metadata: Record<string, unknown>, draw: Draw): void {
  const text = pick(TEXTS, draw)(metadata.name as string);
  const other = pick(TEXTS, draw)('example.org/team');
  switch (draw(4)) {
    case 0:
      metadata.name = text;
      return;
    case 1:
      metadata.labels = { team: text };
      return;
    case 2:
      metadata[pick(['labels', 'annotations'], draw)] = { [other]: 'a' };
      return;
    default:
      metadata[pick(['label', 'labels', 'annotations', 'team'], draw)] = pick(
        [{ a: 1 }, 'text', { a: 'b' }, null],
        draw,
      );
  }
}

function collect(container: Slot['container'], key: string | number, schema: Schema | undefined, slots: Slot[]): void {
  slots.push({ container, key, schema });
  const value = (container as Record<string, unknown>)[key];
  if (Array.isArray(value)) for (const index of value.keys()) collect(value, index, schema?.items, slots);
  else if (typeof value === 'object' && value !== null)
    for (const name of Object.keys(value))
      collect(
        value as Record<string, unknown>,
        name,
        schema?.properties?.[name] ?? schema?.additionalProperties,
        slots,
      );
}

function harm({ container, key, schema }: Slot, draw: Draw): void {
  const own = container as Record<string | number, unknown>;
  const value = own[key];
  switch (draw(7)) {
    case 0:
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else delete own[key];
      return;
    case 1:
      if (Array.isArray(container)) container.push(structuredClone(value));
      else {
        own[`${key}s`] = value;
        delete own[key];
      }
      return;
    case 2:
      own[key] = pick(ODD, draw);
      return;
    case 3:
      if (typeof value === 'string') own[key] = pick(TEXTS, draw)(value);
      else if (typeof value === 'number') own[key] = pick([0, -1, 1.5, 10_000, 9_999_999], draw);
      else own[key] = pick(ODD, draw);
      return;
    default: {
      // A declared field that is absent: breaks unions and cross-field rules.
      const absent = Object.keys(schema?.properties ?? {}).filter((name) => !Object.hasOwn(Object(value), name));
      if (absent.length > 0 && typeof value === 'object' && value !== null && !Array.isArray(value)) {
        const name = pick(absent, draw);
        (value as Record<string, unknown>)[name] = sample(schema?.properties?.[name] as Schema, draw);
      } else if (schema?.enum) own[key] = pick(schema.enum, draw);
      else if (schema) own[key] = sample(schema, draw);
    }
  }
}

const ODD: readonly unknown[] = [null, '', 'text', 0, 7, -1, 1.5, true, [], {}, [null], { a: 1 }, ['text']];
const TEXTS: readonly ((text: string) => string)[] = [
  () => '',
  (text) => text.repeat(40),
  (text) => text.toUpperCase(),
  (text) => ` ${text}`,
  (text) => `${text}.x`,
  (text) => `/${text}`,
  (text) => `${text}\n`,
  () => '10s',
  () => '*',
  () => 'ü\u00a0€😀',
  () => '2026-02-30T10:00:00Z',
  () => '2026-11-24t06:00:00.5+01:00',
];

/** A value that fits the schema, mostly. */
function sample(schema: Schema, draw: Draw): unknown {
  if (schema.enum) return pick(schema.enum, draw);
  if (schema.type === 'integer') return (schema.minimum ?? 0) + draw(3);
  if (schema.type === 'string') {
    if (schema.format === 'date-time') return '2026-11-24T06:00:00Z';
    return pick(['a1', '15s', '/a', 'AB', '850', 'https://a.example', '004010', 'Name'], draw);
  }
  if (schema.type === 'array') return Array.from({ length: draw(3) }, () => sample(schema.items as Schema, draw));
  if (schema.type === 'object') {
    const names = Object.keys(schema.properties ?? {}).filter(
      (name) => schema.required?.includes(name) || draw(3) === 0,
    );
    return Object.fromEntries(names.map((name) => [name, sample(schema.properties?.[name] as Schema, draw)]));
  }
  return pick(ODD, draw);
}

/** A copy: what is put into one place must not change with another. */
const pick = <T>(from: readonly T[], draw: Draw): T => {
  const picked = from[draw(from.length)] as T;
  return typeof picked === 'object' ? structuredClone(picked) : picked;
};
