/** What becomes of documents, on real parts: retries, refusals, revisions, holds, reloads. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { connectBroker } from '../../runtime/broker/amqp.ts';
import { readAcknowledgment } from '../../runtime/formats/x12/acknowledge.ts';
import { decodeX12 } from '../../runtime/formats/x12/decode.ts';
import type { AccountRow } from '../../tracker/accounts.ts';
import { API_KEY, ediPartner, makeStand, post, startDevHere, summary } from './support.ts';

const delivered = (rows: AccountRow[], destination: string, n: number) =>
  rows.filter((row) => row.destination === destination && row.state === 'Delivered').length === n;

it('retries with the same key after 503 and a dropped connection, and waits as long as it is told', async () => {
  await using stand = await makeStand();
  const seen: { key: string; at: number }[] = [];
  stand.ledger.answer = ({ key }, response) => {
    seen.push({ key, at: Date.now() });
    if (seen.length === 1) response.writeHead(503, { 'retry-after': '1' }).end();
    else if (seen.length === 2) response.destroy();
    else return false;
    return true;
  };
  await using dev = await startDevHere(stand);
  expect(await post(() => dev.http, 'PO-1')).toBe(202);
  const orders = () => dev.state.roots['Integration/orders']!;
  await stand.until(() => orders().health === 'Degraded');
  expect(orders()).toMatchObject({
    state: 'Running',
    message: expect.stringMatching(/^orders\/sink: .*503.* \(http\.503\)$/),
  });
  const rows = await stand.until((all) => delivered(all, 'orders/sink', 1));
  expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
  expect(seen).toHaveLength(3);
  expect(seen[1]!.at - seen[0]!.at).toBeGreaterThanOrEqual(1_000);
  expect(rows.find(({ destination }) => destination === 'orders/sink')?.attempt).toBe(3);
});

it('gives up after its retries: dead-lettered with cause', async () => {
  await using stand = await makeStand();
  stand.write(
    'few.yaml',
    integration(stand.namespace, 'few', '/few', 'delivery: {retry: 1, backoffDelay: 1s, backoffMax: 1s}'),
  );
  stand.ledger.answer = (_, response) =>
    Boolean(response.writeHead(500, { 'content-type': 'text/plain' }).end('the ERP is upset'));
  await using dev = await startDevHere(stand);
  await send(dev.http, '/few', { number: 'PO-1' });
  const rows = await stand.until((all) => all.some(({ state }) => state === 'DeadLettered'));
  expect(rows.find(({ state }) => state === 'DeadLettered')).toMatchObject({
    destination: 'few/sink',
    attempt: 2,
    errorClass: 'DeliveryFailed',
    errorCode: 'http.500',
    errorMessage: expect.stringContaining('the ERP is upset'),
  });
});

it('judges answers by outcomes: only a definite refusal gives a new key', async () => {
  await using stand = await makeStand();
  stand.write(
    'judged.yaml',
    integration(
      stand.namespace,
      'judged',
      '/judged',
      `delivery: {retry: 3, backoffDelay: 1s, backoffMax: 1s}`,
      `outcomes:
      - {when: body.code = "ALREADY", result: Delivered}
      - {when: body.code = "CLOSED", result: Retry, after: 1s}
      - {when: body.code = "UNKNOWN", result: Park, owner: master-data}`,
    ),
  );
  const keys: string[] = [];
  stand.ledger.answer = ({ key, body }, response) => {
    const code = { again: 'ALREADY', later: keys.length === 0 ? 'CLOSED' : '', unknown: 'UNKNOWN', bad: 'NONSENSE' }[
      String(body.number)
    ];
    if (body.number === 'later') keys.push(key);
    if (!code) return false;
    response
      .writeHead(422, { 'content-type': 'application/json' })
      .end(JSON.stringify({ code, detail: `it is ${code}` }));
    return true;
  };
  await using dev = await startDevHere(stand);
  for (const number of ['again', 'later', 'unknown', 'bad']) await send(dev.http, '/judged', { number });
  const rows = await stand.until(
    (all) => all.filter(({ destination, state }) => destination === 'judged/sink' && state !== 'InFlight').length === 4,
  );
  const byNumber = Object.fromEntries(rows.filter(({ state }) => state).map((row) => [row.keys.order?.[0], row]));
  expect(byNumber.again).toMatchObject({ state: 'Delivered' });
  expect(byNumber.later).toMatchObject({ state: 'Delivered', attempt: 2 });
  expect(new Set(keys).size).toBe(2);
  expect(byNumber.unknown).toMatchObject({ state: 'Parked', errorCode: 'UNKNOWN' });
  expect(byNumber.bad).toMatchObject({
    state: 'DeadLettered',
    errorClass: 'BusinessRejected',
    errorMessage: expect.stringContaining('it is NONSENSE'),
  });
});

it('knows duplicates, later revisions and conflicts of declared revisions', async () => {
  await using stand = await makeStand();
  stand.write(
    'notice.yaml',
    `${revisionType(stand.namespace)}\n---\n${integration(stand.namespace, 'notice', '/notice', '', '', 'notice-v1')}`,
  );
  await using dev = await startDevHere(stand);
  const one = async (body: object) => {
    await send(dev.http, '/notice', body);
    await stand.until((all) => all.every(({ state }) => state !== 'InFlight') && all.length > 0);
  };
  await one({ shipment: 'S1', issued: '2026-01-02', text: 'two' });
  await one({ shipment: 'S1', issued: '2026-01-02', text: 'two' });
  await one({ shipment: 'S1', issued: '2026-01-01', text: 'one' });
  await one({ shipment: 'S1', issued: '2026-01-02', text: 'another two' });
  await one({ shipment: 'S1', issued: '2026-01-03', text: 'three' });
  const rows = await stand.until((all) => delivered(all, 'notice/sink', 2));
  expect(summary(rows)).toEqual({
    'notice/sink Delivered': 2,
    'notice Duplicate': 1,
    'notice Superseded': 1,
    'notice Parked': 1,
  });
  expect(stand.ledger.effects.map(({ body }) => body.text)).toEqual(['two', 'three']);
});

it('keeps what is paused or held, and delivers it when that ends', async () => {
  await using stand = await makeStand();
  const hold = `apiVersion: crossdock.dev/v1alpha1
kind: Hold
metadata: {name: stop, namespace: ${stand.namespace}}
spec: {targetRef: {kind: Connector, name: sink}, direction: Outbound, reason: the ERP is being moved}
`;
  stand.write('hold.yaml', hold);
  await using dev = await startDevHere(stand);
  expect(await post(() => dev.http, 'PO-1')).toBe(202);
  await stand.until((all) =>
    all.some(({ destination, state }) => destination === 'orders/sink' && state === 'InFlight'),
  );
  expect(stand.ledger.requests).toBe(0);
  const lifted = dev.nextReload();
  stand.write('hold.yaml', '');
  await lifted;
  await stand.until((all) => delivered(all, 'orders/sink', 1));
  const paused = dev.nextReload();
  stand.write('paused.yaml', integration(stand.namespace, 'paused', '/paused', 'state: Paused'));
  await paused;
  await send(dev.http, '/paused', { number: 'PO-2' });
  await stand.until((all) => all.some(({ destination, state }) => destination === 'paused' && state === 'InFlight'));
  const resumed = dev.nextReload();
  stand.write('paused.yaml', integration(stand.namespace, 'paused', '/paused', 'state: Running'));
  await resumed;
  await stand.until((all) => delivered(all, 'paused/sink', 1));
});

it('takes a changed mapping into force within a second, under traffic, with nothing lost or doubled', async () => {
  await using stand = await makeStand();
  const mapped = (version: string, test = version) => `${mapping(stand.namespace, version, test)}
---
${integration(stand.namespace, 'mapped', '/mapped', '', 'mappingRef: {name: stamp}')}`;
  stand.write('mapped.yaml', mapped('one'));
  await using dev = await startDevHere(stand);
  let sending = true;
  let sent = 0;
  const traffic = (async () => {
    while (sending) await send(dev.http, '/mapped', { number: `PO-${++sent}` });
  })();
  await stand.until(() => stand.ledger.effects.length > 20);
  const changed = performance.now();
  stand.write('mapped.yaml', mapped('two'));
  await stand.until(() => stand.ledger.effects.some(({ body }) => body.version === 'two'));
  const took = performance.now() - changed;
  // A version whose own test fails must not come into force.
  const refused = dev.nextReload();
  stand.write('mapped.yaml', mapped('three', 'not three'));
  await refused;
  const before = stand.ledger.effects.length;
  await stand.until(() => stand.ledger.effects.length > before + 20);
  sending = false;
  await traffic;
  await stand.until((all) => delivered(all, 'mapped/sink', sent));
  const numbers = stand.ledger.effects.map(({ body }) => body.number);
  expect(new Set(numbers).size).toBe(sent);
  expect(numbers).toHaveLength(sent);
  expect(new Set(stand.ledger.effects.map(({ body }) => body.version))).toEqual(new Set(['one', 'two']));
  // A second on a quiet machine; the suite runs beside others.
  expect(took).toBeLessThan(3_000);
});

it('ends a mapping that never ends, and disturbs nobody else', async () => {
  await using stand = await makeStand();
  const endless = '($f := function($x) { $f($x + 1) }; $f(0))';
  stand.write(
    'endless.yaml',
    `${mapping(stand.namespace, 'x', undefined, endless)}\n---\n${integration(stand.namespace, 'endless', '/endless', '', 'mappingRef: {name: stamp}')}`,
  );
  await using dev = await startDevHere(stand);
  await send(dev.http, '/endless', { number: 'PO-1' });
  expect(await post(() => dev.http, 'PO-2')).toBe(202);
  const rows = await stand.until(
    (all) => all.some(({ state }) => state === 'DeadLettered') && delivered(all, 'orders/sink', 1),
  );
  expect(rows.find(({ state }) => state === 'DeadLettered')).toMatchObject({
    destination: 'endless/sink',
    errorClass: 'MappingFailed',
    errorCode: 'budget.exceeded',
    errorMessage: expect.stringContaining('Mapping stamp'),
  });
});

it('refuses what it cannot read, with the place, and accounts for it', async () => {
  await using stand = await makeStand();
  await using dev = await startDevHere(stand);
  const answer = async (body: string | Buffer, type = 'application/json') => {
    const response = await fetch(`${dev.http}/orders`, {
      method: 'POST',
      headers: { 'x-api-key': API_KEY, 'content-type': type },
      body,
    });
    return {
      status: response.status,
      problem: (await response.json()) as { violations?: { code: string; pointer?: string }[]; detail: string },
    };
  };
  expect(await answer(Buffer.from([0, 159, 146, 150, 255]))).toMatchObject({ status: 400 });
  expect(await answer('{"number": "PO-1",\n "lines": [}')).toMatchObject({
    status: 400,
    problem: { detail: expect.stringContaining('line 2') },
  });
  expect(await answer('{"number": 7}')).toMatchObject({
    status: 422,
    problem: { violations: [{ code: 'schema.type', pointer: '/number' }] },
  });
  expect(await answer(Buffer.alloc(100 * 1024 * 1024, 32))).toMatchObject({ status: 413 });
  stand.drop('broken.json', '{"number": ');
  stand.drop('binary.json', Buffer.from([0, 1, 2, 255]));
  stand.drop(
    'truncated.edi',
    'ISA*00*          *00*          *ZZ*ACME           *ZZ*US             *260101*1200*U*00401*000000001*0*P*>~GS*SH*ACME*US*20260101*1200*1*X*004010~ST*856*0001~',
  );
  stand.drop('good.json', '{"number": "PO-9"}');
  const rows = await stand.until(
    (all) => delivered(all, 'files/sink', 1) && all.filter(({ state }) => state === 'DeadLettered').length === 3,
  );
  expect(summary(rows)).toEqual({ 'intake Rejected': 3, 'intake DeadLettered': 3, 'files/sink Delivered': 1 });
  expect(
    rows.filter(({ state }) => state === 'DeadLettered').every(({ errorClass }) => errorClass === 'DecodeFailed'),
  ).toBe(true);
});

it('says that a mailbox cannot be read, and when it can again', async () => {
  await using stand = await makeStand();
  renameSync(stand.inbound, `${stand.inbound}-gone`);
  await using dev = await startDevHere(stand);
  await stand.until(() => dev.state.roots['Integration/files']?.state === 'Failed');
  expect(dev.state.roots['Integration/files']?.message).toMatch(/does not exist; create or mount it/);
  expect(dev.state.roots['Integration/orders']).toMatchObject({ state: 'Running', health: 'Healthy' });
  renameSync(`${stand.inbound}-gone`, stand.inbound);
  stand.drop('late.json', '{"number": "PO-1"}');
  await stand.until((all) => delivered(all, 'files/sink', 1));
  expect(dev.state.roots['Integration/files']).toMatchObject({ state: 'Running', health: 'Healthy' });
});

it('dead-letters what somebody else put into a queue, and goes on', async () => {
  await using stand = await makeStand();
  await using dev = await startDevHere(stand);
  const broker = await connectBroker({
    uri: dev.brokerUri,
    name: 'stranger',
    log: { info() {}, warn() {}, error() {} },
  });
  for (const queue of ['orders:inbox', 'orders:out:sink', 'intake'])
    await broker.publish({ exchange: '', routingKey: queue, body: Buffer.from('hello?'), contentType: 'text/plain' });
  expect(await post(() => dev.http, 'PO-1')).toBe(202);
  await stand.until((all) => delivered(all, 'orders/sink', 1));
  const letters: string[] = [];
  const consumer = await broker.consume({
    queue: 'dead-letters',
    prefetch: 10,
    onDelivery: (delivery) => void letters.push(String(delivery.headers['crossdock-return-to'])),
  });
  await stand.until(() => letters.length === 3);
  expect(letters.sort()).toEqual(['intake', 'orders:inbox', 'orders:out:sink']);
  await consumer.stop(0);
  await broker.close();
});

it('acknowledges what a partner sends, transaction by transaction', async () => {
  await using stand = await makeStand();
  stand.write('partner.yaml', ediPartner(stand));
  mkdirSync(join(stand.inbound, 'edi', 'out'), { recursive: true });
  await using dev = await startDevHere(stand);
  expect(
    dev.reloads[0]!.translation.translations.flatMap(({ findings }) =>
      findings.filter(({ severity }) => severity === 'Error'),
    ),
  ).toEqual([]);
  const isa = (sender: string, receiver: string) =>
    `ISA*00*          *00*          *ZZ*${sender.padEnd(15)}*ZZ*${receiver.padEnd(15)}*260101*1200*U*00401*000000007*0*P*>~`;
  const notice = (control: string, bsn: string) => `ST*856*${control}~${bsn}HL*1**S~SE*${bsn ? 4 : 3}*${control}~`;
  const text = `${isa('ACME', 'US')}GS*SH*ACME*US*20260101*1200*7*X*004010~${notice('0001', 'BSN*00*S1*20260101*1200~')}${notice('0002', '')}GE*2*7~IEA*1*000000007~`;
  writeFileSync(join(stand.inbound, 'edi', 'notice.edi'), text);
  const rows = await stand.until((all) => delivered(all, 'acknowledgments', 1) && delivered(all, 'notices/sink', 1));
  expect(rows.filter(({ state }) => state === 'DeadLettered')).toMatchObject([
    { destination: '', errorClass: 'DecodeFailed', source: 'acme' },
  ]);
  const sent = readdirSync(join(stand.inbound, 'edi', 'out')).filter((name) => name.endsWith('.edi'));
  expect(sent).toEqual(['997-000000001.edi']);
  const [interchange] = decodeX12(readFileSync(join(stand.inbound, 'edi', 'out', sent[0]!))).interchanges;
  expect(interchange).toMatchObject({
    receiver: { value: 'ACME' },
    problems: [],
    groups: [{ transactions: [{ id: '997', problems: [] }] }],
  });
  expect(readAcknowledgment(interchange!.groups[0]!.transactions[0]!.value)).toMatchObject({
    groupControl: '7',
    status: 'PartiallyAccepted',
    transactions: [
      { control: '0001', status: 'Accepted' },
      { control: '0002', status: 'Rejected' },
    ],
  });
});

async function send(http: string, path: string, body: object): Promise<void> {
  for (;;) {
    const response = await fetch(http + path, {
      method: 'POST',
      headers: { 'x-api-key': API_KEY, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (response.status === 202) return;
    if (response.status !== 503) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    await sleep(50);
  }
}

const integration = (namespace: string, name: string, path: string, spec = '', destination = '', type = 'order-v1') => `
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  source: {http: {path: ${path}, auth: {apiKey: {secretKeyRef: {name: keys, key: apiKey}}}}, documentTypeRef: {name: ${type}}}
  destinations:
  - name: sink
    system: {connectorRef: {name: sink}, http: {path: ${path}}}
    ${destination}
  ${spec}
`;

const mapping = (
  namespace: string,
  version: string,
  test: string | undefined,
  expression = `{"number": number, "version": "${version}"}`,
) => `
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: stamp, namespace: ${namespace}}
spec:
  from: {documentTypeRef: {name: order-v1}}
  to: {documentTypeRef: {name: order-v1}}
  expression: '${expression}'
  ${test === undefined ? '' : `tests: [{name: stamp, input: {number: "1"}, expect: {version: ${test}}}]`}
`;

const revisionType = (namespace: string) => `
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: notice-v1, namespace: ${namespace}}
spec:
  name: notice
  version: 1
  json: {schema: {type: object, required: [shipment, issued]}}
  keys: [{name: shipment, expression: shipment}]
  revision: {keyExpression: shipment, sequenceExpression: issued}
`;
