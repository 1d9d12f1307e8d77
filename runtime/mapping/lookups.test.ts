import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DocumentError } from '../errors.ts';
import { compileExpression } from './compile.ts';
import { ask, giveUp, had, type Row, type RowSource, withRows } from './lookups.ts';
import type { Table } from './mapping.ts';
import { keyOf, tableOf } from './tables.ts';

/** Fetches everything; counts how often. */
function far(rows: Row[]): Table & RowSource & { fetches: number } {
  const near = tableOf({ part: 'table', name: 'far', key: ['id'], rows });
  const table: Table & RowSource & { fetches: number } = {
    name: 'far',
    key: ['id'],
    fetches: 0,
    get: (parts) => {
      const known = had(table, keyOf(parts));
      return known ? known.row : ask(table, keyOf(parts));
    },
    find: () => [],
    async load(keys) {
      table.fetches += 1;
      return new Map(keys.map((key) => [key, near.get([key]) as Row | undefined]));
    },
  };
  return table;
}
const evaluate = (expression: string, table: Table, input: unknown = {}) =>
  withRows(() => compileExpression(expression, 'a test').evaluate(input, { tables: { far: table } }));

it('fetches all rows of one round at once, and those that depend on them in the next', async () => {
  const table = far(Array.from({ length: 100 }, (_, i) => ({ id: String(i), next: String(i + 1), value: i })));
  const all = { ids: Array.from({ length: 100 }, (_, i) => String(i)) };
  expect(await evaluate('$sum(ids.$reference("far", $).value)', table, all)).toBe(4950);
  expect(table.fetches).toBe(1);
  table.fetches = 0;
  expect(await evaluate('$reference("far", $reference("far", $reference("far", "7").next).next).value', table)).toBe(9);
  expect(table.fetches).toBe(3);
});

it('a row that is not there is missing, waits for its key, and has its default', async () => {
  const missing = evaluate('$reference("far", "x").value', far([]));
  await expect(missing).rejects.toMatchObject({
    class: 'ReferenceDataMissing',
    code: 'reference.missingRow',
    waitsFor: { table: 'far', key: 'x' },
  });
  expect(await evaluate('$reference("far", "x", {"value": 5}).value', far([]))).toBe(5);
});

it('what fails only because rows were not there yet does not fail', async () => {
  expect(await evaluate('$number($reference("far", "1").text) + 1', far([{ id: '1', text: '41' }]))).toBe(42);
});

it('a table that cannot be asked ends it with its own error', () => {
  const away = new Error('away');
  const table: Table = { name: 'far', key: ['id'], get: () => giveUp(away), find: () => [] };
  expect(() => evaluate('$reference("far", "1")', table)).toThrow(away);
});

it('look-ups without end, and where rows cannot be fetched, are errors', async () => {
  const endless = evaluate('$reference("far", $string($random()))', far([]));
  await expect(endless).rejects.toMatchObject({ code: 'reference.chain' });
  const expression = compileExpression('$reference("far", "1")', 'a test');
  expect(() => expression.evaluate({}, { tables: { far: far([]) } })).toThrow(DocumentError);
});

it('names the columns when a key has too few or too many values', () => {
  const two = tableOf({
    part: 'table',
    name: 'far',
    key: ['partner', 'sku'],
    rows: [{ partner: 'a', sku: '1', gtin: 'g' }],
  });
  expect(evaluate('$reference("far", ["a", "1"]).gtin', two)).toBe('g');
  expect(() => evaluate('$reference("far", "1").gtin', two)).toThrow(
    'ReferenceTable "far" has the key [partner, sku], but 1 value is asked: "1"',
  );
});

it('gives what a table in memory gives, whatever is asked', async () => {
  const rows = Array.from({ length: 5 }, (_, i) => ({ id: String(i), next: String((i * 3) % 5) }));
  const near = tableOf({ part: 'table', name: 'far', key: ['id'], rows });
  const asked = fc.array(fc.tuple(fc.constantFrom('0', '1', '2', '3', '4', '9'), fc.integer({ min: 0, max: 3 })));
  await fc.assert(
    fc.asyncProperty(asked, async (wishes) => {
      const parts = wishes.map(([id, hops]) => {
        let text = `"${id}"`;
        for (let hop = 0; hop < hops; hop++) text = `$reference("far", ${text}, {"next": "0"}).next`;
        return text;
      });
      const expression = `[${parts.join(', ')}]`;
      expect(await evaluate(expression, far(rows))).toEqual(await evaluate(expression, near));
    }),
  );
});

it('lets others have their turn after an evaluation that took long', async () => {
  const order: string[] = [];
  setImmediate(() => order.push('another'));
  expect(await withRows(() => 1)).toBe(1);
  order.push('short');
  await withRows(() => compileExpression('$sum([1..400000].($ * 2))', 'a test').evaluate({}, { tables: {} }));
  order.push('long');
  expect(order).toEqual(['short', 'another', 'long']);
});
