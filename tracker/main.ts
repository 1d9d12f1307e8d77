/** The tracker: follows the journals of namespaces into PostgreSQL. */
import { Command } from 'commander';
import { Gauge, Registry } from 'prom-client';
import { connectBroker } from '../runtime/broker/amqp.ts';
import { accessFrom, KubeApi } from '../runtime/cluster/api.ts';
import { BROKER_SECRET } from '../runtime/published.ts';
import { startAdmin } from '../runtime/telemetry/admin.ts';
import { createLog } from '../runtime/telemetry/log.ts';
import { openTrackerDatabase } from './store.ts';
import { startTracker, type Tracker } from './tracker.ts';

const { env } = process;
const flags = new Command('crossdock-tracker')
  .requiredOption('--namespace <name...>', 'whose journals it follows', env.CROSSDOCK_NAMESPACES?.split(','))
  .option('--kubeconfig <file>', 'outside of a pod', env.KUBECONFIG)
  .option('--database <url>', 'postgres://', env.CROSSDOCK_DATABASE)
  .option('--host <address>', 'to listen on', '0.0.0.0')
  .option('--admin-port <port>', 'for health and metrics', '8083')
  .parse()
  .opts<{ namespace: string[]; kubeconfig?: string; database?: string; host: string; adminPort: string }>();

const log = createLog('tracker');
if (!flags.database) throw new Error('no PostgreSQL: set --database or $CROSSDOCK_DATABASE');
const api = new KubeApi(accessFrom(flags.kubeconfig));
const trackers = new Map<string, Tracker>();
const registry = new Registry();
new Gauge({
  name: 'crossdock_journal_behind_messages',
  help: 'Messages of the journal that were received and are not in the database yet.',
  labelNames: ['namespace'],
  registers: [registry],
  collect() {
    for (const [namespace, tracker] of trackers) this.set({ namespace }, tracker.behind);
  },
});
const unready = () =>
  flags.namespace.flatMap((namespace) => {
    const tracker = trackers.get(namespace);
    if (!tracker) return [`${namespace}: not attached to its journal yet`];
    return tracker.trouble ? [`${namespace}: ${tracker.trouble}`] : [];
  });
const admin = await startAdmin({
  host: flags.host,
  port: Number(flags.adminPort),
  ready: () => ({ ok: unready().length === 0, reasons: unready() }),
  metrics: { text: () => registry.metrics() },
});

const database = await openTrackerDatabase(flags.database);
const closing: (() => Promise<unknown>)[] = [];
/** A tracker that lost the position to another ends the process: the platform starts it again as a standby. */
const follow = async (namespace: string) => {
  const uri = await brokerUri(namespace);
  const broker = await connectBroker({ uri, name: `crossdock-tracker ${namespace}`, log });
  const tracker = await startTracker({ namespace, broker, database, log });
  trackers.set(namespace, tracker);
  closing.push(async () => {
    await tracker.stop();
    await broker.close();
  });
  if ((await tracker.ended) === 'Fenced') process.exit(1);
};
const brokerUri = async (namespace: string): Promise<string> => {
  const seen = new AbortController();
  const { promise, resolve } = Promise.withResolvers<string>();
  void api.watch(
    'secrets',
    namespace,
    BROKER_SECRET,
    seen.signal,
    (secret) => secret?.data?.uri && resolve(Buffer.from(secret.data.uri, 'base64').toString()),
    (error) => log.warn('Secret not readable yet', { secret: BROKER_SECRET, namespace, error: error.message }),
  );
  return promise.finally(() => seen.abort());
};

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, async () => {
    log.info('stopping', { signal });
    for (const close of closing) await close();
    await database.end();
    await admin.stop();
    process.exit(0);
  });
await Promise.all(flags.namespace.map(follow));
