/** A real Argo CD for a control plane: its application-controller and repo-server as processes, with health from gitops/ merged into its own settings. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { freePort, type Log, type ManagedProcess, run, spawnManaged, untilReady } from '../../standalone/process.ts';
import { until } from '../operator/poll.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import { obtainArgoCd } from './programs.ts';

/** What the suite reads of an Application. */
export interface Application {
  metadata: { generation: number };
  status?: {
    reconciledAt?: string;
    sync?: { status: string; revision?: string };
    health?: { status: string };
    operationState?: { phase: string; startedAt: string; message?: string };
    resources?: { kind: string; name: string; status?: string; health?: { status: string; message?: string } }[];
    conditions?: { type: string; message: string }[];
  };
}
export interface ArgoCd {
  /** Makes or changes an Application of the folder's repository that syncs by itself: gitops/argo-cd/application.yaml. */
  apply(name: string, repository: Repository, namespace: string): Promise<void>;
  get(name: string): Promise<Application | undefined>;
  /** Has it compare now, as a webhook of the Git server would. */
  refresh(name: string): Promise<void>;
  /** With all that it made. */
  delete(name: string): Promise<void>;
  stop(): Promise<void>;
}
export interface Repository {
  readonly url: string;
  /** Files by name, each replaced; undefined removes one. Gives the revision. */
  commit(files: Readonly<Record<string, string | undefined>>): Promise<string>;
}

const HOME = 'argocd';
const APPLICATIONS = `/apis/argoproj.io/v1alpha1/namespaces/${HOME}/applications`;
const [SETTINGS, APPLICATION] = ['argocd-cm', 'application'].map((name) =>
  join(import.meta.dirname, `../../gitops/argo-cd/${name}.yaml`),
) as [string, string];
const GIT = ['-c', 'user.name=shop', '-c', 'user.email=shop@example.com', '-c', 'commit.gpgsign=false'];

