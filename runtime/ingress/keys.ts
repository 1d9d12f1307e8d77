/**
 * Whose API key is it? Keys are indexed by their sha256 and compared in constant time with the Secret's value of now, so a
 * revoked key ends at once; a new one is found because a miss rebuilds the index, at most once a second.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { SecretKeyRef } from '../../crds/generated/types.ts';
import type { Secrets } from '../connectors/connector.ts';

const REBUILD_MS = 1_000;

export interface KeyOwner {
  name: string;
  keys: SecretKeyRef[];
}

/** By sha256 of the key. */
type Candidates = Map<string, { owner: string; ref: SecretKeyRef }[]>;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Constant time in the presented text's content; an empty key is nobody's. */
const sameKey = (presented: string, expected: string): boolean =>
  timingSafeEqual(digest(presented), digest(expected)) && expected !== '';
/** Looks at all of them, whichever it is. */
export const isOneOf = (presented: string, keys: readonly string[]): boolean =>
  keys.filter((key) => sameKey(presented, key)).length > 0;

/** Of a Secret's value, a line each: while a key is rotated, the old one and the new one are valid. One made from a file ends in a line feed. */
export const keysOf = (value: string): string[] => value.split(/[\r\n]+/).filter((key) => key !== '');

export class KeyIndex {
  readonly #owners: KeyOwner[];
  readonly #secrets: Secrets;
  readonly #onTrouble: (message: string) => void;
  #byDigest: Candidates = new Map();
  #builtAt = Number.NEGATIVE_INFINITY;
  #building: Promise<void> | undefined;

  constructor(owners: KeyOwner[], secrets: Secrets, onTrouble: (message: string) => void) {
    this.#owners = owners;
    this.#secrets = secrets;
    this.#onTrouble = onTrouble;
  }

  /** The one owner of the key; undefined where it is nobody's, or more than one's (they could not be told apart). */
  async ownerOf(presented: string): Promise<string | undefined> {
    return (await this.#current(presented)) ?? ((await this.#rebuild()) ? this.#current(presented) : undefined);
  }

  async #current(presented: string): Promise<string | undefined> {
    const candidates = this.#byDigest.get(digest(presented).toString('base64')) ?? [];
    const owners = new Set<string>();
    for (const { owner, ref } of candidates) {
      const value = await this.#secrets.get(ref.name, ref.key).catch(() => undefined);
      if (value && isOneOf(presented, keysOf(value.reveal()))) owners.add(owner);
    }
    if (owners.size > 1)
      this.#onTrouble(`${[...owners].sort().join(' and ')} have the same API key; none of them is let in by it`);
    return owners.size === 1 ? [...owners][0] : undefined;
  }

  /** False if it was built a moment ago. */
  async #rebuild(): Promise<boolean> {
    if (!this.#building && performance.now() - this.#builtAt < REBUILD_MS) return false;
    this.#building ??= this.#build().finally(() => {
      this.#building = undefined;
      this.#builtAt = performance.now();
    });
    await this.#building;
    return true;
  }

  async #build(): Promise<void> {
    const next: Candidates = new Map();
    for (const { name, keys } of this.#owners) {
      for (const ref of keys) {
        const value = await this.#secrets
          .get(ref.name, ref.key)
          .catch((error: Error) => void this.#onTrouble(error.message));
        for (const key of value ? keysOf(value.reveal()) : []) {
          const id = digest(key).toString('base64');
          next.set(id, [...(next.get(id) ?? []), { owner: name, ref }]);
        }
      }
    }
    this.#byDigest = next;
  }
}
