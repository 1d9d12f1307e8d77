import { canonicalJson } from '../canonical.ts';
import type { Secrets, Sink } from '../connectors/connector.ts';
import { openSink } from '../connectors/registry.ts';
import type { ConnectorPlan } from '../plan.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Tracer } from '../telemetry/tracing.ts';
import type { InForce } from './environment.ts';

/** Plans that say the same share a sink and its limits; the text of a plan is made once. */
const keys = new WeakMap<ConnectorPlan, string>();
export function keyOfConnector(connector: ConnectorPlan): string {
  const key = keys.get(connector) ?? canonicalJson(connector);
  keys.set(connector, key);
  return key;
}

/** Open sinks of a pool, by what their plan says. */
export class Sinks {
  readonly #open = new Map<string, Sink>();
  readonly #secrets: Secrets;
  readonly #metrics: Metrics;
  readonly #tracer: Tracer | undefined;

  constructor(secrets: Secrets, metrics: Metrics, tracer?: Tracer) {
    this.#secrets = secrets;
    this.#metrics = metrics;
    this.#tracer = tracer;
  }

  of(connector: ConnectorPlan): Sink {
    const key = keyOfConnector(connector);
    const known = this.#open.get(key);
    if (known) return known;
    const sink = openSink(connector, this.#secrets, {
      metrics: this.#metrics,
      ...(this.#tracer && { tracer: this.#tracer }),
    });
    this.#open.set(key, sink);
    return sink;
  }

  /** Closes those that nothing in force uses; what is under way in them ends first. */
  closeUnused({ integrations, partners }: InForce): void {
    const used = new Set<string>();
    for (const { destinations } of integrations.values())
      for (const { connector } of destinations.values()) if (connector) used.add(keyOfConnector(connector));
    for (const { outbound } of partners.values()) if (outbound) used.add(keyOfConnector(outbound));
    for (const [key, sink] of this.#open)
      if (!used.has(key)) {
        this.#open.delete(key);
        void sink.close();
      }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((sink) => sink.close()));
  }
}
