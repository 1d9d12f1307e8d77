/** What partners say of what was sent to them, on real parts: 997, 999, TA1 and CONTRL come back, or do not. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { statusText } from '../../cli/status-text.ts';
import { timelineText } from '../../cli/trace-text.ts';
import { decodeX12 } from '../../runtime/formats/x12/decode.ts';
import { encodeX12 } from '../../runtime/formats/x12/encode.ts';
import { readTimeline } from '../../tracker/accounts.ts';
import { countAcknowledgments, readTroubledAcknowledgments } from '../../tracker/acknowledgments/store.ts';
import { makeStand, type Stand, startDevHere } from './support.ts';

const NOTICE = ['BSN*00*SHIP-1*20261124*1200', 'HL*1**S'];

/** An interchange of ACME's, version 005010. */
function interchange(
  control: number,
  functionalId: string,
  transaction: string,
  body: string[],
  requested = '0',
): string {
  const isa = `ISA*00*          *00*          *ZZ*ACME           *ZZ*US             *261124*1200*^*00501*${String(control).padStart(9, '0')}*${requested}*P*>`;
  const lines = [`GS*${functionalId}*ACME*US*20261124*1200*${control}*X*005010`, `ST*${transaction}*0001`, ...body];
  return [
    isa,
    ...lines,
    `SE*${body.length + 2}*0001`,
    `GE*1*${control}`,
    `IEA*1*${String(control).padStart(9, '0')}`,
    '',
  ].join('~');
}
const said = (control: number, group: number, verdict: 'A' | 'E' | 'R' | 'P', notes: string[] = []): string =>
  interchange(control, 'FA', '997', [
    `AK1*PO*${group}`,
    ...(notes.length > 0 ? ['AK2*850*0001', ...notes, `AK5*${verdict}*5`] : []),
    `AK9*${verdict}*1*1*${verdict === 'R' ? 0 : 1}`,
  ]);

