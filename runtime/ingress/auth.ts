/**
 * Who posts? An API key (`X-API-Key` or `Authorization: Bearer`) says so by the headers alone; an HMAC signature only once the
 * body is there. A refusal never tells whether a partner exists.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { InboundAuth, SecretKeyRef } from '../../crds/generated/types.ts';
import type { Secrets } from '../connectors/connector.ts';
import type { Endpoints } from './contract.ts';
import { isOneOf, KeyIndex, keysOf } from './keys.ts';
import { Refusal, retryAfter } from './problem.ts';
import { isFresh, matching, parseSignature, type Signature, type SignatureMemory } from './signature.ts';

/** Known by its headers; `verify` is there where the body decides. */
export interface Caller {
  name: string;
  /** Throws a Refusal. Returns the signature that matched. */
  verify?: (raw: Buffer) => Promise<string>;
}

export type Authenticate = (headers: IncomingHttpHeaders) => Promise<Caller>;

/** Partners of the namespace, by API key or signature. */
export function partnerAuth(
  partners: Endpoints['partners'],
  secrets: Secrets,
  onTrouble: (message: string) => void,
): Authenticate {
  const owners = partners.map(({ partner, credentials }) => ({ name: partner, keys: refs(credentials, 'apiKey') }));
  const index = new KeyIndex(owners, secrets, onTrouble);
  const hmac = new Map(partners.map(({ partner, credentials }) => [partner, refs(credentials, 'hmac')]));
  return async (headers) => {
    const signed = headerText(headers['x-crossdock-signature']);
    if (signed !== undefined) {
      const name = headerText(headers['x-crossdock-partner']);
      if (!name) throw unauthenticated('a signed request needs X-Crossdock-Partner with the name of the partner');
      return { name, verify: verifier(signed, hmac.get(name) ?? [], secrets, onTrouble) };
    }
    const key = apiKeyOf(headers, 'x-api-key');
    const name = key && (await index.ownerOf(key));
    if (!name) throw unauthenticated(key ? 'the API key is not valid' : HOW);
    return { name };
  };
}

/** One integration's own endpoint. Without `auth` everybody may post. */
export function integrationAuth(
  integration: string,
  auth: InboundAuth | undefined,
  secrets: Secrets,
  onTrouble: (message: string) => void,
): Authenticate {
  const name = integration;
  return async (headers) => {
    if (!auth?.apiKey && !auth?.hmac) return { name };
    if (auth.hmac) {
      const signed = headerText(headers[(auth.hmac.header ?? 'X-Crossdock-Signature').toLowerCase()]);
      if (signed !== undefined) return { name, verify: verifier(signed, [auth.hmac.secretKeyRef], secrets, onTrouble) };
    }
    if (auth.apiKey) {
      const presented = apiKeyOf(headers, (auth.apiKey.header ?? 'X-API-Key').toLowerCase());
      const expected = keysOf(await needed(secrets, auth.apiKey.secretKeyRef, onTrouble));
      if (presented && isOneOf(presented, expected)) return { name };
      if (presented) throw unauthenticated('the API key is not valid');
    }
    throw unauthenticated(HOW);
  };
}

/**
 * The Idempotency-Key that a signed request stands for: the caller's, else the signature itself, so that the same signed
 * request is the same document.
 */
export function keyOfSigned(memory: SignatureMemory, signature: string, idempotencyKey: string | undefined): string {
  const key = idempotencyKey ?? `signature:${signature}`;
  if (!memory.admit(signature, key, Date.now())) {
    throw unauthenticated('this signature was used with another Idempotency-Key; sign each request anew');
  }
  return key;
}

const HOW = 'send an API key (X-API-Key, or Authorization: Bearer) or sign the request (X-Crossdock-Signature)';

function verifier(header: string, keys: SecretKeyRef[], secrets: Secrets, onTrouble: (message: string) => void) {
  const signature = parseSignature(header);
  if (!signature) throw unauthenticated('the signature must read t=<unix seconds>,v1=<hex of HMAC-SHA256>');
  if (!isFresh(signature, Date.now())) {
    throw unauthenticated('the signature is more than five minutes old or ahead; sign anew, and check the clock');
  }
  return async (raw: Buffer): Promise<string> => {
    const found = await firstMatch(signature, raw, keys, secrets, onTrouble);
    if (!found) throw unauthenticated('the signature does not match the body');
    return found;
  };
}

async function firstMatch(
  signature: Signature,
  raw: Buffer,
  keys: SecretKeyRef[],
  secrets: Secrets,
  onTrouble: (message: string) => void,
): Promise<string | undefined> {
  // Somebody without a key costs the same time as somebody with one.
  if (keys.length === 0) matching(signature, 'nobody', raw);
  for (const { name, key } of keys) {
    const value = await secrets.get(name, key).catch((error: Error) => void onTrouble(error.message));
    for (const secret of value ? keysOf(value.reveal()) : []) {
      const found = matching(signature, secret, raw);
      if (found) return found;
    }
  }
  return undefined;
}

/** A Secret that is missing is our fault, not the sender's. */
async function needed(secrets: Secrets, ref: SecretKeyRef, onTrouble: (message: string) => void): Promise<string> {
  try {
    return (await secrets.get(ref.name, ref.key)).reveal();
  } catch (error) {
    onTrouble(error instanceof Error ? error.message : String(error));
    throw new Refusal(503, 'unavailable', 'credentials cannot be checked now', { headers: retryAfter(30_000) });
  }
}

function apiKeyOf(headers: IncomingHttpHeaders, header: string): string | undefined {
  const own = headerText(headers[header]);
  if (own !== undefined) return header === 'authorization' ? own.replace(/^Bearer +/i, '') : own;
  const bearer = header === 'x-api-key' ? /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') : undefined;
  return bearer?.[1];
}

const headerText = (value: string | string[] | undefined): string | undefined =>
  (Array.isArray(value) ? value[0] : value)?.trim() || undefined;

function refs<K extends 'apiKey' | 'hmac'>(credentials: { [key in K]?: { secretKeyRef: SecretKeyRef } }[], kind: K) {
  return credentials.flatMap((credential) => credential[kind]?.secretKeyRef ?? []);
}

const unauthenticated = (detail: string): Refusal =>
  new Refusal(401, 'unauthenticated', detail, { headers: { 'www-authenticate': 'Bearer realm="crossdock"' } });
