/** etcd, kube-apiserver and kube-controller-manager for tests: the run's shared ones, or one's own to kill. RBAC on, audit off, no nodes. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, fetch } from 'undici';
import { temporaryFolder } from '../../standalone/cache.ts';
import {
  freePort,
  type Log,
  type ManagedProcess,
  removeAtExit,
  removeFolder,
  runAnyway,
  spawnManaged,
  untilReady,
} from '../../standalone/process.ts';
import { obtainControlPlane } from './control-plane-program.ts';
import { sharedPart } from './parts.ts';

export { obtainControlPlane } from './control-plane-program.ts';

/** What another process needs to use a control plane. */
export interface ControlPlaneAccess {
  /** `https://127.0.0.1:port`. */
  readonly url: string;
  /** Path of a kubeconfig of the administrator (system:masters). */
  readonly kubeconfig: string;
  readonly adminToken: string;
  readonly caFile: string;
  /** Path of the kubectl that belongs to it. */
  readonly kubectlPath: string;
  /** Folder for kubeconfigs and caches; removed with the control plane. */
  readonly folder: string;
}

export interface ControlPlane extends ControlPlaneAccess {
  /** Never rejects: look at `code`. As the administrator, or with another kubeconfig. */
  kubectl(
    args: readonly string[],
    options?: { input?: string; kubeconfig?: string; timeoutMs?: number },
  ): Promise<KubectlResult>;
  /** A request as the administrator or with another token. Gives status and parsed body; does not reject on an error status. */
  request<T = unknown>(method: string, path: string, options?: RequestOptions): Promise<{ status: number; body: T }>;
  /** A token for the service account, which is made if it is not there. */
  makeServiceAccountToken(namespace: string, serviceAccount: string, durationSeconds?: number): Promise<string>;
  /** Writes a kubeconfig for a token; gives its path. */
  /** `server`: another way to it, such as a proxy. */
  kubeconfigFor(token: string, namespace?: string, server?: string): string;
  /** A fresh namespace; remove() starts its deletion and does not wait for it. */
  testNamespace(): Promise<TestNamespace>;
}

