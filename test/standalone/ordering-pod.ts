/** A runtime with the plan in $POD_PLAN, as a pod has it; each line of its input is a newer plan's file. Says `applied` after each. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Plan } from '../../runtime/plan.ts';
import { guardsOf, startRuntime } from '../../runtime/runtime.ts';
import { folderSecrets } from '../../runtime/secrets.ts';
import { createLog } from '../../runtime/telemetry/log.ts';

const { POD_PLAN = '', POD_BROKER = '', POD_DATABASE = '', POD_NAMESPACE = '', POD_POOL } = process.env;
const listen = { host: '127.0.0.1', port: 0 };
const runtime = await startRuntime({
  namespace: POD_NAMESPACE,
  ...(POD_POOL && { pool: POD_POOL }),
  pod: `pod-${process.pid}`,
  brokerUri: POD_BROKER,
  databaseUrl: POD_DATABASE,
  secrets: folderSecrets(),
  log: createLog('pod'),
  http: listen,
  admin: listen,
  guards: guardsOf(process.env),
});
const apply = async (file: string) => {
  await runtime.apply(JSON.parse(readFileSync(file, 'utf8')) as Plan);
  process.stdout.write('applied\n');
};
process.once('SIGTERM', () => void runtime.stop().then(() => process.exit(0)));
await apply(POD_PLAN);
createInterface({ input: process.stdin }).on('line', (file) => void apply(file));
