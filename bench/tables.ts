/**
 * Reference tables. Prints, beside the goals: 100,000 rows in memory (heap, time, look-up); 1,000,000 rows in PostgreSQL (cold and warm
 * look-up); ship notices checked against open orders with a reservation each, while their sender waits, at 200 requests a second, and
 * in turn with them the same notices that nothing checks.
 * `node_modules/.bin/node --expose-gc bench/tables.ts [memory|postgres|portal …]`; default all. Starts a RabbitMQ and a PostgreSQL.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { compileExpression } from '../runtime/mapping/compile.ts';
import { withRows } from '../runtime/mapping/lookups.ts';
import { tableOf } from '../runtime/mapping/tables.ts';
import type { TablePlan } from '../runtime/plan.ts';
import { openTables } from '../runtime/tables/tables.ts';
import { createLog } from '../runtime/telemetry/log.ts';
import { startPrivateBroker } from '../standalone/broker.ts';
import { startPrivateDatabase } from '../standalone/database.ts';
import { openOrders } from './tables-orders.ts';

const parts = process.argv.slice(2);
const wants = (part: string) => parts.length === 0 || parts.includes(part);
const say = (what: string, value: string, goal: string) =>
  console.log(`${what.padEnd(58)} ${value.padStart(12)}   goal ${goal}`);
const log = createLog('bench');
log.silent = true;
const gc = globalThis.gc as (() => void) | undefined;
const microsOf = (run: (i: number) => unknown, times: number): number => {
  for (let i = 0; i < times / 10; i++) run(i);
  const started = performance.now();
  for (let i = 0; i < times; i++) run(i);
  return ((performance.now() - started) * 1_000) / times;
};

/** In a function of its own: what it made besides must not count. */
const itemsText = (count: number): string =>
  JSON.stringify(
    Array.from({ length: count }, (_, i) => ({
      partner: `partner-${i % 40}`,
      sku: `SKU-${i}`,
      gtin: String(4_000_000_000_000 + i),
      description: `Article number ${i}`,
    })),
  );

if (wants('memory')) {
  const count = 100_000;
  const text = itemsText(count);
  gc?.();
  const before = process.memoryUsage().heapUsed;
  const started = performance.now();
  const table = tableOf({ part: 'table', name: 'items', key: ['partner', 'sku'], rows: JSON.parse(text) });
  table.get(['', '']);
  const ms = performance.now() - started;
  gc?.();
  const mebibytes = (process.memoryUsage().heapUsed - before) / 1024 / 1024;
  say('100,000 rows in memory: heap', `${mebibytes.toFixed(1)} MiB`, '≤ 40 MB');
  say('100,000 rows in memory: read and indexed', `${ms.toFixed(0)} ms`, '≤ 1 s');
  const keys = Array.from({ length: 1024 }, (_, i) => [`partner-${(i * 97) % 40}`, `SKU-${(i * 97) % count}`]);
  if (text.length === 0) throw new Error('the text must live as long as it is measured');
  const micros = microsOf((i) => table.get(keys[i & 1023]!), 1_000_000);
  say('100,000 rows in memory: look-up', `${micros.toFixed(2)} µs`, '≤ 1 µs');
}

async function postgres(url: string): Promise<void> {
  const plan: TablePlan = {
    part: 'table',
    name: 'items',
    key: ['sku'],
    rows: [],
    live: { events: [], tables: {}, reserveForMs: 1, whenStale: 'Refuse', queues: [] },
  };
  const tables = openTables({ url, namespace: 'bench', log });
  tables.use(new Map([['items', { plan, events: [], tables: {} }]]), false);
  while (tables.get('items')!.knowledge.heardAt === undefined) await sleep(50);
  const database = new pg.Client({ connectionString: url, options: '-c search_path=crossdock_bench' });
  await database.connect();
  await database.query(
    `insert into live_rows (tbl, key, row) select 'items', 'SKU-' || i,
       json_build_object('sku', 'SKU-' || i, 'gtin', 4000000000000 + i, 'description', 'Article number ' || i)::text
     from generate_series(0, 999999) as i`,
  );
  await database.query('analyze live_rows');
  await database.end();
  const expression = compileExpression('$reference("items", sku).gtin', 'bench');
  const context = { tables: { items: tables.get('items')! } };
  const look = (i: number) => withRows(() => expression.evaluate({ sku: `SKU-${(i * 7919) % 1_000_000}` }, context));
  await look(0);
  const cold: number[] = [];
  for (let i = 1; i <= 1_000; i++) {
    const started = performance.now();
    await look(i);
    cold.push((performance.now() - started) * 1_000);
  }
  say('1,000,000 rows in PostgreSQL: cold look-up, p50', `${quantile(cold, 0.5).toFixed(0)} µs`, '–');
  const micros = microsOf((i) => look(1 + (i % 1_000)), 200_000);
  say('1,000,000 rows in PostgreSQL: warm look-up', `${micros.toFixed(2)} µs`, '≤ 20 µs');
  await tables.close();
}

