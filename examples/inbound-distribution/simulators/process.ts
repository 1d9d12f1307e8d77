/**
 * What every simulator process needs: flags, a JSON server that honours Idempotency-Key, a client that posts until it is taken, and a
 * status for whoever watches. Output is NDJSON: first {"ready": true, …}, then {"status": {…}} whenever something changed.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { DocumentName, Ledger } from './ledger.ts';

/** `--name value` for each given name; all are required unless a default is given. */
export function flags<const T extends Record<string, string | undefined>>(defaults: T): { [K in keyof T]: string } {
  const options = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      name,
      value === undefined ? { type: 'string' as const } : { type: 'string' as const, default: value },
    ]),
  );
  const { values } = parseArgs({ options, strict: true });
  for (const name of Object.keys(defaults))
    if (values[name] === undefined) throw new Error(`--${name} is required: node ${process.argv[1]} --${name} VALUE`);
  return values as { [K in keyof T]: string };
}

const STATUS_EVERY_MS = 200;

/** Counters that are printed when they changed, at most five times a second. The process ends when its parent does. */
export function report<T extends Record<string, number>>(counters: T): T {
  let last = '';
  setInterval(() => {
    const now = JSON.stringify(counters);
    if (now !== last) process.stdout.write(`{"status":${now}}\n`);
    last = now;
  }, STATUS_EVERY_MS).unref();
  process.stdin.on('end', () => process.exit(0)).resume();
  process.stdout.on('error', () => process.exit(0));
  process.on('SIGTERM', () => process.exit(0));
  return counters;
}
export const ready = (about: Record<string, unknown> = {}): void => {
  process.stdout.write(`${JSON.stringify({ ready: true, ...about })}\n`);
};

export interface Answer {
  status: number;
  body: Record<string, unknown>;
  headers?: Record<string, string>;
  /** The effect stands, but the answer is lost on its way. */
  hangUp?: boolean;
}
export interface Call {
  method: string;
  path: string;
  body: Record<string, unknown>;
  idempotencyKey: string;
}
export interface Endpoint {
  method: string;
  path: RegExp;
  type: DocumentName;
  /** Key and orders for the ledger. */
  identify(call: Call): { key: string; orders: string[] };
  /** Called once per idempotency key; its answer is remembered unless it is a 5xx. */
  take(call: Call, identity: { key: string; orders: string[] }): Answer;
}
export interface ServerOptions {
  ledger: Ledger;
  apiKey: string;
  endpoints: Endpoint[];
  /** Takes a known idempotency key as a new one. */
  forgetful?: boolean;
  /** Refuses everything for now (an outage). */
  unavailable?(): Answer | undefined;
}

/** A system's API on a free port of 127.0.0.1. Resolves with its base URL. */
export async function serve({ ledger, apiKey, endpoints, forgetful, unavailable }: ServerOptions): Promise<string> {
  const memory = new Map<string, { hash: string; answer: Answer }>();
  const judge = (request: IncomingMessage, raw: Buffer): Answer => {
    const down = unavailable?.();
    if (down) return down;
    const { method = '', url = '' } = request;
    const path = url.split('?')[0] ?? '';
    const endpoint = endpoints.find((candidate) => candidate.method === method && candidate.path.test(path));
    if (!endpoint) return { status: 404, body: { code: 'NOT_FOUND', message: `${method} ${path}` } };
    const idempotencyKey = String(request.headers['idempotency-key'] ?? '');
    const refuse = (status: number, code: string): Answer => {
      ledger.write({ kind: 'Conflict', type: endpoint.type, key: path, orders: [], idempotencyKey, note: code });
      return { status, body: { code } };
    };
    if (request.headers['x-api-key'] !== apiKey) return refuse(401, 'WRONG_API_KEY');
    if (idempotencyKey === '') return refuse(400, 'NO_IDEMPOTENCY_KEY');
    let body: Record<string, unknown>;
    try {
      body = JSON.parse(raw.toString('utf8')) as Record<string, unknown>;
    } catch {
      return refuse(400, 'NOT_JSON');
    }
    const call: Call = { method, path, body, idempotencyKey };
    const identity = endpoint.identify(call);
    const hash = createHash('sha256').update(raw).digest('hex');
    const known = memory.get(idempotencyKey);
    if (known) {
      if (known.hash !== hash) return refuse(422, 'KEY_REUSED_WITH_ANOTHER_BODY');
      ledger.write({ kind: 'Repeat', type: endpoint.type, ...identity, idempotencyKey });
      return { ...known.answer, hangUp: false };
    }
    const answer = endpoint.take(call, identity);
    if (answer.status < 500 && !forgetful) memory.set(idempotencyKey, { hash, answer });
    return answer;
  };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = judge(request, Buffer.concat(chunks));
      if (answer.hangUp) return void request.socket.destroy();
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const LONGEST_WAIT_MS = 1_000;

/**
 * Posts until there is a definite answer (2xx or 4xx), as an outbox does: same key, same body, whatever happened to the answers
 * before.
 */
export async function postUntilTaken(
  url: string,
  headers: Record<string, string>,
  body: unknown,
): Promise<{ status: number; contentType: string; body: unknown }> {
  for (let wait = 100; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(15_000),
      });
      const text = await response.text();
      if (response.status < 500 && response.status !== 429 && response.status !== 408) {
        const contentType = response.headers.get('content-type') ?? '';
        return { status: response.status, contentType, body: contentType.includes('json') ? JSON.parse(text) : text };
      }
    } catch {
      // Unknown whether it was taken: the same key makes asking again harmless.
    }
    await sleep(wait);
  }
}
