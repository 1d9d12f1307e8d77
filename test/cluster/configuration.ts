/** Files and arguments of the parts of a single-node cluster. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NODE_ADDRESS } from './machine.ts';
import type { NodePrograms } from './programs.ts';

export const NODE_NAME = 'node-1';
export const API = `https://${NODE_ADDRESS}:6443`;
export const DNS_ADDRESS = '10.96.0.10';
export const CONTAINERD = '/run/containerd/containerd.sock';
export const PAUSE = 'crossdock-pause:1';

export interface Layout {
  /** Of what is made anew by each start. */
  folder: string;
  /** Containerd's images and snapshots; kept between starts. */
  images: string;
  /** Of the pods. */
  controlGroup: string;
}
export interface User {
  name: string;
  groups: string;
  token: string;
}

export const in_ = ({ folder }: Layout, ...path: string[]): string => join(folder, ...path);

/** One JSON text per line, of the requests of all service accounts. */
export const auditLog = (folder: string): string => join(folder, 'log', 'audit.log');

export function writeFiles(layout: Layout, programs: NodePrograms, users: readonly User[]): void {
  const write = (path: string, content: string | object) => {
    mkdirSync(dirname(in_(layout, path)), { recursive: true });
    writeFileSync(in_(layout, path), typeof content === 'string' ? content : JSON.stringify(content, undefined, 1), {
      mode: 0o600,
    });
  };
  write('tokens.csv', users.map(({ token, name, groups }) => `${token},${name},${name},"${groups}"\n`).join(''));
  for (const user of users) write(`${user.name.replace(/^.*:/, '')}.kubeconfig`, kubeconfig(layout, user.token));
  write('containerd.toml', containerd(layout, programs));
  write('cni/10-bridge.conflist', {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: '10.244.0.0/22' }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: '/run/cni-ipam',
        },
      },
    ],
  });
  write('kubelet.yaml', kubelet(layout));
  write('audit.yaml', {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata', userGroups: ['system:serviceaccounts'] }, { level: 'None' }],
  });
  write('kube-proxy.yaml', {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    hostnameOverride: NODE_NAME,
    clientConnection: { kubeconfig: in_(layout, 'admin.kubeconfig') },
    clusterCIDR: '10.244.0.0/16',
    conntrack: { maxPerCore: 0 },
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
  });
  write(
    'Corefile',
    `.:53 {
  bind ${NODE_ADDRESS}
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${in_(layout, 'admin.kubeconfig')}
    ttl 5
  }
  cache 5
}
`,
  );
}

function kubeconfig(layout: Layout, token: string): object {
  const authority = readFileSync(in_(layout, 'certificates', 'ca.crt')).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'cluster', cluster: { server: API, 'certificate-authority-data': authority } }],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'cluster', context: { cluster: 'cluster', user: 'user' } }],
    'current-context': 'cluster',
  };
}

/** `restrict_oom_score_adj`: without CAP_SYS_RESOURCE runc cannot lower it, and says something else. */
const containerd = (layout: Layout, programs: NodePrograms): string => `version = 2
root = "${layout.images}"
state = "/run/containerd"
[grpc]
  address = "${CONTAINERD}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/${PAUSE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${programs.cni}"
    conf_dir = "${in_(layout, 'cni')}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
`;

const kubelet = (layout: Layout): object => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  cgroupDriver: 'cgroupfs',
  cgroupRoot: `/${layout.controlGroup}`,
  failSwapOn: false,
  failCgroupV1: false,
  containerRuntimeEndpoint: `unix://${CONTAINERD}`,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: in_(layout, 'certificates', 'ca.crt') },
  },
  authorization: { mode: 'Webhook' },
  clusterDNS: [DNS_ADDRESS],
  clusterDomain: 'cluster.local',
  resolvConf: '',
  podLogsDir: '/var/log/pods',
  evictionHard: { 'memory.available': '20Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  imageGCHighThresholdPercent: 100,
  imageMaximumGCAge: '0s',
  maxPods: 250,
  nodeStatusUpdateFrequency: '2s',
  syncFrequency: '10s',
  serializeImagePulls: false,
  registryPullQPS: 0,
  volumePluginDir: in_(layout, 'volume-plugins'),
  localStorageCapacityIsolation: false,
});

