import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readManifests } from './generator/manifest.ts';
import { typesOf } from './generator/types.ts';
import type { Schema } from './schema.ts';

const manifests = readManifests(new URL('./manifests/', import.meta.url));
const KNOWN = [
  ...['type', 'description', 'properties', 'additionalProperties', 'required', 'items', 'enum', 'pattern', 'format'],
  ...['minLength', 'maxLength', 'minimum', 'maximum', 'minItems', 'maxItems', 'maxProperties', 'oneOf'],
  ...['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys'],
  'x-kubernetes-validations',
];

function every(schema: Schema, path: string, visit: (schema: Schema, path: string) => void): void {
  visit(schema, path);
  for (const [name, inner] of Object.entries(schema.properties ?? {})) every(inner, `${path}.${name}`, visit);
  if (schema.items) every(schema.items, `${path}[]`, visit);
  if (schema.additionalProperties) every(schema.additionalProperties, `${path}{}`, visit);
}

describe.each(manifests)('$kind', ({ kind, schema, columns }) => {
  test('every field has prose', () => {
    every(schema, kind, ({ description }, path) => {
      // The API server allows none here and gives its own.
      if (path !== `${kind}.metadata`) expect(description?.trim() ?? '', path).toMatch(/^[A-Z`].*\S\.$/s);
    });
    for (const { name, description } of columns) expect(description, name).toBeTruthy();
  });
  test('every text, list and number is bounded, every enum is CamelCase', () => {
    every(schema.properties?.spec as Schema, 'spec', (field, path) => {
      if (field.type === 'string') expect(field.maxLength ?? field.enum, path).toBeDefined();
      if (field.type === 'array') expect(field.maxItems, path).toBeDefined();
      if (field.type === 'integer') expect([field.minimum, field.maximum], path).not.toContain(undefined);
      if (field.additionalProperties) expect(field.maxProperties, path).toBeDefined();
      for (const value of field.enum ?? []) expect(value, path).toMatch(/^[A-Z][A-Za-z0-9]*$/);
      for (const name of Object.keys(field.properties ?? {}))
        expect(['on', 'off', 'yes', 'no', 'y', 'n']).not.toContain(name);
    });
  });
  test('holds no default and nothing that a comma in a text has made', () => {
    every(schema, kind, (field, path) => {
      for (const key of Object.keys(field)) expect(KNOWN, path).toContain(key);
    });
  });
});

test('what is committed is what the manifests give', () => {
  const generate = fileURLToPath(new URL('./generate.ts', import.meta.url));
  expect(() => execFileSync(process.execPath, [generate, '--check'], { stdio: 'pipe' })).not.toThrow();
});

test('generation is deterministic', () => expect(typesOf(manifests)).toBe(typesOf(structuredClone(manifests))));

test('one name for two shapes is refused', () => {
  const changed = structuredClone(manifests);
  const profile = changed.find(({ kind }) => kind === 'PartnerProfile');
  delete profile?.schema.properties?.spec?.properties?.documents?.items?.properties?.usage;
  expect(() => typesOf(changed)).toThrow('the shape of DocumentTerms differs');
});
