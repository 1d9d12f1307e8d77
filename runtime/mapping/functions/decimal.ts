/**
 * Decimal arithmetic, exact: money and quantities never become binary fractions. Arguments are texts (`"12.50"`) or numbers, results are
 * texts without an exponent. Nothing in gives nothing out.
 */
import { Decimal as Arbitrary } from 'decimal.js';
import { type Definition, refused } from './definition.ts';

/** Digits of an argument; sums and products of two stay exact far below the precision. */
const MAX_DIGITS = 60;
const Decimal = Arbitrary.clone({ precision: 200, toExpNeg: -1000, toExpPos: 1000 });
type Decimal = Arbitrary;
type Input = string | number | undefined;

const MODES: Record<string, Arbitrary.Rounding> = {
  'half-up': Arbitrary.ROUND_HALF_UP,
  'half-even': Arbitrary.ROUND_HALF_EVEN,
  up: Arbitrary.ROUND_UP,
  down: Arbitrary.ROUND_DOWN,
  ceiling: Arbitrary.ROUND_CEIL,
  floor: Arbitrary.ROUND_FLOOR,
};

/** Throws `decimal.invalid`. Numbers count to 15 digits, as `$string` writes them. */
export function decimalOf(value: unknown, asked: string): Decimal {
  if (typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 1e60)
    return new Decimal(Number.isInteger(value) ? value : value.toPrecision(15));
  if (typeof value === 'string') {
    const text = value.trim();
    if (/^[-+]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(text) && text.length <= MAX_DIGITS) return new Decimal(text);
  }
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : `a value of type ${typeof value}`;
  throw refused('decimal.invalid', `${asked}: ${shown} is not a decimal number such as 1234.50`);
}

const modeOf = (mode: string | undefined, asked: string): Arbitrary.Rounding => {
  if (mode === undefined) return Arbitrary.ROUND_HALF_UP;
  if (Object.hasOwn(MODES, mode)) return MODES[mode]!;
  throw refused(
    'decimal.mode',
    `${asked}: there is no rounding "${mode}"; choose one of ${Object.keys(MODES).join(', ')}`,
  );
};

function scaleOf(scale: unknown, asked: string): number {
  if (Number.isInteger(scale) && (scale as number) >= 0 && (scale as number) <= 30) return scale as number;
  throw refused('decimal.scale', `${asked}: the number of decimal places is a whole number from 0 to 30`);
}

const two =
  (asked: string, join: (a: Decimal, b: Decimal) => Decimal | number): Definition['run'] =>
  (left: Input, right: Input) => {
    if (left === undefined || right === undefined) return undefined;
    const result = join(decimalOf(left, asked), decimalOf(right, asked));
    return typeof result === 'number' ? result : result.toFixed();
  };

export const DECIMAL: Record<string, Definition> = {
  decimal: { run: (value: Input) => (value === undefined ? undefined : decimalOf(value, '$decimal').toFixed()) },
  decimalAdd: { run: two('$decimalAdd', (a, b) => a.plus(b)) },
  decimalSubtract: { run: two('$decimalSubtract', (a, b) => a.minus(b)) },
  decimalMultiply: { run: two('$decimalMultiply', (a, b) => a.times(b)) },
  decimalCompare: { run: two('$decimalCompare', (a, b) => a.comparedTo(b)) },
  decimalDivide: {
    run: (left: Input, right: Input, scale: unknown, mode?: string) => {
      const asked = '$decimalDivide';
      if (left === undefined || right === undefined) return undefined;
      const divisor = decimalOf(right, asked);
      if (divisor.isZero()) throw refused('decimal.zero', `${asked}: division by zero`);
      return decimalOf(left, asked).dividedBy(divisor).toFixed(scaleOf(scale, asked), modeOf(mode, asked));
    },
  },
  decimalRound: {
    run: (value: Input, scale: unknown, mode?: string) => {
      const asked = '$decimalRound';
      if (value === undefined) return undefined;
      return decimalOf(value, asked).toFixed(scaleOf(scale, asked), modeOf(mode, asked));
    },
  },
  decimalSum: {
    run: (values: unknown) => {
      if (values === undefined) return undefined;
      const list = Array.isArray(values) ? values : [values];
      return list.reduce((sum: Decimal, value) => sum.plus(decimalOf(value, '$decimalSum')), new Decimal(0)).toFixed();
    },
  },
};
