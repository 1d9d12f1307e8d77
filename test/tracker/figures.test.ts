/** Scorecards and measures: what is kept beside the transactions is what computing it from all rows gives. */
import fc from 'fast-check';
import type pg from 'pg';
import { expect, it } from 'vitest';
import { recordFact } from '../../tracker/acts/facts.ts';
import type { MeasureRow } from '../../tracker/api/contract.ts';
import { Deadlines } from '../../tracker/deadlines/deadlines.ts';
import { sumWeeks } from '../../tracker/figures/weeks.ts';
import type { SlaPlan, TrackerPlan } from '../../tracker/plan.ts';
import type { Fact } from '../../tracker/process/facts.ts';
import { invoice, lives, notice, order, PROCESS, receipt, response } from '../../tracker/process/life.ts';
import { Processes } from '../../tracker/process/processes.ts';
import { dayOf, mondayOf, readMeasures } from '../../tracker/queries/measures.ts';
import { readScorecards, readWeeks } from '../../tracker/queries/partners.ts';
import { writeAll } from './documents.ts';
import { log, until, withDatabase } from './support.ts';

let database: pg.Pool;
withDatabase((opened) => {
  database = opened;
});

const DAY = 86_400_000;
const now = Date.now();
const posted = { name: 'Posted', scope: 'Order', completeBy: 'Document', document: { type: 'return.v1' } } as const;
const PLAN = { ...PROCESS, milestones: [...PROCESS.milestones, { ...posted, after: [] }] };
/** Days that are long over for what is old, and are not for what is new. */
const SLA: SlaPlan = {
  policies: [
    {
      name: 'response',
      generation: 1,
      process: 'inbound',
      objectives: [
        {
          ...{ name: 'Confirmed', clock: 'Elapsed', calendar: 'Partner', severity: 'Warning', warnAt: 50 },
          ...{ to: 'Confirmed', within: { from: 'Released', ms: 30 * DAY } },
        },
      ],
      notify: [],
    },
  ],
  calendars: {},
  partners: {},
};
const ALL: TrackerPlan = { processes: [PLAN], sla: SLA };

/** A life of another order, with another partner, that begins at another time. */
const moved = (facts: readonly Fact[], key: string, partner: string, at: number): Fact[] =>
  facts.map((one) => ({
    ...one,
    id: `${key} ${one.id}`,
    at: at + (one.at - facts[0]!.at) * 3_600_000,
    source: one.source.replace('partner/acme', `partner/${partner}`),
    keys: one.keys.map((each) => each.replace('PO-', `${key}-`)),
    body: JSON.parse(JSON.stringify(one.body).replaceAll('PO-', `${key}-`)),
    bodyHash: `${key} ${one.bodyHash}`,
    ...(one.revision && { revision: { ...one.revision, key: `${key} ${one.revision.key}` } }),
    accounts: one.accounts.map((account) => ({ ...account, at })),
  }));

async function folding<T>(namespace: string, plan: TrackerPlan, work: () => Promise<T>): Promise<T> {
  const processes = new Processes({ namespace, database, log });
  processes.use(plan);
  try {
    const result = await work();
    await until('all folded, with figures', async () => {
      const { rowCount } = await database.query('select from touched where namespace = $1', [namespace]);
      return rowCount === 0 && processes.adopted && processes.complete;
    });
    return result;
  } finally {
    await processes.stop();
    expect(processes.trouble).toBeUndefined();
  }
}

const quantile = (values: number[], q: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (high - low) * (at - Math.floor(at));
};
interface Whole {
  key: string;
  state: string;
  opened: number;
  partners: string[];
  milestones: { name: string; state: string; at?: number }[];
  exceptions: { match: string; closed: boolean }[];
  objectives: { state: string; partner: string; started: number }[];
  touches: number;
}
/** Everything that figures follow from, row by row. */
async function wholes(namespace: string): Promise<Whole[]> {
  const { rows } = await database.query<Whole>(
    `select key, state, opened_at::float8 as opened, body->'partners' as partners, body->'milestones' as milestones,
       (select coalesce(jsonb_agg(jsonb_build_object('match', match, 'closed', closed_at is not null)), '[]') from exceptions e
        where e.namespace = t.namespace and e.key = t.key) as exceptions,
       (select coalesce(jsonb_agg(jsonb_build_object('state', state, 'partner', partner, 'started', started_at)), '[]') from objectives o
        where o.namespace = t.namespace and o.key = t.key) as objectives,
       (select count(*)::int from facts_by_hand f where f.namespace = t.namespace and f.key = t.key) as touches
     from transactions t where namespace = $1`,
    [namespace],
  );
  return rows;
}
const JUDGED = ['Met', 'MetLate', 'Breached'];
const atOf = ({ milestones }: Whole, name: string) => milestones.find((one) => one.name === name)?.at;
const judged = (all: Whole[]) =>
  all.flatMap(({ objectives }) => objectives.filter(({ state }) => JUDGED.includes(state)));