it('reconciles acknowledgments with what was sent, notices those that do not come, and writes TA1 and 999', async () => {
  await using stand = await makeStand();
  const folder = join(stand.inbound, 'edi');
  const out = join(folder, 'out');
  mkdirSync(out, { recursive: true });
  stand.write('acme.yaml', resources(stand, folder));
  const drop = (name: string, text: string | Buffer): void => {
    writeFileSync(join(stand.inbound, 'half'), text);
    renameSync(join(stand.inbound, 'half'), join(folder, name));
  };
  const numbers = new Map<string, number>();
  const counts = () => countAcknowledgments(stand.database, stand.namespace, Date.now());
  const sent = (kind: string) => readdirSync(out).filter((name) => name.startsWith(kind));
  {
    await using dev = await startDevHere(stand);
    for (const number of ['PO-1', 'PO-2', 'PO-3', 'PO-4', 'PO-5', 'PO-6'])
      await fetch(`${dev.http}/purchase-orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ number }),
      });
    await stand.until(
      (rows) =>
        rows.filter(({ destination, state }) => destination === 'purchase-orders/acme' && state === 'Delivered')
          .length === 6,
    );
    for (const name of sent('850')) {
      const [{ control, groups } = { control: '', groups: [] }] = decodeX12(readFileSync(join(out, name))).interchanges;
      numbers.set((groups[0]!.transactions[0]!.value as { BEG: { BEG03: string } }).BEG.BEG03, Number(control));
    }
    const group = (order: string): number => numbers.get(order)!;
    drop('1.edi', said(1, group('PO-1'), 'A'));
    drop('2.edi', said(2, group('PO-2'), 'R', ['AK3*BEG*2**8', 'AK4*5*373*8*20261399']));
    drop('3.edi', said(3, group('PO-3'), 'E', ['AK3*REF*3**3']));
    drop('4.edi', said(4, group('PO-4'), 'P'));
    drop('5.edi', said(5, 4711, 'A'));
    const envelope = { sender: { qualifier: 'ZZ', value: 'ACME' }, receiver: { qualifier: 'ZZ', value: 'US' } };
    const delimiters = { element: '*', segment: '~', component: '>', repetition: '^' };
    drop(
      '6.edi',
      encodeX12(
        {
          ...envelope,
          usage: 'Production',
          version: '005010',
          control: 6,
          groupControl: 6,
          at: new Date(),
          delimiters,
        },
        [],
        [{ TA101: String(group('PO-5')).padStart(9, '0'), TA102: '261124', TA103: '1200', TA104: 'R', TA105: '006' }],
      ).text,
    );
    // A shipment notice whose sender asks for a TA1, in which one segment is wrong.
    drop('7.edi', interchange(7, 'SH', '856', [...NOTICE, 'SN1*1*viele*EA'], '1'));
    await stand.until(
      (rows) =>
        rows.some(({ errorCode }) => errorCode === 'acknowledgment.unmatched') &&
        sent('TA1').length + sent('999').length === 2,
    );
    for (const end = Date.now() + 15_000; (await counts()).Overdue !== 1 && Date.now() < end; ) await sleep(100);
    expect(await counts()).toEqual({
      Accepted: 1,
      AcceptedWithErrors: 1,
      Overdue: 1,
      PartiallyAccepted: 1,
      Rejected: 2,
    });
  }
  // All of it stands in the database, and in what people see.
  const now = Date.now();
  const troubles = await readTroubledAcknowledgments(stand.database, stand.namespace, 10, now);
  const troubleOf = (order: string) => troubles.find(({ keys }) => keys.order?.[0] === order);
  expect(troubleOf('PO-2')).toMatchObject({
    state: 'Rejected',
    partner: 'acme',
    message: 'BEG05 (segment 2): invalid date, "20261399"; segments in error',
  });
  expect(troubleOf('PO-5')).toMatchObject({ state: 'Rejected', message: 'sender invalid' });
  expect(troubleOf('PO-6')).toMatchObject({ state: 'Overdue', verdict: null });
  const status = statusText(
    {
      namespace: stand.namespace,
      counts: [],
      troubles: [],
      gaps: [],
      setAside: [],
      acknowledgments: { counts: await counts(), troubles },
    },
    now,
  );
  expect(status).toContain('1 Overdue');
  const trace = async (order: string) =>
    timelineText(order, await readTimeline(stand.database, stand.namespace, order), stand.namespace);
  expect(await trace('PO-1')).toMatch(/997: control number \d to purchase-orders\/acme accepted/);
  expect(await trace('PO-2')).toMatch(/rejected: BEG05[\s\S]*invalid date/);
  expect(await trace('PO-6')).toContain('AcknowledgmentOverdue');

  const read = (kind: string) => decodeX12(readFileSync(join(out, sent(kind)[0]!))).interchanges[0]!;
  expect(read('TA1').interchangeAcknowledgments).toEqual([
    { TA101: '000000007', TA102: '261124', TA103: '1200', TA104: 'A', TA105: '000' },
  ]);
  expect(read('999').groups[0]!.transactions[0]).toMatchObject({
    id: '999',
    problems: [],
    value: { AK1: { AK101: 'SH', AK102: '7' }, AK2Loop: [{ IK5: { IK501: 'R', IK502: '5' } }], AK9: { AK901: 'R' } },
  });

  // A late 997, after a restart, settles it.
  await using _again = await startDevHere(stand);
  drop('8.edi', said(8, numbers.get('PO-6')!, 'A'));
  for (const end = Date.now() + 15_000; (await counts()).Accepted !== 2 && Date.now() < end; ) await sleep(100);
  expect(await counts()).toMatchObject({ Accepted: 2 });
  expect(await counts()).not.toHaveProperty('Overdue');
});

const resources = ({ namespace }: Stand, folder: string) => `
apiVersion: crossdock.dev/v1alpha1
kind: Organization
metadata: {name: us, namespace: ${namespace}}
spec: {identifiers: [{scheme: X12, qualifier: ZZ, value: US}]}
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
metadata: {name: from-856, namespace: ${namespace}}
spec: {from: {x12: {transaction: "856"}}, to: {documentTypeRef: {name: notice-v1}}, expression: '{"shipment": BSN.BSN02}'}
---
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: to-850, namespace: ${namespace}}
spec:
  from: {documentTypeRef: {name: order-v1}}
  to: {x12: {transaction: "850"}}
  expression: |
    {"BEG": {"BEG01": "00", "BEG02": "SA", "BEG03": number, "BEG05": "20261124"}, "PO1Loop": [{"PO1": {"PO101": "1", "PO102": "5", "PO103": "EA"}}]}
---
apiVersion: crossdock.dev/v1alpha1
kind: Partner
metadata: {name: acme, namespace: ${namespace}}
spec:
  identifiers: [{scheme: X12, qualifier: ZZ, value: ACME}]
  channel: {connectorRef: {name: mailbox}}
  x12: {version: "005010"}
  acknowledgments: {send: Functional, expectWithin: 2s}
  documents:
  - {documentTypeRef: {name: notice-v1}, x12: {transaction: "856"}, mappingRef: {name: from-856}}
  - {documentTypeRef: {name: order-v1}, x12: {transaction: "850"}, mappingRef: {name: to-850}}
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
metadata: {name: purchase-orders, namespace: ${namespace}}
spec:
  source: {http: {path: /purchase-orders}, documentTypeRef: {name: order-v1}}
  destinations: [{name: acme, partner: {identifier: {scheme: X12, qualifier: ZZ}, expression: '"ACME"'}}]
`;
