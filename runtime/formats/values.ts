/** What writers of X12 and EDIFACT ask of values. */
export type Value = Record<string, unknown>;

export const isValue = (value: unknown): value is Value =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const asValue = (value: unknown): Value => (isValue(value) ? value : {});

/** Decimal digits without an exponent. */
export function plainNumber(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  if (Number.isInteger(value)) return BigInt(value).toString();
  return value.toFixed(20).replace(/0+$/, '').replace(/\.$/, '');
}

/** A set of characters: a table for ASCII, which nearly all text is. */
export interface Characters {
  ascii: Uint8Array;
  all: string;
}
const known = new Map<string, Characters>();

/** Those of the text, and of those below 32 all where `control` says so. */
export function charactersOf(all: string, control = false): Characters {
  const key = `${control}${all}`;
  let found = known.get(key);
  if (!found) {
    const isIn = (code: number): boolean => (control && code < 32) || all.includes(String.fromCharCode(code));
    found = { ascii: Uint8Array.from({ length: 128 }, (_, code) => Number(isIn(code))), all };
    // There are few delimiters in the world.
    if (known.size < 100) known.set(key, found);
  }
  return found;
}

/** Whether the UTF-16 code unit is one of them. */
export const isAmong = (code: number, { ascii, all }: Characters): boolean =>
  code < 128 ? ascii[code] === 1 : all.includes(String.fromCharCode(code));
