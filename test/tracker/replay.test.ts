/** Replays on real parts: of letters and from the archive, with approval, cancelled, and killed in the middle. */
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectBroker } from '../../runtime/broker/amqp.ts';
import type { Broker } from '../../runtime/broker/broker.ts';
import { readTimeline } from '../../tracker/accounts.ts';
import { readAudit } from '../../tracker/acts/audit.ts';
import type { Office } from '../../tracker/acts/contract.ts';
import { openOffice } from '../../tracker/acts/office.ts';
import { discardLetters, parkLetters, replayLetters } from '../../tracker/letters/acts.ts';
import { fingerprintOf, readGroups, readLetters } from '../../tracker/letters/groups.ts';
import type { Replay, ReplaySelector, ReplaySpec } from '../../tracker/replay/contract.ts';
import { approveReplay, cancelReplay, readReplay, readReplayItems, startReplay } from '../../tracker/replay/store.ts';
import { readVersions } from '../../tracker/replay/versions.ts';
import { openTrackerDatabase } from '../../tracker/store.ts';
import { makeStand, post, type Stand, startDevHere, startDevProcess, summary } from '../standalone/support.ts';
import { log, until } from './support.ts';

const person = { by: 'kim', reason: 'ERP is back, INC-4711' };
const spec = (selector: ReplaySelector, more: Partial<ReplaySpec> = {}): ReplaySpec => ({
  ...{ reason: person.reason, requestedBy: person.by, mode: 'Run', selector, ratePerSecond: 200 },
  ...more,
});

