/** A real Argo CD syncs the example from Git to a real API server with the operator at work. Costs a build of minutes, so it runs with the suite on a cluster. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import amqp from 'amqplib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { Kind, Resource } from '../../crds/generated/types.ts';
import { temporaryFolder } from '../../standalone/cache.ts';
import { removeAtExit, removeFolder, run } from '../../standalone/process.ts';
import { type Look, look } from '../operator/look.ts';
import { until } from '../operator/poll.ts';
import { ROOT, type Stage, type StandIn, stage } from '../operator/stage.ts';
import { type Application, type ArgoCd, newRepository, type Repository, startArgoCd } from './argo-cd.ts';
import { obtainArgoCd } from './programs.ts';

/** Of the example: all that can be Ready without a tracker. */
const FILES = [
  ...[
    'broker',
    'connectors',
    'profiles',
    'partners',
    'items',
    'open-orders',
    'portal',
    'purchase-order',
    'order-response',
    'ship-notice',
  ],
  ...['receipt', 'invoice'],
].map((name) => `${name}.yaml`);
interface HealthTest {
  tests: { healthStatus: { status: string; message: string }; inputPath: string }[];
}
const log = (line: string) => console.log(line);

let at: Stage;
let runtime: StandIn;
let { kubectl, queues, tenantUri } = {} as Look;
let argo: ArgoCd;
let repository: Repository;
let folder: string;

/** A file of the example with what `edit` does to its resources; without waves, as docs/guides/install.md has it. JSON is YAML of every version. */
const example = (file: string, edit: (resource: Resource) => void = () => {}): string =>
  parseAllDocuments(readFileSync(join(ROOT, 'examples/inbound-distribution', file), 'utf8'))
    .map((document) => {
      const resource = document.toJS() as Resource;
      edit(resource);
      return JSON.stringify(resource, undefined, 2);
    })
    .join('\n---\n');

/** Commits, and waits until Argo CD has synced that revision and finds it so. */
async function committed(files: Record<string, string | undefined>, health: string): Promise<Application> {
  const revision = await repository.commit(files);
  await argo.refresh('shop');
  return settled(health, revision);
}
const settled = (health: string, revision?: string): Promise<Application> =>
  until(
    `Synced and ${health}`,
    async () => {
      const application = await argo.get('shop');
      const { sync, health: found, operationState, conditions, resources } = application?.status ?? {};
      const done = sync?.status === 'Synced' && operationState?.phase === 'Succeeded';
      if (done && found?.status === health && (revision === undefined || sync.revision === revision))
        return application;
      const amiss = resources?.filter((each) => each.health?.status !== 'Healthy' || each.status !== 'Synced');
      const { phase, message } = operationState ?? {};
      const at = { wanted: revision, revision: sync?.revision };
      throw new Error(JSON.stringify({ ...at, sync: sync?.status, found, phase, message, conditions, amiss }));
    },
    90_000,
    250,
  );
const healthOf = (application: Application, kind: Kind, name: string) =>
  application.status!.resources!.find((each) => each.kind === kind && each.name === name)!.health!;

beforeAll(async () => {
  folder = temporaryFolder('argo-cd');
  removeAtExit(folder);
  at = await stage();
  ({ kubectl, queues, tenantUri } = look(at));
  runtime = await at.runtime();
  at.operate({ runtimes: [{ namespace: at.namespace, url: runtime.url }], timing: { driftMs: 2_000, graceMs: 3_000 } });
  // Secrets are nobody's to keep in Git.
  await at.applyExample([]);
  argo = await startArgoCd(at.plane, folder, log);
  repository = await newRepository(join(folder, 'shop'));
}, 900_000);
afterAll(async () => {
  await argo?.stop();
  await at?.[Symbol.asyncDispose]();
  removeFolder(folder);
});

test('its own engine judges as health_test.yaml says', async () => {
  const { argocd } = await obtainArgoCd(log);
  const own = join(ROOT, 'gitops/argo-cd/crossdock.dev/_');
  const { tests } = parse(readFileSync(join(own, 'health_test.yaml'), 'utf8')) as HealthTest;
  const settings = ['--argocd-cm-path', join(ROOT, 'gitops/argo-cd/argocd-cm.yaml')];
  const env = { PATH: process.env.PATH, HOME: folder, ARGOCD_BINARY_NAME: 'argocd' };
  for (const { healthStatus, inputPath } of tests) {
    const args = ['admin', 'settings', 'resource-overrides', 'health', join(own, inputPath), ...settings];
    // Of what is being deleted it says so itself, in its own words.
    const message = inputPath === 'testdata/deleted.yaml' ? 'Pending deletion' : healthStatus.message;
    expect(await run(argocd, args, { env })).toContain(`STATUS: ${healthStatus.status}\nMESSAGE: ${message}\n`);
  }
});

