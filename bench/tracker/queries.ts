/**
 * Questions that the console asks, each of its own at many transactions: milliseconds at the median and the worst of ten.
 *
 *   node bench/tracker/queries.ts [--transactions 100000]
 *
 * The database is filled by SQL: orders of 200 partners over 70 days, four documents and five lines each, one in five open, one in five with an
 * exception of which one in four is open, one account in a thousand in the dead letters. SQL writes what the fold would have written.
 */
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { patiently } from '../../runtime/store/transaction.ts';
import { addFigures } from '../../tracker/figures/store.ts';
import { sumWeeks } from '../../tracker/figures/weeks.ts';
import { readGroups } from '../../tracker/letters/groups.ts';
import { PROCESS } from '../../tracker/process/life.ts';
import { readDocument } from '../../tracker/queries/documents.ts';
import { listExceptions } from '../../tracker/queries/exceptions.ts';
import { readMeasures } from '../../tracker/queries/measures.ts';
import { countRates, countStages, readFigures } from '../../tracker/queries/overview.ts';
import { readScorecards, readWeeks } from '../../tracker/queries/partners.ts';
import { readToday } from '../../tracker/queries/today.ts';
import { readTransaction } from '../../tracker/queries/transaction.ts';
import { listTransactions } from '../../tracker/queries/transactions.ts';
import { openTrackerDatabase } from '../../tracker/store.ts';
import { benchDatabase } from './database.ts';

export type Questions = Record<string, () => Promise<unknown>>;
const RUNS = 10;

export function questions(database: pg.Pool, now: number): Questions {
  const scope = { database, namespace: 'bench', processes: [PROCESS] };
  const mine = { ...scope, partner: 'partner-7' };
  const pasted = Array.from({ length: 200 }, (_, i) => `S-${i * 300 + 1}`).join(' ');
  return {
    'transactions newest': () => listTransactions(scope, {}),
    'transactions prefix': () => listTransactions(scope, { q: 'PO-9999' }),
    'transactions by shipment': () => listTransactions(scope, { q: 'S-54321' }),
    'transactions pasted 200': () => listTransactions(scope, { q: pasted }),
    'transactions late': () => listTransactions(scope, { late: true }),
    'transactions exception': () => listTransactions(scope, { exception: true }),
    'transactions partner': () => listTransactions(scope, { partner: 'partner-7' }),
    'transactions own': () => listTransactions(mine, { sort: '-changed' }),
    'transactions missing': () => listTransactions(scope, { missing: 'Confirmed' }),
    'transactions open, changed': () => listTransactions(scope, { state: 'Open', sort: '-changed' }),
    transaction: () => readTransaction(scope, 'inbound', 'PO-50001'),
    document: () => readDocument(scope, 'd-50001-3'),
    'document own': () => readDocument({ ...scope, partner: 'partner-1' }, 'd-50001-3'),
    exceptions: () => listExceptions(scope, {}),
    'exceptions money': () => listExceptions(scope, { sort: '-money' }),
    'exceptions own': () => listExceptions(mine, {}),
    today: () => readToday(scope, {}),
    'today 7 days': () => readToday(scope, { days: 7 }),
    figures: () => readFigures(scope, now),
    stages: () => countStages(scope, now),
    rates: () => countRates(scope, now),
    groups: () => readGroups(database, 'bench'),
    weeks: () => readWeeks(scope, 'partner-7', now),
    'scorecard of one': () => readScorecards(mine, now),
    scorecards: () => readScorecards(scope, now),
    measures: () => readMeasures(scope, {}, now),
    'measures of one': () => readMeasures(mine, {}, now),
  };
}

