import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { validate } from '../../crds/validate.ts';
import { type Api, apiWithManifests, invalidExamples, validExamples } from './api.ts';

let api: Api;
beforeAll(async () => {
  api = await apiWithManifests();
});
afterAll(() => api?.namespace.remove());

describe('examples', async () => {
  for (const { folder, resources } of await validExamples())
    test(`${folder}: the API server and the offline validator accept all ${resources.length} resources`, async () => {
      expect(resources.length).toBeGreaterThan(0);
      for (const resource of resources) {
        const { kind, metadata } = resource;
        expect({ kind, name: metadata.name, ...(await api.judge(resource)), found: validate(resource) }).toEqual({
          kind,
          name: metadata.name,
          accepted: true,
          message: '',
          found: [],
        });
      }
    });
});

describe('invalid examples', () => {
  const examples = invalidExamples();
  test('there are enough of them', () => expect(examples.length).toBeGreaterThanOrEqual(30));
  test.for(examples)('$file', async ({ expect: expected, resource, old }) => {
    const found = validate(resource, old);
    expect(found.map(({ field, message }) => `${field}: ${message}`).join('\n')).toContain(expected);
    if (old) expect(validate(old)).toEqual([]);
    const verdict = await api.judge(resource, old);
    expect(verdict.message).toContain(expected);
    expect(verdict.accepted).toBe(false);
  });
});
