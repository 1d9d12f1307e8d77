/**
 * What documents hold, for the archive: the canonical body at acceptance, and what went out at delivery. A stream of its own beside
 * the journal, because payloads are large, sensitive, and kept for another time. Ids are derived, so a redelivery writes the same.
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
  /** `` for the canonical body, else where it was delivered: `<integration>/<destination>`. */
  destination: string;
  epoch: number;
  contentType: string;
  /** sha256 hex of the bytes. */
  hash: string;
  /** Length of the payload. */
  bytes: number;
  /** The payload. Neither of the two: it is `same` or too large. */
  text?: string;
  /** Where the bytes are no UTF-8 text. */
  base64?: string;
  /** Equal to the canonical body. */
  same?: true;
}

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
export const canonicalPayload = (document: Document, at: number): PayloadEntry => ({
  ...head(document, '', document.bodyHash, document, at),
  ...content(document.body),
});

/** What was delivered, as it was sent. */
export function sentPayload(document: Archived, destination: string, sent: Sent, at: number): PayloadEntry {
  const hash = sha256Hex(sent.body);
  const same = hash === document.bodyHash;
  return { ...head(document, destination, hash, sent, at), ...(same ? { same } : content(sent.body)) };
}

const head = (document: Archived, destination: string, hash: string, { body, contentType }: Sent, at: number) => ({
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
});

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
function content(body: Buffer): Pick<PayloadEntry, 'text' | 'base64'> {
  if (body.length > MAX_PAYLOAD_BYTES) return {};
  try {
    return { text: UTF8.decode(body) };
  } catch {
    return { base64: body.toString('base64') };
  }
}

/** The bytes; undefined where they are `same` or too large. */
export const payloadBytes = ({ text, base64 }: PayloadEntry): Buffer | undefined => {
  if (text !== undefined) return Buffer.from(text);
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64');
};
