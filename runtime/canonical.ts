import { createHash, hash } from 'node:crypto';

/** JSON with keys sorted at every depth: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : member,
  );
}

export const sha256Hex = (data: string | Buffer): string => hash('sha256', data, 'hex');

/** A name for what the parts say, in order: the first 32 hex digits of a sha256 over length-prefixed parts. */
export function deriveId(...parts: readonly (string | number)[]): string {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(`${String(part).length}:${part}`);
  return digest.digest('hex').slice(0, 32);
}
