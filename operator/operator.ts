/** The operator as one thing that is started and stopped: caches always, the work queue only while it leads. */
import type { KubeConfig } from '@kubernetes/client-node';
import type { Log } from '../runtime/telemetry/log.ts';
import { parseTrackerState, type TrackerState } from '../tracker/state.ts';
import { KubeClient } from './kube/client.ts';
import { isKube } from './kube/errors.ts';
import { EventRecorder } from './kube/events.ts';
import { LeaderElection, type LeaderOptions } from './kube/leader.ts';
import { WorkQueue } from './kube/queue.ts';
import type { Change, ReflectorTiming } from './kube/reflector.ts';
import { CROSSDOCK, type Pod } from './kube/types.ts';
import { createOperatorMetrics, type OperatorMetrics } from './metrics.ts';
import { Brokers } from './reconcile/brokers.ts';
import { type DatabaseOptions, Databases } from './reconcile/databases.ts';
import { NamespaceReconciler } from './reconcile/namespace.ts';
import { type PoolFiles, Pools } from './reconcile/pools.ts';
import { Publisher } from './reconcile/publish.ts';
import { Retirement } from './reconcile/retire.ts';
import { type RuntimeAddress, Runtimes } from './reconcile/runtimes.ts';
import { isTracker, Sources } from './reconcile/sources.ts';
import { Tenants } from './reconcile/tenant.ts';
import { Values } from './reconcile/values.ts';
import { troubleOf } from './status/pods.ts';
import { StatusWriter } from './status/writer.ts';

export interface OperatorOptions {
  /** Loads the kubeconfig; called again when credentials no longer serve. */
  load: () => KubeConfig;
  log: Log;
  /** Unique among operators of the cluster. */
  identity: string;
  /** Where the Lease is. */
  leaseNamespace: string;
  runtimes?: readonly RuntimeAddress[];
  trackers?: readonly RuntimeAddress[];
  /** Makes the workloads of each namespace and finds runtimes by their pods. Absent: only `runtimes` are asked. */
  pools?: PoolFiles;
  /** Makes the PostgreSQL of each namespace. Absent: somebody else writes the Secrets `crossdock-database`. */
  database?: Pick<DatabaseOptions, 'folder' | 'roles'>;
  /** Only these are reconciled; empty or absent = all. */
  namespaces?: readonly string[];
  workers?: number;
  /** For tests. */
  timing?: Partial<OperatorTiming>;
}
export interface OperatorTiming {
  /** Look at every namespace at least so often (repair of drift). */
  driftMs: number;
  /** Changes that come together are handled together. */
  settleMs: number;
  /** Unneeded parts of plans stay so long. */
  graceMs: number;
  /** What is wrong for less than this is no event. */
  lastingMs: number;
  /** A finalizer stays at most so long for a broker that is away. */
  patienceMs: number;
  /** A queue that was seen empty for so long is empty. */
  emptyMs: number;
  reflector: Partial<ReflectorTiming>;
  leader: Partial<Pick<LeaderOptions, 'leaseMs' | 'writeMs' | 'retryMs'>>;
}
export interface Operator {
  readonly metrics: OperatorMetrics;
  /** Why caches do not hold what the server has; empty when all do, leading or standing by. */
  readonly unsynced: readonly string[];
  readonly leading: boolean;
  /** Stops writing, finishes what is under way, gives the lease up. */
  stop(): Promise<void>;
}

const LEASE = 'crossdock-operator';
const LEASE_CALL_MS = 3_000;
/** Caches that take longer are told of, again and again. */
const LATE_MS = 10_000;
/** A namespace whose vhosts are marked by the cluster that has it. */
const CLUSTER = 'kube-system';

