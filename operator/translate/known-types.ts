/** What a part of an expression gives whenever it gives anything, as far as its form tells. */
import type { Node } from '../../runtime/mapping/jsonata/ast.ts';

export type KnownType = 'string' | 'number' | 'boolean' | 'object';

const BY_FUNCTION = new Map<string, KnownType>(
  (
    [
      [
        'string',
        `string substring substringBefore substringAfter lowercase uppercase trim pad replace join formatNumber formatBase formatInteger
        base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl fromMillis now type decimal decimalAdd
        decimalSubtract decimalMultiply decimalDivide decimalRound decimalSum withCheckDigit uuid5`,
      ],
      [
        'number',
        `number sum count max min average length parseInteger floor ceil round abs sqrt power random toMillis millis decimalCompare`,
      ],
      ['boolean', 'boolean not exists contains gtin gln sscc'],
    ] as const
  ).flatMap(([type, names]) => names.split(/\s+/).map((name) => [name, type] as const)),
);

const BY_OPERATOR: Readonly<Record<string, KnownType>> = {
  ...{ '&': 'string', '+': 'number', '-': 'number', '*': 'number', '/': 'number', '%': 'number' },
  ...{ '=': 'boolean', '!=': 'boolean', '<': 'boolean', '<=': 'boolean', '>': 'boolean', '>=': 'boolean' },
  ...{ in: 'boolean', and: 'boolean', or: 'boolean' },
};

export function typeOf(node: Node): KnownType | undefined {
  if (node.predicate || node.group || node.keepArray) return undefined;
  switch (node.type) {
    case 'string':
    case 'number':
      return node.type;
    case 'value':
      return typeof node.value === 'boolean' ? 'boolean' : undefined;
    case 'binary':
      return BY_OPERATOR[String(node.value)];
    case 'unary':
      return node.value === '-' ? 'number' : node.value === '{' ? 'object' : undefined;
    case 'function':
      // A name may be bound to something else, but hardly one of these.
      return node.procedure?.type === 'variable' ? BY_FUNCTION.get(String(node.procedure.value)) : undefined;
    default:
      return undefined;
  }
}
