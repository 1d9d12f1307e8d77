/**
 * What documents hold, for the archive: what came, the canonical body at acceptance, and what went out at delivery. A stream of its own beside
 * the journal, because payloads are large, sensitive, and kept for another time. Ids are derived, so a redelivery writes the same.
 *
 * A message of it is a JSON array of heads, a line feed, and the bytes that they tell of, one behind the other as they are: nothing is
 * escaped into JSON and parsed back.
 */
import { deriveId, sha256Hex } from '../canonical.ts';
import type { Document } from '../document.ts';

export interface PayloadEntry {
  /** Of document, destination, epoch and hash. */
  id: string;
  /** Epoch ms. */
  at: number;
  document: string;
  /** Empty for what is not canonical. */
  type: string;
  origin: 'partner' | 'system';
  source: string;
  /** `` for the canonical body, RECEIVED for what came, else where it was delivered: `<integration>/<destination>`. */
  destination: string;
  epoch: number;
  contentType: string;
  /** sha256 hex of the bytes. */
  hash: string;
  /** Length of the payload. */
  bytes: number;
  /** The payload. Without it, it is `same` or too large. */
  body?: Buffer;
  /** Equal to the canonical body. */
  same?: true;
}

export const PAYLOAD_CONTENT_TYPE = 'application/vnd.crossdock.payloads';

/** No integration has such a name. */
export const RECEIVED = ':received';

/** Larger payloads are archived by their hash alone. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024;

/** What stages write to. Resolves when confirmed: only then may what it tells of be acked. */
export interface Archive {
  write(entry: PayloadEntry): Promise<void>;
}

export type Archived = Pick<Document, 'id' | 'type' | 'origin' | 'source' | 'epoch' | 'bodyHash'>;
export interface Sent {
  body: Buffer;
  contentType: string;
}

/** The canonical body of an accepted document. */
export const canonicalPayload = (document: Document, at: number): PayloadEntry =>
  payload(document, '', document.bodyHash, document, at, document.body);

/**
 * Bytes as a sender gave them. Of a file that holds several documents once: it belongs to the interchange, which caused them. In the first epoch
 * always, as a replay of it brings no others.
 */
export const receivedPayload = (
  { id, source, contentType, body }: { id: string; source: string } & Sent,
  at: number,
): PayloadEntry =>
  payload(
    { id, type: '', origin: 'partner', source, epoch: 0, bodyHash: '' },
    RECEIVED,
    sha256Hex(body),
    { body, contentType },
    at,
    body,
  );

/** What was delivered, as it was sent. */
export function sentPayload(document: Archived, destination: string, sent: Sent, at: number): PayloadEntry {
  const hash = sha256Hex(sent.body);
  if (hash !== document.bodyHash) return payload(document, destination, hash, sent, at, sent.body);
  return { ...payload(document, destination, hash, sent, at), same: true };
}

const payload = (
  document: Archived,
  destination: string,
  hash: string,
  { body, contentType }: Sent,
  at: number,
  stored?: Buffer,
): PayloadEntry => ({
  id: deriveId(document.id, destination, document.epoch, hash),
  at,
  document: document.id,
  type: document.type,
  origin: document.origin,
  source: document.source,
  destination,
  epoch: document.epoch,
  contentType,
  hash,
  bytes: body.length,
  ...(stored && stored.length <= MAX_PAYLOAD_BYTES && { body: stored }),
});

/** An entry in the array of heads: `stored` counts the bytes that the message holds of it. */
export const payloadHead = (entry: PayloadEntry): string => {
  const { id, at, document, type, origin, source, destination, epoch, contentType, hash, bytes, same, body } = entry;
  // One literal, as this is written for every document; what is undefined is left out.
  return JSON.stringify({
    id,
    at,
    document,
    type,
    origin,
    source,
    destination,
    epoch,
    contentType,
    hash,
    bytes,
    same,
    stored: body?.length,
  });
};

/** A message of heads and of those of their bodies that there are. */
export const payloadMessage = (heads: readonly string[], bodies: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from(`[${heads.join(',')}]\n`), ...bodies]);

/** The array of heads of a message, and what is behind it. */
export function splitPayloads(message: Buffer): { heads: Buffer; bodies: Buffer } {
  const end = message.indexOf(0x0a);
  return end < 0
    ? { heads: message, bodies: message.subarray(message.length) }
    : { heads: message.subarray(0, end), bodies: message.subarray(end + 1) };
}

/** Gives each of the parsed heads its body. What is wrong, if the heads do not tell of just these bytes. */
export function placeBodies(heads: readonly unknown[], bodies: Buffer): string | undefined {
  let at = 0;
  for (const head of heads) {
    const { stored } = (head ?? {}) as { stored?: unknown };
    if (stored === undefined) continue;
    if (!Number.isSafeInteger(stored) || (stored as number) < 0) return `stored is ${JSON.stringify(stored)}`;
    const end = at + (stored as number);
    (head as { body?: Buffer }).body = bodies.subarray(at, end);
    at = end;
  }
  return at === bodies.length ? undefined : `the heads tell of ${at} bytes, and there are ${bodies.length}`;
}
