import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { API_VERSION, KINDS, SCHEMAS } from './generated/schemas.ts';
import type { Schema } from './schema.ts';
import { validate } from './validate.ts';
import { YAML_OPTIONS } from './yaml.ts';

const INVALID = new URL('../examples/invalid/', import.meta.url);
const hold = (spec: object, metadata: object = { name: 'erp-down' }): object => ({
  apiVersion: API_VERSION,
  kind: 'Hold',
  metadata,
  spec: { targetRef: { kind: 'Connector', name: 'erp' }, reason: 'maintenance', ...spec },
});
const said = (resource: unknown): string[] => validate(resource).map(({ field, message }) => `${field}: ${message}`);

test('a valid resource gives nothing', () => expect(validate(hold({}))).toEqual([]));

test('every CEL rule of every kind refuses one of the invalid examples', () => {
  const rules = new Set<string>();
  const collect = (schema: Schema): void => {
    for (const { message } of schema['x-kubernetes-validations'] ?? []) rules.add(message);
    for (const inner of Object.values(schema.properties ?? {})) collect(inner);
    if (schema.items) collect(schema.items);
  };
  for (const kind of KINDS) collect(SCHEMAS[kind]);
  for (const file of readdirSync(INVALID).filter((name) => name.endsWith('.yaml'))) {
    const documents = parseAllDocuments(readFileSync(new URL(file, INVALID), 'utf8'), YAML_OPTIONS).map(
      (one) => one.toJS() as unknown,
    );
    for (const { message } of validate(documents.at(-1), documents.length > 1 ? documents[0] : undefined))
      rules.delete(message);
  }
  expect([...rules]).toEqual([]);
});

test('rules wait until the schema holds, as on the server', () => {
  const integration = (source: object): object => ({
    apiVersion: API_VERSION,
    kind: 'Integration',
    metadata: { name: 'receipt' },
    spec: { source, destinations: [{ name: 'erp', system: { connectorRef: { name: 'erp' } } }] },
  });
  expect(said(integration({}))).toEqual([
    'spec.source: source needs exactly one of partners, http, connector, events, resolutions',
  ]);
  expect(said(integration({ http: {} }))).toEqual(['spec.source.http.path: Required value']);
});

test('transition rules are asked only with an old object', () => {
  const type = (version: number): object => ({
    apiVersion: API_VERSION,
    kind: 'DocumentType',
    metadata: { name: 'receipt-v1' },
    spec: { name: 'receipt', version, json: { schema: {} } },
  });
  expect(validate(type(2))).toEqual([]);
  expect(validate(type(2), type(2))).toEqual([]);
  expect(validate(type(2), type(1)).map(({ field }) => field)).toEqual(['spec.version']);
});

test('an unknown field names the field that was meant', () => {
  expect(validate(hold({ untill: '2026-11-24T06:00:00Z' }))).toEqual([
    { field: 'spec.untill', message: 'unknown field "spec.untill"', remedy: 'did you mean until?', blocking: true },
  ]);
});

test('lengths count characters, not UTF-16 units', () => {
  expect(said(hold({ reason: '😀'.repeat(512) }))).toEqual([]);
  expect(said(hold({ reason: '😀'.repeat(513) }))).toEqual(['spec.reason: Too long: may not be more than 512 bytes']);
});

test('names of prototypes are names like any other', () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty'])
    expect(said(hold({ [name]: 'x' }))).toEqual([`spec.${name}: unknown field "spec.${name}"`]);
  expect(said(JSON.parse(JSON.stringify(hold({})).replace('"reason"', '"__proto__":{"reason":"x"},"reason"')))).toEqual(
    ['spec.__proto__: unknown field "spec.__proto__"'],
  );
});

test.each([
  null,
  'text',
  [],
  {},
  { apiVersion: 'v1' },
  { apiVersion: API_VERSION, kind: 'Hodl' },
  { apiVersion: API_VERSION, kind: 'constructor' },
])('what is no resource is said to be none: %j', (value) => expect(validate(value)).toHaveLength(1));

test('whatever it is given, it answers', () => {
  const kind = fc.constantFrom(...KINDS);
  fc.assert(
    fc.property(kind, fc.jsonValue(), fc.jsonValue(), (kind, metadata, spec) => {
      expect(validate({ apiVersion: API_VERSION, kind, metadata, spec })).not.toEqual([]);
    }),
  );
});
