/** Business processes in PostgreSQL: whatever came in whatever batches, rows are what the pure fold says, and folding again changes none. */
import fc from 'fast-check';
import type pg from 'pg';
import { expect, it } from 'vitest';
import { objectivesOf, watchOf } from '../../tracker/deadlines/objective.ts';
import { countObjectives, readObjectives } from '../../tracker/deadlines/read.ts';
import type { ProcessPlan, SlaPlan } from '../../tracker/plan.ts';
import type { Fact } from '../../tracker/process/facts.ts';
import { foldTransaction } from '../../tracker/process/fold.ts';
import { invoice, KEY, lives, notice, order, PROCESS, receipt, response } from '../../tracker/process/life.ts';
import { Processes } from '../../tracker/process/processes.ts';
import { countTransactions, readExceptions, readTransactions } from '../../tracker/transactions.ts';
import { told, writer } from './documents.ts';
import { log, until, withDatabase } from './support.ts';

let database: pg.Pool;
withDatabase((opened) => {
  database = opened;
});

const settled = (namespace: string, processes: Processes) =>
  until('all folded', async () => {
    const { rowCount } = await database.query('select from touched where namespace = $1', [namespace]);
    return rowCount === 0 && processes.adopted;
  });
async function running(namespace: string, plan: ProcessPlan, work: () => Promise<void>, sla?: SlaPlan): Promise<void> {
  const processes = new Processes({ namespace, database, log });
  processes.use({ processes: [plan], ...(sla && { sla }) });
  try {
    await work();
    await settled(namespace, processes);
  } finally {
    await processes.stop();
  }
  expect(processes.trouble).toBeUndefined();
}
async function expectRows(namespace: string, facts: readonly Fact[]): Promise<void> {
  for (const key of [KEY, 'PO-2']) {
    const expected = foldTransaction(PROCESS, key, facts);
    const [transaction] = await readTransactions(database, namespace, key);
    const exceptions = await readExceptions(database, namespace, { key, closed: true });
    const { exceptions: wanted = [], ...rest } = expected ?? {};
    expect(transaction).toEqual(expected && { process: 'inbound', ...rest });
    const byId = (a: { id: string; openedAt: number }, b: { id: string; openedAt: number }) =>
      a.id < b.id ? -1 : a.id > b.id ? 1 : a.openedAt - b.openedAt;
    expect(exceptions.map(({ process: _, key: __, partners: ___, ...one }) => one).sort(byId)).toEqual(
      [...wanted].sort(byId),
    );
  }
}

const HOUR = 3_600_000;
const objective = { clock: 'Elapsed', calendar: 'Partner', severity: 'Warning', warnAt: 50 } as const;
/** Deadlines that passed long ago and such as are long ahead, for documents of 1970. */
const SLA: SlaPlan = {
  policies: [
    {
      name: 'response',
      generation: 1,
      process: 'inbound',
      objectives: [
        { ...objective, name: 'Confirmed', to: 'Confirmed', within: { from: 'Released', ms: 1 } },
        { ...objective, name: 'Received', to: 'Received', within: { from: 'Shipped', ms: 9e11 * 3 } },
        {
          ...objective,
          name: 'Expected',
          to: 'Shipped',
          before: { type: 'order.v1', field: '/expectedDelivery', byMs: HOUR },
        },
      ],
      notify: [],
    },
  ],
  calendars: {},
  partners: {},
};
async function expectObjectives(namespace: string, facts: readonly Fact[]): Promise<void> {
  const all = [];
  for (const key of [KEY, 'PO-2']) {
    const state = foldTransaction(PROCESS, key, facts);
    const wanted = state ? objectivesOf(watchOf(SLA), 'inbound', state, facts, Date.now()) : [];
    const found = await readObjectives(database, namespace, key);
    const byName = (a: { objective: string }, b: { objective: string }) => (a.objective < b.objective ? -1 : 1);
    expect(found.sort(byName)).toEqual(wanted.sort(byName));
    all.push(...wanted);
  }
  const counted = await countObjectives(database, namespace);
  const states = counted.flatMap(({ objective: name, counts }) =>
    Object.entries(counts).flatMap(([state, n]) => (n > 0 ? [`${name} ${state} ${n}`] : [])),
  );
  const wanted = Map.groupBy(all, ({ objective: name, state }) => `${name} ${state}`);
  expect(states.sort()).toEqual([...wanted].map(([name, own]) => `${name} ${own.length}`).sort());
}

let runs = 0;
it('rows are what the fold says of all documents, whatever came first', { timeout: 120_000 }, async () => {
  const shuffled = lives.chain((facts) => {
    const items = facts.flatMap((fact) => {
      const { entries, payload } = told(fact);
      return [...entries, payload];
    });
    return fc.tuple(fc.constant(facts), fc.shuffledSubarray(items, { minLength: items.length }));
  });
  await fc.assert(
    fc.asyncProperty(shuffled, async ([facts, items]) => {
      const namespace = `p${runs++}`;
      const write = writer(database, namespace);
      await running(
        namespace,
        PROCESS,
        async () => {
          for (const item of items) await write(item);
        },
        SLA,
      );
      await expectRows(namespace, facts);
      await expectObjectives(namespace, facts);
    }),
    { numRuns: 25 },
  );
});

it('a process that comes later, changes or goes is folded from what is there; the same again gives the same rows', async () => {
  const namespace = 'later';
  const facts = [
    order([40]),
    response(),
    notice('S', [[1, 40]]),
    receipt('S', [[1, 38, 2]]),
    invoice([[1, 40]], '2.60'),
  ];
  const write = writer(database, namespace);
  for (const fact of facts) {
    const { entries, payload } = told(fact);
    for (const item of [...entries, payload]) await write(item);
  }
  await running(namespace, PROCESS, async () => {});
  await expectRows(namespace, facts);
  const [first] = await countTransactions(database, namespace, 0);
  expect(first).toMatchObject({ process: 'inbound', open: 1, complete: 0, late: 0 });
  expect(first?.exceptions).toEqual({ Damaged: 1, Price: 1, InvoicedTooMuch: 1 });
  expect(first?.milestones[0]).toEqual({ name: 'Released', reached: 1 });
  const [overdue] = await countTransactions(database, namespace, Date.now());
  expect(overdue?.late).toBe(1);

  await database.query('delete from process_plans where namespace = $1', [namespace]);
  await running(namespace, PROCESS, async () => {});
  await expectRows(namespace, facts);

  const lenient: ProcessPlan = { ...PROCESS, generation: 2, matches: [], milestones: PROCESS.milestones.slice(0, 2) };
  await running(namespace, lenient, async () => {});
  expect(await readTransactions(database, namespace, KEY)).toMatchObject([{ state: 'Complete' }]);
  expect(await readExceptions(database, namespace, { closed: true })).toEqual([]);

  await running(namespace, { ...PROCESS, name: 'other' }, async () => {});
  expect((await readTransactions(database, namespace, KEY)).map(({ process }) => process)).toEqual(['other']);
});
