/** The API as a client sees it: every route answers as its schema says, and says what the rows say. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as api from '../../tracker/api/contract.ts';
import openapi from '../../tracker/api/generated/openapi.json' with { type: 'json' };
import { ROUTES } from '../../tracker/api/routes.ts';
import { validatorOf } from '../../tracker/api/validate.ts';
import { type Browser, DAY, SECRET, type Stand, startStand } from './api-support.ts';

let stand: Stand;
let olga: Browser;
beforeAll(async () => {
  stand = await startStand();
  olga = await stand.login('olga');
});
afterAll(() => stand[Symbol.asyncDispose]());

/** The answer, after it was held against the schema of the document. */
async function ask<T>(
  browser: Browser,
  route: string,
  path: string,
  init: Parameters<Browser['fetch']>[1] = {},
  status = 200,
): Promise<T> {
  const [method = '', template = ''] = route.split(' ');
  const answer = await browser.fetch(path, { method, ...init });
  const text = await answer.text();
  expect(answer.status, `${route}: ${text}`).toBe(status);
  const operation = (
    openapi.paths as Record<
      string,
      Record<string, { responses: Record<string, { content?: Record<string, { schema: { $ref?: string } }> }> }>
    >
  )[template]![method.toLowerCase()]!;
  const declared = operation.responses[status];
  expect(declared, `${route} declares ${status}`).toBeDefined();
  const ref = declared!.content?.['application/json']?.schema.$ref;
  if (!ref) return undefined as T;
  const value = JSON.parse(text) as T;
  const validate = validatorOf(ref.split('/').at(-1)!);
  expect(validate(value), `${route}: ${JSON.stringify(validate.errors)}`).toBe(true);
  return value;
}

describe('the OpenAPI document', () => {
  it('declares every route, and every $ref in it leads somewhere', () => {
    for (const name of Object.keys(ROUTES)) {
      const [method = '', path = ''] = name.split(' ');
      expect((openapi.paths as Record<string, object>)[path]).toHaveProperty(method.toLowerCase());
    }
    const refs = [...JSON.stringify(openapi).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, ref]) => ref!);
    expect(refs.length).toBeGreaterThan(100);
    for (const ref of new Set(refs)) {
      const found = ref
        .split('/')
        .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], openapi);
      expect(found, ref).toBeDefined();
    }
    expect(openapi.openapi).toMatch(/^3\.1\./);
    const ids = Object.values(openapi.paths).flatMap((item) =>
      Object.values(item).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const [path, item] of Object.entries(openapi.paths))
      for (const operation of Object.values(item) as {
        summary: string;
        parameters?: { name?: string; in?: string }[];
      }[]) {
        expect(operation.summary).not.toBe('');
        const declared = (operation.parameters ?? []).filter((one) => one.in === 'path').map((one) => one.name);
        expect(declared).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      }
  });
  it('is served', async () => {
    const answer = await fetch(`${stand.url}/api/v1/openapi.json`);
    expect(await answer.json()).toEqual(JSON.parse(readFileSync('tracker/api/generated/openapi.json', 'utf8')));
  });
});

