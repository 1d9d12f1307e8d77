/**
 * `make bench`: how fast a backlog of 2 KB purchase orders drains from one quorum queue into another, mapped, validated, confirmed and
 * acked; Crossdock beside its peers on one private RabbitMQ, in interleaved rounds. The limit is a C program that only passes on.
 * Figures are of the second half of each drain, medians of the rounds. Writes bench/out/pipeline.json.
 *
 *   node bench/pipeline/run.ts [--documents 20000] [--rounds 2] [--only limit,crossdock]
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { managementClient } from '../../operator/apply/rabbitmq/client.ts';
import { connectBroker } from '../../runtime/broker/amqp.ts';
import { INTAKE, inbox } from '../../runtime/names.ts';
import { startPrivateBroker } from '../../standalone/broker.ts';
import { temporaryFolder } from '../../standalone/cache.ts';
import { startPrivateDatabase } from '../../standalone/database.ts';
import { removeAtExit } from '../../standalone/process.ts';
import { mapped, message, type Source, source, type Target } from './documents.ts';
import { type Command, drain, type Figures } from './drain.ts';
import { peers } from './peers.ts';
import { prepareStage } from './stage.ts';

const { values } = parseArgs({
  options: {
    documents: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '2' },
    only: { type: 'string' },
  },
});
const [total, rounds] = [Number(values.documents), Number(values.rounds)];
const chosen = values.only?.split(',');
const wanted = (name: string) => !chosen || chosen.includes(name);
const say = (line: string) => console.error(line);
const silent = { info() {}, warn() {}, error: console.error };

interface Candidate {
  name: string;
  what: string;
  from: string;
  to: string;
  /** Makes queues in the empty vhost; gives how the process is started. */
  prepare(vhost: string, uri: string): Promise<Command>;
  check(body: Buffer): void;
}
interface Row {
  name: string;
  what: string;
  documentsPerSecond?: number;
  cpuMicrosPerDocument?: number;
  brokerMicrosPerDocument?: number;
  rssMiB?: number;
  /** Documents per second over those of the limit. */
  ratioToLimit?: number;
  /** The limit's CPU per document, its own and the broker's, over these here. Holds on a busy machine too. */
  cpuRatioToLimit?: number;
  /** What share of the machine others used meanwhile, 0 to 1. */
  othersShare?: number;
  /** Why there are no figures. */
  skipped?: string;
}

/** Candidates that work in parallel may begin with any document. */
const numberOf = (name: string): number => Number(name.slice('PO-'.length));
const isMapped = (body: Buffer) => {
  const target = JSON.parse(body.toString()) as Target;
  assert.deepEqual(target, mapped(source(numberOf(target.orderNumber))));
};
const isSame = (body: Buffer) => {
  const document = JSON.parse(body.toString()) as Source;
  assert.deepEqual(document, source(numberOf(document.no)));
};

/** A build's output without its colours, in one line. */
const reasonOf = ({ message: text }: Error): string =>
  stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => line.trim())
    .join(' | ')
    .slice(0, 300);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const skipped = new Map<string, string>();
const candidates: Candidate[] = [];
const folder = temporaryFolder('bench');
removeAtExit(folder);
const broker = await startPrivateBroker({ log: say });
const database = await startPrivateDatabase({ log: say });
const management = managementClient({ uri: broker.managementUri });

for (const { name, what, build } of peers.filter((peer) => wanted(peer.name))) {
  const command = await build(say).catch((error: Error) => {
    say(`${name} is skipped: ${error.message}`);
    skipped.set(name, reasonOf(error));
  });
  if (!command) continue;
  candidates.push({
    name,
    what,
    from: 'in',
    to: 'out',
    async prepare(vhost, uri) {
      const user = decodeURIComponent(new URL(uri).username);
      await management.putVhost(vhost, 'bench');
      await management.putPermission(vhost, user, { configure: '.*', write: '.*', read: '.*' });
      for (const queue of ['in', 'out'])
        await management.putQueue(vhost, { name: queue, durable: true, arguments: { 'x-queue-type': 'quorum' } });
      return { ...command, env: environment(uri, 'in', 'out') };
    },
    check: name === 'limit' ? isSame : isMapped,
  });
}
const stage = await prepareStage(folder, management, broker);
for (const [name, flags, what] of [
  ['crossdock', [], 'a runtime: decode, compiled map, validate, keys, journal and payload streams; acks in batches'],
  ['crossdock without journal', ['--no-journal'], 'the same without journal and payload streams'],
] as const) {
  if (!wanted(name)) continue;
  candidates.splice(candidates[0]?.name === 'limit' ? 1 : 0, 0, {
    name,
    what,
    from: INTAKE,
    to: inbox('orders'),
    async prepare(vhost) {
      const uri = await stage.declare(vhost);
      return {
        command: process.execPath,
        args: ['--no-warnings', join(import.meta.dirname, 'peers/crossdock.ts'), ...flags],
        env: {
          ...environment(uri, INTAKE, inbox('orders')),
          BENCH_PLAN: stage.plan,
          BENCH_DATABASE: database.url,
          LOG_LEVEL: 'error',
        },
      };
    },
    check: isMapped,
  });
}

function environment(uri: string, from: string, to: string): Record<string, string> {
  const { hostname, port, username, password, pathname } = new URL(uri);
  return {
    BENCH_URI: uri,
    BENCH_HOST: hostname,
    BENCH_PORT: port,
    BENCH_USER: decodeURIComponent(username),
    BENCH_PASSWORD: decodeURIComponent(password),
    BENCH_VHOST: decodeURIComponent(pathname.slice(1)),
    BENCH_IN: from,
    BENCH_OUT: to,
  };
}