function measuresOf(all: Whole[], partner?: string): MeasureRow[] {
  const groups = Map.groupBy(
    all.filter(({ partners }) => partner === undefined || partners.includes(partner)),
    ({ opened, partners }) => JSON.stringify([dayOf(mondayOf(opened)), partner ?? partners[0] ?? '']),
  );
  return [...groups]
    .map(([name, group]): MeasureRow => {
      const [week, of] = JSON.parse(name) as [string, string];
      const posting = group.flatMap((one) => {
        const [from, to] = [atOf(one, 'Received'), atOf(one, 'Posted')];
        return from === undefined || to === undefined ? [] : Math.max(0, (to - from) / 1_000);
      });
      const objectives = judged(group);
      return {
        ...{ week, partner: of, transactions: group.length },
        complete: group.filter(({ state }) => state === 'Complete').length,
        ...(posting.length > 0 && {
          receiptToPosting: { median: quantile(posting, 0.5), p95: quantile(posting, 0.95), count: posting.length },
        }),
        invoiceHolds: group.filter(({ exceptions }) => exceptions.some(({ match }) => match === 'three-way')).length,
        exceptions: group.flatMap(({ exceptions }) => exceptions).length,
        ...(objectives.length > 0 && {
          compliance: objectives.filter(({ state }) => state === 'Met').length / objectives.length,
        }),
        touches: group.reduce((sum, { touches }) => sum + touches, 0),
      };
    })
    .sort((a, b) => (a.week + a.partner < b.week + b.partner ? -1 : 1));
}
function cardOf(all: Whole[], partner: string) {
  const its = all.filter(({ partners }) => partners.includes(partner));
  const late = its.filter(({ opened }) => opened >= now - 90 * DAY);
  const confirmed = late.flatMap((one) => {
    const at = atOf(one, 'Confirmed');
    return at === undefined ? [] : (at - one.opened) / 1_000;
  });
  const announced = late.filter((one) =>
    one.milestones.some(({ name, state }) => name === 'Shipped' && state !== 'Open'),
  );
  const wrong = announced.filter(({ exceptions }) => exceptions.some(({ match }) => match === 'arrival'));
  const objectives = judged(all).filter((one) => one.partner === partner && one.started >= now - 90 * DAY);
  return {
    transactions: late.length,
    openTransactions: late.filter(({ state }) => state === 'Open').length,
    openExceptions: its.flatMap(({ exceptions }) => exceptions.filter(({ closed }) => !closed)).length,
    ...(confirmed.length > 0 && { confirmationSeconds: Math.max(0, Math.round(quantile(confirmed, 0.5))) }),
    ...(announced.length > 0 && { asnAccuracy: 1 - wrong.length / announced.length }),
    ...(objectives.length > 0 && {
      onTime: objectives.filter(({ state }) => state === 'Met').length / objectives.length,
    }),
  };
}

/** As they are kept now, and again when all weeks are summed. */
async function expectFigures(namespace: string): Promise<void> {
  const all = await wholes(namespace);
  const scope = { database, namespace, processes: [PLAN] };
  const partners = [...new Set(all.flatMap((one) => one.partners))];
  const from = { from: '2024-01-01' };
  for (let summed = 0; ; summed += 1) {
    expect(await readMeasures(scope, from, now)).toEqual(measuresOf(all));
    const { rows } = await database.query('select from week_figures where namespace = $1 and stale', [namespace]);
    if (rows.length === 0) break;
    if (summed > 0) throw new Error('weeks stay stale');
    while ((await sumWeeks(database as never, namespace, 3)) > 0);
  }
  const cards = await readScorecards(scope, now);
  for (const partner of partners) {
    expect(await readMeasures(scope, { ...from, partner }, now)).toEqual(measuresOf(all, partner));
    const card = cardOf(all, partner);
    const kept = cards.get(partner)!;
    expect({ ...kept, asnAccuracy: kept.asnAccuracy?.toFixed(9) }).toMatchObject({
      ...card,
      asnAccuracy: card.asnAccuracy?.toFixed(9),
    });
    expect((await readScorecards({ ...scope, partner }, now)).get(partner)).toEqual(kept);
    const weeks = await readWeeks(scope, partner, now);
    const since = dayOf(mondayOf(now - 12 * 7 * DAY));
    expect(weeks).toEqual(
      measuresOf(all, partner)
        .filter(({ week }) => week >= since)
        .map(({ week, transactions, exceptions, compliance }) => ({
          ...{ week, transactions, exceptions },
          ...(compliance !== undefined && { onTime: compliance }),
        })),
    );
  }
}

