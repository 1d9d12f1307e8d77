/** What people do about transactions: kept beside the rows, so that folding all anew forgets none of it; and it is all in the audit. */
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readAudit } from '../../tracker/acts/audit.ts';
import { actOnExceptions, readExceptionActs } from '../../tracker/acts/exceptions.ts';
import { readFacts, recordFact, withdrawFact } from '../../tracker/acts/facts.ts';
import { invoice, KEY, order, PROCESS, receipt } from '../../tracker/process/life.ts';
import { Processes } from '../../tracker/process/processes.ts';
import { readFigures } from '../../tracker/queries/overview.ts';
import { openTrackerDatabase } from '../../tracker/store.ts';
import { readExceptions, readTransactions } from '../../tracker/transactions.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { told, writer } from './documents.ts';
import { log, until } from './support.ts';

const namespace = 'acts';
let own: TestDatabase;
let database: pg.Pool;
let processes: Processes;
beforeAll(async () => {
  own = await testDatabase();
  database = await openTrackerDatabase(own.url);
  processes = new Processes({ namespace, database, log });
  processes.use({ processes: [PROCESS] });
});
afterAll(async () => {
  await processes.stop();
  await database.end();
  await own.remove();
});

const folded = () =>
  until('all folded', async () => {
    const { rowCount } = await database.query('select from touched where namespace = $1', [namespace]);
    return rowCount === 0 && processes.adopted;
  });
const tell = async (...facts: Parameters<typeof told>[0][]) => {
  const write = writer(database, namespace);
  for (const fact of facts) {
    const { entries, payload } = told(fact);
    for (const item of [...entries, payload]) await write(item);
  }
  await folded();
};
const foldAnew = async () => {
  await processes.stop();
  await database.query('delete from process_plans where namespace = $1', [namespace]);
  processes = new Processes({ namespace, database, log });
  processes.use({ processes: [PROCESS] });
  await folded();
};
const milestone = async (name: string) =>
  (await readTransactions(database, namespace, KEY))[0]?.milestones.find((one) => one.name === name);
const one = async () => (await readExceptions(database, namespace, { key: KEY, closed: true }))[0];

it('an exception is assigned, resolved, stays so through every fold, and opens again with other figures', async () => {
  await tell(order([40]), receipt('S', [[1, 40, 0]]), invoice([[1, 50]]));
  const { id, openedAt } = (await one())!;
  const ref = { process: PROCESS.name, key: KEY, id };
  const now = openedAt + 1_000;
  const act = (request: Parameters<typeof actOnExceptions>[3], at = now) =>
    actOnExceptions(database, namespace, [ref], request, at);
  await expect(act({ kind: 'Resolve', by: 'kim' })).rejects.toThrow('text is missing');
  await expect(act({ kind: 'Snooze', by: 'kim', until: now })).rejects.toThrow('in the future');
  await expect(act({ kind: 'Comment', by: 'kim', text: 'x', resolution: 'Accept' })).rejects.toThrow(
    'belongs to Resolve',
  );
  await expect(act({ kind: 'Resolve', by: 'kim', text: 'x' })).rejects.toThrow('resolution is missing');
  const nowhere = await actOnExceptions(database, namespace, [{ ...ref, id: 'no' }], { kind: 'Escalate', by: 'kim' });
  expect(nowhere).toMatchObject({ selected: 1, done: 0, failed: [{ id: 'no' }] });

  expect(await act({ kind: 'Assign', by: 'kim', owner: 'lee' })).toMatchObject({ done: 1 });
  await folded();
  expect(await one()).toMatchObject({ id, owner: 'lee' });
  // What is put off is not to be mended until then.
  expect(await act({ kind: 'Snooze', by: 'lee', until: now + 1_000 })).toMatchObject({ done: 1 });
  await folded();
  const toMend = async (at: number) =>
    (await readFigures({ database, namespace, processes: [PROCESS] }, at)).exceptions.open;
  expect([await toMend(now), await toMend(now + 1_000)]).toEqual([0, 1]);
  // What the process does not declare cannot be decided; without any declaration there are two.
  expect(await act({ kind: 'Resolve', by: 'lee', text: 'pay it', resolution: 'ReleaseInvoice' })).toMatchObject({
    ...{ done: 0, failed: [{ message: 'match three-way has no resolution ReleaseInvoice: Accept, Dispute' }] },
  });
  const accept = { kind: 'Resolve', by: 'lee', text: 'agreed by phone', resolution: 'Accept' } as const;
  const both = await Promise.all([act(accept), act({ ...accept, resolution: 'Dispute', by: 'kim' })]);
  expect(both.map(({ done }) => done).sort()).toEqual([0, 1]);
  const first = both[0].done === 1 ? 'lee' : 'kim';
  expect(both.flatMap(({ failed }) => failed.map(({ message }) => message))).toEqual(['it is resolved already']);
  await folded();
  const resolved = { id, owner: 'lee', closedBy: 'Person', closedAt: now };
  expect(await one()).toMatchObject(resolved);
  expect(await act({ kind: 'Assign', by: 'kim', owner: 'x' })).toMatchObject({
    failed: [{ message: 'it is closed already' }],
  });
  await foldAnew();
  expect(await one()).toMatchObject(resolved);

  await tell(invoice([[1, 1]]));
  expect(await one()).toMatchObject({ id, owner: 'lee', actual: '51' });
  expect(await one()).not.toHaveProperty('closedAt');
  const acts = (await readExceptionActs(database, namespace, PROCESS.name, [KEY])).get(KEY);
  expect(acts?.map(({ kind, by }) => `${kind} ${by}`)).toEqual(['Assign kim', 'Snooze lee', `Resolve ${first}`]);
  const audited = await readAudit(database, namespace, { target: `Exception/inbound/${KEY}` });
  expect(audited.map(({ act: what, actor, reason }) => [what, actor, reason])).toEqual([
    ['ExceptionResolved', first, 'agreed by phone'],
    ['ExceptionSnoozed', 'lee', undefined],
    ['ExceptionAssigned', 'kim', undefined],
  ]);
});

