/**
 * `make bench`: purchase orders from one quorum queue into another, mapped, validated, confirmed and acked; Crossdock beside its peers
 * on one private RabbitMQ, in interleaved rounds. The limit is a C program that only passes on. A backlog that drains says how fast (the
 * second half counts, medians of the rounds); documents at a steady rate say how late. Writes bench/out/pipeline.json.
 *
 *   node bench/pipeline/run.ts [--documents 20000] [--rounds 2] [--only limit,crossdock] [--sizes '2 KB,10 KB'] [--pace 1500] [--add]
 *
 * `--pace 0` leaves the latency out, `--add` keeps what the file has of an earlier run and this one does not measure. Other sizes than 2 KB are measured for one round, of the candidates of one hop and one process.
 */
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import pg from 'pg';
import { managementClient } from '../../operator/apply/rabbitmq/client.ts';
import { connectBroker } from '../../runtime/broker/amqp.ts';
import { startPrivateBroker } from '../../standalone/broker.ts';
import { temporaryFolder } from '../../standalone/cache.ts';
import { startPrivateDatabase } from '../../standalone/database.ts';
import { removeAtExit } from '../../standalone/process.ts';
import { type Candidate, OWN, ownCandidate, peerCandidates } from './candidates.ts';
import { LINES } from './documents.ts';
import { drain, type Figures } from './drain.ts';
import { type Latency, pace } from './pace.ts';
import { peers } from './peers.ts';
import { added, keep, type Row, ratiosOf, rowOf, tableOf } from './table.ts';

const { values } = parseArgs({
  options: {
    documents: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '2' },
    only: { type: 'string' },
    sizes: { type: 'string', default: Object.keys(LINES).join(',') },
    pace: { type: 'string', default: '1500' },
    add: { type: 'boolean', default: false },
  },
});
const [total, rounds, rate] = [Number(values.documents), Number(values.rounds), Number(values.pace)];
const sizes = values.sizes.split(',') as (keyof typeof LINES)[];
for (const size of sizes) if (!LINES[size]) throw new Error(`--sizes: ${size} is none of ${Object.keys(LINES)}`);
const chosen = values.only?.split(',').map((name) => name.trim());
const wanted = (name: string) => !chosen || chosen.includes(name);
const say = (line: string) => console.error(line);
const silent = { info() {}, warn() {}, error: console.error };
const WARM_SECONDS = 3;
const PACE_SECONDS = 5;
const STANDARD = '2 KB';

/** A build's output without its colours, in one line. */
const reasonOf = ({ message: text }: Error): string =>
  stripVTControlCharacters(text)
    .split('\n')
    .filter((line) => line.trim())
    .join(' | ')
    .slice(0, 300);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const skipped = new Map<string, string>();
const skip = (name: string, error: Error) => {
  say(`${name} is skipped: ${error.message}`);
  skipped.set(name, reasonOf(error));
};
const folder = temporaryFolder('bench');
removeAtExit(folder);
const broker = await startPrivateBroker({ log: say });
const database = await startPrivateDatabase({ log: say });
const management = managementClient({ uri: broker.managementUri });
const parts = { folder, broker, management, databaseUrl: database.url, say };
const ofPeers = await peerCandidates(parts, wanted, skip);
const ours = await Promise.all(OWN.filter(({ name }) => wanted(name)).map((own) => ownCandidate(own, parts)));
const limit = ofPeers.filter(({ name }) => name === 'limit');
const candidates = [...limit, ...ours, ...ofPeers.filter((each) => !limit.includes(each))];

async function fill(uri: string, { from, message }: Candidate, documents: number, lines: number): Promise<void> {
  const publisher = await connectBroker({ uri, name: 'bench', log: silent });
  for (let n = 0; n < documents; ) {
    const publishes: Promise<void>[] = [];
    for (const end = Math.min(documents, n + 1_000); n < end; n++)
      publishes.push(publisher.publish({ ...message(n, lines), exchange: '', routingKey: from }));
    await Promise.all(publishes);
  }
  await publisher.close();
}

async function forgetClaims(): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('drop schema if exists crossdock_bench cascade');
  await client.end();
}

let vhosts = 0;
async function inVhost<T>(candidate: Candidate, work: (at: Awaited<ReturnType<Candidate['prepare']>>) => Promise<T>) {
  const vhost = `bench.${++vhosts}`;
  // Claims of the round before would make duplicates of these.
  await forgetClaims();
  const at = await candidate.prepare(vhost);
  try {
    return await work(at);
  } catch (error) {
    skip(candidate.name, error as Error);
    return undefined;
  } finally {
    await management.deleteVhost(vhost);
  }
}

