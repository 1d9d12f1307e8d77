/** Documents that were refused are edited and taken in again, by the API, in a running namespace. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTimeline } from '../../tracker/accounts.ts';
import { readAudit } from '../../tracker/acts/audit.ts';
import type { ActResult, DocumentDetail, Me, Problem } from '../../tracker/api/contract.ts';
import { readGroups } from '../../tracker/letters/groups.ts';
import type { ProcessPlan } from '../../tracker/plan.ts';
import { factsOf, keysOf } from '../../tracker/process/store.ts';
import { openTrackerDatabase } from '../../tracker/store.ts';
import { API_KEY, makeStand, type Stand, startDevHere, summary } from '../standalone/support.ts';
import { type Browser, browser } from './api-support.ts';
import { until } from './support.ts';

let stand: Stand;
let dev: Awaited<ReturnType<typeof startDevHere>>;
let database: Awaited<ReturnType<typeof openTrackerDatabase>>;
let anna: Browser;
const reason = 'the supplier wrote a wrong number';

const notices = ({ namespace }: Stand) => `
apiVersion: crossdock.dev/v1alpha1
kind: DocumentType
metadata: {name: notice-v1, namespace: ${namespace}}
spec:
  name: notice
  version: 1
  json: {schema: {type: object, required: [shipment, issued], properties: {shipment: {type: string}, pieces: {type: number}}}}
  keys: [{name: shipment, expression: shipment}]
  revision: {keyExpression: shipment, sequenceExpression: issued}
  rules: [{name: Pieces, when: pieces > 100, messageExpression: '"at most 100 pieces"', field: pieces, severity: Reject}]
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: notices, namespace: ${namespace}}
spec:
  source: {http: {path: /notices, auth: {apiKey: {secretKeyRef: {name: keys, key: apiKey}}}}, documentTypeRef: {name: notice-v1}}
  destinations:
  - {name: sink, system: {connectorRef: {name: sink}, http: {path: /notices}}}
`;

beforeAll(async () => {
  stand = await makeStand();
  stand.write('notices.yaml', notices(stand));
  stand.ledger.answer = ({ body }, response) => {
    if (body.pieces !== 13) return false;
    response.writeHead(422, { 'content-type': 'application/json' }).end('{"code": "PIECES"}');
    return true;
  };
  dev = await startDevHere(stand, { console: { host: '127.0.0.1', port: 0, login: { local: { user: 'anna' } } } });
  database = await openTrackerDatabase(stand.databaseUrl);
  const url = `http://127.0.0.1:${dev.consolePort}`;
  anna = browser(url, (await (await fetch(`${url}/api/v1/me`)).json()) as Me, '');
});
afterAll(async () => {
  await dev?.stop();
  await database?.end();
  await stand?.[Symbol.asyncDispose]();
});

/** Sent, refused by the sink, and in the dead letters; answers its id. */
async function refused(shipment: string): Promise<string> {
  const sent = await fetch(`${dev.http}/notices`, {
    method: 'POST',
    headers: { 'x-api-key': API_KEY, 'content-type': 'application/json', 'idempotency-key': shipment },
    body: JSON.stringify({ shipment, issued: '1', pieces: 13 }),
  });
  expect(sent.status).toBe(202);
  let id = '';
  await until(`${shipment} is dead`, async () => {
    const { documents } = await readTimeline(database, stand.namespace, shipment);
    id = documents[0]?.state === 'DeadLettered' ? documents[0].id : '';
    return id !== '' && (await anna.get<DocumentDetail>(`/documents/${id}`)).mayResubmit;
  });
  return id;
}
const resubmit = (id: string, body: unknown) =>
  anna.fetch(`/documents/${id}/resubmit`, {
    method: 'POST',
    json: { payload: typeof body === 'string' ? body : JSON.stringify(body), reason },
  });
const effects = (shipment: string) => stand.ledger.effects.filter(({ body }) => body.shipment === shipment);
const settled = (shipment: string, count: number) =>
  until(`${shipment} is delivered`, async () => {
    const { documents } = await readTimeline(database, stand.namespace, shipment);
    return documents.filter(({ state }) => state === 'Delivered').length === count;
  });

