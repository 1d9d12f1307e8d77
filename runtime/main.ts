/** A runtime of a namespace in a cluster: plan and Secrets come from its API server. */
import { hostname } from 'node:os';
import { Command } from 'commander';
import { accessFrom, KubeApi, type KubeObject } from './cluster/api.ts';
import { followPlan } from './cluster/plan-source.ts';
import { kubernetesSecrets } from './cluster/secrets.ts';
import { BROKER_SECRET, RUNTIME_TOKEN_SECRET } from './published.ts';
import { guardsOf, startRuntime } from './runtime.ts';
import { createLog } from './telemetry/log.ts';

const { env } = process;
const flags = new Command('crossdock-runtime')
  .option('--namespace <name>', 'whose documents it moves', env.POD_NAMESPACE ?? 'default')
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
      database?: string;
    }
  >();

const log = createLog('runtime');
const stopping = new AbortController();
const api = new KubeApi(accessFrom(flags.kubeconfig));
if (!flags.database) throw new Error('no PostgreSQL: set --database or $CROSSDOCK_DATABASE');

/** The operator writes both when it has made the namespace's vhost and user. */
const secret = async (name: string): Promise<Record<string, string>> => {
  for (;;) {
    const found = await firstVersion(name);
    if (found.data)
      return Object.fromEntries(
        Object.entries(found.data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
      );
  }
};
const firstVersion = (name: string) =>
  new Promise<KubeObject>((resolve) => {
    const seen = new AbortController();
    log.info('waiting for Secret', { name, namespace: flags.namespace });
    void api.watch(
      'secrets',
      flags.namespace,
      name,
      AbortSignal.any([seen.signal, stopping.signal]),
      (object) => {
        if (!object) return;
        seen.abort();
        resolve(object);
      },
      (error) => log.warn('Secret not readable yet', { name, error: error.message }),
    );
  });

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    log.info('stopping', { signal });
    stopping.abort();
    // Before the broker was ever reached there is nothing to finish.
    if (!runtime) process.exit(0);
  });

let runtime: Awaited<ReturnType<typeof startRuntime>> | undefined;
const [broker, state] = await Promise.all([secret(BROKER_SECRET), secret(RUNTIME_TOKEN_SECRET)]);
runtime = await startRuntime({
  namespace: flags.namespace,
  pod: env.POD_NAME ?? `${hostname()}-${process.pid}`,
  brokerUri: broker.uri!,
  ...(broker['ca.crt'] && { brokerCa: broker['ca.crt'] }),
  databaseUrl: flags.database,
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
