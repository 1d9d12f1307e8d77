/** Orders, notices and the table of open orders between them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stand } from './support.ts';

/** What the look gives once that is something; throws after the deadline. */
export async function poll<T>(look: () => Promise<T | false>, deadlineMs = 20_000): Promise<T> {
  for (const end = Date.now() + deadlineMs; ; await sleep(25)) {
    const seen = await look();
    if (seen) return seen;
    if (Date.now() > end) throw new Error(`not so within ${deadlineMs} ms: ${look}`);
  }
}

/** Partners acme and other; `more` goes into the spec of the table; `poison` is what an order with poison gives. */
export const ordersYaml = ({ namespace }: Stand, more = '', { poison = '$error("poisoned")' } = {}) => `
apiVersion: v1
kind: Secret
metadata: {name: suppliers, namespace: ${namespace}, labels: {crossdock.dev/use: "true"}}
stringData: {acme: acme-key, other: other-key}
---
apiVersion: crossdock.dev/v1alpha1
kind: Partner
metadata: {name: acme, namespace: ${namespace}}
spec:
  displayName: Acme
  identifiers: [{scheme: System, system: erp, value: acme}]
  credentials: [{apiKey: {secretKeyRef: {name: suppliers, key: acme}}}]
  documents: [{documentTypeRef: {name: notice-v1}, direction: Inbound, json: {}}]
---
apiVersion: crossdock.dev/v1alpha1
kind: Partner
metadata: {name: other, namespace: ${namespace}}
spec:
  displayName: Other
  identifiers: [{scheme: System, system: erp, value: other}]
  credentials: [{apiKey: {secretKeyRef: {name: suppliers, key: other}}}]
  documents: [{documentTypeRef: {name: notice-v1}, direction: Inbound, json: {}}]
---
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: notice-v1, namespace: ${namespace}}
spec:
  name: notice
  version: 1
  json:
    schema:
      type: object
      required: [number, version, orders]
      properties:
        number: {type: string}
        version: {type: integer}
        action: {type: string}
        orders: {type: array, items: {type: object, required: [orderNumber, lines]}}
  keys: [{name: order, expression: orders.orderNumber}, {name: shipment, expression: number}]
  revision: {keyExpression: number, sequenceExpression: $string(version), actionExpression: action}
  rules:
  - name: OrderIsKnown
    each: /orders
    when: $not($exists($reference("open-orders", orderNumber, null).status))
    messageExpression: '"order " & orderNumber & " is not known"'
    field: orderNumber
    severity: Reject
  - name: OrderIsOpen
    each: /orders
    when: '$reference("open-orders", orderNumber, {"status": "Open"}).status != "Open"'
    messageExpression: '"order " & orderNumber & " is closed"'
    field: orderNumber
    severity: Reject
  - name: ItemIsOnTheOrder
    each: /orders
    when: |-
      ($row := $reference("open-orders", orderNumber, null); $exists($row.lines) and $count(lines[$not(item in $row.lines.item)]) > 0)
    messageExpression: |-
      ($row := $reference("open-orders", orderNumber); "item " & lines[$not(item in $row.lines.item)][0].item & " is not on the order")
    field: lines
    severity: Reject
  - name: QuantityIsOpen
    each: /orders
    when: |-
      ($row := $reference("open-orders", orderNumber, null); $max(lines.($i := item; quantity - $row.lines[item = $i].open)) > 0)
    messageExpression: |-
      ($row := $reference("open-orders", orderNumber); "quantity exceeds what is open by " & $max(lines.($i := item; quantity - $row.lines[item = $i].open)))
    field: lines
    severity: Reject
---
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: closing-v1, namespace: ${namespace}}
spec:
  name: closing
  version: 1
  json: {schema: {type: object, required: [number]}}
  keys: [{name: order, expression: number}]
---
apiVersion: crossdock.dev/v1alpha1
kind: ReferenceTable
metadata: {name: open-orders, namespace: ${namespace}}
spec:
  key: [orderNumber]
  events:
  - documentTypeRef: {name: order-v1}
    keyExpression: number
    expression: |
      {"supplier": supplier, "status": "Open", "secret": poison ? ${poison} : "margin", "lines": [lines.{"line": line, "item": item, "ordered": quantity, "open": quantity}]}
  - documentTypeRef: {name: notice-v1}
    each: /orders
    keyExpression: orderNumber
    expression: |
      ($shipped := lines; $row ? $merge([$row, {"lines": [$row.lines.($i := item; $merge([$, {"open": open - $sum([$shipped[item = $i].quantity])}]))]}]))
    reserve: OnValidated
  - documentTypeRef: {name: closing-v1}
    keyExpression: number
    expression: '$row ? $merge([$row, {"status": "Closed"}])'
  serve: {owner: {column: supplier, identifier: {scheme: System, system: erp}}, fields: [orderNumber, status, lines], ratePerSecond: 1000}
${more.replace(/^/gm, '  ')}
---
apiVersion: crossdock.dev/v1alpha1
kind: ReferenceTable
metadata: {name: few, namespace: ${namespace}}
spec:
  key: [id]
  events: [{documentTypeRef: {name: order-v1}, keyExpression: '"A"', expression: '{}'}]
  serve: {everyone: {}, fields: [id], ratePerSecond: 2}
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: notices, namespace: ${namespace}}
spec:
  source: {partners: {documentTypeRefs: [{name: notice-v1}]}}
  destinations:
  - {name: sink, system: {connectorRef: {name: sink}, http: {path: /notices}}}
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: closings, namespace: ${namespace}}
spec:
  source: {http: {path: /closings, auth: {apiKey: {secretKeyRef: {name: keys, key: apiKey}}}}, documentTypeRef: {name: closing-v1}}
  destinations:
  - {name: sink, system: {connectorRef: {name: sink}, http: {path: /closings}}}
`;

