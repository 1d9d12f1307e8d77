/** The way in: a namespace's resources → plans, topology, conditions and findings. See translation.ts for the contract. */
import type { Kind, Resource } from '../../crds/generated/types.ts';
import { canonicalJson, sha256Hex } from '../../runtime/canonical.ts';
import type { HoldPlan, OrganizationPlan, PlanIndex, RootEntry } from '../../runtime/plan.ts';
import { baseTopology, mergeTopologies } from '../apply/rabbitmq/topology.ts';
import { HOLD_DIRECTION, USAGE } from './defaults.ts';
import { lintNamespace } from './lint.ts';
import { Memo } from './memo.ts';
import { mergeParts } from './parts.ts';
import { findingsOf, verdictsOf } from './problems.ts';
import type { Finding, NamespaceTranslation, Topology, Translation, World } from './translation.ts';
import type { Built, ResourceKey } from './view.ts';
import { identifierClaim, identifierList, WorldIndex } from './world-index.ts';

export interface Translator {
  /** As `translateNamespace`; only what the World's changes touch is translated again. Resources must never be changed in place. */
  translate(world: World): NamespaceTranslation;
  /** `Kind/namespace/name` of what the last call translated anew. */
  readonly made: readonly string[];
}

export const translateNamespace = (world: World): NamespaceTranslation => createTranslator().translate(world);

/** One resource and what it needs, without the findings that need a look at all others. undefined where there is no such resource. */
export function translateRoot(kind: Kind, name: string, world: World): Translation | undefined {
  const index = new WorldIndex(world);
  const resource = index.resource(kind, world.namespace, name);
  if (!resource) return undefined;
  const memo = new Memo();
  memo.look(index);
  return translationOf(resource, memo.get({ kind, namespace: world.namespace, name }), []);
}

export function createTranslator(): Translator {
  const memo = new Memo();
  const topology = mergedTopology();
  return {
    made: memo.made,
    translate(world) {
      const index = new WorldIndex(world);
      memo.look(index);
      const keys: ResourceKey[] = index.own.map((one) => ({ ...one, namespace: world.namespace }));
      const built = keys.map((key) => memo.get(key));
      const lint = lintNamespace(
        index,
        keys.map((key, i) => ({ key, built: built[i]!, notes: memo.notes(key) })),
      );
      memo.sweep();
      const translations = keys.map((key, i) =>
        translationOf(
          index.resource(key.kind, key.namespace, key.name)!,
          built[i]!,
          lint.get(`${key.kind}/${key.name}`) ?? [],
        ),
      );
      const roots = translations.filter((translation) => translation.plan !== undefined);
      return {
        translations,
        index: indexOf(index, roots),
        parts: mergeParts(roots.map((root) => root.plan!.parts)),
        topology: topology(
          world,
          roots.map((root) => root.topology!),
        ),
      };
    },
  };
}

/** A ReferenceTable is one when it lives; it has a topology then. */
const isRoot = (kind: Kind, { topology }: Built): boolean =>
  kind === 'Integration' || kind === 'Partner' || (kind === 'ReferenceTable' && topology !== undefined);

const poolOf = (resource: Resource): string | undefined =>
  resource.kind === 'Integration' ? resource.spec?.runtimePoolRef?.name : undefined;

function translationOf(resource: Resource, built: Built, more: readonly Finding[]): Translation {
  const { kind, metadata } = resource;
  const pool = poolOf(resource);
  const { problems, hash, parts, topology, process, policy, calendar, replay, keeping, links } = built;
  const root = isRoot(kind, built);
  return {
    kind,
    name: metadata.name,
    generation: metadata.generation ?? 1,
    ...(pool !== undefined && { pool }),
    conditions: verdictsOf(kind, problems),
    findings: [...findingsOf(kind, metadata.name, problems), ...more],
    ...(root && hash !== undefined && { plan: { hash, parts } }),
    ...(root && topology && { topology }),
    ...(process && { process }),
    ...(policy && { policy }),
    ...(calendar && { calendar }),
    ...(keeping && { keeping }),
    ...(links && { links }),
    // A folder has no UIDs: there the same content is the same Replay.
    ...(replay && { replay: { ...replay, uid: metadata.uid ?? sha256Hex(canonicalJson(replay.spec)).slice(0, 32) } }),
  };
}

function indexOf(index: WorldIndex, roots: readonly Translation[]): PlanIndex {
  const entries = (kind: Kind): Record<string, RootEntry> =>
    Object.fromEntries(
      roots
        .filter((root) => root.kind === kind)
        .map((root) => [root.name, { hash: root.plan!.hash, generation: root.generation }]),
    );
  return {
    namespace: index.world.namespace,
    integrations: entries('Integration'),
    partners: entries('Partner'),
    ...(roots.some(({ kind }) => kind === 'ReferenceTable') && { tables: entries('ReferenceTable') }),
    holds: index.ownOf('Hold').flatMap(holdPlan),
    organization: organizationPlan(index),
  };
}

/** A Hold whose target is not there yet holds it when it comes. One that cannot be read holds nothing, and says so. */
function holdPlan({ metadata, spec }: Extract<Resource, { kind: 'Hold' }>): HoldPlan[] {
  const until = spec?.until === undefined ? undefined : Date.parse(spec.until);
  if (!spec?.targetRef?.kind || !spec.targetRef.name || Number.isNaN(until)) return [];
  return [
    {
      name: metadata.name,
      kind: spec.targetRef.kind,
      target: spec.targetRef.name,
      direction: spec.direction ?? HOLD_DIRECTION,
      reason: spec.reason,
      ...(until !== undefined && { until }),
    },
  ];
}

/** Of several (which is an error) the first by name. */
function organizationPlan(index: WorldIndex): OrganizationPlan {
  return {
    identifiers: identifierList(index.ownOf('Organization')[0]?.spec?.identifiers)
      .map((identifier) => ({ ...identifier, usage: identifier.usage ?? USAGE }))
      .sort((a, b) => (identifierClaim(a) < identifierClaim(b) ? -1 : 1)),
  };
}

/** Merging thousands of queues is the dearest step, and most changes leave the topology alone. */
function mergedTopology(): (world: World, roots: readonly Topology[]) => Topology {
  let base: { text: string; topology: Topology } | undefined;
  let last: { base: Topology; roots: readonly Topology[]; merged: Topology } | undefined;
  return ({ brokerVersion, generations }, roots) => {
    const made = baseTopology({ ...(brokerVersion && { brokerVersion }), ...(generations && { generations }) });
    const text = JSON.stringify(made);
    if (base?.text !== text) base = { text, topology: made };
    const { topology } = base;
    if (
      last?.base !== topology ||
      last.roots.length !== roots.length ||
      roots.some((root, i) => root !== last!.roots[i])
    )
      last = { base: topology, roots, merged: mergeTopologies(topology, ...roots) };
    return last.merged;
  };
}
