/**
 * What a busy neighbour does to another integration of the same runtime: documents are posted to a quiet integration at a steady rate, alone,
 * beside one that drains a backlog, and beside one whose mapping uses most of its budget. From the post to the arrival in the queue that it
 * delivers to. The same with the neighbours in a process of their own (a RuntimePool) says what broker and machine have in it.
 *
 *   node bench/neighbour.ts [--rate 20] [--backlog 20000] [--rounds 3] [--only together]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import amqp from 'amqplib';
import { managementClient } from '../operator/apply/rabbitmq/client.ts';
import { connectBroker } from '../runtime/broker/amqp.ts';
import { deriveId } from '../runtime/canonical.ts';
import { compileExpression } from '../runtime/mapping/compile.ts';
import { inbox } from '../runtime/names.ts';
import { startPrivateBroker } from '../standalone/broker.ts';
import { temporaryFolder } from '../standalone/cache.ts';
import { startPrivateDatabase } from '../standalone/database.ts';
import { removeAtExit } from '../standalone/process.ts';
import { canonicalMessage, LINES, schema, source } from './pipeline/documents.ts';
import { declareIn, planOfResources } from './pipeline/stage.ts';
import { startPod } from './pod.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '20' },
    backlog: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
  },
});
const [rate, backlog, rounds] = [Number(values.rate), Number(values.backlog), Number(values.rounds)];
const WARM_MS = 4_000;
const ALONE_MS = 10_000;
const COSTLY_MS = 8_000;
const COSTLY_DOCUMENTS = 1_000;
/** Of CPU on a warm machine: an expression is ended at 70. */
const COSTLY_MAP_MS = 25;
const lines = LINES['2 KB'];
const silent = { info() {}, warn() {}, error: console.error };
const say = (line: string) => console.error(line);

/** An expression that takes so long on this machine. */
function costlyExpression(): string {
  const expression = (count: number) => `$merge([$, {"sum": $sum([1..${count}].($ * 2 + 1))}])`;
  let count = 1_000;
  for (let round = 0; round < 8; round++) {
    const compiled = compileExpression(expression(count), 'bench');
    const once = () => {
      const began = process.threadCpuUsage();
      compiled.evaluate({ orderNumber: 'PO-1' }, { tables: {} });
      const { user, system } = process.threadCpuUsage(began);
      return (user + system) / 1_000;
    };
    const least = Math.min(...Array.from({ length: 5 }, once));
    count = Math.floor(count * Math.min(3, COSTLY_MAP_MS / least));
  }
  return expression(count);
}
const costly = costlyExpression();

/** The quiet one runs; of the neighbours the one that is named. */
function resources(running: '' | 'busy' | 'costly', apart: boolean): object[] {
  const neighbour = (name: 'busy' | 'costly') => ({
    state: running === name ? 'Running' : 'Paused',
    ...(apart && { runtimePoolRef: { name: 'neighbours' } }),
  });
  const integration = (name: string, concurrency: number, spec: object, destination: object = {}) => [
    {
      kind: 'Connector',
      metadata: { name },
      spec: { amqp: { secretRef: { name: 'queue' }, routingKey: `done-${name}` }, limits: { concurrency } },
    },
    {
      kind: 'Integration',
      metadata: { name },
      spec: {
        source: { http: { path: `/${name}` }, documentTypeRef: { name: 'order-v1' }, mappingRef: { name: 'from-erp' } },
        destinations: [{ name: 'queue', system: { connectorRef: { name } }, ...destination }],
        ...spec,
      },
    },
  ];
  const mapping = (name: string, expression: string) => ({
    kind: 'Mapping',
    metadata: { name },
    spec: {
      from: { documentTypeRef: { name: 'order-v1' } },
      to: { documentTypeRef: { name: 'order-v1' } },
      expression,
    },
  });
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'queue', labels: { 'crossdock.dev/use': 'true' } },
      stringData: { uri: 'amqp://127.0.0.1' },
    },
    ...(apart ? [{ kind: 'RuntimePool', metadata: { name: 'neighbours' }, spec: { replicas: 1 } }] : []),
    {
      kind: 'DocumentType',
      metadata: { name: 'order-v1' },
      spec: { name: 'order', version: 1, json: { schema }, keys: [{ name: 'order', expression: 'orderNumber' }] },
    },
    mapping(
      'from-erp',
      '{"orderNumber": no, "orderDate": date, "supplierCode": supplier.code, "lines": items.{"sku": article, "gtin": ean, "description": $uppercase(text), "quantity": qty * pack, "price": $string(price)}}',
    ),
    mapping('costly', costly),
    ...integration('quiet', 8, {}),
    ...integration('busy', 100, neighbour('busy')),
    ...integration('costly', 8, neighbour('costly'), { mappingRef: { name: 'costly' } }),
  ].map((each) => ({ apiVersion: 'crossdock.dev/v1alpha1', ...each }));
}