describe('in a running namespace', () => {
  let stand: Stand;
  let dev: Awaited<ReturnType<typeof startDevHere>>;
  let database: Awaited<ReturnType<typeof openTrackerDatabase>>;
  let office: Office & { close(): Promise<void> };
  let broker: Broker;
  const namespace = () => stand.namespace;
  const refusing = (numbers: string[]) => {
    stand.ledger.answer = ({ body }, response) => {
      if (!numbers.includes(String(body.number))) return false;
      response.writeHead(422, { 'content-type': 'application/json' }).end('{"code": "CLOSED"}');
      return true;
    };
  };
  const accepting = () => {
    stand.ledger.answer = () => false;
  };
  const ended = async (name: string): Promise<Replay> => {
    let replay: Replay | undefined;
    await until(`${name} has ended`, async () => {
      replay = await readReplay(database, namespace(), name);
      return replay?.finishedAt !== undefined;
    });
    return replay!;
  };
  const sent = async (...numbers: string[]) => {
    for (const no of numbers) expect(await post(() => dev.http, no)).toBe(202);
  };
  const count = (rows: Record<string, number>, what: string) => rows[what] ?? 0;

  beforeAll(async () => {
    stand = await makeStand();
    stand.write('mapped.yaml', mappedYaml(stand, 'number'));
    dev = await startDevHere(stand);
    database = await openTrackerDatabase(stand.databaseUrl);
    broker = await connectBroker({ uri: dev.brokerUri, name: 'test', log });
    office = openOffice({ namespace: stand.namespace, database, broker, access: { uri: dev.brokerUri }, log });
  });
  afterAll(async () => {
    await office?.close();
    await broker?.close();
    await dev?.stop();
    await database?.end();
    await stand?.[Symbol.asyncDispose]();
  });

  it('a group is seen, tried dry, replayed once its cause is mended, and each document tells what came of it', async () => {
    refusing(['G-1', 'G-2', 'G-3']);
    await sent('G-1', 'G-2', 'G-3', 'G-4');
    await stand.until((rows) => count(summary(rows), 'orders/sink DeadLettered') === 3);
    const [group, ...others] = await readGroups(database, namespace());
    expect(others).toEqual([]);
    expect(group).toMatchObject({
      ...{ state: 'DeadLettered', class: 'BusinessRejected', code: 'CLOSED', integration: 'orders', count: 3 },
      destination: 'orders/sink',
      example: { message: expect.stringContaining('422') },
    });
    const { fingerprint } = group!;
    expect(fingerprint).toBe(fingerprintOf('DeadLettered', 'BusinessRejected', 'CLOSED', 'orders/sink'));
    expect(await readLetters(database, namespace(), { fingerprint }, { limit: 2 })).toHaveLength(2);
    expect(await readGroups(database, namespace(), { integration: 'files' })).toEqual([]);

    const dry = await replayLetters(database, namespace(), { fingerprint }, person, { dryRun: true });
    expect(await ended(dry.name)).toMatchObject({
      ...{ state: 'Succeeded', selected: 3, done: 0, message: 'dry run: of 3 documents 3 would be sent' },
    });
    expect((await readReplayItems(database, namespace(), dry.name)).map(({ outcome }) => outcome)).toEqual(
      Array(3).fill('Selected'),
    );
    accepting();
    const run = await replayLetters(database, namespace(), { fingerprint }, person);
    expect(await ended(run.name)).toMatchObject({ state: 'Succeeded', done: 3, failed: 0 });
    const items = await readReplayItems(database, namespace(), run.name);
    expect(items.map(({ outcome, epoch }) => `${outcome} ${epoch}`)).toEqual(Array(3).fill('Delivered 1'));
    expect(await readGroups(database, namespace())).toEqual([]);
    const { entries } = await readTimeline(database, namespace(), 'G-1');
    expect(entries.filter(({ outcome }) => outcome === 'Replayed')).toMatchObject([
      { ...person, epoch: 1, detail: { replay: run.name } },
    ]);
    // A definite refusal frees the key: once each.
    const keys = stand.ledger.effects.filter(({ body }) => String(body.number).startsWith('G-')).map(({ key }) => key);
    expect(new Set(keys).size).toBe(4);
    const audited = await readAudit(database, namespace(), { target: `Replay/${run.name}` });
    expect(audited.map(({ act, actor, outcome }) => `${act} ${actor} ${outcome}`)).toEqual([
      'ReplayEnded kim Done',
      'ReplayStarted kim Done',
    ]);
    await expect(database.query('delete from audit')).rejects.toThrow('append-only');
    await expect(database.query("update audit set actor = 'x'")).rejects.toThrow('append-only');
    await expect(database.query('truncate audit')).rejects.toThrow('append-only');
  });

  it('what was delivered comes from the archive, with the key that was delivered: who honours keys sees no second effect', async () => {
    refusing(['A-2']);
    await sent('A-1', 'A-2');
    await stand.until((rows) => count(summary(rows), 'orders/sink DeadLettered') === 1);
    accepting();
    const { name } = await startReplay(database, namespace(), spec({ deadLetters: {}, keys: ['A-2'] }));
    expect(await ended(name)).toMatchObject({ done: 1 });
    const before = stand.ledger.effects.filter(({ body }) => String(body.number).startsWith('A-'));
    const again = await startReplay(database, namespace(), spec({ integration: 'orders', keys: ['A-1', 'A-2'] }));
    expect(await ended(again.name)).toMatchObject({ state: 'Succeeded', selected: 2, done: 2 });
    const after = stand.ledger.effects.filter(({ body }) => String(body.number).startsWith('A-')).slice(before.length);
    expect(after.map(({ repeated, path }) => `${repeated} ${path}`)).toEqual(Array(2).fill('true /effects'));
    expect(new Set(after.map(({ key }) => key))).toEqual(new Set(before.map(({ key }) => key)));
  });

  it('all that a version of a mapping made is found and goes through the mended one', async () => {
    stand.drop('m1.json', JSON.stringify({ number: 'M-1' }));
    await stand.until((rows) => count(summary(rows), 'mapped/sink Delivered') === 1);
    const [first] = await readVersions(database, namespace(), 'relabel');
    const reload = dev.nextReload();
    stand.write('mapped.yaml', mappedYaml(stand, '"mended " & number'));
    await reload;
    stand.drop('m2.json', JSON.stringify({ number: 'M-2' }));
    await stand.until((rows) => count(summary(rows), 'mapped/sink Delivered') === 2);
    const versions = await readVersions(database, namespace(), 'relabel');
    expect(versions.map(({ hash }) => hash === first!.hash)).toEqual([false, true]);
    expect(await crossdock('replay', 'versions', 'relabel')).toMatch(/relabel@[0-9a-f]{12}/);
    const mapping = { name: 'relabel', hash: first!.hash.slice(0, 12) };
    const { name } = await startReplay(database, namespace(), spec({ mapping }));
    expect(await ended(name)).toMatchObject({ selected: 1, done: 1 });
    const labels = stand.ledger.effects.filter(({ path }) => path === '/mapped').map(({ body }) => body.number);
    expect(labels).toEqual(['M-1', 'mended M-2', 'mended M-1']);
  });

  it('above its limit it waits for another person; cancelled it sends no more; what selects nothing says so', async () => {
    const numbers = Array.from({ length: 6 }, (_, n) => `L-${n}`);
    refusing(numbers);
    await sent(...numbers);
    await stand.until((rows) => count(summary(rows), 'orders/sink DeadLettered') === 6);
    accepting();
    const selector = { integration: 'orders', deadLetters: { code: 'CLOSED' } };
    const { name } = await startReplay(database, namespace(), spec(selector, { limit: 5, ratePerSecond: 1 }));
    const stateOf = async (of: string) => (await readReplay(database, namespace(), of))?.state;
    await until('it waits', async () => (await stateOf(name)) === 'AwaitingApproval');
    await expect(approveReplay(database, namespace(), name, 'kim')).rejects.toThrow('another person');
    await approveReplay(database, namespace(), name, 'lee');
    await until('one is sent', async () => ((await readReplay(database, namespace(), name))?.done ?? 0) > 0);
    await cancelReplay(database, namespace(), name, { by: 'lee', reason: 'not yet' });
    const cancelled = await ended(name);
    expect(cancelled.state).toBe('Cancelled');
    expect(cancelled.done).toBeGreaterThan(0);
    expect(cancelled.done).toBeLessThan(6);
    await expect(cancelReplay(database, namespace(), name, person)).rejects.toThrow('ended already');
    const refusals = await readAudit(database, namespace(), { target: `Replay/${name}`, act: 'ReplayApproved' });
    expect(refusals.map(({ actor, outcome }) => `${actor} ${outcome}`)).toEqual(['lee Done', 'kim Refused']);

    const left = 6 - cancelled.done;
    await until('the others are there', async () => (await readGroups(database, namespace()))[0]?.count === left);
    const { fingerprint } = (await readGroups(database, namespace()))[0]!;
    const [one, ...rest] = await readLetters(database, namespace(), { fingerprint });
    expect(await parkLetters(office, { documents: [one!.document] }, person)).toMatchObject({ done: 1, failed: [] });
    await until(
      'it is parked',
      async () => (await readGroups(database, namespace(), { state: 'Parked' })).length === 1,
    );
    expect(await discardLetters(office, { fingerprint }, person)).toEqual({
      ...{ selected: rest.length, done: rest.length, failed: [] },
    });
    await until('they are gone', async () => (await readGroups(database, namespace())).length === 1);
    await expect(discardLetters(office, { fingerprint: 'none' }, person)).rejects.toThrow('no letter');
    const parked = await startReplay(database, namespace(), spec({ deadLetters: { state: 'Parked' } }));
    expect(await ended(parked.name)).toMatchObject({ state: 'Succeeded', done: 1 });

    const nothing = await startReplay(database, namespace(), spec({ deadLetters: { class: 'DecodeFailed' } }));
    expect(await ended(nothing.name)).toMatchObject({ selected: 0, message: expect.stringContaining('nothing is') });
  });

  it('a Replay in the folder runs once; people see groups, replays and the audit by the command line', async () => {
    refusing(['C-1', 'C-2']);
    await sent('C-1', 'C-2');
    await stand.until((rows) => count(summary(rows), 'orders/sink DeadLettered') >= 2);
    accepting();
    const groups = await crossdock('dlq', 'groups');
    expect(groups).toMatch(/ {4}2 {2}BusinessRejected CLOSED {2}at orders\/sink/);
    const [, fingerprint] = /^ +([0-9a-f]{12}) /m.exec(groups)!;
    const dry = await crossdock('replay', '--group', fingerprint!, '--dry-run', '--reason', 'try', '--by', 'kim');
    expect(dry).toContain('dry run: of 2 documents 2 would be sent');
    expect(await crossdock('replay', '--reason', 'x')).toContain('the selector is empty');
    expect(await crossdock('replay', '--class', 'X', '--since', 'soon', '--reason', 'x')).toContain('--since soon');

    stand.write('replay.yaml', replayYaml(stand));
    await until(
      'the folder asks for it',
      async () => (await readReplay(database, namespace(), 'one-of-them')) !== undefined,
    );
    expect(await ended('one-of-them')).toMatchObject({ origin: 'Resource', selected: 1, done: 1 });
    const run = await crossdock('replay', '--group', fingerprint!, '--reason', 'the other', '--by', 'kim');
    expect(run).toMatch(/Succeeded.*Run\nof 1 document 1 delivered/);
    expect(await crossdock('replay', 'list')).toMatch(/one-of-them +Succeeded +Run +1 +1 +0 +kim/);
    expect(await crossdock('replay', 'show', 'one-of-them')).toContain('orders/sink');
    expect(await crossdock('dlq', 'list', '--group', fingerprint!, '--broker', dev.brokerUri)).toContain('No letters');
    expect(await crossdock('audit', '--target', 'Replay/one-of-them')).toMatch(/kim +ReplayEnded/);
    expect(await crossdock('dlq', 'groups')).toBe('No dead letters.\n');
    const widths = [groups, dry, run].flatMap((text) => text.split('\n').map((line) => line.length));
    expect(Math.max(...widths)).toBeLessThanOrEqual(120);
  });

  async function crossdock(...args: string[]): Promise<string> {
    const own = args.includes('--broker') ? [] : ['--database', stand.databaseUrl];
    const flags = [...own, '-n', stand.namespace];
    const child = spawn(process.execPath, ['--no-warnings', 'cli/main.ts', ...args, ...flags], {
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => {
        out += chunk;
      });
    await new Promise((resolve) => child.once('close', resolve));
    return out;
  }
});

it('killed in the middle, a replay goes on and sends no document twice in an epoch', { timeout: 90_000 }, async () => {
  await using stand = await makeStand();
  const N = 60;
  const numbers = Array.from({ length: N }, (_, n) => `K-${n}`);
  stand.ledger.answer = (_, response) => {
    response.writeHead(422).end();
    return true;
  };
  let dev = await startDevProcess(stand);
  await Promise.all(numbers.map((no) => post(() => dev.http, no)));
  await stand.until((rows) => summary(rows)['orders/sink DeadLettered'] === N);
  stand.ledger.answer = () => false;
  const { name } = await startReplay(
    stand.database,
    stand.namespace,
    spec({ deadLetters: {}, integration: 'orders' }, { ratePerSecond: 30 }),
  );
  await until('some are sent', () => stand.ledger.effects.length > 10);
  dev.child.kill('SIGKILL');
  await dev.exited;
  expect(stand.ledger.effects.length).toBeLessThan(N);
  dev = await startDevProcess(stand);
  await until('it has ended', async () => {
    const replay = await readReplay(stand.database, stand.namespace, name);
    return replay?.finishedAt !== undefined;
  });
  const replay = await readReplay(stand.database, stand.namespace, name);
  await dev.stop();
  expect(replay).toMatchObject({ state: 'Succeeded', selected: N, done: N, failed: 0 });
  const kept = stand.ledger.effects.filter(({ repeated }) => !repeated);
  expect(kept.map(({ body }) => body.number).sort()).toEqual([...numbers].sort());
  const { rows } = await stand.database.query(
    `select epoch, count(*)::int as n from accounts where destination = 'orders/sink' and state = 'Delivered' group by 1`,
  );
  expect(rows).toEqual([{ epoch: 1, n: N }]);
});

const mappedYaml = ({ namespace }: Stand, expression: string) => `
apiVersion: crossdock.dev/v1alpha1
kind: Mapping
metadata: {name: relabel, namespace: ${namespace}}
spec:
  from: {documentTypeRef: {name: order-v1}}
  to: {documentTypeRef: {name: order-v1}}
  expression: '{"number": ${expression}}'
---
apiVersion: crossdock.dev/v1alpha1
kind: Integration
metadata: {name: mapped, namespace: ${namespace}}
spec:
  source: {events: {documentTypeRefs: [{name: order-v1}]}}
  destinations:
  - {name: sink, when: '$substring(number, 0, 2) = "M-"', mappingRef: {name: relabel}, system: {connectorRef: {name: sink}, http: {path: /mapped}}}
`;

const replayYaml = ({ namespace }: Stand) => `
apiVersion: crossdock.dev/v1alpha1
kind: Replay
metadata: {name: one-of-them, namespace: ${namespace}}
spec:
  reason: closed by mistake
  requestedBy: kim
  mode: Run
  selector: {integration: orders, deadLetters: {}, keys: [C-1]}
`;
