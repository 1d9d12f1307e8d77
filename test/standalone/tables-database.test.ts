/** Rows and reservations on a real PostgreSQL: order and repetition do not matter, and nobody takes what another has. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withRows } from '../../runtime/mapping/lookups.ts';
import { PlanCompiler } from '../../runtime/pipeline/compiled.ts';
import type { Plan, TablePlan } from '../../runtime/plan.ts';
import { expireReservations, refoldKeys } from '../../runtime/tables/changes.ts';
import { openDatabase } from '../../runtime/tables/database.ts';
import type { Arriving } from '../../runtime/tables/standing.ts';
import { openTables, type Tables } from '../../runtime/tables/tables.ts';
import { createLog } from '../../runtime/telemetry/log.ts';
import { crossdock } from '../support/command.ts';
import { testDatabase } from '../support/database.ts';
import { poll } from './tables-support.ts';

const table = (name: string, more: Partial<TablePlan['live']> = {}): TablePlan => ({
  part: 'table',
  name,
  key: ['order'],
  rows: [],
  live: {
    events: [
      { type: 'order.v1', keyExpression: 'number', expression: '{"open": quantity, "from": [$document.number]}' },
      {
        type: 'notice.v1',
        each: '/orders',
        keyExpression: 'order',
        expression:
          '$row ? $merge([$row, {"open": $row.open - quantity, "from": $append($row.from, $document.number)}])',
        reserve: 'OnValidated',
      },
    ],
    tables: {},
    reserveForMs: 60_000,
    whenStale: 'Refuse',
    queues: [`${name}:rows`],
    ...more,
  },
});
const compiled = (...plans: TablePlan[]) => {
  const plan: Plan = {
    index: {
      namespace: 'n',
      integrations: {},
      partners: {},
      holds: [],
      organization: { identifiers: [] },
      tables: Object.fromEntries(plans.map(({ name }) => [name, { hash: name, generation: 1 }])),
    },
    parts: Object.fromEntries(plans.map((one) => [one.name, one])),
  };
  return new Map(
    [...new PlanCompiler().compile(plan).tables].map(([name, outcome]) => {
      if (!outcome.ok) throw outcome.error;
      return [name, outcome.value];
    }),
  );
};

let database: Awaited<ReturnType<typeof testDatabase>>;
let tables: Tables;
const log = createLog('test');
log.silent = true;
const names = ['a', 'b', 'c', 'd'];
beforeAll(async () => {
  database = await testDatabase();
  tables = openTables({ url: database.url, namespace: 'n', log });
  tables.use(compiled(...names.map((name) => table(name)), table('short', { reserveForMs: 1 })), false);
  await poll(async () => tables.get('a')!.knowledge.heardAt !== undefined);
});
afterAll(async () => {
  await tables?.close();
  await database?.remove();
});

let drawn = 0;
const document = (type: string, body: object, more: Partial<Arriving> = {}): Arriving => ({
  id: `d${++drawn}`,
  type,
  origin: 'partner',
  source: 'acme',
  acceptedAt: drawn,
  epoch: 0,
  body,
  ...more,
});
const order = (number: string, quantity: number, more: Partial<Arriving> = {}) =>
  document('order.v1', { number, quantity }, more);
const notice = (number: string, orders: [string, number][], sequence = 1, cancels = false) =>
  document(
    'notice.v1',
    { number, orders: orders.map(([one, quantity]) => ({ order: one, quantity })) },
    { revision: { key: number, rank: String(sequence), cancels } },
  );
const rows = async (name: string): Promise<Record<string, unknown>> =>
  Object.fromEntries((await tables.list(name, undefined, '', 1_000)).map(({ key, row }) => [key, row]));
const open = async (name: string, key: string): Promise<unknown> =>
  (await withRows(() => tables.get(name)!.get([key]) as { open: number } | undefined))?.open;

it('gives the same rows for any order and repetition of documents, revisions and cancellations', async () => {
  const life = fc
    .array(
      fc.oneof(
        fc.record({ number: fc.constantFrom('P1', 'P2'), quantity: fc.integer({ min: 1, max: 50 }) }),
        fc.record({
          notice: fc.constantFrom('S1', 'S2', 'S3'),
          sequence: fc.integer({ min: 1, max: 3 }),
          cancels: fc.boolean(),
          orders: fc.array(fc.tuple(fc.constantFrom('P1', 'P2', 'P3'), fc.integer({ min: 1, max: 20 })), {
            maxLength: 2,
          }),
        }),
      ),
      { minLength: 1, maxLength: 7 },
    )
    .map((acts) =>
      acts.map((act) =>
        'number' in act
          ? order(act.number, act.quantity)
          : notice(act.notice, act.orders as [string, number][], act.sequence, act.cancels),
      ),
    );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      life.chain((documents) =>
        fc.tuple(
          fc.constant(documents),
          fc.shuffledSubarray([...documents, ...documents], { minLength: 2 * documents.length }),
          fc.integer({ min: 1, max: 4 }),
        ),
      ),
      async ([documents, shuffled, size]) => {
        // Each run has keys of its own.
        const own = (one: Arriving): Arriving =>
          JSON.parse(JSON.stringify(one).replaceAll(/"([PSd])(\d+)"/g, `"$1$2-${run}"`));
        run += 1;
        await tables.apply('a', documents.map(own));
        for (let i = 0; i < shuffled.length; i += size) await tables.apply('b', shuffled.slice(i, i + size).map(own));
        expect(await rows('b')).toEqual(await rows('a'));
      },
    ),
    { numRuns: 25 },
  );
});

it('a reservation leaves the rows that folding all of it again gives, whatever was reserved, accepted or moved before', async () => {
  const step = fc.record({
    id: fc.constantFrom('d1', 'd2', 'd3', 'd4'),
    thing: fc.constantFrom('S1', 'S1', 'S2'),
    sequence: fc.integer({ min: 1, max: 3 }),
    cancels: fc.constantFrom(false, false, true),
    orders: fc.array(fc.tuple(fc.constantFrom('P1', 'P2'), fc.integer({ min: 1, max: 20 })), { maxLength: 2 }),
    epoch: fc.integer({ min: 0, max: 2 }),
    by: fc.constantFrom('reserve', 'reserve', 'take', 'apply'),
  });
  const database_ = openDatabase({ url: database.url, namespace: 'n', log });
  const one = tables.get('b')!;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      run += 1;
      const [p1, p2] = [`P1-r${run}`, `P2-r${run}`];
      await tables.apply('b', [order(p1, 40, { id: `o1-r${run}` }), order(p2, 40, { id: `o2-r${run}` })]);
      for (const { id, thing, sequence, cancels, orders, epoch, by } of steps) {
        const named = orders.map(([key, quantity]): [string, number] => [key === 'P1' ? p1 : p2, quantity]);
        const arriving = { ...notice(`${thing}-r${run}`, named, sequence, cancels), id: `${id}-r${run}`, epoch };
        if (by === 'apply') await tables.apply('b', [arriving]);
        else await tables.reserve([one], arriving, by === 'take' ? 'Accepted' : 'Reserved', async () => {});
        expect(await refoldKeys(database_, one.folding, [p1, p2])).toEqual([]);
      }
    }),
    { numRuns: 150 },
  );
  await database_.close();
});

it('a revision replaces what its predecessor did, a cancellation takes it back, a later order sets anew', async () => {
  await tables.apply('c', [notice('S1', [['P1', 15]])]);
  expect(await open('c', 'P1')).toBe(undefined);
  await tables.apply('c', [order('P1', 40)]);
  expect(await open('c', 'P1')).toBe(25);
  await tables.apply('c', [notice('S1', [['P1', 5]], 3)]);
  expect(await open('c', 'P1')).toBe(35);
  await tables.apply('c', [notice('S1', [['P1', 30]], 2)]);
  expect(await open('c', 'P1')).toBe(35);
  await tables.apply('c', [notice('S1', [], 4)]);
  expect(await open('c', 'P1')).toBe(40);
  await tables.apply('c', [notice('S2', [['P1', 1]]), notice('S2', [['P1', 1]], 2, true)]);
  expect(await open('c', 'P1')).toBe(40);
});

/** As the rules of a notice would. */
const reserve = (one: Arriving, as: 'Reserved' | 'Accepted' = 'Reserved', name = 'd') => {
  const live = tables.get(name)!;
  return tables.reserve([live], one, as, async (seen) => {
    const { orders } = one.body as { orders: { order: string; quantity: number }[] };
    for (const { order: key, quantity } of orders) {
      const row = await withRows(() => live.get([key]), seen as never);
      const left = (row as { open: number } | undefined)?.open ?? 0;
      if (quantity > left) throw new Error(`exceeds by ${quantity - left}`);
    }
  });
};

