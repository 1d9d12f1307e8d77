import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DocumentError } from '../../runtime/errors.ts';
import { ACME_KEY, BOLT_SECRET, ENDPOINTS, ingressDesk, SECRETS, signed, WMS_KEY } from './ingress-desk.ts';
import { until } from './support.ts';

const acme = { 'x-api-key': ACME_KEY, 'content-type': 'application/json' };
const ASN = '/documents/ship-notice-v1';

describe('an accepted document', () => {
  it('of a partner is answered 202, with what the pipeline needs handed through byte by byte', async () => {
    const { post, posted } = await ingressDesk();
    const body = Buffer.from([0, 255, 1, 254, 13, 10]);
    const answer = await post(ASN, {
      body,
      headers: {
        ...acme,
        'content-type': 'application/edi-x12',
        'idempotency-key': 'asn-4711',
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
    });
    expect(answer).toMatchObject({
      status: 202,
      json: { id: 'd1', documents: [{ id: 'd1', type: 'ship-notice.v1' }], warnings: [] },
      headers: { 'x-crossdock-document': 'd1', 'content-type': 'application/json' },
    });
    expect(posted).toEqual([
      {
        origin: 'partner',
        source: 'acme',
        documentType: 'ship-notice-v1',
        body,
        contentType: 'application/edi-x12',
        idempotencyKey: 'asn-4711',
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
    ]);
  });

  it('sent twice with one key comes through with that key twice: the identity is the same', async () => {
    const { post, posted } = await ingressDesk();
    const again = { headers: { ...acme, 'idempotency-key': 'k' } };
    await post(ASN, again);
    await post(ASN, again);
    expect(posted.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['k', 'k']);
  });

  it('carries warnings, with pointer and remedy', async () => {
    const warning = { code: 'Late', message: 'after the due date', place: { path: '/due' }, remedy: 'send earlier' };
    const { post } = await ingressDesk({
      accept: async () => ({ accepted: true, documents: [], warnings: [warning] }),
    });
    expect((await post(ASN, { headers: acme })).json).toEqual({
      id: '',
      documents: [],
      warnings: [{ code: 'Late', message: 'after the due date', pointer: '/due', remedy: 'send earlier' }],
    });
  });

  it('of an integration comes by its own path, chunked or compressed or empty', async () => {
    const { post, posted } = await ingressDesk();
    expect((await post('/receipts?x=1', { body: '{"a":1}', chunked: true })).status).toBe(202);
    expect(
      (await post('/receipts', { body: gzipSync('{"b":1}'), headers: { 'content-encoding': 'gzip' } })).status,
    ).toBe(202);
    expect((await post('/receipts', { body: '' })).status).toBe(202);
    expect(posted.map(({ body }) => body.toString())).toEqual(['{"a":1}', '{"b":1}', '']);
    expect(posted[0]).toMatchObject({ origin: 'system', source: 'receipt' });
    expect(posted[0]).not.toHaveProperty('documentType');
  });
});

describe('who may', () => {
  it.each([
    ['/orders', { 'x-api-key': WMS_KEY }, 202],
    ['/orders', { authorization: `Bearer ${WMS_KEY}` }, 202],
    ['/orders', { authorization: `Basic ${WMS_KEY}` }, 401],
    ['/orders', { 'x-api-key': ACME_KEY }, 401],
    ['/orders', {}, 401],
    ['/counts', { 'x-wms': WMS_KEY }, 202],
    ['/counts', { 'x-api-key': WMS_KEY }, 401],
    ['/signed', signed('{}', { header: 'x-wms-signature' }), 202],
    ['/signed', signed('{}'), 401],
    [ASN, { authorization: `Bearer ${ACME_KEY}` }, 202],
    [ASN, { 'x-api-key': WMS_KEY }, 401],
    [ASN, { 'x-api-key': `${ACME_KEY}x` }, 401],
    [ASN, { 'x-api-key': '' }, 401],
    [ASN, {}, 401],
    [ASN, signed('{}'), 202],
    ['/documents/invoice-v1', { 'x-api-key': ACME_KEY }, 403],
    ['/documents/invoice-v1', signed('{}'), 403],
    ['/documents/unknown', { 'x-api-key': ACME_KEY }, 403],
    ['/documents/unknown', {}, 401],
  ])('%s with %j: %d', async (path, headers, status) => {
    const { post, posted } = await ingressDesk();
    expect((await post(path, { headers: headers as Record<string, string> })).status).toBe(status);
    expect(posted).toHaveLength(status === 202 ? 1 : 0);
  });

  it.each([
    ['a forged signature', signed('{}', { secret: 'guess' })],
    ['another body', signed('{"a":1}')],
    ['another partner, who has no secret', signed('{}', { partner: 'acme' })],
    ['a partner that does not exist', signed('{}', { partner: 'nobody' })],
    ['a timestamp of six minutes ago', signed('{}', { at: Date.now() - 360_000 })],
    ['a timestamp in six minutes', signed('{}', { at: Date.now() + 360_000 })],
    ['a short signature', { 'x-crossdock-partner': 'bolt', 'x-crossdock-signature': 't=1,v1=00' }],
    ['no partner', { 'x-crossdock-signature': signed('{}')['x-crossdock-signature']! }],
  ])('%s is answered 401 and not taken', async (_what, headers) => {
    const { post, posted } = await ingressDesk();
    const answer = await post(ASN, { headers: headers as Record<string, string> });
    expect(answer).toMatchObject({ status: 401, json: { type: 'https://crossdock.dev/problems/unauthenticated' } });
    expect(posted).toEqual([]);
  });

  it('a refusal does not tell whether the partner exists', async () => {
    const { post } = await ingressDesk();
    const detail = async (partner: string): Promise<string> =>
      (await post(ASN, { headers: signed('{}', { secret: 'guess', partner }) })).json.detail;
    expect(await detail('bolt')).toBe(await detail('nobody'));
  });

  it('the signature is over the bytes as sent', async () => {
    const { post, posted } = await ingressDesk();
    const body = gzipSync('{"a":1}');
    expect((await post(ASN, { body, headers: { ...signed(body), 'content-encoding': 'gzip' } })).status).toBe(202);
    expect(posted[0]!.body.toString()).toBe('{"a":1}');
  });

  it('a captured signed request is the same document again, and does not come under another key', async () => {
    const { post, posted } = await ingressDesk();
    const headers = signed('{}');
    await post(ASN, { headers });
    await post(ASN, { headers });
    expect(posted).toHaveLength(2);
    expect(posted[0]!.idempotencyKey).toMatch(/^signature:[0-9a-f]{64}$/);
    expect(posted[1]!.idempotencyKey).toBe(posted[0]!.idempotencyKey);
    expect((await post(ASN, { headers: { ...headers, 'idempotency-key': 'fresh' } })).status).toBe(401);
    expect(posted).toHaveLength(2);
  });

  it('a rotated key: the old one ends at once, the new one is let in within a second', async () => {
    const { post, secrets } = await ingressDesk();
    expect((await post(ASN, { headers: acme })).status).toBe(202);
    secrets.replace([{ metadata: { name: 'acme' }, stringData: { apiKey: 'rotated' } }]);
    expect((await post(ASN, { headers: acme })).status).toBe(401);
    await until(async () => (await post(ASN, { headers: { 'x-api-key': 'rotated' } })).status === 202, 2_000);
  });

  it('a missing Secret of ours is 503, not the sender’s fault, and the log names it', async () => {
    const { post, logged } = await ingressDesk();
    const answer = await post('/lost', { headers: { 'x-api-key': 'x' } });
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '30' } });
    expect(answer.text).not.toContain('gone');
    expect(logged()).toContain('Secret \\"gone\\" does not exist');
  });
});

