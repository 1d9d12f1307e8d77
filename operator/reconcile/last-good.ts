/** Which plan comes into force: the new translation, with the last good plan of each root whose new one is broken. Pure. */
import { canonicalJson } from '../../runtime/canonical.ts';
import type { Part, PartHash, PlanIndex, RootEntry } from '../../runtime/plan.ts';
import { closure } from '../../runtime/published.ts';
import type { RootKey } from '../../runtime/state.ts';
import type { TrackerPlan } from '../../tracker/plan.ts';
import type { NamespaceTranslation } from '../translate/translation.ts';
import { nextTrackerPlan } from './tracker-plan.ts';

export interface InForce {
  index: PlanIndex;
  /** JSON of the parts that the index in force needs, as far as they are still there. */
  texts: ReadonlyMap<PartHash, string>;
  tracker?: TrackerPlan | undefined;
}
export interface NextPlan {
  index: PlanIndex;
  /** Of every part that the index needs: canonical JSON. */
  texts: ReadonlyMap<PartHash, string>;
  /** Roots whose entry is an older, last good one. */
  kept: RootKey[];
  /** Of the business processes, each in its last good version. */
  tracker: TrackerPlan;
}

/** Where the index has the roots of a kind. */
const ENTRIES = { Integration: 'integrations', Partner: 'partners', ReferenceTable: 'tables' } as const;
type RootKind = keyof typeof ENTRIES;
const isRootKind = (kind: string): kind is RootKind => Object.hasOwn(ENTRIES, kind);

/**
 * `oversized` roots have a plan that cannot be published; they keep their last good one like broken ones. A root whose
 * resource is gone, or whose last good parts are no longer complete, has no entry.
 */
export function nextPlan(
  translation: Pick<NamespaceTranslation, 'translations' | 'index' | 'parts'>,
  inForce: InForce | undefined,
  oversized: ReadonlySet<RootKey> = new Set(),
): NextPlan {
  const fresh = new Map(Object.entries(translation.parts).map(([hash, part]) => [hash, textOf(part)]));
  const text = (hash: PartHash): string | undefined => fresh.get(hash) ?? inForce?.texts.get(hash);
  const kept: RootKey[] = [];
  const entries: Record<RootKind, Record<string, RootEntry>> = { Integration: {}, Partner: {}, ReferenceTable: {} };
  for (const { kind, name, plan } of translation.translations) {
    if (!isRootKind(kind)) continue;
    const key: RootKey = `${kind}/${name}`;
    const current = own(translation.index[ENTRIES[kind]] ?? {}, name);
    if (plan && current && !oversized.has(key)) {
      entries[kind][name] = current;
      continue;
    }
    const last = inForce && own(inForce.index[ENTRIES[kind]] ?? {}, name);
    if (!last || text(last.hash) === undefined) continue;
    entries[kind][name] = last;
    kept.push(key);
  }
  const roots = Object.values(entries).flatMap((each) => Object.values(each).map(({ hash }) => hash));
  const texts = new Map([...closure(roots, text)].map((hash) => [hash, text(hash)!]));
  const { tables: _, ...rest } = translation.index;
  const index: PlanIndex = {
    ...rest,
    integrations: sorted(entries.Integration),
    partners: sorted(entries.Partner),
    ...(Object.keys(entries.ReferenceTable).length > 0 && { tables: sorted(entries.ReferenceTable) }),
  };
  return { index, texts, kept, tracker: nextTrackerPlan(translation, inForce?.tracker) };
}

/** Roots whose plan has a part that is longer than the limit (in bytes of UTF-8). */
export function oversizedRoots(translation: Pick<NamespaceTranslation, 'translations'>, limit: number): Set<RootKey> {
  const roots = new Set<RootKey>();
  for (const { kind, name, plan } of translation.translations) {
    if (!isRootKind(kind)) continue;
    if (Object.values(plan?.parts ?? {}).some((part) => Buffer.byteLength(textOf(part)) > limit))
      roots.add(`${kind}/${name}`);
  }
  return roots;
}

/** Parts are values that translation hands out again and again: their text is made once. */
const known = new WeakMap<Part, string>();
function textOf(part: Part): string {
  const text = known.get(part) ?? canonicalJson(part);
  known.set(part, text);
  return text;
}

/** Entries of an index by root. */
export const entriesOf = (index: PlanIndex | undefined): Record<RootKey, RootEntry> =>
  Object.fromEntries(
    (Object.keys(ENTRIES) as RootKind[]).flatMap((kind) =>
      Object.entries(index?.[ENTRIES[kind]] ?? {}).map(([name, entry]) => [`${kind}/${name}`, entry]),
    ),
  );

const own = <T>(record: Record<string, T>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;
const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
