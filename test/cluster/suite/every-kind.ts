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
