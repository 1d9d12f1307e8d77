/** BusinessProcess → what the tracker folds: document types by their event type, tolerances as decimals, units as rows. */
import { nearest } from '../../crds/nearest.ts';
import type { DocumentTypePlan, TablePlan } from '../../runtime/plan.ts';
import type { MilestonePlan, ProcessPlan, ReadingPlan, UnitRow } from '../../tracker/plan.ts';
import { PROCESS } from './defaults.ts';
import { expectPointer, expectUnique } from './fields.ts';
import { Problems } from './problems.ts';
import { cycleIn } from './process-cycle.ts';
import { translateMatch } from './process-match.ts';
import { expectName, oneOfThese } from './process-names.ts';
import { find, type Resolved, resolve } from './references.ts';
import type { Built, View } from './view.ts';
import { type ResourceOf, sourceTypes } from './world-index.ts';

type Spec = ResourceOf<'BusinessProcess'>['spec'];
type Type = Resolved<'DocumentType', DocumentTypePlan>;
export interface ProcessShop {
  view: View;
  problems: Problems;
  keyName: string;
  /** By name of the DocumentType. */
  readings: ReadonlyMap<string, { plan: ReadingPlan; type: Type }>;
}

export function translateProcess(view: View, resource: ResourceOf<'BusinessProcess'>): Built {
  const problems = new Problems();
  const { spec, metadata } = resource;
  const { keyName } = spec;
  const readings = new Map<string, { plan: ReadingPlan; type: Type }>();
  const shop: ProcessShop = { view, problems, keyName, readings };
  spec.documents.forEach((document, i) => {
    const field = `spec.documents[${i}]`;
    const type = typeOf(shop, document.documentTypeRef, `${field}.documentTypeRef`);
    if (!type) return;
    if (readings.has(type.part.name))
      problems.invalid(`${field}.documentTypeRef.name`, 'it is there twice', 'remove one');
    readings.set(type.part.name, { plan: readingOf(shop, document, type, field), type });
  });
  againstThere(shop, spec.documents);
  const matches = (spec.matches ?? []).map((match, i) =>
    translateMatch(shop, metadata.name, match, `spec.matches[${i}]`),
  );
  expectUnique(spec.matches ?? [], 'spec.matches', problems);
  expectUnique(spec.milestones, 'spec.milestones', problems);
  const names = matches.map(({ name }) => name);
  const milestones = spec.milestones.map((_, i) => milestoneOf(shop, spec, i, names));
  sameTwice(milestones, problems);
  const cycle = cycleIn(milestones);
  if (cycle)
    problems.add(
      'Accepted',
      'Cycle',
      'spec.milestones',
      `milestones wait for each other: ${cycle}`,
      'take one `after` out',
    );
  const units = spec.unitsRef ? unitsOf(shop, spec.unitsRef) : [];
  if (!problems.none) return { problems, parts: {} };
  const process: ProcessPlan = {
    name: metadata.name,
    generation: metadata.generation ?? 1,
    keyName,
    documents: [...readings.values()].map(({ plan }) => plan),
    milestones,
    matches,
    units,
  };
  return { problems, parts: {}, process };
}

/** Its documents must carry the key of the process. */
function typeOf(
  { view, problems, keyName }: ProcessShop,
  ref: { name: string } | undefined,
  field: string,
): Type | undefined {
  const type: Type | undefined = resolve(view, 'DocumentType', ref, field, problems);
  if (!type) return undefined;
  const keys = type.part.keys.map(({ name }) => name);
  if (keys.includes(keyName)) return type;
  const near = nearest(keyName, keys);
  problems.invalid(
    `${field}.name`,
    `DocumentType "${type.part.name}" has no key "${keyName}", so nobody knows to which transaction its documents belong`,
    near ? `did you mean "${near}"?` : keys.length > 0 ? `it has: ${keys.join(', ')}` : 'add it to spec.keys there',
  );
  return undefined;
}

const NAMES = ['quantity', 'damaged', 'unit', 'item', 'price', 'currency', 'date', 'shipTo'] as const;
function readingOf(
  { problems }: ProcessShop,
  document: Spec['documents'][number],
  type: Type,
  field: string,
): ReadingPlan {
  const { role = PROCESS.role, lines, key = [] } = document;
  const { schema } = type.part;
  if (lines !== undefined) {
    expectPointer(lines, `${field}.lines`, problems);
    for (const [i, name] of key.entries()) expectName(schema, lines, name, `${field}.key[${i}]`, problems);
    for (const name of NAMES)
      if (document[name] !== undefined) expectName(schema, lines, document[name], `${field}.${name}`, problems);
  }
  return {
    type: type.part.type,
    role,
    key: [...key],
    ...(lines !== undefined && { lines }),
    ...(Object.fromEntries(
      NAMES.flatMap((name) => (document[name] === undefined ? [] : [[name, document[name]]])),
    ) as Pick<ReadingPlan, (typeof NAMES)[number]>),
  };
}

function againstThere({ problems, readings }: ProcessShop, documents: Spec['documents']): void {
  documents.forEach(({ against, documentTypeRef }, i) => {
    const reading = readings.get(documentTypeRef?.name)?.plan;
    if (!against || !reading) return;
    const target = readings.get(against.name)?.plan;
    if (target?.role === 'Fact') reading.against = target.type;
    else
      problems.invalid(
        `spec.documents[${i}].against.name`,
        `"${against.name}" is no document type of role Fact in this process`,
        'name the one whose quantities are taken off',
      );
  });
}

