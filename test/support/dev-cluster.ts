/**
 * `make dev-cluster`: etcd, kube-apiserver and kube-controller-manager, a private RabbitMQ and PostgreSQL, the operator, a runtime and the
 * tracker as processes of this machine. Prints how to use it and goes on until Ctrl-C, which takes everything down.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPrivateBroker } from '../../standalone/broker.ts';
import { startPrivateDatabase } from '../../standalone/database.ts';
import { freePort, type ManagedProcess, spawnManaged } from '../../standalone/process.ts';
import { startControlPlane } from './control-plane.ts';

const ROOT = join(import.meta.dirname, '../..');
const { namespace } = parseArgs({ options: { namespace: { type: 'string', default: 'demo' } } }).values;
const started = Date.now();
const say = (line: string) => console.log(`[${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s] ${line}`);

let stopping = false;
/** Undone in reverse order. */
const undo: (() => Promise<unknown>)[] = [];
async function end(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  say('taking everything down');
  for (const step of undo.reverse()) await step().catch((error: Error) => say(error.message));
  process.exit(code);
}
process.on('SIGINT', () => void end(0));
process.on('SIGTERM', () => void end(0));

try {
  await up();
} catch (error) {
  say((error as Error).message);
  await end(1);
}

async function up(): Promise<void> {
  const keep = <Part extends { stop(): Promise<void> }>(part: Part): Part => {
    undo.push(() => part.stop());
    return part;
  };
  const [plane, broker, database] = await Promise.all([
    startControlPlane({ log: say, controllers: true }).then(keep),
    startPrivateBroker({ log: say }).then(keep),
    startPrivateDatabase({ log: say, fsync: false }).then(keep),
  ]);
  const kubectl = async (input: object | undefined, ...args: string[]) => {
    const { code, stderr } = await plane.kubectl(args, input === undefined ? {} : { input: JSON.stringify(input) });
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`);
  };
  await kubectl(undefined, 'apply', '--server-side', '-f', join(ROOT, 'crds/manifests'));
  await kubectl(undefined, 'wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s');
  await kubectl(undefined, 'create', 'namespace', namespace);
  say('the kinds of crds/manifests are established');

  const secret = { uri: broker.uri, managementUri: broker.managementUri };
  const keeping = keepSecret('rabbitmq', secret);
  undo.push(() => keeping);

  const [runtimeHttp, runtimeAdmin, operatorPort, trackerPort] = await Promise.all([1, 2, 3, 4].map(() => freePort()));
  const log = (name: string) => join(plane.folder, 'log', `${name}.log`);
  const narrow = plane.kubeconfigFor(await runtimeToken(), namespace);
  const own = ['--host', '127.0.0.1', '--namespace', namespace];
  const data = ['--database', database.url];
  supervise('operator', [
    ...['operator/main.ts', '--kubeconfig', plane.kubeconfig, '--lease-namespace', namespace, ...own],
    ...['--runtime-url', `${namespace}=http://127.0.0.1:${runtimeAdmin}`, '--metrics-port', String(operatorPort)],
    ...['--tracker-url', `${namespace}=http://127.0.0.1:${trackerPort}`],
  ]);
  supervise('runtime', [
    ...['runtime/main.ts', '--kubeconfig', narrow, ...own, ...data],
    ...['--http-port', String(runtimeHttp), '--admin-port', String(runtimeAdmin)],
  ]);
  supervise('tracker', [
    'tracker/main.ts',
    '--kubeconfig',
    narrow,
    ...own,
    ...data,
    '--admin-port',
    String(trackerPort),
  ]);
  await untilAnswers(`http://127.0.0.1:${operatorPort}/readyz`);

  const kubeconfig = plane.kubeconfigFor(plane.adminToken, namespace);
  const environment = join(plane.folder, 'env');
  const variables = {
    KUBECONFIG: kubeconfig,
    CROSSDOCK_DATABASE: database.url,
    RABBITMQ_MANAGEMENT: broker.managementUri,
    PATH: `${dirname(plane.kubectlPath)}:$PATH`,
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}="${value}"`);
  writeFileSync(environment, `${lines.join('\n')}\n`, { mode: 0o600 });
  say('ready\n');
  console.log(`  . ${environment}
      sets KUBECONFIG=${kubeconfig}, the matching kubectl on the PATH,
      CROSSDOCK_DATABASE and RABBITMQ_MANAGEMENT (with their passwords)
  kubectl apply -f examples/inbound-distribution
  kubectl wait --for=condition=Ready integrations --all --timeout=60s
  kubectl get crossdock

  documents by HTTP   http://127.0.0.1:${runtimeHttp}
  health and metrics  operator http://127.0.0.1:${operatorPort}, runtime http://127.0.0.1:${runtimeAdmin}, tracker http://127.0.0.1:${trackerPort}
  logs                ${dirname(log('operator'))}

  The Secret rabbitmq in the namespace ${namespace} is kept at the address of this RabbitMQ, whatever is applied.
  Ctrl-C takes everything down.
`);

  /** What a pod would be: started again when it ends. */
  function supervise(name: string, args: string[]): void {
    const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: plane.folder };
    const start = () =>
      spawnManaged({ command: process.execPath, args: ['--no-warnings', ...args], cwd: ROOT, env, logFile: log(name) });
    let current: ManagedProcess = start();
    undo.push(() => current.stop('SIGTERM', 25_000));
    void (async () => {
      for (;;) {
        await current.exited;
        if (stopping) return;
        say(
          `${name} ended (${current.exit?.signal ?? `code ${current.exit?.code}`}); its log ends with:\n${current.tail(12)}`,
        );
        await delay(1_000);
        if (stopping) return;
        current = start();
      }
    })();
  }

  /** Reads ConfigMaps and Secrets of its own namespace, as in a cluster. */
  async function runtimeToken(): Promise<string> {
    const account = 'crossdock-runtime';
    const token = await plane.makeServiceAccountToken(namespace, account, 30 * 24 * 3600);
    const read = ['--verb=get,list,watch', '--resource=configmaps,secrets'];
    await kubectl(undefined, '-n', namespace, 'create', 'role', account, ...read);
    const of = [`--role=${account}`, `--serviceaccount=${namespace}:${account}`];
    await kubectl(undefined, '-n', namespace, 'create', 'rolebinding', account, ...of);
    return token;
  }

  /** The example's own Secret names a RabbitMQ on the default port. This one is put back, as External Secrets would. */
  async function keepSecret(name: string, values: Record<string, string>): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
    const wanted = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    );
    // By kubectl apply, so that a later one finds its annotation.
    await kubectl(
      { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data: wanted },
      'apply',
      '-f',
      '-',
    );
    const patch = { body: { data: wanted }, contentType: 'application/merge-patch+json' };
    while (!stopping) {
      const found = await plane.request<{ data?: Record<string, string> }>('GET', path).catch(() => undefined);
      const same = Object.entries(wanted).every(([key, value]) => found?.body.data?.[key] === value);
      if (found?.status === 200 && !same) {
        const put = await plane.request('PATCH', path, patch).catch(() => undefined);
        if (put !== undefined && put.status !== 200)
          say(`the Secret ${name} was not put back: ${JSON.stringify(put.body)}`);
      }
      await delay(500);
    }
  }
}

async function untilAnswers(url: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!stopping) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    if (Date.now() > deadline) throw new Error(`${url} is not ready after 60 s`);
    await delay(100);
  }
}