let runs = 0;
it('what is kept is what all rows give, as documents come', { timeout: 120_000 }, async () => {
  const own = fc.record({
    facts: lives,
    partner: fc.constantFrom('acme', 'globex', 'initech'),
    daysAgo: fc.integer({ min: 0, max: 120 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(own, { minLength: 2, maxLength: 6 }), async (orders) => {
      const namespace = `f${runs++}`;
      const all = orders.map(({ facts, partner, daysAgo }, i) => moved(facts, `K${i}`, partner, now - daysAgo * DAY));
      await folding(namespace, ALL, () =>
        writeAll(
          database,
          namespace,
          all.flatMap((facts) => facts.slice(0, 3)),
        ),
      );
      await expectFigures(namespace);
      await folding(namespace, ALL, () =>
        writeAll(
          database,
          namespace,
          all.flatMap((facts) => facts.slice(3)),
        ),
      );
      await expectFigures(namespace);
      const { rows: before } = await database.query(
        'select * from transaction_figures where namespace = $1 order by key, partner',
        [namespace],
      );
      await database.query('delete from process_plans where namespace = $1', [namespace]);
      await folding(namespace, ALL, async () => {});
      const { rows: again } = await database.query(
        'select * from transaction_figures where namespace = $1 order by key, partner',
        [namespace],
      );
      expect(again).toEqual(before);
    }),
    { numRuns: 10 },
  );
});

const life = () => [
  order([40]),
  response(),
  notice('S', [[1, 40]]),
  receipt('S', [[1, 38, 2]]),
  invoice([[1, 40]], '2.60'),
];
const written = async (namespace: string) => {
  const all = [
    ...moved(life(), 'A', 'acme', now - 10 * DAY),
    ...moved(life().slice(0, 1), 'B', 'acme', now - 20 * DAY),
    ...moved(life().slice(0, 4), 'C', 'globex', now - 3 * DAY),
  ];
  await folding(namespace, ALL, () => writeAll(database, namespace, all));
};

it('deadlines that pass, acts, policies and transactions that go change what is kept', async () => {
  const namespace = 'changes';
  await written(namespace);
  await expectFigures(namespace);
  const count = async (what: string) =>
    (
      await database.query(`select coalesce(${what}, 0)::int as n from transaction_figures where namespace = $1`, [
        namespace,
      ])
    ).rows[0].n;
  const before = await count('sum(judged)');
  const deadlines = new Deadlines({ namespace, database, log, toldUntil: () => now + 365 * DAY });
  deadlines.use(ALL);
  await until('deadlines passed', async () => (await count('sum(judged)')) > before);
  await deadlines.stop();
  await expectFigures(namespace);
  const by = { by: 'kim', reason: 'by phone' };
  await folding(namespace, ALL, () =>
    recordFact(database, namespace, { process: 'inbound', key: 'B-1', milestone: 'Confirmed', at: now - DAY, ...by }),
  );
  expect(await count('sum(touches)')).toBe(1);
  await expectFigures(namespace);
  await folding(namespace, { processes: [PLAN] }, async () => {});
  expect(await count('sum(judged)')).toBe(0);
  await expectFigures(namespace);
  await database.query("delete from transactions where namespace = $1 and key = 'A-1'", [namespace]);
  await expectFigures(namespace);
  await folding(namespace, { processes: [] }, async () => {});
  expect(await count('count(*)')).toBe(0);
  expect(await readMeasures({ database, namespace, processes: [] }, {}, now)).toEqual([]);
});

it('what an older tracker wrote, which knows nothing of figures, gets them', async () => {
  const namespace = 'older';
  await written(namespace);
  // As it does: the row goes, and comes back another.
  await database.query(
    `with old as (delete from transactions where namespace = $1 and key <> 'C-1' returning *)
     insert into transactions (namespace, process, key, state, opened_at, changed_at, body)
     select namespace, process, key || 'x', 'Complete', opened_at - ${7 * DAY}, changed_at, body from old`,
    [namespace],
  );
  const { rowCount } = await database.query('select from transaction_figures where namespace = $1', [namespace]);
  expect(rowCount).toBe(1);
  await folding(namespace, ALL, async () => {});
  await expectFigures(namespace);
});
