/** Files that are cut into pieces while they stream: as many documents as in one go, one acknowledgment, nothing twice. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeX12 } from '../../runtime/formats/x12/decode.ts';
import { makeStand, type Stand, startDevHere } from './support.ts';

const KEYS = 12;
const ROWS = 9_000;
const NOTICES = 10;
const LINES = 12_000;

const csv = (): string => {
  const rows = Array.from(
    { length: KEYS * ROWS },
    (_, i) => `D-${Math.floor(i / ROWS)};${i};"some text; for a line ${i}, of the list"`,
  );
  return ['doc;quantity;text', ...rows].join('\n');
};
/** The group's trailer is one too many, and one notice has a number that is none. */
const x12 = (): string => {
  const notice = (n: number): string[] => [
    `ST*856*${String(n).padStart(4, '0')}`,
    `BSN*00*SHIP-${n}*20261124*1200`,
    'HL*1**S',
    ...Array.from(
      { length: LINES },
      (_, i) => `HL*${i + 2}*1*I~LIN*${i}*UP*012345678905~SN1*${i}*${n === 3 && i === 7 ? '6x' : '60'}*EA`,
    ),
    `SE*${4 + 3 * LINES}*${String(n).padStart(4, '0')}`,
  ];
  return [
    'ISA*00*          *00*          *ZZ*ACME           *ZZ*US             *261124*1200*U*00401*000000007*0*P*>',
    'GS*SH*ACME*US*20261124*1200*7*X*004010',
    ...Array.from({ length: NOTICES }, (_, i) => notice(i)).flat(),
    `GE*${NOTICES + 1}*7`,
    'IEA*1*000000007',
    '',
  ].join('~\n');
};

it('takes files of many documents in pieces', async () => {
  await using stand = await makeStand();
  const folder = (name: string) => join(stand.inbound, name);
  for (const name of ['csv', 'edi', 'edi/out']) mkdirSync(folder(name), { recursive: true });
  stand.write('large.yaml', resources(stand, folder('csv'), folder('edi')));
  await using _dev = await startDevHere(stand);
  const drop = (to: string, text: string): void => {
    expect(text.length).toBeGreaterThan(4 * 1024 * 1024);
    writeFileSync(join(stand.inbound, '.half'), text);
    renameSync(join(stand.inbound, '.half'), to);
  };
  drop(join(folder('csv'), 'rows.csv'), csv());
  drop(join(folder('edi'), 'notices.edi'), x12());
  const rows = await stand.until(
    (all) =>
      all.filter(({ destination, state }) => destination === 'counts/sink' && state === 'Delivered').length ===
        KEYS + NOTICES - 1 &&
      all.some(({ destination, state }) => destination === 'acknowledgments' && state === 'Delivered') &&
      all.some(({ errorCode }) => errorCode === 'x12.InvalidNumber'),
    60_000,
  );
  const counts = stand.ledger.effects.map(({ body }) => `${body.name} ${body.count}`).sort();
  const expected = [
    ...Array.from({ length: KEYS }, (_, i) => `D-${i} ${ROWS}`),
    ...Array.from({ length: NOTICES }, (_, i) => `SHIP-${i} ${LINES}`).filter((name) => !name.startsWith('SHIP-3 ')),
  ];
  expect(counts).toEqual(expected.sort());

  // The place in the file, not in the piece; and the count that is wrong at its end.
  const bad = rows.find(({ errorCode }) => errorCode === 'x12.InvalidNumber')!;
  const line = 2 + 3 * (4 + 3 * LINES) + 3 + 3 * 8;
  expect(bad.errorMessage).toContain(`segment ${line} (SN1)`);
  const { rows: accepted } = await stand.database.query(
    `select body->'detail'->>'warning' as warning from entries where outcome = 'Accepted' and body->'detail'->>'file' = 'notices.edi'`,
  );
  expect(accepted).toHaveLength(NOTICES - 1);
  for (const { warning } of accepted) expect(warning).toContain('GE01 says "11"');

  const [answer, ...more] = readdirSync(folder('edi/out')).filter((name) => name.endsWith('.edi'));
  expect(more).toEqual([]);
  const [acknowledged] = decodeX12(readFileSync(join(folder('edi/out'), answer!))).interchanges;
  expect(acknowledged!.groups[0]!.transactions[0]!.value).toMatchObject({
    AK1: { AK101: 'SH', AK102: '7' },
    AK2Loop: [{ AK2: { AK202: '0003' }, AK5: { AK501: 'R' } }],
    AK9: { AK901: 'P', AK902: '10', AK903: '10', AK904: '9', AK905: '5' },
  });
});

const resources = ({ namespace }: Stand, csvFolder: string, ediFolder: string) => `
apiVersion: crossdock.dev/v1alpha1
kind: Organization
metadata: {name: us, namespace: ${namespace}}
spec: {identifiers: [{scheme: X12, qualifier: ZZ, value: US}]}
---
apiVersion: crossdock.dev/v1alpha1
kind: Connector
metadata: {name: csv-box, namespace: ${namespace}}
spec: {directory: {inbound: "${csvFolder}", pollInterval: 200ms}}
---
apiVersion: crossdock.dev/v1alpha1
kind: Connector
metadata: {name: edi-box, namespace: ${namespace}}
spec: {directory: {inbound: "${ediFolder}", outbound: "${ediFolder}/out", pollInterval: 200ms}}
---
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: count-v1, namespace: ${namespace}}
spec: {name: count, version: 1, json: {schema: {type: object, required: [name, count]}}, keys: [{name: name, expression: name}]}
---
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: from-csv, namespace: ${namespace}}
spec: {from: {csv: {}}, to: {documentTypeRef: {name: count-v1}}, expression: '{"name": rows[0].doc, "count": $count(rows)}'}
---
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: from-856, namespace: ${namespace}}
spec: {from: {x12: {transaction: "856"}}, to: {documentTypeRef: {name: count-v1}}, expression: '{"name": BSN.BSN02, "count": $count(HLLoop.HLLoop)}'}
---
apiVersion: crossdock.dev/v1alpha1
kind: Partner
metadata: {name: rows, namespace: ${namespace}}
spec:
  identifiers: [{scheme: System, system: erp, value: "1"}]
  channel: {connectorRef: {name: csv-box}}
  documents:
  - documentTypeRef: {name: count-v1}
    csv: {delimiter: ';', documentPer: Key, key: [doc], fields: [{name: doc}, {name: quantity, type: Number}, {name: text}]}
    mappingRef: {name: from-csv}
---
apiVersion: crossdock.dev/v1alpha1
kind: Partner
metadata: {name: acme, namespace: ${namespace}}
spec:
  identifiers: [{scheme: X12, qualifier: ZZ, value: ACME}]
  channel: {connectorRef: {name: edi-box}}
  acknowledgments: {send: Functional}
  documents: [{documentTypeRef: {name: count-v1}, x12: {transaction: "856"}, mappingRef: {name: from-856}}]
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: counts, namespace: ${namespace}}
spec:
  source: {partners: {documentTypeRefs: [{name: count-v1}]}}
  destinations: [{name: sink, system: {connectorRef: {name: sink}}}]
`;
