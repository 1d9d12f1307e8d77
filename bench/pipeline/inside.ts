/**
 * What a document costs inside the runtime, without a broker: the pool of the bench takes from an intake in memory and publishes into
 * nothing. Everything but AMQP. `node bench/pipeline/inside.ts [--documents 100000] [--no-journal]`; traced where
 * OTEL_EXPORTER_OTLP_ENDPOINT says where to.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Broker, ConsumerOptions, Delivery, OutgoingMessage } from '../../runtime/broker/broker.ts';
import { openArchive, openJournal } from '../../runtime/journal/writer.ts';
import { INTAKE } from '../../runtime/names.ts';
import { Pool } from '../../runtime/pipeline/pool.ts';
import type { Plan } from '../../runtime/plan.ts';
import { folderSecrets } from '../../runtime/secrets.ts';
import type { Store } from '../../runtime/store/store.ts';
import { createLog } from '../../runtime/telemetry/log.ts';
import { createMetrics } from '../../runtime/telemetry/metrics.ts';
import { openTracer } from '../../runtime/telemetry/tracing.ts';
import { temporaryFolder } from '../../standalone/cache.ts';
import { removeAtExit } from '../../standalone/process.ts';
import { LINES, message } from './documents.ts';
import { planOf } from './stage.ts';

const { values } = parseArgs({
  options: { documents: { type: 'string', default: '100000' }, 'no-journal': { type: 'boolean' } },
});
const total = Number(values.documents);
const IN_FLIGHT = 200;

/** Confirms all publishes of a turn at its end, and then delivers as many as were acked. */
class Nowhere implements Broker {
  readonly healthy = true;
  readonly blocked = false;
  readonly trouble = undefined;
  unconfirmed = 0;
  published = 0;
  bytes = 0;
  #confirms: (() => void)[] = [];
  #scheduled = false;
  readonly intake = Promise.withResolvers<ConsumerOptions>();

  publish(message: OutgoingMessage): Promise<void> {
    this.published++;
    this.bytes += message.body.length;
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        const confirms = this.#confirms;
        this.#confirms = [];
        for (const confirm of confirms) confirm();
      });
    }
    return new Promise((resolve) => this.#confirms.push(resolve));
  }
  async consume(options: ConsumerOptions) {
    if (options.queue === INTAKE) this.intake.resolve(options);
    return { queue: options.queue, inFlight: 0, stop: async () => {} };
  }
  onHealth() {
    return () => {};
  }
  async close() {}
}

const folder = temporaryFolder('bench');
removeAtExit(folder);
mkdirSync(folder, { recursive: true });
const plan = JSON.parse(readFileSync((await planOf(folder, '3.10.8', { hop: 'Intake' })).plan, 'utf8')) as Plan;
const broker = new Nowhere();
const log = createLog('bench');
const nowhere = { write: async () => {} };
const shared = { namespace: 'bench', log };
const tracer = await openTracer(process.env, { ...shared, pod: 'bench' });
const pool = new Pool({
  ...shared,
  ...(tracer && { tracer }),
  pod: 'bench',
  secrets: folderSecrets(),
  broker,
  journal: values['no-journal'] ? nowhere : openJournal(broker, shared),
  archive: values['no-journal'] ? nowhere : openArchive(broker, shared),
  store: {} as Store,
  metrics: createMetrics(),
  onEndpoints() {},
});
await pool.apply(plan);
const { onDelivery } = await broker.intake.promise;

// The same bytes under other ids: making documents must not be measured.
const messages = Array.from({ length: 1_000 }, (_, n) => message(n, LINES['2 KB']));
const run = (documents: number): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let next = 0;
  let acked = 0;
  const deliver = () => {
    const { body, contentType, messageId, headers, routingKey, exchange } = messages[next++ % messages.length]!;
    const delivery: Delivery = {
      queue: INTAKE,
      body,
      contentType,
      messageId,
      headers: headers!,
      routingKey,
      exchange,
      redelivered: false,
      deliveryCount: 0,
      offset: undefined,
      revoked: new AbortController().signal,
      ack() {
        acked++;
        if (acked === documents) resolve();
        else if (next < documents) deliver();
      },
      requeue() {
        throw new Error('put back');
      },
      reject() {
        throw new Error('rejected');
      },
    };
    void onDelivery(delivery);
  };
  while (next < Math.min(IN_FLIGHT, documents)) deliver();
  return promise;
};
await run(Math.ceil(total / 4));
broker.published = 0;
broker.bytes = 0;
const cpu = process.cpuUsage();
await run(total);
const { user, system } = process.cpuUsage(cpu);
console.log(
  `${((user + system) / total).toFixed(1)} µs CPU a document; ${(broker.published / total).toFixed(2)} messages, ${(broker.bytes / total).toFixed(0)} bytes published for each`,
);
process.exit(0);
