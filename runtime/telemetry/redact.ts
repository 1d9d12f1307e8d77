/** Makes a value fit for a log: no secret by its name, type or place in a URL; errors as objects; bounded depth and length. */
const REDACTED = '[redacted]';
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;
const MAX_TEXT = 8_192;

/** Compared without case, `-` and `_`. Exact names, so that `secretRef` and `tokenCount` stay readable. */
const SECRET_NAMES = new Set([
  'password',
  'passwd',
  'secret',
  'token',
  'authorization',
  'proxyauthorization',
  'apikey',
  'xapikey',
  'cookie',
  'setcookie',
  'clientsecret',
  'accesstoken',
  'refreshtoken',
  'privatekey',
  'xcrossdocksignature',
]);

export const isSecretName = (name: string): boolean => SECRET_NAMES.has(name.toLowerCase().replaceAll(/[-_]/g, ''));

/** `scheme://user:password@host` → `scheme://[redacted]@host`. */
export const redactText = (text: string): string => {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
  return short.includes('://') ? short.replaceAll(/:\/\/[^\s/?#"'<>]*@/g, `://${REDACTED}@`) : short;
};

/** A copy of the value, redacted. `key` is the name that it stands under. */
export function redact(value: unknown, key = '', depth = 0, seen: ReadonlySet<object> = new Set()): unknown {
  if (value !== undefined && value !== null && isSecretName(key)) return REDACTED;
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (value instanceof Date) return value;
  if (seen.has(value)) return '[circular]';
  if (depth >= MAX_DEPTH) return '[deeper]';
  const inside = new Set(seen).add(value);
  if (value instanceof Error) return redactError(value, depth, inside);
  if ('toJSON' in value && typeof value.toJSON === 'function') return redact(value.toJSON(), key, depth + 1, inside);
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redact(item, '', depth + 1, inside));
  if (value instanceof Map) return redact(Object.fromEntries(value), key, depth + 1, inside);
  if (value instanceof Set) return redact([...value], key, depth + 1, inside);
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value).slice(0, MAX_ITEMS)) {
    copy[name] = redact(member, name, depth + 1, inside);
  }
  return copy;
}

function redactError(error: Error, depth: number, seen: ReadonlySet<object>): Record<string, unknown> {
  const copy: Record<string, unknown> = { name: error.name, message: redactText(error.message) };
  if (error.stack) copy.stack = redactText(error.stack);
  for (const [name, member] of Object.entries(error)) {
    if (name !== 'name' && member !== undefined) copy[name] = redact(member, name, depth + 1, seen);
  }
  if (error.cause !== undefined) copy.cause = redact(error.cause, 'cause', depth + 1, seen);
  return copy;
}