it('of many who want the last pieces at once, no more get them than there are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 12 }),
      async (quantity, wishes) => {
        const key = `P-${++drawn}`;
        await tables.apply('d', [order(key, quantity)]);
        const wanted = wishes.map((wish, i) => notice(`${key}/${i}`, [[key, wish]]));
        const outcomes = await Promise.allSettled(wanted.map((one) => reserve(one)));
        const given = wishes.filter((_, i) => outcomes[i]!.status === 'fulfilled').reduce((a, b) => a + b, 0);
        expect(given).toBeLessThanOrEqual(quantity);
        expect(await open('d', key)).toBe(quantity - given);
        // Who was refused wanted more than is left in the end.
        for (const [i, wish] of wishes.entries())
          if (outcomes[i]!.status === 'rejected') expect(wish).toBeGreaterThan(quantity - given);
        // The pipeline brings what was accepted, twice: it counts once.
        const accepted = wanted.filter((_, i) => outcomes[i]!.status === 'fulfilled');
        await tables.apply('d', accepted);
        await tables.apply('d', accepted);
        expect(await open('d', key)).toBe(quantity - given);
      },
    ),
    { numRuns: 15 },
  );
});

it('a retry reserves once, a revision has back what it had, a released or expired reservation is nobody’s', async () => {
  await tables.apply('d', [order('Q1', 40)]);
  const first = notice('T1', [['Q1', 40]]);
  await reserve(first);
  await reserve(first);
  expect(await open('d', 'Q1')).toBe(0);
  await expect(reserve(notice('T2', [['Q1', 1]]))).rejects.toThrow('exceeds by 1');
  const second = notice('T1', [['Q1', 30]], 2);
  await reserve(second);
  expect(await open('d', 'Q1')).toBe(10);
  await tables.release([{ ...second, receivedAt: 0, keys: {} } as never]);
  expect(await open('d', 'Q1')).toBe(0);
  await reserve(first, 'Accepted');
  await tables.release([{ ...first, receivedAt: 0, keys: {} } as never]);
  expect(await open('d', 'Q1')).toBe(0);

  await tables.apply('short', [order('Q2', 5)]);
  await reserve(notice('T3', [['Q2', 5]]), 'Reserved', 'short');
  const own = openDatabase({ url: database.url, namespace: 'n', log });
  await poll(async () => (await expireReservations(own, tables.get('short')!.folding)).length > 0);
  await own.close();
  tables.get('short')!.forget();
  expect(await open('short', 'Q2')).toBe(5);
});

