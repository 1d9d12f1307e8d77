/** EDIFACT through a directory, on real parts: a DESADV comes in and is answered with a CONTRL, an order goes out as ORDERS. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSyntaxAcknowledgment } from '../../runtime/formats/edifact/acknowledge.ts';
import { decodeEdifact } from '../../runtime/formats/edifact/decode.ts';
import { makeStand, startDevHere } from './support.ts';

const US = '4012345000009';
const MUSTER = '4098765000005';
const notice = (reference: number, number: string, date = '20261123') => [
  `UNH+${reference}+DESADV:D:96A:UN:EAN005'`,
  `BGM+351+${number}+9'`,
  `DTM+137:${date}:102'`,
  `UNT+4+${reference}'`,
];

it('takes the good messages of an interchange, answers with a CONTRL, and sends ORDERS', async () => {
  await using stand = await makeStand();
  const folder = join(stand.inbound, 'edi');
  mkdirSync(join(folder, 'out'), { recursive: true });
  stand.write('edifact.yaml', resources(stand.namespace, folder));
  await using dev = await startDevHere(stand);
  const file = [
    `UNB+UNOC:3+${MUSTER}:14+${US}:14+261123:0615+1107'`,
    ...notice(1, 'Größe-1'),
    ...notice(2, 'SHIP-2', '20261323'),
    "UNZ+2+1107'",
  ].join('\n');
  writeFileSync(join(stand.inbound, 'half'), file, 'latin1');
  renameSync(join(stand.inbound, 'half'), join(folder, 'desadv.edi'));
  const response = await fetch(`${dev.http}/edifact-orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ number: 'PO-1' }),
  });
  expect(response.status).toBe(202);
  await stand.until(
    (all) =>
      all.some(({ errorCode }) => errorCode === 'edifact.InvalidDate') &&
      all.filter(({ destination, state }) => destination !== '' && state === 'Delivered').length >= 3,
  );
  expect(stand.ledger.effects.map(({ body }) => body.shipment)).toEqual(['Größe-1']);

  const sent = readdirSync(join(folder, 'out')).filter((name) => name.endsWith('.edi'));
  expect(sent.map((name) => name.replace(/-.*/, '')).sort()).toEqual(['CONTRL', 'ORDERS']);
  const read = (kind: string) => {
    const decoded = decodeEdifact(readFileSync(join(folder, 'out', sent.find((name) => name.startsWith(kind))!)));
    expect(decoded).toMatchObject({
      problems: [],
      interchanges: [
        { sender: { qualifier: '14', value: US }, receiver: { qualifier: '14', value: MUSTER }, problems: [] },
      ],
    });
    return decoded.interchanges[0]!.groups[0]!.transactions[0]!;
  };
  expect(readSyntaxAcknowledgment(read('CONTRL').value)).toMatchObject({
    control: '1107',
    status: 'Accepted',
    messages: [{ control: '2', id: 'DESADV', status: 'Rejected', errors: [expect.stringContaining('invalid value')] }],
  });
  expect(read('ORDERS')).toMatchObject({
    type: 'ORDERS:D:96A:UN:EAN008',
    problems: [],
    value: { BGM: { BGM02: 'PO-1' }, UNS: { UNS01: 'S' } },
  });
});

const resources = (namespace: string, folder: string) => `
apiVersion: crossdock.dev/v1alpha1
kind: Organization
metadata: {name: us, namespace: ${namespace}}
spec: {identifiers: [{scheme: GLN, value: "${US}"}]}
---
apiVersion: crossdock.dev/v1alpha1
kind: Connector
metadata: {name: mailbox, namespace: ${namespace}}
spec: {directory: {inbound: "${folder}", outbound: "${folder}/out", pollInterval: 200ms}}
---
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: notice-v1, namespace: ${namespace}}
spec: {name: notice, version: 1, json: {schema: {type: object, required: [shipment]}}, keys: [{name: shipment, expression: shipment}]}
---
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: from-desadv, namespace: ${namespace}}
spec:
  from: {edifact: {message: DESADV}}
  to: {documentTypeRef: {name: notice-v1}}
  expression: '{"shipment": BGM.BGM02}'
---
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: to-orders, namespace: ${namespace}}
spec:
  from: {documentTypeRef: {name: order-v1}}
  to: {edifact: {message: ORDERS}}
  expression: |
    {"BGM": {"BGM01": {"BGM0101": "220"}, "BGM02": number}, "DTM": {"DTM01": {"DTM0101": "137", "DTM0102": "20261123", "DTM0103": "102"}}}
---
apiVersion: crossdock.dev/v1alpha1
kind: Partner
metadata: {name: muster, namespace: ${namespace}}
spec:
  identifiers: [{scheme: GLN, value: "${MUSTER}"}]
  channel: {connectorRef: {name: mailbox}}
  acknowledgments: {send: Functional}
  documents:
  - {documentTypeRef: {name: notice-v1}, edifact: {message: DESADV}, mappingRef: {name: from-desadv}}
  - {documentTypeRef: {name: order-v1}, edifact: {message: ORDERS, association: EAN008}, mappingRef: {name: to-orders}}
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: notices, namespace: ${namespace}}
spec:
  source: {partners: {documentTypeRefs: [{name: notice-v1}]}}
  destinations: [{name: sink, system: {connectorRef: {name: sink}}}]
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: edifact-orders, namespace: ${namespace}}
spec:
  source: {http: {path: /edifact-orders}, documentTypeRef: {name: order-v1}}
  destinations: [{name: supplier, partner: {identifier: {scheme: GLN}, expression: '"${MUSTER}"'}}]
`;