export async function startArgoCd(plane: ControlPlane, folder: string, log: Log): Promise<ArgoCd> {
  const programs = await obtainArgoCd(log);
  const kubectl = async (args: readonly string[], input?: object): Promise<void> => {
    const { code, stderr } = await plane.kubectl(args, input === undefined ? {} : { input: JSON.stringify(input) });
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  };
  await kubectl(['create', 'namespace', HOME]);
  await kubectl(['apply', '--server-side', '-k', join(programs.manifests, 'crds')]);
  await kubectl(['-n', HOME, 'apply', '-k', join(programs.manifests, 'base/config')]);
  // As docs/guides/install.md has it.
  await kubectl(['-n', HOME, 'patch', 'configmap', 'argocd-cm', '--patch-file', SETTINGS]);
  const kinds = ['applications', 'appprojects'].map((kind) => `crd/${kind}.argoproj.io`);
  await kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...kinds]);
  // Discovery may tell of them a moment later.
  await until('the API server serves projects', () => kubectl(['get', 'appprojects', '-A']).then(() => true), 60_000);
  const project = { sourceRepos: ['*'], destinations: [{ namespace: '*', server: '*' }] };
  await kubectl(['apply', '-f', '-'], {
    ...{ apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'default', namespace: HOME } },
    spec: { ...project, clusterResourceWhitelist: [{ group: '*', kind: '*' }] },
  });

  const [redisPort, repoPort, repoMetrics, metrics] = await Promise.all([1, 2, 3, 4].map(() => freePort()));
  const home = join(folder, 'argo-cd');
  mkdirSync(join(home, 'tmp'), { recursive: true });
  const env = {
    ...{ PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: home, TMPDIR: join(home, 'tmp') },
    ...{ KUBECONFIG: plane.kubeconfigFor(plane.adminToken, HOME), ARGOCD_GPG_ENABLED: 'false' },
    ...{ ARGOCD_ASK_PASS_SOCK: join(home, 'ask-pass'), ARGOCD_TLS_DATA_PATH: home, ARGOCD_SSH_DATA_PATH: home },
  };
  const started: ManagedProcess[] = [];
  const start = (name: string, command: string, args: string[], more: Record<string, string> = {}): ManagedProcess => {
    const part = spawnManaged({
      ...{ command, args, cwd: home, env: { ...env, ...more }, logFile: join(home, `${name}.log`) },
    });
    started.push(part);
    return part;
  };
  const argocd = (name: string, ...args: string[]) =>
    start(name, programs.argocd, args, { ARGOCD_BINARY_NAME: `argocd-${name}` });
  const redis = `127.0.0.1:${redisPort}`;
  start('redis', programs.redis, ['--bind', '127.0.0.1', '--port', `${redisPort}`, '--save', '', '--dir', home]);
  const repoServer = argocd(
    'repo-server',
    ...['--address', '127.0.0.1', '--port', `${repoPort}`, '--disable-tls', '--redis', redis],
    ...['--metrics-address', '127.0.0.1', '--metrics-port', `${repoMetrics}`],
  );
  const controller = argocd(
    'application-controller',
    ...['--repo-server', `127.0.0.1:${repoPort}`, '--repo-server-plaintext', '--redis', redis],
    ...['--metrics-port', `${metrics}`, '--namespace', HOME, '--persist-resource-health'],
  );
  const healthy = async (port: number) => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  const stop = async () => {
    await Promise.all(started.map((part) => part.kill()));
    await plane.request('DELETE', `/api/v1/namespaces/${HOME}`);
  };
  try {
    await untilReady('argocd-repo-server', repoServer, () => healthy(repoMetrics!), 60_000);
    await untilReady('argocd-application-controller', controller, () => healthy(metrics!), 60_000);
  } catch (error) {
    await stop();
    throw error;
  }
  const merge = (name: string, body: object) =>
    plane.request('PATCH', `${APPLICATIONS}/${name}`, { body, contentType: 'application/merge-patch+json' });
  return {
    async apply(name, repository, namespace) {
      // One namespace of it, so that what other tests do there is no matter.
      await kubectl(['-n', HOME, 'apply', '-f', '-'], {
        ...{ apiVersion: 'v1', kind: 'Secret' },
        metadata: { name: 'cluster', labels: { 'argocd.argoproj.io/secret-type': 'cluster' } },
        stringData: {
          ...{ name: 'cluster', server: plane.url, namespaces: namespace },
          config: JSON.stringify({
            bearerToken: plane.adminToken,
            tlsClientConfig: { caData: readFileSync(plane.caFile).toString('base64') },
          }),
        },
      });
      const { spec, ...application } = parse(readFileSync(APPLICATION, 'utf8'));
      Object.assign(application.metadata, { name });
      Object.assign(spec, { destination: { server: plane.url, namespace } });
      Object.assign(spec.source, { repoURL: repository.url });
      await kubectl(['apply', '-f', '-'], { ...application, spec });
    },
    async get(name) {
      const { status, body } = await plane.request<Application>('GET', `${APPLICATIONS}/${name}`);
      return status === 200 ? body : undefined;
    },
    async refresh(name) {
      await merge(name, { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } });
    },
    async delete(name) {
      await plane.request('DELETE', `${APPLICATIONS}/${name}`);
    },
    stop,
  };
}

export async function newRepository(folder: string): Promise<Repository> {
  mkdirSync(folder, { recursive: true });
  const git = (...args: string[]) => run('git', [...GIT, '-C', folder, ...args]);
  await git('init', '--quiet', '--initial-branch=main');
  return {
    url: `file://${folder}`,
    async commit(files) {
      for (const [name, text] of Object.entries(files)) {
        if (text === undefined) rmSync(join(folder, name));
        else writeFileSync(join(folder, name), text);
      }
      await git('add', '--all');
      await git('commit', '--quiet', '--message', Object.keys(files).join(', '));
      return (await git('rev-parse', 'HEAD')).trim();
    },
  };
}
