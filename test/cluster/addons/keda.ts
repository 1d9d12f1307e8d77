/** KEDA: its operator, which asks the scalers, and its adapter, by which an autoscaler asks the operator. */
import type { Addon, Workload } from './addon.ts';

export const KEDA_NAMESPACE = 'keda';

const CRDS = [
  ...['keda.sh_scaledobjects', 'keda.sh_scaledjobs', 'keda.sh_triggerauthentications'],
  ...['keda.sh_clustertriggerauthentications', 'eventing.keda.sh_cloudeventsources'],
  'eventing.keda.sh_clustercloudeventsources',
].map((each) => `crd/bases/${each}`);

export const KEDA: Addon = {
  name: 'keda',
  module: 'github.com/kedacore/keda/v2',
  version: 'v2.21.0',
  programs: { keda: './cmd/operator', 'keda-adapter': './cmd/adapter' },
  // As its config/minimal: without webhooks.
  manifests: [
    ...['general/namespace', ...CRDS, 'service_account/service_account', 'rbac/role', 'rbac/role_binding'],
    ...['manager/manager', 'manager/service'],
    ...['role', 'role_binding', 'deployment', 'service', 'api_service'].map((each) => `metrics-server/${each}`),
  ].map((each) => `config/${each}.yaml`),
  takes: '6 minutes on two cores',
  adapt(object) {
    if (object.kind !== 'Deployment') return;
    for (const { readinessProbe } of (object as Workload).spec.template.spec.containers)
      Object.assign(readinessProbe!, { initialDelaySeconds: 1, periodSeconds: 1 });
  },
};
