/** The connectors that there are, by name: explicit, so that a reader and a bundler see all of them. */
import type { ConnectorPlan } from '../plan.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Tracer } from '../telemetry/tracing.ts';
import { amqpConnector } from './amqp/connector.ts';
import type { ConnectorDefinition, Secrets, Sink, Source } from './connector.ts';
import { directoryConnector } from './directory/connector.ts';
import { httpConnector } from './http/connector.ts';
import { limited } from './limits.ts';
import { measured } from './measured.ts';
import { sftpConnector } from './sftp/connector.ts';
import { traced } from './traced.ts';

export const connectors: readonly ConnectorDefinition[] = [
  httpConnector,
  directoryConnector,
  sftpConnector,
  amqpConnector,
];

export interface SinkOptions {
  metrics?: Metrics;
  tracer?: Tracer;
}

/** The connector that the plan is of. Throws on a plan without one: the plan was made by another version. */
export function connectorOf(plan: ConnectorPlan): ConnectorDefinition {
  const found = connectors.find(({ name }) => plan[name] !== undefined);
  if (!found) {
    const known = connectors.map(({ name }) => name).join(', ');
    throw new Error(`connector "${plan.name}" is of a kind that this runtime does not know (it knows ${known})`);
  }
  return found;
}

/** A sink under the plan's limits of concurrency and rate. Opens nothing outside before the first `send`. */
export function openSink(plan: ConnectorPlan, secrets: Secrets, options: SinkOptions = {}): Sink {
  const connector = connectorOf(plan);
  if (!connector.sink) throw unsupported(plan, connector, 'be a destination');
  const { metrics, tracer } = options;
  const sink = connector.sink(plan, secrets);
  const counted = metrics ? measured(sink, plan.name, metrics) : sink;
  return limited(tracer ? traced(counted, plan, tracer) : counted, plan);
}

/** A source, not started. */
export function openSource(plan: ConnectorPlan, secrets: Secrets): Source {
  const connector = connectorOf(plan);
  if (!connector.source)
    throw unsupported(plan, connector, 'be a source (use source.http for an endpoint of your own)');
  return connector.source(plan, secrets);
}

const unsupported = (plan: ConnectorPlan, connector: ConnectorDefinition, what: string): Error =>
  new Error(`connector "${plan.name}" is a ${connector.name} connector, which cannot ${what}`);