const folder = temporaryFolder('bench-neighbour');
removeAtExit(folder);
const broker = await startPrivateBroker({ log: say });
const database = await startPrivateDatabase({ log: say });
const management = managementClient({ uri: broker.managementUri });

type Phase = 'alone' | 'backlog' | 'costly mapping';
const found = new Map<string, number[]>();
const speeds = new Map<string, number[]>();
const add = <T>(map: Map<string, T[]>, key: string, more: T[]) => map.set(key, [...(map.get(key) ?? []), ...more]);

let posted = 0;
/** Posts that have not arrived, with their time; the phase in which they were posted. */
const underWay = new Map<string, { at: number; took: number[] }>();
const agent = new Agent({ keepAlive: true });

function post(port: number, took: number[]): void {
  const n = 1_000_000 + posted++;
  const body = JSON.stringify(source(n, lines));
  underWay.set(`PO-${n}`, { at: performance.now(), took });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  request({ agent, host: '127.0.0.1', port, path: '/quiet', method: 'POST', headers }, (response) => {
    if (response.statusCode !== 202) throw new Error(`a post was answered ${response.statusCode}`);
    response.resume();
  }).end(body);
}

/** Posts until `over`, waits for the last to arrive, and gives what each took, ms. */
async function quiet(port: number, over: (elapsed: number) => boolean | Promise<boolean>): Promise<number[]> {
  const took: number[] = [];
  const began = performance.now();
  for (let n = 1; !(await over(performance.now() - began)); n++) {
    post(port, took);
    // Not in step with anything else.
    await sleep(Math.max(0, began + ((n + Math.random() / 2) * 1000) / rate - performance.now()));
  }
  for (const end = performance.now() + 60_000; underWay.size > 0; await sleep(10))
    if (performance.now() > end) throw new Error(`${underWay.size} documents did not arrive`);
  return took;
}

