/** What is forgotten of real rows when its time is over, and what is not. */
import type pg from 'pg';
import { expect, it } from 'vitest';
import { readTimeline } from '../../tracker/accounts.ts';
import type { TrackerPlan } from '../../tracker/plan.ts';
import type { Fact } from '../../tracker/process/facts.ts';
import { fact, invoice, KEY, notice, order, PROCESS, receipt, response } from '../../tracker/process/life.ts';
import { Processes } from '../../tracker/process/processes.ts';
import { Retention } from '../../tracker/retention.ts';
import { readTransactions } from '../../tracker/transactions.ts';
import { writeAll, writer } from './documents.ts';
import { entry, log, until, withDatabase } from './support.ts';

const DAY = 86_400_000;
let database: pg.Pool;
withDatabase((opened) => {
  database = opened;
});

const types = Object.fromEntries(
  ['order.v1', 'change.v1', 'notice.v1', 'receipt.v1', 'return.v1', 'invoice.v1', 'response.v1', 'note.v1'].map(
    (type) => [type, { retentionMs: type === 'note.v1' ? DAY : 10 * DAY }],
  ),
);
const folded = async (namespace: string) => {
  const processes = new Processes({ namespace, database, log });
  processes.use({ processes: [PROCESS] });
  await until('all folded', async () => {
    const { rowCount } = await database.query('select from touched where namespace = $1', [namespace]);
    const stale = await database.query('select from week_figures where namespace = $1 and stale', [namespace]);
    return rowCount === 0 && stale.rowCount === 0 && processes.adopted;
  });
  await processes.stop();
};
/** One whole look at that moment. */
async function look(
  namespace: string,
  now: number,
  plan: TrackerPlan = { processes: [PROCESS], types },
): Promise<void> {
  const looked = Promise.withResolvers<void>();
  let asked = 0;
  const clock = () => {
    // The second look begins when the first is over: of each type, of what has none, and of what came.
    asked += 1;
    if (asked > Object.keys(types).length + 2) looked.resolve();
    return now;
  };
  const retention = new Retention({ namespace, database, log, now: clock, everyMs: 1 });
  retention.use(plan);
  await looked.promise;
  await retention.stop();
}
/** Taken, and wanted by nobody: they came to their end. */
async function write(namespace: string, facts: readonly Fact[]): Promise<void> {
  await writeAll(database, namespace, facts);
  for (const { id, type, at } of facts)
    await writer(database, namespace)(entry(id, '', 'Routed', { type, at, destinations: [] }));
}
const documents = async (namespace: string) =>
  (
    await database.query<{ id: string }>('select id from documents where namespace = $1 order by id', [namespace])
  ).rows.map(({ id }) => id);
const complete = (): Fact[] => [
  order([40]),
  response(),
  notice('S', [[1, 40]]),
  receipt('S', [[1, 40, 0]]),
  invoice([[1, 40]], '2.50'),
];

it('a closed transaction goes with all of its documents when the longest retention is over, and leaves no row behind', async () => {
  const facts = complete().map((each) => ({
    ...each,
    accounts: [{ destination: 'notice/wms', state: 'Delivered', at: each.at }],
  }));
  await write('closed', facts as Fact[]);
  await folded('closed');
  const [transaction] = await readTransactions(database, 'closed', KEY);
  expect(transaction?.state).toBe('Complete');
  await look('closed', transaction!.changedAt + 10 * DAY - 1_000);
  expect(await documents('closed')).toHaveLength(5);
  await look('closed', transaction!.changedAt + 10 * DAY + 1_000);
  expect(await documents('closed')).toEqual([]);
  expect(await readTransactions(database, 'closed', KEY)).toEqual([]);
  expect((await readTimeline(database, 'closed', KEY)).documents).toEqual([]);
  await folded('closed');
  const { rows } = await database.query<{ table_name: string }>(
    `select table_name from information_schema.columns
     where table_schema = 'crossdock_tracker' and column_name = 'namespace' and is_generated = 'NEVER' group by table_name`,
  );
  for (const { table_name: table } of rows) {
    if (['positions', 'payload_positions', 'process_plans'].includes(table)) continue;
    const left = await database.query(`select * from ${table} where namespace = 'closed'`);
    expect(left.rows, table).toEqual([]);
  }
});

it('an open transaction keeps everything, however old', async () => {
  const facts = complete().slice(0, 3);
  await write('open', facts);
  await folded('open');
  await look('open', Date.now() + 1_000 * DAY);
  expect(await documents('open')).toHaveLength(3);
});

it('what waits for a person is kept until it was dealt with', async () => {
  const note = fact('note.v1', { text: 'x' }, { keys: [] });
  const about = { type: 'note.v1', origin: 'partner' as const, source: 'acme' };
  await write('waits', [note]);
  const tell = writer(database, 'waits');
  await tell(entry(note.id, 'notes/erp', 'DeadLettered', { ...about, at: note.at }));
  await look('waits', Date.now() + 1_000 * DAY);
  expect(await documents('waits')).toEqual([note.id]);
  await tell(entry(note.id, 'notes/erp', 'Discarded', { ...about, at: note.at + 1, by: 'ann', reason: 'spam' }));
  await look('waits', Date.now() + 1_000 * DAY);
  expect(await documents('waits')).toEqual([]);
});