describe('views of the business', () => {
  it('overview: flow, funnel, what is at risk', async () => {
    const overview = await ask<api.Overview>(olga, 'GET /overview', '/overview');
    expect(overview.flows.map(({ integration }) => integration)).toEqual(['order']);
    expect(overview.flows[0]!.destinations[0]!.stage).toMatchObject({ inFlight: 0, failed: 0 });
    const [process] = overview.processes;
    expect(process).toMatchObject({ process: 'inbound', keyName: 'purchaseOrder', open: 2 });
    expect(process!.milestones.find(({ name }) => name === 'Confirmed')).toMatchObject({ reached: 1, open: 1 });
    expect(overview.deadLetters.count).toBe(1);
    expect(overview.atRisk.orders).toBe(1);
    expect(overview.exceptions.open).toBeGreaterThan(0);
  });
  it('today: arrivals by warehouse, unconfirmed orders', async () => {
    const today = await ask<api.Today>(olga, 'GET /today', `/today?day=${DAY}`);
    expect(today.arrivals).toHaveLength(1);
    const [{ shipTo, expected, absent, mismatched }] = today.arrivals as [api.ArrivalsAt];
    expect({ shipTo, absent, mismatched }).toEqual({ shipTo: 'BER1', absent: 1, mismatched: 1 });
    expect(expected.find(({ key }) => key === 'PO-1')).toMatchObject({ shipments: ['S-1'], announced: 1, lines: 1 });
    expect(today.unconfirmed.map(({ key, value, partners }) => ({ key, value, partners }))).toEqual([
      { key: 'PO-2', value: [{ amount: '25.00', currency: 'EUR' }], partners: ['globex'] },
    ]);
    expect((await ask<api.Today>(olga, 'GET /today', '/today?day=2026-03-10')).arrivals).toEqual([]);
  });
  it('transactions: by any key, pasted lists, filters, pages, CSV', async () => {
    const keys = async (query: string) =>
      (await ask<api.TransactionList>(olga, 'GET /transactions', `/transactions?${query}`)).items.map(({ key }) => key);
    expect(await keys('')).toEqual(['PO-2', 'PO-1']);
    expect(await keys('q=PO-')).toEqual(['PO-2', 'PO-1']);
    expect(await keys('q=340123450000000018')).toEqual(['PO-1']);
    expect(await keys('q=S-1&sort=key')).toEqual(['PO-1']);
    expect(await keys('exception=true')).toEqual(['PO-1']);
    expect(await keys('missing=Confirmed')).toEqual(['PO-2']);
    expect(await keys('partner=globex')).toEqual(['PO-2']);
    expect(await keys('late=true')).toEqual([]);
    expect(await keys(`from=${encodeURIComponent('2026-03-02T08:00:30Z')}`)).toEqual(['PO-2']);
    const pasted = await ask<api.TransactionList>(
      olga,
      'GET /transactions',
      `/transactions?q=${encodeURIComponent('PO-1\nS-1, PO-404')}`,
    );
    expect(pasted.notFound).toEqual(['PO-404']);
    for (const sort of ['opened', '-changed', 'key', '-key']) {
      const first = await ask<api.TransactionList>(olga, 'GET /transactions', `/transactions?limit=1&sort=${sort}`);
      const second = await ask<api.TransactionList>(
        olga,
        'GET /transactions',
        `/transactions?limit=1&sort=${sort}&cursor=${first.next}`,
      );
      expect(second.next).toBeUndefined();
      expect([first, second].map(({ items }) => items[0]!.key).sort()).toEqual(['PO-1', 'PO-2']);
    }
    const csv = await olga.fetch('/transactions?format=csv');
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
    expect((await csv.text()).split('\r\n')[2]).toMatch(/^inbound,PO-1,Open,acme,/);
  });
  it('a transaction: lines, exceptions, timeline, links', async () => {
    const found = await ask<api.TransactionDetail>(
      olga,
      'GET /transactions/{process}/{key}',
      '/transactions/inbound/PO-1',
    );
    expect(found.lines).toEqual([
      {
        id: '1',
        item: 'item-1',
        unit: 'EA',
        price: '2.5',
        currency: 'EUR',
        ordered: '10',
        shipped: '10',
        received: '8',
        damaged: '2',
        invoiced: '10',
        open: '2',
      },
    ]);
    expect(found).toMatchObject({ expectedOn: DAY, shipTo: 'BER1', partners: ['acme'] });
    expect(found.links).toEqual([{ name: 'ERP', url: 'https://erp.example.com/po/PO-1' }]);
    expect(found.timeline.map(({ id }) => id)).toEqual([
      'order-PO-1',
      'response-1',
      'notice-1',
      'receipt-1',
      'invoice-1',
    ]);
    expect(found.exceptionItems.length).toBe(found.exceptions);
    expect((await olga.fetch('/transactions/inbound/PO-404')).status).toBe(404);
  });
  it('a document with its payloads: redacted, and with the words of its segments', async () => {
    const found = await ask<api.DocumentDetail>(olga, 'GET /documents/{id}', '/documents/order-PO-1');
    expect(found.links).toEqual([{ name: 'ERP', url: 'https://erp.example.com/po/PO-1' }]);
    expect(found.payloads.map(({ n, stage, words }) => ({ n, stage, words }))).toEqual([
      { n: 0, stage: 'Canonical', words: false },
      { n: 1, stage: 'Sent', words: true },
    ]);
    expect(found.transactions).toEqual([{ process: 'inbound', key: 'PO-1' }]);
    const route = 'GET /documents/{id}/payloads/{n}';
    const canonical = await ask<api.PayloadText>(olga, route, '/documents/order-PO-1/payloads/0');
    expect(canonical.redacted).toEqual(['/contact/email']);
    expect(canonical.text).toContain('"orderNumber": "PO-1"');
    const words = await ask<api.PayloadText>(olga, route, '/documents/order-PO-1/payloads/1?view=words');
    expect(
      words.words!.segments.find(({ tag }) => tag === 'BEG')!.elements.find(({ ref }) => ref === 'BEG03'),
    ).toMatchObject({ value: 'PO-1' });
    const raw = await (await olga.fetch('/documents/order-PO-1/payloads/1?view=raw')).text();
    expect(raw).toMatch(/^ISA\*/);
    for (const text of [canonical.text, JSON.stringify(words), raw]) expect(text).not.toContain(SECRET);
  });
  it('partners, measures, integrations', async () => {
    const partners = await ask<api.PartnerList>(olga, 'GET /partners', '/partners');
    expect(partners.items.map(({ name, onboarding }) => ({ name, onboarding }))).toEqual([
      { name: 'acme', onboarding: 'Live' },
      { name: 'globex', onboarding: 'Live' },
    ]);
    await ask<api.PartnerDetail>(olga, 'GET /partners/{name}', '/partners/acme');
    const measures = await ask<api.Measures>(olga, 'GET /measures', '/measures?from=2026-03-01&to=2026-03-31');
    expect(measures.rows.find(({ partner }) => partner === 'acme')).toMatchObject({
      week: '2026-03-02',
      transactions: 1,
      invoiceHolds: 1,
    });
    const integrations = await ask<api.IntegrationList>(olga, 'GET /integrations', '/integrations');
    expect(integrations.items[0]).toMatchObject({
      integration: 'order',
      queues: [{ name: 'order:inbox', messages: 3 }],
    });
  });
});