it('another pod hears of changed rows', async () => {
  const other = openTables({ url: database.url, namespace: 'n', log });
  try {
    other.use(compiled(...names.map((name) => table(name))), false);
    await poll(async () => other.get('c')!.knowledge.heardAt !== undefined);
    const seen = async () => (await withRows(() => other.get('c')!.get(['R1']) as { open: number } | undefined))?.open;
    await tables.apply('c', [order('R1', 7)]);
    expect(await seen()).toBe(7);
    await tables.apply('c', [notice('U1', [['R1', 2]])]);
    // Far below the time after which rows are asked for again anyway.
    await poll(async () => (await seen()) === 5, 3_000);
  } finally {
    await other.close();
  }
});

it('names event and key where an expression or a key is wrong', async () => {
  const odd = table('odd', {
    events: [
      { type: 'order.v1', keyExpression: '[number, quantity]', expression: '{}' },
      { type: 'notice.v1', keyExpression: 'number', expression: '"text"' },
    ],
  });
  tables.use(compiled(...names.map((name) => table(name)), odd), false);
  await expect(tables.apply('odd', [order('P1', 1)])).rejects.toThrow(
    'ReferenceTable "odd", keyExpression of order.v1: gave 2 values (["P1",1]), but the key has 1: order',
  );
  await expect(tables.apply('odd', [notice('S1', [])])).rejects.toThrow(
    'ReferenceTable "odd", spec.events[1].expression: gave "text" for row S1, where an object is needed',
  );
});

it('crossdock tables tells of rows, reservations and the documents behind them', async () => {
  await tables.apply('d', [order('PO-7', 40, { id: 'order-7' })]);
  await tables.reserve(
    [tables.get('d')!],
    { ...notice('S7', [['PO-7', 15]]), id: 'notice-7' },
    'Reserved',
    async () => {},
  );
  await tables.mark('d', Date.now());
  const ask = async (...args: string[]) => crossdock(['tables', ...args, '--database', database.url, '-n', 'n']);
  const list = await ask('list', '-o', 'json');
  expect(JSON.parse(list.out).find(({ name }: { name: string }) => name === 'd')).toMatchObject({ reserved: 1 });
  expect((await ask('list')).out).toMatch(/^d {2}\d+ rows?, 1 reservation$/m);
  const row = await ask('rows', 'd', 'PO-7');
  expect(row.out).toBe(
    'PO-7  {"order":"PO-7","open":25,"from":["PO-7","S7"]}\n  notice.v1 from acme, document notice-7 (reserved)\n  order.v1 from acme, document order-7\n',
  );
  expect(JSON.parse((await ask('rows', 'd', 'PO-7', '-o', 'json')).out)).toEqual({
    rows: [{ order: 'PO-7', open: 25, from: ['PO-7', 'S7'] }],
    documents: [
      { document: 'notice-7', type: 'notice.v1', source: 'acme', reserved: true },
      { document: 'order-7', type: 'order.v1', source: 'acme', reserved: false },
    ],
  });
  expect(await ask('rows', 'd', 'PO-8')).toMatchObject({ code: 1, error: 'error  d has no row PO-8\n' });
  expect(await ask('rows', 'd', '--limit', 'x')).toMatchObject({
    code: 1,
    error: 'error  --limit x: a whole number above 0 is expected\n',
  });
});
