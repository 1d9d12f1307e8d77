/** Functions of ours, beside JSONata's own; each is written down, with examples, in ../README.md. */
import { parse } from '../jsonata/ast.ts';
import type { FunctionValue } from '../jsonata/functions.ts';
import { DECIMAL } from './decimal.ts';
import type { Definition } from './definition.ts';
import { GS1 } from './gs1.ts';
import { REFERENCE } from './reference.ts';
import { UNIT } from './units.ts';
import { UUIDS } from './uuid.ts';

/** By name, as the library takes them. */
export const DEFINITIONS: Readonly<Record<string, Definition>> = {
  ...REFERENCE,
  ...DECIMAL,
  ...GS1,
  ...UNIT,
  ...UUIDS,
};

/** By name, as compiled expressions take them. */
export const FUNCTIONS: ReadonlyMap<string, FunctionValue> = new Map(
  Object.entries(DEFINITIONS).map(([name, { run, signature }]) => {
    const called = (args: unknown[]) => (run as (...args: unknown[]) => unknown)(...args);
    return [
      name,
      Object.assign(called as unknown as FunctionValue, {
        kind: 'native' as const,
        arity: run.length,
        parameters: Math.max(run.length, 2),
        signature: signature ? signatureOf(signature) : undefined,
      }),
    ];
  }),
);

function signatureOf(text: string): FunctionValue['signature'] {
  return parse(`function($a, $b, $c, $d)${text}{1}`).signature;
}
