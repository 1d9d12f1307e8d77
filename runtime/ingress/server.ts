/**
 * The HTTP server that partners and our own systems post documents to. 202 means that the document is confirmed by the broker.
 * On node:http itself: the body's cap, 100-continue and the end of a connection must be ours to decide.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Secrets } from '../connectors/connector.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { contextOf, type Span, type TraceContext, type Tracer } from '../telemetry/tracing.ts';
import { keyOfSigned } from './auth.ts';
import { checkHeaders, Gone, inflated, readRaw } from './body.ts';
import type { Accept, Answer, Ask, Endpoints, Posted } from './contract.ts';
import { askedOf, lookUp, Rates, signedGet } from './lookups.ts';
import { problemOf, Refusal, refusalOf, retryAfter } from './problem.ts';
import { callerError, refuse, reply, replyJson } from './reply.ts';
import { type Route, type Routes, routesOf } from './routes.ts';
import { shares } from './shares.ts';
import { SignatureMemory } from './signature.ts';
import { documentOf, served, serving } from './traced.ts';

export interface IngressLimits {
  /** Of one body, as sent and inflated. */
  bodyBytes: number;
  /** A request's head must be there by then. */
  headerTimeoutMs: number;
  /** A whole request must be there by then. */
  requestTimeoutMs: number;
  /** Requests at a time; more are answered 503. */
  requests: number;
  /** Requests of one caller at a time; more are answered 429. */
  requestsPerCaller: number;
  /** Bytes of all bodies held at a time; more are answered 503. */
  totalBytes: number;
}
export const DEFAULT_LIMITS: IngressLimits = {
  bodyBytes: 16 * 1_024 * 1_024,
  headerTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  requests: 512,
  requestsPerCaller: 64,
  totalBytes: 256 * 1_024 * 1_024,
};

export interface IngressOptions {
  /** 0: any free port. */
  port: number;
  host?: string;
  accept: Accept;
  /** Without it no table is shown. */
  ask?: Ask;
  secrets: Secrets;
  log: Log;
  metrics?: Metrics;
  /** Absent where nobody asks for traces: then the sender's context is only carried on. */
  tracer?: Tracer;
  limits?: Partial<IngressLimits>;
}
export interface Ingress {
  readonly port: number;
  /**
   * Replaces all endpoints. Until it is called for the first time every request gets 503.
   * Requests that are under way go on with the endpoints that they came by.
   */
  setEndpoints(endpoints: Endpoints): void;
  /** New requests get 503; resolves when those under way are answered, or after graceMs, with the port closed. */
  stop(graceMs: number): Promise<void>;
}

