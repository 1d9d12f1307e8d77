/** Real servers and folders for these tests. */

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { SinkRequest } from '../../runtime/connectors/connector.ts';
import { createLog } from '../../runtime/telemetry/log.ts';

/** An HTTP server on a free port, closed when the test ends. */
export async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A folder that is removed when the test ends. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'crossdock-test-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A log whose text can be searched. */
export function captured() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  return { log: createLog('test', { stream }), text: () => text };
}

/** Polls a condition until it holds. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('the condition did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const sinkRequest = (more: Partial<SinkRequest> = {}): SinkRequest => ({
  body: Buffer.from('{"a":1}'),
  contentType: 'application/json',
  idempotencyKey: 'key-1',
  headers: {},
  timeoutMs: 5_000,
  signal: new AbortController().signal,
  ...more,
});

/** Root may read and write everything: such a test runs as nobody then. */
export async function asOrdinaryUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