it('a fact by hand is a milestone until it is withdrawn, through every fold', async () => {
  const person = { by: 'kim', reason: 'confirmed by phone, Ms Wu' };
  const about = { process: PROCESS.name, key: KEY, ...person };
  const record = (more: object) => recordFact(database, namespace, { ...about, milestone: 'Confirmed', ...more });
  await expect(record({ milestone: 'Confirmd' })).rejects.toThrow('no milestone Confirmd: Released, Confirmed');
  await expect(record({ key: 'PO-0' })).rejects.toThrow('no transaction PO-0');
  await expect(record({ lines: ['9'] })).rejects.toThrow('no line 9');
  await expect(record({ at: Date.now() + 3_600_000 })).rejects.toThrow('in the future');
  await expect(record({ reason: '' })).rejects.toThrow('reason is missing');
  const { id } = await record({ at: 5 });
  await folded();
  expect(await milestone('Confirmed')).toEqual({ name: 'Confirmed', state: 'Reached', at: 5, byHand: true });
  await foldAnew();
  expect(await milestone('Confirmed')).toMatchObject({ state: 'Reached', byHand: true });
  expect((await readFacts(database, namespace, PROCESS.name, [KEY])).get(KEY)).toMatchObject([
    { id, ...person, at: 5 },
  ]);

  await withdrawFact(database, namespace, id, { by: 'lee', reason: 'another order' });
  await folded();
  expect(await milestone('Confirmed')).toEqual({ name: 'Confirmed', state: 'Open' });
  await expect(withdrawFact(database, namespace, id, person)).rejects.toThrow('no fact');
  const acts = await readAudit(database, namespace, { target: `Transaction/inbound/${KEY}` });
  expect(acts.map(({ act, actor }) => `${act} ${actor}`)).toEqual(['FactWithdrawn lee', 'FactRecorded kim']);
});

it('the audit is read by whom, what and when, page by page', async () => {
  const all = await readAudit(database, namespace);
  expect(all.length).toBeGreaterThan(3);
  const [first, second] = all;
  expect(await readAudit(database, namespace, { limit: 1 })).toEqual([first]);
  expect(await readAudit(database, namespace, { limit: 1, before: first!.id })).toEqual([second]);
  expect(new Set((await readAudit(database, namespace, { actor: 'lee' })).map(({ actor }) => actor))).toEqual(
    new Set(['lee']),
  );
  expect(await readAudit(database, namespace, { from: Date.now() + 60_000 })).toEqual([]);
  await expect(database.query("update audit set actor = 'nobody'")).rejects.toThrow('append-only');
});
