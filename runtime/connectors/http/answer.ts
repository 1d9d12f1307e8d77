/** What an HTTP answer becomes: at most 64 KiB of its body, parsed where it is JSON, and Retry-After in ms. */
const MAX_BODY = 64 * 1_024;

/** Reads up to the cap; the rest is left unread (the caller destroys the stream). */
export async function readCapped(
  stream: AsyncIterable<Buffer>,
  cap = MAX_BODY,
): Promise<{ bytes: Buffer; truncated: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > cap) return { bytes: Buffer.concat(chunks).subarray(0, cap), truncated: true };
  }
  return { bytes: Buffer.concat(chunks), truncated: false };
}

/** JSON by its content type, or by its first character where the type says nothing; else text. An empty body is ''. */
export function parseBody(bytes: Buffer, contentType: string | undefined, truncated: boolean): unknown {
  const text = bytes.toString('utf8');
  const type = (contentType ?? '').split(';')[0]!.trim().toLowerCase();
  const json = type === 'application/json' || type.endsWith('+json') || (type === '' && /^\s*[[{]/.test(text));
  if (!json || truncated) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Seconds or an HTTP date → ms from `now`, never negative. Undefined where absent or unreadable. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  if (!/^[A-Za-z]{3}/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Repeated headers joined by a comma, names in lower case. */
export function flatHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
