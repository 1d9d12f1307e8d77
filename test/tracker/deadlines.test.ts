/** Deadlines on a real PostgreSQL, told to a real HTTP server and a real mail server: what does not happen is noticed, once. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type pg from 'pg';
import { SMTPServer } from 'smtp-server';
import { expect, it } from 'vitest';
import type { ConnectorPlan } from '../../runtime/plan.ts';
import { folderSecrets } from '../../runtime/secrets.ts';
import { Deadlines } from '../../tracker/deadlines/deadlines.ts';
import type { Message } from '../../tracker/deadlines/message.ts';
import { Notifier } from '../../tracker/deadlines/notifier.ts';
import {
  countLateByPartner,
  countLateTransactions,
  countObjectives,
  readLate,
  readObjectives,
} from '../../tracker/deadlines/read.ts';
import { Follower } from '../../tracker/follower.ts';
import { trackerMetrics } from '../../tracker/metrics.ts';
import type { NotifyPlan, PolicyPlan, SlaPlan, TrackerPlan } from '../../tracker/plan.ts';
import type { Fact } from '../../tracker/process/facts.ts';
import { order, PROCESS, response } from '../../tracker/process/life.ts';
import { Processes } from '../../tracker/process/processes.ts';
import { writeAll } from './documents.ts';
import { log, until, withDatabase } from './support.ts';

let database: pg.Pool;
withDatabase((opened) => {
  database = opened;
});

const HOUR = 3_600_000;
const DEADLINE_MS = 3_000;
const policy = (more: Partial<PolicyPlan> = {}): PolicyPlan => ({
  name: 'response',
  generation: 1,
  process: 'inbound',
  objectives: [
    {
      name: 'Confirmed',
      to: 'Confirmed',
      within: { from: 'Released', ms: DEADLINE_MS },
      clock: 'Elapsed',
      calendar: 'Partner',
      warnAt: 50,
      severity: 'Critical',
    },
  ],
  notify: [],
  ...more,
});
const planOf = (policies: PolicyPlan[], more: Partial<SlaPlan> = {}): TrackerPlan => ({
  processes: [PROCESS],
  sla: { policies, calendars: {}, partners: {}, ...more },
});

interface Running extends AsyncDisposable {
  use(plan: TrackerPlan): void;
  settled(): Promise<void>;
  notifier: Notifier;
}
/** All that keeps deadlines of a namespace; `secrets` of the connectors. */
function run(namespace: string, plan: TrackerPlan, secrets = folderSecrets()): Running {
  const processes = new Processes({ namespace, database, log });
  const deadlines = new Deadlines({ namespace, database, log, toldUntil: Date.now });
  const notifier = new Notifier({ namespace, database, log, secrets, gatherMs: 200 });
  const all = [processes, deadlines, notifier];
  const use = (next: TrackerPlan) => {
    for (const one of all) one.use(next);
  };
  use(plan);
  return {
    use,
    notifier,
    settled: () =>
      until('all folded', async () => {
        const { rowCount } = await database.query('select from touched where namespace = $1', [namespace]);
        return rowCount === 0 && processes.adopted;
      }),
    async [Symbol.asyncDispose]() {
      for (const one of all) await one.stop();
      for (const one of all) expect(one.trouble).toBeUndefined();
    },
  };
}
const about = (key: string, one: Fact, at = Date.now()): Fact => {
  const text = JSON.stringify(one.body).replaceAll('PO-1', key);
  return {
    ...one,
    id: `${key} ${one.id}`,
    at,
    keys: [key],
    body: JSON.parse(text),
    bodyHash: `${key} ${one.bodyHash}`,
    ...(one.revision && { revision: { ...one.revision, key } }),
  };
};
const write = (namespace: string, facts: readonly Fact[]) => writeAll(database, namespace, facts);
const stateOf = async (namespace: string, key: string) => (await readObjectives(database, namespace, key))[0]?.state;
/** Times the state that is reached, and counts agree with rows at all times that nothing runs. */
async function expectCounts(namespace: string): Promise<void> {
  const { rows } = await database.query(
    'select policy, objective, state, count(*)::int as n from objectives where namespace = $1 group by 1, 2, 3',
    [namespace],
  );
  const kept = (await countObjectives(database, namespace)).flatMap(({ policy: name, objective, counts }) =>
    Object.entries(counts).flatMap(([state, n]) => (n === 0 ? [] : [{ policy: name, objective, state, n }])),
  );
  const sorted = (list: object[]) => list.map((one) => JSON.stringify(one)).sort();
  expect(sorted(kept)).toEqual(sorted(rows));
}

