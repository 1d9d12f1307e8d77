import { expect, it } from 'vitest';
import { compileExpression, NO_CONTEXT } from '../compile.ts';
import { Coverage } from './coverage.ts';
import { INPUTS, ON_ORDER } from './testdata/expressions.ts';

const untaken = (source: string, ...inputs: unknown[]) => {
  const coverage = new Coverage();
  const expression = compileExpression(source, 'test', coverage);
  for (const input of inputs) expression.evaluate(input, NO_CONTEXT);
  return coverage.untaken().map(({ position, of, way }) => `${of} ${way} ${position}`);
};

it.each([
  ['a ? 1 : 2', [{ a: true }], ['? else 3']],
  ['a ? 1 : 2', [{ a: true }, { a: false }], []],
  ['a ? 1', [{ a: true }], ['? else 3']],
  ['a and b', [{ a: false }], ['and right side 5']],
  ['a or b', [{ a: false }], ['or left side alone 4']],
  ['a and b', [{ a: true }, {}], []],
  ['list[$ > 1]', [{ list: [2, 3] }], ['[…] left out 8']],
  ['list[$ > 1]', [{ list: [1] }], ['[…] kept 8']],
  ['list[[0, 1]]', [{ list: [1, 2, 3] }], []],
  ['list[0]', [{ list: [1] }], []],
  ['($f := function($x) { $x }; a ? $f(1))', [{}], ['function called 16', '? then 31']],
  ['a ? (b ? 1 : 2) : 3', [{ a: 0 }], ['? then 3', '? then 8', '? else 8']],
])('%s on %j: %j', (source, inputs, want) => expect(untaken(source, ...inputs)).toEqual(want));

it('counts once what is compiled twice, for other functions from outside', () => {
  const coverage = new Coverage();
  const expression = compileExpression('$sum(a) > 1 ? 1 : 2', 'test', coverage);
  expression.evaluate({ a: [1, 2] }, NO_CONTEXT);
  expression.evaluate({ a: [1, 2] }, { tables: {}, bindings: { sum: () => 0 } });
  expect(coverage.counts).toEqual([1, 1]);
});

it('changes no value', () => {
  for (const source of ON_ORDER) {
    const outcome = (coverage?: Coverage) => {
      try {
        const value = compileExpression(source, 'test', coverage).evaluate(structuredClone(INPUTS.order), NO_CONTEXT);
        return typeof value === 'function' ? 'a function' : JSON.stringify(value);
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    if (!/\$(?:random|shuffle|millis|now)/.test(source)) expect(outcome(new Coverage()), source).toEqual(outcome());
  }
});
