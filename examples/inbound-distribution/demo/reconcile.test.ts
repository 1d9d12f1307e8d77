import { describe, expect, it } from 'vitest';
import type { Line } from '../simulators/ledger.ts';
import { type AccountRow, reconcile, type State } from './reconcile.ts';

let at = 0;
const sent = (type: Line['type'], key: string, more: Partial<Line> = {}): Line =>
  ({ kind: 'Sent', at: at++, system: 'sender', type, key, orders: ['PO-1'], expect: 'Effect', ...more }) as Line;
const taken = (type: Line['type'], key: string, idempotencyKey: string, more: Partial<Line> = {}): Line =>
  ({ kind: 'Effect', at: at++, system: 'receiver', type, key, orders: ['PO-1'], idempotencyKey, ...more }) as Line;
const row = (document: string, type: string, state: State, more: Partial<AccountRow> = {}): AccountRow => ({
  document,
  type: `${type}.v1`,
  source: 'someone',
  destination: `${type}/somewhere`,
  state,
  keys: {},
  ...more,
});

const order = {
  lines: [sent('purchase-order', 'PO-1'), taken('purchase-order', 'PO-1', 'k1')],
  rows: [row('d1', 'purchase-order', 'Delivered', { keys: { purchaseOrder: ['PO-1'] } })],
};
const notice = (state: State, document = 'd2', more: Partial<AccountRow> = {}): AccountRow =>
  row(document, 'ship-notice', state, { keys: { shipment: ['S-1'] }, ...more });
const judge = (rows: AccountRow[], lines: Line[]) => reconcile([...order.rows, ...rows], [...order.lines, ...lines], 1);

describe('reconcile', () => {
  it('agrees when every document has one effect', () => {
    const { mismatches, doubled, lost, types } = judge([], []);
    expect(mismatches).toEqual([]);
    expect([doubled, lost]).toEqual([0, 0]);
    expect(types.find(({ type }) => type === 'purchase-order')).toEqual({
      type: 'purchase-order',
      accounts: {
        accepted: 1,
        delivered: 1,
        rejected: 0,
        deadLettered: 0,
        parked: 0,
        superseded: 0,
        duplicate: 0,
        inFlight: 0,
      },
      ledgers: { sent: 1, effects: 1, refused: 0, doubled: 0, lost: 0 },
    });
  });

  it('finds a doubled effect that the accounts do not know of', () => {
    const { mismatches, doubled } = judge([], [taken('purchase-order', 'PO-1', 'k2')]);
    expect(doubled).toBe(1);
    expect(mismatches).toContain('purchase-order PO-1: 2 effects for 1 document(s): doubled');
  });

  it('a repeated key that was answered from memory is no effect', () => {
    expect(judge([], [taken('purchase-order', 'PO-1', 'k1', { kind: 'Repeat' })]).mismatches).toEqual([]);
  });

  it('finds a lost document, whether or not the accounts claim that it was delivered', () => {
    const lines = [sent('ship-notice', 'S-1@t1')];
    for (const rows of [[], [notice('Delivered')]]) {
      const { mismatches, lost } = judge(rows, lines);
      expect(lost).toBe(1);
      expect(mismatches).toContain('ship-notice S-1: 1 sent, 0 took effect, 0 refused: lost 1');
    }
  });

  it('finds an effect that nobody sent', () => {
    const { mismatches, doubled } = judge([notice('Delivered')], [taken('ship-notice', 'S-1@t1', 'k3')]);
    expect(doubled).toBe(1);
    expect(mismatches).toHaveLength(1);
  });

  it('finds what is still in flight', () => {
    const lines = [sent('ship-notice', 'S-1@t1'), taken('ship-notice', 'S-1@t1', 'k3')];
    expect(judge([notice('InFlight')], lines).mismatches).toContain('ship-notice S-1: 1 in flight in the accounts');
  });

  it('knows duplicates and revisions', () => {
    const lines = [
      sent('ship-notice', 'S-1@t2'),
      sent('ship-notice', 'S-1@t2', { expect: 'Duplicate' }),
      sent('ship-notice', 'S-1@t1', { expect: 'Superseded' }),
      taken('ship-notice', 'S-1@t2', 'k3'),
    ];
    const ends = [notice('Delivered'), notice('Duplicate', 'd3'), notice('Superseded', 'd4')];
    expect(judge(ends, lines).mismatches).toEqual([]);
    // The superseded revision must not take effect, although one effect of the shipment is expected.
    const overtaken = [...lines.slice(0, 3), taken('ship-notice', 'S-1@t1', 'k3')];
    expect(judge(ends, overtaken).doubled).toBe(1);
  });

  it('a receipt posted twice has one effect, and each of its two answers comes back', () => {
    const lines = [
      sent('receipt', 'R-1'),
      sent('receipt', 'R-1'),
      taken('receipt', 'R-1', 'a'),
      taken('receipt', 'R-1', 'b', { kind: 'Already' }),
      taken('goods-receipt-posted', 'R-1', 'c'),
      taken('goods-receipt-posted', 'R-1', 'd'),
    ];
    const rows = ['receipt', 'goods-receipt-posted'].flatMap((type) =>
      ['1', '2'].map((n) => row(`${type}${n}`, type, 'Delivered', { keys: { receipt: ['R-1'] } })),
    );
    expect(judge(rows, lines).mismatches).toEqual([]);
    expect(judge(rows, lines.slice(0, 5)).lost).toBe(1);
  });

  it('a refusal for good is parked; a refusal for now is followed by an effect', () => {
    const refusal = (note: string): Line => taken('receipt', 'R-1', 'a', { kind: 'Refused', note });
    const parked = [row('r', 'receipt', 'Parked', { keys: { receipt: ['R-1'] } })];
    expect(judge(parked, [sent('receipt', 'R-1'), refusal('UNKNOWN_ITEM')]).mismatches).toEqual([]);
    expect(judge(parked, [sent('receipt', 'R-1'), refusal('PERIOD_CLOSED')]).lost).toBe(1);
  });

  it('counts refusals while the sender waits, broken files once each, and what waits for data', () => {
    const lines = [
      sent('ship-notice', 'S-2@t', { expect: 'Rejected' }),
      sent('ship-notice', 'S-3@t', { expect: 'DeadLetter' }),
      sent('ship-notice', 'S-4@t', { expect: 'Held' }),
    ];
    const rejected = notice('Rejected', 'x', { destination: '', keys: {} });
    const broken = (document: string) =>
      notice('DeadLettered', document, {
        type: '',
        destination: '',
        keys: {},
        causation: 'file',
        errorClass: 'DecodeFailed',
      });
    const waiting = notice('Parked', 'w', { destination: '', keys: {}, errorClass: 'ReferenceDataMissing' });
    expect(judge([rejected, broken('y'), broken('z'), waiting], lines).mismatches).toEqual([]);
    expect(judge([broken('y'), waiting], lines).mismatches).toHaveLength(1);
    expect(judge([rejected, waiting], lines).mismatches).toHaveLength(1);
    expect(judge([rejected, broken('y')], lines).mismatches).toHaveLength(1);
  });

  it('a conflict that a system saw is a mismatch', () => {
    const conflict = taken('invoice', 'I-1', 'k9', { kind: 'Conflict', note: 'KEY_REUSED_WITH_ANOTHER_BODY' });
    expect(judge([], [conflict]).mismatches).toContain('receiver: invoice I-1: KEY_REUSED_WITH_ANOTHER_BODY');
  });
});
