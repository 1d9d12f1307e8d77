/**
 * Puts a plan into force in a namespace: parts first (immutable, named by hash, created once), then the index. Writes nothing
 * when the index is as it should be and no part is missing. Parts that no index needs go after a grace, because a runtime may
 * still be reading them.
 */
import { canonicalJson } from '../../runtime/canonical.ts';
import type { Part, PartHash } from '../../runtime/plan.ts';
import {
  decodeIndex,
  encodeIndex,
  PART_KEY,
  PART_LABEL,
  PLAN_CONFIG_MAP,
  partConfigMap,
  TRACKER_KEY,
} from '../../runtime/published.ts';
import type { TrackerPlan } from '../../tracker/plan.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKube } from '../kube/errors.ts';
import { CONFIG_MAPS, type ConfigMap } from '../kube/types.ts';
import type { InForce, NextPlan } from './last-good.ts';
import type { Sources } from './sources.ts';

/** Below the API server's 1 MiB, for metadata. */
export const PART_LIMIT = 1_000_000;
const AT_ONCE = 8;
/** The watch shows our own write within this, else it is made again. */
const ECHO_MS = 10_000;

export class Publisher {
  readonly #client: KubeClient;
  readonly #sources: Sources;
  readonly #graceMs: number;
  readonly #now: () => number;
  /** By namespace and hash: text, of what we wrote or read. Parts never change. */
  readonly #texts = new Map<string, Map<PartHash, string>>();
  /** When we created a part that the cache does not show yet. */
  readonly #created = new Map<string, number>();
  /** Since when a part is not needed. */
  readonly #unneeded = new Map<string, number>();
  /** Our last index by namespace, while the cache does not know it yet. */
  readonly #written = new Map<string, { seen: string | undefined; data: Record<string, string> }>();

  constructor(client: KubeClient, sources: Sources, graceMs = 120_000, now: () => number = Date.now) {
    this.#client = client;
    this.#sources = sources;
    this.#graceMs = graceMs;
    this.#now = now;
  }

