import { hash } from 'node:crypto';

/** JSON with keys sorted at every depth: equal values give equal text. What JSON cannot hold is treated as JSON.stringify does. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null || isSorted(value)) return JSON.stringify(value);
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
  const keys = sortKeys(Object.keys(value));
  const copy: Record<string, unknown> = {};
  for (const key of keys) {
    if (isDoubtful(key)) return UNSORTABLE;
    const member = sorted((value as Record<string, unknown>)[key]);
    if (member === UNSORTABLE) return UNSORTABLE;
    copy[key] = member;
  }
  return copy;
}

function isDoubtful(key: string): boolean {
  const first = key.charCodeAt(0);
  return (first >= 48 && first <= 57) || key === '__proto__' || key === 'toJSON';
}

/** Whether JSON.stringify gives its keys in order, as it is; false for what has to be looked at more closely. */
function isSorted(value: object): boolean {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const member: unknown = value[i];
      if (typeof member === 'object' && member !== null && !isSorted(member)) return false;
    }
    return true;
  }
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return false;
  let last = '';
  for (const key of Object.keys(value)) {
    if (key < last || isDoubtful(key)) return false;
    last = key;
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === 'object' && member !== null && !isSorted(member)) return false;
  }
  return true;
}

/** Sorting so few by hand costs less than the call. */
const SHORT = 16;

/** In the order of canonical JSON, that of UTF-16 code units; changes and gives the list. */
export function sortKeys(keys: string[]): string[] {
  if (keys.length > SHORT) return keys.sort();
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    let at = i;
    for (; at > 0 && keys[at - 1]! > key; at--) keys[at] = keys[at - 1]!;
    keys[at] = key;
  }
  return keys;
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