it('a missing document is noticed within a second of its deadline, and closed when it comes', async () => {
  const namespace = 'missing';
  await using running = run(namespace, planOf([policy()]));
  const released = Date.now();
  // Sent to a supplier, who has not said anything yet.
  const sent = {
    recipients: ['acme'],
    accounts: [{ destination: 'order/supplier', state: 'Delivered', at: released }],
  };
  await write(namespace, [{ ...about('PO-1', order([10]), released), ...sent }]);
  await until('warned', async () => (await stateOf(namespace, 'PO-1')) === 'Warning');
  expect(Date.now() - released).toBeGreaterThanOrEqual(DEADLINE_MS / 2);
  await until('breached', async () => (await stateOf(namespace, 'PO-1')) === 'Breached');
  const { rows } = await database.query(
    'select noticed_at::float8 - due_at::float8 as late from objectives where namespace = $1',
    [namespace],
  );
  expect(rows[0].late).toBeGreaterThanOrEqual(0);
  expect(rows[0].late).toBeLessThan(1_000);
  expect(await readLate(database, namespace)).toMatchObject([
    { key: 'PO-1', partner: 'acme', state: 'Breached', severity: 'Critical' },
  ]);
  expect(await countLateTransactions(database, namespace)).toEqual({ inbound: 1 });
  await write(namespace, [about('PO-1', response())]);
  await until('closed', async () => (await stateOf(namespace, 'PO-1')) === 'MetLate');
  expect(await readLate(database, namespace)).toEqual([]);
  expect(await countObjectives(database, namespace)).toMatchObject([
    { policy: 'response', objective: 'Confirmed', burn: 1 },
  ]);
  await running.settled();
  await expectCounts(namespace);
  const metrics = await trackerMetrics([new Follower(namespace, database, log)], database).text();
  const labels = `namespace="${namespace}",policy="response",objective="Confirmed"`;
  expect(metrics).toContain(`crossdock_objectives{${labels},state="MetLate"} 1`);
  expect(metrics).toContain(`crossdock_objectives{${labels},state="Breached"} 0`);
  expect(metrics).toContain(`crossdock_objectives_burn_ratio{${labels}} 1`);
  expect(metrics).toContain(`crossdock_transactions_open{namespace="${namespace}",process="inbound"} 1`);
});

it.concurrent('deadlines that passed while nobody ran are noticed at the start, a document that came in time counts', async () => {
  const namespace = 'restart';
  {
    await using running = run(namespace, planOf([policy()]));
    await write(namespace, [about('PO-1', order([1])), about('PO-2', order([1]))]);
    await until('armed', async () => (await stateOf(namespace, 'PO-2')) !== undefined);
    await running.settled();
  }
  await write(namespace, [about('PO-2', response())]);
  await until('over', () =>
    database
      .query('select 1 from objectives where namespace = $1 and due_at > $2', [namespace, Date.now()])
      .then(({ rowCount }) => rowCount === 0),
  );
  await using _ = run(namespace, planOf([policy()]));
  await until('noticed', async () => (await stateOf(namespace, 'PO-1')) === 'Breached');
  expect(await stateOf(namespace, 'PO-2')).toBe('Met');
});

