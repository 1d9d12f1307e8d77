/**
 * Spans of a document's way, for OpenTelemetry. Where nobody asks for traces there is no Tracer, and all that is done is to carry a
 * sender's context on. Attributes are names of resources, ids and words of our own: nothing of what a document or a Secret holds.
 */
import type { Log } from './log.ts';

/** W3C Trace Context, as headers carry it. */
export interface TraceContext {
  traceparent?: string;
  tracestate?: string;
}
export type Attributes = Record<string, string | number | boolean>;
export interface Beginning {
  kind: 'Internal' | 'Server' | 'Client' | 'Producer' | 'Consumer';
  attributes: Attributes;
  /** Absent, or without a traceparent: a trace of its own. */
  parent?: TraceContext;
  /** What it comes of, where it is a trace of its own all the same. */
  link?: TraceContext;
}
export interface Span {
  /** Of what it causes: messages, requests. */
  readonly context: TraceContext;
  set(attributes: Attributes): void;
  /** `type` is a word of our own, never a message. */
  fail(type: string): void;
  end(): void;
}
export interface Tracer {
  start(name: string, beginning: Beginning): Span;
  /** Sends what is not sent yet, as long as its timeout allows. */
  stop(): Promise<void>;
}

export interface TracerOptions {
  namespace: string;
  /** Unique among the runtimes. */
  pod: string;
  log: Log;
}

/** As the standard variables ask for (docs/guides/tracing.md). The library is loaded only then. */
export async function openTracer(env: NodeJS.ProcessEnv, options: TracerOptions): Promise<Tracer | undefined> {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!endpoint || env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none')
    return undefined;
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/protobuf';
  const wrong =
    protocol !== 'http/protobuf'
      ? `the protocol ${protocol} is not spoken: set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf and the endpoint to the port for it, most often 4318`
      : !/^https?:/.test(endpoint) || !URL.canParse(endpoint)
        ? `the endpoint "${endpoint}" is no http:// or https:// URL: mend OTEL_EXPORTER_OTLP_ENDPOINT`
        : undefined;
  if (wrong === undefined) return (await import('./opentelemetry.ts')).startTracer(options);
  options.log.error(`no traces are sent: ${wrong}`);
  return undefined;
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/** Of the headers of a request or message. What is malformed is left out: nobody is refused for it. */
export function contextOf(headers: Readonly<Record<string, unknown>>): TraceContext {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return {};
  return { traceparent, ...(typeof tracestate === 'string' && TRACESTATE.test(tracestate) && { tracestate }) };
}

/** Of something that has one among other things. */
export const traceOf = ({ traceparent, tracestate }: TraceContext): TraceContext => ({
  ...(traceparent && { traceparent }),
  ...(tracestate && { tracestate }),
});

/** `4bf92f3577b34da6a3ce929d0e0e4736`, which tools look traces up by. */
export const traceId = (traceparent: string): string => traceparent.slice(3, 35);
