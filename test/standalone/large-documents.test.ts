/** One document as large as a message may be, and larger: delivered, or refused with a reason, on the broker's terms. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { sharedBroker } from '../support/broker.ts';
import { API_KEY, makeStand, type Stand, startDevHere } from './support.ts';

// Documents of that size keep one process busy for seconds, and several on a machine that does much else.
vi.setConfig({ testTimeout: 240_000 });
const LONG_MS = 120_000;

const MIB = 1024 * 1024;
/** Of JSON, just so many bytes. */
function document(number: string, bytes: number): string {
  const line = (n: number) => `{"line":${String(n).padStart(7)},"text":"${'ä'.repeat(40)} of a long order"}`;
  const each = Buffer.byteLength(line(0)) + 1;
  const frame = (filler: string, lines: string) => `{"number":"${number}","filler":"${filler}","lines":[${lines}]}`;
  const count = Math.floor((bytes - frame('', '').length) / each);
  const lines = Array.from({ length: count }, (_, n) => line(n)).join(',');
  return frame('x'.repeat(bytes - Buffer.byteLength(frame('', lines))), lines);
}
const hasLimitOf16 = async (): Promise<boolean> => Number.parseInt((await sharedBroker()).version, 10) >= 4;

const mapped = (namespace: string): string => `
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: double, namespace: ${namespace}}
spec:
  from: {documentTypeRef: {name: order-v1}}
  to: {documentTypeRef: {name: order-v1}}
  expression: '{"number": number, "lines": lines, "again": lines}'
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: mapped, namespace: ${namespace}}
spec:
  source: {http: {path: /mapped, auth: {apiKey: {secretKeyRef: {name: keys, key: apiKey}}}}, documentTypeRef: {name: order-v1}}
  destinations:
  - {name: sink, system: {connectorRef: {name: sink}, http: {path: /effects}}}
  - {name: double, mappingRef: {name: double}, system: {connectorRef: {name: sink}, http: {path: /double}}}
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: doubling, namespace: ${namespace}}
spec:
  source: {http: {path: /doubling, auth: {apiKey: {secretKeyRef: {name: keys, key: apiKey}}}}, documentTypeRef: {name: order-v1}, mappingRef: {name: double}}
  destinations:
  - {name: sink, system: {connectorRef: {name: sink}, http: {path: /effects}}}
`;

async function stage(): Promise<Stand> {
  const stand = await makeStand();
  stand.write(
    'base.yaml',
    readFileSync(join(stand.folder, 'base.yaml'), 'utf8').replace('timeout: 2s', 'timeout: 30s'),
  );
  stand.write('mapped.yaml', mapped(stand.namespace));
  return stand;
}
const send = (dev: { http: string }, path: string, body: string): Promise<Response> =>
  fetch(`${dev.http}${path}`, {
    method: 'POST',
    headers: { 'x-api-key': API_KEY, 'content-type': 'application/json' },
    body,
  });
const linesOf = (stand: Stand, number: string): number[] =>
  stand.ledger.effects.filter(({ body }) => body.number === number).map(({ body }) => (body.lines as unknown[]).length);

it('takes a document of 16 MiB by HTTP and from a folder, and delivers it whole', async () => {
  await using stand = await stage();
  await using dev = await startDevHere(stand);
  const [posted, dropped] = [document('POSTED', 16 * MIB), document('DROPPED', 16 * MIB)];
  expect((await send(dev, '/orders', posted)).status).toBe(202);
  stand.drop('dropped.json', dropped);
  await stand.until(
    (rows) => rows.filter(({ state, destination }) => destination && state === 'Delivered').length === 2,
    LONG_MS,
  );
  expect(linesOf(stand, 'POSTED')).toEqual([JSON.parse(posted).lines.length]);
  expect(linesOf(stand, 'DROPPED')).toEqual([JSON.parse(dropped).lines.length]);
});

it('refuses what is larger at the door, and says what to do', async () => {
  await using stand = await stage();
  await using dev = await startDevHere(stand);
  const refused = await send(dev, '/orders', document('LARGE', 17 * MIB));
  expect([refused.status, await refused.json()]).toEqual([
    413,
    expect.objectContaining({
      title: 'The body is too large',
      detail: expect.stringMatching(/16777216 bytes.*send documents one by one/),
    }),
  ]);
  // As canonical JSON it would have 18 MiB.
  const grown = await send(dev, '/doubling', document('GROWN', 9 * MIB));
  if (await hasLimitOf16())
    expect([grown.status, await grown.json()]).toEqual([
      413,
      expect.objectContaining({
        detail: expect.stringMatching(
          /order.v1 as canonical JSON has \d+ bytes.* 16777216 at most: send it as several documents/,
        ),
      }),
    ]);
  else expect(grown.status).toBe(202);
  // Others are not disturbed by it.
  expect((await send(dev, '/orders', document('SMALL', 1_000))).status).toBe(202);
  await stand.until(() => linesOf(stand, 'SMALL').length === 1, LONG_MS);
});

it('puts a file aside that no message can hold, and says why; the next is taken', async () => {
  await using stand = await stage();
  await using dev = await startDevHere(stand);
  stand.drop('large.json', document('LARGE', 17 * MIB));
  const archive = join(stand.inbound, '.archive');
  if (await hasLimitOf16()) {
    const refused = () => (existsSync(join(archive, 'refused')) ? readdirSync(join(archive, 'refused')) : []);
    await stand.until(() => refused().length === 1, LONG_MS);
    expect(refused()).toEqual([expect.stringMatching(/large\.json$/)]);
    await stand.until(() => JSON.stringify(dev.state).includes('RabbitMQ takes messages of 16777216 at most'));
    expect(JSON.stringify(dev.state)).toMatch(/raise max_message_size in rabbitmq.conf; it was moved to /);
  } else await stand.until(() => linesOf(stand, 'LARGE').length === 1, LONG_MS);
  stand.drop('small.json', document('SMALL', 1_000));
  await stand.until(() => linesOf(stand, 'SMALL').length === 1, LONG_MS);
});

it('dead-letters what a mapping made too large, for that destination alone', async () => {
  await using stand = await stage();
  await using dev = await startDevHere(stand);
  expect((await send(dev, '/mapped', document('HALF', 9 * MIB))).status).toBe(202);
  const rows = await stand.until(
    (all) =>
      all.filter(({ state, destination }) => destination.startsWith('mapped/') && state && state !== 'InFlight')
        .length === 2,
    LONG_MS,
  );
  const double = rows.find(({ destination }) => destination === 'mapped/double')!;
  if (await hasLimitOf16())
    expect(double).toMatchObject({
      state: 'DeadLettered',
      errorCode: 'document.tooLarge',
      errorMessage: expect.stringMatching(/What the mapping made for double has \d+ bytes.*several documents/),
    });
  else expect(double.state).toBe('Delivered');
  expect(rows.find(({ destination }) => destination === 'mapped/sink')!.state).toBe('Delivered');
});
