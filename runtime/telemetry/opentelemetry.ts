/** The Tracer on OpenTelemetry's own library, which reads the standard variables: endpoint, headers, sampler, limits, batches, resource. */
import {
  type Attributes,
  type Context,
  createTraceState,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Log } from './log.ts';
import type { Span, TraceContext, Tracer, TracerOptions } from './tracing.ts';

const KINDS = {
  Internal: SpanKind.INTERNAL,
  Server: SpanKind.SERVER,
  Client: SpanKind.CLIENT,
  Producer: SpanKind.PRODUCER,
  Consumer: SpanKind.CONSUMER,
} as const;
const STOP_MS = 3_000;

export function startTracer({ namespace, pod, log }: TracerOptions): Tracer {
  diag.setLogger(diagnostics(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const own = resourceFromAttributes({
    'service.name': 'crossdock-runtime',
    'service.namespace': namespace,
    'service.instance.id': pod,
    'k8s.namespace.name': namespace,
    'k8s.pod.name': pod,
  });
  const provider = new BasicTracerProvider({
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word.
    resource: defaultResource()
      .merge(own)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  const tracer = provider.getTracer('crossdock');
  return {
    start(name, { kind, attributes, parent, link }) {
      const linked = link && spanContextOf(link);
      const options = { kind: KINDS[kind], attributes, ...(linked && { links: [{ context: linked }] }) };
      return spanOf(tracer.startSpan(name, options, contextOf(parent)));
    },
    async stop() {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, STOP_MS);
      await Promise.race([provider.shutdown().catch(() => {}), late]);
      clearTimeout(timer);
    },
  };
}

function contextOf(parent: TraceContext | undefined): Context {
  const span = parent && spanContextOf(parent);
  return span ? trace.setSpanContext(ROOT_CONTEXT, span) : ROOT_CONTEXT;
}

/** Of a context that was checked when it came. */
function spanContextOf({ traceparent, tracestate }: TraceContext): SpanContext | undefined {
  if (!traceparent) return undefined;
  return {
    traceId: traceparent.slice(3, 35),
    spanId: traceparent.slice(36, 52),
    traceFlags: Number.parseInt(traceparent.slice(53, 55), 16),
    isRemote: true,
    ...(tracestate && { traceState: createTraceState(tracestate) }),
  };
}

function spanOf(span: ReturnType<ReturnType<typeof trace.getTracer>['startSpan']>): Span {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const tracestate = traceState?.serialize();
  return {
    context: {
      traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
      ...(tracestate && { tracestate }),
    },
    set: (attributes: Attributes) => void span.setAttributes(attributes),
    fail(type) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', type);
    },
    end: () => span.end(),
  };
}

/** A receiver that is away is told of once a minute. An answer's body may hold anything, so only the beginning of a message is written. */
function diagnostics(log: Log) {
  let since = Number.NEGATIVE_INFINITY;
  const tell = (message: string): void => {
    if (performance.now() - since < 60_000) return;
    since = performance.now();
    log.warn('traces are not sent', { reason: reasonOf(message) });
  };
  const nothing = (): void => {};
  return { error: tell, warn: tell, info: nothing, debug: nothing, verbose: nothing };
}

function reasonOf(text: string): string {
  try {
    const { message, name, code } = JSON.parse(text) as Record<string, unknown>;
    return [name, code, message]
      .filter((part) => typeof part === 'string' && part !== '')
      .join(': ')
      .slice(0, 200);
  } catch {
    return text.slice(0, 200);
  }
}