it.concurrent('policies that change, partners that get a calendar and policies that go touch what they are about', async () => {
  const namespace = 'changes';
  const day = Date.UTC(2026, 2, 2, 9);
  const acme = { ...about('PO-1', order([1]), day), source: 'partner/acme' };
  const other = { ...about('PO-2', order([1]), day), source: 'partner/other' };
  await write(namespace, [acme, other]);
  const working = policy({ partners: ['acme'] });
  working.objectives[0] = {
    ...working.objectives[0]!,
    clock: 'WorkingTime',
    within: { from: 'Released', ms: 24 * HOUR },
  };
  await using running = run(namespace, planOf([working]));
  const due = async (key: string) => (await readObjectives(database, namespace, key))[0]?.dueAt;
  await until('acme alone', async () => (await due('PO-1')) === day + 24 * HOUR && (await due('PO-2')) === undefined);
  const hours = { timeZone: 'UTC', shifts: [{ days: [1, 2, 3, 4, 5], from: 480, to: 960 }], dates: [] };
  running.use(planOf([working], { calendars: { h: hours }, partners: { acme: 'h' } }));
  await until('by working hours', async () => (await due('PO-1')) === Date.UTC(2026, 2, 5, 9));
  running.use(planOf([{ ...working, partners: ['other'] }]));
  await until('of the other', async () => (await due('PO-1')) === undefined && (await due('PO-2')) === day + 24 * HOUR);
  await running.settled();
  await expectCounts(namespace);
  expect(await countLateByPartner(database, namespace)).toMatchObject([{ partner: 'other', breached: 1 }]);
  running.use(planOf([]));
  await until('none', async () => (await countObjectives(database, namespace)).length === 0);
  expect(await readObjectives(database, namespace, 'PO-2')).toEqual([]);
});

