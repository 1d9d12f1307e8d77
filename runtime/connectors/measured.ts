import type { Metrics } from '../telemetry/metrics.ts';
import type { Sink } from './connector.ts';

/** Counts and times a sink's answers under the connector's name. */
export function measured(sink: Sink, connector: string, metrics: Metrics): Sink {
  return {
    async send(request) {
      const started = performance.now();
      let outcome = 'failed';
      try {
        const answer = await sink.send(request);
        outcome = `${Math.floor(answer.status / 100)}xx`;
        return answer;
      } finally {
        metrics.connectorRequests.inc({ connector, outcome });
        metrics.connectorDuration.observe({ connector }, (performance.now() - started) / 1_000);
      }
    },
    close: () => sink.close(),
  };
}
