/** Open orders, ship notices that take from them, and the same notices as a type that nothing checks. */
export const openOrders = (sink: string) => `
apiVersion: v1
kind: Secret
metadata: {name: keys, labels: {crossdock.dev/use: "true"}}
stringData: {erp: erp-key, acme: acme-key}
---
apiVersion: crossdock.dev/v1alpha1
kind: Connector
metadata: {name: sink}
spec: {http: {url: "${sink}"}}
---
apiVersion: crossdock.dev/v1alpha1
kind: Partner
metadata: {name: acme}
spec:
  displayName: Acme
  identifiers: [{scheme: System, system: erp, value: acme}]
  credentials: [{apiKey: {secretKeyRef: {name: keys, key: acme}}}]
  documents:
  - {documentTypeRef: {name: notice-v1}, direction: Inbound, json: {}}
  - {documentTypeRef: {name: plain-v1}, direction: Inbound, json: {}}
---
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: order-v1}
spec:
  name: order
  version: 1
  json: {schema: {type: object, required: [number, lines]}}
  keys: [{name: order, expression: number}]
---
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: notice-v1}
spec:
  name: notice
  version: 1
  json: {schema: {type: object, required: [number, orders]}}
  keys: [{name: order, expression: orders.orderNumber}]
  revision: {keyExpression: number, sequenceExpression: $string(version)}
  rules:
  - name: OrderIsKnown
    each: /orders
    when: $reference("open-orders", orderNumber, null) = null
    messageExpression: '"order " & orderNumber & " is not known"'
  - name: QuantityIsOpen
    each: /orders
    when: ($row := $reference("open-orders", orderNumber, null); $max([lines.($i := item; quantity - $row.lines[item = $i].open)]) > 0)
    messageExpression: '"quantity exceeds what is open"'
---
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: plain-v1}
spec:
  name: plain
  version: 1
  json: {schema: {type: object, required: [number, orders]}}
  keys: [{name: order, expression: orders.orderNumber}]
  revision: {keyExpression: number, sequenceExpression: $string(version)}
---
apiVersion: crossdock.dev/v1alpha1
kind: ReferenceTable
metadata: {name: open-orders}
spec:
  key: [orderNumber]
  events:
  - documentTypeRef: {name: order-v1}
    keyExpression: number
    expression: '{"supplier": supplier, "lines": [lines.{"item": item, "ordered": quantity, "open": quantity}]}'
  - documentTypeRef: {name: notice-v1}
    each: /orders
    keyExpression: orderNumber
    expression: '($shipped := lines; $row ? $merge([$row, {"lines": [$row.lines.($i := item; $merge([$, {"open": open - $sum([$shipped[item = $i].quantity])}]))]}]))'
    reserve: OnValidated
  staleAfter: 1m
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: orders}
spec:
  source: {http: {path: /orders, auth: {apiKey: {secretKeyRef: {name: keys, key: erp}}}}, documentTypeRef: {name: order-v1}}
  destinations: [{name: sink, system: {connectorRef: {name: sink}}}]
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: notices}
spec:
  source: {partners: {documentTypeRefs: [{name: notice-v1}, {name: plain-v1}]}}
  destinations: [{name: sink, system: {connectorRef: {name: sink}}}]
`;
