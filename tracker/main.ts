/** The tracker: follows the journals of namespaces into PostgreSQL. */

import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import type pg from 'pg';
import { accessFrom, KubeApi } from '../runtime/cluster/api.ts';
import { kubernetesSecrets } from '../runtime/cluster/secrets.ts';
import {
  BROKER_SECRET,
  DATABASE_SECRET,
  PLAN_CONFIG_MAP,
  RUNTIME_TOKEN_SECRET,
  TRACKER_KEY,
} from '../runtime/published.ts';
import { TRACKER_OF_ALL } from '../runtime/store/schemas.ts';
import { startAdmin } from '../runtime/telemetry/admin.ts';
import { createLog } from '../runtime/telemetry/log.ts';
import { serveInCluster } from './api/cluster.ts';
import { Follower } from './follower.ts';
import { type TrackerMetrics, trackerMetrics } from './metrics.ts';
import type { TrackerPlan } from './plan.ts';
import { Reporter } from './state.ts';
import { openTrackerDatabase } from './store.ts';

const { env } = process;
const flags = new Command('crossdock-tracker')
  .requiredOption('--namespace <name...>', 'whose journals it follows', env.CROSSDOCK_NAMESPACES?.split(','))
  .option('--kubeconfig <file>', 'outside of a pod', env.KUBECONFIG)
  .option('--database <url>', 'postgres://', env.CROSSDOCK_DATABASE)
  .option(
    '--schema <name>',
    'of the tracker in PostgreSQL; default: that of all namespaces',
    env.CROSSDOCK_TRACKER_SCHEMA,
  )
  .option('--host <address>', 'to listen on', '0.0.0.0')
  .option('--admin-port <port>', 'for health, metrics and state', '8083')
  .option('--console-port <port>', 'for the console and its API, of the first namespace', '8084')
  .parse()
  .opts<{
    namespace: string[];
    kubeconfig?: string;
    database?: string;
    schema?: string;
    host: string;
    adminPort: string;
    consolePort: string;
  }>();

const RETRY_MS = 3_000;

const log = createLog('tracker');
if (!flags.database) throw new Error('no PostgreSQL: set --database or $CROSSDOCK_DATABASE');
const api = new KubeApi(accessFrom(flags.kubeconfig));
const stopping = new AbortController();
let followers: Follower[] = [];
let metrics: TrackerMetrics | undefined;
let database: pg.Pool | undefined;
let serving: Promise<void> | undefined;
let starting: string | undefined = 'PostgreSQL: not connected yet';

const troubles = (): string[] =>
  starting
    ? [starting]
    : followers.flatMap(({ namespace, trouble }) => (trouble === undefined ? [] : [`${namespace}: ${trouble}`]));
/** A gap does not end, and restarting does not mend it: it is told, and does not make the process unready. */
const notices = (): string[] =>
  followers.flatMap(({ namespace }) => {
    const { gaps = 0, setAside = 0 } = metrics?.marks.get(namespace) ?? {};
    return [
      ...(gaps > 0
        ? [`${namespace}: its journal had ${gaps === 1 ? 'a gap' : `${gaps} gaps`}, see crossdock status`]
        : []),
      ...(setAside > 0 ? [`${namespace}: ${setAside} odd journal entries set aside, see crossdock status`] : []),
    ];
  });
/** Of the namespace's runtimes; of several namespaces that of the first. */
let token = '';
const reporter = new Reporter(
  env.POD_NAME ?? `${hostname()}-${process.pid}`,
  () => followers,
  () => database,
);
const admin = await startAdmin({
  host: flags.host,
  port: Number(flags.adminPort),
  ready: () => {
    void metrics?.refresh();
    return { ok: troubles().length === 0, reasons: [...troubles(), ...notices()] };
  },
  metrics: { text: async () => (await metrics?.text()) ?? '' },
  state: {
    get token() {
      return token;
    },
    get: (after, signal) => reporter.after(after, signal),
  },
});

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, async () => {
    log.info('stopping', { signal });
    stopping.abort();
    await serving?.catch(() => {});
    await reporter.stop();
    await Promise.all(followers.map((follower) => follower.stop()));
    await database?.end();
    await admin.stop();
    process.exit(0);
  });

/** The pod begins with what its environment has; what the Secret says later is used by the next connection. */
let databaseUrl = flags.database;
void api.watch(
  'secrets',
  flags.namespace[0]!,
  DATABASE_SECRET,
  stopping.signal,
  (secret) => {
    const text = (key: string) => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString();
    if (!text('url')) return;
    databaseUrl = text('url');
    if (!text('trackerSchema') || text('trackerSchema') === (flags.schema ?? TRACKER_OF_ALL)) return;
    log.info('the accounts are in another schema: ending, to be started anew');
    process.kill(process.pid, 'SIGTERM');
  },
  (error) => log.warn('Secret not readable', { name: DATABASE_SECRET, error: error.message }),
);
while (!database) {
  try {
    database = await openTrackerDatabase(() => databaseUrl, flags.schema);
  } catch (error) {
    starting = `PostgreSQL: ${(error as Error).message}`;
    log.warn('no database yet, trying again', { error: (error as Error).message });
    await delay(RETRY_MS);
  }
}
starting = undefined;
const opened = database;
followers = flags.namespace.map((namespace) => new Follower(namespace, opened, log, kubernetesSecrets(api, namespace)));
metrics = trackerMetrics(followers, opened);
void api.watch(
  'secrets',
  flags.namespace[0]!,
  RUNTIME_TOKEN_SECRET,
  stopping.signal,
  (secret) => {
    token = Buffer.from(secret?.data?.token ?? '', 'base64').toString() || token;
  },
  (error) => log.warn('Secret not readable', { name: RUNTIME_TOKEN_SECRET, error: error.message }),
);
const [first] = followers as [Follower];
serving = serveInCluster(
  {
    api,
    namespace: first.namespace,
    database: opened,
    log,
    plan: () => first.plan,
    office: () => first.office,
    troubles: () => [...troubles(), ...notices()],
  },
  { host: flags.host, port: Number(flags.consolePort) },
  stopping.signal,
);
for (const follower of followers) {
  const { namespace } = follower;
  void api.watch(
    'secrets',
    namespace,
    BROKER_SECRET,
    stopping.signal,
    (secret) => {
      const text = (key: string) => Buffer.from(secret?.data?.[key] ?? '', 'base64').toString();
      // A Secret that is gone for a moment takes no access away.
      if (text('uri')) follower.use({ uri: text('uri'), ...(text('ca.crt') && { ca: text('ca.crt') }) });
    },
    (error) => log.warn('Secret not readable', { name: BROKER_SECRET, namespace, error: error.message }),
  );
  void api.watch(
    'configmaps',
    namespace,
    PLAN_CONFIG_MAP,
    stopping.signal,
    (plan) => {
      const text = plan?.data?.[TRACKER_KEY];
      // A plan that is gone for a moment takes no process away.
      if (text) follower.usePlan(JSON.parse(text) as TrackerPlan);
    },
    (error) => log.warn('plan not readable', { configMap: PLAN_CONFIG_MAP, namespace, error: error.message }),
  );
  // Another tracker is at work: the platform starts this one again, to take over when the other is gone.
  void follower.fenced.then(() => {
    log.error('another tracker follows the same journal: ending', { namespace });
    process.exit(1);
  });
}
