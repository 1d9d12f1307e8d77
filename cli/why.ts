/** From a symptom to what is broken: a resource, what it names that is not as it should be, and so on to the end. Pure. */
import { KINDS } from '../crds/generated/schemas.ts';
import type { Condition, Kind, Resource } from '../crds/generated/types.ts';

export interface Link {
  /** `Kind/name`, or `Pod/name`. */
  what: string;
  /** What is against it, in the order in which it counts. Empty: nothing, or it is not there. */
  against: { type: string; reason: string; message: string }[];
  missing?: true;
  causes: Link[];
}

/** Conditions by their weight; those that only sum up are left out. */
const ORDER = [
  'Accepted',
  'ResolvedRefs',
  'Conflicted',
  'Programmed',
  'Tested',
  'Running',
  'Complete',
  'Failed',
  'Degraded',
];
const BAD_WHEN_TRUE = new Set(['Conflicted', 'Degraded', 'Failed']);

/** `namespace` is that of the symptom. Undefined where there is no such resource. */
export function why(resources: readonly Resource[], kind: Kind, name: string, namespace: string): Link | undefined {
  const all = new Map(
    resources.map((each) => [keyOf(each.kind, each.metadata.namespace ?? namespace, each.metadata.name), each]),
  );
  const seen = new Set<string>();
  const look = (kind: Kind, namespace: string, name: string): Link | undefined => {
    const key = keyOf(kind, namespace, name);
    if (seen.has(key)) return undefined;
    seen.add(key);
    const resource = all.get(key);
    const what = `${kind}/${name}`;
    if (!resource) return { what, against: [], missing: true, causes: [] };
    const against = againstIt(resource);
    const below = [
      ...referencesOf(resource.spec, namespace),
      ...holdsOn(resource, resources),
      ...(against.some(({ reason }) => reason.startsWith('Broker')) ? brokersFor(resource, resources, namespace) : []),
    ];
    const causes = below
      .map((ref) => look(ref.kind, ref.namespace, ref.name))
      .filter((link) => link !== undefined)
      .filter((link) => link.missing || link.against.length > 0 || link.causes.length > 0);
    return { what, against, causes };
  };
  return all.has(keyOf(kind, namespace, name)) ? look(kind, namespace, name) : undefined;
}

const keyOf = (kind: string, namespace: string, name: string): string => `${kind}/${namespace}/${name}`;

function againstIt({ kind, status, spec }: Resource): Link['against'] {
  if (kind === 'Hold') return [{ type: 'Hold', reason: 'Held', message: spec.reason }];
  const conditions: readonly Condition[] = (status as { conditions?: Condition[] } | undefined)?.conditions ?? [];
  if (conditions.length === 0)
    return [{ type: 'Ready', reason: 'Pending', message: 'the operator has not looked at it yet' }];
  return conditions
    .filter(({ type, status }) => ORDER.includes(type) && status === (BAD_WHEN_TRUE.has(type) ? 'True' : 'False'))
    .sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type))
    .map(({ type, reason, message }) => ({ type, reason, message }));
}

interface Ref {
  kind: Kind;
  namespace: string;
  name: string;
}
/** Of which kind `xRef` and `xRefs` are, where the name does not say it. */
const BY_KEY: Record<string, Kind> = { profile: 'PartnerProfile', units: 'ReferenceTable', table: 'ReferenceTable' };

function referencesOf(value: unknown, namespace: string): Ref[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]): Ref[] => {
    const [, stem] = /^([a-z]\w*)Refs?$/.exec(key) ?? [];
    if (stem === undefined) return referencesOf(member, namespace);
    const kind = BY_KEY[stem] ?? KINDS.find((each) => each.toLowerCase() === stem.toLowerCase());
    return kind ? [member].flat().flatMap((ref) => one(ref, kind, namespace)) : [];
  });
}
function one(ref: unknown, kind: Kind, namespace: string): Ref[] {
  const { name, namespace: other } = (ref ?? {}) as { name?: string; namespace?: string };
  return name === undefined ? [] : [{ kind, name, namespace: other ?? namespace }];
}

function holdsOn({ kind, metadata }: Resource, resources: readonly Resource[]): Ref[] {
  return resources.flatMap((each): Ref[] => {
    if (each.kind !== 'Hold' || each.metadata.namespace !== metadata.namespace) return [];
    const { targetRef } = each.spec;
    const meant = targetRef.kind === kind && (targetRef.name === '*' || targetRef.name === metadata.name);
    return meant ? [{ kind: 'Hold', name: each.metadata.name, namespace: metadata.namespace ?? '' }] : [];
  });
}

/** Brokers need not be named: that of the namespace is meant. */
function brokersFor({ kind }: Resource, resources: readonly Resource[], namespace: string): Ref[] {
  if (kind === 'Broker') return [];
  return resources
    .filter((each) => each.kind === 'Broker' && (each.metadata.namespace ?? namespace) === namespace)
    .map(({ metadata }) => ({ kind: 'Broker', name: metadata.name, namespace }));
}

/** What is to be mended: the ends of the chain, and what is wrong by itself on the way there. */
export function rootsOf(link: Link): Link[] {
  const below = link.causes.flatMap(rootsOf);
  const itself = link.missing || link.against.some(({ type }) => type === 'Accepted');
  return itself || (below.length === 0 && link.against.length > 0) ? [link, ...below] : below;
}

export function whyText(link: Link): string {
  const roots = rootsOf(link);
  if (roots.length === 0) return `${link.what}: nothing is against it\n`;
  const broken = [...new Set(roots.map(({ what }) => what))].filter((what) => what !== link.what);
  const end = broken.length > 0 ? `\nMend ${broken.join(', ')}: the rest follows.\n` : '';
  return `${lines(link, '').join('\n')}\n${end}`;
}

function lines({ what, against, missing, causes }: Link, indent: string): string[] {
  const said = missing
    ? [`${indent}${what} does not exist`]
    : [`${indent}${what}`, ...against.map(({ type, reason, message }) => `${indent}  ${type}: ${reason}: ${message}`)];
  return [...said, ...causes.flatMap((cause) => ['', ...lines(cause, `${indent}    `)])];
}
