/**
 * How a plan lies in a namespace of Kubernetes. Each part is an immutable ConfigMap named by its hash; one small ConfigMap holds
 * the index and names all parts that it needs. The operator writes parts before the index and removes parts that no index has
 * needed for a while, so a reader that finds a part missing reads the index again.
 */
import { canonicalJson, sha256Hex } from './canonical.ts';
import type { Part, PartHash, Plan, PlanIndex } from './plan.ts';

/** ConfigMap of the index of the namespace's default pool. */
export const PLAN_CONFIG_MAP = 'crossdock-plan';
export const INDEX_KEY = 'index.json';
export const PARTS_KEY = 'parts.json';
/** What the tracker is to do: its plan, beside the index. */
export const TRACKER_KEY = 'tracker.json';
/** Label of the ConfigMaps of parts; its value is the part's kind. */
export const PART_LABEL = 'crossdock.dev/part';
export const PART_KEY = 'part.json';
export const partConfigMap = (hash: PartHash): string => `crossdock-part-${hash}`;

/** Secret of the namespace's own broker user: `uri` (amqp[s]://…/vhost), and `ca.crt` where the Broker has one. */
export const BROKER_SECRET = 'crossdock-broker';
/** Secret whose `url` is the PostgreSQL of the namespace's runtimes and tracker. */
export const DATABASE_SECRET = 'crossdock-database';
/** Secret whose `token` the runtime demands for `/state`. */
export const RUNTIME_TOKEN_SECRET = 'crossdock-runtime-token';

export const indexHash = (index: PlanIndex): string => sha256Hex(canonicalJson(index)).slice(0, 32);

/** `data` of the index's ConfigMap. */
export const encodeIndex = (index: PlanIndex, parts: Iterable<PartHash>): Record<string, string> => ({
  [INDEX_KEY]: canonicalJson(index),
  [PARTS_KEY]: JSON.stringify([...parts].sort()),
});
export const encodePart = (part: Part): Record<string, string> => ({ [PART_KEY]: canonicalJson(part) });

export interface PublishedIndex {
  index: PlanIndex;
  parts: PartHash[];
}
/** Throws when the data is not an index. */
export function decodeIndex(data: Record<string, string> | undefined): PublishedIndex {
  const [index, parts] = [data?.[INDEX_KEY], data?.[PARTS_KEY]];
  if (!index || !parts) throw new Error(`ConfigMap ${PLAN_CONFIG_MAP} lacks ${INDEX_KEY} or ${PARTS_KEY}`);
  return { index: JSON.parse(index) as PlanIndex, parts: JSON.parse(parts) as PartHash[] };
}
/** Throws when the data is not a part. */
export function decodePart(data: Record<string, string> | undefined): Part {
  const part = data?.[PART_KEY];
  if (!part) throw new Error(`a ConfigMap of a part lacks ${PART_KEY}`);
  return JSON.parse(part) as Part;
}

/** The plan, with each part from `read` (asked once per hash; reuse what is known, parts never change). */
export async function assemblePlan(published: PublishedIndex, read: (hash: PartHash) => Promise<Part>): Promise<Plan> {
  const parts: Record<PartHash, Part> = {};
  await Promise.all(
    published.parts.map(async (hash) => {
      parts[hash] = await read(hash);
    }),
  );
  return { index: published.index, parts };
}

const HASH = /"([0-9a-f]{32})"/g;
/**
 * Every known part that is reachable from the given ones, themselves included. `known` yields a part's JSON by hash. Whoever asks for many
 * roots hands in `named`, so that what they share is read once.
 */
export function closure(
  roots: Iterable<PartHash>,
  known: (hash: PartHash) => string | undefined,
  named = new Map<PartHash, readonly PartHash[]>(),
): Set<PartHash> {
  const found = new Set<PartHash>();
  const open = [...roots];
  for (let hash = open.pop(); hash !== undefined; hash = open.pop()) {
    if (found.has(hash)) continue;
    let next = named.get(hash);
    if (next === undefined) {
      const text = known(hash);
      if (text === undefined) continue;
      next = [...text.matchAll(HASH)].map(([, each]) => each!);
      named.set(hash, next);
    }
    found.add(hash);
    open.push(...next);
  }
  return found;
}
