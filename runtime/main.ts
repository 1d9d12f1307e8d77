/** A runtime of a namespace in a cluster: plan and Secrets come from its API server. */
import { hostname } from 'node:os';
import { Command } from 'commander';
import { accessFrom, KubeApi, type KubeObject } from './cluster/api.ts';
import { followPlan } from './cluster/plan-source.ts';
import { kubernetesSecrets } from './cluster/secrets.ts';
import { BROKER_SECRET, DATABASE_SECRET, RUNTIME_TOKEN_SECRET } from './published.ts';
import { guardsOf, startRuntime } from './runtime.ts';
import { createLog } from './telemetry/log.ts';

const { env } = process;
const flags = new Command('crossdock-runtime')
  .option('--namespace <name>', 'whose documents it moves', env.POD_NAMESPACE ?? 'default')
  .option('--pool <name>', 'the RuntimePool whose integrations it runs; default: those that name none')
  .option('--kubeconfig <file>', 'outside of a pod', env.KUBECONFIG)
  .option('--database <url>', 'postgres:// of claims and control numbers', env.CROSSDOCK_DATABASE)
  .option('--host <address>', 'to listen on', '0.0.0.0')
  .option('--http-port <port>', 'for partners and systems', '8080')
  .option('--admin-port <port>', 'for health, metrics and state', '8081')
  .option('--grace <seconds>', 'to finish what is in the air on SIGTERM', '20')
  .parse()
  .opts<
    Record<'namespace' | 'host' | 'httpPort' | 'adminPort' | 'grace', string> & {
      kubeconfig?: string;
      pool?: string;
      database?: string;
    }
  >();

const log = createLog('runtime');
const stopping = new AbortController();
const api = new KubeApi(accessFrom(flags.kubeconfig));
if (!flags.database) throw new Error('no PostgreSQL: set --database or $CROSSDOCK_DATABASE');

type Values = Record<string, string>;
const valuesOf = ({ data = {} }: KubeObject): Values =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));

/** Resolves with the Secret's first version, which the operator writes when it has made the namespace's vhost and user. */
const secret = (name: string, onLater: (values: Values) => void = () => {}): Promise<Values> => {
  const { promise, resolve } = Promise.withResolvers<Values>();
  let first = true;
  log.info('waiting for Secret', { name, namespace: flags.namespace });
  void api.watch(
    'secrets',
    flags.namespace,
    name,
    stopping.signal,
    (object) => {
      // A Secret that is gone for a moment takes no access away.
      if (!object?.data) return;
      if (first) resolve(valuesOf(object));
      else onLater(valuesOf(object));
      first = false;
    },
    (error) => log.warn('Secret not readable yet', { name, error: error.message }),
  );
  return promise;
};
/** A rotated password is used at the next connect; the broker keeps connections that are open. Another broker needs a new start. */
const rotate = (values: Values): void => {
  const moved = placeOf(values) !== placeOf(broker);
  broker = values;
  log.info(moved ? 'the broker is another: ending, to be started anew' : 'broker credentials rotated');
  if (moved) stopping.abort();
};
const placeOf = ({ uri = '' }: Values): string => {
  const { host, pathname } = new URL(uri);
  return `${host}${pathname}`;
};

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    log.info('stopping', { signal });
    stopping.abort();
    // Before the broker was ever reached there is nothing to finish.
    if (!runtime) process.exit(0);
  });

/** The pod begins with what its environment has; what the Secret says later is used by the next connection. */
let databaseUrl = flags.database;
const reconnect = ({ url }: Values): void => {
  if (url && url !== databaseUrl) log.info('PostgreSQL credentials rotated');
  databaseUrl = url || databaseUrl;
};
void secret(DATABASE_SECRET, reconnect).then(reconnect);

let runtime: Awaited<ReturnType<typeof startRuntime>> | undefined;
let broker: Values = {};
const [access, state] = await Promise.all([secret(BROKER_SECRET, rotate), secret(RUNTIME_TOKEN_SECRET)]);
broker = access;
runtime = await startRuntime({
  namespace: flags.namespace,
  ...(flags.pool !== undefined && { pool: flags.pool }),
  pod: env.POD_NAME ?? `${hostname()}-${process.pid}`,
  brokerUri: () => broker.uri!,
  brokerCa: () => broker['ca.crt'],
  databaseUrl: () => databaseUrl,
  secrets: kubernetesSecrets(api, flags.namespace),
  log,
  http: { host: flags.host, port: Number(flags.httpPort) },
  admin: { host: flags.host, port: Number(flags.adminPort), token: state.token! },
  guards: guardsOf(env),
});
log.info('serving', { http: runtime.httpPort, admin: runtime.adminPort });
await followPlan(api, flags.namespace, (plan) => runtime!.apply(plan), log, stopping.signal);
await runtime.stop(Number(flags.grace) * 1_000);
await api.close();
process.exit(0);
