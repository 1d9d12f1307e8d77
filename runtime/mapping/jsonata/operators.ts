/** Operators where generated code does not decide by itself: other types than the usual, nothing, and errors. */
import { chargeComparison, exhausted, expectCharacters, meter, readClock, spend } from './budget.ts';
import { asError, JsonataError } from './errors.ts';
import { deepEqual, isNumeric, type Sequence, text, truth } from './values.ts';

/** An error of the operator itself, with the operator's place. */
function located(error: unknown, position: number, token: string): JsonataError {
  const known = asError(error);
  known.position = position;
  known.token = token;
  return known;
}
export const atOperator = located;

export function arithmetic(left: unknown, right: unknown, operator: string, position: number): number | undefined {
  try {
    if (left !== undefined && !isNumeric(left)) throw new JsonataError('T2001', { value: left });
    if (right !== undefined && !isNumeric(right)) throw new JsonataError('T2002', { value: right });
  } catch (error) {
    throw located(error, position, operator);
  }
  if (left === undefined || right === undefined) return undefined;
  const [a, b] = [left as number, right as number];
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return a % b;
  }
}

export function compare(left: unknown, right: unknown, operator: string, position: number): boolean | undefined {
  const comparable = (value: unknown) => value === undefined || typeof value === 'string' || typeof value === 'number';
  const fields = { position, token: operator };
  if (!comparable(left) || !comparable(right))
    throw new JsonataError('T2010', {
      ...fields,
      value: typeof left === 'string' || typeof left === 'number' ? right : left,
    });
  if (left === undefined || right === undefined) return undefined;
  if (typeof left !== typeof right) throw new JsonataError('T2009', { ...fields, value: left, value2: right });
  chargeComparison(left, right);
  const [a, b] = [left as number, right as number];
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    default:
      return a >= b;
  }
}

export const equal = (left: unknown, right: unknown): boolean =>
  left !== undefined && right !== undefined && deepEqual(left, right);
export const unequal = (left: unknown, right: unknown): boolean =>
  left !== undefined && right !== undefined && !deepEqual(left, right);

export function includes(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return false;
  if (!Array.isArray(right)) return same(left, right);
  if (right.length > 8) spend(right.length >> 2);
  for (let i = 0; i < right.length; i++) if (same(left, right[i])) return true;
  return false;
}

function same(left: unknown, right: unknown): boolean {
  chargeComparison(left, right);
  return left === right;
}

export function concat(left: unknown, right: unknown, position: number): string {
  try {
    const [a, b] = [text(left) ?? '', text(right) ?? ''];
    expectCharacters(a.length + b.length);
    return a + b;
  } catch (error) {
    throw located(error, position, '&');
  }
}

/** The library's limit: longer than any other list may be. */
const LONGEST_RANGE = 10_000_000;
/** Members of a range that are made in a ms, at least. */
const PER_MILLISECOND = 40_000;

export function range(left: unknown, right: unknown, position: number): Sequence | undefined {
  const fields = { position, token: '..' };
  if (left !== undefined && !Number.isInteger(left)) throw new JsonataError('T2003', { ...fields, value: left });
  if (right !== undefined && !Number.isInteger(right)) throw new JsonataError('T2004', { ...fields, value: right });
  if (left === undefined || right === undefined || (left as number) > (right as number)) return undefined;
  const first = left as number;
  const size = (right as number) - first + 1;
  if (size > LONGEST_RANGE) throw new JsonataError('D2014', { ...fields, value: size });
  if (size > meter.milliseconds * PER_MILLISECOND) throw exhausted(`a range of ${size} members`);
  // A step a member: two of the longest, 160 MB, are all that an evaluation can have.
  spend(size);
  const result: Sequence = new Array(size);
  for (let i = 0; i < size; i++) {
    result[i] = first + i;
    if ((i & 0xfffff) === 0xfffff) readClock();
  }
  result.sequence = true;
  return result;
}

export function negate(value: unknown, position: number): number | undefined {
  if (value === undefined) return undefined;
  if (isNumeric(value)) return -value;
  throw new JsonataError('D1002', { position, token: '-', value });
}

/** Truth of an operand of `and` or `or`. */
export function operand(value: unknown, position: number, operator: string): boolean {
  try {
    return truth(value);
  } catch (error) {
    throw located(error, position, operator);
  }
}
