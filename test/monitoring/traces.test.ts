/** Traces of a document from its sender to the outside system, as a real OpenTelemetry Collector gets them. */
import { Writable } from 'node:stream';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createLog } from '../../runtime/telemetry/log.ts';
import { API_KEY, makeStand, type Stand, startDevHere } from '../standalone/support.ts';
import { type CollectedSpan, obtainCollector, startCollector } from '../support/collector.ts';

beforeAll(async () => {
  await obtainCollector((line) => console.error(line));
}, 600_000);
afterEach(() => vi.unstubAllEnvs());

const SENDER = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' };
const PAYLOAD = 'a-word-of-the-payload';

/** What the outside system was told. */
function listen(stand: Stand, status: (n: number) => number = () => 200): Record<string, unknown>[] {
  const told: Record<string, unknown>[] = [];
  stand.ledger.answer = (_, response) => {
    told.push(response.req.headers);
    response.writeHead(status(told.length), { 'content-type': 'application/json' }).end('{}');
    return true;
  };
  return told;
}
const send = async (http: string, headers: Record<string, string> = {}, number = 'PO-1') => {
  const { status } = await fetch(`${http}/orders`, {
    method: 'POST',
    headers: { 'x-api-key': API_KEY, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ number, lines: [PAYLOAD] }),
  });
  expect(status).toBe(202);
};
const ask = (endpoint: string, more: Record<string, string> = {}) => {
  const asked = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: '100', ...more };
  for (const [name, value] of Object.entries(asked)) vi.stubEnv(name, value);
};
const named = (spans: CollectedSpan[], name: string) => spans.filter((span) => span.name === name);
const chain = (spans: CollectedSpan[]) => spans.map(({ spanId, parentSpanId }) => [parentSpanId, spanId]);

it('are of one piece from the sender over the queues to the outside system, and hold nothing of the document', async () => {
  await using collector = await startCollector();
  await using stand = await makeStand();
  const told = listen(stand, (n) => (n === 1 ? 503 : 200));
  ask(collector.endpoint, { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test' });
  await using dev = await startDevHere(stand);
  await send(dev.http, { traceparent: `00-${SENDER.trace}-${SENDER.span}-01`, tracestate: 'vendor=opaque' });
  const spans = await collector.until((all) => named(all, 'process orders:out:sink').length === 2);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([SENDER.trace]));

  const [received] = named(spans, 'POST /orders');
  const [routed] = named(spans, 'process orders:inbox');
  const [first, second] = named(spans, 'process orders:out:sink');
  const [refused, taken] = named(spans, 'POST');
  expect(chain([received!, routed!, first!, refused!, second!, taken!])).toEqual([
    [SENDER.span, received!.spanId],
    [received!.spanId, routed!.spanId],
    [routed!.spanId, first!.spanId],
    [first!.spanId, refused!.spanId],
    // What the first attempt sent through the retry ladder.
    [first!.spanId, second!.spanId],
    [second!.spanId, taken!.spanId],
  ]);
  expect(told.map(({ traceparent, tracestate }) => [traceparent, tracestate])).toEqual([
    [`00-${SENDER.trace}-${refused!.spanId}-01`, 'vendor=opaque'],
    [`00-${SENDER.trace}-${taken!.spanId}-01`, 'vendor=opaque'],
  ]);
  expect(received).toMatchObject({
    kind: 'Server',
    failed: false,
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/orders',
      'http.response.status_code': 202,
      'crossdock.document.type': 'order.v1',
      'crossdock.source': '/system/orders',
    },
    resource: {
      'service.name': 'crossdock-runtime',
      'service.namespace': stand.namespace,
      'deployment.environment.name': 'test',
    },
  });
  const document = received!.attributes['crossdock.document.id'];
  expect(routed).toMatchObject({
    kind: 'Consumer',
    attributes: {
      'messaging.system': 'rabbitmq',
      'messaging.operation.type': 'process',
      'messaging.destination.name': expect.stringMatching(/^[a-z]+:.*orders:inbox$/),
      'messaging.message.id': document,
      'crossdock.document.id': document,
      'crossdock.outcome': 'Routed',
      'crossdock.destinations': 'sink',
    },
  });
  expect(first).toMatchObject({
    failed: true,
    attributes: { 'crossdock.attempt': 1, 'crossdock.outcome': 'Retrying', 'error.type': 'DeliveryFailed' },
  });
  expect(second).toMatchObject({
    failed: false,
    attributes: { 'crossdock.attempt': 2, 'crossdock.outcome': 'Delivered' },
  });
  expect(refused).toMatchObject({
    kind: 'Client',
    failed: true,
    attributes: { 'http.response.status_code': 503, 'server.address': '127.0.0.1', 'error.type': '503' },
  });
  // Of each entry of the journal, the trace can be told.
  const { rows } = await stand.database.query<{ outcome: string; trace: string }>(
    `select body->>'outcome' as outcome, body->>'traceparent' as trace from entries where namespace = $1 and document = $2`,
    [stand.namespace, document],
  );
  expect(rows.map(({ outcome }) => outcome).sort()).toEqual(['Accepted', 'Delivered', 'Retrying', 'Routed']);
  for (const { trace } of rows) expect(trace).toContain(SENDER.trace);

  for (const hidden of [PAYLOAD, 'PO-1', API_KEY]) expect(collector.text()).not.toContain(hidden);
});

