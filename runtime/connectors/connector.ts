/**
 * The contract of a connector: a folder `<name>/` with spec.ts (defaults, checks), source.ts and/or sink.ts, listed in registry.ts.
 * A connector moves bytes; it knows nothing of formats, mappings, retries or journals.
 */
import type { ConnectorPlan } from '../plan.ts';
import type { TraceContext } from '../telemetry/tracing.ts';

/** Values of Secrets; resolved late and never kept longer than a rotation. Throws SecretError naming Secret and key. */
export interface Secrets {
  get(name: string, key: string): Promise<SecretValue>;
}
/** Prints as [redacted] wherever it is formatted; `reveal()` is the only way to the text. */
export interface SecretValue {
  reveal(): string;
}

/** Bytes as they came, with what gives them their identity. */
export interface Received {
  body: Buffer;
  contentType: string;
  /** Parts of the derived identity: (connector, path, size, hash) for a file, message identity for a queue. */
  identity: readonly string[];
  /** File name, queue message id: for people. */
  label: string;
  /** Of the sender, where the message says one. */
  trace?: TraceContext;
}
/** The same, of any size. */
export interface ReceivedLarge extends Omit<Received, 'body'> {
  /** Its first 64 KiB. */
  head: Buffer;
  /** From the start, each time. */
  read(): AsyncIterable<Buffer>;
}
/** `accept` rejects with it: it can never be taken. A file is put aside, so that it is not tried again and again. */
export class NeverTakenError extends Error {
  override name = 'NeverTakenError';
}
export interface Source {
  /**
   * Polls once (pollers) or is pushed to (subscribers). `accept` resolves when the document is confirmed by the broker: only then
   * may the source archive the file or ack the message. It rejects if not accepted: leave the file or message where it is.
   * `acceptLarge`, for what should not be held in memory, resolves to false where it must be taken whole.
   */
  start(
    accept: (received: Received) => Promise<void>,
    onTrouble: (error: Error) => void,
    acceptLarge?: (large: ReceivedLarge) => Promise<boolean>,
  ): Promise<RunningSource>;
}
export interface RunningSource {
  /** For pollers: one poll now; resolves when done. Rejects when the place itself cannot be read, which is no matter of one file. */
  poll?(): Promise<void>;
  stop(): Promise<void>;
}

export interface SinkRequest {
  body: Buffer;
  contentType: string;
  /** Function of (document, destination, key revision). */
  idempotencyKey: string;
  /** From the destination and the routed document. */
  method?: string;
  path?: string;
  fileName?: string;
  routingKey?: string;
  headers: Record<string, string>;
  /** What the request is part of. */
  trace?: TraceContext;
  timeoutMs: number;
  signal: AbortSignal;
}
/** A definite answer of the other side, whatever it says. The pipeline judges it by outcomes or by status. */
export interface SinkAnswer {
  /** HTTP status; 200 for sinks without one. */
  status: number;
  headers: Record<string, string>;
  /** Parsed JSON where it was JSON, else text (at most 64 KiB). */
  body: unknown;
  retryAfterMs?: number;
}
export interface Sink {
  /** Resolves with the answer. Rejects with DocumentError DeliveryFailed, retryable, definite=false when the outcome is unknown (timeout, reset). */
  send(request: SinkRequest): Promise<SinkAnswer>;
  close(): Promise<void>;
}

export interface ConnectorDefinition {
  name: 'http' | 'directory' | 'sftp' | 'amqp';
  source?(plan: ConnectorPlan, secrets: Secrets): Source;
  sink?(plan: ConnectorPlan, secrets: Secrets): Sink;
}
