/**
 * What an order costs: the same documents of 1,000 keys from an inbox through routing and delivery into a queue, with `ordering` and without,
 * in interleaved rounds on one private RabbitMQ. Run: `node bench/ordering.ts [documents] [rounds]`. Second halves of each drain count.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadFolder } from '../crds/folder.ts';
import { applyTopology } from '../operator/apply/rabbitmq/apply.ts';
import { managementClient } from '../operator/apply/rabbitmq/client.ts';
import { nextPlan } from '../operator/reconcile/last-good.ts';
import { translateNamespace } from '../operator/translate/translate.ts';
import { worldOf } from '../operator/translate/world.ts';
import { connectBroker } from '../runtime/broker/amqp.ts';
import { inbox } from '../runtime/names.ts';
import { startPrivateBroker } from '../standalone/broker.ts';
import { temporaryFolder } from '../standalone/cache.ts';
import { startPrivateDatabase } from '../standalone/database.ts';
import { removeAtExit } from '../standalone/process.ts';
import { canonicalMessage, LINES, schema } from './pipeline/documents.ts';
import { drain, type Figures } from './pipeline/drain.ts';

const [documents, rounds] = [Number(process.argv[2] ?? 20_000), Number(process.argv[3] ?? 3)];
const say = (line: string) => console.error(line);
const folder = temporaryFolder('bench-ordering');
removeAtExit(folder);
const broker = await startPrivateBroker({ log: say });
const database = await startPrivateDatabase({ log: say });
const management = managementClient({ uri: broker.managementUri });

/** 1,000 keys: the last three digits of an order's number. */
const ORDERING = { keyExpression: '$substring(orderNumber, -3)' };
const resources = (ordering: object | undefined) =>
  [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'queue', labels: { 'crossdock.dev/use': 'true' } },
      stringData: { uri: 'amqp://127.0.0.1' },
    },
    {
      kind: 'Connector',
      metadata: { name: 'queue' },
      spec: { amqp: { secretRef: { name: 'queue' }, routingKey: 'done' }, limits: { concurrency: 400 } },
    },
    {
      kind: 'DocumentType',
      metadata: { name: 'order-v1' },
      spec: { name: 'order', version: 1, json: { schema }, keys: [{ name: 'order', expression: 'orderNumber' }] },
    },
    {
      kind: 'Integration',
      metadata: { name: 'orders' },
      spec: {
        source: { http: { path: '/orders' }, documentTypeRef: { name: 'order-v1' } },
        destinations: [{ name: 'queue', system: { connectorRef: { name: 'queue' } } }],
        ...(ordering && { ordering }),
      },
    },
  ].map((each) => ({ apiVersion: 'crossdock.dev/v1alpha1', ...each }));

async function measure(name: string, ordering: object | undefined, round: number): Promise<Figures> {
  const written = join(folder, name);
  mkdirSync(written, { recursive: true });
  writeFileSync(
    join(written, 'bench.yaml'),
    resources(ordering)
      .map((each) => stringify(each))
      .join('---\n'),
  );
  const world = worldOf(await loadFolder(written), { namespace: 'bench', brokerVersion: broker.version });
  const translation = translateNamespace(world);
  const { index, texts } = nextPlan(translation, undefined);
  if (!index.integrations.orders)
    throw new Error(JSON.stringify(translation.translations.flatMap(({ findings }) => findings)));
  const parts = Object.fromEntries([...texts].map(([hash, text]) => [hash, JSON.parse(text)]));
  const plan = join(folder, `${name}.json`);
  writeFileSync(plan, JSON.stringify({ index, parts }));
  const vhost = `bench.${name}.${round}`;
  const uri = `${broker.uri}/${encodeURIComponent(vhost)}`;
  await management.putVhost(vhost, 'bench');
  const user = decodeURIComponent(new URL(uri).username);
  await management.putPermission(vhost, user, { configure: '.*', write: '.*', read: '.*' });
  await applyTopology(management, vhost, translation.topology, { owner: 'bench' });
  await management.putQueue(vhost, { name: 'done', durable: true, arguments: { 'x-queue-type': 'quorum' } });
  const publisher = await connectBroker({ uri, name: 'bench', log: { info() {}, warn() {}, error: console.error } });
  for (let n = 0; n < documents; n += 1_000)
    await Promise.all(
      Array.from({ length: Math.min(1_000, documents - n) }, (_, i) =>
        publisher.publish({
          ...canonicalMessage(n + i, LINES['2 KB'], true),
          exchange: '',
          routingKey: inbox('orders'),
        }),
      ),
    );
  await publisher.close();
  const program = join(import.meta.dirname, 'pipeline/peers/crossdock.ts');
  const secrets = JSON.stringify([{ metadata: { name: 'queue' }, stringData: { uri } }]);
  const env = { BENCH_URI: uri, BENCH_PLAN: plan, BENCH_DATABASE: database.url, BENCH_SECRETS: secrets };
  const figures = await drain({
    uri,
    to: 'done',
    total: documents,
    brokerPid: broker.pid,
    command: { command: process.execPath, args: ['--no-warnings', program], env: { ...env, LOG_LEVEL: 'error' } },
    check() {},
  });
  await management.deleteVhost(vhost);
  const { documentsPerSecond: rate, cpuMicrosPerDocument: cpu, brokerMicrosPerDocument: its, othersShare } = figures;
  console.log(
    `${name.padEnd(10)} ${rate.toFixed(0).padStart(6)}/s ${cpu.toFixed(0).padStart(4)} + ${its.toFixed(0)} µs of the broker (others use ${(othersShare * 100).toFixed(0)} %)`,
  );
  return figures;
}

const ratios: { rate: number; cpu: number }[] = [];
for (let round = 1; round <= rounds; round++) {
  const free = await measure('unordered', undefined, round);
  const ordered = await measure('ordered', ORDERING, round);
  ratios.push({
    rate: ordered.documentsPerSecond / free.documentsPerSecond,
    cpu: free.cpuMicrosPerDocument / ordered.cpuMicrosPerDocument,
  });
}
const median = (all: number[]) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)]!.toFixed(2);
console.log(
  `ordered / unordered: ${median(ratios.map(({ rate }) => rate))} by rate, ${median(ratios.map(({ cpu }) => cpu))} by CPU, medians of ${rounds}; ${documents} documents, 1,000 keys, RabbitMQ ${broker.version}, load ${loadavg()[0]!.toFixed(1)}`,
);
await management.close();
await broker.stop();
await database.stop();
