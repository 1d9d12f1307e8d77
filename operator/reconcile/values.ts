/**
 * Values of Secrets and ConfigMaps, read when needed and kept for the version that the watch shows. Secret values stay inside
 * the closures that connect with them: they never reach a World, a plan, a status or a log.
 */
import type { KubeClient } from '../kube/client.ts';
import { isKube } from '../kube/errors.ts';
import { CONFIG_MAPS, type ConfigMap, SECRETS, type Secret } from '../kube/types.ts';
import type { Sources } from './sources.ts';

type Data = Record<string, string>;

export class Values {
  readonly #client: KubeClient;
  readonly #sources: Sources;
  readonly #known = new Map<string, { version: string; data: Data }>();

  constructor(client: KubeClient, sources: Sources) {
    this.#client = client;
    this.#sources = sources;
  }

  /** Decoded; undefined when there is no such Secret. */
  async secret(namespace: string, name: string): Promise<{ version: string; data: Data } | undefined> {
    const cached = this.#sources.secrets.get(namespace, name);
    return this.#read(`secret/${namespace}/${name}`, cached?.metadata.resourceVersion, async () => {
      const { data = {}, metadata } = await this.#client.get<Secret>(SECRETS, namespace, name);
      const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]);
      return { version: metadata.resourceVersion!, data: Object.fromEntries(decoded) as Data };
    });
  }

  async configMap(namespace: string, name: string): Promise<Data | undefined> {
    const cached = this.#sources.configMaps.get(namespace, name);
    if (!cached) return undefined;
    const read = await this.#read(`configMap/${namespace}/${name}`, cached.metadata.resourceVersion, async () => {
      const { data = {}, metadata } = await this.#client.get<ConfigMap>(CONFIG_MAPS, namespace, name);
      return { version: metadata.resourceVersion!, data };
    });
    return read?.data;
  }

  async #read(
    key: string,
    version: string | undefined,
    fetch: () => Promise<{ version: string; data: Data }>,
  ): Promise<{ version: string; data: Data } | undefined> {
    const known = this.#known.get(key);
    if (known && known.version === version) return known;
    try {
      const read = await fetch();
      this.#known.set(key, read);
      return read;
    } catch (error) {
      if (!isKube(error, 'NotFound')) throw error;
      this.#known.delete(key);
      return undefined;
    }
  }
}