export interface OwnControlPlane extends ControlPlane {
  /** SIGKILL; etcd goes on. Resolves when the process is gone. */
  killApiServer(): Promise<void>;
  /** On the same port with the same certificate; resolves when /readyz is ok. */
  restartApiServer(): Promise<void>;
  readonly apiServerPid: number;
  readonly etcdPid: number;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface KubectlResult {
  stdout: string;
  stderr: string;
  code: number | null;
}
export interface RequestOptions {
  body?: unknown;
  token?: string;
  /** Default application/json. */
  contentType?: string;
}
export interface TestNamespace {
  readonly name: string;
  remove(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const START_DEADLINE_MS = 120_000;
/** Those that a namespace and an owner reference need to work; there are no nodes and no pods. */
const CONTROLLERS = [
  'namespace-controller',
  'resourcequota-controller',
  'garbage-collector-controller',
  'clusterrole-aggregation-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'root-ca-certificate-publisher-controller',
];

/** The control plane that all test files of the run share. Namespaces are the tests' own; what has no namespace is everybody's. */
export async function sharedControlPlane(): Promise<ControlPlane> {
  return controlPlaneAt(await sharedPart('control-plane'));
}

/** A control plane for this test alone, to be killed and restarted. ~5 s and 350 MB: dispose of it. */
export function ownControlPlane(options: { controllers?: boolean } = {}): Promise<OwnControlPlane> {
  return startControlPlane(options);
}

export async function startControlPlane(options: { log?: Log; controllers?: boolean } = {}): Promise<OwnControlPlane> {
  const log = options.log ?? (() => {});
  const programs = await obtainControlPlane(log);
  const folder = temporaryFolder('control-plane');
  removeAtExit(folder);
  const [apiPort, etcdPort, peerPort] = [await freePort(), await freePort(), await freePort()];
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: folder };
  const start = (name: string, command: string, args: string[]) =>
    spawnManaged({ command, args, env, cwd: folder, logFile: join(folder, 'log', `${name}.log`) });

  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const access: ControlPlaneAccess = {
    url: `https://127.0.0.1:${apiPort}`,
    kubeconfig: join(folder, 'admin.kubeconfig'),
    adminToken: randomBytes(24).toString('hex'),
    caFile: join(folder, 'certificates', 'apiserver.crt'),
    kubectlPath: programs.kubectl,
    folder,
  };
  writeKeys(folder, access.adminToken);
  const etcd = start('etcd', programs.etcd, etcdArguments(folder, etcdUrl, `http://127.0.0.1:${peerPort}`));
  const startApiServer = () =>
    start('kube-apiserver', programs.apiServer, apiServerArguments(folder, apiPort, etcdUrl));
  let apiServer: ManagedProcess | undefined;
  let controllers: ManagedProcess | undefined;
  const untilServing = () => {
    // A client of its own for each start: the certificate comes into being only when the server starts.
    return untilReady(
      'kube-apiserver',
      apiServer!,
      async () => (await plane().request('GET', '/readyz')).status === 200,
      START_DEADLINE_MS,
    );
  };
  let made: ControlPlane | undefined;
  const plane = () => (made ??= controlPlaneAt(access));
  const stop = async () => {
    await controllers?.kill();
    await apiServer?.kill();
    await etcd.kill();
    removeFolder(folder);
  };
  try {
    await untilReady('etcd', etcd, async () => (await fetch(`${etcdUrl}/health`)).ok, START_DEADLINE_MS);
    apiServer = startApiServer();
    await untilServing();
    writeKubeconfig(access, access.kubeconfig, access.adminToken);
    if (options.controllers)
      controllers = start('kube-controller-manager', programs.controllerManager, controllerArguments(access));
  } catch (error) {
    await stop();
    throw error;
  }
  const { body } = await plane().request<{ gitVersion: string }>('GET', '/version');
  log(`Kubernetes ${body.gitVersion} serves on ${access.url}`);
  return {
    ...plane(),
    async killApiServer() {
      await apiServer!.kill();
    },
    async restartApiServer() {
      await apiServer!.stop('SIGTERM', 5_000);
      apiServer = startApiServer();
      await untilServing();
    },
    get apiServerPid() {
      return apiServer!.pid;
    },
    get etcdPid() {
      return etcd.pid;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

export function accessOf(plane: ControlPlaneAccess): ControlPlaneAccess {
  const { url, kubeconfig, adminToken, caFile, kubectlPath, folder } = plane;
  return { url, kubeconfig, adminToken, caFile, kubectlPath, folder };
}

function controlPlaneAt(access: ControlPlaneAccess): ControlPlane {
  let agent: Agent | undefined;
  const plane: ControlPlane = {
    ...access,
    kubectl: (args, { input, kubeconfig, timeoutMs } = {}) =>
      runAnyway(access.kubectlPath, ['--kubeconfig', kubeconfig ?? access.kubeconfig, ...args], {
        env: { PATH: process.env.PATH, HOME: access.folder },
        timeoutMs: timeoutMs ?? 60_000,
        ...(input === undefined ? {} : { input }),
      }),
    async request<T>(method: string, path: string, options: RequestOptions = {}) {
      agent ??= new Agent({ allowH2: false, connect: { ca: readFileSync(access.caFile) } });
      const response = await fetch(`${access.url}${path}`, {
        method,
        dispatcher: agent,
        headers: {
          authorization: `Bearer ${options.token ?? access.adminToken}`,
          'content-type': options.contentType ?? 'application/json',
        },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        signal: AbortSignal.timeout(20_000),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json');
      return { status: response.status, body: (isJson ? JSON.parse(text) : text) as T };
    },
    async makeServiceAccountToken(namespace, serviceAccount, durationSeconds = 3600) {
      const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      await plane.request('POST', accounts, { body: { metadata: { name: serviceAccount } } });
      const made = await plane.request<{ status?: { token: string } }>('POST', `${accounts}/${serviceAccount}/token`, {
        body: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { expirationSeconds: durationSeconds },
        },
      });
      if (made.body.status === undefined) {
        throw new Error(`no token for ${namespace}/${serviceAccount}: ${JSON.stringify(made.body)}`);
      }
      return made.body.status.token;
    },
    kubeconfigFor(token, namespace, server) {
      const path = join(access.folder, `${randomBytes(6).toString('hex')}.kubeconfig`);
      writeKubeconfig(server ? { ...access, url: server } : access, path, token, namespace);
      return path;
    },
    async testNamespace() {
      const name = `test-${randomBytes(5).toString('hex')}`;
      const made = await plane.request('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
      if (made.status !== 201) throw new Error(`the namespace ${name} was not made: ${JSON.stringify(made.body)}`);
      const remove = async () => {
        await plane.request('DELETE', `/api/v1/namespaces/${name}`);
      };
      return { name, remove, [Symbol.asyncDispose]: remove };
    },
  };
  return plane;
}

function writeKeys(folder: string, adminToken: string): void {
  mkdirSync(join(folder, 'certificates'), { mode: 0o700 });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  writeFileSync(join(folder, 'service-account.key'), privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'service-account.pub'), publicKey);
  writeFileSync(join(folder, 'tokens.csv'), `${adminToken},admin,admin,"system:masters"\n`, { mode: 0o600 });
}

/** JSON is YAML: kubectl and all clients read it. */
function writeKubeconfig(access: ControlPlaneAccess, path: string, token: string, namespace = 'default'): void {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: access.url, 'certificate-authority': access.caFile } }],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'user', namespace } }],
    'current-context': 'test',
  };
  writeFileSync(path, JSON.stringify(config, undefined, 2), { mode: 0o600 });
}