describe('a problem', () => {
  it('names type, title, status, detail, instance and violations', async () => {
    const { post, logged } = await ingressDesk({
      accept: async () => ({
        accepted: false,
        status: 422,
        error: new DocumentError({
          class: 'ValidationFailed',
          code: 'schema',
          message: 'the ship notice is not valid: 2 violations',
          violations: [
            {
              code: 'OrderIsOpen',
              message: 'Order PO-1 is not open',
              place: { path: '/orders/0/orderNumber' },
              remedy: 'ask the buyer',
            },
            { code: 'x12.SE01', message: 'wrong count', place: { segment: 9, element: 1 } },
          ],
        }),
      }),
    });
    const answer = await post(ASN, { headers: acme });
    expect(answer).toMatchObject({
      status: 422,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    });
    expect(answer.json).toEqual({
      type: 'https://crossdock.dev/problems/validation-failed',
      title: 'The document is not valid',
      status: 422,
      detail: 'the ship notice is not valid: 2 violations',
      instance: expect.stringMatching(/^urn:uuid:/),
      violations: [
        {
          code: 'OrderIsOpen',
          message: 'Order PO-1 is not open',
          pointer: '/orders/0/orderNumber',
          remedy: 'ask the buyer',
        },
        { code: 'x12.SE01', message: 'wrong count', place: { segment: 9, element: 1 } },
      ],
    });
    expect(logged()).toContain(answer.json.instance.slice('urn:uuid:'.length));
  });

  it('of ours carries Retry-After', async () => {
    const error = new DocumentError({ class: 'DeliveryFailed', code: 'broker.away', message: 'the broker is away' });
    const { post } = await ingressDesk({
      accept: async () => ({ accepted: false, status: 503, retryAfterMs: 4_200, error }),
    });
    expect(await post(ASN, { headers: acme })).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
      json: { type: 'https://crossdock.dev/problems/unavailable', detail: 'the broker is away' },
    });
  });

  it('of a pipeline that throws is 503 and tells nothing of the inside', async () => {
    const { post, logged } = await ingressDesk({ accept: () => Promise.reject(new Error('inner detail 17')) });
    const answer = await post(ASN, { headers: acme });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(answer.text).not.toContain('inner detail');
    expect(logged()).toContain('inner detail 17');
  });

  it.each([
    ['GET', '/nothing', 404, 'not-found'],
    ['POST', '/', 404, 'not-found'],
    ['POST', '/receipts/', 404, 'not-found'],
    ['POST', '/documents/', 404, 'not-found'],
    ['POST', '/documents/a/b', 404, 'not-found'],
    ['POST', '/documents/%2e%2e', 404, 'not-found'],
    ['POST', '//receipts', 404, 'not-found'],
    ['GET', '/receipts', 405, 'method-not-allowed'],
    ['PUT', '/receipts', 405, 'method-not-allowed'],
    ['OPTIONS', ASN, 405, 'method-not-allowed'],
    ['DELETE', ASN, 405, 'method-not-allowed'],
  ])('%s %s: %d', async (method, path, status, slug) => {
    const { post } = await ingressDesk();
    const answer = await post(path, { method });
    expect(answer).toMatchObject({ status, json: { type: `https://crossdock.dev/problems/${slug}` } });
    if (status === 405) expect(answer.headers.allow).toBe('POST');
    if (status === 404) expect(answer.text).not.toMatch(/receipts|orders|ship-notice/);
  });

  it('HEAD is 405 without a body', async () => {
    const { post } = await ingressDesk();
    expect(await post('/receipts', { method: 'HEAD' })).toMatchObject({
      status: 405,
      text: '',
      headers: { allow: 'POST' },
    });
  });

  it('415 for an unknown encoding, 400 for what is not gzip or a bad Idempotency-Key', async () => {
    const { post, posted } = await ingressDesk();
    expect(await post('/receipts', { headers: { 'content-encoding': 'br' } })).toMatchObject({
      status: 415,
      headers: { 'accept-encoding': 'gzip, identity' },
    });
    expect((await post('/receipts', { headers: { 'content-encoding': 'gzip' }, body: 'no gzip' })).status).toBe(400);
    expect(
      (await post('/receipts', { headers: { 'content-encoding': 'gzip' }, body: gzipSync('{"a":1}').subarray(0, 15) }))
        .status,
    ).toBe(400);
    expect((await post('/receipts', { headers: { 'idempotency-key': 'a b' } })).status).toBe(400);
    expect((await post('/receipts', { headers: { 'idempotency-key': 'x'.repeat(256) } })).status).toBe(400);
    expect(posted).toEqual([]);
  });
});

