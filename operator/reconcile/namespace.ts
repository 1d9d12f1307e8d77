/**
 * One look at a namespace, from its resources to their statuses. Effects first, then what was observed is said. Every step may
 * be repeated; a step that has nothing to do writes nothing.
 */
import type { Verdict } from '../../crds/conditions.ts';
import type { Resource } from '../../crds/generated/types.ts';
import type { TrackerState } from '../../tracker/state.ts';
import type { EventRecorder } from '../kube/events.ts';
import type { KubeObject } from '../kube/types.ts';
import { detailsOf } from '../status/details.ts';
import type { Observation, Obstacle } from '../status/observation.ts';
import { poolOf, troubleOf } from '../status/pods.ts';
import { hasEnded, reportOf } from '../status/replay.ts';
import type { Trackers } from '../status/tracked.ts';
import { FIRST_SIGHT, verdictsOf } from '../status/verdicts.ts';
import type { StatusWriter } from '../status/writer.ts';
import { BrokerProblem, type Brokers } from './brokers.ts';
import { RETRY_MS as DATABASE_RETRY_MS, type Databases, type DatabaseTrouble } from './databases.ts';
import type { NamedPool, Pools } from './pools.ts';
import { type Outcome, type ProgramDeps, Programmer } from './program.ts';
import { each } from './publish.ts';
import { FINALIZER, type Owner, type Retirement } from './retire.ts';
import { retireBroker } from './retire-broker.ts';
import type { Runtimes } from './runtimes.ts';
import { isLive } from './sources.ts';

export interface NamespaceDeps extends ProgramDeps {
  brokers: Brokers;
  writer: StatusWriter;
  /** Deletes this very object. */
  remove: (resource: Resource) => Promise<void>;
  runtimes: Runtimes;
  trackers: Runtimes<TrackerState>;
  /** Absent: runtimes are run by somebody else. */
  pools?: Pools;
  /** Absent: somebody else gives namespaces their PostgreSQL. */
  databases?: Databases;
  retirement: Retirement;
  events: EventRecorder;
  /** After so long a namespace is looked at again though nothing changed. */
  driftMs: number;
  /** What is wrong for less than this is no event. */
  lastingMs: number;
}
type Stored = Resource & KubeObject;

/** While something passes by itself: an old queue drains, a finalizer waits. */
const SOON_MS = 1_000;

export class NamespaceReconciler {
  readonly #deps: NamespaceDeps;
  readonly #programmer: Programmer;
  /** By UID: bad news that waits, and objects about which there was some. */
  readonly #pending = new Map<string, NodeJS.Timeout>();
  readonly #complained = new Set<string>();

  constructor(deps: NamespaceDeps) {
    this.#deps = deps;
    this.#programmer = new Programmer(deps);
  }

  /** An object is gone. */
  forget(object: KubeObject): void {
    const { uid = '' } = object.metadata;
    clearTimeout(this.#pending.get(uid));
    this.#pending.delete(uid);
    this.#complained.delete(uid);
    this.#deps.writer.forget(object);
  }

  /** Returns ms until the next look; undefined when there is nothing left to look at. */
  async reconcile(namespace: string): Promise<number | undefined> {
    const { sources, retirement, driftMs } = this.#deps;
    const resources = sources.resources(namespace) as Stored[];
    if (resources.length === 0) {
      this.#programmer.forget(namespace);
      if (!sources.isTerminating(namespace)) {
        await this.#deps.pools?.remove(namespace);
        await this.#deps.publisher.end(namespace);
      }
      this.#deps.publisher.forget(namespace);
      this.#deps.databases?.forget(namespace);
      return undefined;
    }
    const live = resources.filter(isLive);
    await this.#greet(live);
    await each(live.filter(ownsQueues), (owner) => retirement.protect(owner));
    const ending = resources.filter(ownsQueues).filter((owner) => !isLive(owner) && isHeld(owner));
    const outcome = await this.#programmer.program(namespace, ending.length > 0);
    let database: DatabaseTrouble | undefined;
    if (outcome.chosen && !sources.isTerminating(namespace) && live.some(ownsQueues)) {
      database = await this.#deps.databases?.ensure(namespace);
      await this.#ensurePools(namespace, namedPools(live), outcome);
    }
    const again = await this.#retire(namespace, ending, outcome);
    await this.#say(namespace, live, outcome, database);
    const waits = [driftMs * (0.8 + Math.random() / 5), again, outcome.retryMs];
    if (database) waits.push(DATABASE_RETRY_MS);
    if (outcome.obstacles.some(({ reason }) => reason === 'Draining')) waits.push(SOON_MS);
    for (const { until } of outcome.translation.index.holds)
      if (until !== undefined && until > Date.now()) waits.push(until - Date.now() + 1);
    return Math.min(...waits.filter((wait) => wait !== undefined));
  }

  /** Tools take an object without conditions for current: what is seen for the first time says that it is not. */
  async #greet(live: readonly Stored[]): Promise<void> {
    const { writer } = this.#deps;
    const unknown = live.filter((resource) => !writer.current(resource)?.conditions?.length);
    await each(unknown, async (resource) => void (await writer.write(resource, FIRST_SIGHT, {})));
  }

