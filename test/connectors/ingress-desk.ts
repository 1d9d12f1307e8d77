/** An ingress with partners and integrations, and clients that can misbehave. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Accept, Answer, Endpoints, Posted } from '../../runtime/ingress/contract.ts';
import { type IngressLimits, startIngress } from '../../runtime/ingress/server.ts';
import { sign } from '../../runtime/ingress/signature.ts';
import { type FolderSecrets, folderSecrets, type SecretResource } from '../../runtime/secrets.ts';
import { createMetrics } from '../../runtime/telemetry/metrics.ts';
import { captured } from './support.ts';

export const ACME_KEY = 'canary-key-acme-0a1b';
export const BOLT_SECRET = 'canary-hmac-bolt-2c3d';
export const WMS_KEY = 'canary-key-wms-4e5f';
export const SECRETS: (SecretResource & { stringData: Record<string, string> })[] = [
  { metadata: { name: 'acme' }, stringData: { apiKey: ACME_KEY } },
  { metadata: { name: 'bolt' }, stringData: { hmac: BOLT_SECRET } },
  { metadata: { name: 'wms' }, stringData: { apiKey: WMS_KEY, hmac: BOLT_SECRET } },
];
export const ENDPOINTS: Endpoints = {
  partners: [
    {
      partner: 'acme',
      credentials: [{ apiKey: { secretKeyRef: { name: 'acme', key: 'apiKey' } } }],
      documentTypes: ['ship-notice-v1'],
    },
    {
      partner: 'bolt',
      credentials: [{ hmac: { secretKeyRef: { name: 'bolt', key: 'hmac' } } }],
      documentTypes: ['ship-notice-v1'],
    },
    { partner: 'idle', credentials: [], documentTypes: ['invoice-v1'] },
  ],
  integrations: [
    { integration: 'receipt', path: '/receipts' },
    { integration: 'order', path: '/orders', auth: { apiKey: { secretKeyRef: { name: 'wms', key: 'apiKey' } } } },
    {
      integration: 'count',
      path: '/counts',
      auth: { apiKey: { header: 'X-WMS', secretKeyRef: { name: 'wms', key: 'apiKey' } } },
    },
    {
      integration: 'signed',
      path: '/signed',
      auth: { hmac: { header: 'X-WMS-Signature', secretKeyRef: { name: 'wms', key: 'hmac' } } },
    },
    { integration: 'lost', path: '/lost', auth: { apiKey: { secretKeyRef: { name: 'gone', key: 'apiKey' } } } },
  ],
};

export async function ingressDesk(
  options: { accept?: Accept; limits?: Partial<IngressLimits>; endpoints?: Endpoints | undefined } = {},
) {
  const posted: Posted[] = [];
  const { log, text } = captured();
  const metrics = createMetrics();
  const secrets: FolderSecrets = folderSecrets(SECRETS);
  const accepted: Answer = { accepted: true, documents: [{ id: 'd1', type: 'ship-notice.v1' }], warnings: [] };
  const ingress = await startIngress({
    port: 0,
    accept: async (document) => {
      posted.push(document);
      return (await options.accept?.(document)) ?? accepted;
    },
    secrets,
    log,
    metrics,
    ...(options.limits ? { limits: options.limits } : {}),
  });
  if (!('endpoints' in options)) ingress.setEndpoints(ENDPOINTS);
  onTestFinished(() => ingress.stop(0));
  return {
    ingress,
    posted,
    metrics,
    secrets,
    logged: text,
    post: (path: string, more: Sent = {}) => post(ingress.port, path, more),
    socket: () => rawSocket(ingress.port),
  };
}

export interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: Buffer | string;
  /** Without a length, in chunks. */
  chunked?: boolean;
  keepAlive?: boolean;
}
export interface Got {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what tests look at
  json: any;
}

export function post(
  port: number,
  path: string,
  { method = 'POST', headers = {}, body = '{}', chunked }: Sent = {},
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const bodiless = method === 'GET' || method === 'HEAD';
    const length: Record<string, string> = bodiless
      ? {}
      : chunked
        ? { 'transfer-encoding': 'chunked' }
        : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest(
      { port, host: '127.0.0.1', path, method, agent: false, headers: { ...length, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const json = response.headers['content-type']?.includes('json') && text ? JSON.parse(text) : undefined;
          resolve({ status: response.statusCode!, headers: response.headers, text, json });
          request.destroy();
        });
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    if (bodiless) request.end();
    else if (headers.expect) request.on('continue', () => request.end(body)).flushHeaders();
    else request.end(body);
  });
}

/** What was read so far, and the end of the connection. */
export async function rawSocket(port: number): Promise<{ socket: Socket; text: () => string; closed: Promise<void> }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  onTestFinished(() => void socket.destroy());
  return { socket, text: () => text, closed };
}

export function signed(
  body: Buffer | string,
  options: { secret?: string; partner?: string; at?: number; header?: string } = {},
) {
  const time = String(Math.floor((options.at ?? Date.now()) / 1_000));
  const v1 = sign(options.secret ?? BOLT_SECRET, time, Buffer.from(body));
  return {
    [options.header ?? 'x-crossdock-signature']: `t=${time},v1=${v1}`,
    'x-crossdock-partner': options.partner ?? 'bolt',
  };
}