export function startOperator(options: OperatorOptions): Operator {
  const { load, log, identity, leaseNamespace, workers = 4 } = options;
  const timing: OperatorTiming = {
    driftMs: 22_000,
    settleMs: 100,
    graceMs: 120_000,
    lastingMs: 5_000,
    patienceMs: 120_000,
    emptyMs: 10_000,
    reflector: {},
    leader: {},
    ...options.timing,
  };
  const metrics = createOperatorMetrics();
  const onCall = (verb: string, resource: string, code: number): void =>
    metrics.apiCalls.inc({ verb, resource, code: String(code) });
  const reader = new KubeClient({ load, onCall });
  const leader = new LeaderElection({
    client: new KubeClient({ load, onCall, deadlineMs: LEASE_CALL_MS }),
    namespace: leaseNamespace,
    name: LEASE,
    identity,
    ...timing.leader,
    onChange: (leading) => {
      metrics.leader.set(leading ? 1 : 0);
      log.info(leading ? 'leading' : 'no longer leading', { identity });
      // What it saw as the leader is for its successor to tell.
      if (!leading) metrics.topologies.clear();
      if (leading) for (const namespace of sources.active()) enqueue(namespace, 'resync');
    },
    onError: (error) => log.warn('the lease cannot be held', { error }),
  });
  const client = reader.fenced(leader.fence);

  const wanted = new Set(options.namespaces);
  const enqueue = (namespace: string, priority: 'user' | 'resync'): void => {
    if (wanted.size > 0 && !wanted.has(namespace)) return;
    queue.add(namespace, priority, timing.settleMs);
  };
  const sources = new Sources({
    client: reader,
    onNamespace: enqueue,
    onGone: (object) => reconciler.forget(object),
    ...(options.pools && { onPod }),
    onRestart: (resource, reason) => metrics.watchRestarts.inc({ resource, reason }),
    timing: timing.reflector,
  });
  const values = new Values(reader, sources);
  const tenants = new Tenants(client, values);
  const brokers = new Brokers(values);
  const events = new EventRecorder({
    client,
    instance: identity,
    onError: (error) => log.warn('an event could not be written', { error }),
  });
  const runtimes = new Runtimes({
    addresses: options.runtimes ?? [],
    token: (namespace) => tenants.token(namespace),
    onChange: (namespace) => enqueue(namespace, 'user'),
    onError: ({ url, namespace }, error) => log.warn('a runtime does not answer', { url, namespace, error }),
  });
  const trackers = new Runtimes<TrackerState>({
    addresses: options.trackers ?? [],
    token: (namespace) => tenants.token(namespace),
    onChange: (namespace) => enqueue(namespace, 'resync'),
    onError: ({ url, namespace }, error) => log.warn('a tracker does not answer', { url, namespace, error }),
    parse: parseTrackerState,
  });
  const reconciler = new NamespaceReconciler({
    sources,
    values,
    brokers,
    tenants,
    publisher: new Publisher(client, sources, timing.graceMs),
    writer: new StatusWriter(client),
    remove: async ({ kind, metadata: { name, namespace = '', uid = '' } }) => {
      await client
        .delete(CROSSDOCK[kind], namespace, name, { uid })
        .catch((error: unknown) => (isKube(error, 'NotFound', 'Conflict') ? undefined : Promise.reject(error)));
    },
    runtimes,
    trackers,
    ...(options.pools && { pools: new Pools(client, options.pools) }),
    ...(options.database && {
      databases: new Databases({
        ...options.database,
        values,
        write: (namespace, name, data) => tenants.write(namespace, name, data),
        fence: leader.fence,
        owner: () => clusterOf(sources),
      }),
    }),
    retirement: new Retirement({ client, events, patienceMs: timing.patienceMs, emptyMs: timing.emptyMs }),
    events,
    fence: leader.fence,
    owner: () => clusterOf(sources),
    driftMs: timing.driftMs,
    lastingMs: timing.lastingMs,
    emptyMs: timing.emptyMs,
    onApplied: (namespace, report) => {
      metrics.brokerWrites.inc(report.writes);
      metrics.topologies.set(namespace, report);
    },
    onForgotten: (namespace) => void metrics.topologies.delete(namespace),
  });
  const queue = new WorkQueue({
    workers,
    work: async (namespace) => {
      // Standing by: asked again on becoming the leader.
      if (!leader.isLeader() || !sources.synced) return undefined;
      const stop = metrics.reconcileDuration.startTimer();
      try {
        const again = await reconciler.reconcile(namespace);
        metrics.reconciles.inc({ result: 'success' });
        return again;
      } catch (error) {
        if (!leader.isLeader()) {
          metrics.reconciles.inc({ result: 'fenced' });
          return undefined;
        }
        metrics.reconciles.inc({ result: 'error' });
        throw error;
      } finally {
        stop();
      }
    },
    onError: (namespace, error, attempt, delayMs) => {
      // What changed under us is read again: nothing to tell anybody.
      const level = isKube(error, 'Conflict', 'Unavailable') && attempt < 3 ? 'debug' : 'error';
      log[level]('reconcile failed, trying again', { namespace, attempt, delayMs, error });
    },
  });
  const depth = setInterval(() => {
    for (const [state, value] of Object.entries(queue.depth)) metrics.queueDepth.set({ state }, value);
    metrics.lag.set(leader.isLeader() ? queue.lagMs / 1_000 : 0);
  }, 1_000);
  depth.unref();

  const late = setInterval(() => log.warn('the caches are not synced', { reasons: sources.unsynced }), LATE_MS);
  late.unref();
  const started = sources.start().then(() => {
    clearInterval(late);
    log.info('caches are synced');
    queue.start();
    runtimes.start();
    trackers.start();
    leader.start();
  });

  let stopped: Promise<void> | undefined;
  return {
    metrics,
    get unsynced() {
      return sources.unsynced;
    },
    get leading() {
      return leader.isLeader();
    },
    stop: () => (stopped ??= stop()),
  };

  /** A pod is asked as long as it runs; what its containers are ready for, it says itself. */
  function onPod({ type, object, previous }: Change<Pod>): void {
    const { namespace = '', deletionTimestamp } = object.metadata;
    const [url, before] = [urlOf(object), previous && urlOf(previous)];
    const runs = type !== 'Deleted' && !deletionTimestamp && object.status?.phase === 'Running';
    const asked = isTracker(object) ? trackers : runtimes;
    if (before && before !== url) asked.remove(before);
    if (url && runs && (wanted.size === 0 || wanted.has(namespace))) asked.add({ namespace, url });
    else if (url) asked.remove(url);
    // Where nothing of ours is left, the pool must go.
    if (type !== 'Modified') enqueue(namespace, 'resync');
    const trouble = type === 'Deleted' ? undefined : troubleOf(object)?.message;
    if (trouble !== (previous && troubleOf(previous)?.message)) enqueue(namespace, 'user');
  }

  async function stop(): Promise<void> {
    clearInterval(depth);
    clearInterval(late);
    const sourcesStopped = sources.stop();
    await started;
    await queue.stop();
    await events.flush();
    await leader.stop();
    await Promise.all([sourcesStopped, runtimes.stop(), trackers.stop(), brokers.close()]);
    await reader.close();
  }
}

/** The runtime's admin port, in every pool, and the tracker's. */
const ADMIN_PORT = 8081;
const TRACKER_PORT = 8083;
function urlOf(pod: Pod): string | undefined {
  const { podIP } = pod.status ?? {};
  return podIP && `http://${podIP.includes(':') ? `[${podIP}]` : podIP}:${isTracker(pod) ? TRACKER_PORT : ADMIN_PORT}`;
}

function clusterOf(sources: Sources): string {
  const uid = sources.namespaces.get(undefined, CLUSTER)?.metadata.uid;
  if (!uid) throw new Error(`the namespace ${CLUSTER} is not there: it names the cluster that owns a vhost`);
  return uid;
}
