/** Content addressing: equal parts have equal hashes, so a document type that 500 integrations use is stored once. */
import { canonicalJson, sha256Hex } from '../../runtime/canonical.ts';
import type { Part, PartHash } from '../../runtime/plan.ts';

export type Parts = Record<PartHash, Part>;

export const hashOf = (value: unknown): string => sha256Hex(canonicalJson(value)).slice(0, 32);
export const partHash = (part: Part): PartHash => hashOf(part);

/** Union with sorted keys, so that equal contents are equal texts. */
export function mergeParts(all: Iterable<Parts>): Parts {
  const found = new Map<PartHash, Part>();
  for (const parts of all) for (const hash in parts) found.set(hash, parts[hash]!);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
