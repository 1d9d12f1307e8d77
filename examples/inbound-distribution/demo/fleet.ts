/** The simulators of one run: started as processes of their own, watched by their status lines. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Line, readLedger } from '../simulators/ledger.ts';

const SIMULATORS = join(import.meta.dirname, '..', 'simulators');
const READY_WITHIN_MS = 20_000;
/** As in secrets.yaml. */
const KEYS = {
  erp: { own: 'demo-key-that-the-erp-shows-crossdock', api: 'demo-key-that-crossdock-shows-the-erp' },
  wms: { own: 'demo-key-that-the-wms-shows-crossdock', api: 'demo-key-that-crossdock-shows-the-wms' },
  sunrise: { own: 'demo-key-that-sunrise-shows-crossdock', api: 'demo-key-that-crossdock-shows-sunrise' },
};

export interface Simulator {
  name: string;
  /** Base URL of its API, where it has one. */
  url: string;
  status: Record<string, number>;
  pid: number | undefined;
}
export interface FleetOptions {
  /** Ledgers and mailboxes go here. */
  folder: string;
  /** Base URL that Crossdock will listen on. */
  crossdock: string;
  orders: number;
  seed: number;
  forgetfulErp: boolean;
  /** Called when a simulator ends although nobody stopped it. */
  onCrash(message: string): void;
}
export interface Fleet {
  erp: Simulator;
  wms: Simulator;
  portal: Simulator;
  all: readonly Simulator[];
  mailboxes: string;
  /** Lets the ERP release its orders. */
  begin(): void;
  counts(): FleetCounts;
  lines(): Line[];
  stop(): Promise<void>;
}
export interface FleetCounts {
  released: number;
  orders: number;
  confirmations: number;
  asns: number;
  receipts: number;
  postings: number;
  invoices: number;
  /** Answers 503 and business refusals of the ERP, damaged files, refused portal documents. */
  troubles: number;
  /** What the simulators still mean to do. */
  pending: number;
}

export async function startFleet({
  folder,
  crossdock,
  orders,
  seed,
  forgetfulErp,
  onCrash,
}: FleetOptions): Promise<Fleet> {
  const mailboxes = join(folder, 'mailboxes');
  const ledgers = join(folder, 'ledgers');
  mkdirSync(ledgers, { recursive: true });
  const processes: ChildProcess[] = [];
  const simulators: Simulator[] = [];
  let stopping = false;

  const start = async (name: string, file: string, args: Record<string, string | number>): Promise<Simulator> => {
    const simulator: Simulator = { name, url: '', status: {}, pid: undefined };
    const flags = { ledger: join(ledgers, `${name}.ndjson`), seed, ...args };
    const child = spawn(
      process.execPath,
      [
        '--no-warnings',
        join(SIMULATORS, file),
        ...Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, String(value)]),
      ],
      // Its standard input ends with us, however we end; then it ends as well.
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    simulator.pid = child.pid;
    processes.push(child);
    simulators.push(simulator);
    child.stdin?.on('error', () => {});
    let ended = false;
    child.on('exit', (code, signal) => {
      ended = true;
      if (!stopping) onCrash(`the simulator ${name} ended (${signal ?? `exit code ${code}`})`);
    });
    const ready = Promise.withResolvers<void>();
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const said = JSON.parse(line) as { ready?: true; url?: string; status?: Record<string, number> };
      if (said.status) simulator.status = said.status;
      if (said.ready) {
        simulator.url = said.url ?? '';
        ready.resolve();
      }
    });
    const timer = setTimeout(
      () => ready.reject(new Error(`the simulator ${name} is not ready after ${READY_WITHIN_MS / 1000} s`)),
      READY_WITHIN_MS,
    );
    child.once('exit', () => ready.reject(new Error(`the simulator ${name} ended while starting`)));
    await ready.promise.finally(() => clearTimeout(timer));
    if (ended) throw new Error(`the simulator ${name} ended while starting`);
    return simulator;
  };

  const http = (keys: { own: string; api: string }) => ({ crossdock, 'own-key': keys.own, 'api-key': keys.api });
  const [erp, wms, portal] = await Promise.all([
    start('erp', 'erp.ts', {
      ...http(KEYS.erp),
      orders,
      rate: Math.max(5, orders / 20),
      forgetful: String(forgetfulErp),
    }),
    start('wms', 'wms.ts', http(KEYS.wms)),
    start('sunrise-goods', 'supplier-portal.ts', http(KEYS.sunrise)),
    ...(['revises', 'repeats', 'damages'] as const).map((habit, i) => {
      const [name, mailbox] = (
        [
          ['acme-supplies', 'acme'],
          ['nordic-parts', 'nordic'],
          ['baltic-tools', 'baltic'],
        ] as const
      )[i] as readonly [string, string];
      return start(name, 'supplier-x12.ts', { name, habit, mailbox: join(mailboxes, mailbox) });
    }),
  ]);
  const sum = (counter: string): number => simulators.reduce((total, { status }) => total + (status[counter] ?? 0), 0);
  return {
    erp: erp as Simulator,
    wms: wms as Simulator,
    portal: portal as Simulator,
    all: simulators,
    mailboxes,
    begin() {
      processes[0]?.stdin?.write('begin\n');
    },
    counts: () => ({
      released: sum('released'),
      orders: sum('orders'),
      confirmations: sum('confirmations'),
      asns: sum('asns'),
      receipts: erp?.status.receipts ?? 0,
      postings: sum('postings'),
      invoices: erp?.status.invoices ?? 0,
      troubles: sum('unavailable') + sum('refused') + sum('damaged') + sum('rejected'),
      pending: sum('pending'),
    }),
    lines: () => simulators.flatMap(({ name }) => readLedger(join(ledgers, `${name}.ndjson`))),
    async stop() {
      stopping = true;
      await Promise.all(
        processes
          .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
          .map(async (child) => {
            const exit = once(child, 'exit');
            child.kill('SIGTERM');
            await exit;
          }),
      );
    },
  };
}
