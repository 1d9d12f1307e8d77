/** PostgreSQL away: what needs it waits, visibly; nothing else waits; in the end everything is accounted for. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it } from 'vitest';
import { TRACKER_OF_ALL } from '../../runtime/store/schemas.ts';
import { readAccounts } from '../../tracker/accounts.ts';
import {
  ediPartner,
  makeStand,
  post,
  type Stand,
  startDevHere,
  startDevProcess,
  summary,
} from '../standalone/support.ts';
import { ownDatabase } from '../support/database.ts';
import { until } from './support.ts';

it('documents with revisions wait for PostgreSQL, others do not', { timeout: 90_000 }, async () => {
  const server = await ownDatabase();
  await using stand = await makeStand();
  stand.write('revised.yaml', revisedYaml(stand));
  const dev = await startDevProcess({ ...stand, databaseUrl: server.url });
  try {
    const revised = (no: string) => post(() => `${dev.http}/revised`, no, { number: no, sequence: 1 });
    expect(await revised('A-1')).toBe(202);
    await until('the first of each', () => stand.ledger.effects.length === 1);
    await server.kill();
    for (const no of ['A-2', 'A-3']) expect(await revised(no)).toBe(202);
    for (const no of ['P-1', 'P-2', 'P-3']) expect(await post(() => dev.http, no)).toBe(202);
    await until('what needs no claim', () => stand.ledger.effects.length === 4);
    expect(stand.ledger.effects.map(({ body }) => body.number).sort()).toEqual(['A-1', 'P-1', 'P-2', 'P-3']);
    await server.restart();
    await until('what waited', () => stand.ledger.effects.length === 6, 40_000);
    const database = new pg.Pool({ connectionString: server.url, max: 1, options: `-c search_path=${TRACKER_OF_ALL}` });
    try {
      const all = async () => summary(await readAccounts(database, stand.namespace));
      await until('all delivered', async () => {
        const { 'orders/sink Delivered': plain, 'revised/sink Delivered': claimed } = await all();
        return plain === 3 && claimed === 3;
      });
      expect(await all()).toEqual({ 'orders/sink Delivered': 3, 'revised/sink Delivered': 3 });
    } finally {
      await database.end();
    }
  } finally {
    await dev.stop();
    await server.stop();
  }
});

it('what needs a control number waits for PostgreSQL and says so; it is drawn once', { timeout: 90_000 }, async () => {
  const server = await ownDatabase();
  await using stand = await makeStand();
  stand.write('partner.yaml', ediPartner(stand));
  const out = join(stand.inbound, 'edi', 'out');
  mkdirSync(out, { recursive: true });
  const sent = () => readdirSync(out).filter((name) => name.endsWith('.edi'));
  await using dev = await startDevHere({ ...stand, databaseUrl: server.url });
  try {
    await server.kill();
    writeFileSync(join(stand.inbound, 'edi', 'notice.edi'), NOTICE);
    // The document itself needs nothing of PostgreSQL; its acknowledgment does.
    await until('the notice at its destination', () => stand.ledger.effects.length === 1);
    await until('the cause told', () => dev.state.roots['Partner/acme']?.lastError?.code === 'store.away');
    expect(sent()).toEqual([]);
    await server.restart();
    await until('the acknowledgment', () => sent().length === 1, 40_000);
    expect(sent()).toEqual(['997-000000001.edi']);
  } finally {
    await server.stop();
  }
});

const isa = `ISA*00*          *00*          *ZZ*${'ACME'.padEnd(15)}*ZZ*${'US'.padEnd(15)}*260101*1200*U*00401*000000007*0*P*>~`;
const NOTICE = `${isa}GS*SH*ACME*US*20260101*1200*7*X*004010~ST*856*0001~BSN*00*S1*20260101*1200~HL*1**S~SE*4*0001~GE*1*7~IEA*1*000000007~`;

/** `post` adds /orders to the address. */
const revisedYaml = ({ namespace }: Stand) => `
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: revised-v1, namespace: ${namespace}}
spec:
  name: revised
  version: 1
  json: {schema: {type: object, required: [number, sequence], properties: {number: {type: string}, sequence: {type: integer}}}}
  keys: [{name: order, expression: number}]
  revision: {keyExpression: number, sequenceExpression: $string(sequence)}
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: revised, namespace: ${namespace}}
spec:
  source: {http: {path: /revised/orders, auth: {apiKey: {secretKeyRef: {name: keys, key: apiKey}}}}, documentTypeRef: {name: revised-v1}}
  destinations:
  - {name: sink, system: {connectorRef: {name: sink}, http: {path: /effects}}}
`;