it('begin with us where the sender says none; a sender that is not sampled stays so; a sampler decides for the rest', async () => {
  await using collector = await startCollector();
  await using stand = await makeStand();
  const told = listen(stand);
  ask(collector.endpoint);
  {
    await using dev = await startDevHere(stand);
    await send(dev.http, { traceparent: `00-${SENDER.trace}-${SENDER.span}-00` }, 'PO-1');
    await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 20_000 });
    expect(told[0]!.traceparent).toMatch(new RegExp(`^00-${SENDER.trace}-[0-9a-f]{16}-00$`));
    await send(dev.http, {}, 'PO-2');
    await collector.until((all) => named(all, 'POST').length === 1);
  }
  const [received] = named(collector.spans(), 'POST /orders');
  expect(received!.traceId).not.toBe(SENDER.trace);
  expect(received!.parentSpanId ?? '').toBe('');
  expect(told[1]!.traceparent).toContain(received!.traceId);
  const before = collector.spans().length;

  ask(collector.endpoint, { OTEL_TRACES_SAMPLER: 'always_off' });
  {
    await using dev = await startDevHere(stand);
    await send(dev.http, { traceparent: `00-${SENDER.trace}-${SENDER.span}-01` }, 'PO-3');
    await vi.waitFor(() => expect(told).toHaveLength(3), { timeout: 20_000 });
    expect(told[2]!.traceparent).toMatch(new RegExp(`^00-${SENDER.trace}-[0-9a-f]{16}-00$`));
  }
  // What was not sent until then was sent at the end.
  expect(collector.spans()).toHaveLength(before);
});

it('of a file go on in the one document that is in it', async () => {
  await using collector = await startCollector();
  await using stand = await makeStand();
  listen(stand);
  ask(collector.endpoint);
  await using dev = await startDevHere(stand);
  expect(dev.httpPort).toBeGreaterThan(0);
  stand.drop('one.json', JSON.stringify({ number: 'PO-1' }));
  const spans = await collector.until((all) => named(all, 'POST').length === 1);
  const [received] = named(spans, 'receive box');
  const [intake] = named(spans, 'process intake');
  const [routed] = named(spans, 'process files:inbox');
  expect(received!.kind).toBe('Internal');
  expect(chain([intake!, routed!])).toEqual([
    [received!.spanId, intake!.spanId],
    [intake!.spanId, routed!.spanId],
  ]);
});

it('disturb no document while the Collector is away, and say so once, without a header of it', async () => {
  await using stand = await makeStand();
  const told = listen(stand);
  ask('http://127.0.0.1:9', {
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=a-secret-token',
    OTEL_EXPORTER_OTLP_TIMEOUT: '300',
  });
  let logged = '';
  const stream = new Writable({
    write(chunk, _, done) {
      logged += chunk;
      done();
    },
  });
  await using dev = await startDevHere(stand, { log: createLog('test', { stream }) });
  for (const number of ['PO-1', 'PO-2', 'PO-3']) await send(dev.http, {}, number);
  await stand.until(
    (rows) => rows.filter(({ destination, state }) => destination && state === 'Delivered').length === 3,
  );
  expect(told).toHaveLength(3);
  await vi.waitFor(() => expect(logged).toContain('traces are not sent'), { timeout: 30_000 });
  expect(logged.match(/traces are not sent/g)).toHaveLength(1);
  expect(logged).not.toContain('a-secret-token');
});
