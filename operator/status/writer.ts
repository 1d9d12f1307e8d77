/**
 * The one writer of statuses. It writes after the effect that the status speaks of, only when something changes, and never
 * to another object than the one that was looked at (a recreated one of the same name has another UID).
 */
import { setCondition, type Verdict } from '../../crds/conditions.ts';
import type { Condition, Resource, Status } from '../../crds/generated/types.ts';
import { canonicalJson } from '../../runtime/canonical.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKube } from '../kube/errors.ts';
import { CROSSDOCK, type KubeObject } from '../kube/types.ts';
import type { Details } from './details.ts';

interface Written {
  /** Version of the object that the cache held when we wrote: while it still does, the cache does not know our write. */
  seen: string;
  status: Status & Details;
}

export class StatusWriter {
  readonly #client: KubeClient;
  readonly #now: () => Date;
  readonly #written = new Map<string, Written>();

  constructor(client: KubeClient, now: () => Date = () => new Date()) {
    this.#client = client;
    this.#now = now;
  }

  /** Returns whether anything was written. A resource that is gone or was recreated is left alone. */
  async write(resource: Resource, verdicts: readonly Verdict[], details: Details): Promise<boolean> {
    const { name, namespace, uid = '', generation = 1, resourceVersion = '' } = resource.metadata;
    const current = this.current(resource);
    const types = new Set(verdicts.map(({ type }) => type));
    let conditions: Condition[] = (current?.conditions ?? []).filter(({ type }) => types.has(type));
    for (const verdict of verdicts) conditions = setCondition(conditions, verdict, this.#now(), generation);
    const status = { ...details, conditions, observedGeneration: generation };
    if (current && canonicalJson(current) === canonicalJson(status)) return false;
    try {
      await this.#client.applyStatus(CROSSDOCK[resource.kind], {
        metadata: { name, namespace: namespace!, uid },
        status,
      });
    } catch (error) {
      if (!isKube(error, 'NotFound', 'Conflict')) throw error;
      return false;
    }
    this.#written.set(uid, { seen: resourceVersion, status });
    return true;
  }

  /** The status as the server has it, as far as we can know. */
  current(resource: Resource): (Status & Details) | undefined {
    const { uid = '', resourceVersion = '' } = resource.metadata;
    const written = this.#written.get(uid);
    if (written?.seen === resourceVersion) return written.status;
    this.#written.delete(uid);
    return resource.status as (Status & Details) | undefined;
  }

  forget(object: KubeObject): void {
    this.#written.delete(object.metadata.uid ?? '');
  }
}
