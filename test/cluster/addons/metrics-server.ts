/** metrics-server: what `kubectl top` and an autoscaler by processor or memory ask. */
import type { Addon, Workload } from './addon.ts';

const LABEL = { 'k8s-app': 'metrics-server' };

export const METRICS_SERVER: Addon = {
  name: 'metrics-server',
  module: 'sigs.k8s.io/metrics-server',
  version: 'v0.8.0',
  programs: { 'metrics-server': './cmd/metrics-server' },
  manifests: ['rbac', 'service', 'deployment', 'apiservice'].map((each) => `manifests/base/${each}.yaml`),
  takes: '2 minutes on two cores',
  adapt(object) {
    // Its kustomization.yaml labels and selects by it.
    if (object.kind === 'Service') object.spec = { ...(object.spec as object), selector: LABEL };
    if (object.kind !== 'Deployment') return;
    const { spec } = object as Workload;
    spec.selector = { matchLabels: LABEL };
    spec.template.metadata = { labels: LABEL };
    const [container] = spec.template.spec.containers;
    // Kubelets have made their certificates themselves; and metrics are wanted as often as it gives them.
    container!.args = [
      ...container!.args!.filter((each) => !each.startsWith('--metric-resolution')),
      ...['--metric-resolution=10s', '--kubelet-request-timeout=5s', '--kubelet-insecure-tls'],
    ];
    Object.assign(container!.readinessProbe!, { initialDelaySeconds: 1, periodSeconds: 1 });
  },
};