/** A table with a seed alone, and one that may be asked once a second. */
export const seededYaml = ({ namespace }: Stand) => `
apiVersion: crossdock.dev/v1alpha1
kind: ReferenceTable
metadata: {name: seeded, namespace: ${namespace}}
spec:
  key: [id]
  seed: {connectorRef: {name: sink}, http: {path: /list}}
  serve: {everyone: {}, fields: [id, stock], ratePerSecond: 1000}
`;

/** A mapping that needs an open order, and a system that needs an article. */
export const parkingYaml = ({ namespace }: Stand, more = '') => `
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: want-v1, namespace: ${namespace}}
spec: {name: want, version: 1, json: {schema: {type: object}}, keys: [{name: order, expression: order}]}
---
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: wanted-v1, namespace: ${namespace}}
spec: {name: wanted, version: 1, json: {schema: {type: object}}}
---
apiVersion: crossdock.dev/v1alpha1
kind: ReferenceTable
metadata: {name: articles, namespace: ${namespace}}
spec: {key: [id], inline: {rows: [{id: I-0}${more}]}}
---
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: wanted, namespace: ${namespace}}
spec:
  from: {documentTypeRef: {name: want-v1}}
  to: {documentTypeRef: {name: wanted-v1}}
  expression: '{"of": $reference("open-orders", order).supplier}'
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: wants, namespace: ${namespace}}
spec:
  source: {http: {path: /wants}, documentTypeRef: {name: want-v1}}
  destinations:
  - {name: sink, mappingRef: {name: wanted}, system: {connectorRef: {name: sink}, http: {path: /wants}}}
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: items, namespace: ${namespace}}
spec:
  source: {http: {path: /items}, documentTypeRef: {name: want-v1}}
  destinations:
  - name: sink
    system: {connectorRef: {name: sink}, http: {path: /items}}
    outcomes:
    - {when: body.code = "UNKNOWN_ITEM", result: Park, owner: master-data, releaseWhen: {tableRef: {name: articles}, keyExpression: body.item}}
`;
