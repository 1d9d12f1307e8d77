/** A Replay resource on the real parts: the operator tells the tracker, the tracker sends, the runtime delivers, the status says so. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import type { Integration, Replay } from '../../crds/generated/types.ts';
import { freePort } from '../../standalone/process.ts';
import { type Ledger, startLedger } from '../standalone/support.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { until } from './poll.ts';
import { ROOT, type Stage, stage } from './stage.ts';

let at: Stage;
let database: TestDatabase;
let ledger: Ledger;
let httpPort: number;
const children: ChildProcess[] = [];

beforeAll(async () => {
  const [runtimePort, trackerPort, http] = await Promise.all([freePort(), freePort(), freePort()]);
  httpPort = http;
  [at, database, ledger] = await Promise.all([stage(), testDatabase(), startLedger()]);
  const kubeconfig = at.plane.kubeconfigFor(at.plane.adminToken, at.namespace);
  const start = (file: string, ...args: string[]) =>
    children.push(
      spawn(
        process.execPath,
        ['--no-warnings', join(ROOT, file), '--kubeconfig', kubeconfig, '--namespace', at.namespace, ...args],
        { stdio: process.env.TEST_LOG ? 'inherit' : 'ignore', env: { PATH: process.env.PATH } },
      ),
    );
  const common = ['--database', database.url, '--host', '127.0.0.1', '--admin-port'];
  start('runtime/main.ts', ...common, `${runtimePort}`, '--http-port', `${http}`);
  start('tracker/main.ts', ...common, `${trackerPort}`);
  at.operate({
    runtimes: [{ namespace: at.namespace, url: `http://127.0.0.1:${runtimePort}` }],
    trackers: [{ namespace: at.namespace, url: `http://127.0.0.1:${trackerPort}` }],
  });
  const { uri, managementUri } = at.broker;
  await at.apply(
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'rabbitmq' }, stringData: { uri, managementUri } },
    { ...of('Broker', 'default'), spec: { connection: { secretRef: { name: 'rabbitmq' } } } },
    {
      ...of('DocumentType', 'order-v1'),
      spec: {
        ...{ name: 'order', version: 1, json: { schema: { type: 'object' } } },
        keys: [{ name: 'order', expression: 'number' }],
      },
    },
    { ...of('Connector', 'erp'), spec: { http: { url: ledger.url } } },
    {
      ...of('Integration', 'orders'),
      spec: {
        source: { http: { path: '/orders' }, documentTypeRef: { name: 'order-v1' } },
        destinations: [{ name: 'erp', system: { connectorRef: { name: 'erp' }, http: { path: '/orders' } } }],
      },
    },
  );
  await at.condition('Integration', 'orders', 'Ready', { status: 'True' }, 40_000);
}, 90_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await at?.[Symbol.asyncDispose]();
  await database?.remove();
  await ledger?.close();
});

const of = (kind: string, name: string) => ({ apiVersion: 'crossdock.dev/v1alpha1', kind, metadata: { name } });
const replay = (name: string, spec: object) => ({
  ...of('Replay', name),
  spec: {
    reason: 'closed by mistake',
    requestedBy: 'kim',
    selector: { integration: 'orders', deadLetters: {} },
    ...spec,
  },
});
const kubectl = (...args: string[]) => at.plane.kubectl(['-n', at.namespace, ...args]);
const post = async (number: string) => {
  const { status } = await fetch(`http://127.0.0.1:${httpPort}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': number },
    body: JSON.stringify({ number }),
  });
  expect(status).toBe(202);
};

test('dry run, approval, completion, what waits, and the end of its time', { timeout: 90_000 }, async () => {
  ledger.answer = (_, response) => {
    response.writeHead(422, { 'content-type': 'application/json' }).end('{"code": "CLOSED"}');
    return true;
  };
  for (const number of ['PO-1', 'PO-2']) await post(number);
  await until('both were refused', () => ledger.requests >= 2);

  // The journal may be a moment behind: a dry run of nothing says so, and another finds both.
  let dry: Replay | undefined;
  for (let n = 0; dry?.status?.selected !== 2; n++) {
    if (n > 20) throw new Error('never selected');
    await at.apply(replay(`dry-${n}`, {}));
    await at.condition('Replay', `dry-${n}`, 'Complete', { status: 'True' }, 20_000);
    dry = await at.get<Replay>('Replay', `dry-${n}`);
  }
  expect(dry.status).toMatchObject({ mode: 'DryRun', selected: 2, done: 0, failed: 0 });
  expect(dry.status!.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
  await until(
    'the impact is told',
    async () => (await at.get<Integration>('Integration', 'orders'))?.status?.impact !== undefined,
  );
  const impact = (await at.get<Integration>('Integration', 'orders'))?.status?.impact;
  expect(impact).toMatch(/^2 documents wait, oldest less than a minute$/);

  ledger.answer = () => false;
  await at.apply(replay('again', { mode: 'Run', limit: 1 }));
  const waits = await at.condition('Replay', 'again', 'Complete', { reason: 'AwaitingApproval' }, 20_000);
  expect(waits.message).toContain('another person than kim');
  const changed = await kubectl('patch', 'replay.crossdock.dev/again', '--type=merge', '-p', '{"spec":{"limit":1000}}');
  expect(changed.stderr).toContain('only state and approvals change');
  const own = await kubectl(
    'patch',
    'replay.crossdock.dev/again',
    '--type=merge',
    '-p',
    '{"spec":{"approvals":[{"by":"kim"}]}}',
  );
  expect(own.stderr).toContain('another person must');
  await kubectl('patch', 'replay.crossdock.dev/again', '--type=merge', '-p', '{"spec":{"approvals":[{"by":"lee"}]}}');
  const waited = await kubectl('wait', '--for=condition=Complete', '--timeout=30s', 'replay.crossdock.dev/again');
  expect(waited.stderr).toBe('');
  const { stdout } = await kubectl('get', 'replays.crossdock.dev', 'again', '--no-headers');
  expect(stdout.trim().split(/\s+/).slice(0, 7)).toEqual(['again', 'True', 'Ready', 'Run', '2', '2', '0']);
  expect(ledger.effects.map(({ body }) => body.number).sort()).toEqual(['PO-1', 'PO-2']);

  await at.apply(
    replay('short', { ttlAfterFinished: '1s' }),
    replay('nowhere', { selector: { integration: 'order' } }),
  );
  await until('its time is over', async () => (await at.get('Replay', 'short')) === undefined, 30_000);
  const lost = await at.condition('Replay', 'nowhere', 'ResolvedRefs', { status: 'False', reason: 'RefNotFound' });
  expect(lost.message).toContain('did you mean "orders"');
});

test('with the policy of four eyes, names in Replays are those of users', { timeout: 60_000 }, async () => {
  const name = `replays-by-name.${at.namespace}`;
  const input = parseAllDocuments(readFileSync(join(ROOT, 'operator/manifests/four-eyes.yaml'), 'utf8'))
    .map((document) => {
      const object = document.toJS();
      object.metadata.name = name;
      if (object.spec.policyName) {
        object.spec.policyName = name;
        // Other tests share the API server.
        const matchLabels = { 'kubernetes.io/metadata.name': at.namespace };
        object.spec.matchResources = { namespaceSelector: { matchLabels } };
      }
      return stringify(object);
    })
    .join('---\n');
  const all = (verb: string) => at.plane.kubectl([verb, '-f', '-'], { input });
  expect((await all('apply')).stderr).toBe('');
  try {
    await kubectl('create', 'rolebinding', 'people', '--clusterrole=cluster-admin', '--user=kim', '--user=lee');
    const as = (user: string, ...args: string[]) => kubectl(`--as=${user}`, ...args);
    const create = async (user: string, object: object) =>
      (await at.plane.kubectl(['-n', at.namespace, `--as=${user}`, 'create', '-f', '-'], { input: stringify(object) }))
        .stderr;
    const asked = (of: string, more = {}) => replay(of, { mode: 'DryRun', ...more });
    await until('it is in force', async () =>
      /must be who creates the Replay: lee/.test(await create('lee', asked(`not-lee-${Date.now()}`))),
    );
    expect(await create('kim', asked('by-kim', { approvals: [{ by: 'lee' }] }))).toContain(
      'added to a Replay that exists',
    );
    expect(await create('kim', asked('by-kim'))).toBe('');
    const approve = async (user: string, by: string) =>
      (
        await as(
          user,
          'patch',
          'replay.crossdock.dev/by-kim',
          '--type=merge',
          '-p',
          `{"spec":{"approvals":[{"by":"${by}"}]}}`,
        )
      ).stderr;
    expect(await approve('kim', 'lee')).toContain("in one's own name: kim");
    expect(await approve('kim', 'kim')).toContain('another person must');
    expect(await approve('lee', 'lee')).toBe('');
  } finally {
    await all('delete');
  }
});