let vhosts = 0;
async function measure(name: 'together' | 'apart'): Promise<void> {
  const apart = name === 'apart';
  const at = join(folder, `${name}-${++vhosts}`);
  mkdirSync(at, { recursive: true });
  const plan = (running: '' | 'busy' | 'costly') =>
    planOfResources(at, broker.version, resources(running, apart), `plan-${running || 'alone'}.json`);
  const [alone, busy, costs] = [await plan(''), await plan('busy'), await plan('costly')];
  const vhost = `bench.${vhosts}`;
  const uri = await declareIn(management, broker.uri, vhost, alone.topology);
  for (const each of ['quiet', 'busy', 'costly'])
    await management.putQueue(vhost, { name: `done-${each}`, durable: true, arguments: { 'x-queue-type': 'quorum' } });
  const ours = await connectBroker({ uri, name: 'bench', log: silent });
  for (const [integration, count] of [
    ['busy', backlog],
    ['costly', COSTLY_DOCUMENTS],
  ] as const)
    for (let n = 0; n < count; n += 1_000)
      await Promise.all(
        Array.from({ length: Math.min(1_000, count - n) }, (_, i) => {
          const message = canonicalMessage(n + i, lines, true);
          const id = deriveId(integration, n + i);
          const headers: NonNullable<typeof message.headers> = { ...message.headers, 'ce-id': id };
          // They would be each other's duplicates.
          delete headers['crossdock-revision'];
          return ours.publish({ ...message, messageId: id, headers, exchange: '', routingKey: inbox(integration) });
        }),
      );
  await ours.consume({
    queue: 'done-quiet',
    prefetch: 100,
    onDelivery(delivery) {
      const number = /"PO-\d+"/.exec(delivery.body.toString('latin1'))![0].slice(1, -1);
      const post = underWay.get(number);
      post?.took.push(performance.now() - post.at);
      underWay.delete(number);
      delivery.ack();
    },
  });
  const secrets = [{ metadata: { name: 'queue' }, stringData: { uri } }];
  const options = { brokerUri: uri, databaseUrl: database.url, secrets };
  const pod = await startPod(options);
  const other = apart ? await startPod({ ...options, pool: 'neighbours' }) : undefined;
  const apply = ({ plan: file }: { plan: string }) => Promise.all([pod.apply(file), other?.apply(file)]);
  const connection = await amqp.connect(uri);
  const channel = await connection.createChannel();
  const countOf = async (queue: string) => (await channel.checkQueue(queue)).messageCount;
  const keep = (phase: Phase, took: number[]) => add(found, `${name}, ${phase}`, took);
  try {
    await apply(alone);
    await quiet(pod.httpPort, (elapsed) => elapsed > WARM_MS);
    keep('alone', await quiet(pod.httpPort, (elapsed) => elapsed > ALONE_MS));
    const began = performance.now();
    await apply(busy);
    keep('backlog', await quiet(pod.httpPort, async () => (await countOf('done-busy')) >= backlog));
    add(speeds, `${name}, backlog`, [backlog / ((performance.now() - began) / 1000)]);
    await apply(costs);
    const before = await countOf('done-costly');
    keep('costly mapping', await quiet(pod.httpPort, (elapsed) => elapsed > COSTLY_MS));
    add(speeds, `${name}, costly mapping`, [((await countOf('done-costly')) - before) / (COSTLY_MS / 1000)]);
    const letters = await countOf('dead-letters');
    if (letters > 0) say(`${letters} documents failed: the machine was too slow for their mapping`);
  } finally {
    await pod.kill();
    await other?.kill();
    await connection.close();
    await ours.close();
    await management.deleteVhost(vhost);
  }
}

const names = (['together', 'apart'] as const).filter((name) => !values.only || values.only === name);
for (let round = 1; round <= rounds; round++) for (const name of names) await measure(name);

const at = (sorted: number[], share: number) => sorted[Math.floor((sorted.length - 1) * share)]!;
const mean = (all: number[]) => all.reduce((sum, each) => sum + each, 0) / all.length;
const rows = [...found].map(([name, all]) => {
  const sorted = all.sort((a, b) => a - b);
  const alone = found.get(`${name.split(',')[0]}, alone`)!;
  const p99 = at(sorted, 0.99);
  return {
    name,
    documents: sorted.length,
    p50Ms: at(sorted, 0.5),
    p99Ms: p99,
    maxMs: sorted.at(-1)!,
    p99ToAlone:
      p99 /
      at(
        [...alone].sort((a, b) => a - b),
        0.99,
      ),
    neighbourPerSecond: speeds.has(name) ? mean(speeds.get(name)!) : undefined,
  };
});
console.log(`${''.padEnd(26)}     n    p50    p99    max  p99 / alone  neighbour/s`);
for (const { name, documents, p50Ms, p99Ms, maxMs, p99ToAlone, neighbourPerSecond } of rows)
  console.log(
    `${name.padEnd(26)} ${String(documents).padStart(5)} ${[p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(1).padStart(6)).join(' ')} ${p99ToAlone.toFixed(2).padStart(12)} ${(neighbourPerSecond?.toFixed(0) ?? '').padStart(12)}`,
  );
console.log(
  `${rate}/s to the quiet one, a backlog of ${backlog}, a mapping of ${COSTLY_MAP_MS} ms, ${rounds} rounds; ${cpus().length} cores, RabbitMQ ${broker.version}, load ${loadavg()[0]!.toFixed(1)}`,
);
mkdirSync(join(import.meta.dirname, 'out'), { recursive: true });
writeFileSync(
  join(import.meta.dirname, 'out/neighbour.json'),
  `${JSON.stringify({ rate, backlog, rounds, rows }, undefined, 2)}\n`,
);
await management.close();
await broker.stop();
await database.stop();
