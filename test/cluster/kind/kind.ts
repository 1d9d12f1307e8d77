/**
 * Kubernetes by kind, on Docker, Podman or nerdctl. Nothing is pulled but kind's node image: images come from archives. kubectl is the one in
 * the control plane's node, so that neither its version nor the way to the API server is a question; helm runs there too where the API
 * server cannot be reached from here, as with an engine on another machine.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { WrittenImage } from '../../../images/oci.ts';
import { cached, cacheFolder } from '../../../standalone/cache.ts';
import { type Log, run, runAnyway, which } from '../../../standalone/process.ts';
import { obtainGo } from '../../support/go.ts';
import { obtainHelm } from '../../support/helm.ts';
import type { Cluster, Result } from '../cluster.ts';
import { type Engine, findEngine, kubeletPatch, nodeImage } from './engine.ts';

const KIND = 'sigs.k8s.io/kind@v0.30.0';
const CONFIGURATION = join(import.meta.dirname, 'three-nodes.yaml');
const CHARTS = join(import.meta.dirname, '../../../charts');
const CREATE_MS = 600_000;
const ADMIN = 'KUBECONFIG=/etc/kubernetes/admin.conf';

/** Undefined where kind can be had; else what is in the way. */
export function obstacle(): string | undefined {
  const engine = findEngine();
  return typeof engine === 'string' ? engine : undefined;
}

