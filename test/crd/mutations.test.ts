import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Resource } from '../../crds/generated/types.ts';
import { validate } from '../../crds/validate.ts';
import { type Api, apiWithManifests, invalidExamples, validExamples } from './api.ts';
import { mutate } from './mutate.ts';

/** The same harm every time; with MUTATIONS=n other and more. */
const RUNS = Number(process.env.MUTATIONS ?? 600);
const SEED = process.env.MUTATIONS ? Date.now() : 20_261_124;

let api: Api;
let originals: Resource[];
beforeAll(async () => {
  api = await apiWithManifests();
  const valid = (await validExamples()).flatMap(({ resources }) => resources);
  originals = [...valid, ...invalidExamples().map(({ resource }) => resource)];
});
afterAll(() => api?.namespace.remove());

test(`${RUNS} mutated examples get the same verdict offline and from the API server`, {
  timeout: 600_000,
}, async () => {
  const verdicts = { accepted: 0, rejected: 0 };
  const property = fc.asyncProperty(
    fc.nat(originals.length - 1),
    fc.infiniteStream(fc.nat(0x7fffffff)),
    async (index, numbers) => {
      const mutated = mutate(originals[index]!, (bound) => (numbers.next().value as number) % bound);
      const [verdict, found] = [await api.judge(mutated), validate(mutated)];
      const context = JSON.stringify({ mutated, verdict, found }, null, 1);
      expect(found.length === 0, context).toBe(verdict.accepted);
      // Of rules the wording is the same too, where the server came as far as asking them.
      if (verdict.message.includes('" is invalid: '))
        for (const { message } of found.filter(({ remedy }) => remedy === ''))
          expect(verdict.message, context).toContain(message);
      verdicts[verdict.accepted ? 'accepted' : 'rejected'] += 1;
    },
  );
  await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: true });
  // Neither is the rare case, or the test would say little.
  expect(verdicts.accepted).toBeGreaterThan(RUNS / 20);
  expect(verdicts.rejected).toBeGreaterThan(RUNS / 5);
});
