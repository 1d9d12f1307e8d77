/**
 * `make demo`: 200 purchase orders from release to invoice through Crossdock, with the trouble that real life has, on a RabbitMQ and a
 * PostgreSQL of its own. Ends with Crossdock's accounts beside the ledgers of the systems around it; exit 0 only if they agree.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { startPrivateBroker } from '../../standalone/broker.ts';
import { startPrivateDatabase } from '../../standalone/database.ts';
import { freePort } from '../../standalone/process.ts';
import { type Accounts, openAccounts } from './demo/accounts.ts';
import { businessText, checkBusiness } from './demo/business.ts';
import { startCrossdock } from './demo/crossdock.ts';
import { decide } from './demo/decide.ts';
import { type Fleet, type FleetCounts, startFleet } from './demo/fleet.ts';
import { killInTurn } from './demo/kill.ts';
import { leaveBroker } from './demo/leave-broker.ts';
import { peakMemory } from './demo/memory.ts';
import { accountsTable, mostTroubledOrder, systemsTable, verdict } from './demo/present.ts';
import { openProgress } from './demo/progress.ts';
import { type Reconciliation, reconcile } from './demo/reconcile.ts';
import { makeWorkingCopy } from './demo/working-copy.ts';

const { values: args } = parseArgs({
  options: {
    orders: { type: 'string', default: '200' },
    seed: { type: 'string', default: '7' },
    report: { type: 'string' },
    keep: { type: 'boolean', default: false },
    /** What is killed in the middle: broker, crossdock, both with a comma between, or none. */
    kill: { type: 'string', default: 'broker' },
    /** The ERP does not honour Idempotency-Key. Effects are then doubled, and the demo must say so and fail. */
    'forgetful-erp': { type: 'boolean', default: false },
    /** A RabbitMQ of yours: then nothing is killed. With --management, its management API. */
    broker: { type: 'string' },
    management: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});
const orders = positive('orders', args.orders);
const seed = positive('seed', args.seed);
const kills = args.kill === 'none' ? [] : args.kill.split(',');
if (!kills.every((name) => name === 'broker' || name === 'crossdock'))
  throw new Error(`--kill ${args.kill}: broker, crossdock, broker,crossdock or none is expected`);
if (args.broker && !args.management)
  throw new Error('--broker URL needs --management URL, the management API of that broker');

