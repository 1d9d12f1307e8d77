/**
 * A Kubernetes of one node with everything that is real about one: kubelet, containerd, Services, DNS, pods with addresses. In namespaces of
 * its own (node.ts): nothing of it is reachable from elsewhere, and nothing is left when it is taken down but the folder of images.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { layerOf, qualified, type WrittenImage, writeImage } from '../../images/oci.ts';
import { cached, cacheFolder } from '../../standalone/cache.ts';
import type { Log } from '../../standalone/process.ts';
import { obtainHelm } from '../support/helm.ts';
import type { Cluster, Result } from './cluster.ts';
import * as configuration from './configuration.ts';
import { in_, type Layout, NODE_NAME, PAUSE } from './configuration.ts';
import {
  type Machine,
  makeCertificates,
  makeControlGroup,
  NODE_ADDRESS,
  type Part,
  removeControlGroup,
  runningMachine,
  startMachine,
  stopMachine,
} from './machine.ts';
import { type NodePrograms, obstacle, obtainNode } from './programs.ts';

export interface SingleNode extends Cluster {
  readonly machine: Machine;
  /** Only of a cluster that this process started. */
  readonly parts: ReadonlyMap<string, Part>;
}

const layoutOf = (name: string): Layout => {
  const folder = join(cacheFolder(), 'clusters', name);
  return { folder: join(folder, 'state'), images: join(folder, 'images'), controlGroup: `crossdock-${name}` };
};

/** Takes a cluster of this name down first. `lasting`: stays up when this process ends, until `down`. Throws where none can be had. */
export async function up(name: string, log: Log, lasting = false): Promise<SingleNode> {
  const why = obstacle();
  if (why) throw new Error(`no cluster on this machine: ${why}`);
  const programs = await obtainNode(log);
  await down(name);
  const layout = layoutOf(name);
  for (const folder of [layout.folder, layout.images]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    return await start(layout, programs, name, log, lasting);
  } catch (error) {
    await down(name);
    throw error;
  }
}

/** The cluster of this name that goes on. */
export async function running(name: string): Promise<SingleNode | undefined> {
  const machine = runningMachine(layoutOf(name).folder);
  return machine && clusterOf(layoutOf(name), await obtainNode(() => {}), name, machine, new Map());
}

/** Leaves nothing but the images. Of a cluster that is not there: nothing to do. */
export async function down(name: string): Promise<void> {
  const layout = layoutOf(name);
  await stopMachine(layout.folder);
  await removeControlGroup(layout.controlGroup);
  rmSync(layout.folder, { recursive: true, force: true });
}

async function start(
  layout: Layout,
  programs: NodePrograms,
  name: string,
  log: Log,
  lasting: boolean,
): Promise<SingleNode> {
  const token = () => randomBytes(24).toString('hex');
  await makeCertificates(programs.tools, in_(layout, 'certificates'));
  configuration.writeFiles(layout, programs, [
    { name: 'admin', groups: 'system:masters', token: token() },
    { name: `system:node:${NODE_NAME}`, groups: 'system:nodes', token: token() },
  ]);
  makeControlGroup(layout.controlGroup);
  const machine = await startMachine(layout.folder, programs.tools, lasting);
  const env = {
    PATH: `${programs.path}:${process.env.PATH}`,
    LD_LIBRARY_PATH: programs.libraryPath,
    HOME: layout.folder,
  };
  const parts = new Map<string, Part>();
  const launch = async (part: string, program: string, args: readonly string[]) =>
    void parts.set(part, await machine.start(part, program, args, env));
  const cluster = clusterOf(layout, programs, name, machine, parts);

  await launch('etcd', programs.etcd, configuration.etcd(layout));
  await launch('containerd', join(dirname(programs.cni), '../bin/containerd'), [
    '--config',
    in_(layout, 'containerd.toml'),
  ]);
  await launch('kube-apiserver', programs.apiServer, configuration.apiServer(layout));
  const pause = await pauseImage(programs.tools);
  await until(parts, 'containerd', async () => (await ctr(machine, programs, 'version')).code === 0);
  await cluster.load(pause);
  await until(parts, 'kube-apiserver', async () => (await cluster.kubectl(['get', '--raw', '/readyz'])).code === 0);
  log(`Kubernetes serves on ${configuration.API}, in a network of its own`);
  await launch('kube-controller-manager', programs.controllerManager, configuration.controllerManager(layout));
  await launch('kube-scheduler', programs.scheduler, configuration.scheduler(layout));
  await launch('kube-proxy', programs.kubeProxy, ['--config', in_(layout, 'kube-proxy.yaml')]);
  await launch('kubelet', programs.kubelet, configuration.kubeletArguments(layout));
  await cluster.get(['apply', '-f', '-'], JSON.stringify(DNS));
  await launch('coredns', programs.coredns, ['-conf', in_(layout, 'Corefile')]);
  const ready = '{.status.conditions[?(@.type=="Ready")].status}';
  await until(
    parts,
    'kubelet',
    async () => (await cluster.kubectl(['get', 'node', NODE_NAME, '-o', `jsonpath=${ready}`])).stdout === 'True',
  );
  log(`${NODE_NAME} is Ready`);
  return cluster;
}

