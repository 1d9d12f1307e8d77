/**
 * What a document type declares as sensitive is not shown in any view. In the canonical body the fields themselves are replaced; what was
 * sent to others has another form, so there their values are, wherever they stand.
 */

export const REDACTED = '[redacted]';
/** Shorter values would be met everywhere, and tell little. */
const SHORTEST = 3;

export interface Shown {
  text: string;
  /** Pointers that were found, with `*` for any element of a list. */
  redacted: string[];
}

/** `pointers` go through lists: `/orders/contact` is that of every order. A body that is no JSON has no fields, and is shown as it is. */
export function redactCanonical(text: string, pointers: readonly string[]): Shown {
  if (pointers.length === 0) return { text, redacted: [] };
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { text, redacted: [] };
  }
  const redacted = pointers.filter((pointer) => {
    let found = false;
    body = replaced(body, namesOf(pointer), () => {
      found = true;
    });
    return found;
  });
  return redacted.length === 0 ? { text, redacted } : { text: JSON.stringify(body), redacted };
}

/** What was sent, whatever its form: the values that the canonical body has in those fields do not show. */
export function redactSent(text: string, canonical: string | undefined, pointers: readonly string[]): Shown {
  if (pointers.length === 0) return { text, redacted: [] };
  // Without the canonical body nobody knows what to look for.
  if (canonical === undefined) return { text: REDACTED, redacted: [...pointers] };
  let body: unknown;
  try {
    body = JSON.parse(canonical);
  } catch {
    return { text: REDACTED, redacted: [...pointers] };
  }
  const values = new Set<string>();
  const redacted = pointers.filter((pointer) => {
    const before = values.size;
    replaced(body, namesOf(pointer), (value) => gather(value, values));
    return values.size > before;
  });
  // The longest first: one may hold another.
  const shown = [...values]
    .sort((a, b) => b.length - a.length)
    .reduce((rest, value) => rest.replaceAll(value, REDACTED), text);
  return { text: shown, redacted };
}

const namesOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));

function replaced(value: unknown, [name, ...rest]: readonly string[], onFound: (value: unknown) => void): unknown {
  if (name === undefined) {
    onFound(value);
    return REDACTED;
  }
  if (Array.isArray(value)) return value.map((element) => replaced(element, [name, ...rest], onFound));
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return value;
  const member = (value as Record<string, unknown>)[name];
  return { ...value, [name]: replaced(member, rest, onFound) };
}

function gather(value: unknown, into: Set<string>): void {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) gather(member, into);
  else if (value !== null && String(value).length >= SHORTEST) {
    into.add(String(value));
    // As JSON and XML write it.
    into.add(JSON.stringify(String(value)).slice(1, -1));
    into.add(String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
  }
}