it('what is wrong with the edited document is said, and nothing is sent', async () => {
  const id = await refused('S-1');
  const problem = async (body: unknown) => {
    const answer = await resubmit(id, body);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    return (await answer.json()) as Problem;
  };
  expect(await problem({ shipment: 'S-1', pieces: 'a' })).toMatchObject({
    status: 422,
    violations: expect.arrayContaining([
      { pointer: '/issued', message: expect.stringContaining('issued') },
      { pointer: '/pieces', message: 'must be number' },
    ]),
  });
  const tooMany = { shipment: 'S-1', issued: '1', pieces: 101 };
  const wrong = { status: 422, violations: [{ pointer: '/pieces', message: 'at most 100 pieces' }] };
  expect(await problem(tooMany)).toMatchObject(wrong);
  // It is checked anew each time: the rules may have changed.
  expect(await problem(tooMany)).toMatchObject(wrong);
  expect(await problem('{')).toMatchObject({ status: 422, violations: [{ pointer: '/payload' }] });
  expect(await problem({ shipment: 'S-1', issued: '1', pieces: 13 })).toMatchObject({
    status: 422,
    detail: expect.stringContaining('nothing is changed'),
  });
  expect(await problem({ shipment: '[redacted]', issued: '1' })).toMatchObject({
    violations: [{ pointer: '/shipment' }],
  });
  expect(effects('S-1')).toEqual([]);
  expect(await readGroups(database, stand.namespace)).toMatchObject([{ count: 1 }]);
  const audited = await readAudit(database, stand.namespace, { act: 'Resubmitted' });
  expect(audited.map(({ actor, outcome }) => `${actor} ${outcome}`)).toEqual(Array(6).fill('anna Refused'));
});

it('is a new document that the old one caused; asked for again, by two at once, it is one', async () => {
  const id = await refused('S-2');
  const edited = { shipment: 'S-2', issued: '1', pieces: 12 };
  const answers = await Promise.all([resubmit(id, edited), resubmit(id, edited)]);
  answers.push(await resubmit(id, edited));
  const results = await Promise.all(answers.map(async (answer) => (await answer.json()) as ActResult));
  const [{ document = '' }] = results as [ActResult];
  expect(results).toEqual(Array(3).fill({ selected: 1, done: 1, failed: [], document }));
  // The same revision with another content: it takes the place of the one that it was made of.
  await settled('S-2', 1);
  expect(effects('S-2')).toMatchObject([{ body: edited, repeated: false }]);
  const detail = await anna.get<DocumentDetail>(`/documents/${document}`);
  expect(detail.ancestors).toMatchObject([{ id }]);
  expect(detail.entries.find(({ outcome }) => outcome === 'Accepted')).toMatchObject({ by: 'anna', reason });
  expect(detail.entries.filter(({ outcome }) => outcome === 'Accepted')).toHaveLength(1);
  await until('the letter is discarded', async () =>
    (await readGroups(database, stand.namespace)).every(({ example }) => example.document !== id),
  );
  const { entries } = await readTimeline(database, stand.namespace, id);
  expect(entries.filter(({ outcome }) => outcome === 'Discarded')).toMatchObject([
    { document: id, by: 'anna', reason: `resubmitted as ${document}: ${reason}` },
  ]);
  const audited = await readAudit(database, stand.namespace, { target: `Document/${id}` });
  expect(audited).toMatchObject([{ act: 'Resubmitted', actor: 'anna', outcome: 'Done', detail: { as: document } }]);
  expect(summary(await stand.accounts('S-2'))['notices/sink Delivered']).toBe(1);
});

it('an edit is edited once more, and is delivered', async () => {
  const id = await refused('S-3');
  const first = (await (
    await resubmit(id, { shipment: 'S-3', issued: '1', pieces: 13, note: 'x' })
  ).json()) as ActResult;
  await until('the edit is dead too', async () =>
    (await readGroups(database, stand.namespace)).some(({ example }) => example.document === first.document),
  );
  const second = (await (
    await resubmit(first.document!, { shipment: 'S-3', issued: '1', pieces: 1 })
  ).json()) as ActResult;
  await settled('S-3', 1);
  expect(effects('S-3')).toHaveLength(1);
  expect((await anna.get<DocumentDetail>(`/documents/${second.document}`)).ancestors).toMatchObject([{ id }]);
});

it('business processes see it in the place of the old one, also where it names another transaction', async () => {
  const id = await refused('S-4');
  const { document = '' } = (await (
    await resubmit(id, { shipment: 'S-5', issued: '1', pieces: 2 })
  ).json()) as ActResult;
  await settled('S-5', 1);
  const plan = { keyName: 'shipment', documents: [], milestones: [] } as unknown as ProcessPlan;
  const client = await database.connect();
  try {
    for (const one of [id, document])
      expect(await keysOf(client, stand.namespace, plan, [one])).toEqual(['S-4', 'S-5']);
    const facts = await factsOf(client, stand.namespace, plan, ['S-4', 'S-5']);
    for (const key of ['S-4', 'S-5']) {
      const own = facts.get(key)!.map(({ id: of, edits }) => ({ of, edits }));
      expect(own).toHaveLength(2);
      expect(own).toEqual(
        expect.arrayContaining([
          { of: id, edits: undefined },
          { of: document, edits: id },
        ]),
      );
    }
  } finally {
    client.release();
  }
});