export async function startIngress(options: IngressOptions): Promise<Ingress> {
  const { accept, secrets, log, metrics, tracer } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const share = shares(limits);
  const signatures = new SignatureMemory();
  const rates = new Rates();
  const onTrouble = onceAMinute((message) => log.error(message, { at: 'credentials' }));
  let routes: Routes | undefined;
  let draining = false;
  let underWay = 0;
  let onIdle = (): void => {};

  const serve = async (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): Promise<void> => {
    const started = performance.now();
    const requestId = randomUUID();
    const route = routes?.match(pathOf(request));
    const span = route && tracer && serving(tracer, request, route);
    underWay += 1;
    try {
      // Before the first plan a 404 would be a lie that senders take for final.
      if (!routes) throw new Refusal(503, 'unavailable', 'this server is starting', { headers: retryAfter(1_000) });
      if (draining) throw new Refusal(503, 'unavailable', 'this server is stopping', { headers: retryAfter(1_000) });
      if (route?.lookup) await replyJson(response, await look(request, route, route.lookup), draining);
      else
        await reply(
          response,
          await take(request, route, span, () => expectsContinue && response.writeContinue()),
          draining,
        );
    } catch (error) {
      await fail(request, response, requestId, route, error);
    } finally {
      underWay -= 1;
      if (underWay === 0) onIdle();
      const endpoint = route?.endpoint ?? 'unknown';
      const status = response.headersSent ? String(response.statusCode) : 'gone';
      metrics?.ingressRequests.inc({ endpoint, status });
      metrics?.ingressDuration.observe({ endpoint }, (performance.now() - started) / 1_000);
      if (span) served(span, response);
    }
  };

  /** Every step may throw a Refusal. */
  const look = async (
    request: IncomingMessage,
    { authenticate }: Route,
    { table, key, ratePerSecond }: NonNullable<Route['lookup']>,
  ): Promise<unknown> => {
    if (request.method !== 'GET')
      throw new Refusal(405, 'method-not-allowed', 'tables are asked with GET', { headers: { allow: 'GET' } });
    const caller = await authenticate(request.headers);
    await caller.verify?.(signedGet(request));
    rates.take(table, caller.name, ratePerSecond);
    const mine = share.take(caller.name, 0);
    try {
      return await lookUp(options.ask ?? nobody, askedOf(request, caller.name, table, key));
    } finally {
      mine.release();
    }
  };

  /** Every step may throw a Refusal. What is checked by the headers alone is checked before the body is asked for. */
  const take = async (
    request: IncomingMessage,
    route: Route | undefined,
    span: Span | undefined,
    goOn: () => void,
  ): Promise<Answer & { accepted: true }> => {
    if (!route) throw new Refusal(404, 'not-found', 'no endpoint has this path');
    if (request.method !== 'POST') {
      throw new Refusal(405, 'method-not-allowed', 'documents are posted', { headers: { allow: 'POST' } });
    }
    const idempotencyKey = idempotencyKeyOf(request);
    const caller = await route.authenticate(request.headers);
    if (!caller.verify) route.permit(caller.name);
    const { gzip } = checkHeaders(request, limits.bodyBytes);
    const mine = share.take(caller.name, bytesOf(request, gzip, limits.bodyBytes));
    try {
      goOn();
      const raw = await readRaw(request, limits.bodyBytes);
      const signature = await caller.verify?.(raw);
      if (caller.verify) route.permit(caller.name);
      const body = gzip ? await inflated(raw, limits.bodyBytes) : raw;
      const key = signature ? keyOfSigned(signatures, signature, idempotencyKey) : idempotencyKey;
      const context = span?.context ?? contextOf(request.headers);
      const answer = await accepted(postedOf(request, route, caller.name, body, key, context));
      span?.set({ 'crossdock.source': `/${route.origin}/${caller.name}`, ...documentOf(answer) });
      return answer;
    } finally {
      mine.release();
    }
  };

  const accepted = async (posted: Posted): Promise<Answer & { accepted: true }> => {
    let answer: Answer;
    try {
      answer = await accept(posted);
    } catch (error) {
      log.error('a document could not be taken', { source: posted.source, error });
      throw new Refusal(503, 'unavailable', 'the document could not be taken now; send it again', {
        headers: retryAfter(5_000),
      });
    }
    if (answer.accepted) return answer;
    throw refusalOf(answer.status, answer.error, answer.status === 503 ? answer.retryAfterMs : undefined);
  };

  const fail = async (
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    route: Route | undefined,
    error: unknown,
  ) => {
    if (error instanceof Gone || response.destroyed) return;
    const refusal =
      error instanceof Refusal
        ? error
        : new Refusal(503, 'unavailable', 'the request failed here; send it again', { headers: retryAfter(5_000) });
    const level = refusal.status >= 500 ? 'warn' : 'info';
    log.log(level, 'request refused', {
      requestId,
      endpoint: route?.endpoint ?? 'unknown',
      status: refusal.status,
      detail: refusal.message,
      ...(error === refusal ? {} : { error }),
    });
    await refuse(request, response, refusal, problemOf(refusal, requestId), draining);
  };

  const server = createServer({
    headersTimeout: limits.headerTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, Math.max(50, limits.headerTimeoutMs / 4)),
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16_384,
    noDelay: true,
  });
  server.maxConnections = 4_096;
  server.on('request', (request, response) => void serve(request, response, false));
  server.on('checkContinue', (request, response) => void serve(request, response, true));
  server.on('clientError', callerError);
  await listen(server, options.port, options.host ?? '127.0.0.1');

  return {
    port: (server.address() as AddressInfo).port,
    setEndpoints(endpoints) {
      routes = routesOf(endpoints, secrets, onTrouble);
    },
    async stop(graceMs) {
      draining = true;
      if (underWay > 0) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, graceMs);
        onIdle = resolve;
        await promise;
        clearTimeout(timer);
      }
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

const nobody: Ask = async () => ({ notFound: 'no table is shown' });

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?', 1)[0]!;

/** What a request may come to hold: a compressed one up to the cap again. */
function bytesOf(request: IncomingMessage, gzip: boolean, cap: number): number {
  const length = request.headers['content-length'];
  return (length === undefined ? cap : Number(length)) + (gzip ? cap : 0);
}

function idempotencyKeyOf(request: IncomingMessage): string | undefined {
  const header = request.headers['idempotency-key'];
  const key = Array.isArray(header) ? header.join(',') : header;
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new Refusal(400, 'bad-request', 'Idempotency-Key must be 1 to 255 visible ASCII characters');
}

function postedOf(
  request: IncomingMessage,
  route: Route,
  source: string,
  body: Buffer,
  idempotencyKey: string | undefined,
  context: TraceContext,
): Posted {
  return {
    origin: route.origin,
    source,
    ...(route.documentType === undefined ? {} : { documentType: route.documentType }),
    body,
    contentType: request.headers['content-type'] ?? '',
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...context,
  };
}

/** What is wrong with a Secret is wrong at each request. */
function onceAMinute(tell: (message: string) => void): (message: string) => void {
  let told = new Set<string>();
  let since = 0;
  return (message) => {
    if (performance.now() - since > 60_000) {
      told = new Set();
      since = performance.now();
    }
    if (told.has(message)) return;
    told.add(message);
    tell(message);
  };
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
