/** Looks into values that anybody may have written: what is not of the kind counts as empty. */
export type Value = Record<string, unknown>;

export const objectOf = (value: unknown): Value =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Value) : {};
/** One object is a list of one. */
export const listOf = (value: unknown): Value[] =>
  (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(objectOf);
export const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';