function etcdArguments(folder: string, clientUrl: string, peerUrl: string): string[] {
  return [
    ...['--name=default', `--data-dir=${join(folder, 'etcd')}`, '--log-level=warn', '--unsafe-no-fsync'],
    ...[`--listen-client-urls=${clientUrl}`, `--advertise-client-urls=${clientUrl}`],
    ...[
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
    ],
  ];
}

function apiServerArguments(folder: string, port: number, etcdUrl: string): string[] {
  return [
    ...[
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--advertise-address=127.0.0.1',
    ],
    // No endpoint for the service `kubernetes`: a loopback address is refused there.
    ...['--endpoint-reconciler-type=none', '--service-cluster-ip-range=10.96.0.0/16'],
    ...[`--cert-dir=${join(folder, 'certificates')}`, `--token-auth-file=${join(folder, 'tokens.csv')}`],
    ...[`--service-account-key-file=${join(folder, 'service-account.pub')}`],
    ...[`--service-account-signing-key-file=${join(folder, 'service-account.key')}`],
    ...['--service-account-issuer=https://kubernetes.default.svc', '--authorization-mode=RBAC', '--profiling=false'],
  ];
}

function controllerArguments(access: ControlPlaneAccess): string[] {
  return [
    ...[`--kubeconfig=${access.kubeconfig}`, `--authentication-kubeconfig=${access.kubeconfig}`],
    ...[`--authorization-kubeconfig=${access.kubeconfig}`, '--secure-port=0', '--leader-elect=false'],
    ...[
      `--service-account-private-key-file=${join(access.folder, 'service-account.key')}`,
      `--root-ca-file=${access.caFile}`,
    ],
    // Emptying one namespace takes a hundred calls: at the default of 20 a second the tests' namespaces would queue up.
    ...['--kube-api-qps=500', '--kube-api-burst=1000'],
    `--controllers=${CONTROLLERS.join(',')}`,
  ];
}
