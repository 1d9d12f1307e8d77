/** One runtime: broker, journal, store, ingress, admin and pool put together. Plans come from outside (cluster, or `crossdock dev`). */
import { connectBroker } from './broker/amqp.ts';
import type { Current } from './broker/link.ts';
import type { Secrets } from './connectors/connector.ts';
import { startIngress } from './ingress/server.ts';
import { openArchive, openJournal } from './journal/writer.ts';
import { killAt } from './pipeline/points.ts';
import { type Guards, Pool } from './pipeline/pool.ts';
import type { Plan } from './plan.ts';
import type { RuntimeState } from './state.ts';
import { openStore } from './store/postgres.ts';
import { openTables } from './tables/tables.ts';
import { startAdmin } from './telemetry/admin.ts';
import type { Log } from './telemetry/log.ts';
import { createMetrics, type Metrics } from './telemetry/metrics.ts';
import { openTracer } from './telemetry/tracing.ts';

export interface RuntimeOptions {
  namespace: string;
  /** Name of the RuntimePool; absent: the default one. */
  pool?: string;
  /** Unique among the runtimes of the pool. */
  pod: string;
  /** Of the namespace's vhost. Never logged. Functions are asked at each attempt to connect, so that a rotation needs no restart. */
  brokerUri: Current<string>;
  brokerCa?: Current<string | undefined>;
  databaseUrl: Current<string>;
  secrets: Secrets;
  log: Log;
  /** What partners and our systems post to. Port 0: a free one. */
  http: { host: string; port: number };
  /** Health, metrics and, with the token, state. */
  admin: { host: string; port: number; token?: string };
  /** For tests of the promises; see Environment. */
  guards?: Guards;
}
export interface Runtime {
  readonly httpPort: number;
  readonly adminPort: number;
  readonly metrics: Metrics;
  readonly state: RuntimeState;
  apply(plan: Plan): Promise<void>;
  /** Finishes what is in the air, at most `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { namespace, pod, log, secrets } = options;
  const metrics = createMetrics();
  const tracer = await openTracer(process.env, { namespace, pod, log });
  const tracing = tracer && { tracer };
  // Health first: a runtime that waits for its broker must be able to say so.
  let unready = () => ['connecting to the broker'];
  let pool: Pool | undefined;
  const { token } = options.admin;
  const admin = await startAdmin({
    ...options.admin,
    metrics,
    ready: () => ({ ok: unready().length === 0, reasons: unready() }),
    ...(token && {
      state: {
        token,
        get: async (after: number, signal: AbortSignal) =>
          pool ? pool.stateAfter(after, signal) : { revision: 0, pod, index: '', roots: {} },
      },
    }),
  });
  const broker = await connectBroker({
    uri: options.brokerUri,
    name: `crossdock-runtime ${pod}`,
    log,
    ...(options.brokerCa && { ca: options.brokerCa }),
  });
  const onConfirmed = (entries: number) => metrics.journalEntries.inc(entries);
  const journal = openJournal(broker, { namespace, log, onConfirmed });
  const archive = openArchive(broker, { namespace, log });
  const store = openStore({ url: options.databaseUrl, namespace, log });
  const tables = openTables({ url: options.databaseUrl, namespace, log });
  const ingress = await startIngress({
    ...options.http,
    secrets,
    log,
    metrics,
    ...tracing,
    accept: (posted) => pool!.accept(posted),
    ask: (asked) => pool!.ask(asked),
  });
  pool = new Pool({
    namespace,
    ...(options.pool !== undefined && { pool: options.pool }),
    pod,
    broker,
    journal,
    archive,
    store,
    tables,
    secrets,
    log,
    metrics,
    ...tracing,
    onEndpoints: (endpoints) => ingress.setEndpoints(endpoints),
    ...(options.guards && { guards: options.guards }),
  });
  unready = () => pool.unready;
  metrics.onScrape(() => {
    metrics.publishUnconfirmed.set(broker.unconfirmed);
    metrics.brokerHealthy.set(broker.healthy ? 1 : 0);
    metrics.publishBlocked.set(broker.blocked ? 1 : 0);
  });
  return {
    httpPort: ingress.port,
    adminPort: admin.port,
    metrics,
    get state() {
      return pool.state;
    },
    apply: (plan) => pool.apply(plan),
    async stop(graceMs = 20_000) {
      await ingress.stop(graceMs);
      await pool.stop(graceMs);
      await Promise.all([journal.close(), archive.close()]);
      await Promise.all([store.close(), tables.close()]);
      await broker.close();
      await tracer?.stop();
      await admin.stop();
    },
  };
}

/**
 * Guards as the environment of a process asks for: CROSSDOCK_TEST_ACK_EARLY=true acks messages before what they caused is confirmed,
 * CROSSDOCK_TEST_KILL_AT=<point>:<n> kills the process there. For the tests of the promises; never set them elsewhere.
 */
export const guardsOf = ({ CROSSDOCK_TEST_ACK_EARLY, CROSSDOCK_TEST_KILL_AT }: NodeJS.ProcessEnv): Guards => ({
  ...(CROSSDOCK_TEST_ACK_EARLY === 'true' && { ackAfterConfirm: false }),
  ...(CROSSDOCK_TEST_KILL_AT && { pass: killAt(CROSSDOCK_TEST_KILL_AT) }),
});
