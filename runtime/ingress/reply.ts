/** Writes answers, also to those who are still sending. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorCode } from '../connectors/failure.ts';
import type { Answer } from './contract.ts';
import { type Problem, type Refusal, violationOf } from './problem.ts';

/** How long and how much a refused sender may go on before the connection is cut. */
const LINGER_MS = 5_000;
const LINGER_BYTES = 256 * 1_024 * 1_024;

export async function reply(response: ServerResponse, answer: Answer & { accepted: true }, last: boolean) {
  const id = answer.documents[0]?.id ?? '';
  const payload = Buffer.from(
    JSON.stringify({ id, documents: answer.documents, warnings: answer.warnings.map(violationOf) }),
  );
  response.writeHead(202, {
    ...common('application/json', payload, last),
    'x-crossdock-document': id,
  });
  await ended(response, payload);
}

export async function replyJson(response: ServerResponse, value: unknown, last: boolean): Promise<void> {
  const payload = Buffer.from(JSON.stringify(value));
  response.writeHead(200, common('application/json', payload, last));
  await ended(response, payload);
}

export async function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  problem: Problem,
  last: boolean,
): Promise<void> {
  const payload = Buffer.from(JSON.stringify(problem));
  const unread = !request.complete;
  // Who asked for leave to send (100-continue) and did not get it sends nothing.
  const sending = unread && (request.headers.expect === undefined || request.readableDidRead);
  response.writeHead(refusal.status, {
    ...common('application/problem+json', payload, last || unread),
    ...refusal.headers,
  });
  if (sending && request.method !== 'HEAD') {
    // The whole answer goes out now, the connection stays: closing it on a sender who is still writing would reset it, and
    // the answer would be lost on the way.
    response.write(payload);
    await discardRest(request);
    response.end();
    return;
  }
  await ended(response, payload);
}

/** What could not be read as HTTP at all, or came too slowly. */
export function callerError(error: Error, socket: Duplex): void {
  const code = errorCode(error);
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason] =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? [408, 'Request Timeout']
      : code === 'HPE_HEADER_OVERFLOW'
        ? [431, 'Request Header Fields Too Large']
        : [400, 'Bad Request'];
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}

const common = (contentType: string, payload: Buffer, last: boolean): Record<string, string | number> => ({
  'content-type': contentType,
  'content-length': payload.length,
  'cache-control': 'no-store',
  ...(last ? { connection: 'close' } : {}),
});

const ended = (response: ServerResponse, payload: Buffer): Promise<void> =>
  new Promise((resolve) => {
    response.once('close', resolve);
    response.end(payload, () => resolve());
  });

function discardRest(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let size = 0;
    const done = (): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', done).off('close', done);
      resolve();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > LINGER_BYTES) done();
    };
    const timer = setTimeout(done, LINGER_MS);
    request.on('data', onData).on('end', done).on('close', done);
    request.resume();
  });
}