async function fill(uri: string, queue: string): Promise<void> {
  const publisher = await connectBroker({ uri, name: 'bench', log: silent });
  for (let n = 0; n < total; ) {
    const publishes: Promise<void>[] = [];
    for (const end = Math.min(total, n + 1_000); n < end; n++)
      publishes.push(publisher.publish({ ...message(n), exchange: '', routingKey: queue }));
    await Promise.all(publishes);
  }
  await publisher.close();
}

async function measure(candidate: Candidate, round: number): Promise<Figures> {
  const vhost = `bench.${candidates.indexOf(candidate)}.${round}`;
  const uri = `${broker.uri}/${encodeURIComponent(vhost)}`;
  const command = await candidate.prepare(vhost, uri);
  try {
    await fill(uri, candidate.from);
    return await drain({ uri, to: candidate.to, total, brokerPid: broker.pid, command, check: candidate.check });
  } finally {
    await management.deleteVhost(vhost);
  }
}

const figures = new Map<string, Figures[]>();
say(`${total} documents of ${message(0).body.length} bytes, ${rounds} rounds, RabbitMQ ${broker.version}`);
for (let round = 1; round <= rounds; round++) {
  for (const candidate of candidates) {
    const { name } = candidate;
    if (skipped.has(name)) continue;
    try {
      const found = await measure(candidate, round);
      figures.set(name, [...(figures.get(name) ?? []), found]);
      say(
        `round ${round}: ${name} ${Math.round(found.documentsPerSecond)}/s (others use ${(found.othersShare * 100).toFixed(0)} % of the machine)`,
      );
    } catch (error) {
      const { message: reason } = error as Error;
      say(`${name} is skipped: ${reason}`);
      skipped.set(name, reasonOf(error as Error));
    }
  }
}

/** Of an even number of rounds the mean of the middle two. */
const median = (all: number[]): number => {
  const sorted = all.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
};
const summaryOf = (name: string): Figures => {
  const of = (field: keyof Figures) => median(figures.get(name)!.map((each) => each[field]));
  return {
    documentsPerSecond: of('documentsPerSecond'),
    cpuMicrosPerDocument: of('cpuMicrosPerDocument'),
    brokerMicrosPerDocument: of('brokerMicrosPerDocument'),
    rssMiB: of('rssMiB'),
    othersShare: of('othersShare'),
  };
};
const order = ['limit', 'crossdock', 'crossdock without journal', ...peers.map(({ name }) => name)].filter(wanted);
const rows = [...new Set(order)].map((name): Row => {
  const what = candidates.find((each) => each.name === name)?.what ?? peers.find((each) => each.name === name)!.what;
  const reason = skipped.get(name);
  if (reason !== undefined) return { name, what, skipped: reason };
  const now = summaryOf(name);
  const limit = figures.has('limit') && !skipped.has('limit') ? summaryOf('limit') : undefined;
  const cpu = (each: Figures) => each.cpuMicrosPerDocument + each.brokerMicrosPerDocument;
  return {
    name,
    what,
    documentsPerSecond: Math.round(now.documentsPerSecond),
    cpuMicrosPerDocument: Math.round(now.cpuMicrosPerDocument),
    brokerMicrosPerDocument: Math.round(now.brokerMicrosPerDocument),
    rssMiB: Math.round(now.rssMiB),
    ...(limit && {
      ratioToLimit: Number((now.documentsPerSecond / limit.documentsPerSecond).toFixed(2)),
      cpuRatioToLimit: Number((cpu(limit) / cpu(now)).toFixed(2)),
    }),
    othersShare: Number(now.othersShare.toFixed(2)),
  };
});

const out = join(import.meta.dirname, '../out/pipeline.json');
mkdirSync(join(out, '..'), { recursive: true });
const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  load: loadavg(),
  rabbitmq: broker.version,
  node: process.version,
};
writeFileSync(
  out,
  `${JSON.stringify({ at: new Date().toISOString(), documents: total, rounds, machine, rows }, null, 2)}\n`,
);

const columns: [string, (row: Row) => number | undefined][] = [
  ['docs/s', (row) => row.documentsPerSecond],
  ['CPU µs', (row) => row.cpuMicrosPerDocument],
  ['broker µs', (row) => row.brokerMicrosPerDocument],
  ['RSS MiB', (row) => row.rssMiB],
  ['of limit', (row) => row.ratioToLimit],
  ['of limit by CPU', (row) => row.cpuRatioToLimit],
  ['others', (row) => row.othersShare],
];
console.log(`${'backlog drain, 2 KB, quorum → quorum'.padEnd(38)}  ${columns.map(([title]) => title).join('  ')}`);
for (const row of rows) {
  const cells = columns.map(([title, value]) => String(value(row) ?? '').padStart(title.length)).join('  ');
  console.log(`${row.name.padEnd(38)}  ${row.skipped === undefined ? cells : `skipped: ${row.skipped}`}`);
}
const ours = rows.find(({ name, skipped: reason }) => name === 'crossdock' && reason === undefined);
for (const row of rows)
  if (ours && row.name !== 'crossdock' && row.documentsPerSecond)
    console.log(`crossdock / ${row.name}: ${(ours.documentsPerSecond! / row.documentsPerSecond).toFixed(2)}`);
console.log(
  `${total} documents × ${rounds} rounds, second halves; ${machine.cores} cores, load ${machine.load.map((each) => each.toFixed(1)).join(' ')} at the end; bench/out/pipeline.json`,
);
await management.close();
await broker.stop();
await database.stop();
process.exit(ours || !wanted('crossdock') ? 0 : 1);
