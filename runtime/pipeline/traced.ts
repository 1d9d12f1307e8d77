/** A stage's work on a message as a span, by OpenTelemetry's conventions for messaging. Only where there is a Tracer. */
import type { Delivery } from '../broker/broker.ts';
import { INTAKE, inbox, rowsQueue } from '../names.ts';
import { type Attributes, contextOf, type Span, type Tracer } from '../telemetry/tracing.ts';
import { outboxOf } from './messages.ts';
import type { Work } from './wanted.ts';

/** A message that a stage works on, with the span of that work. */
export interface Taken extends Delivery {
  readonly span?: Span;
}

/** Has the message handled in a span of its own. */
export async function inSpan(
  tracer: Tracer,
  work: Work,
  delivery: Delivery,
  handle: (message: Taken) => Promise<void>,
): Promise<void> {
  const traced = taken(tracer, work, delivery);
  await handle(traced);
  traced.span.end();
}

/** The message as if it had been sent by the span of the work on it: all that comes of it is part of that. */
function taken(tracer: Tracer, work: Work, delivery: Delivery): Taken & { span: Span } {
  const { headers } = delivery;
  const place = placeOf(work);
  const span = tracer.start(`process ${place}`, {
    kind: 'Consumer',
    parent: contextOf(headers),
    attributes: {
      'messaging.system': 'rabbitmq',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': [...new Set([delivery.exchange, delivery.routingKey, delivery.queue])].join(':'),
      'messaging.destination.template': place,
      'messaging.rabbitmq.destination.routing_key': delivery.routingKey,
      'messaging.message.body.size': delivery.body.length,
      ...present('messaging.message.id', delivery.messageId),
      ...present('crossdock.document.id', headers['ce-id']),
      ...present('crossdock.document.type', headers['ce-type']),
      ...present('crossdock.source', headers['ce-source']),
      ...present('crossdock.attempt', headers['crossdock-attempt']),
      ...('integration' in work && { 'crossdock.integration': work.integration }),
      ...('destination' in work && { 'crossdock.destination': work.destination }),
    },
  });
  const { queue, body, routingKey, exchange, contentType, messageId, redelivered, deliveryCount, offset, revoked } =
    delivery;
  return {
    ...{ queue, body, routingKey, exchange, contentType, messageId, redelivered, deliveryCount, offset, revoked },
    headers: { ...headers, ...span.context },
    ack: () => delivery.ack(),
    requeue: () => delivery.requeue(),
    reject: () => delivery.reject(),
    span,
  };
}

/** Without the generation that a queue's own name may have. */
function placeOf(work: Work): string {
  switch (work.stage) {
    case 'intake':
      return INTAKE;
    case 'table':
      return rowsQueue(work.table);
    case 'inbox':
      return inbox(work.integration);
    case 'outbox':
      return outboxOf(work);
  }
}

const present = (name: string, value: string | number | boolean | undefined): Attributes =>
  value === undefined || value === '' ? {} : { [name]: value };
