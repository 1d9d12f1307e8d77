import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fact } from './facts.ts';
import { foldTransaction, type TransactionState } from './fold.ts';
import { change, fact, invoice, KEY, lives, notice, order, PROCESS, receipt, response, returned } from './life.ts';

const fold = (...facts: Fact[]): TransactionState => foldTransaction(PROCESS, KEY, facts)!;
const reached = (state: TransactionState): string[] =>
  state.milestones.filter((milestone) => milestone.state === 'Reached').map(({ name }) => name);
const open = ({ exceptions }: TransactionState): string[] =>
  exceptions
    .filter(({ closedAt }) => closedAt === undefined)
    .map(({ id, expected, actual, money }) => `${id} ${expected} ${actual} ${money ?? '-'}`);

const shuffled = (facts: Fact[]) =>
  fc.tuple(
    fc.constant(facts),
    fc.array(fc.nat(), { minLength: facts.length, maxLength: facts.length }),
    fc.array(fc.nat({ max: facts.length - 1 }), { maxLength: 5 }),
  );
const permuted = <T>(items: readonly T[], by: readonly number[]): T[] =>
  items
    .map((item, i) => ({ item, rank: by[i]! }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
const withoutTimes = (state: TransactionState) => ({
  ...state,
  openedAt: 0,
  changedAt: 0,
  milestones: state.milestones.map(({ at: _, ...rest }) => rest),
  exceptions: open(state).sort(),
});

test('any order, with any repetition, ends in the same state', () => {
  fc.assert(
    fc.property(lives.chain(shuffled), ([facts, by, again]) => {
      const other = permuted([...facts, ...again.map((i) => facts[i]!)], [...by, ...again]);
      expect(fold(...other)).toEqual(fold(...facts));
    }),
    { numRuns: 150 },
  );
});

test('in whatever order documents arrive, also twice under another identity, the state is the same but for its times', () => {
  fc.assert(
    fc.property(lives.chain(shuffled), ([facts, by, again]) => {
      const times = permuted(
        facts.map(({ at }) => at),
        by,
      );
      const others = facts.map((one, i) => ({ ...one, at: times[i]! }));
      const twice = again.map((i, n) => ({ ...others[i]!, id: `again-${n}`, at: 1_000_000 + n }));
      expect(withoutTimes(fold(...others, ...twice))).toEqual(withoutTimes(fold(...facts)));
    }),
    { numRuns: 150 },
  );
});

test('an order without trouble reaches everything, at the times of its documents', () => {
  const [po, yes, asn, grn, bill] = [
    order([40]),
    response(),
    notice('S', [[1, 40]]),
    receipt('S', [[1, 40, 0]]),
    invoice([[1, 40]]),
  ];
  const state = fold(bill, grn, asn, yes, po);
  expect(state.state).toBe('Complete');
  expect(state.milestones.map(({ name, at }) => [name, at])).toEqual([
    ['Released', po.at],
    ['Confirmed', yes.at],
    ['Shipped', asn.at],
    ['Visible', asn.accounts[0]!.at],
    ['Received', grn.at],
    ['Invoiced', bill.at],
    ['Matched', bill.at],
  ]);
  expect(state.exceptions).toEqual([]);
  expect(state.lines[0]).toMatchObject({
    ordered: '40',
    quantities: { 'notice.v1': { quantity: '40' }, 'receipt.v1': { quantity: '40' }, 'invoice.v1': { quantity: '40' } },
  });
});

test('split shipments add up; what replaces, cancels or moves away a notice takes it out', () => {
  const po = order([40, 10]);
  const first = notice('S-1', [[1, 30]], '9');
  expect(reached(fold(po, first))).toEqual(['Released', 'Visible']);
  const second = notice('S-2', [
    [1, 10],
    [2, 10],
  ]);
  expect(reached(fold(po, first, second))).toContain('Shipped');
  expect(reached(fold(po, notice('S-1', [[1, 29]], '10', 'Replace'), first, second))).not.toContain('Shipped');
  expect(reached(fold(po, first, second, notice('S-2', [], '2', 'Cancel')))).not.toContain('Shipped');
  const moved = notice('S-2', [[1, 10]], '2', 'Replace', 'PO-2');
  expect(reached(fold(po, first, second, moved))).not.toContain('Shipped');
});

test('a changed order asks for other quantities, whenever the change comes; a line of none is not wanted', () => {
  const [po, asn] = [order([40, 10]), notice('S-1', [[1, 36]])];
  const [less, none] = [change(1, 36, '2'), change(2, 0, '10')];
  expect(reached(fold(none, asn, less, po))).toContain('Shipped');
  expect(reached(fold(po, asn, less, none, change(1, 37, '3')))).not.toContain('Shipped');
  expect(fold(po, order([40, 10], '2', 'Cancel'), asn)).toMatchObject({ state: 'Cancelled', exceptions: [] });
});

test('a return takes a milestone back', () => {
  const facts = [order([40]), receipt('S', [[1, 40, 0]])];
  expect(reached(fold(...facts))).toContain('Received');
  const state = fold(...facts, returned([[1, 5]]));
  expect(reached(state)).not.toContain('Received');
  expect(state.lines[0]?.quantities['receipt.v1']).toEqual({ quantity: '35' });
});

test('a delivery that waits, or failed, holds its milestone', () => {
  const po = order([40]);
  const asn = notice('S-1', [[1, 40]]);
  const parked = { ...notice('S-2', [[1, 1]]), accounts: [{ destination: 'notice/wms', state: 'Parked', at: 1 }] };
  expect(fold(po, asn, parked).milestones[3]).toEqual({ name: 'Visible', state: 'Partly', done: 1, of: 2 });
  expect(fold(po, parked).milestones[3]).toMatchObject({ state: 'Open' });
});

test('damage, short and excess quantities, prices and currencies are exceptions with what they cost, within tolerances', () => {
  const po = order([40, 10]);
  const arrived = receipt('S', [
    [1, 38, 2],
    [2, 10, 0],
  ]);
  expect(open(fold(po, arrived))).toEqual(['three-way/Damaged/1 0 2 5']);
  const bill = (lines: [number, number][], price?: string, currency?: string) =>
    open(
      fold(
        po,
        receipt('S', [
          [1, 40, 0],
          [2, 10, 0],
        ]),
        invoice(lines, price, currency),
      ),
    );
  expect(bill([[1, 42]])).toEqual([]);
  expect(bill([[1, 43]])).toEqual(['three-way/InvoicedTooMuch/1 40 43 7.5']);
  expect(bill([[1, 39]])).toEqual(['three-way/InvoicedTooLittle/1 40 39 2.5']);
  expect(bill([[1, 40]], '2.525')).toEqual([]);
  expect(bill([[1, 40]], '2.53')).toEqual(['three-way/Price/1 2.5 2.53 1.2']);
  expect(bill([[1, 40]], '2.50', 'USD')).toEqual(['three-way/Currency/1 EUR USD 100']);
  expect(bill([[7, 3]])).toEqual(['three-way/NotOrdered/7/invoiced 0 3 7.5']);
  const short = fold(po, notice('S', [[1, 40]]), receipt('S', [[1, 36, 0]]), notice('S-2', [[2, 10]]));
  expect(open(short)).toEqual(['arrival/ReceivedTooLittle/1/S 40 36 10']);
});

test('an exception closes by itself when its cause goes, and its time counts from when it came', () => {
  const facts = [order([40]), receipt('S-1', [[1, 20, 0]]), invoice([[1, 40]]), receipt('S-2', [[1, 20, 0]])];
  const [exception, ...others] = fold(...facts).exceptions;
  expect(others).toEqual([]);
  expect(exception).toMatchObject({
    id: 'three-way/InvoicedTooMuch/1',
    openedAt: facts[2]!.at,
    closedAt: facts[3]!.at,
    dueAt: facts[2]!.at + 8 * 3_600_000,
  });
  expect(reached(fold(...facts))).toContain('Matched');
});

test('units are converted by the table, exactly; others are said', () => {
  const cases = (unit: string) =>
    fact('receipt.v1', {
      shipmentNumber: 'S',
      lines: [{ orderNumber: KEY, orderLine: 1, gtin: 'item-1', accepted: '2.5', unit }],
    });
  expect(fold(order([30]), cases('CA')).lines[0]?.quantities['receipt.v1']).toEqual({ quantity: '30' });
  const foreign = fold(order([30]), cases('PK'));
  expect(open(foreign)).toContain('three-way/Unit/1/received EA PK -');
  expect(foreign.problems.join()).toContain('nothing says how PK become EA');
});

test('what names items only fills the lines of the item in their order', () => {
  const lines = [1, 2].map((orderLine) => ({ orderLine, quantity: 10, gtin: 'same', unit: 'EA', price: '1' }));
  const po = fact('order.v1', { orderNumber: KEY, currency: 'EUR', lines });
  const bill = fact('invoice.v1', {
    orderNumber: KEY,
    lines: [{ gtin: 'same', quantity: 15, unit: 'EA', price: '1' }],
  });
  expect(fold(po, bill).lines.map(({ quantities }) => quantities['invoice.v1'])).toEqual([
    { quantity: '10' },
    { quantity: '5' },
  ]);
});

test('documents without content, order or readable quantity are said, and nothing is guessed', () => {
  const asn = notice('S', [[1, 40]]);
  expect(fold(asn)).toMatchObject({ state: 'Open', lines: [], exceptions: [] });
  expect(fold(order([40]), { ...asn, body: undefined }).problems.join()).toContain('not in the archive');
  const odd = fact('invoice.v1', { orderNumber: KEY, lines: [{ orderLine: 1, quantity: '4O', price: '2.5' }] });
  expect(fold(order([40]), odd).problems.join()).toContain('quantity is "4O", not a number');
  expect(foldTransaction(PROCESS, 'PO-9', [asn])).toBeUndefined();
});

test('an edited document takes the place of the one that it was made of, in any order, with and without revisions', () => {
  const wrong = notice('S-1', [[1, 13]]);
  const edit = (quantity: number, edits: Fact) => ({ ...notice('S-1', [[1, quantity]]), edits: edits.id });
  const plain = receipt('S-1', [[1, 7, 0]]);
  const again: Fact = { ...receipt('S-1', [[1, 10, 0]]), edits: plain.id };
  const facts = [order([10]), response(), wrong, edit(12, wrong), edit(10, wrong), plain, again];
  const expected = fold(order([10]), response(), notice('S-1', [[1, 10]]), receipt('S-1', [[1, 10, 0]]));
  expect(withoutTimes(fold(...facts))).toEqual(withoutTimes(expected));
  fc.assert(
    fc.property(shuffled(facts), ([all, by]) => {
      expect(fold(...permuted(all, by))).toEqual(fold(...facts));
    }),
    { numRuns: 50 },
  );
  const moved: Fact = { ...notice('S-1', [[1, 13]], '1', 'Create', 'PO-2'), keys: ['PO-2'], edits: wrong.id };
  expect(reached(fold(order([10]), wrong))).toContain('Shipped');
  expect(reached(fold(order([10]), wrong, moved))).not.toContain('Shipped');
});

test('of what is promised the last word counts, line by line, in any order', () => {
  const confirming = {
    ...PROCESS,
    documents: [...PROCESS.documents, { ...PROCESS.documents[0]!, type: 'response.v1', role: 'Confirmation' as const }],
  };
  const promise = (...lines: [number, number][]) =>
    fact('response.v1', { orderNumber: KEY, lines: lines.map(([orderLine, quantity]) => ({ orderLine, quantity })) });
  const facts = [order([40, 10]), promise([1, 40], [2, 10]), promise([1, 30]), promise([1, 20], [1, 15])];
  const quantities = (known: Fact[]) =>
    foldTransaction(confirming, KEY, known)!.lines.map((line) => line.quantities['response.v1']?.quantity);
  expect(quantities(facts.slice(0, 1))).toEqual([undefined, undefined]);
  expect(quantities(facts.slice(0, 2))).toEqual(['40', '10']);
  expect(quantities(facts.slice(0, 3))).toEqual(['30', '10']);
  // Two parts of one line are one word.
  expect(quantities(facts)).toEqual(['35', '10']);
  expect(quantities([...facts].reverse())).toEqual(['35', '10']);
});
