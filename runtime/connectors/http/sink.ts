/**
 * Sends a document to an outside system by HTTP. One connection pool per connector; one deadline over connect, headers and
 * body; redirects are answers, never followed (a redirect could carry the credentials elsewhere).
 */
import { Agent, request as send } from 'undici';
import type { ConnectorPlan } from '../../plan.ts';
import type { Secrets, Sink, SinkAnswer, SinkRequest } from '../connector.ts';
import { deadline, deliveryFailed, errorCode, secretFor } from '../failure.ts';
import { flatHeaders, parseBody, readCapped, retryAfterMs } from './answer.ts';
import { BLOCKED, reach } from './reach.ts';
import { baseUrl, joinUrl } from './url.ts';

/** Never taken from the document's side: they belong to the connection or to the connector's auth. */
const OWN_HEADERS = new Set([
  'authorization',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function httpSink(plan: ConnectorPlan, secrets: Secrets): Sink {
  const spec = plan.http!;
  const base = baseUrl(plan.name, spec.url);
  const agent = new Agent({
    connections: plan.concurrency,
    pipelining: 1,
    connect: reach(plan.timeoutMs),
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  return {
    async send(request) {
      const url = joinUrl(base, request.path);
      const headers = { ...headersOf(request), ...(await authOf(spec.auth, secrets)) };
      const limit = deadline(Math.min(request.timeoutMs, plan.timeoutMs), request.signal);
      try {
        return await exchange(agent, url, request, headers, limit.signal);
      } catch (error) {
        throw failure(error, plan, url, limit.reason(), Math.min(request.timeoutMs, plan.timeoutMs));
      } finally {
        limit.clear();
      }
    },
    close: () => agent.close(),
  };
}

async function exchange(
  agent: Agent,
  url: URL,
  request: SinkRequest,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<SinkAnswer> {
  const method = (request.method ?? 'POST') as 'POST' | 'PUT' | 'PATCH';
  const response = await send(url, { dispatcher: agent, method, headers, body: request.body, signal });
  const { bytes, truncated } = await readCapped(response.body);
  const answered = flatHeaders(response.headers);
  const after = retryAfterMs(answered['retry-after'], Date.now());
  return {
    status: response.statusCode,
    headers: answered,
    body: parseBody(bytes, answered['content-type'], truncated),
    ...(after === undefined ? {} : { retryAfterMs: after }),
  };
}

function headersOf(request: SinkRequest): Record<string, string> {
  const headers: Record<string, string> = { accept: 'application/json, */*;q=0.5', 'accept-encoding': 'identity' };
  for (const [name, value] of Object.entries(request.headers)) {
    if (!OWN_HEADERS.has(name.toLowerCase())) headers[name.toLowerCase()] = headerText(value);
  }
  headers['content-type'] = request.contentType;
  headers['idempotency-key'] = request.idempotencyKey;
  return headers;
}

/** Printable ASCII as it is; all else percent-encoded, as CloudEvents' HTTP binding does. */
const headerText = (value: string): string =>
  value.replaceAll(/[^\x20-\x7e]+/g, (odd) => {
    try {
      return encodeURIComponent(odd);
    } catch {
      return '?';
    }
  });

export async function authOf(
  auth: NonNullable<ConnectorPlan['http']>['auth'],
  secrets: Secrets,
): Promise<Record<string, string>> {
  const text = async (name: string, key: string): Promise<string> =>
    // A Secret made from a file often ends in a line feed, which no header can carry.
    (await secretFor(secrets, name, key)).reveal().replace(/[\r\n]+$/, '');
  if (auth?.apiKey) {
    const { header, secretKeyRef } = auth.apiKey;
    return { [header.toLowerCase()]: await text(secretKeyRef.name, secretKeyRef.key) };
  }
  if (auth?.bearer) {
    const { name, key } = auth.bearer.secretKeyRef;
    return { authorization: `Bearer ${await text(name, key)}` };
  }
  if (auth?.basic) {
    const { name } = auth.basic.secretRef;
    const pair = `${await text(name, 'username')}:${await text(name, 'password')}`;
    return { authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` };
  }
  return {};
}

const UNREACHABLE: Record<string, string> = {
  ECONNREFUSED: 'refused the connection',
  ENOTFOUND: 'has no address (its name is not known to DNS)',
  EAI_AGAIN: 'has no address now (DNS does not answer)',
  EHOSTUNREACH: 'cannot be reached (no route)',
  ENETUNREACH: 'cannot be reached (no network)',
  [BLOCKED]: 'is a link-local address, where connectors do not go: name another host',
  UND_ERR_CONNECT_TIMEOUT: 'did not take the connection in time',
};
const TLS_TROUBLE = /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO$)/;

export function failure(
  error: unknown,
  plan: ConnectorPlan,
  url: URL,
  why: string | undefined,
  timeoutMs: number,
): Error {
  const who = `connector "${plan.name}": ${url.host}`;
  if (why === 'timeout') {
    return deliveryFailed(
      'http.timeout',
      `${who} did not answer within ${timeoutMs} ms; whether it took the document is unknown`,
    );
  }
  if (why === 'interrupted') {
    return deliveryFailed(
      'delivery.interrupted',
      `${who}: stopped while waiting for the answer; whether it took the document is unknown`,
    );
  }
  const code = errorCode(error);
  const unreachable = UNREACHABLE[code];
  if (unreachable) return deliveryFailed('http.unreachable', `${who} ${unreachable} (${code}); nothing was sent`);
  if (TLS_TROUBLE.test(code)) {
    return deliveryFailed(
      'http.tls',
      `${who}: no trusted TLS connection (${code}); check the certificate and the URL's scheme and port`,
    );
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    return deliveryFailed(
      'http.request',
      `${who}: the request cannot be written: a header's value or name is not allowed; check spec.http.auth and its Secret`,
    );
  }
  return deliveryFailed(
    'http.connection',
    `${who}: the connection broke before the answer was complete (${code || 'no code'}); whether it took the document is unknown`,
  );
}