const figures = new Map<string, Figures[]>();
const latencies = new Map<string, Latency>();
const keyOf = (name: string, size: string) => (size === STANDARD ? name : `${name}, ${size}`);

async function measureDrain(candidate: Candidate, size: keyof typeof LINES): Promise<void> {
  const lines = LINES[size];
  const { to, pods, check } = candidate;
  // As many bytes for every size.
  const documents = Math.ceil((total * LINES[STANDARD]) / lines);
  const found = await inVhost(candidate, async ({ uri, command }) => {
    await fill(uri, candidate, documents, lines);
    const checked = (body: Buffer) => check(body, lines);
    return drain({ uri, to, total: documents, brokerPid: broker.pid, command, pods, check: checked });
  });
  if (!found) return;
  const name = keyOf(candidate.name, size);
  figures.set(name, [...(figures.get(name) ?? []), found]);
  const [perSecond, others] = [Math.round(found.documentsPerSecond), Math.round(found.othersShare * 100)];
  say(
    `${name} ${perSecond}/s, ${found.cpuMicrosPerDocument.toFixed(0)} + ${found.brokerMicrosPerDocument.toFixed(0)} µs (others use ${others} % of the machine)`,
  );
}

async function measurePace(candidate: Candidate): Promise<void> {
  const { from, to } = candidate;
  const message = (n: number) => candidate.message(n, LINES[STANDARD]);
  const found = await inVhost(candidate, ({ uri, command }) =>
    pace({ uri, from, to, rate, warmSeconds: WARM_SECONDS, seconds: PACE_SECONDS, command, message }),
  );
  if (!found) return;
  latencies.set(candidate.name, found);
  say(`${candidate.name} at ${rate}/s: p50 ${found.p50Ms.toFixed(1)} ms, p99 ${found.p99Ms.toFixed(1)} ms`);
}

/** One hop by one process, as the peers make it. */
const isPlain = ({ from, pods, name }: Candidate) =>
  pods === 1 && (from === 'in' || from === 'intake') && !name.includes('without');

say(`${total} documents, ${rounds} rounds, RabbitMQ ${broker.version}`);
if (sizes.includes(STANDARD))
  for (let round = 1; round <= rounds; round++)
    for (const candidate of candidates) if (!skipped.has(candidate.name)) await measureDrain(candidate, STANDARD);
for (const size of sizes.filter((each) => each !== STANDARD))
  for (const candidate of candidates.filter(isPlain))
    if (!skipped.has(candidate.name)) await measureDrain(candidate, size);
if (rate > 0)
  for (const candidate of candidates.filter(isPlain)) if (!skipped.has(candidate.name)) await measurePace(candidate);

const rows: Row[] = [];
const known = [...peers, ...OWN].filter(({ name }) => wanted(name));
for (const size of sizes)
  for (const { name, what } of [...known].sort((a, b) => rank(a.name) - rank(b.name))) {
    const key = keyOf(name, size);
    const found = figures.get(key) ?? [];
    const reason = skipped.get(name);
    const latency = size === STANDARD ? latencies.get(name) : undefined;
    if (reason !== undefined) rows.push({ name: key, what, skipped: reason });
    else if (found.length > 0) rows.push(rowOf({ name: key, what }, found, figures.get(keyOf('limit', size)), latency));
    else if (latency) rows.push(rowOf({ name: key, what }, [], undefined, latency));
  }
function rank(name: string): number {
  return name === 'limit' ? 0 : name.startsWith('crossdock') ? 1 : 2;
}

const machine = {
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  load: loadavg(),
  rabbitmq: broker.version,
  node: process.version,
};
const out = join(import.meta.dirname, '../out/pipeline.json');
const all = values.add ? added(out, rows) : rows;
keep(out, { at: new Date().toISOString(), documents: total, rounds, pacePerSecond: rate, machine }, all);
console.log(tableOf(all));
console.log(ratiosOf(all));
console.log(
  `${total} documents × ${rounds} rounds, second halves; latency at ${rate}/s; ${machine.cores} cores, load ${machine.load.map((each) => each.toFixed(1)).join(' ')} at the end; bench/out/pipeline.json`,
);
await management.close();
await broker.stop();
await database.stop();
process.exit(skipped.has('crossdock') ? 1 : 0);