async function portal(database: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-bench-'));
  const sink = createServer((request, response) => request.resume().on('end', () => response.writeHead(200).end()));
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const broker = await startPrivateBroker({ log: () => {} });
  writeFileSync(join(folder, 'orders.yaml'), openOrders(`http://127.0.0.1:${(sink.address() as AddressInfo).port}`));
  // A process of its own, as the sender's is.
  const flags = ['--json', '--http-port', '0', '--admin-port', '0'];
  const where = ['--broker', broker.uri, '--management', broker.managementUri, '--database', database];
  const dev = spawn(process.execPath, ['--no-warnings', 'cli/main.ts', 'dev', folder, ...flags, ...where], {
    env: { ...process.env, LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const http = await new Promise<string>((resolve, reject) => {
    dev.once('exit', (code) => reject(new Error(`crossdock dev ended with ${code}`)));
    createInterface({ input: dev.stdout }).on('line', (line) => {
      const told = line.startsWith('{') ? JSON.parse(line) : {};
      if (told.broken?.length > 0) reject(new Error(`broken: ${told.broken.join(', ')}`));
      if (told.ready) resolve(told.http);
    });
  });
  const cpuOf = (): number => {
    const [, rest] = readFileSync(`/proc/${dev.pid}/stat`, 'utf8').split(') ');
    const fields = rest!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  };
  const send = (path: string, key: string, body: object) =>
    fetch(`${http}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const orders = 2_000;
  const lines = [1, 2, 3].map((line) => ({ line, item: `I-${line}`, quantity: 1_000 }));
  const order = async (i: number) =>
    (await send('/orders', 'erp-key', { number: `PO-${i}`, supplier: 'acme', lines })).text();
  for (let i = 0; i < orders; i += 20) await Promise.all(Array.from({ length: 20 }, (_, n) => order(i + n)));
  await sleep(2_000);
  const RATE = 200;
  let [sent, refused] = [0, 0];
  /** Posts at the rate; ms of each from the time at which it was due, so that a queue of ours does not hide, and CPU ms a notice. */
  const post = async (type: string, seconds: number, rate = RATE) => {
    const times: number[] = [];
    const flying: Promise<void>[] = [];
    const cpu = cpuOf();
    const began = performance.now();
    for (let i = 0; i < rate * seconds; i++) {
      const due = began + (i * 1_000) / rate;
      await sleep(Math.max(0, due - performance.now()));
      const n = sent++;
      const taken = [1, 2, 3].map((line) => ({ item: `I-${line}`, quantity: 1 }));
      const body = { number: `S-${n}`, version: 1, orders: [{ orderNumber: `PO-${(n * 7) % orders}`, lines: taken }] };
      flying.push(
        send(`/documents/${type}`, 'acme-key', body).then(async (response) => {
          await response.text();
          times.push(performance.now() - due);
          if (response.status !== 202) refused += 1;
        }),
      );
    }
    await Promise.all(flying);
    return { times, cpu: ((cpuOf() - cpu) * 1_000) / (rate * seconds) };
  };
  for (const rate of [50, RATE]) for (const type of ['plain-v1', 'notice-v1']) await post(type, 4, rate);
  refused = 0;
  const ROUNDS = 3;
  const all = { 'plain-v1': [] as number[], 'notice-v1': [] as number[] };
  for (let round = 0; round < ROUNDS; round++)
    for (const type of ['plain-v1', 'notice-v1'] as const) {
      const { times, cpu } = await post(type, 10);
      all[type].push(...times);
      const [p50, p99] = [0.5, 0.99].map((q) => quantile(times, q).toFixed(1));
      console.log(
        `round ${round + 1}, ${type}: p50 ${p50} ms, p99 ${p99} ms, ${cpu.toFixed(1)} ms of CPU in crossdock dev`,
      );
    }
  if (refused > 0) console.log(`${refused} were not answered with 202`);
  say('portal post without a check at 200/s: p50', `${quantile(all['plain-v1'], 0.5).toFixed(1)} ms`, '–');
  say('portal post without a check at 200/s: p99', `${quantile(all['plain-v1'], 0.99).toFixed(1)} ms`, '–');
  say('portal check with reservation at 200/s: p50', `${quantile(all['notice-v1'], 0.5).toFixed(1)} ms`, '–');
  say('portal check with reservation at 200/s: p99', `${quantile(all['notice-v1'], 0.99).toFixed(1)} ms`, '≤ 50 ms');
  dev.kill('SIGTERM');
  await new Promise((resolve) => dev.once('exit', resolve));
  await broker.stop();
  sink.closeAllConnections();
  sink.close();
  rmSync(folder, { recursive: true, force: true });
}

const quantile = (values: number[], q: number): number => values.sort((a, b) => a - b)[Math.floor(values.length * q)]!;

if (wants('postgres') || wants('portal')) {
  const server = await startPrivateDatabase({ log: () => {} });
  if (wants('postgres')) await postgres(server.url);
  if (wants('portal')) await portal(server.url);
  await server.stop();
}
process.exit(0);
