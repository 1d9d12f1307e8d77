import { expect, test } from 'vitest';
import type { Line } from '../simulators/ledger.ts';
import { checkDecisions, decisionsOf } from './decide.ts';

const exception = (key: string, line = '1', kind = 'Damaged') => ({
  ...{ process: 'inbound', id: `three-way/${kind}/${line}`, key, line, kind },
});
const did = (key: string): Line => ({
  ...{ kind: 'Effect', type: 'settlement', system: 'erp', at: 1, key, orders: [], idempotencyKey: key },
});

test('the first order with nothing but broken pieces is charged for, the second is paid', () => {
  const exceptions = [
    exception('PO-1'),
    exception('PO-1', '2'),
    exception('PO-2'),
    exception('PO-3'),
    exception('PO-4'),
  ];
  expect(decisionsOf({ exceptions }).map(({ key, resolution }) => `${resolution} ${key}`)).toEqual([
    'DebitNote PO-2',
    'ReleaseInvoice PO-3',
  ]);
});

test('a decision is carried out once, closed, and its order matched; else it is said what is wrong', () => {
  const decisions = decisionsOf({ exceptions: [exception('PO-2')] });
  const done = [did('debit-notes PO-2/1')];
  const matched = [{ key: 'PO-2', reached: ['Matched'] }];
  const check = (lines: readonly Line[], open: string[] = [], transactions = matched) =>
    checkDecisions(decisions, lines, { exceptions: open.map((key) => exception(key)), transactions });
  expect(check(done)).toEqual([]);
  expect(check([])).toEqual(['DebitNote of PO-2: the ERP did it 0 times']);
  expect(check([...done, ...done])).toEqual(['DebitNote of PO-2: the ERP did it 2 times']);
  expect(check([did('invoice-releases PO-2/1')])).toEqual(['DebitNote of PO-2: the ERP did it 0 times']);
  expect(check(done, ['PO-2'])).toEqual(['DebitNote of PO-2: still open']);
  expect(check(done, [], [])).toEqual(['DebitNote of PO-2: the order does not count as matched']);
});
