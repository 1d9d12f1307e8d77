/**
 * HMAC signatures: `X-Crossdock-Signature: t=<unix seconds>,v1=<hex>` where v1 is HMAC-SHA256 with the shared secret over
 * `<t>.` and the raw bytes of the body as sent (compressed, if it was). Several v1 are allowed, for a rotation of the secret.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const WINDOW_S = 300;
const MAX_SIGNATURES = 4;

export interface Signature {
  /** Unix seconds, as text: it is part of what was signed. */
  time: string;
  v1: string[];
}

export function parseSignature(header: string): Signature | undefined {
  let time: string | undefined;
  const v1: string[] = [];
  for (const part of header.split(',', MAX_SIGNATURES + 2)) {
    const [name, value = ''] = part.trim().split('=', 2);
    if (name === 't' && time === undefined && /^\d{1,12}$/.test(value)) time = value;
    else if (name === 'v1' && /^[0-9a-f]{64}$/i.test(value)) v1.push(value.toLowerCase());
  }
  return time !== undefined && v1.length > 0 && v1.length <= MAX_SIGNATURES ? { time, v1 } : undefined;
}

/** Within five minutes, before or after. */
export const isFresh = (signature: Signature, nowMs: number): boolean =>
  Math.abs(nowMs / 1_000 - Number(signature.time)) <= WINDOW_S;

export const sign = (secret: string, time: string, body: Uint8Array): string =>
  createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex');

/** The one of the signatures that the secret made. Looks at all of them, whichever matches. */
export function matching(signature: Signature, secret: string, body: Uint8Array): string | undefined {
  const expected = Buffer.from(sign(secret, signature.time, body), 'hex');
  let found: string | undefined;
  for (const candidate of signature.v1) {
    const bytes = Buffer.from(candidate, 'hex');
    if (bytes.length === expected.length && timingSafeEqual(bytes, expected)) found = candidate;
  }
  return found;
}

/**
 * What each signature was used for, as long as it is valid: the Idempotency-Key is not signed, so a captured request must not
 * come again under another key. Per process; a second pod sees a replay as a new request of its own.
 */
export class SignatureMemory {
  #young = new Map<string, string>();
  #old = new Map<string, string>();
  #turned = 0;

  /** False if the signature was used with another key. */
  admit(signature: string, key: string, nowMs: number): boolean {
    if (nowMs - this.#turned > 2 * WINDOW_S * 1_000 || this.#young.size >= 100_000) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#turned = nowMs;
    }
    const known = this.#young.get(signature) ?? this.#old.get(signature);
    if (known === undefined) this.#young.set(signature, key);
    return known === undefined || known === key;
  }
}
