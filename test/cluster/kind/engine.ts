/** The container engine that carries kind's nodes, and the image they are made from. */
import { spawnSync } from 'node:child_process';
import { which } from '../../../standalone/process.ts';

export interface Engine {
  /** `docker`, `podman` or `nerdctl`: its command line, which reads DOCKER_HOST and the like by itself. */
  name: string;
  /** Version of the control groups where the containers run. */
  cgroup: 1 | 2;
}
const ENGINES = ['docker', 'podman', 'nerdctl'] as const;
/** Cgroups of version 1 are refused by the kubelet from this minor version of Kubernetes on, unless told otherwise. */
const REFUSES_CGROUP_1 = 35;
/** What `kind` of programs.ts was released with. */
const NODE_IMAGE = 'kindest/node:v1.34.0@sha256:7416a61b42b1662ca6ca89f02028ac133a309a2a30ba309614e8ec94d976dc5a';

let known: Engine | string | undefined;

/** The engine that answers; a text says why there is none. KIND_EXPERIMENTAL_PROVIDER chooses, as it does for kind. */
export function findEngine(): Engine | string {
  known ??= probe();
  return known;
}

function probe(): Engine | string {
  const { KIND_EXPERIMENTAL_PROVIDER: wanted, DOCKER_HOST: host } = process.env;
  if (wanted && !(ENGINES as readonly string[]).includes(wanted))
    return `KIND_EXPERIMENTAL_PROVIDER is ${wanted}; it is one of ${ENGINES.join(', ')}`;
  const reasons: string[] = [];
  for (const name of wanted ? [wanted] : ENGINES) {
    if (which(name) === undefined) {
      if (wanted) reasons.push(`KIND_EXPERIMENTAL_PROVIDER is ${wanted}, and there is no ${wanted} on the PATH`);
      continue;
    }
    const format = name === 'podman' ? '{{.Host.CgroupsVersion}}' : '{{.CgroupVersion}}';
    const { status, stdout, stderr } = spawnSync(name, ['info', '--format', format], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    if (status === 0) return { name, cgroup: stdout.includes('1') ? 1 : 2 };
    const at = name === 'docker' && host ? ` at DOCKER_HOST=${host}` : '';
    reasons.push(`${name} does not answer${at}: ${stderr.trim().split('\n').at(-1)}`);
  }
  return reasons.join('; ') || `there is no ${ENGINES.join(', no ')} on the PATH`;
}

/**
 * KIND_NODE_IMAGE; else the pinned one, by its digest or, where it was loaded from an archive and so has none, by its tag; else the newest
 * kindest/node that the engine has; else the pinned one, which kind then pulls.
 */
export function nodeImage({ name }: Engine): string {
  const { KIND_NODE_IMAGE: wanted } = process.env;
  if (wanted) return wanted;
  const there = (image: string) => spawnSync(name, ['image', 'inspect', image], { stdio: 'ignore' }).status === 0;
  const tagged = NODE_IMAGE.replace(/@.*/, '');
  for (const image of [NODE_IMAGE, tagged]) if (there(image)) return image;
  const list = ['images', '--filter', 'reference=*kindest/node', '--format', '{{.Repository}}:{{.Tag}}'];
  const found = (spawnSync(name, list, { encoding: 'utf8' }).stdout ?? '').trim().split('\n');
  const [newest] = found.filter((image) => /:v\d/.test(image)).sort((a, b) => minorOf(b) - minorOf(a));
  return newest ?? NODE_IMAGE;
}

const minorOf = (image: string): number => Number(/v1\.(\d+)/.exec(image)?.[1] ?? 0);

/** What the kubelets of that image must be told to run here, as a patch of kubeadm's configuration. */
export function kubeletPatch({ name, cgroup }: Engine, image: string): string | undefined {
  if (cgroup !== 1) return undefined;
  // The file is in each of kind's images; one that is still to be pulled is judged by its tag.
  const { stdout } = spawnSync(name, ['run', '--rm', '--pull=never', '--entrypoint=cat', image, '/kind/version'], {
    encoding: 'utf8',
  });
  if (minorOf(stdout || image) < REFUSES_CGROUP_1) return undefined;
  return 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfailCgroupV1: false\n';
}
