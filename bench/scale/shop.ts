/** A business of any size as resources: partners on one profile, integrations with a mapping each, document types and systems that many share. */
import { API_VERSION } from '../../crds/generated/schemas.ts';
import type { Kind, Resource } from '../../crds/generated/types.ts';

const SHARED_TYPES = 30;
const SHARED_SYSTEMS = 20;

const typeOf = (i: number): string => `order-${String(i % SHARED_TYPES).padStart(5, '0')}`;

const resource = (kind: Kind, name: string, spec: object): Resource =>
  ({ apiVersion: API_VERSION, kind, metadata: { name }, spec }) as Resource;
const names = (count: number, prefix: string): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${String(i).padStart(5, '0')}`);

const schema = {
  type: 'object',
  required: ['orderNumber', 'lines'],
  properties: {
    orderNumber: { type: 'string', minLength: 1 },
    currency: { enum: ['EUR', 'USD'] },
    lines: {
      type: 'array',
      items: {
        type: 'object',
        required: ['line', 'gtin', 'quantity'],
        properties: {
          line: { type: 'integer' },
          gtin: { type: 'string', pattern: '^[0-9]{13}$' },
          quantity: { type: 'number' },
          price: { type: 'number' },
        },
      },
    },
  },
};

export const flow = (i: number): string => `flow-${String(i).padStart(5, '0')}`;

/** The Mapping of integration `i`; another `edition` is another text with the same meaning. */
export const mapping = (i: number, edition = 0, name = flow(i)): Resource =>
  resource('Mapping', name, {
    from: { documentTypeRef: { name: typeOf(i) } },
    to: { documentTypeRef: { name: 'erp-order' } },
    expression: `{
  "number": orderNumber, "edition": ${edition}, "mapping": "${name}",
  "positions": lines.{"position": line, "article": gtin, "pieces": quantity, "value": $round(quantity * price, 2)}
}`,
  });

export function shop(partners: number, integrations: number): Resource[] {
  const types = names(SHARED_TYPES, 'order');
  const systems = names(SHARED_SYSTEMS, 'system');
  const flows = Array.from({ length: integrations }, (_, i) => flow(i));
  return [
    resource('Broker', 'default', { connection: { secretRef: { name: 'rabbitmq' } } }),
    ...types.map((name) => resource('DocumentType', name, { name, version: 1, json: { schema } })),
    ...systems.map((name) => resource('Connector', name, { http: { url: `http://${name}.example.com` } })),
    resource('DocumentType', 'erp-order', { name: 'erp-order', version: 1, json: { schema: { type: 'object' } } }),
    resource('PartnerProfile', 'json', {
      documents: types.map((name) => ({
        ...{ documentTypeRef: { name }, direction: 'Inbound', json: {} },
      })),
    }),
    ...names(partners, 'partner').map((name) =>
      resource('Partner', name, {
        profileRef: { name: 'json' },
        identifiers: [{ scheme: 'System', system: 'erp', value: name }],
      }),
    ),
    ...flows.map((_, i) => mapping(i)),
    ...flows.map((name, i) =>
      resource('Integration', name, {
        source: { partners: { documentTypeRefs: [{ name: typeOf(i) }] } },
        destinations: [
          {
            name: 'erp',
            mappingRef: { name },
            system: { connectorRef: { name: systems[i % systems.length]! }, http: { method: 'POST', path: '/orders' } },
          },
        ],
      }),
    ),
  ];
}

/** What else lies in a cluster: definitions and partners that nobody names yet. */
export const filler = (count: number): Resource[] =>
  names(count, 'other').map((name, i) =>
    i % 2 === 0
      ? mapping(i, 0, name)
      : resource('Partner', name, {
          profileRef: { name: 'json' },
          identifiers: [{ scheme: 'System', system: 'erp', value: name }],
        }),
  );
