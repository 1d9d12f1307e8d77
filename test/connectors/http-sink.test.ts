import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Sink } from '../../runtime/connectors/connector.ts';
import { openSink } from '../../runtime/connectors/registry.ts';
import type { ConnectorPlan } from '../../runtime/plan.ts';
import { folderSecrets } from '../../runtime/secrets.ts';
import { createMetrics } from '../../runtime/telemetry/metrics.ts';
import { bodyOf, serve, sinkRequest, until } from './support.ts';

const CANARY = 'canary-51d0';
const secrets = folderSecrets([
  {
    metadata: { name: 'erp' },
    stringData: { token: `${CANARY}\n`, username: 'crossdock', password: CANARY, broken: `a\n${CANARY}` },
  },
]);

function sinkTo(
  url: string,
  http: Partial<NonNullable<ConnectorPlan['http']>> = {},
  plan: Partial<ConnectorPlan> = {},
): Sink {
  const sink = openSink(
    { part: 'connector', name: 'erp', http: { url, ...http }, timeoutMs: 5_000, concurrency: 4, ...plan },
    secrets,
  );
  onTestFinished(() => sink.close());
  return sink;
}
/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
async function tcp(onSocket: (socket: Socket) => void): Promise<string> {
  const server = createTcpServer(onSocket).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it.each(['http://169.254.169.254/latest', 'http://2852039166', 'http://[::ffff:169.254.169.254]', 'https://[fe80::1]'])(
  'goes to no link-local address, where clouds hand out credentials: %s',
  async (url) => {
    await expect(sinkTo(url).send(sinkRequest({}))).rejects.toMatchObject({
      code: 'http.unreachable',
      message: expect.stringContaining('link-local address, where connectors do not go'),
    });
  },
);

describe('a request', () => {
  it('carries the body, the key, the trace and what the connector adds, and nothing that the document could smuggle', async () => {
    let seen: { method?: string; url?: string; headers: IncomingHttpHeaders; body: Buffer } | undefined;
    const { url } = await serve(async (request, response) => {
      seen = { method: request.method!, url: request.url!, headers: request.headers, body: await bodyOf(request) };
      response.writeHead(201, { 'content-type': 'application/json', 'x-number': '4711' }).end('{"number": "GR-1"}');
    });
    const body = Buffer.from([0, 255, 1, 254, 10, 13]);
    const answer = await sinkTo(`${url}/api`).send(
      sinkRequest({
        body,
        contentType: 'application/octet-stream',
        method: 'PUT',
        path: '/asns/A-1?dry=1',
        headers: {
          traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
          'ce-subject': 'Größe\r\nX-Evil: 1',
          Host: 'evil.example',
          'content-length': '1',
          Authorization: 'Bearer document',
        },
      }),
    );
    expect(answer).toMatchObject({ status: 201, body: { number: 'GR-1' }, headers: { 'x-number': '4711' } });
    expect(seen?.body.equals(body)).toBe(true);
    expect(seen).toMatchObject({ method: 'PUT', url: '/api/asns/A-1?dry=1' });
    expect(seen?.headers).toMatchObject({
      'idempotency-key': 'key-1',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      'content-type': 'application/octet-stream',
      'content-length': '6',
      'ce-subject': 'Gr%C3%B6%C3%9Fe%0D%0AX-Evil: 1',
    });
    expect(seen?.headers.host).toMatch(/^127\.0\.0\.1/);
    expect(seen?.headers.authorization).toBeUndefined();
    expect(seen?.headers['x-evil']).toBeUndefined();
  });

  it.each([
    [{ apiKey: { header: 'X-API-Key', secretKeyRef: { name: 'erp', key: 'token' } } }, { 'x-api-key': CANARY }],
    [{ bearer: { secretKeyRef: { name: 'erp', key: 'token' } } }, { authorization: `Bearer ${CANARY}` }],
    [
      { basic: { secretRef: { name: 'erp' } } },
      { authorization: `Basic ${Buffer.from(`crossdock:${CANARY}`).toString('base64')}` },
    ],
  ])('authenticates with %j', async (auth, headers) => {
    let seen: IncomingHttpHeaders = {};
    const { url } = await serve((request, response) => {
      seen = request.headers;
      request.resume().on('end', () => response.end());
    });
    await sinkTo(url, { auth }).send(sinkRequest());
    expect(seen).toMatchObject(headers);
  });

  it('is not sent where its path leaves the base', async () => {
    let requests = 0;
    const { url } = await serve((_request, response) => void response.end(String(requests++)));
    await expect(sinkTo(`${url}/api`).send(sinkRequest({ path: '//evil.example/x' }))).rejects.toMatchObject({
      class: 'MappingFailed',
      code: 'path.invalid',
      retryable: false,
    });
    expect(requests).toBe(0);
  });
});

describe('an answer', () => {
  it('is given as it is: an error, a redirect that is not followed, Retry-After in both forms', async () => {
    const date = new Date(Date.now() + 90_000).toUTCString();
    let requests = 0;
    const { url } = await serve((request, response) => {
      requests += 1;
      request.resume().on('end', () => {
        if (request.url === '/503') response.writeHead(503, { 'retry-after': '7' }).end('later');
        else if (request.url === '/429') response.writeHead(429, { 'retry-after': date }).end();
        else response.writeHead(307, { location: '/503' }).end();
      });
    });
    const sink = sinkTo(url);
    expect(await sink.send(sinkRequest({ path: '/503' }))).toMatchObject({
      status: 503,
      retryAfterMs: 7_000,
      body: 'later',
    });
    const limited = await sink.send(sinkRequest({ path: '/429' }));
    expect(limited.status).toBe(429);
    expect(limited.retryAfterMs).toBeGreaterThan(85_000);
    expect(limited.retryAfterMs).toBeLessThanOrEqual(90_000);
    expect(await sink.send(sinkRequest({ path: '/move' }))).toMatchObject({
      status: 307,
      headers: { location: '/503' },
    });
    expect(requests).toBe(3);
  });

  it('of 50 MB is cut at 64 KiB and not read to its end', async () => {
    let sent = 0;
    const { url } = await serve((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/plain' });
      const chunk = Buffer.alloc(65_536, 'x');
      const more = (): void => {
        while (sent < 50e6 && !response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    });
    const answer = await sinkTo(url).send(sinkRequest());
    expect(answer.status).toBe(200);
    expect((answer.body as string).length).toBe(65_536);
    expect(sent).toBeLessThan(20e6);
  });

  it('that is no JSON though it says so is text', async () => {
    const { url } = await serve((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"broken"');
    });
    expect((await sinkTo(url).send(sinkRequest())).body).toBe('{"broken"');
  });
});

describe('no answer', () => {
  const unknown = { class: 'DeliveryFailed', retryable: true, definite: false };

  it('within the deadline: nothing, only headers, or a body that drips', async () => {
    const { url } = await serve((request, response) => {
      request.resume();
      if (request.url === '/silent') return;
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.flushHeaders();
      if (request.url === '/headers') return;
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const sink = sinkTo(url);
    for (const path of ['/silent', '/headers', '/drip']) {
      const started = performance.now();
      await expect(sink.send(sinkRequest({ path, timeoutMs: 150 }))).rejects.toMatchObject({
        ...unknown,
        code: 'http.timeout',
      });
      expect(performance.now() - started).toBeLessThan(1_000);
    }
  });

  it("the connector's own timeout holds where it is shorter", async () => {
    const { url } = await serve((request) => void request.resume());
    const sink = sinkTo(url, {}, { timeoutMs: 100 });
    await expect(sink.send(sinkRequest({ timeoutMs: 60_000 }))).rejects.toThrow('within 100 ms');
  });

  it('since nobody listens: nothing was sent', async () => {
    const sink = sinkTo(`http://127.0.0.1:${await closedPort()}`);
    await expect(sink.send(sinkRequest())).rejects.toMatchObject({
      ...unknown,
      code: 'http.unreachable',
      message: expect.stringContaining('nothing was sent'),
    });
  });

  it('since the name is unknown', async () => {
    await expect(sinkTo('http://erp.invalid').send(sinkRequest())).rejects.toMatchObject({
      ...unknown,
      code: 'http.unreachable',
    });
  });

  it('since the connection broke after the request, or in the middle of the answer', async () => {
    const reset = await tcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    await expect(sinkTo(`http://${reset}`).send(sinkRequest())).rejects.toMatchObject({
      ...unknown,
      code: 'http.connection',
    });
    const cut = await tcp((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')),
    );
    await expect(sinkTo(`http://${cut}`).send(sinkRequest())).rejects.toMatchObject({
      ...unknown,
      code: 'http.connection',
    });
  });

  it('since it is no TLS server', async () => {
    const plain = await tcp((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    await expect(sinkTo(`https://${plain}`).send(sinkRequest())).rejects.toMatchObject({
      ...unknown,
      code: 'http.tls',
    });
  });

  it('since it was interrupted', async () => {
    const { url } = await serve((request) => void request.resume());
    const controller = new AbortController();
    const sending = sinkTo(url).send(sinkRequest({ signal: controller.signal }));
    controller.abort();
    await expect(sending).rejects.toMatchObject({ ...unknown, code: 'delivery.interrupted' });
  });
});

it('opens no more connections than its concurrency, and reuses them', async () => {
  let open = 0;
  let most = 0;
  const { url, server } = await serve((request, response) => {
    request.resume();
    setTimeout(() => response.end(), 5);
  });
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    most = Math.max(most, ++open);
    socket.on('close', () => {
      open -= 1;
    });
  });
  const sink = sinkTo(url, {}, { concurrency: 3 });
  await Promise.all(Array.from({ length: 60 }, () => sink.send(sinkRequest())));
  expect(most).toBeLessThanOrEqual(3);
  expect(connections).toBeLessThanOrEqual(3);
});

it('a Secret that is missing or cannot be a header fails the request with its name, never its value', async () => {
  const { url } = await serve((_request, response) => void response.end());
  const missing = sinkTo(url, { auth: { bearer: { secretKeyRef: { name: 'erp', key: 'nope' } } } });
  await expect(missing.send(sinkRequest())).rejects.toMatchObject({
    code: 'secret.unavailable',
    retryable: true,
    message: expect.stringContaining('Secret "erp" has no key "nope"'),
  });
  const broken = sinkTo(url, { auth: { bearer: { secretKeyRef: { name: 'erp', key: 'broken' } } } });
  const error = await broken.send(sinkRequest()).catch((reason) => reason);
  expect(error).toMatchObject({ class: 'DeliveryFailed', code: 'http.request' });
  expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain(CANARY);
});

it('counts and times by connector', async () => {
  const { url } = await serve((request, response) => {
    request.resume();
    response.writeHead(request.url === '/422' ? 422 : 200).end();
  });
  const metrics = createMetrics();
  const plan: ConnectorPlan = { part: 'connector', name: 'erp', http: { url }, timeoutMs: 5_000, concurrency: 4 };
  const sink = openSink(plan, secrets, { metrics });
  onTestFinished(() => sink.close());
  await sink.send(sinkRequest());
  await sink.send(sinkRequest({ path: '/422' }));
  await sink.send(sinkRequest({ path: '//x' })).catch(() => {});
  const text = await metrics.text();
  for (const outcome of ['2xx', '4xx', 'failed']) {
    expect(text).toContain(`crossdock_connector_requests_total{connector="erp",outcome="${outcome}"} 1`);
  }
  expect(text).toContain('crossdock_connector_duration_seconds_count{connector="erp"} 3');
});

it('finishes what is under way when it is closed', async () => {
  let finish: (() => void) | undefined;
  const { url } = await serve((request, response) => {
    request.resume();
    finish = () => response.end('done');
  });
  const sink = openSink({ part: 'connector', name: 'erp', http: { url }, timeoutMs: 5_000, concurrency: 1 }, secrets);
  const sending = sink.send(sinkRequest()).then((answer) => answer.body);
  await until(() => finish !== undefined);
  const closing = sink.close();
  finish?.();
  expect(await sending).toBe('done');
  await closing;
});
