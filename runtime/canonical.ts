import { createHash, hash } from 'node:crypto';

/** JSON with keys sorted at every depth: equal values give equal text. What JSON cannot hold is treated as JSON.stringify does. */
export function canonicalJson(value: unknown): string {
  return typeof value === 'object' && value !== null ? textOf(value) : JSON.stringify(value);
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function')
    return textOf((value as { toJSON(): unknown }).toJSON());
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined && typeof member !== 'function') members.push(`${JSON.stringify(key)}:${textOf(member)}`);
  }
  return `{${members.join(',')}}`;
}

export const sha256Hex = (data: string | Buffer): string => hash('sha256', data, 'hex');

/** A name for what the parts say, in order: the first 32 hex digits of a sha256 over length-prefixed parts. */
export function deriveId(...parts: readonly (string | number)[]): string {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(`${String(part).length}:${part}`);
  return digest.digest('hex').slice(0, 32);
}
