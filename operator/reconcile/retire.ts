/**
 * The end of what owns queues. The order: the plan without it is published and its queues are unbound (by the ordinary
 * apply), its runtimes stop consuming, then empty queues go and those with messages stay, unless `deletionPolicy: Delete`.
 * The finalizer never stays longer than a bound, whatever the broker does: what is left then is named in an event.
 */
import type { Broker, Integration } from '../../crds/generated/types.ts';
import type { TopologyReport } from '../apply/rabbitmq/apply.ts';
import type { Counts, Leftover } from '../apply/rabbitmq/changes.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKube } from '../kube/errors.ts';
import type { EventRecorder, Said } from '../kube/events.ts';
import { CROSSDOCK, type KubeObject } from '../kube/types.ts';
import type { Link } from './brokers.ts';
import { integrationOf } from './obstacles.ts';

export const FINALIZER = 'crossdock.dev/topology';
/** The bound, from the deletion on. */
const PATIENCE_MS = 120_000;
/** How long runtimes may take to stop consuming before they are no longer waited for. */
const CONFIRM_MS = 30_000;
const LOOK_MS = 1_000;

export type Owner = (Integration | Broker) & KubeObject;

export interface RetireOptions {
  client: KubeClient;
  events: EventRecorder;
  patienceMs?: number;
  /** A queue that was seen empty for so long is empty. */
  emptyMs: number;
  now?: () => number;
}

export class Retirement {
  readonly #options: Required<RetireOptions>;

  constructor(options: RetireOptions) {
    this.#options = { now: Date.now, patienceMs: PATIENCE_MS, ...options };
  }

  /** Puts the finalizer on what owns queues. */
  async protect(owner: Owner): Promise<void> {
    if (owner.metadata.finalizers?.includes(FINALIZER) || owner.metadata.deletionTimestamp) return;
    await this.#applyFinalizers(owner, [FINALIZER]);
  }

  /** Lets the object go. */
  async release(owner: Owner, said?: Said): Promise<void> {
    if (said) this.#options.events.record(owner, said);
    await this.#applyFinalizers(owner, []);
  }

  /** Lets it go though something is left. */
  async abandon(owner: Owner, what: string): Promise<void> {
    await this.release(owner, left(owner, what));
  }

  /** Since when it is being deleted, ms. */
  age(owner: Owner): number {
    return this.#options.now() - Date.parse(owner.metadata.deletionTimestamp ?? '');
  }

  overdue(owner: Owner): boolean {
    return this.age(owner) >= this.#options.patienceMs;
  }

  /** For want of a broker. Released when the bound is over; else ms until the next try. */
  async waitForBroker(owner: Owner, problem: string, retryMs: number): Promise<number | undefined> {
    const age = this.age(owner);
    if (!this.overdue(owner)) return Math.min(retryMs, this.#options.patienceMs - age) + 50;
    await this.release(
      owner,
      left(owner, `its queues, because the broker could not be asked for ${Math.round(age / 1_000)} s: ${problem}`),
    );
    return undefined;
  }

  /** One look at an Integration that is being deleted. Released, or ms until the next look. */
  async integration(
    integration: Integration & KubeObject,
    link: Link,
    vhost: string,
    report: TopologyReport,
    stillRunning: boolean,
  ): Promise<number | undefined> {
    const { name } = integration.metadata;
    const age = this.age(integration);
    const leftovers = report.retained.filter(({ queue }) => integrationOf(queue) === name);
    if (leftovers.length === 0) return void (await this.release(integration, removed(integration)));
    if (stillRunning && age < CONFIRM_MS) return LOOK_MS;
    if (integration.spec.deletionPolicy === 'Delete') {
      for (const { queue } of leftovers) await link.client.deleteQueue(vhost, queue);
      return void (await this.release(integration, removed(integration)));
    }
    const kept: string[] = [];
    const undecided: string[] = [];
    for (const leftover of leftovers) {
      const { queue, counts } = leftover;
      if (total(counts) > 0) kept.push(`${queue} (${total(counts)} messages)`);
      else if (!this.#settled(leftover)) undecided.push(`${queue} (not known to be empty)`);
      // Counts lag; what is ready now does not.
      else if (await link.client.hasReady(vhost, queue)) kept.push(`${queue} (holds messages)`);
      else await link.client.deleteQueue(vhost, queue);
    }
    if (undecided.length > 0 && !this.overdue(integration)) return LOOK_MS;
    const names = [...kept, ...undecided].join(', ');
    const said = names ? left(integration, `the queues ${names} in virtual host ${vhost}`) : removed(integration);
    await this.release(integration, said);
    return undefined;
  }

  #settled({ counts, emptySince }: Leftover): boolean {
    return (
      counts !== undefined && emptySince !== undefined && this.#options.now() - emptySince >= this.#options.emptyMs
    );
  }

  async #applyFinalizers(owner: Owner, finalizers: string[]): Promise<void> {
    const { name, namespace, uid } = owner.metadata;
    const metadata = { name, namespace: namespace!, uid: uid!, finalizers };
    try {
      await this.#options.client.apply(CROSSDOCK[owner.kind], { metadata });
    } catch (error) {
      // Gone, or recreated under the same name: not ours to hold.
      if (!isKube(error, 'NotFound', 'Conflict')) throw error;
    }
  }
}

export const total = (counts: Counts | undefined): number =>
  counts ? counts.ready + counts.unacknowledged + counts.deadLettering : 0;

const removed = ({ metadata, kind }: KubeObject): Said => ({
  type: 'Normal',
  reason: 'TopologyRemoved',
  action: 'Delete',
  note: `the topology of ${kind} ${metadata.name} is removed`,
});
export const left = ({ kind, metadata }: KubeObject, what: string): Said => ({
  type: 'Warning',
  reason: 'TopologyRetained',
  action: 'Delete',
  note: `${kind} ${metadata.name} is deleted; left at the broker: ${what}`,
});
