/** Reads a request's body under a cap, without ever holding more than that, and inflates gzip under the same cap. */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { errorCode } from '../connectors/failure.ts';
import { Refusal } from './problem.ts';

const inflate = promisify(gunzip);

/** The sender went away: there is nobody to answer. */
export class Gone extends Error {
  override name = 'Gone';
}

export interface Encoding {
  gzip: boolean;
}

/** What can be refused by the headers alone: 411, 413, 415. */
export function checkHeaders(request: IncomingMessage, cap: number): Encoding {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const gzip = encoding === 'gzip' || encoding === 'x-gzip';
  if (!gzip && encoding !== 'identity') {
    throw new Refusal(
      415,
      'unsupported-media-type',
      `the content encoding is not supported; send it plain or as gzip`,
      {
        headers: { 'accept-encoding': 'gzip, identity' },
      },
    );
  }
  const length = request.headers['content-length'];
  if (length === undefined && request.headers['transfer-encoding'] === undefined) {
    throw new Refusal(411, 'length-required', 'send Content-Length or Transfer-Encoding: chunked');
  }
  if (length !== undefined && Number(length) > cap) throw tooLarge(cap);
  return { gzip };
}

/** The raw bytes, as sent. Rejects with a Refusal over the cap (the rest is left unread), with Gone if the sender left. */
export function readRaw(request: IncomingMessage, cap: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (settle: () => void): void => {
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      settle();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= cap) {
        chunks.push(chunk);
        return;
      }
      request.pause();
      done(() => reject(tooLarge(cap)));
    };
    const onEnd = (): void => done(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)));
    const onGone = (): void =>
      done(() => reject(new Gone('the sender closed the connection before the body was complete')));
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
}

export async function inflated(raw: Buffer, cap: number): Promise<Buffer> {
  try {
    return await inflate(raw, { maxOutputLength: cap });
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(cap);
    throw new Refusal(400, 'bad-request', 'the body is not gzip, or is cut off, though Content-Encoding says gzip');
  }
}

const tooLarge = (cap: number): Refusal =>
  new Refusal(
    413,
    'body-too-large',
    `the body has more than the ${cap} bytes that are taken; send documents one by one`,
  );