  async #ensurePools(namespace: string, named: readonly NamedPool[], { applied }: Outcome): Promise<void> {
    const { pools, brokers, tenants } = this.#deps;
    if (!pools) return;
    if (applied && named.some(({ pool }) => pool.spec.autoscaling?.queueDepth))
      await brokers.use(applied.broker, (link) => tenants.ensureScaler(link, namespace, applied.vhost));
    await pools.ensure(namespace, named);
  }

  /** Integrations before the Broker that they need. Gives ms until the next look at what is not gone yet. */
  async #retire(namespace: string, ending: readonly Owner[], outcome: Outcome): Promise<number | undefined> {
    const { retirement, brokers, runtimes, fence, sources } = this.#deps;
    const { applied, chosen } = outcome;
    // In a namespace that is being deleted no plan can tell the runtimes to let go: they are not waited for.
    const reports = sources.isTerminating(namespace) ? [] : runtimes.of(namespace).ready;
    const waits: number[] = [];
    for (const owner of ending) {
      fence();
      if (owner.kind === 'Broker') continue;
      if (!chosen) {
        await retirement.abandon(owner, 'its queues, because the namespace has no Broker any more');
        continue;
      }
      try {
        const wait = applied
          ? await brokers.use(applied.broker, (link) => {
              const running = reports.some(({ roots }) => roots[`Integration/${owner.metadata.name}`] !== undefined);
              return retirement.integration(owner, link, applied.vhost, applied.report, running);
            })
          : await retirement.waitForBroker(
              owner,
              outcome.obstacles[0]?.message ?? 'not applied',
              outcome.retryMs ?? SOON_MS,
            );
        if (wait !== undefined) waits.push(wait);
      } catch (error) {
        if (!(error instanceof BrokerProblem)) throw error;
        const wait = await retirement.waitForBroker(owner, error.message, error.retryMs);
        if (wait !== undefined) waits.push(wait);
      }
    }
    for (const owner of ending) {
      if (owner.kind !== 'Broker') continue;
      const wait = await retireBroker(owner, { sources, brokers, retirement, fence });
      if (wait !== undefined) waits.push(wait);
    }
    return waits.length > 0 ? Math.min(...waits) : undefined;
  }

  async #say(
    namespace: string,
    live: readonly Stored[],
    outcome: Outcome,
    database: DatabaseTrouble | undefined,
  ): Promise<void> {
    const { sources, runtimes, writer } = this.#deps;
    const { ready, known } = runtimes.of(namespace);
    const observation: Observation = {
      namespace,
      obstacles: [...outcome.obstacles, ...(database && !database.served ? [obstacleOf(database)] : [])],
      ...(database?.served && { databaseTrouble: database }),
      inForce: outcome.inForce,
      mappings: outcome.mappings,
      runtimes: ready,
      runtimesKnown: known,
      trackers: trackersOf(namespace, this.#deps.trackers),
      pools: new Map(
        namedPools(live).map(({ pool: { metadata }, integrations }) => [
          metadata.name,
          {
            replicas: sources.pods(namespace).filter((pod) => poolOf(pod) === metadata.name).length,
            integrations: integrations.length,
            problem: this.#deps.pools?.problemsOf(namespace).get(metadata.name),
          },
        ]),
      ),
      podTroubles: sources.pods(namespace).flatMap((pod) => troubleOf(pod) ?? []),
      holds: outcome.translation.index.holds.filter(({ until = Number.POSITIVE_INFINITY }) => until > Date.now()),
      profiles: new Map(
        sources
          .of('PartnerProfile')
          .map((profile) => [`${profile.metadata.namespace}/${profile.metadata.name}`, profile.spec]),
      ),
      ...(outcome.broker && { broker: outcome.broker }),
    };
    const translations = new Map(outcome.translation.translations.map((each) => [`${each.kind}/${each.name}`, each]));
    const tables = Object.values(outcome.translation.parts).filter(({ part }) => part === 'table');
    await each(live, async (resource) => {
      const translation = translations.get(`${resource.kind}/${resource.metadata.name}`);
      // Translated from what the cache holds now; a newer one comes with its own change.
      if (!translation || translation.generation !== (resource.metadata.generation ?? 1)) return;
      if (resource.kind === 'Replay') {
        const report = reportOf(translation, observation.trackers);
        if (report?.expired) return this.#deps.remove(resource);
        if (!report && hasEnded(resource)) return;
      }
      const before = writer.current(resource)?.conditions?.find(({ type }) => type === 'Ready');
      const verdicts = verdictsOf(translation, observation);
      if (await writer.write(resource, verdicts, detailsOf(resource, observation, tables))) {
        const now = verdicts.find(({ type }) => type === 'Ready')!;
        if (before?.status !== now.status || before.reason !== now.reason) this.#tell(resource, now);
      }
    });
  }

  /** Good news of what moves documents, and of what was bad news before. Bad news when it lasts: much passes while a folder is applied. */
  #tell(resource: Stored, { status, reason, message }: Pick<Verdict, 'status' | 'reason' | 'message'>): void {
    const { uid = '' } = resource.metadata;
    clearTimeout(this.#pending.get(uid));
    this.#pending.delete(uid);
    if (status === 'True') {
      if (!this.#complained.delete(uid) && !NEWSWORTHY.has(resource.kind)) return;
      this.#deps.events.record(resource, { type: 'Normal', reason, action: 'Reconcile', note: message });
    } else if (status === 'False' && !PASSING.has(reason)) {
      const timer = setTimeout(() => {
        this.#pending.delete(uid);
        this.#complained.add(uid);
        this.#deps.events.record(resource, { type: 'Warning', reason, action: 'Reconcile', note: message });
      }, this.#deps.lastingMs);
      this.#pending.set(uid, timer.unref());
    }
  }
}

const NEWSWORTHY: ReadonlySet<string> = new Set(['Broker', 'Integration', 'Partner', 'Replay']);
/** Reasons that every roll-out passes through, or that somebody chose. */
const PASSING = new Set(['PlanPending', 'Draining', 'Paused', 'Stopped', 'Held', 'InProgress']);

/** In the order of their names, with the integrations that name each. */
function namedPools(live: readonly Stored[]): NamedPool[] {
  return live.flatMap((pool): NamedPool[] => {
    if (pool.kind !== 'RuntimePool') return [];
    const integrations = live.filter(
      (each) => each.kind === 'Integration' && each.spec.runtimePoolRef?.name === pool.metadata.name,
    );
    return [{ pool, integrations: integrations.map(({ metadata }) => metadata.name).sort() }];
  });
}

const obstacleOf = ({ reason, message }: DatabaseTrouble): Obstacle => ({ status: 'False', reason, message });
const ownsQueues = (resource: Stored): resource is Owner =>
  resource.kind === 'Integration' || resource.kind === 'Broker';
const isHeld = (owner: Owner): boolean => owner.metadata.finalizers?.includes(FINALIZER) ?? false;

function trackersOf(namespace: string, trackers: Runtimes<TrackerState>): Trackers {
  const { ready, known } = trackers.of(namespace);
  return {
    known,
    ready: ready.flatMap(({ pod, namespaces }) =>
      namespaces[namespace] ? [{ pod, tracked: namespaces[namespace] }] : [],
    ),
  };
}