  /** The plan in force, read back where this process did not write it. Undefined: there is none, or it cannot be read. */
  async inForce(namespace: string): Promise<InForce | undefined> {
    const data = this.#indexData(namespace);
    if (!data) return undefined;
    const { index, parts } = decodeIndex(data);
    const tracker = data[TRACKER_KEY] === undefined ? undefined : (JSON.parse(data[TRACKER_KEY]) as TrackerPlan);
    const texts = this.#textsOf(namespace);
    await each(parts, async (hash) => {
      if (texts.has(hash) || !this.#sources.configMaps.get(namespace, partConfigMap(hash))) return;
      const found = await this.#client
        .get<ConfigMap>(CONFIG_MAPS, namespace, partConfigMap(hash))
        .catch((error: unknown) => (isKube(error, 'NotFound') ? undefined : Promise.reject(error)));
      const text = found?.data?.[PART_KEY];
      if (text) texts.set(hash, text);
    });
    return { index, texts, tracker };
  }

  /** Returns whether anything was written. */
  async publish(namespace: string, plan: NextPlan): Promise<boolean> {
    const data = { ...encodeIndex(plan.index, plan.texts.keys()), [TRACKER_KEY]: canonicalJson(plan.tracker) };
    const current = this.#indexData(namespace);
    const same = current !== undefined && canonicalJson(current) === canonicalJson(data);
    const texts = this.#textsOf(namespace);
    let wrote = false;
    await each([...plan.texts], async ([hash, text]) => {
      const key = `${namespace}/${hash}`;
      this.#unneeded.delete(key);
      const there = this.#sources.configMaps.get(namespace, partConfigMap(hash));
      if (there && !there.metadata.deletionTimestamp) {
        texts.set(hash, text);
        this.#created.delete(key);
        return;
      }
      if (this.#now() - (this.#created.get(key) ?? 0) < ECHO_MS) return;
      wrote = (await this.#createPart(namespace, hash, text)) || wrote;
      this.#created.set(key, this.#now());
      texts.set(hash, text);
    });
    if (same) return wrote;
    const seen = this.#sources.configMaps.get(namespace, PLAN_CONFIG_MAP)?.metadata.resourceVersion;
    await this.#client.apply(CONFIG_MAPS, { metadata: { name: PLAN_CONFIG_MAP, namespace, labels: OURS }, data });
    this.#written.set(namespace, { seen, data });
    return true;
  }

  /** Deletes parts that were not needed by the index for longer than the grace. */
  async collect(namespace: string, plan: Pick<NextPlan, 'texts'>): Promise<number> {
    let deleted = 0;
    for (const { metadata } of this.#sources.configMaps.all(namespace)) {
      if (metadata.labels?.[PART_LABEL] === undefined) continue;
      const hash = metadata.name.slice(partConfigMap('').length);
      const key = `${namespace}/${hash}`;
      if (plan.texts.has(hash)) continue;
      const since = this.#unneeded.get(key) ?? this.#now();
      this.#unneeded.set(key, since);
      if (this.#now() - since < this.#graceMs) continue;
      await this.#client
        .delete(CONFIG_MAPS, namespace, metadata.name, { uid: metadata.uid! })
        .catch((error: unknown) => (isKube(error, 'NotFound', 'Conflict') ? undefined : Promise.reject(error)));
      this.#unneeded.delete(key);
      this.#textsOf(namespace).delete(hash);
      deleted += 1;
    }
    return deleted;
  }

  /** Takes the plan away, index first: of a namespace in which nothing of ours is left. */
  async end(namespace: string): Promise<void> {
    const all = this.#sources.configMaps.all(namespace);
    const index = all.filter(({ metadata }) => metadata.name === PLAN_CONFIG_MAP);
    const parts = all.filter(({ metadata }) => metadata.labels?.[PART_LABEL] !== undefined);
    for (const some of [index, parts])
      await each(some, async ({ metadata }) => {
        await this.#client
          .delete(CONFIG_MAPS, namespace, metadata.name, { uid: metadata.uid! })
          .catch((error: unknown) => (isKube(error, 'NotFound', 'Conflict') ? undefined : Promise.reject(error)));
      });
  }

  /** The namespace has no plan any more. */
  forget(namespace: string): void {
    this.#texts.delete(namespace);
    this.#written.delete(namespace);
    for (const times of [this.#created, this.#unneeded])
      for (const key of times.keys()) if (key.startsWith(`${namespace}/`)) times.delete(key);
  }

  #indexData(namespace: string): Record<string, string> | undefined {
    const cached = this.#sources.configMaps.get(namespace, PLAN_CONFIG_MAP);
    const written = this.#written.get(namespace);
    if (written && written.seen === cached?.metadata.resourceVersion) return written.data;
    this.#written.delete(namespace);
    return cached?.data;
  }

  /** False when it was there already: equal by its name. */
  async #createPart(namespace: string, hash: PartHash, text: string): Promise<boolean> {
    const { part } = JSON.parse(text) as Part;
    try {
      await this.#client.create<ConfigMap>(CONFIG_MAPS, {
        metadata: { name: partConfigMap(hash), namespace, labels: { ...OURS, [PART_LABEL]: part } },
        immutable: true,
        data: { [PART_KEY]: text },
      });
      return true;
    } catch (error) {
      if (isKube(error, 'AlreadyExists')) return false;
      throw error;
    }
  }

  #textsOf(namespace: string): Map<PartHash, string> {
    const texts = this.#texts.get(namespace) ?? new Map<PartHash, string>();
    this.#texts.set(namespace, texts);
    return texts;
  }
}

export const OURS = { 'app.kubernetes.io/managed-by': 'crossdock' };

/** Runs over all, a few at a time; the first failure stops and is thrown. */
export async function each<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, items.length) }, async () => {
      for (const item of queue) await run(item);
    }),
  );
}
