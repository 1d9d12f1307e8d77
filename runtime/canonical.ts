import { hash } from 'node:crypto';

/** JSON with keys sorted at every depth: equal values give equal text. What JSON cannot hold is treated as JSON.stringify does. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  // A copy with its keys in order, written by JSON.stringify, costs a third of a text that is put together here.
  const copy = sorted(value);
  return copy === UNSORTABLE ? textOf(value) : JSON.stringify(copy);
}

/** An object gives keys that look like array indexes first, whatever their order, and `__proto__` is no ordinary key. */
const UNSORTABLE = Symbol('unsortable');

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const copy = new Array<unknown>(value.length);
    for (let i = 0; i < value.length; i++) {
      const member = sorted(value[i]);
      if (member === UNSORTABLE) return UNSORTABLE;
      copy[i] = member;
    }
    return copy;
  }
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return UNSORTABLE;
  const keys = Object.keys(value);
  if (keys.length > SHORT) keys.sort();
  else inOrder(keys);
  const copy: Record<string, unknown> = {};
  for (const key of keys) {
    const first = key.charCodeAt(0);
    if ((first >= 48 && first <= 57) || key === '__proto__' || key === 'toJSON') return UNSORTABLE;
    const member = sorted((value as Record<string, unknown>)[key]);
    if (member === UNSORTABLE) return UNSORTABLE;
    copy[key] = member;
  }
  return copy;
}

/** Sorting so few by hand costs less than the call. */
const SHORT = 16;
function inOrder(keys: string[]): void {
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    let at = i;
    for (; at > 0 && keys[at - 1]! > key; at--) keys[at] = keys[at - 1]!;
    keys[at] = key;
  }
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
  let text = '';
  for (const part of parts) {
    const each = String(part);
    text += `${each.length}:${each}`;
  }
  return hash('sha256', text, 'hex').slice(0, 32);
}
