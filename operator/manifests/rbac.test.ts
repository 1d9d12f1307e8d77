import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { NAMES } from '../../crds/generated/schemas.ts';

const roles = parseAllDocuments(readFileSync(join(import.meta.dirname, 'rbac.yaml'), 'utf8')).map((document) =>
  document.toJS(),
);
const rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[] = roles.find(
  ({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'crossdock-operator',
).rules;

it('lets the operator watch every kind and write its status', () => {
  const plurals = Object.values(NAMES)
    .map(({ plural }) => plural)
    .sort();
  const allowed = (verb: string) =>
    rules
      .filter(({ apiGroups, verbs }) => apiGroups.includes('crossdock.dev') && verbs.includes(verb))
      .flatMap(({ resources }) => resources);
  expect(allowed('watch').sort()).toEqual(plurals);
  expect(allowed('patch')).toEqual(expect.arrayContaining(plurals.map((plural) => `${plural}/status`)));
});
