/** A proxy before the API server that does on demand what networks and servers do: refuse, hang, reset, close, go silent. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, request } from 'undici';
import { type ClientOptions, KubeClient } from '../../operator/kube/client.ts';
import type { ControlPlaneAccess } from '../support/control-plane.ts';

export type Fault =
  /** Answers itself. */
  | { answer: number; body?: unknown; headers?: Record<string, string> }
  /** Never answers. */
  | 'hang'
  /** Destroys the connection: before an answer, or after its head and first bytes. */
  | 'reset'
  | 'reset-after-head'
  /** 200 and the end, at once. */
  | 'close'
  /** The head passes, then no byte more, and no end. */
  | 'black-hole'
  /** These lines as the body of a watch, then the end. */
  | { lines: unknown[] };

export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  contentType: string | undefined;
  body: string;
  watch: boolean;
  at: number;
}

export interface FaultProxy {
  url: string;
  seen: Seen[];
  /** Decides for each request; undefined = pass on. */
  fault: (seen: Seen) => Fault | undefined;
  /** TCP connections accepted so far, and open now. */
  connections(): { accepted: number; open: number };
  /** Destroys every connection. */
  resetAll(): void;
  client(options?: Partial<ClientOptions>): KubeClient;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function faultProxy(plane: ControlPlaneAccess): Promise<FaultProxy> {
  const agent = new Agent({ connect: { ca: readFileSync(plane.caFile) }, headersTimeout: 0, bodyTimeout: 0 });
  const clients: KubeClient[] = [];
  let accepted = 0;
  const server = createServer((incoming, outgoing) => {
    void serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const sockets = new Set<import('node:net').Socket>();
  server.on('connection', (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.requestTimeout = 0;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = new URL(incoming.url!, 'http://proxy');
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const seen: Seen = {
      method: incoming.method!,
      path: url.pathname,
      query: url.searchParams,
      contentType: incoming.headers['content-type'],
      body,
      watch: url.searchParams.has('watch'),
      at: performance.now(),
    };
    proxy.seen.push(seen);
    const fault = proxy.fault(seen);
    if (fault === 'hang') return;
    if (fault === 'reset') return void incoming.socket.destroy();
    if (fault === 'close') return void outgoing.writeHead(200, { 'content-type': 'application/json' }).end();
    if (typeof fault === 'object' && 'answer' in fault) {
      outgoing.writeHead(fault.answer, { 'content-type': 'application/json', ...fault.headers });
      return void outgoing.end(JSON.stringify(fault.body ?? { kind: 'Status', code: fault.answer }));
    }
    if (typeof fault === 'object') {
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      return void outgoing.end(fault.lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    }
    const stop = new AbortController();
    outgoing.on('close', () => stop.abort());
    const { host: _, connection: __, ...headers } = incoming.headers;
    const answer = await request(plane.url + incoming.url, {
      method: incoming.method as 'GET',
      headers: headers as Record<string, string>,
      body: body || null,
      dispatcher: agent,
      signal: stop.signal,
    });
    outgoing.writeHead(answer.statusCode, { 'content-type': 'application/json' });
    outgoing.flushHeaders();
    if (fault === 'reset-after-head') return void incoming.socket.destroy();
    if (fault === 'black-hole') {
      for await (const _chunk of answer.body);
      return;
    }
    for await (const chunk of answer.body) outgoing.write(chunk);
    outgoing.end();
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${port}`,
    seen: [],
    fault: () => undefined,
    connections: () => ({ accepted, open: sockets.size }),
    resetAll() {
      for (const socket of sockets) socket.destroy();
    },
    client(options = {}) {
      const client = new KubeClient({ load: () => configFor(proxy.url, plane.adminToken), ...options });
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      proxy.resetAll();
      server.close();
      await agent.destroy();
    },
  };
  return proxy;
}

function configFor(server: string, token: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'proxy', server, skipTLSVerify: true }, { name: 'user', token });
  return config;
}
