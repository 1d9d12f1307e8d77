/** What a node runs: kubelet, kube-proxy, scheduler and small tools by Go, containerd, runc, CNI plugins and nftables from Debian, CoreDNS by Go. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../../standalone/cache.ts';
import { debianPackages, debianRelease } from '../../standalone/debian.ts';
import { type Log, run, which } from '../../standalone/process.ts';
import {
  type ControlPlanePrograms,
  KUBERNETES,
  obtainControlPlane,
  VERSION_FLAGS,
} from '../support/control-plane-program.ts';
import { goBuild, hashOfFolder, obtainGo } from '../support/go.ts';

export interface NodePrograms extends ControlPlanePrograms {
  kubelet: string;
  kubeProxy: string;
  scheduler: string;
  /** Static; `pause` and `certificates`. */
  tools: string;
  coredns: string;
  /** Folders for PATH with containerd, its shim, ctr, runc, nft, conntrack. */
  path: string;
  libraryPath: string;
  cni: string;
}

const SOURCES = join(import.meta.dirname, 'programs');
const COREDNS = 'github.com/coredns/coredns@v1.12.4';
const PACKAGES = ['containerd', 'runc', 'containernetworking-plugins', 'nftables', 'iptables', 'conntrack'];

export async function obtainNode(log: Log): Promise<NodePrograms> {
  const plane = await obtainControlPlane(log);
  const built = await cached(
    `node-${KUBERNETES}-${hashOfFolder(SOURCES)}-${process.arch}`,
    async (target) => {
      const go = await obtainGo(log);
      log(`node: building kubelet, kube-proxy and kube-scheduler ${KUBERNETES} (4 minutes on two cores, once)`);
      await goBuild(go, SOURCES, './tools', join(target, 'tools'), '', log);
      await goBuild(go, SOURCES, './kubernetes', join(target, 'kubernetes'), VERSION_FLAGS, log);
      for (const name of ['kubelet', 'kube-proxy', 'kube-scheduler']) symlinkSync('kubernetes', join(target, name));
    },
    { log },
  );
  const dns = await cached(
    `coredns-${COREDNS.slice(COREDNS.lastIndexOf('@') + 2)}-${process.arch}`,
    async (target) => {
      const go = await obtainGo(log);
      log(`node: building ${COREDNS} (90 s on two cores, once)`);
      await run('nice', ['-n', '5', go, 'install', '-trimpath', '-ldflags', '-s -w', COREDNS], {
        cwd: target,
        env: { ...process.env, GOBIN: target, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', GOTOOLCHAIN: 'local' },
        timeoutMs: 1_800_000,
      });
    },
    { log },
  );
  const debian = await cached(
    `node-debian-${debianRelease()}-${process.arch}`,
    async (target) => {
      log(
        'node: downloading containerd, runc, CNI plugins and nftables from Debian into the cache; nothing is installed',
      );
      const work = join(target, 'packages');
      const packages = await debianPackages(work);
      const missing = await packages.needed(PACKAGES, 'ThisMachine');
      await packages.unpack([...new Set([...PACKAGES, ...missing.filter((name) => name.startsWith('lib'))])], target);
      await run('rm', ['-rf', work]);
    },
    { log },
  );
  return {
    ...plane,
    kubelet: join(built, 'kubelet'),
    kubeProxy: join(built, 'kube-proxy'),
    scheduler: join(built, 'kube-scheduler'),
    tools: join(built, 'tools'),
    coredns: join(dns, 'coredns'),
    path: ['usr/bin', 'usr/sbin', 'sbin', 'bin'].map((folder) => join(debian, folder)).join(':'),
    libraryPath: globSync(join(debian, '{usr/lib,lib}/*-linux-gnu')).join(':'),
    cni: join(debian, 'usr/lib/cni'),
  };
}

/** Undefined where a cluster can be had; else what is in the way. */
export function obstacle(): string | undefined {
  if (process.platform !== 'linux') return `a node needs Linux; this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'a node needs root';
  for (const tool of ['unshare', 'nsenter', 'ip', 'apt-get', 'dpkg'])
    if (which(tool) === undefined) return `there is no ${tool}`;
  if (!existsSync('/sys/fs/cgroup')) return 'there are no control groups';
  if (!/\toverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'))) return 'this kernel has no overlay file system';
  const probe =
    'mount -t tmpfs tmpfs /run && ip link add probe0 type veth peer name probe1 && ip link add probe2 type bridge';
  const unshare = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '/bin/sh', '-c', probe];
  const { status, stderr } = spawnSync('unshare', unshare, { encoding: 'utf8' });
  if (status !== 0) return `no namespaces, mounts, veth pairs or bridges can be made: ${stderr.trim()}`;
  return undefined;
}