function milestoneOf(shop: ProcessShop, spec: Spec, i: number, matches: readonly string[]): MilestonePlan {
  const { problems, readings } = shop;
  const {
    name,
    documentTypeRef,
    delivered,
    match,
    scope = PROCESS.scope,
    completeBy = PROCESS.completeBy,
    after = [],
  } = spec.milestones[i]!;
  const field = `spec.milestones[${i}]`;
  const plan: MilestonePlan = { name, scope, completeBy, after: [...after] };
  const given = [documentTypeRef, delivered, match].filter((member) => member !== undefined).length;
  if (given !== 1) problems.invalid(field, `${given} of documentTypeRef, delivered, match`, 'set exactly one of them');
  if (completeBy === 'Quantity' && scope !== 'Line')
    problems.invalid(`${field}.completeBy`, 'quantities are counted by line', 'set scope: Line');
  const names = spec.milestones.map((milestone) => milestone.name);
  after.forEach((other, j) => {
    if (!names.includes(other))
      problems.invalid(`${field}.after[${j}]`, `there is no milestone "${other}"`, oneOfThese(other, names));
  });
  if (match !== undefined) {
    if (!matches.includes(match))
      problems.invalid(`${field}.match`, `there is no match "${match}"`, oneOfThese(match, matches));
    return { ...plan, match };
  }
  const types = documentTypeRef
    ? named(shop, documentTypeRef, field)
    : delivered
      ? deliveredTypes(shop, delivered, field)
      : [];
  if (scope === 'Line') {
    const counted = types.map((type) => readings.get(type)?.plan).filter((reading) => reading?.lines !== undefined);
    if (types.length > 0 && counted.length === 0)
      problems.invalid(
        `${field}.scope`,
        `nothing says how the lines of ${types.join(', ')} are read`,
        'add lines, key and quantity to spec.documents, or take scope: Line away',
      );
    if (
      completeBy === 'Quantity' &&
      counted.some((reading) => reading!.role === 'Return' || reading!.role === 'Change')
    )
      problems.invalid(
        `${field}.completeBy`,
        'returns and changes do not add up to what is ordered',
        'name another document type',
      );
  }
  if (documentTypeRef) {
    const type = shop.view.resource('DocumentType', documentTypeRef.name);
    return { ...plan, document: { type: type ? `${type.spec.name}.v${type.spec.version}` : '' } };
  }
  return {
    ...plan,
    ...(delivered && { delivered: { to: `${delivered.integrationRef?.name}/${delivered.destination}` } }),
  };
}

const named = (shop: ProcessShop, ref: { name: string }, field: string): string[] => {
  const type = typeOf(shop, ref, `${field}.documentTypeRef`);
  return type ? [type.part.name] : [];
};

/** Of the document types that the integration takes those that belong to the process. */
function deliveredTypes(
  shop: ProcessShop,
  { integrationRef, destination }: NonNullable<Spec['milestones'][number]['delivered']>,
  field: string,
): string[] {
  const { view, problems, keyName } = shop;
  const found = find(view, 'Integration', integrationRef, `${field}.delivered.integrationRef`, problems);
  if (!found) return [];
  const { spec, metadata } = found.resource;
  const destinations = (spec.destinations ?? []).map(({ name }) => name);
  if (!destinations.includes(destination))
    problems.add(
      'ResolvedRefs',
      'RefInvalid',
      `${field}.delivered.destination`,
      `Integration "${metadata.name}" has no destination "${destination}"`,
      oneOfThese(destination, destinations),
    );
  const types = sourceTypes(found.resource).filter((name) =>
    view.resource('DocumentType', name)?.spec.keys?.some((key) => key.name === keyName),
  );
  if (types.length === 0)
    problems.invalid(
      `${field}.delivered.integrationRef.name`,
      `nothing that Integration "${metadata.name}" takes has the key "${keyName}"`,
      'name an integration whose documents belong to the transaction',
    );
  return types;
}

/** Two names for one thing would always be reached together: one of them means something else. */
function sameTwice(milestones: readonly MilestonePlan[], problems: Problems): void {
  const seen = new Map<string, string>();
  milestones.forEach(({ name, after: _, ...what }, i) => {
    const key = JSON.stringify(what);
    const other = seen.get(key);
    if (other !== undefined)
      problems.invalid(
        `spec.milestones[${i}]`,
        `"${name}" is reached by the same as "${other}"`,
        'remove one, or change what reaches it',
      );
    else seen.set(key, name);
  });
}

function unitsOf({ view, problems }: ProcessShop, ref: { name: string }): UnitRow[] {
  const table = resolve<'ReferenceTable', TablePlan>(view, 'ReferenceTable', ref, 'spec.unitsRef', problems);
  return (table?.part.rows ?? []).flatMap((row, i): UnitRow[] => {
    const { from, to, factor, item } = row;
    if (
      typeof from === 'string' &&
      typeof to === 'string' &&
      /^\d{1,18}(\.\d{1,18})?$/.test(String(factor)) &&
      Number(factor) > 0
    )
      return [{ from, to, factor: String(factor), ...(item !== undefined && item !== '' && { item: String(item) }) }];
    problems.invalid(
      'spec.unitsRef.name',
      `row ${i + 1} of ReferenceTable "${ref.name}" is no conversion`,
      'each row needs from, to and a factor above 0',
    );
    return [];
  });
}
