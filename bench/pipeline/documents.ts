/** The document of the bench: a purchase order as an ERP writes it, 10 lines for 2 KB, 58 for 10 KB, and what it is mapped to. */
import { canonicalJson, deriveId, sha256Hex } from '../../runtime/canonical.ts';
import { inbox } from '../../runtime/names.ts';
import { documentMessage, rawMessage } from '../../runtime/pipeline/messages.ts';

export const LINES = { '2 KB': 10, '10 KB': 58 };

export interface Source {
  no: string;
  date: string;
  supplier: { code: string; name: string };
  items: { article: string; ean: string; text: string; qty: number; pack: number; price: number; note: string }[];
}

export interface Target {
  orderNumber: string;
  orderDate: string;
  supplierCode: string;
  lines: { sku: string; gtin: string; description: string; quantity: number; price: string }[];
}

export const source = (n: number, lines: number): Source => ({
  no: `PO-${n}`,
  date: '2026-11-23',
  supplier: { code: '100345', name: 'Acme Supplies GmbH' },
  items: Array.from({ length: lines }, (_, i) => ({
    article: `AC-${1000 + i}`,
    ean: '4056789010019',
    text: `Hexagon bolt M8 x ${i}, zinc plated, DIN 933, strength class 8.8`,
    qty: i + 1,
    pack: 12,
    price: 1.25 + i,
    note: 'x'.repeat(20),
  })),
});

/** The map by hand; every candidate that maps must give this. */
export const mapped = ({ no, date, supplier, items }: Source): Target => ({
  orderNumber: no,
  orderDate: date,
  supplierCode: supplier.code,
  lines: items.map(({ article, ean, text, qty, pack, price }) => ({
    sku: article,
    gtin: ean,
    description: text.toUpperCase(),
    quantity: qty * pack,
    price: String(price),
  })),
});

/** JSON Schema of what comes out. */
export const schema = {
  type: 'object',
  required: ['orderNumber', 'lines'],
  properties: {
    orderNumber: { type: 'string' },
    orderDate: { type: 'string', format: 'date' },
    supplierCode: { type: 'string' },
    lines: {
      type: 'array',
      items: {
        type: 'object',
        required: ['sku', 'quantity', 'price'],
        properties: {
          sku: { type: 'string' },
          gtin: { type: 'string', pattern: '^[0-9]{13}$' },
          description: { type: 'string' },
          quantity: { type: 'number' },
          price: { type: 'string' },
        },
      },
    },
  },
};

/** As a source of the integration `orders` puts it into the intake. The same message for every candidate. */
export const message = (n: number, lines: number) =>
  rawMessage({
    id: deriveId('bench', n),
    channel: 'integration/orders',
    label: '',
    receivedAt: Date.now(),
    epoch: 0,
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(source(n, lines))),
  });

/** As the intake publishes it: what lies in the inbox of `orders`. `dedupe`: it is of a type that declares revisions. */
export function canonicalMessage(n: number, lines: number, dedupe: boolean) {
  const target = mapped(source(n, lines));
  const text = canonicalJson(target);
  return documentMessage(
    {
      id: deriveId('bench', n),
      type: 'order.v1',
      origin: 'system',
      source: 'orders',
      receivedAt: Date.now(),
      keys: { order: [target.orderNumber] },
      ...(dedupe && { revision: { key: target.orderNumber, sequence: '', action: '' } }),
      bodyHash: sha256Hex(text),
      epoch: 0,
      contentType: 'application/json',
      body: Buffer.from(text),
    },
    [inbox('orders')],
  );
}

/** What of the pipeline is measured. */
export interface Variant {
  /** `Intake`: from the intake to the inbox. `Inbox`: from there to the outbox. */
  hop: 'Intake' | 'Inbox';
  /** The type declares revisions, so that each document is claimed in PostgreSQL. */
  dedupe?: boolean;
}

/** The integration as its owner would write it. `inbound` is an empty folder: documents are put into the intake directly. */
export const resources = (inbound: string, { hop, dedupe }: Variant) =>
  [
    { kind: 'Connector', metadata: { name: 'box' }, spec: { directory: { inbound, outbound: `${inbound}-out` } } },
    {
      kind: 'DocumentType',
      metadata: { name: 'order-v1' },
      spec: {
        name: 'order',
        version: 1,
        json: { schema },
        keys: [{ name: 'order', expression: 'orderNumber' }],
        ...(dedupe && { revision: { keyExpression: 'orderNumber' } }),
      },
    },
    {
      kind: 'Mapping',
      metadata: { name: 'from-erp' },
      spec: {
        from: { documentTypeRef: { name: 'order-v1' } },
        to: { documentTypeRef: { name: 'order-v1' } },
        expression: `{
          "orderNumber": no, "orderDate": date, "supplierCode": supplier.code,
          "lines": items.{
            "sku": article, "gtin": ean, "description": $uppercase(text), "quantity": qty * pack, "price": $string(price)
          }
        }`,
      },
    },
    {
      kind: 'Integration',
      metadata: { name: 'orders' },
      spec: {
        source: {
          connector: { connectorRef: { name: 'box' } },
          documentTypeRef: { name: 'order-v1' },
          mappingRef: { name: 'from-erp' },
        },
        destinations: [{ name: 'box', system: { connectorRef: { name: 'box' } } }],
        // Paused, it takes documents in, and lets them lie in its inbox: one hop, as the others make.
        state: hop === 'Intake' ? 'Paused' : 'Running',
      },
    },
    {
      kind: 'Hold',
      metadata: { name: 'no-effects' },
      spec: {
        targetRef: { kind: 'Integration', name: 'orders' },
        direction: 'Outbound',
        reason: 'the outbox is measured',
      },
    },
  ].map((each) => ({ apiVersion: 'crossdock.dev/v1alpha1', ...each }));