function clusterOf(
  layout: Layout,
  programs: NodePrograms,
  name: string,
  machine: Machine,
  parts: ReadonlyMap<string, Part>,
): SingleNode {
  const kubeconfig = in_(layout, 'admin.kubeconfig');
  const env = { PATH: process.env.PATH, HOME: layout.folder, KUBECONFIG: kubeconfig };
  const cluster: SingleNode = {
    folder: layout.folder,
    machine,
    parts,
    kubectl: (args, input, timeoutMs = 60_000) =>
      machine.run(programs.kubectl, args, { env, timeoutMs, ...(input !== undefined && { input }) }),
    async get(args, input) {
      const { code, stdout, stderr } = await cluster.kubectl(args, input);
      if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`);
      return stdout;
    },
    helm: async (args, timeoutMs = 180_000) => machine.run(await obtainHelm(), args, { env, timeoutMs }),
    async load({ file, name: tag, digest }) {
      const there = await ctr(machine, programs, 'images', 'ls', `name==${qualified(tag)}`);
      if (there.stdout.includes(digest)) return;
      const { code, stderr } = await ctr(machine, programs, 'images', 'import', '--index-name', tag, file);
      if (code !== 0) throw new Error(`${basename(file)} cannot be imported: ${stderr.trim()}`);
    },
    async onSomeNode(script) {
      const result = await machine.run('/bin/sh', ['-c', script]);
      if (result.code !== 0) throw new Error(`the script did not succeed: ${result.stderr.trim()}`);
      return result;
    },
    async howToUse() {
      const bin = await writeCommands(cluster);
      return `
  The cluster has a network of its own, so commands go in by these:
  ${bin}/kubectl get pods -A
  ${bin}/kubectl -n shop get crossdock
  ${bin}/helm list -A
  ${bin}/inside curl … or anything else, in the cluster's network

  make cluster-down takes it down.`;
    },
    down: () => down(name),
  };
  return cluster;
}

const ctr = (machine: Machine, programs: NodePrograms, ...args: string[]): Promise<Result> =>
  machine.run(
    join(dirname(programs.cni), '../bin/ctr'),
    ['--address', configuration.CONTAINERD, '-n', 'k8s.io', ...args],
    { env: { PATH: process.env.PATH, LD_LIBRARY_PATH: programs.libraryPath }, timeoutMs: 120_000 },
  );

async function until(parts: ReadonlyMap<string, Part>, name: string, ready: () => Promise<boolean>): Promise<void> {
  const part = parts.get(name)!;
  for (const end = Date.now() + 120_000; !(await ready()); await delay(100)) {
    const tail = () => readFileSync(part.logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
    if (!(await part.isAlive())) throw new Error(`${name} ended. Its log ends with:\n${tail()}`);
    if (Date.now() > end) throw new Error(`${name} is not ready after 120 s. Its log ends with:\n${tail()}`);
  }
}

async function pauseImage(tools: string): Promise<WrittenImage> {
  const data = readFileSync(tools);
  const layer = layerOf([{ path: 'tools', type: 'File', mode: 0o755, data }]);
  const image = { name: PAUSE, layers: [layer], config: { User: '65535:65535', Entrypoint: ['/tools', 'pause'] } };
  const folder = await cached(`image-pause-${layer.digest.slice(7, 19)}`, async (target) => {
    writeImage(join(target, 'pause.tar'), image);
  });
  return writeImage(join(folder, 'pause.tar'), image);
}

/** CoreDNS is a process of the node: the Service leads to its address. */
const DNS = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system' },
      spec: {
        clusterIP: configuration.DNS_ADDRESS,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [NODE_ADDRESS], conditions: { ready: true } }],
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      ],
    },
  ],
};

/** Commands for a person: kubectl, helm and anything else inside. Gives their folder. */
async function writeCommands(cluster: SingleNode): Promise<string> {
  const bin = join(cluster.folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const { kubectl } = await obtainNode(() => {});
  const programs = { kubectl: `'${kubectl}'`, helm: `'${await obtainHelm()}'`, inside: '' };
  for (const [name, program] of Object.entries(programs)) {
    const file = join(bin, name);
    const enter = `exec nsenter --target ${cluster.machine.pid} --net`;
    writeFileSync(
      file,
      `#!/bin/sh\nexport KUBECONFIG='${join(cluster.folder, 'admin.kubeconfig')}'\n${enter} ${program} "$@"\n`,
    );
    chmodSync(file, 0o755);
  }
  return bin;
}
