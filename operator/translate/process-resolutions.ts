/** What people may decide about exceptions of a match, and which Integration tells of it. */
import type { ResolutionPlan } from '../../tracker/plan.ts';
import { RESOLUTION_RESULT } from './defaults.ts';
import { expectUnique } from './fields.ts';
import type { ProcessShop } from './process.ts';
import { find } from './references.ts';
import type { ResourceOf } from './world-index.ts';

type Match = NonNullable<ResourceOf<'BusinessProcess'>['spec']['matches']>[number];
type Resolution = NonNullable<NonNullable<Match['exception']>['resolutions']>[number];

/** Of all matches, whatever their shape. */
export const resolutionsOf = ({ spec }: ResourceOf<'BusinessProcess'>): Resolution[] => {
  const { matches } = (spec ?? {}) as { matches?: unknown };
  return (Array.isArray(matches) ? (matches as Match[]) : []).flatMap(({ exception }) => {
    const said = exception?.resolutions;
    return Array.isArray(said) ? said : [];
  });
};

export function translateResolutions(
  shop: ProcessShop,
  process: string,
  resolutions: readonly Resolution[],
  field: string,
): ResolutionPlan[] {
  expectUnique(resolutions, field, shop.problems);
  return resolutions.map(({ name, result = RESOLUTION_RESULT, integrationRef }, i) => ({
    name,
    result,
    ...(integrationRef && { integration: carrier(shop, process, integrationRef, `${field}[${i}].integrationRef`) }),
  }));
}

/** It must take resolutions of this very process. */
function carrier({ view, problems }: ProcessShop, process: string, ref: { name: string }, field: string): string {
  const found = find(view, 'Integration', ref, field, problems);
  const from = found?.resource.spec?.source?.resolutions?.businessProcessRef?.name;
  if (found && from !== process)
    problems.add(
      'ResolvedRefs',
      'RefInvalid',
      `${field}.name`,
      from === undefined
        ? `Integration "${ref.name}" takes no resolutions`
        : `Integration "${ref.name}" takes resolutions of BusinessProcess "${from}"`,
      `write source: {resolutions: {businessProcessRef: {name: ${process}}}} there, or name another`,
    );
  return ref.name;
}