interface Heard {
  path: string;
  key: string;
  auth: string;
  body: unknown;
}
async function hearing(): Promise<AsyncDisposable & { url: string; heard: Heard[]; answers: number[] }> {
  const heard: Heard[] = [];
  const answers: number[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    heard.push({
      path: request.url!,
      key: String(request.headers['idempotency-key']),
      auth: String(request.headers.authorization),
      body: JSON.parse(Buffer.concat(chunks).toString()),
    });
    response.statusCode = answers.shift() ?? 200;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
const connector = (more: Partial<ConnectorPlan>): ConnectorPlan => ({
  part: 'connector',
  name: 'operations',
  timeoutMs: 2_000,
  concurrency: 2,
  ...more,
});
const EVENTS: NotifyPlan['events'] = ['Breach', 'Recovery'];

it.concurrent('a storm is one message, tried again with the same key, repeated quietly, and then it is over', {
  timeout: 60_000,
}, async () => {
  const namespace = 'storm';
  await using web = await hearing();
  web.answers.push(503);
  const notify: NotifyPlan = {
    connector: connector({ http: { url: web.url, auth: { bearer: { secretKeyRef: { name: 'ops', key: 'token' } } } } }),
    events: EVENTS,
    repeatEveryMs: 3_500,
    webhook: { path: '/sla' },
  };
  const secrets = folderSecrets([{ metadata: { name: 'ops' }, stringData: { token: 'canary-s3' } }]);
  const now = Date.now() - HOUR;
  const keys = Array.from({ length: 142 }, (_, i) => `PO-${1000 + i}`);
  await write(
    namespace,
    keys.map((key, i) => ({ ...about(key, order([1]), now + i), source: `partner/p${i % 3}` })),
  );
  await using running = run(namespace, planOf([policy({ notify: [notify] })]), secrets);
  await until('taken', () => web.heard.length >= 2);
  const [first, second] = web.heard as [Heard, Heard];
  expect(first).toMatchObject({ path: '/sla', auth: 'Bearer canary-s3' });
  expect(second.key).toBe(first.key);
  expect(second.body).toEqual(first.body);
  expect(first.body).toMatchObject({
    event: 'Breach',
    text: '142 purchase orders of 3 partners are late: Confirmed',
    severity: 'Critical',
    transactions: 142,
    more: 92,
  } satisfies Partial<Message>);
  expect((first.body as Message).items[0]).toMatchObject({
    key: 'PO-1000',
    partner: 'p0',
    dueAt: new Date(now + DEADLINE_MS).toISOString(),
  });
  await until('repeated', () => web.heard.length >= 3);
  expect(web.heard[2]!.body).toMatchObject({
    event: 'Reminder',
    text: '142 purchase orders of 3 partners are still late: Confirmed',
  });
  await write(
    namespace,
    keys.map((key) => about(key, response())),
  );
  await until('over', () => web.heard.some(({ body }) => (body as Message).event === 'Recovery'));
  await running.settled();
  await until('all told', async () => {
    const { rowCount } = await database.query('select from notices where namespace = $1', [namespace]);
    return rowCount === 0;
  });
  const over = web.heard.map(({ body }) => body as Message).filter(({ event }) => event === 'Recovery');
  expect(over.reduce((sum, { transactions }) => sum + transactions, 0)).toBe(142);
  expect(over.length).toBeLessThanOrEqual(20);
  const { rows } = await database.query('select error from notifications where namespace = $1 and error is not null', [
    namespace,
  ]);
  expect(JSON.stringify(rows)).not.toContain('canary');
});

it.concurrent('an Alertmanager is told what fires and what is resolved', async () => {
  const namespace = 'alerts';
  await using web = await hearing();
  const notify: NotifyPlan = {
    connector: connector({ http: { url: web.url } }),
    events: EVENTS,
    repeatEveryMs: 300_000,
    alertmanager: { path: '/api/v2/alerts' },
  };
  await using _ = run(namespace, planOf([policy({ notify: [notify] })]));
  await write(namespace, [{ ...about('PO-1', order([1]), Date.now() - HOUR), source: 'partner/acme' }]);
  await until('fires', () => web.heard.length === 1);
  const labels = {
    alertname: 'CrossdockObjectiveBreached',
    namespace,
    policy: 'response',
    objective: 'Confirmed',
    partner: 'acme',
    severity: 'critical',
  };
  expect(web.heard[0]).toMatchObject({ path: '/api/v2/alerts', body: [{ labels, annotations: { example: 'PO-1' } }] });
  const [alert] = web.heard[0]!.body as { endsAt: string }[];
  expect(Date.parse(alert!.endsAt)).toBeGreaterThan(Date.now());
  await write(namespace, [about('PO-1', response())]);
  await until('resolved', () => web.heard.length === 2);
  const [resolved] = web.heard[1]!.body as { labels: object; endsAt: string }[];
  expect(resolved!.labels).toEqual(labels);
  expect(Date.parse(resolved!.endsAt)).toBeLessThanOrEqual(Date.now());
});

it.concurrent('a mail goes out with its login, once there is a server', { timeout: 60_000 }, async () => {
  const namespace = 'mails';
  const mails: { user: string; to: string[]; text: string }[] = [];
  const server = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username = '', password }, _, done) =>
      password === 'canary-m4il' ? done(null, { user: username }) : done(new Error('no')),
    onData(stream, { envelope, user }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push({
          user: String(user),
          to: envelope.rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
  });
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => resolve((listening.address() as AddressInfo).port));
  });
  await using _server = { [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
  const mail = {
    host: '127.0.0.1',
    port,
    tls: 'StartTLS' as const,
    secretRef: { name: 'smtp' },
    from: 'Crossdock <crossdock@example.com>',
  };
  const notify: NotifyPlan = {
    connector: connector({ mail }),
    events: EVENTS,
    mail: { to: ['ops@example.com', 'buyer@example.com'] },
  };
  const secrets = folderSecrets([
    { metadata: { name: 'smtp' }, stringData: { username: 'crossdock', password: 'wrong' } },
  ]);
  await using running = run(namespace, planOf([policy({ notify: [notify] })]), secrets);
  await write(namespace, [{ ...about('PO-1', order([1]), Date.now() - HOUR), source: 'partner/acme' }]);
  // The test server's certificate is its own: without its authority nothing is said, not even the password.
  await until('refused', () => running.notifier.failing.size > 0);
  expect(running.notifier.failing.get('response')).toMatch(/certificate|self.signed/);
  expect(mails).toEqual([]);
  const plain: NotifyPlan = { ...notify, connector: connector({ mail: { ...mail, tls: 'None' } }) };
  running.use(planOf([policy({ notify: [plain] })]));
  await until('login refused', () => /535|Invalid login/.test(running.notifier.failing.get('response') ?? ''));
  secrets.replace([{ metadata: { name: 'smtp' }, stringData: { username: 'crossdock', password: 'canary-m4il' } }]);
  await until('taken', () => mails.length === 1);
  expect(mails[0]).toMatchObject({ user: 'crossdock', to: ['ops@example.com', 'buyer@example.com'] });
  expect(mails[0]!.text).toMatch(/^Subject: \[Crossdock\] Breach: 1 purchase order of acme is late: Confirmed/m);
  expect(mails[0]!.text).toMatch(/PO-1 {2}Confirmed {2}acme {2}due/);
  expect(mails[0]!.text).not.toContain('canary');
});
