/**
 * `make soak`: steady traffic through one `crossdock dev` (runtime and tracker in a process), while its memory, heap, descriptors and the
 * time from a post to its delivery are looked at each second. What grows is told as a slope, and is a failure.
 *
 *   node bench/soak.ts [--minutes 10] [--rate 40]
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeStand, post, startDevProcess } from '../test/standalone/support.ts';
import { type Judged, judge, type Measure, type Sample } from './soak-judge.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, rate: { type: 'string', default: '40' } },
});
const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
if (!(minutes > 0 && rate > 0)) throw new Error('--minutes and --rate must be numbers above 0');
const SECOND = 1_000;
const LINES = 10;

await using stand = await makeStand();
/** Posts that have not arrived, with their time. */
const underWay = new Map<string, number>();
let arrived: number[] = [];
stand.ledger.answer = ({ body }, response) => {
  const number = String(body.number);
  const since = underWay.get(number);
  if (since !== undefined) arrived.push(performance.now() - since);
  underWay.delete(number);
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  return true;
};
const dev = await startDevProcess(stand);

const memoryOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1_024;
const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
const heapOf = async (): Promise<number> => {
  // A connection of its own: one that was kept may have been closed by the other side a moment ago.
  const text = await (await fetch(`${dev.admin}/metrics`, { headers: { connection: 'close' } })).text();
  return Number(/^nodejs_heap_size_used_bytes(?:\{.*\})? (\S+)/m.exec(text)![1]) / 1_048_576;
};
const percentile = (sorted: number[], share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;

let posted = 0;
/** Posts that were answered 429. */
let heldBack = 0;
const refused = new Map<number, number>();
const end = Date.now() + minutes * 60 * SECOND;
const lines = Array.from({ length: LINES }, (_, line) => ({ line, article: `A-${line}`, quantity: 12.5 }));
/** A machine that stands still for seconds has more requests open at once than a caller may: it sends again, as it is told to. */
async function send(number: string): Promise<number> {
  for (;;) {
    underWay.set(number, performance.now());
    const status = await post(() => dev.http, number, { number, lines });
    if (status !== 429) return status;
    heldBack++;
    await sleep(SECOND);
  }
}
async function traffic(): Promise<void> {
  for (let due = performance.now(); Date.now() < end; due += SECOND / rate) {
    await sleep(Math.max(0, due - performance.now()));
    const number = `SOAK-${posted++}`;
    void send(number).then((status) => {
      if (status === 202) return;
      underWay.delete(number);
      refused.set(status, (refused.get(status) ?? 0) + 1);
    });
  }
}

const samples: Sample[] = [];
const { pid } = dev.child;
async function look(): Promise<void> {
  while (Date.now() < end) {
    await sleep(SECOND);
    const latencies = arrived.sort((a, b) => a - b);
    arrived = [];
    samples.push({
      second: Math.round((minutes * 60 * SECOND - (end - Date.now())) / SECOND),
      rss: memoryOf(pid!),
      heap: await heapOf(),
      descriptors: descriptorsOf(pid!),
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
    });
    if (samples.length % 30 === 0) {
      const { second, rss, heap, descriptors, p50, p99 } = samples.at(-1)!;
      console.log(
        `${String(second).padStart(5)} s  rss ${rss.toFixed(0)} MiB  heap ${heap.toFixed(0)} MiB  descriptors ${descriptors}  p50 ${p50.toFixed(0)} ms  p99 ${p99.toFixed(0)} ms`,
      );
    }
  }
}
const died = dev.exited.then((how) => {
  throw new Error(`crossdock dev ended in the middle: ${how}`);
});
await Promise.race([Promise.all([traffic(), look()]), died]);
// What is on its way has time to arrive.
for (const until = Date.now() + 30 * SECOND; underWay.size > 0 && Date.now() < until; ) await sleep(100);
died.catch(() => {});
await dev.stop();

const verdicts = judge(samples);
console.log(
  `\n${posted} documents in ${minutes} min, ${heldBack} held back; the first half is warm-up, slopes are of the rest`,
);
for (const [measure, { from, to, perHour, grows }] of Object.entries(verdicts) as [Measure, Judged][])
  console.log(
    `${measure.padEnd(12)} ${from.toFixed(1).padStart(8)} → ${to.toFixed(1).padStart(8)}   ${perHour >= 0 ? '+' : ''}${perHour.toFixed(1)} an hour${grows ? '   GROWS' : ''}`,
  );
const failures = [
  ...Object.entries(verdicts).flatMap(([measure, { grows }]) => (grows ? [`${measure} grows`] : [])),
  ...(underWay.size > 0 ? [`${underWay.size} documents did not arrive`] : []),
  ...[...refused].map(([status, count]) => `${count} posts were answered ${status}`),
];
if (failures.length > 0) console.log(`failed: ${failures.join('; ')}`);
process.exitCode = failures.length > 0 ? 1 : 0;
