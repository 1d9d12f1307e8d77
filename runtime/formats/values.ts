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
