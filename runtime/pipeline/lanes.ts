/** Where documents keep their order: the key of one, and the lane of a key. */
import { canonicalJson, sha256Hex } from '../canonical.ts';
import { DocumentError } from '../errors.ts';
import type { Expression } from '../mapping/mapping.ts';
import { LANES, lane } from '../names.ts';

/** Longer keys are kept as their hash: headers are no place for texts. */
const MAX_KEY = 200;

/** Throws DocumentError for what gives no key: without one nobody can say what it must not overtake. */
export function orderKeyOf(expression: Expression, document: unknown): string {
  const value = expression.evaluate(document, { tables: {} });
  const key = typeof value === 'string' ? value : value === undefined || value === null ? '' : canonicalJson(value);
  if (key === '')
    throw new DocumentError({
      class: 'MappingFailed',
      code: 'ordering.noKey',
      message: 'The keyExpression of spec.ordering gave nothing, so its place among the other documents is not known',
    });
  return key.length > MAX_KEY ? sha256Hex(key) : key;
}

/** The same for ever: what is in a lane was put there by it. */
export const laneIndexOf = (key: string): number => Number.parseInt(sha256Hex(key).slice(0, 8), 16) % LANES;

/** Logical queue. */
export const laneOf = (integration: string, destination: string, key: string): string =>
  lane(integration, destination, laneIndexOf(key));
