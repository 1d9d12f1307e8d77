/**
 * A runtime with the plan in $BENCH_PLAN, as a pod has it: `startRuntime`, nothing else. With `--no-journal` the same pool with a
 * journal and an archive that write nothing, to see what these cost.
 */
import { readFileSync } from 'node:fs';
import { connectBroker } from '../../../runtime/broker/amqp.ts';
import { Pool } from '../../../runtime/pipeline/pool.ts';
import type { Plan } from '../../../runtime/plan.ts';
import { startRuntime } from '../../../runtime/runtime.ts';
import { folderSecrets } from '../../../runtime/secrets.ts';
import { openStore } from '../../../runtime/store/postgres.ts';
import { createLog } from '../../../runtime/telemetry/log.ts';
import { createMetrics } from '../../../runtime/telemetry/metrics.ts';

const { BENCH_SECRETS = '[]', BENCH_PLAN = '', BENCH_URI = '', BENCH_DATABASE = '', BENCH_POD = 'bench' } = process.env;
const plan = JSON.parse(readFileSync(BENCH_PLAN, 'utf8')) as Plan;
const log = createLog('bench');
const secrets = folderSecrets();
secrets.replace(JSON.parse(BENCH_SECRETS));
const shared = { namespace: 'bench', pod: BENCH_POD, secrets, log };
if (process.argv.includes('--no-journal')) {
  const nowhere = { write: async () => {} };
  const pool = new Pool({
    ...shared,
    broker: await connectBroker({ uri: BENCH_URI, name: 'bench', log }),
    journal: nowhere,
    archive: nowhere,
    store: openStore({ url: BENCH_DATABASE, namespace: shared.namespace, log }),
    metrics: createMetrics(),
    onEndpoints() {},
  });
  await pool.apply(plan);
} else {
  const listen = { host: '127.0.0.1', port: 0 };
  const runtime = await startRuntime({
    ...shared,
    brokerUri: BENCH_URI,
    databaseUrl: BENCH_DATABASE,
    http: listen,
    admin: listen,
  });
  await runtime.apply(plan);
}