/** CROSSDOCK_KIND, a kind on the PATH, else built with Go into the cache. */
export async function obtainKind(log: Log): Promise<string> {
  const found = process.env.CROSSDOCK_KIND || which('kind');
  if (found) return found;
  const folder = await cached(
    `kind-${KIND.slice(KIND.lastIndexOf('@') + 2)}-${process.platform}-${process.arch}`,
    async (target) => {
      log(`kind: building ${KIND} (10 s, once)`);
      await run(await obtainGo(log), ['install', '-trimpath', '-ldflags', '-s -w', KIND], {
        cwd: target,
        env: { ...process.env, GOBIN: target, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', GOTOOLCHAIN: 'local' },
        timeoutMs: 600_000,
      });
    },
    { log },
  );
  return join(folder, 'kind');
}

/** kind's configuration for a cluster with the given patch of all kubelets. */
export function configurationWith(patch: string | undefined): string {
  const text = readFileSync(CONFIGURATION, 'utf8');
  return patch === undefined ? text : stringify({ ...parse(text), kubeadmConfigPatches: [patch] });
}

export async function up(name: string, log: Log): Promise<Cluster> {
  const engine = findEngine();
  if (typeof engine === 'string') throw new Error(`no cluster by kind: ${engine}`);
  const kind = await obtainKind(log);
  await down(name);
  const { folder, full } = placeOf(name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const image = nodeImage(engine);
  const config = join(folder, 'kind.yaml');
  writeFileSync(config, configurationWith(kubeletPatch(engine, image)));
  log(`kind makes three nodes of ${image} by ${engine.name}`);
  const create = ['create', 'cluster', '--name', full, '--config', config, '--image', image, '--wait', '240s'];
  const kubeconfig = join(folder, 'kubeconfig');
  const env = environment(engine);
  const made = await runAnyway(kind, [...create, '--kubeconfig', kubeconfig], { env, timeoutMs: CREATE_MS });
  if (made.code !== 0) {
    await down(name);
    throw new Error(`kind makes no cluster of ${image}: ${lastLines(made.stderr)}${hintOf(made.stderr, image)}`);
  }
  try {
    const cluster = await clusterOf(name, engine, kind, kubeconfig);
    await cluster.get(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=50s']);
    log('its nodes are Ready');
    return cluster;
  } catch (error) {
    await down(name);
    throw error;
  }
}

export async function down(name: string): Promise<void> {
  const { folder, full } = placeOf(name);
  const engine = findEngine();
  if (typeof engine === 'string') throw new Error(`kind cannot be asked: ${engine}`);
  const options = { env: environment(engine), timeoutMs: 120_000 };
  await run(await obtainKind(() => {}), ['delete', 'cluster', '--name', full], options);
  rmSync(folder, { recursive: true, force: true });
}

const placeOf = (name: string) => ({
  folder: join(cacheFolder(), 'clusters', `kind-${name}`),
  full: `crossdock-${name}`,
});
/** kind looks for engines itself, in an order of its own. */
const environment = ({ name }: Engine) => ({ ...process.env, KIND_EXPERIMENTAL_PROVIDER: name });
const lastLines = (text: string): string => text.trim().split('\n').slice(-8).join('\n');
const hintOf = (text: string, image: string): string =>
  /pull|not found|no such image/i.test(text)
    ? `\nWithout a way to a registry, load the image into the engine (docker load) and name it: KIND_NODE_IMAGE=${image.replace(/@.*/, '')}`
    : '';

async function clusterOf(name: string, engine: Engine, kind: string, kubeconfig: string): Promise<Cluster> {
  const { folder, full } = placeOf(name);
  const env = environment(engine);
  const nodes = (await run(kind, ['get', 'nodes', '--name', full], { env })).trim().split('\n').sort();
  const first = `${full}-control-plane`;
  const inside = (node: string, command: readonly string[], input?: string, timeoutMs = 120_000): Promise<Result> =>
    runAnyway(engine.name, ['exec', ...(input === undefined ? [] : ['-i']), '-e', ADMIN, node, ...command], {
      env,
      timeoutMs,
      ...(input !== undefined && { input }),
    });
  const helm = await obtainHelm();
  const fromHere = { env: { ...process.env, HOME: folder, KUBECONFIG: kubeconfig } };
  const reachable = (await runAnyway(helm, ['list'], { ...fromHere, timeoutMs: 20_000 })).code === 0;
  if (!reachable) {
    await run(engine.name, ['cp', helm, `${first}:/usr/local/bin/helm`], { env });
    await inside(first, ['mkdir', '-p', CHARTS]);
    // By tar, because parts of the chart are links to files elsewhere, and a folder below /tmp of a node cannot be copied into otherwise.
    const copy = 'tar -C "$1" -ch . | "$2" exec -i "$3" tar -x -C "$1"';
    await run('/bin/sh', ['-c', copy, 'sh', CHARTS, engine.name, first], { env });
    if ((await inside(first, ['helm', 'list'])).code !== 0)
      throw new Error(`${helm} runs neither here against ${kubeconfig} nor in the node ${first}`);
  }
  const cluster: Cluster = {
    folder,
    kubectl: (args, input, timeoutMs = 60_000) => inside(first, ['kubectl', ...args], input, timeoutMs),
    async get(args, input) {
      const { code, stdout, stderr } = await cluster.kubectl(args, input);
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`);
      return stdout;
    },
    helm: (args, timeoutMs = 180_000) =>
      reachable
        ? runAnyway(helm, args, { ...fromHere, timeoutMs })
        : inside(first, ['helm', ...args], undefined, timeoutMs),
    async load({ file }: WrittenImage) {
      await run(kind, ['load', 'image-archive', file, '--name', full], { env, timeoutMs: 300_000 });
    },
    async onSomeNode(script) {
      for (const node of nodes) {
        const result = await inside(node, ['sh', '-c', script]);
        if (result.code === 0) return result;
      }
      throw new Error(`on none of ${nodes.join(', ')} did the script succeed`);
    },
    async howToUse() {
      return `
  ${reachable ? `kubectl --kubeconfig ${kubeconfig} get pods -A` : `${engine.name} exec ${first} kubectl get pods -A`}
  ${reachable ? `kubectl --kubeconfig ${kubeconfig} -n shop get crossdock` : `${engine.name} exec ${first} kubectl -n shop get crossdock`}

  make kind-down takes it down.`;
    },
    down: () => down(name),
  };
  return cluster;
}
