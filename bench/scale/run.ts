/**
 * `make bench-scale`: many integrations of many partners on one pool of two runtimes. How long until all are Ready, what the operator and the
 * runtimes cost at rest, how soon an edited Mapping is at work, and what the operator holds at 10,000 resources. Beside it, in the same run:
 * as many plain queues by the management API, and the same objects listed by kubectl. Writes bench/out/scale.json.
 *
 *   node bench/scale/run.ts [--integrations 1000] [--partners 500] [--resources 10000] [--edits 100] [--rest 60]
 *
 * Operator and runtimes are processes against a real API server, etcd and RabbitMQ, not pods: what a node adds is not in the figures.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Condition, Resource } from '../../crds/generated/types.ts';
import { CROSSDOCK } from '../../operator/kube/types.ts';
import { cpuMs } from '../pipeline/drain.ts';
import { filler, flow, mapping, shop } from './shop.ts';
import { memoryMiB, NAMESPACE, type Program, type Stage, startStage } from './stage.ts';

const { values } = parseArgs({
  options: {
    integrations: { type: 'string', default: '1000' },
    partners: { type: 'string', default: '500' },
    resources: { type: 'string', default: '10000' },
    edits: { type: 'string', default: '100' },
    rest: { type: 'string', default: '60' },
  },
});
const [integrations, partners, resources, edits, restSeconds] = [
  ...[values.integrations, values.partners, values.resources, values.edits, values.rest].map(Number),
] as [number, number, number, number, number];
const say = (line: string) => console.error(line);
const DEADLINE_MS = 900_000;

const figures: Record<string, number> = {};
function figure(name: string, value: number, unit: string): void {
  figures[`${name} (${unit})`] = Number(value.toFixed(value < 10 ? 2 : 0));
  say(`  ${name.padEnd(58)} ${String(figures[`${name} (${unit})`]).padStart(9)} ${unit}`);
}
const since = (began: number): number => (performance.now() - began) / 1_000;

const stage = await startStage(say);
try {
  say(`\n${integrations} integrations of ${partners} partners; load ${loadavg()[0]!.toFixed(1)}`);
  await plainQueues(stage);
  await becomeReady(stage);
  await rest(stage);
  await edit(stage);
  await list(stage);
  await manyResources(stage);
} finally {
  await stage.stop();
}
const file = join(import.meta.dirname, '../out/scale.json');
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(figures, undefined, 2)}\n`);
const ratio = (a: string, b: string): string => (figures[a]! / figures[b]!).toFixed(2);
say(`
ratios
  apply to last Ready, to as many plain queues made           ${ratio('apply to last Ready (s)', 'plain queues made (s)')}
  broker at rest, to the same queues without consumers        ${ratio('broker at rest (ms/s)', 'broker with plain queues at rest (ms/s)')}
  a new operator's caches, to kubectl listing the same        ${ratio('new operator until synced (s)', 'kubectl lists the same (s)')}`);

/** Baseline: the same number of quorum queues and nothing else, by eight callers of the management API. */
async function plainQueues({ management, broker }: Stage): Promise<void> {
  await management.call('PUT', '/vhosts/plain', {});
  const left = Array.from({ length: 2 * integrations }, (_, i) => `/queues/plain/queue-${i}`);
  const began = performance.now();
  const work = async () => {
    for (let path = left.pop(); path; path = left.pop())
      await management.call('PUT', path, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  };
  await Promise.all(Array.from({ length: 8 }, work));
  figure('plain queues made', since(began), 's');
  await delay(5_000);
  const [cpu, at] = [cpuMs(broker.pid), performance.now()];
  await delay(20_000);
  figure('broker with plain queues at rest', (cpuMs(broker.pid) - cpu) / since(at), 'ms/s');
  figure('broker with plain queues, memory', memoryMiB(broker.pid).now, 'MiB');
  await management.call('DELETE', '/vhosts/plain');
}

async function becomeReady(at: Stage): Promise<void> {
  const all = shop(partners, integrations);
  const began = performance.now();
  await at.apply(all);
  figure('resources', all.length, '1');
  figure('all applied', since(began), 's');
  await until(began, 'Ready', async () => {
    const ready = (await listed(at, 'Integration')).filter((each) => conditionOf(each, 'Ready')?.status === 'True');
    return ready.length === integrations || `${ready.length} of ${integrations}`;
  });
  figure('apply to last Ready', since(began), 's');
  const queues = await at.management.call<unknown[]>('GET', `/queues/crossdock.${NAMESPACE}?columns=name`);
  figure('queues', queues.length, '1');
}

async function rest(at: Stage): Promise<void> {
  // Statuses of the last to become Ready, and events, are still on their way.
  let writes = await apiWrites(at);
  const began = performance.now();
  await until(began, 'at rest', async () => {
    const before = writes;
    await delay(10_000);
    writes = await apiWrites(at);
    return before === writes || `${writes - before} writes in 10 s`;
  });
  const programs: [string, number][] = [
    ['operator', at.operator().process.pid],
    ['runtime 1', at.runtimes[0]!.process.pid],
    ['runtime 2', at.runtimes[1]!.process.pid],
    ['broker', at.broker.pid],
  ];
  const before = programs.map(([, pid]) => cpuMs(pid));
  const from = performance.now();
  await delay(restSeconds * 1_000);
  const seconds = since(from);
  for (const [i, [name, pid]] of programs.entries()) {
    figure(`${name} at rest`, (cpuMs(pid) - before[i]!) / seconds, 'ms/s');
    figure(`${name}, memory`, memoryMiB(pid).now, 'MiB');
    figure(`${name}, most memory`, memoryMiB(pid).peak, 'MiB');
  }
  figure(`API writes in ${restSeconds} s at rest`, (await apiWrites(at)) - writes, '1');
}

/** From the API server's point of view: sent, until both runtimes report that they work by it. */
async function edit(at: Stage): Promise<void> {
  const took: number[] = [];
  const revisions = new Map<Program, { revision: number; hash: string }>();
  for (let n = 0; n < edits; n++) {
    const i = (n * 7) % integrations;
    const root = `Integration/${flow(i)}` as const;
    for (const runtime of at.runtimes) {
      const { revision, roots } = await at.state(runtime);
      revisions.set(runtime, { revision, hash: roots[root]!.hash });
    }
    const began = performance.now();
    await at.apply([mapping(i, n + 1)]);
    await Promise.all(
      at.runtimes.map(async (runtime) => {
        let { revision, hash } = revisions.get(runtime)!;
        for (const old = hash; hash === old; ) {
          const state = await at.state(runtime, revision);
          ({ revision } = state);
          hash = state.roots[root]!.hash;
        }
      }),
    );
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  const quantile = (q: number) => took[Math.min(took.length - 1, Math.ceil(q * took.length) - 1)]!;
  figure('a Mapping edited to effective, p50', quantile(0.5), 'ms');
  figure('a Mapping edited to effective, p99', quantile(0.99), 'ms');
}

async function list(at: Stage): Promise<void> {
  figure('new operator until synced', (await at.restartOperator()) / 1_000, 's');
  const kinds = Object.values(CROSSDOCK).map(({ plural }) => `${plural}.crossdock.dev`);
  const began = performance.now();
  const { code, stderr } = await at.plane.kubectl(['-n', NAMESPACE, 'get', kinds.join(','), '-o', 'json']);
  if (code !== 0) throw new Error(stderr);
  figure('kubectl lists the same', since(began), 's');
}

async function manyResources(at: Stage): Promise<void> {
  const more = filler(resources - shop(partners, integrations).length);
  const began = performance.now();
  await at.apply(more);
  await until(began, 'judged', async () => {
    const all = [...(await listed(at, 'Mapping')), ...(await listed(at, 'Partner'))];
    const left = all.filter((each) => conditionOf(each, 'Accepted') === undefined).length;
    return left === 0 || `${left} left`;
  });
  figure(`${more.length} more applied to last judged`, since(began), 's');
  const { now, peak } = memoryMiB(at.operator().process.pid);
  figure(`operator with ${resources} resources, memory`, now, 'MiB');
  figure(`operator with ${resources} resources, most memory`, peak, 'MiB');
  figure(`new operator until synced with ${resources}`, (await at.restartOperator()) / 1_000, 's');
}

async function listed({ plane }: Stage, kind: 'Integration' | 'Mapping' | 'Partner'): Promise<Resource[]> {
  const path = `/apis/crossdock.dev/v1alpha1/namespaces/${NAMESPACE}/${CROSSDOCK[kind].plural}?resourceVersion=0`;
  return (await plane.request<{ items: Resource[] }>('GET', path)).body.items;
}
function conditionOf({ status, metadata }: Resource, type: string): Condition | undefined {
  return status?.conditions?.find(
    (condition) => condition.type === type && condition.observedGeneration === metadata.generation,
  );
}

/** All that changes something, but the Lease of the leader. */
async function apiWrites(at: Stage): Promise<number> {
  const text = await (await fetch(`${at.operator().url}/metrics`)).text();
  const calls = text.matchAll(/^crossdock_operator_api_calls_total\{(.*)\} (\d+)$/gm);
  return [...calls]
    .filter(([, labels]) => !/verb="(get|list|watch)"|resource="leases"/.test(labels!))
    .reduce((sum, [, , count]) => sum + Number(count), 0);
}

async function until(began: number, what: string, check: () => Promise<true | string>): Promise<void> {
  for (let said = 0; ; ) {
    const state = await check();
    if (state === true) return;
    const ms = performance.now() - began;
    if (ms > DEADLINE_MS) throw new Error(`not ${what} within ${DEADLINE_MS / 1_000} s: ${state}`);
    if (ms > said + 10_000) {
      said = ms;
      say(`  … ${(ms / 1_000).toFixed(0)} s: ${what}: ${state}`);
    }
    await delay(500);
  }
}
