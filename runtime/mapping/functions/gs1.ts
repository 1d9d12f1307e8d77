/** GS1 numbers: GTIN, GLN, SSCC and their check digit. */
import { type Definition, refused } from './definition.ts';

/** Digit that makes the weighted sum (3, 1, 3 … from the right) a multiple of ten. */
export function checkDigit(digits: string): number {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) sum += Number(digits[digits.length - 1 - i]) * (i % 2 === 0 ? 3 : 1);
  return (10 - (sum % 10)) % 10;
}

const isValid = (value: unknown, lengths: readonly number[]): boolean | undefined => {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !lengths.includes(value.length) || !/^\d+$/.test(value)) return false;
  return checkDigit(value.slice(0, -1)) === Number(value.at(-1));
};

export const GS1: Record<string, Definition> = {
  gtin: { run: (value: unknown) => isValid(value, [8, 12, 13, 14]) },
  gln: { run: (value: unknown) => isValid(value, [13]) },
  sscc: { run: (value: unknown) => isValid(value, [18]) },
  withCheckDigit: {
    run: (value: unknown) => {
      if (value === undefined) return undefined;
      if (typeof value !== 'string' || !/^\d{1,30}$/.test(value))
        throw refused('gs1.digits', '$withCheckDigit: expected a text of digits, without the check digit');
      return `${value}${checkDigit(value)}`;
    },
  },
};
