/**
 * Consumes a queue of a RabbitMQ of the user's own. A message is acked when its document is confirmed.
 *
 * Identity: (connector, queue, message id) where the sender sets `message_id`. Without one it is the hash of content type,
 * routing key, headers (those of brokers, `x-…`, left out) and body: a redelivery is then the same document, but so are two
 * messages that a sender meant as two and that differ in nothing. Senders of such messages must set `message_id`.
 *
 * What is not accepted is held and offered again with growing pauses, not requeued: a requeue counts towards the delivery
 * limit of a queue that is not ours. After ten minutes it is requeued after all, below RabbitMQ's consumer timeout of 30.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker, Consumer, Delivery } from '../../broker/broker.ts';
import type { ConnectorPlan } from '../../plan.ts';
import { contextOf } from '../../telemetry/tracing.ts';
import type { Received, Secrets, Source } from '../connector.ts';
import { accessOf, type Connection, openConnection, sameAccess } from './connection.ts';

const HOLD_MS = 600_000;
const STOP_GRACE_MS = 10_000;
type Accept = (received: Received) => Promise<void>;

export function amqpSource(plan: ConnectorPlan, secrets: Secrets): Source {
  const { queue, secretRef } = plan.amqp!;
  if (!queue) throw new Error(`connector "${plan.name}": set spec.amqp.queue to use it as a source`);

  return {
    async start(accept, onTrouble) {
      const stopping = new AbortController();
      const tell = (error: unknown): void => {
        const message = error instanceof Error ? error.message : String(error);
        onTrouble(new Error(`connector "${plan.name}", queue "${queue}": ${message}`, { cause: error }));
      };
      let consumer: Consumer | undefined;
      let connection: Connection | undefined;

      /** Until the Secret changes, a first consume fails, or the source is stopped. */
      const session = async (): Promise<void> => {
        const access = await accessOf(secrets, secretRef.name);
        const over = new AbortController();
        const ended = new Promise<void>((resolve) =>
          over.signal.addEventListener('abort', () => resolve(), { once: true }),
        );
        stopping.signal.addEventListener('abort', () => over.abort(), { once: true, signal: over.signal });
        const onBrokerTrouble = (error: Error): void => {
          tell(error);
          // A refused password may be a rotated one.
          accessOf(secrets, secretRef.name).then(
            (now) => sameAccess(now, access) || over.abort(),
            () => {},
          );
        };
        connection = openConnection(plan.name, access, onBrokerTrouble);
        const consuming = connection.broker.then((broker) => consume(broker, onBrokerTrouble));
        try {
          consumer = await Promise.race([consuming, ended.then(() => undefined)]);
          await ended;
        } finally {
          await consumer?.stop(STOP_GRACE_MS);
          consumer = undefined;
          await connection.close();
          await consuming.catch(() => {});
        }
      };
      const consume = (broker: Broker, onBrokerTrouble: (error: Error) => void): Promise<Consumer> =>
        broker.consume({
          queue,
          prefetch: plan.concurrency,
          onDelivery: (delivery) => offer(delivery, received(plan.name, delivery), accept, tell, stopping.signal),
          onTrouble: onBrokerTrouble,
        });

      const running = (async () => {
        for (let attempt = 0; !stopping.signal.aborted; attempt += 1) {
          const started = performance.now();
          await session().catch((error) => {
            if (!stopping.signal.aborted) tell(error);
          });
          if (performance.now() - started > 60_000) attempt = 0;
          await pause(Math.min(30_000, 500 * 2 ** Math.min(attempt, 6)), stopping.signal);
        }
      })();

      return {
        async stop() {
          stopping.abort();
          await running;
        },
      };
    },
  };
}

async function offer(
  delivery: Delivery,
  document: Received,
  accept: Accept,
  tell: (error: unknown) => void,
  stopping: AbortSignal,
): Promise<void> {
  const until = Date.now() + HOLD_MS;
  for (let waitMs = 1_000; ; waitMs = Math.min(30_000, waitMs * 2)) {
    try {
      await accept(document);
      return delivery.ack();
    } catch (error) {
      tell(error);
    }
    await pause(waitMs, stopping);
    if (stopping.aborted || Date.now() > until) return delivery.requeue();
  }
}

const pause = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }).catch(() => {});

export function received(connector: string, delivery: Delivery): Received {
  const contentType = delivery.contentType || 'application/octet-stream';
  const identity = delivery.messageId ? `id:${delivery.messageId}` : `sha256:${fingerprint(delivery)}`;
  return {
    body: delivery.body,
    contentType,
    identity: [connector, delivery.queue, identity],
    label: delivery.messageId ?? `${delivery.queue} (no message id)`,
    trace: contextOf(delivery.headers),
  };
}

/** Of what the sender wrote: what brokers add or change on a redelivery is left out. */
function fingerprint({ contentType, exchange, routingKey, headers, body }: Delivery): string {
  const own = Object.entries(headers)
    .filter(([name]) => !name.toLowerCase().startsWith('x-'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([contentType, exchange, routingKey, own]))
    .update(body)
    .digest('hex');
}
