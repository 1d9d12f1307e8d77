/** What people decide about exceptions and an Integration tells of: kept with the act, sent once for the same figures, never lost. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Delivery } from '../../runtime/broker/broker.ts';
import { INTAKE, WORK } from '../../runtime/names.ts';
import { unitId } from '../../runtime/pipeline/letters.ts';
import { readRaw } from '../../runtime/pipeline/messages.ts';
import { RESOLUTION_SCHEMA, type ResolutionInput } from '../../runtime/resolution.ts';
import { readAudit } from '../../tracker/acts/audit.ts';
import { ActError, type Courier, type Office } from '../../tracker/acts/contract.ts';
import { actOnExceptions } from '../../tracker/acts/exceptions.ts';
import type { ProcessPlan } from '../../tracker/plan.ts';
import { invoice, KEY, order, PROCESS, receipt } from '../../tracker/process/life.ts';
import { Processes } from '../../tracker/process/processes.ts';
import { exceptionsOf } from '../../tracker/queries/exceptions.ts';
import { Resolutions } from '../../tracker/resolutions/resolutions.ts';
import { readExceptions } from '../../tracker/transactions.ts';
import { writeAll } from './documents.ts';
import { type Journal, log, makeJournal, NAMESPACE, until } from './support.ts';

const DECLARED: ProcessPlan = {
  ...PROCESS,
  matches: PROCESS.matches.map((match) => ({
    ...match,
    exception: {
      ...match.exception,
      resolutions: [
        { name: 'DebitNote', result: 'Settled', integration: 'settlement' },
        { name: 'Forget', result: 'Disputed' },
      ],
    },
  })),
};
let journal: Journal;
let processes: Processes;
const taken: Delivery[] = [];
let courier: () => Courier;
beforeAll(async () => {
  journal = await makeJournal();
  const { management, vhost } = journal.vhost;
  await management.call('PUT', `/exchanges/${vhost}/${WORK}`, { type: 'direct', durable: true });
  await management.call('PUT', `/queues/${vhost}/${INTAKE}`, {
    durable: true,
    arguments: { 'x-queue-type': 'quorum' },
  });
  await management.call('POST', `/bindings/${vhost}/e/${WORK}/q/${INTAKE}`, { routing_key: INTAKE });
  await journal.broker.consume({
    ...{ queue: INTAKE, prefetch: 10, onTrouble: () => {} },
    onDelivery: (delivery) => {
      taken.push(delivery);
      delivery.ack();
    },
  });
  processes = new Processes({ namespace: NAMESPACE, database: journal.database, log });
  processes.use({ processes: [DECLARED] });
  courier = () => ({ broker: journal.broker }) as Courier;
});
afterAll(async () => {
  await processes.stop();
  await journal[Symbol.asyncDispose]();
});
const office = (): Office => ({ namespace: NAMESPACE, database: journal.database, log, courier: () => courier() });
const folded = () =>
  until('all folded', async () => {
    const { rowCount } = await journal.database.query('select from touched where namespace = $1', [NAMESPACE]);
    return rowCount === 0 && processes.adopted;
  });
const scope = () => ({ database: journal.database, namespace: NAMESPACE, processes: [DECLARED] });
const shown = async () => (await exceptionsOf(scope(), DECLARED.name, KEY)).at(-1)!;
const decide = async (resolution: string, by = 'kim') => {
  const [one] = await readExceptions(journal.database, NAMESPACE, { key: KEY });
  const request = { kind: 'Resolve', by, text: 'credit agreed with Ms Wu', resolution } as const;
  const report = await actOnExceptions(journal.database, NAMESPACE, [one!], request);
  await folded();
  return report;
};

it('a decision waits for the broker, goes to its integration once, and again only for other figures', async () => {
  const [po, grn, bill] = [order([40]), receipt('S', [[1, 40, 0]]), invoice([[1, 50]])];
  await writeAll(journal.database, NAMESPACE, [po, grn, bill]);
  await folded();
  expect((await shown()).resolutions).toEqual(DECLARED.matches[0]!.exception.resolutions);
  expect(await decide('Accept')).toMatchObject({
    done: 0,
    failed: [{ message: expect.stringContaining('DebitNote, Forget') }],
  });

  const away = new ActError('Unavailable', 'RabbitMQ: not connected');
  const there = courier;
  courier = () => {
    throw away;
  };
  const resolutions = new Resolutions(office());
  expect(await decide('DebitNote')).toMatchObject({ done: 1, failed: [] });
  await until('it is told that decisions wait', () => resolutions.trouble?.includes('not connected') === true);
  expect(await shown()).toMatchObject({ closedBy: 'Person', told: { integration: 'settlement' }, resolutions: [] });
  expect(taken).toEqual([]);
  courier = there;
  await until('it is sent', () => taken.length > 0 && resolutions.trouble === undefined);

  const [message] = taken;
  const raw = readRaw(message!);
  expect(raw).toMatchObject({ channel: 'integration/settlement', contentType: 'application/json', epoch: 0 });
  const input = JSON.parse(raw.body.toString()) as ResolutionInput;
  expect(new Ajv2020().validate(RESOLUTION_SCHEMA, input)).toBe(true);
  expect(input).toMatchObject({
    ...{ resolution: 'DebitNote', by: 'kim', reason: 'credit agreed with Ms Wu', process: 'inbound', key: KEY },
    exception: { kind: 'InvoicedTooMuch', line: '1', expected: '40', actual: '50', money: '25', currency: 'EUR' },
    line: { id: '1', ordered: '40', price: '2.5' },
    documents: { ordered: [po!.body], received: [grn!.body], invoiced: [bill!.body] },
  });
  const [audited] = await readAudit(journal.database, NAMESPACE, { act: 'ExceptionResolved' });
  expect(audited).toMatchObject({ actor: 'kim', detail: { resolution: 'DebitNote', document: unitId(raw.id, 0) } });
  // What was in it is the archive's from now on.
  const kept = await journal.database.query('select from resolutions where body is not null');
  expect(kept.rowCount).toBe(0);

  // Killed before the commit, it is sent again as the same.
  await journal.database.query('update resolutions set sent_at = null, body = $1', [raw.body]);
  await until('it is sent again', () => taken.length === 2);
  expect(readRaw(taken[1]!).id).toBe(raw.id);

  await writeAll(journal.database, NAMESPACE, [invoice([[1, 1]])]);
  await folded();
  expect(await shown()).toMatchObject({ actual: '51', resolutions: [{ name: 'DebitNote' }, { name: 'Forget' }] });
  await decide('DebitNote');
  await until('the other figures are sent', () => taken.length === 3);
  expect(readRaw(taken[2]!).id).not.toBe(raw.id);
  await resolutions.stop();
});

it('what nobody is to be told of is not sent, and the process goes on to disagree', async () => {
  await writeAll(journal.database, NAMESPACE, [invoice([[1, 7]])]);
  await folded();
  expect(await decide('Forget')).toMatchObject({ done: 1 });
  const { rows } = await journal.database.query("select from resolutions where name = 'Forget'");
  expect(rows).toEqual([]);
  const match = await journal.database.query("select body->'matches' as matches from transactions where key = $1", [
    KEY,
  ]);
  expect(match.rows[0].matches).toContainEqual({ name: 'three-way', state: 'Disagrees' });
});

it('another declaration folds nothing anew, and counts at once', async () => {
  const rows = () => journal.database.query('select xmin::text, key from transactions');
  const before = (await rows()).rows;
  const [match, ...others] = DECLARED.matches;
  const resolutions = [{ name: 'ReleaseInvoice', result: 'Settled' as const }];
  const changed = { ...match!, exception: { ...match!.exception, resolutions } };
  processes.use({ processes: [{ ...DECLARED, matches: [changed, ...others] }] });
  await folded();
  expect((await rows()).rows).toEqual(before);
  await writeAll(journal.database, NAMESPACE, [invoice([[1, 9]])]);
  await folded();
  expect(await decide('DebitNote')).toMatchObject({ failed: [{ message: expect.stringContaining('ReleaseInvoice') }] });
  expect(await decide('ReleaseInvoice')).toMatchObject({ done: 1 });
});
