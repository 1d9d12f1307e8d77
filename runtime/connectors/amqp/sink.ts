/**
 * Publishes each document to an exchange or queue of a RabbitMQ of the user's own: persistent, mandatory, confirmed.
 * `message_id` is the idempotency key: a retry after an unknown outcome may publish a second time, and the consumer knows it
 * by that id (AMQP 0.9.1 brokers recognise no duplicates themselves).
 */
import { type Broker, UnroutableError } from '../../broker/broker.ts';
import { DocumentError } from '../../errors.ts';
import type { ConnectorPlan } from '../../plan.ts';
import { SecretError } from '../../secrets.ts';
import type { Secrets, Sink, SinkRequest } from '../connector.ts';
import { deadline, deliveryFailed } from '../failure.ts';
import { accessOf, type Connection, openConnection, sameAccess } from './connection.ts';

export function amqpSink(plan: ConnectorPlan, secrets: Secrets): Sink {
  const spec = plan.amqp!;
  const exchange = spec.exchange ?? '';
  if (!spec.exchange && !spec.queue && !spec.routingKey) {
    throw new Error(`connector "${plan.name}": set spec.amqp.exchange or spec.amqp.queue to use it as a destination`);
  }
  let connection: Connection | undefined;

  const connected = async (): Promise<Connection> => {
    const access = await accessOf(secrets, spec.secretRef.name);
    if (connection && sameAccess(connection.access, access)) return connection;
    const old = connection;
    connection = openConnection(plan.name, access);
    // Publishes on the old one are settled by its closing.
    void old?.close();
    return connection;
  };

  return {
    async send(request) {
      const routingKey = request.routingKey ?? spec.routingKey ?? spec.queue ?? '';
      const timeoutMs = Math.min(request.timeoutMs, plan.timeoutMs);
      const limit = deadline(timeoutMs, request.signal);
      try {
        const { broker, trouble } = await raced(connected(), limit.signal, () =>
          late(plan.name, 'no connection', timeoutMs),
        );
        const open = await raced(broker, limit.signal, () =>
          late(plan.name, trouble ?? connection?.trouble ?? 'no connection', timeoutMs),
        );
        await raced(publish(open, exchange, routingKey, request), limit.signal, () =>
          unconfirmed(plan.name, timeoutMs),
        );
        return { status: 200, headers: {}, body: { exchange, routingKey } };
      } catch (error) {
        throw failure(error, plan.name, exchange, routingKey);
      } finally {
        limit.clear();
      }
    },
    async close() {
      await connection?.close();
    },
  };
}

const publish = (broker: Broker, exchange: string, routingKey: string, request: SinkRequest): Promise<void> =>
  broker.publish({
    exchange,
    routingKey,
    body: request.body,
    contentType: request.contentType,
    messageId: request.idempotencyKey,
    headers: { ...request.headers, 'idempotency-key': request.idempotencyKey },
    timestamp: Date.now(),
  });

function raced<T>(work: Promise<T>, signal: AbortSignal, onAbort: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(onAbort());
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

const late = (connector: string, why: string, ms: number): DocumentError =>
  deliveryFailed(
    'amqp.unreachable',
    `connector "${connector}": its broker was not reached within ${ms} ms (${why}); nothing was sent`,
  );
const unconfirmed = (connector: string, ms: number): DocumentError =>
  deliveryFailed(
    'amqp.unconfirmed',
    `connector "${connector}": no confirm within ${ms} ms; whether the broker has the message is unknown`,
  );

function failure(error: unknown, connector: string, exchange: string, routingKey: string): Error {
  if (error instanceof DocumentError) return error;
  if (error instanceof UnroutableError) {
    const target = exchange ? `exchange "${exchange}" with the routing key "${routingKey}"` : `queue "${routingKey}"`;
    return deliveryFailed(
      'amqp.unroutable',
      `connector "${connector}": no queue takes what is published to ${target}; declare or bind one`,
    );
  }
  if (error instanceof SecretError) return deliveryFailed('secret.unavailable', `${error.message}; nothing was sent`);
  return deliveryFailed(
    'amqp.failed',
    `connector "${connector}": the publish was not confirmed; whether the broker has the message is unknown`,
    error,
  );
}