export function etcd(layout: Layout): string[] {
  const [client, peer] = ['http://127.0.0.1:2379', 'http://127.0.0.1:2380'];
  return [
    ...['--name=default', `--data-dir=${in_(layout, 'etcd')}`, '--log-level=warn', '--unsafe-no-fsync'],
    ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`, `--listen-peer-urls=${peer}`],
    ...[`--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`],
  ];
}

export function apiServer(layout: Layout): string[] {
  const file = (name: string) => in_(layout, 'certificates', name);
  return [
    ...['--etcd-servers=http://127.0.0.1:2379', '--bind-address=0.0.0.0', `--advertise-address=${NODE_ADDRESS}`],
    ...['--secure-port=6443', '--service-cluster-ip-range=10.96.0.0/16', '--allow-privileged=true'],
    ...[`--tls-cert-file=${file('apiserver.crt')}`, `--tls-private-key-file=${file('apiserver.key')}`],
    ...[`--client-ca-file=${file('ca.crt')}`, `--token-auth-file=${in_(layout, 'tokens.csv')}`],
    ...[`--kubelet-client-certificate=${file('kubelet-client.crt')}`],
    ...[`--kubelet-client-key=${file('kubelet-client.key')}`, '--kubelet-preferred-address-types=InternalIP'],
    ...[`--service-account-key-file=${file('apiserver.key')}`],
    ...[`--service-account-signing-key-file=${file('apiserver.key')}`],
    ...['--service-account-issuer=https://kubernetes.default.svc', '--authorization-mode=Node,RBAC'],
    ...['--enable-admission-plugins=NodeRestriction', '--profiling=false'],
    // Of API servers that extend this one: metrics.
    ...[`--requestheader-client-ca-file=${file('ca.crt')}`, '--requestheader-allowed-names=front-proxy-client'],
    ...['--requestheader-username-headers=X-Remote-User', '--requestheader-group-headers=X-Remote-Group'],
    ...['--requestheader-extra-headers-prefix=X-Remote-Extra-', '--enable-aggregator-routing=true'],
    ...[`--proxy-client-cert-file=${file('front-proxy-client.crt')}`],
    ...[`--proxy-client-key-file=${file('front-proxy-client.key')}`],
    ...[`--audit-policy-file=${in_(layout, 'audit.yaml')}`, `--audit-log-path=${auditLog(layout.folder)}`],
  ];
}

export function controllerManager(layout: Layout): string[] {
  const admin = in_(layout, 'admin.kubeconfig');
  return [
    ...[`--kubeconfig=${admin}`, `--authentication-kubeconfig=${admin}`, `--authorization-kubeconfig=${admin}`],
    ...['--leader-elect=false', '--use-service-account-credentials=false', '--bind-address=127.0.0.1'],
    ...[`--service-account-private-key-file=${in_(layout, 'certificates', 'apiserver.key')}`],
    `--root-ca-file=${in_(layout, 'certificates', 'ca.crt')}`,
    '--node-monitor-grace-period=40s',
    // Autoscalers judge as anywhere, only sooner.
    ...['--horizontal-pod-autoscaler-sync-period=2s', '--horizontal-pod-autoscaler-downscale-stabilization=5s'],
    ...[
      '--horizontal-pod-autoscaler-initial-readiness-delay=5s',
      '--horizontal-pod-autoscaler-cpu-initialization-period=5s',
    ],
  ];
}

export function scheduler(layout: Layout): string[] {
  const admin = in_(layout, 'admin.kubeconfig');
  return [
    ...[`--kubeconfig=${admin}`, `--authentication-kubeconfig=${admin}`, `--authorization-kubeconfig=${admin}`],
    ...['--leader-elect=false', '--bind-address=127.0.0.1'],
  ];
}

export const kubeletArguments = (layout: Layout): string[] => [
  `--config=${in_(layout, 'kubelet.yaml')}`,
  `--kubeconfig=${in_(layout, `${NODE_NAME}.kubeconfig`)}`,
  `--root-dir=/var/lib/kubelet`,
  `--cert-dir=${in_(layout, 'kubelet-certificates')}`,
  `--hostname-override=${NODE_NAME}`,
  `--node-ip=${NODE_ADDRESS}`,
];
