/** The operator's process. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { KubeConfig } from '@kubernetes/client-node';
import { Command, Option } from 'commander';
import { startAdmin } from '../runtime/telemetry/admin.ts';
import { createLog } from '../runtime/telemetry/log.ts';
import { startOperator } from './operator.ts';
import type { RuntimeAddress } from './reconcile/runtimes.ts';

const { env } = process;
const flags = new Command('crossdock-operator')
  .description('Watches the resources of crossdock.dev, and makes topology, plans and statuses of them.')
  .option('--kubeconfig <file>', 'outside of a pod; default: $KUBECONFIG, ~/.kube/config, or the service account')
  .option('--namespace <name...>', 'reconcile these only; default: all', env.CROSSDOCK_NAMESPACES?.split(',') ?? [])
  .option('--lease-namespace <name>', 'where the Lease of the leader is', env.POD_NAMESPACE ?? 'default')
  .option(
    '--runtime-url <url...>',
    'a runtime: http://host:port, or namespace=http://host:port',
    env.CROSSDOCK_RUNTIME_URLS?.split(',') ?? [],
  )
  .option('--tracker-url <url...>', 'a tracker, likewise', env.CROSSDOCK_TRACKER_URLS?.split(',') ?? [])
  .option('--pool-template <file>', 'objects to make in each namespace: runtimes, tracker and what they need')
  .option('--pool-owner <name>', 'the ClusterRole that owns those objects: they go when it goes')
  .option('--database <folder>', "with the file url: PostgreSQL's administrator, to give each namespace its own")
  .addOption(
    new Option('--database-roles <how>', 'a role for each namespace, or the administrator for all of them')
      .choices(['PerNamespace', 'Shared'])
      .default('PerNamespace'),
  )
  .option('--metrics-port <port>', 'for /healthz, /readyz and /metrics', env.CROSSDOCK_METRICS_PORT ?? '8080')
  .option('--host <address>', 'to listen on', env.CROSSDOCK_HOST ?? '0.0.0.0')
  .parse()
  .opts<{
    kubeconfig?: string;
    namespace: string[];
    leaseNamespace: string;
    runtimeUrl: string[];
    trackerUrl: string[];
    poolTemplate?: string;
    poolOwner?: string;
    database?: string;
    databaseRoles: 'PerNamespace' | 'Shared';
    metricsPort: string;
    host: string;
  }>();

/** A bare URL is of the only namespace that is reconciled, else of `default`. */
function addressOf(text: string): RuntimeAddress {
  const [, namespace, url = text] = /^([-a-z0-9]+)=(.*)$/.exec(text) ?? [];
  if (!URL.canParse(url)) throw new Error(`--runtime-url ${text}: not of the form [namespace=]http://host:port`);
  const only = flags.namespace.length === 1 ? flags.namespace[0]! : 'default';
  return { namespace: namespace ?? only, url: new URL(url).origin };
}

function load(): KubeConfig {
  const config = new KubeConfig();
  if (flags.kubeconfig) config.loadFromFile(flags.kubeconfig);
  else config.loadFromDefault();
  return config;
}

const log = createLog('operator');
const operator = startOperator({
  load,
  log,
  identity: `${env.POD_NAME ?? hostname()}-${randomBytes(4).toString('hex')}`,
  leaseNamespace: flags.leaseNamespace,
  namespaces: flags.namespace,
  runtimes: flags.runtimeUrl.map(addressOf),
  trackers: flags.trackerUrl.map(addressOf),
  ...(flags.poolTemplate !== undefined && {
    pools: {
      template: flags.poolTemplate,
      ...(flags.poolOwner !== undefined && { owner: flags.poolOwner }),
    },
  }),
  ...(flags.database !== undefined && { database: { folder: flags.database, roles: flags.databaseRoles } }),
});
const admin = await startAdmin({
  port: Number(flags.metricsPort),
  host: flags.host,
  // Ready means caches that hold what the server has, leading or standing by.
  ready: () => ({ ok: operator.unsynced.length === 0, reasons: [...operator.unsynced] }),
  metrics: { text: () => operator.metrics.registry.metrics() },
});
log.info('serving', { port: admin.port });

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info('stopping', { signal });
    void operator
      .stop()
      .then(() => admin.stop())
      .catch((error: unknown) => log.error('not stopped cleanly', { error }))
      .finally(() => process.exit(0));
  });
