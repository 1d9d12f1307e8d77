/**
 * What integrations cost that have nothing to do: a runtime with 1,000 of them (inbox and outbox, a mapping each, 30 types, 20 systems), from
 * the start of its process until all is consumed, its memory and its CPU at rest; beside a process that only consumes the same queues with the
 * same codec, and a runtime with one integration.
 *
 *   node bench/idle.ts [--integrations 1000] [--seconds 10]
 */
import { fork } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { managementClient } from '../operator/apply/rabbitmq/client.ts';
import { connectBroker } from '../runtime/broker/amqp.ts';
import { inbox, outbox } from '../runtime/names.ts';
import { startPrivateBroker } from '../standalone/broker.ts';
import { temporaryFolder } from '../standalone/cache.ts';
import { startPrivateDatabase } from '../standalone/database.ts';
import { removeAtExit } from '../standalone/process.ts';
import { cpuMs } from './pipeline/drain.ts';
import { declareIn, planOfResources } from './pipeline/stage.ts';
import { startPod } from './pod.ts';
import { flow, shop } from './scale/shop.ts';

if (process.argv[2] === 'consume') {
  const [, , , uri, ...queues] = process.argv;
  const log = { info() {}, warn() {}, error: console.error };
  const broker = await connectBroker({ uri: uri!, name: 'bench', log });
  await Promise.all(queues.map((queue) => broker.consume({ queue, prefetch: 8, onDelivery: (each) => each.ack() })));
  process.send!('consuming');
} else await main();

interface Found {
  name: string;
  startMs: number;
  rssMiB: number;
  cpuMsPerSecond: number;
  brokerMsPerSecond: number;
  descriptors: number;
  connections: number;
  channels: number;
}

async function connectionsOf(managementUri: string): Promise<{ channels?: number }[]> {
  const { origin, username, password } = new URL(managementUri);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return (await fetch(`${origin}/api/connections`, { headers: { authorization } })).json() as Promise<
    { channels?: number }[]
  >;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { integrations: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '10' } },
  });
  const [integrations, seconds] = [Number(values.integrations), Number(values.seconds)];
  const say = (line: string) => console.error(line);
  const folder = temporaryFolder('bench-idle');
  removeAtExit(folder);
  const broker = await startPrivateBroker({ log: say });
  const database = await startPrivateDatabase({ log: say });
  const management = managementClient({ uri: broker.managementUri });
  const plan = (count: number) => {
    const at = join(folder, String(count));
    mkdirSync(at, { recursive: true });
    // The namespace is the bench's own, and so is the connection to its broker.
    const resources = shop(50, count).filter(({ kind }) => kind !== 'Broker');
    return planOfResources(at, broker.version, resources);
  };
  const [all, one] = [await plan(integrations), await plan(1)];
  say(`declaring the queues of ${integrations} integrations`);
  const uri = await declareIn(management, broker.uri, 'bench.idle', all.topology);

  /** What is at rest after it was started. */
  async function rest(name: string, startMs: number, pid: number): Promise<Found> {
    await sleep(3_000);
    const before = [cpuMs(pid), cpuMs(broker.pid)] as const;
    await sleep(seconds * 1_000);
    const connections = await connectionsOf(broker.managementUri);
    const found: Found = {
      name,
      startMs,
      rssMiB: Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024,
      cpuMsPerSecond: (cpuMs(pid) - before[0]) / seconds,
      brokerMsPerSecond: (cpuMs(broker.pid) - before[1]) / seconds,
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      connections: connections.length,
      channels: connections.reduce((sum, { channels = 0 }) => sum + channels, 0),
    };
    return found;
  }
  async function runtime(name: string, { plan: file }: { plan: string }): Promise<Found> {
    const began = performance.now();
    const pod = await startPod({ brokerUri: uri, databaseUrl: database.url, secrets: [] });
    await pod.apply(file);
    const found = await rest(name, performance.now() - began, pod.pid);
    await pod.kill();
    return found;
  }
  async function consumers(name: string): Promise<Found> {
    const queues = Array.from({ length: integrations }, (_, i) => [inbox(flow(i)), outbox(flow(i), 'erp')]).flat();
    const began = performance.now();
    const child = fork(import.meta.filename, ['consume', uri, ...queues], { execArgv: ['--no-warnings'] });
    await new Promise((resolve) => child.once('message', resolve));
    const found = await rest(name, performance.now() - began, child.pid!);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    return found;
  }

  const found = [
    await consumers(`${2 * integrations} consumers`),
    await runtime('1 integration', one),
    await runtime(`${integrations} integrations`, all),
  ];
  console.log(`${''.padEnd(20)} start s  RSS MiB  CPU ms/s  broker ms/s  descriptors  connections  channels`);
  for (const each of found)
    console.log(
      [
        each.name.padEnd(20),
        (each.startMs / 1_000).toFixed(2).padStart(7),
        each.rssMiB.toFixed(0).padStart(8),
        each.cpuMsPerSecond.toFixed(1).padStart(9),
        each.brokerMsPerSecond.toFixed(1).padStart(12),
        ...[each.descriptors, each.connections, each.channels].map((n, i) => String(n).padStart([12, 12, 9][i]!)),
      ].join(' '),
    );
  console.log(`${cpus().length} cores, RabbitMQ ${broker.version}, load ${loadavg()[0]!.toFixed(1)}`);
  mkdirSync(join(import.meta.dirname, 'out'), { recursive: true });
  writeFileSync(
    join(import.meta.dirname, 'out/idle.json'),
    `${JSON.stringify({ integrations, found }, undefined, 2)}\n`,
  );
  await management.close();
  await broker.stop();
  await database.stop();
}
