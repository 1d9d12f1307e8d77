/**
 * A million armed deadlines: what they cost while nothing happens, how late those are noticed that pass, and how long a storm takes.
 *
 *   node bench/tracker/deadlines.ts [--armed 1000000] [--seconds 30] [--passing 3000] [--storm 100000]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { folderSecrets } from '../../runtime/secrets.ts';
import type { Log } from '../../runtime/telemetry/log.ts';
import { Deadlines } from '../../tracker/deadlines/deadlines.ts';
import { Notifier } from '../../tracker/deadlines/notifier.ts';
import type { TrackerPlan } from '../../tracker/plan.ts';
import { Processes } from '../../tracker/process/processes.ts';
import { openTrackerDatabase } from '../../tracker/store.ts';
import { cpuOfTree } from './cpu.ts';
import { benchDatabase } from './database.ts';

const { values } = parseArgs({
  options: {
    armed: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '30' },
    passing: { type: 'string', default: '3000' },
    storm: { type: 'string', default: '100000' },
  },
});
const [armed, seconds, passing, storm] = [values.armed, values.seconds, values.passing, values.storm].map(Number) as [
  number,
  number,
  number,
  number,
];
/** As behind streams: what happened so long ago was told. */
const MARGIN_MS = 300;
const namespace = 'bench';
const quiet = () => {};
const log = { info: quiet, warn: console.warn, error: console.error } as unknown as Log;
const plan: TrackerPlan = {
  processes: [
    { name: 'inbound', generation: 1, keyName: 'purchaseOrder', documents: [], milestones: [], matches: [], units: [] },
  ],
};

const server = await benchDatabase();
const database = await openTrackerDatabase(server.url);
/** `due` is SQL over `i`, epoch ms. */
const arm = async (what: string, count: number, due: string): Promise<void> => {
  await database.query(
    `insert into objectives (namespace, process, key, policy, objective, partner, state, severity, from_milestone, to_milestone,
       started_at, due_at, next_at)
     select $1, 'inbound', $2 || i, 'response', 'Confirmed', 'partner-' || i % 1000, 'Pending', 'Warning', 'Released', 'Confirmed', 0, due, due
     from (select i, ${due} as due from generate_series(1, $3::int) i) armed`,
    [namespace, `${what}-`, count],
  );
  await database.query(
    `insert into objective_counts values ($1, 'response', 'Confirmed', 'Pending', $2)
     on conflict (namespace, policy, objective, state) do update set count = objective_counts.count + excluded.count`,
    [namespace, count],
  );
};
const CHUNK = 100_000;
for (let done = 0; done < armed; done += CHUNK)
  await arm(`far-${done}`, Math.min(CHUNK, armed - done), `(${Date.now() + 86_400_000} + (random() * 1e10)::bigint)`);
await database.query('vacuum analyze objectives');

const parts = [
  new Processes({ namespace, database, log }),
  new Deadlines({ namespace, database, log, toldUntil: () => Date.now() - MARGIN_MS }),
  new Notifier({ namespace, database, log, secrets: folderSecrets() }),
];
for (const part of parts) part.use(plan);
await sleep(3_000);

const cpu = async (ms: number): Promise<{ tracker: number; database: number }> => {
  const own = process.cpuUsage();
  const its = cpuOfTree(server.pid);
  const started = performance.now();
  await sleep(ms);
  const { user, system } = process.cpuUsage(own);
  const elapsed = (performance.now() - started) * 10;
  return { tracker: (user + system) / elapsed, database: (cpuOfTree(server.pid) - its) / elapsed };
};
const idle = await cpu(seconds * 1_000);
console.log(
  `${armed} armed, idle for ${seconds} s: tracker ${idle.tracker.toFixed(2)} % of a core, PostgreSQL ${idle.database.toFixed(2)} %`,
);

const lateness = async (key: string): Promise<string> => {
  const { rows } = await database.query<{ n: number; p50: number; p99: number; most: number }>(
    `select count(*)::int as n, percentile_cont(0.5) within group (order by noticed_at - due_at) as p50,
       percentile_cont(0.99) within group (order by noticed_at - due_at) as p99, max(noticed_at - due_at)::float8 as most
     from objectives where namespace = $1 and key like $2 and state = 'Breached'`,
    [namespace, `${key}-%`],
  );
  const { n, p50, p99, most } = rows[0]!;
  return `${n} noticed, lateness p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, most ${most.toFixed(0)} ms`;
};
const until = async (key: string, count: number): Promise<void> => {
  for (;;) {
    const { rows } = await database.query(
      "select count(*)::int as n from objectives where namespace = $1 and key like $2 and state = 'Breached'",
      [namespace, `${key}-%`],
    );
    if (rows[0].n >= count) return;
    await sleep(1_000);
  }
};
const PASSING_S = 20;
await arm('passing', passing, `(${Date.now() + 3_000} + i * ${PASSING_S * 1_000} / ${passing})::bigint`);
const busy = await cpu((PASSING_S + 3) * 1_000);
await until('passing', passing);
console.log(
  `${passing} pass within ${PASSING_S} s: ${await lateness('passing')}; tracker ${busy.tracker.toFixed(1)} %, PostgreSQL ${busy.database.toFixed(1)} %`,
);
if (storm > 0) {
  const at = Date.now() + 15_000;
  await arm('storm', storm, `${at}::bigint`);
  if (Date.now() > at) console.log('the storm was armed late');
  await until('storm', storm);
  console.log(`${storm} pass at once: ${await lateness('storm')}`);
}
for (const part of parts) await part.stop();
await database.end();
await server.stop();
