/** A request as a span, by OpenTelemetry's conventions for HTTP. Only where there is a Tracer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Attributes, contextOf, type Span, type Tracer } from '../telemetry/tracing.ts';
import type { Answer } from './contract.ts';
import type { Route } from './routes.ts';

/** The path is one of those that are declared, or a table's with a key, which is left out. */
export function serving(tracer: Tracer, request: IncomingMessage, route: Route): Span {
  const path = route.lookup ? `/tables/${route.lookup.table}` : (request.url ?? '').split('?', 1)[0]!;
  const method = request.method ?? '';
  return tracer.start(`${method} ${path}`, {
    kind: 'Server',
    parent: contextOf(request.headers),
    attributes: { 'http.request.method': method, 'http.route': path, 'crossdock.endpoint': route.endpoint },
  });
}

/** Of many documents in one request, the first. */
export function documentOf({ documents: [first] }: Answer & { accepted: true }): Attributes {
  return first ? { 'crossdock.document.id': first.id, 'crossdock.document.type': first.type } : {};
}

/** What senders do wrong is no error of the server. */
export function served(span: Span, { headersSent, statusCode }: ServerResponse): void {
  if (headersSent) span.set({ 'http.response.status_code': statusCode });
  if (!headersSent) span.fail('gone');
  else if (statusCode >= 500) span.fail(String(statusCode));
  span.end();
}