it('endpoints are replaced as a whole; before the first there is only 503', async () => {
  const { post, ingress } = await ingressDesk({ endpoints: undefined });
  expect(await post('/receipts')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  ingress.setEndpoints(ENDPOINTS);
  expect((await post('/receipts')).status).toBe(202);
  ingress.setEndpoints({ partners: [], integrations: [{ integration: 'receipt', path: '/new' }] });
  expect((await post('/receipts')).status).toBe(404);
  expect((await post('/new')).status).toBe(202);
});

it('counts by endpoint and status, with labels that a stranger cannot multiply', async () => {
  const { post, metrics } = await ingressDesk();
  await post('/receipts');
  for (let n = 0; n < 5; n += 1) await post(`/random-${n}`);
  for (let n = 0; n < 5; n += 1) await post(`/documents/random-${n}`);
  const text = await metrics.text();
  expect(text).toContain('crossdock_ingress_requests_total{endpoint="integration/receipt",status="202"} 1');
  expect(text).toContain('crossdock_ingress_requests_total{endpoint="unknown",status="404"} 5');
  expect(text).toContain('crossdock_ingress_requests_total{endpoint="documents",status="401"} 5');
  expect(text).not.toContain('random');
});

it('no secret is in any answer or log line', async () => {
  const { post, logged } = await ingressDesk({
    accept: (document) => Promise.reject(new Error(`for ${document.source}`)),
  });
  const answers: string[] = [];
  for (const headers of [
    acme,
    { 'x-api-key': WMS_KEY },
    { authorization: `Bearer ${WMS_KEY}` },
    signed('{}'),
    signed('x'),
  ]) {
    for (const path of [ASN, '/orders', '/lost', '/documents/other'])
      answers.push((await post(path, { headers: headers as Record<string, string> })).text);
  }
  const everything = answers.join() + logged();
  expect(everything.length).toBeGreaterThan(2_000);
  for (const { stringData } of SECRETS)
    for (const value of Object.values(stringData)) expect(everything).not.toContain(value);
  expect(everything).not.toContain(BOLT_SECRET);
});
