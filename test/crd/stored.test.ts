/**
 * Objects that an earlier release stored, under its own CustomResourceDefinitions, go on under the present ones: read as they were written,
 * written again, Ready (docs/decisions/0018-one-version-that-only-grows.md).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Kind, Resource } from '../../crds/generated/types.ts';
import { validate } from '../../crds/validate.ts';
import { CROSSDOCK } from '../../operator/kube/types.ts';
import { until } from '../operator/poll.ts';
import { installManifests, type Stage, stage } from '../operator/stage.ts';
import { type OwnControlPlane, ownControlPlane } from '../support/control-plane.ts';
import { narrowings, type Schema } from './narrowing.ts';

interface Definition {
  metadata: { name: string };
  spec: { versions: { name: string; served: boolean; storage: boolean; schema: { openAPIV3Schema: Schema } }[] };
}
interface Released {
  definitions: Definition[];
  examples: { folder: string; resources: Resource[] }[];
}
const FOLDER = join(import.meta.dirname, 'released');
const RELEASED = readdirSync(FOLDER).map((file): [string, Released] => [
  file.replace('.json', ''),
  JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Released,
]);
const READY = 'inbound-distribution';
/** They are Ready when a tracker says so. */
const TRACKED: ReadonlySet<Kind> = new Set(['BusinessProcess', 'SLAPolicy', 'Replay']);

let plane: OwnControlPlane;
beforeAll(async () => {
  plane = await ownControlPlane({ controllers: true });
  await installManifests(plane);
});
afterAll(() => plane?.stop());

test('what is lost is found', () => {
  const before = { type: 'object', properties: { a: { type: 'string', enum: ['x', 'y'] }, b: { type: 'integer' } } };
  expect(narrowings(before, { ...before, properties: { ...before.properties, c: { type: 'string' } } })).toEqual([]);
  const after = { type: 'object', required: ['a'], properties: { a: { type: 'string', enum: ['x'], maxLength: 3 } } };
  expect(narrowings(before, after)).toEqual([
    '.: a is required now',
    '.a: maxLength was undefined, is 3',
    '.a: "y" is no value any more',
    '.: b is gone',
  ]);
});

describe.each(RELEASED)('what %s stored', (_, { definitions, examples }) => {
  let at: Stage;
  beforeAll(async () => {
    at = await stage(undefined, plane);
  });
  afterAll(() => at?.[Symbol.asyncDispose]());

  test('finds every field, value and room that it had', () => {
    const folder = join(import.meta.dirname, '../../crds/manifests');
    const present = readdirSync(folder).map((file) => parse(readFileSync(join(folder, file), 'utf8')) as Definition);
    for (const { metadata, spec } of definitions)
      for (const { name, schema } of spec.versions) {
        const now = present.find((each) => each.metadata.name === metadata.name);
        const version = now?.spec.versions.find((each) => each.name === name);
        expect(version?.served, `${metadata.name} ${name}`).toBe(true);
        expect(narrowings(schema.openAPIV3Schema, version!.schema.openAPIV3Schema), metadata.name).toEqual([]);
      }
  });

  test('is read as it was written, can be written again, and becomes Ready', async () => {
    await define(definitions);
    const stored: [string, Resource][] = [];
    for (const { folder, resources } of examples) {
      const namespace = folder === READY ? at.namespace : (await plane.testNamespace()).name;
      for (const resource of resources) {
        const path = `${pathOf(namespace, resource)}?fieldValidation=Strict`;
        const { status, body } = await plane.request('POST', path, { body: resource });
        expect(status, JSON.stringify(body)).toBe(201);
        stored.push([`${pathOf(namespace, resource)}/${resource.metadata.name}`, resource]);
      }
    }
    expect(new Set(stored.map(([, { kind }]) => kind)).size).toBe(definitions.length);

    await installManifests(plane);
    for (const [path, resource] of stored) {
      const { body } = await plane.request<Resource>('GET', path);
      expect(body.spec).toEqual(resource.spec);
      expect(validate(resource)).toEqual([]);
      const again = { ...body, metadata: { ...body.metadata, annotations: { touched: 'yes' } } };
      const put = await plane.request('PUT', `${path}?fieldValidation=Strict`, { body: again });
      expect(put.status, JSON.stringify(put.body)).toBe(200);
    }
    await at.applyExample([]);
    const runtime = await at.runtime();
    at.operate({ runtimes: [{ namespace: at.namespace, url: runtime.url }] });
    for (const { kind, metadata } of examples.find(({ folder }) => folder === READY)!.resources)
      if (!TRACKED.has(kind)) await at.condition(kind, metadata.name, 'Ready', { status: 'True' }, 60_000);
  }, 180_000);
});

test('an operator whose kind is not there says so, and is ready once it is', async () => {
  await using at = await stage(undefined, plane);
  expect((await plane.kubectl(['delete', 'crd', 'holds.crossdock.dev'])).code).toBe(0);
  const operator = at.operate();
  await until('it says so', () => operator.unsynced.length === 1 && operator.unsynced[0]?.includes('knows no holds'));
  expect(operator.unsynced[0]).toContain('older than this operator. Apply those of its chart');
  await installManifests(plane);
  await until('ready', () => operator.unsynced.length === 0, 60_000);
}, 120_000);

const pathOf = (namespace: string, { kind }: Resource): string =>
  `/apis/crossdock.dev/v1alpha1/namespaces/${namespace}/${CROSSDOCK[kind].plural}`;

async function define(definitions: readonly Definition[]): Promise<void> {
  const input = definitions.map((definition) => JSON.stringify(definition)).join('\n---\n');
  const args = ['apply', '--server-side', '--force-conflicts', '--field-manager=test-crd', '-f', '-'];
  const { code, stderr } = await plane.kubectl(args, { input });
  if (code !== 0) throw new Error(stderr);
}