const SETTLE_WITHIN_MS = 150_000;
const DELIVERIES_PER_ORDER = 6;
/** Agreement must last that long, so that a late second effect is seen. */
const CALM_MS = 2_000;
/** When nothing moved for that long, nothing will: the longest wait of the example is far shorter. */
const STUCK_MS = 30_000;
/** From a decision at the console to the ERP's ledger. */
const DECIDED_WITHIN_MS = 20_000;
/** The same when all sides say that they are done. */
const DONE_MS = 6_000;

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} ${text}: a whole number above 0 is expected`);
  return value;
}

const started = Date.now();
/** On a broker of yours, one that no other run has used. */
const namespace = args.broker ? `demo-${started.toString(36)}` : 'default';
const progress = openProgress(started);
const times: Record<string, number> = {};
function mark(name: string): void {
  times[name] = Date.now() - started;
}

/** Undone in reverse order, also after a failure or Ctrl-C. */
const undo: (() => Promise<unknown> | unknown)[] = [];
async function cleanUp(): Promise<void> {
  for (let step = undo.pop(); step; step = undo.pop())
    try {
      await step();
    } catch (error) {
      progress.say(pc.red((error as Error).message));
    }
}
const interrupted = Promise.withResolvers<never>();
interrupted.promise.catch(() => {});
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupted.reject(new Error(`ended by ${signal}`)));

const partOf = ({ kill, restart }: { kill(): Promise<void>; restart(): Promise<void> }) => ({ kill, restart });
const deliveries = ({ orders, confirmations, asns, receipts, postings, invoices }: FleetCounts): number =>
  orders + confirmations + asns + receipts + postings + invoices;
const summary = (c: FleetCounts, inFlight: number | undefined): string =>
  `orders ${c.released}/${orders} · at suppliers ${c.orders} · confirmed ${c.confirmations} · ship notices ${c.asns} · received ${c.receipts} · ` +
  `invoiced ${c.invoices} · in flight ${inFlight ?? '?'} · troubles ${c.troubles}`;

async function run(): Promise<Reconciliation> {
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-demo-'));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const log = (text: string): void => progress.say(pc.dim(text));

  progress.say(`Demo: ${orders} purchase orders, seed ${seed}. First the parts: RabbitMQ, PostgreSQL, six simulators.`);
  const [httpPort, adminPort, consolePort] = [await freePort(), await freePort(), await freePort()];
  const crossdockUrl = `http://127.0.0.1:${httpPort}`;
  const own = args.broker ? undefined : startPrivateBroker({ log });
  own?.then((broker) => undo.push(() => broker.stop())).catch(() => {});
  const databaseStarting = startPrivateDatabase({ log });
  databaseStarting.then((database) => undo.push(() => database.stop())).catch(() => {});
  const crash = Promise.withResolvers<never>();
  crash.promise.catch(() => {});
  const fleetStarting = startFleet({
    forgetfulErp: args['forgetful-erp'],
    folder,
    crossdock: crossdockUrl,
    orders,
    seed,
    onCrash: (message) => crash.reject(new Error(message)),
  });
  fleetStarting.then((fleet) => undo.push(() => fleet.stop())).catch(() => {});
  const [broker, database, fleet] = await Promise.race([
    Promise.all([own, databaseStarting, fleetStarting]),
    interrupted.promise,
  ]);
  mark('partsReadyMs');

  const copy = join(folder, 'inbound-distribution');
  await makeWorkingCopy(import.meta.dirname, copy, {
    erp: fleet.erp.url,
    wms: fleet.wms.url,
    sunrisePortal: fleet.portal.url,
    mailboxes: fleet.mailboxes,
    namespace,
  });
  const logFile = join(folder, 'crossdock.log');
  const crossdock = await startCrossdock({
    folder: copy,
    broker: broker?.uri ?? (args.broker as string),
    management: broker?.managementUri ?? (args.management as string),
    database: database.url,
    httpPort,
    adminPort,
    consolePort,
    logFile,
  });
  if (args.management) undo.push(() => leaveBroker(args.management as string, namespace));
  undo.push(() => crossdock.stop());
  const accounts = await openAccounts(database.url, namespace);
  undo.push(() => accounts.close());
  mark('crossdockReadyMs');
  progress.say(`Crossdock runs the example (log: ${logFile}). The ERP begins to release orders.`);
  progress.say(`The console shows them: http://127.0.0.1:${consolePort}`);

  fleet.begin();
  const settled = new AbortController();
  const killing = killInTurn(
    [
      ...(broker && kills.includes('broker') ? [{ ...partOf(broker), name: 'broker', at: 0.4 }] : []),
      ...(kills.includes('crossdock') ? [{ ...partOf(crossdock), name: 'crossdock', at: 0.6 }] : []),
    ],
    {
      done: () => deliveries(fleet.counts()) / (DELIVERIES_PER_ORDER * orders),
      signal: settled.signal,
      onEvent({ name }, event) {
        mark(`${name}${event === 'killed' ? 'Killed' : 'Back'}Ms`);
        const subject = name === 'broker' ? 'The broker' : 'Crossdock';
        if (event === 'killed')
          progress.say(pc.yellow(`${subject} is killed (SIGKILL) in the middle of the work, and started again.`));
        else progress.say(`${subject} is back.`);
      },
    },
  );
  const trouble = Promise.race([
    interrupted.promise,
    crash.promise,
    crossdock.ended,
    killing.then(() => new Promise<never>(() => {})),
  ]);
  const result = await Promise.race([settle(fleet, accounts), trouble]);
  mark('settledMs');
  settled.abort();
  await Promise.race([killing, interrupted.promise]);
  const business = await accounts.business();
  const decided =
    result.mismatches.length > 0
      ? undefined
      : await Promise.race([
          decide(
            accounts,
            () => fleet.lines(),
            DECIDED_WITHIN_MS,
            () => sleep(250),
          ),
          trouble,
        ]);
  result.mismatches.push(...(decided?.wrong ?? []));

  progress.end();
  const lines = fleet.lines();
  const troubled = mostTroubledOrder(lines);
  console.log(`\n${accountsTable(result)}\n\n${systemsTable(result)}\n`);
  console.log(`${businessText(business)}\n`);
  if (decided)
    console.log(
      `A clerk decided, and the ERP did it: ${decided.decisions.map(({ key, resolution }) => `${resolution} of ${key}`).join(', ')}.\n`,
    );
  console.log(`One order with trouble, ${pc.bold(troubled)}:\n${await accounts.timeline(troubled)}\n`);
  console.log(verdict(result, orders));
  if (args.verbose || result.mismatches.length > 0)
    console.log(pc.dim(`Crossdock’s last log lines:\n${crossdock.tail(args.verbose ? 40 : 10)}`));
  if (args.report) {
    const report = {
      orders,
      seed,
      agree: result.mismatches.length === 0,
      times,
      peakMemoryMiB: peakMemory({
        demo: process.pid,
        crossdock: crossdock.pid,
        broker: broker?.pid,
        ...Object.fromEntries(fleet.all.map(({ name, pid }) => [name, pid])),
      }),
      ...result,
      accounts: await accounts.read(),
      business,
      decisions: decided?.decisions ?? [],
      ledgers: lines,
    };
    writeFileSync(args.report, `${JSON.stringify(report, null, 1)}\n`);
    console.log(`Report: ${args.report}`);
  }
  if (args.keep) {
    console.log(keepHint({ url: crossdockUrl, adminPort, consolePort, copy, order: troubled }));
    await interrupted.promise.catch(() => {});
  }
  return result;
}