describe('acts', () => {
  it('exceptions are assigned, many at once, and the audit tells', async () => {
    const { items } = await ask<api.ExceptionList>(olga, 'GET /exceptions', '/exceptions?process=inbound');
    const refs = items.map(({ process, key, id, openedAt }) => ({ process, key, id, openedAt }));
    const json = { kind: 'Assign', owner: 'mia', exceptions: refs };
    const done = await ask<api.ActResult>(olga, 'POST /exceptions/acts', '/exceptions/acts', { json });
    expect(done).toEqual({ selected: refs.length, done: refs.length, failed: [] });
    const { items: audit } = await ask<api.AuditList>(olga, 'GET /audit', '/audit?act=ExceptionAssigned');
    expect(audit).toHaveLength(refs.length);
    expect(audit[0]).toMatchObject({ actor: 'olga', outcome: 'Done' });
    const first = await ask<api.AuditList>(olga, 'GET /audit', '/audit?limit=1');
    const second = await ask<api.AuditList>(olga, 'GET /audit', `/audit?limit=1&cursor=${first.next}`);
    expect(second.items[0]!.id).not.toBe(first.items[0]!.id);
  });
  it('a fact by hand', async () => {
    const route = 'POST /transactions/{process}/{key}/facts';
    const json = { milestone: 'Confirmed', reason: 'confirmed by phone, Ms Wu' };
    const fact = await ask<api.Fact>(olga, route, '/transactions/inbound/PO-2/facts', { json }, 201);
    expect(fact).toMatchObject({ milestone: 'Confirmed', by: 'olga' });
    const wrong = await olga.fetch('/transactions/inbound/PO-2/facts', {
      method: 'POST',
      json: { ...json, milestone: 'Nowhere' },
    });
    expect(wrong.status).toBe(422);
    expect(wrong.headers.get('content-type')).toBe('application/problem+json');
  });
  it('dead letters in groups; a dry run does nothing', async () => {
    const { items } = await ask<api.DeadLetterGroups>(olga, 'GET /dead-letters', '/dead-letters');
    expect(items).toHaveLength(1);
    const { fingerprint } = items[0]!;
    const detail = await ask<api.DeadLetterDetail>(
      olga,
      'GET /dead-letters/{fingerprint}',
      `/dead-letters/${fingerprint}`,
    );
    expect(detail.letters.map(({ document }) => document)).toEqual(['response-2']);
    for (const act of ['replay', 'discard', 'park']) {
      const json = { reason: 'a try', dryRun: true };
      const done = await ask<api.ActResult>(
        olga,
        `POST /dead-letters/{fingerprint}/${act}`,
        `/dead-letters/${fingerprint}/${act}`,
        { json },
      );
      expect(done).toEqual({ selected: 1, done: 0, failed: [], dryRun: true });
    }
    const away = await olga.fetch(`/dead-letters/${fingerprint}/discard`, {
      method: 'POST',
      json: { reason: 'away with it' },
    });
    expect(away.status).toBe(503);
  });
  it('holds and replays', async () => {
    const json = { targetKind: 'Connector', targetName: 'erp', reason: 'maintenance' };
    const hold = await ask<api.HoldRow>(olga, 'POST /holds', '/holds', { json }, 201);
    expect(hold).toMatchObject({ by: 'olga', active: true });
    await ask(olga, 'DELETE /holds/{name}', `/holds/${hold.name}`, {}, 204);
    expect((await olga.fetch(`/holds/${hold.name}`, { method: 'DELETE' })).status).toBe(404);
    const wanted = {
      reason: 'INC-1',
      mode: 'DryRun',
      selector: { class: 'DeliveryFailed', since: '2026-01-01T00:00:00Z' },
    };
    const replay = await ask<api.ReplayRow>(olga, 'POST /replays', '/replays', { json: wanted }, 201);
    expect((await ask<api.ReplayList>(olga, 'GET /replays', '/replays')).items.map(({ name }) => name)).toContain(
      replay.name,
    );
    await ask(
      olga,
      'POST /replays/{name}/cancel',
      `/replays/${replay.name}/cancel`,
      { json: { reason: 'enough' } },
      204,
    );
    const approved = await olga.fetch(`/replays/${replay.name}/approve`, { method: 'POST' });
    expect(approved.status).toBe(409);
  });
  it('views are of their owner, and shared ones of all', async () => {
    const json = { page: 'transactions', query: { late: 'true' }, shared: true };
    await ask<api.View>(olga, 'PUT /views/{name}', '/views/late', { json });
    const vera = await stand.login('vera');
    expect((await ask<api.ViewList>(vera, 'GET /views', '/views')).items).toEqual([
      { name: 'late', ...json, owner: 'olga', own: false },
    ]);
    expect((await vera.fetch('/views/late', { method: 'DELETE' })).status).toBe(404);
    expect((await vera.fetch('/views/mine', { method: 'PUT', json })).status).toBe(403);
    await ask(olga, 'DELETE /views/{name}', '/views/late', {}, 204);
  });
});

it('tells what changed, and what was missed after Last-Event-ID', async () => {
  const over = new AbortController();
  const events = async (last?: string) => {
    const answer = await olga.fetch('/events', {
      signal: over.signal,
      headers: { ...(last && { 'last-event-id': last }) },
    });
    return answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  };
  const next = async (reader: Awaited<ReturnType<typeof events>>) => {
    for (let text = ''; ; ) {
      text += (await reader.read()).value ?? '';
      const found = /event: (\w+)\ndata: (.*)\nid: (.*)\n/.exec(text);
      if (found) return { event: found[1], data: JSON.parse(found[2]!), id: found[3]! };
    }
  };
  const reader = await events();
  const fact = (reason: string) =>
    stand.database.query(
      `insert into audit (namespace, at, actor, act, target, outcome, reason) values ('test', 1, 'x', 'y', 'z', 'Done', $1)`,
      [reason],
    );
  // The first turn reads the marks: what changes after it is told.
  const telling = setInterval(() => void fact('a'), 200);
  const told: string[] = [];
  while (!told.includes('audit')) told.push(...(await next(reader)).data.topics);
  clearInterval(telling);
  expect(await next(await events('elsewhere-5'))).toMatchObject({ event: 'reset' });
  over.abort();
});