export async function fill(database: pg.Pool, count: number, now: number): Promise<void> {
  const client = await database.connect();
  await client.query('set statement_timeout = 0');
  const run = (text: string) => client.query(patiently(text));
  await run(`insert into transactions (namespace, process, key, state, opened_at, changed_at, body)
 select 'bench', 'inbound', 'PO-' || i, case when i % 5 = 0 then 'Open' else 'Complete' end, o, o + 86400000,
  jsonb_build_object('key', 'PO-' || i, 'state', case when i % 5 = 0 then 'Open' else 'Complete' end, 'openedAt', o, 'changedAt', o + 86400000,
   'partners', jsonb_build_array('partner-' || (i % 200)), 'expectedOn', to_char(to_timestamp(o/1000 + 604800), 'YYYY-MM-DD'), 'shipTo', 'BER' || (i % 3),
   'milestones', jsonb_build_array(
     jsonb_build_object('name','Released','state','Reached','at',o),
     jsonb_build_object('name','Confirmed','state',case when i % 50 = 0 then 'Open' else 'Reached' end,'at',o+3600000),
     jsonb_build_object('name','Shipped','state',case when i % 10 = 0 then 'Partly' else 'Reached' end,'at',o+7200000),
     jsonb_build_object('name','Visible','state','Reached','at',o), jsonb_build_object('name','Received','state',case when i % 5 = 0 then 'Open' else 'Reached' end,'at',o+80000000),
     jsonb_build_object('name','Invoiced','state','Reached','at',o), jsonb_build_object('name','Matched','state',case when i % 5 = 0 then 'Open' else 'Reached' end,'at',o)),
   'lines', (select jsonb_agg(jsonb_build_object('id', l::text, 'item', 'item-' || l, 'unit', 'EA', 'ordered', '10', 'price', '2.50', 'currency', 'EUR', 'quantities', jsonb_build_object('notice.v1', jsonb_build_object('quantity','10')))) from generate_series(1, 5) l),
   'matches', '[]'::jsonb, 'problems', '[]'::jsonb)
 from (select i, ${now} - (${count} - i) * (70 * 86400000.0 / ${count})::bigint as o from generate_series(1, ${count}) i) s`);
  await run(`insert into documents (namespace, id, type, origin, source, keys, informed, epoch, entry, at, tie, first_at)
 select 'bench', 'd-' || i || '-' || k, (array['order.v1','response.v1','notice.v1','receipt.v1'])[k], case when k in (2,3) then 'partner' else 'system' end, case when k in (2,3) then 'partner-' || (i % 200) else 'erp' end,
  jsonb_build_object('purchaseOrder', jsonb_build_array('PO-' || i)) || case when k = 3 then jsonb_build_object('shipment', jsonb_build_array('S-' || i)) else '{}' end,
  2, 0, 'e', o + k * 1000, 't', o + k * 1000 from (select i, ${now} - (${count} - i) * (70 * 86400000.0 / ${count})::bigint as o from generate_series(1, ${count}) i) s, generate_series(1, 4) k`);
  await run(
    `insert into document_keys (namespace, value, name, document) select 'bench', v.value, k.name, d.id from documents d cross join lateral (select key as name, value as vals from jsonb_each(d.keys)) k cross join lateral jsonb_array_elements_text(k.vals) v(value)`,
  );
  await run(`insert into accounts (namespace, document, destination, state, outcome, epoch, finality, attempt, entry, at, tie, error_class, error_code)
 select 'bench', id, 'flow-' || type || '/x', case when hashtext(id) % 1000 = 0 then 'DeadLettered' else 'Delivered' end, 'Delivered', 0, 5, 1, 'e' || id, at, 't', 'DeliveryFailed', 'http.' || (hashtext(id) % 7) from documents`);
  await run(
    `insert into entries (namespace, id, document, destination, at, tie, epoch, attempt, outcome, body) select 'bench', 'e' || id, id, '', at, 't', 0, 1, 'Accepted', jsonb_build_object('id', id, 'at', at, 'outcome', 'Accepted', 'document', id, 'destination', '', 'epoch', 0, 'attempt', 1) from documents`,
  );
  await run(`insert into exceptions (namespace, process, key, id, opened_at, match, kind, line, expected, actual, money, currency, severity, owner, due_at, closed_at)
 select 'bench', 'inbound', 'PO-' || i, 'x1', ${now} - i, 'three-way', 'Quantity', '1', '10', '8', i % 977, 'EUR', 'Warning', 'procurement', ${now} + (i - 50000), case when i % 4 = 0 then null else ${now} end from generate_series(1, ${count}, 5) i`);
  await run(`insert into objectives (namespace, process, key, policy, objective, partner, state, severity, from_milestone, to_milestone, started_at, due_at)
 select 'bench', 'inbound', 'PO-' || i, 'p', 'ConfirmedInADay', 'partner-' || (i % 200), case when i % 50 = 0 then case when i % 100 = 0 then 'Breached' else 'Pending' end else 'Met' end, 'Warning', 'Released', 'Confirmed', ${now} - (${count} - i) * 60000.0, ${now} + i from generate_series(1, ${count}) i`);
  for (let after: string | undefined = ''; after !== undefined; )
    after = await addFigures(client, 'bench', PROCESS, after, 5_000);
  while ((await sumWeeks(client, 'bench', 500)) > 0);
  await run('vacuum analyze');
  client.release(true);
}

export async function ask(all: Questions): Promise<void> {
  for (const [name, question] of Object.entries(all)) {
    const times: number[] = [];
    for (let i = 0; i < RUNS + 2; i++) {
      const begun = performance.now();
      await question();
      // The first two warm the caches.
      if (i >= 2) times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    const [median, worst] = [times[RUNS / 2]!, times.at(-1)!].map((ms) => ms.toFixed(1).padStart(8));
    console.log(`${name.padEnd(28)} ${median} ms ${worst} ms`);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { transactions: { type: 'string', default: '100000' } } });
  const server = await benchDatabase();
  const database = await openTrackerDatabase(server.url);
  const now = Date.now();
  await fill(database, Number(values.transactions), now);
  await ask(questions(database, now));
  await database.end();
  await server.stop();
}
