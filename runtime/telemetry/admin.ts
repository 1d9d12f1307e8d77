/**
 * A process's own HTTP server for those who run it: `/healthz` (the process answers), `/readyz` (the truth, with reasons),
 * `/metrics`, and with `state` an authenticated long poll `GET /state?after=REV` (at most 30 s) for the operator.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const LONG_POLL_MS = 30_000;

export interface AdminOptions {
  /** 0: any free port. */
  port: number;
  host?: string;
  /** `reasons` say what is not ready, in words for people. */
  ready: () => { ok: boolean; reasons: string[] };
  metrics: { text(): Promise<string> };
  state?: {
    /** Bearer token. */
    token: string;
    /** Resolves with the state when its revision is above `after`, or when the signal aborts, whatever it is then. */
    get(after: number, signal: AbortSignal): Promise<unknown>;
  };
}
export interface Admin {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const stopping = new AbortController();
  const server = createServer((request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    answer(options, request, AbortSignal.any([stopping.signal, gone.signal]))
      .catch((error: Error): Reply => ({ status: 500, body: { error: error.message } }))
      .then((reply) => write(response, reply));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      stopping.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 1_000).unref();
      await closed;
    },
  };
}

interface Reply {
  status: number;
  /** Text as it is, anything else as JSON. */
  body: unknown;
  contentType?: string;
}

async function answer(options: AdminOptions, request: IncomingMessage, over: AbortSignal): Promise<Reply> {
  const url = new URL(request.url ?? '/', 'http://admin');
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, body: { error: 'only GET' } };
  switch (url.pathname) {
    case '/healthz':
      return { status: 200, body: { ok: true } };
    case '/readyz': {
      const { ok, reasons } = options.ready();
      return { status: ok ? 200 : 503, body: { ok, reasons } };
    }
    case '/metrics':
      return {
        status: 200,
        body: await options.metrics.text(),
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
      };
    case '/state':
      return options.state ? state(options.state, url, request, over) : notFound;
    default:
      return notFound;
  }
}
const notFound: Reply = { status: 404, body: { error: 'not found' } };

async function state(
  { token, get }: NonNullable<AdminOptions['state']>,
  url: URL,
  request: IncomingMessage,
  over: AbortSignal,
): Promise<Reply> {
  const presented = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (!token || !timingSafeEqual(digest(presented), digest(token)))
    return { status: 401, body: { error: 'no valid token' } };
  const after = url.searchParams.get('after') ?? '0';
  if (!/^\d{1,15}$/.test(after)) return { status: 400, body: { error: 'after must be a revision, a whole number' } };
  const signal = AbortSignal.any([over, AbortSignal.timeout(LONG_POLL_MS)]);
  return { status: 200, body: await get(Number(after), signal) };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function write(response: ServerResponse, { status, body, contentType }: Reply): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': contentType ?? 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}
