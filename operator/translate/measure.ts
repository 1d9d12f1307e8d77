/**
 * `node operator/translate/measure.ts [INTEGRATIONS PARTNERS]`: how long translation takes, from scratch and after the edit of one
 * Mapping. Wall clock and this process's own CPU, in ms.
 */

import type { Resource } from '../../crds/generated/types.ts';
import { createTranslator, translateNamespace } from './translate.ts';
import type { World } from './translation.ts';

const [integrations = 1000, partners = 500] = process.argv.slice(2).map(Number);
const TYPES = 40;
const MAPPINGS = 200;

const made = (kind: string, name: string, spec: unknown): Resource =>
  ({ apiVersion: 'crossdock.dev/v1alpha1', kind, metadata: { name, generation: 1 }, spec }) as unknown as Resource;
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const properties = Object.fromEntries(times(25, (i) => [`field${i}`, { type: 'string', maxLength: 80 }]));
const expression = (i: number): string =>
  `{ "number": number & "${i}", ${times(20, (n) => `"field${n}": $uppercase(lines[${n}].field${n}) & field${n}`).join(', ')} }`;
const mapping = (i: number, text = expression(i)): Resource =>
  made('Mapping', `mapping-${i}`, {
    from: { documentTypeRef: { name: `type-${i % TYPES}` } },
    to: { documentTypeRef: { name: `type-${(i + 1) % TYPES}` } },
    expression: text,
  });

const world: World = {
  namespace: 'default',
  secrets: { keys: { keys: times(partners, (i) => `k${i}`), version: '1', use: { hosts: ['*'] } } },
  configMaps: {},
  resources: [
    made('Organization', 'us', { identifiers: [{ scheme: 'X12', qualifier: 'ZZ', value: 'US' }] }),
    ...times(TYPES, (i) =>
      made('DocumentType', `type-${i}`, {
        name: `type-${i}`,
        version: 1,
        json: {
          schema: {
            type: 'object',
            properties: { lines: { type: 'array', items: { type: 'object', properties } }, ...properties },
          },
        },
        keys: [{ name: 'number', expression: 'number' }],
      }),
    ),
    ...times(20, (i) => made('Connector', `system-${i}`, { http: { url: `https://s${i}.example.com` } })),
    ...times(MAPPINGS, (i) => mapping(i)),
    ...times(TYPES, (i) =>
      made('Mapping', `to-850-${i}`, {
        from: { documentTypeRef: { name: `type-${i}` } },
        to: { x12: { transaction: '850' } },
        expression: expression(i),
      }),
    ),
    ...times(10, (i) =>
      made('PartnerProfile', `profile-${i}`, {
        documents: times(4, (n) => ({
          documentTypeRef: { name: `type-${i * 4 + n}` },
          x12: { transaction: '850' },
          mappingRef: { name: `to-850-${i * 4 + n}` },
        })),
      }),
    ),
    ...times(partners, (i) =>
      made('Connector', `box-${i}`, { directory: { inbound: `/in/${i}`, outbound: `/out/${i}` } }),
    ),
    ...times(partners, (i) =>
      made('Partner', `partner-${i}`, {
        profileRef: { name: `profile-${i % 10}` },
        identifiers: [
          { scheme: 'X12', qualifier: 'ZZ', value: `P${i}` },
          { scheme: 'System', system: 'erp', value: `${i}` },
        ],
        channel: { connectorRef: { name: `box-${i}` } },
        credentials: [{ apiKey: { secretKeyRef: { name: 'keys', key: `k${i}` } } }],
      }),
    ),
    ...times(integrations, (i) =>
      made('Integration', `integration-${i}`, {
        source:
          i % 3 === 0
            ? { http: { path: `/in/${i}` }, documentTypeRef: { name: `type-${i % TYPES}` } }
            : { events: { documentTypeRefs: [{ name: `type-${i % TYPES}` }] } },
        destinations: [
          {
            name: 'supplier',
            when: `number > ${i}`,
            partner: { identifier: { scheme: 'System', system: 'erp' }, expression: 'supplier' },
          },
          {
            name: 'system',
            mappingRef: { name: `mapping-${i % MAPPINGS}` },
            system: { connectorRef: { name: `system-${i % 20}` }, http: { pathExpression: `"/x/" & number & "${i}"` } },
          },
        ],
      }),
    ),
  ],
};

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
function measure<T>(what: string, run: () => T): T {
  const [wall, own] = [performance.now(), cpu()];
  const result = run();
  console.log(`${what}: ${(performance.now() - wall).toFixed(0)} ms, CPU ${(cpu() - own).toFixed(0)} ms`);
  return result;
}

const swap = (changed: Resource): World => ({
  ...world,
  resources: world.resources.map((one) =>
    one.kind === changed.kind && one.metadata.name === changed.metadata.name ? changed : one,
  ),
});
console.log(`${integrations} integrations, ${partners} partners, ${world.resources.length} resources`);
const translator = createTranslator();
const first = measure('from scratch', () => translator.translate(world));
console.log(
  `${Object.keys(first.index.integrations).length} integrations and ${Object.keys(first.index.partners).length} partners planned, ${Object.keys(first.parts).length} parts, ${first.topology.queues.length} queues`,
);
measure('nothing changed', () => translator.translate(world));
for (const text of ['{ "number": number }', '{ "number": $string(number) }', '{ "number": number & "" }'])
  measure('one Mapping edited', () => translator.translate(swap(mapping(7, text))));
console.log(`${translator.made.length} translated anew`);
const parsed = structuredClone(world);
measure('everything parsed anew, nothing different', () => translator.translate(parsed));
console.log(`${translator.made.length} translated anew`);
measure('from scratch again, warm', () => translateNamespace(world));
