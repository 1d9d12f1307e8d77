import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Resource } from '../../crds/generated/types.ts';
import { deepFreeze } from '../../test/golden/freeze.ts';
import { byKey, edit, resource, sound, start } from '../../test/golden/worlds.ts';
import { createTranslator, translateNamespace, translateRoot } from './translate.ts';
import type { World } from './translation.ts';

describe('incremental translation', () => {
  test('equals translation from scratch after every edit, whatever the order of the resources', () => {
    let planned = 0;
    fc.assert(
      fc.property(
        fc.array(resource, { maxLength: 4 }),
        fc.array(edit, { minLength: 1, maxLength: 8 }),
        (resources, edits) => {
          const translator = createTranslator();
          let world = deepFreeze({
            ...start,
            resources: byKey([...sound, ...resources]),
          });
          for (const change of [(same: World) => same, ...edits]) {
            world = deepFreeze(change(world));
            const incremental = translator.translate(world);
            planned +=
              Object.keys(incremental.index.integrations).length + Object.keys(incremental.index.partners).length;
            expect(JSON.stringify(incremental)).toBe(
              JSON.stringify(translateNamespace({ ...world, resources: [...world.resources].reverse() })),
            );
          }
        },
      ),
      { numRuns: 150 },
    );
    // The property says nothing if hardly anything gets a plan.
    expect(planned).toBeGreaterThan(1000);
  });

  const http = (changes: Record<string, unknown> = {}): Resource[] =>
    [
      {
        kind: 'DocumentType',
        metadata: { name: 'order-v1' },
        spec: { name: 'order', version: 1, json: { schema: { type: 'object' } } },
      },
      { kind: 'Connector', metadata: { name: 'erp' }, spec: { http: { url: 'https://erp.example.com' } } },
      {
        kind: 'Mapping',
        metadata: { name: 'm' },
        spec: {
          from: { documentTypeRef: { name: 'order-v1' } },
          to: { documentTypeRef: { name: 'order-v1' } },
          expression: '$',
          ...changes,
        },
      },
      ...['one', 'two'].map((one) => ({
        kind: 'Integration',
        metadata: { name: one },
        spec: {
          source: { http: { path: `/${one}` }, documentTypeRef: { name: 'order-v1' } },
          destinations: [
            {
              name: 'erp',
              system: { connectorRef: { name: 'erp' } },
              ...(one === 'two' && { mappingRef: { name: 'm' } }),
            },
          ],
        },
      })),
    ].map((one) => ({ apiVersion: 'crossdock.dev/v1alpha1', ...one })) as unknown as Resource[];

  test('touches only what the change touches', () => {
    const translator = createTranslator();
    translator.translate({ ...start, resources: http() });
    expect(translator.made).toHaveLength(5);
    translator.translate({ ...start, resources: http() });
    expect(translator.made).toEqual([]);
    const before = translator.translate({ ...start, resources: http() });
    const after = translator.translate({ ...start, resources: http({ expression: 'a' }) });
    expect([...translator.made].sort()).toEqual(['Integration/default/two', 'Mapping/default/m']);
    expect(after.topology).toBe(before.topology);
    expect(after.index.integrations.one).toEqual(before.index.integrations.one);
    expect(after.index.integrations.two).not.toEqual(before.index.integrations.two);
    translator.translate({
      ...start,
      resources: http({
        tests: [
          { name: 'x', input: 1, expect: 1 },
          { name: 'x', input: 1, expect: 1 },
        ],
      }),
    });
    expect([...translator.made].sort()).toEqual(['Integration/default/two', 'Mapping/default/m']);
  });
  test('translateRoot gives what the whole gives, without what needs a look at all', () => {
    const world = { ...start, resources: http() };
    const whole = translateNamespace(world).translations.find((one) => one.name === 'two');
    expect(translateRoot('Integration', 'two', world)).toEqual(whole);
    expect(translateRoot('Integration', 'three', world)).toBeUndefined();
  });
});
