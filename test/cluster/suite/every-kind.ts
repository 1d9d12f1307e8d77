/** An object of each kind: the examples, and what only people make. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const EXAMPLES = join(import.meta.dirname, '../../../examples');
/** Kinds that no example has: YAML. */
export const BY_HAND = `
apiVersion: crossdock.dev/v1alpha1
kind: Hold
metadata: {name: erp-down}
spec: {targetRef: {kind: Connector, name: erp}, reason: maintenance}
---
apiVersion: crossdock.dev/v1alpha1
kind: Replay
metadata: {name: after-outage}
spec: {reason: outage, requestedBy: kim, selector: {integration: catalog}}
`;

/** YAML. The Broker of the example does not answer, which is no matter here. */
export function everyKind(): string {
  const files = ['inbound-distribution', 'runtime-pool'].flatMap((folder) =>
    readdirSync(join(EXAMPLES, folder))
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => readFileSync(join(EXAMPLES, folder, file), 'utf8')),
  );
  return [...files, BY_HAND].join('\n---\n');
}

const kedaKind = (kind: string, plural: string): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.keda.sh` },
  spec: {
    group: 'keda.sh',
    scope: 'Namespaced',
    names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});
/** The kinds of KEDA without KEDA: what the operator asks of it can be made, and nothing comes of it. */
export const stubsOfKeda: string = [
  kedaKind('ScaledObject', 'scaledobjects'),
  kedaKind('TriggerAuthentication', 'triggerauthentications'),
]
  .map((each) => JSON.stringify(each))
  .join('\n---\n');