/** Until the simulators have nothing left to do and the accounts agree with their ledgers for a while, or until the deadline. */
async function settle(fleet: Fleet, accounts: Accounts): Promise<Reconciliation> {
  const deadline = Date.now() + SETTLE_WITHIN_MS;
  let inFlight: number | undefined;
  let agreedSince: number | undefined;
  let before = '';
  let movedAt = Date.now();
  for (;;) {
    const counts = fleet.counts();
    progress.show(summary(counts, inFlight));
    const idle = counts.released === orders && counts.orders === orders && counts.pending === 0;
    if (idle) times.simulatorsDoneMs ??= Date.now() - started;
    const rows = await accounts.read();
    inFlight = new Set(rows.filter(({ state }) => state === 'InFlight').map(({ document }) => document)).size;
    const result = reconcile(rows, fleet.lines(), orders);
    result.mismatches.push(...checkBusiness(await accounts.business(), fleet.lines()));
    const agree = idle && result.mismatches.length === 0;
    agreedSince = agree ? (agreedSince ?? Date.now()) : undefined;
    if (agreedSince !== undefined && Date.now() - agreedSince >= CALM_MS) return result;
    const picture = JSON.stringify([counts, result.types]);
    if (picture !== before) movedAt = Date.now();
    before = picture;
    const stuck = idle && inFlight === 0 ? DONE_MS : STUCK_MS;
    if (Date.now() > deadline || Date.now() - movedAt > stuck) {
      if (!idle) result.mismatches.push(`not done, and given up: ${summary(counts, inFlight)}`);
      return result;
    }
    await sleep(idle ? 250 : 1_000);
  }
}

interface Kept {
  url: string;
  adminPort: number;
  consolePort: number;
  copy: string;
  order: string;
}
function keepHint({ url, adminPort, consolePort, copy, order }: Kept): string {
  return `
Everything keeps running until Ctrl-C. The console: ${pc.bold(`http://127.0.0.1:${consolePort}`)}
In another terminal:
  cli/crossdock.sh status
  cli/crossdock.sh trace ${order}
  curl -i -H 'x-api-key: demo-key-that-the-erp-shows-crossdock' -d '{}' ${url}/orders    refused, with every reason
  curl -s http://127.0.0.1:${adminPort}/metrics | grep crossdock
  $EDITOR ${copy}/receipt.yaml    in force when saved`;
}

let code = 1;
try {
  const result = await run();
  code = result.mismatches.length === 0 ? 0 : 1;
} catch (error) {
  progress.end();
  console.error(pc.red(`✗ ${(error as Error).message}`));
  if (args.verbose) console.error(error);
} finally {
  await cleanUp();
}
process.exit(code);