test('the example is synced in one go, whatever the order, and everything in it gets Healthy', async () => {
  await repository.commit(Object.fromEntries(FILES.map((file) => [file, example(file)])));
  await argo.apply('shop', repository, at.namespace);
  const { status } = await settled('Healthy');
  expect(new Set(status!.resources!.map(({ kind }) => kind))).toContain('Integration');
  for (const { kind, name, health } of status!.resources!)
    expect(health, `${kind} ${name}`).toMatchObject({ status: 'Healthy' });
}, 120_000);

test('nothing is OutOfSync by what the operator writes, while a change by hand is, and is undone', async () => {
  const before = (await argo.get('shop'))!.status!;
  await argo.refresh('shop');
  const after = await until('another comparison', async () => {
    const { status } = (await argo.get('shop'))!;
    return status!.reconciledAt === before.reconciledAt ? undefined : status;
  });
  expect(after.resources!.filter(({ status }) => status !== 'Synced')).toEqual([]);
  expect(after.operationState!.startedAt).toBe(before.operationState!.startedAt);

  await kubectl('patch', 'mapping', 'receipt-from-wms', '--type=merge', '-p', '{"spec":{"expression":"{}"}}');
  await until('undone', async () => (await at.get<Resource>('Mapping', 'receipt-from-wms'))!.metadata.generation === 3);
  const healed = await settled('Healthy');
  expect(healed.status!.operationState!.startedAt).not.toBe(before.operationState!.startedAt);
}, 120_000);

test('a broken Mapping is Degraded and says where, and so is the Integration that names it', async () => {
  const broken = example('receipt.yaml', ({ kind, metadata, spec }) => {
    if (kind === 'Mapping' && metadata.name === 'receipt-from-wms')
      Object.assign(spec, { expression: '{ "not": (closed' });
  });
  const application = await committed({ 'receipt.yaml': broken }, 'Degraded');
  expect(healthOf(application, 'Mapping', 'receipt-from-wms')).toMatchObject({
    status: 'Degraded',
    message: expect.stringContaining('spec.expression'),
  });
  expect(healthOf(application, 'Integration', 'receipt')).toMatchObject({
    status: 'Degraded',
    message: expect.stringContaining('receipt-from-wms'),
  });
  expect(healthOf(application, 'Integration', 'invoice')).toMatchObject({ status: 'Healthy' });
  await committed({ 'receipt.yaml': example('receipt.yaml') }, 'Healthy');
}, 180_000);

test('what Git pauses is Suspended, not Degraded', async () => {
  const paused = example('receipt.yaml', ({ kind, metadata, spec }) => {
    if (kind === 'Integration' && metadata.name === 'receipt') Object.assign(spec, { state: 'Paused' });
  });
  // As a runtime says it of the plan that it was given.
  runtime.report = (root, state) => (root === 'Integration/receipt' ? { ...state, state: 'Paused' } : state);
  const application = await committed({ 'receipt.yaml': paused }, 'Suspended');
  expect(healthOf(application, 'Integration', 'receipt')).toMatchObject({ status: 'Suspended' });
  runtime.report = (_root, state) => state;
  await committed({ 'receipt.yaml': example('receipt.yaml') }, 'Healthy');
}, 180_000);

const waiting = async (queue: string): Promise<void> => {
  const connection = await amqp.connect(await tenantUri());
  const channel = await connection.createConfirmChannel();
  channel.publish('work', queue, Buffer.from('{}'), { persistent: true, mandatory: true });
  await channel.waitForConfirms();
  await connection.close();
};
const messages = async (queue: string): Promise<number> =>
  (await at.broker.management.call<{ messages: number }>('GET', `/queues/${at.vhost}/${encodeURIComponent(queue)}`))
    .messages;

test('an Integration that is pruned with messages in its queue leaves them there', async () => {
  await waiting('receipt:out:erp');
  await committed({ 'receipt.yaml': undefined }, 'Healthy');
  await until('pruned', async () => (await at.get('Integration', 'receipt')) === undefined);
  expect((await queues()).filter((queue) => queue.startsWith('receipt:'))).toEqual(['receipt:out:erp']);
  await until('the message is counted', async () => (await messages('receipt:out:erp')) === 1);
}, 180_000);

test('an Application that is deleted takes its resources along, and leaves the messages', async () => {
  await waiting('invoice:inbox');
  await argo.delete('shop');
  await until('gone', async () => (await argo.get('shop')) === undefined, 120_000, 250);
  for (const kind of ['Integration', 'Broker', 'Mapping', 'Partner'] as const) expect(await at.list(kind)).toEqual([]);
  expect((await queues()).filter((queue) => queue.startsWith('invoice:'))).toEqual(['invoice:inbox']);
  await until('the messages are counted', async () => (await messages('receipt:out:erp')) === 1);
  await until('the messages are counted', async () => (await messages('invoice:inbox')) === 1);
}, 180_000);
