import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Resource } from '../../crds/generated/types.ts';
import { deepFreeze } from '../../test/golden/freeze.ts';
import { byKey, resource, sound, start } from '../../test/golden/worlds.ts';
import { createTranslator, translateNamespace } from './translate.ts';

describe('resources of any shape', () => {
  const broken: fc.Arbitrary<Resource> = fc
    .tuple(resource, fc.array(fc.tuple(fc.nat(), fc.jsonValue({ maxDepth: 2 })), { minLength: 1, maxLength: 3 }))
    .map(([one, wounds]) => {
      const wounded = structuredClone(one);
      for (const [where, value] of wounds) wound(wounded, where, structuredClone(value));
      return wounded;
    });

  test('never throw, and do not touch those that do not name them', () => {
    const stranger: Resource[] = JSON.parse(
      JSON.stringify([
        {
          kind: 'DocumentType',
          metadata: { name: 'sound-v1' },
          spec: { name: 'sound', version: 1, json: { schema: { type: 'object' } } },
        },
        { kind: 'Connector', metadata: { name: 'sound' }, spec: { http: { url: 'https://erp.example.com' } } },
        {
          kind: 'Integration',
          metadata: { name: 'sound' },
          spec: {
            source: { http: { path: '/sound' }, documentTypeRef: { name: 'sound-v1' } },
            destinations: [{ name: 'x', system: { connectorRef: { name: 'sound' } } }],
          },
        },
      ]),
    );
    const alone = translateNamespace({ ...start, resources: stranger }).index.integrations.sound;
    expect(alone).toBeDefined();
    fc.assert(
      fc.property(fc.array(broken, { minLength: 1, maxLength: 12 }), (resources) => {
        const world = deepFreeze({ ...start, resources: byKey([...sound, ...stranger, ...resources]) });
        const translation = translateNamespace(world);
        expect(translation.index.integrations.sound).toEqual(alone);
        expect(JSON.stringify(createTranslator().translate(world))).toBe(JSON.stringify(translation));
      }),
      { numRuns: 150 },
    );
  });
});

/** Puts a value in the place of some member of the spec, or of the whole. */
function wound(one: Resource, where: number, value: unknown): void {
  const places: [Record<string, unknown>, string][] = [];
  const visit = (holder: Record<string, unknown>): void => {
    for (const key of Object.keys(holder)) {
      places.push([holder, key]);
      const inner = holder[key];
      if (typeof inner === 'object' && inner !== null) visit(inner as Record<string, unknown>);
    }
  };
  places.push([one as unknown as Record<string, unknown>, 'spec']);
  if (typeof one.spec === 'object' && one.spec !== null) visit(one.spec as unknown as Record<string, unknown>);
  const [holder, key] = places[where % places.length]!;
  holder[key] = value;
}
