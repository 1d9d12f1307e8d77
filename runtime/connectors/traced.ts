/** What goes to and comes from outside as spans, by OpenTelemetry's conventions for HTTP and messaging. Only where there is a Tracer. */
import type { ConnectorPlan } from '../plan.ts';
import type { Span, TraceContext, Tracer } from '../telemetry/tracing.ts';
import type { Sink } from './connector.ts';

/** Bytes of a mailbox or queue that come in. */
export const receiving = (tracer: Tracer, { name, amqp }: ConnectorPlan, parent: TraceContext | undefined): Span =>
  tracer.start(`receive ${name}`, {
    kind: amqp ? 'Consumer' : 'Internal',
    ...(parent && { parent }),
    attributes: {
      'crossdock.connector': name,
      ...(amqp && {
        'messaging.system': 'rabbitmq',
        'messaging.operation.name': 'receive',
        'messaging.operation.type': 'receive',
        'messaging.destination.name': amqp.queue ?? '',
      }),
    },
  });

/** What an outside system is asked is a span; where it is told of a trace, it is told of that span. */
export function traced(sink: Sink, plan: ConnectorPlan, tracer: Tracer): Sink {
  const { http, amqp, name } = plan;
  const url = http && URL.canParse(http.url) ? new URL(http.url) : undefined;
  return {
    async send(request) {
      const method = request.method ?? 'POST';
      const span = tracer.start(http ? method : `${amqp ? 'publish' : 'write'} ${name}`, {
        kind: amqp ? 'Producer' : 'Client',
        ...(request.trace && { parent: request.trace }),
        attributes: {
          'crossdock.connector': name,
          ...(url && {
            'http.request.method': method,
            'server.address': url.hostname,
            'server.port': Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
            'http.request.body.size': request.body.length,
          }),
          ...(amqp && {
            'messaging.system': 'rabbitmq',
            'messaging.operation.name': 'publish',
            'messaging.operation.type': 'send',
            'messaging.message.id': request.idempotencyKey,
            'messaging.message.body.size': request.body.length,
          }),
        },
      });
      try {
        const headers = request.headers.traceparent ? { ...request.headers, ...span.context } : request.headers;
        const answer = await sink.send({ ...request, headers });
        if (http) span.set({ 'http.response.status_code': answer.status });
        if (answer.status >= 400) span.fail(String(answer.status));
        return answer;
      } catch (error) {
        span.fail((error as { code?: string }).code ?? 'unknown');
        throw error;
      } finally {
        span.end();
      }
    },
    close: () => sink.close(),
  };
}
