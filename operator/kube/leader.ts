/**
 * Leader election on a Lease. Election alone is not fencing: a process that was stopped for longer than the lease goes on
 * where it was. So a leader holds a right to write that ends, by its own monotonic clock, before anybody else may take the
 * lease; the right is checked before each write (`fence`), and a write's deadline never reaches past it.
 */
import type { KubeClient } from './client.ts';
import { isKube, KubeError } from './errors.ts';
import { pause } from './pause.ts';
import { type KubeObject, LEASES } from './types.ts';

export interface LeaderOptions {
  /** Not fenced: the lease itself is written with it. */
  client: KubeClient;
  namespace: string;
  name: string;
  /** Unique among the processes that run for it, for example pod name and a random part. */
  identity: string;
  /** Others may take the lease when they have seen it unchanged for so long. */
  leaseMs?: number;
  /** The right to write ends so long after the last renewal began. Below leaseMs by more than any clock drift. */
  writeMs?: number;
  retryMs?: number;
  onChange?: (leading: boolean) => void;
  onError?: (error: unknown) => void;
  /** Monotonic ms. */
  now?: () => number;
}
interface Lease extends KubeObject {
  spec?: {
    holderIdentity?: string;
    leaseDurationSeconds?: number;
    acquireTime?: string;
    renewTime?: string;
    leaseTransitions?: number;
  };
}

export class LeaderElection {
  readonly #options: Required<LeaderOptions>;
  readonly #stop = new AbortController();
  #writeUntil = Number.NEGATIVE_INFINITY;
  #told = false;
  /** The lease as last seen and when, by our clock: expiry is never judged by another machine's time. */
  #seen: { version: string; at: number } | undefined;
  #loop: Promise<void> | undefined;
  #expiry: NodeJS.Timeout | undefined;

  constructor(options: LeaderOptions) {
    this.#options = {
      leaseMs: 15_000,
      writeMs: 10_000,
      retryMs: 2_000,
      onChange: () => {},
      onError: () => {},
      now: () => performance.now(),
      ...options,
    };
    if (this.#options.writeMs >= this.#options.leaseMs) throw new Error('writeMs must be below leaseMs');
  }

  isLeader(): boolean {
    return this.#options.now() < this.#writeUntil;
  }

  /** Ms for which this process may still write; throws Forbidden when it may not. */
  readonly fence = (): number => {
    const left = this.#writeUntil - this.#options.now();
    if (left <= 0) throw new KubeError('Forbidden', 0, 'not the leader: another operator may be writing');
    return left;
  };

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Gives the lease up, so that another takes over at once. The caller has stopped writing before. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    const held = this.isLeader();
    this.#lose();
    if (held) await this.#release().catch(this.#options.onError);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const began = this.#options.now();
      try {
        if (await this.#tryHold()) {
          this.#writeUntil = began + this.#options.writeMs;
          this.#tell();
        } else this.#lose();
      } catch (error) {
        if (isKube(error, 'Conflict', 'AlreadyExists')) this.#lose();
        else this.#options.onError(error);
        this.#tell();
      }
      await pause(this.#options.retryMs * (0.9 + Math.random() / 5), signal);
    }
  }

  /** True when the lease is ours, renewed by this call. */
  async #tryHold(): Promise<boolean> {
    const { client, namespace, name, identity, leaseMs, now } = this.#options;
    const lease = await client.get<Lease>(LEASES, namespace, name).catch((error: unknown) => {
      if (isKube(error, 'NotFound')) return undefined;
      throw error;
    });
    const time = new Date().toISOString().replace('Z', '000Z');
    const ours = {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseMs / 1_000),
      acquireTime: time,
      renewTime: time,
      leaseTransitions: 0,
    };
    if (!lease) {
      await client.create(LEASES, { metadata: { name, namespace }, spec: ours });
      return true;
    }
    const spec = lease.spec ?? {};
    const version = lease.metadata.resourceVersion!;
    if (this.#seen?.version !== version) this.#seen = { version, at: now() };
    const mine = spec.holderIdentity === identity;
    const free =
      !spec.holderIdentity || now() - this.#seen.at > Math.max(leaseMs, (spec.leaseDurationSeconds ?? 0) * 1_000);
    if (!mine && !free) return false;
    const next = mine ? { ...spec, renewTime: time } : { ...ours, leaseTransitions: (spec.leaseTransitions ?? 0) + 1 };
    await client.replace(LEASES, { metadata: { name, namespace, resourceVersion: version }, spec: next });
    return true;
  }

  async #release(): Promise<void> {
    const { client, namespace, name, identity } = this.#options;
    const lease = await client.get<Lease>(LEASES, namespace, name);
    if (lease.spec?.holderIdentity !== identity) return;
    const spec = { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 };
    const { resourceVersion } = lease.metadata;
    await client.replace(LEASES, { metadata: { name, namespace, resourceVersion: resourceVersion! }, spec });
  }

  #lose(): void {
    this.#writeUntil = Number.NEGATIVE_INFINITY;
    this.#tell();
  }

  /** Tells of a change, also of the one that comes by mere passing of time. */
  #tell(): void {
    clearTimeout(this.#expiry);
    const leading = this.isLeader();
    if (leading) this.#expiry = setTimeout(() => this.#tell(), this.#writeUntil - this.#options.now() + 1);
    if (leading === this.#told) return;
    this.#told = leading;
    this.#options.onChange(leading);
  }
}
