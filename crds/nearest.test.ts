import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

test.each([
  ['Integrtion', 'Integration'],
  ['integration', 'Integration'],
  ['Partnre', 'Partner'],
  ['Hld', 'Hold'],
  ['Deployment', undefined],
  ['', undefined],
])('%s → %s', (word, expected) =>
  expect(nearest(word, ['Partner', 'PartnerProfile', 'Integration', 'Hold'])).toBe(expected),
);
