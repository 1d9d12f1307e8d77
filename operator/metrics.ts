/** The operator's Prometheus metrics. Labels are words of our own and resource types: their number is bounded. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { TopologyReport } from './apply/rabbitmq/apply.ts';

export interface OperatorMetrics {
  readonly registry: Registry;
  /** `result`: success, error, fenced. */
  readonly reconciles: Counter<'result'>;
  readonly reconcileDuration: Histogram;
  /** `state`: ready, delayed, active. Namespaces. */
  readonly queueDepth: Gauge<'state'>;
  readonly watchRestarts: Counter<'resource' | 'reason'>;
  readonly apiCalls: Counter<'verb' | 'resource' | 'code'>;
  /** Seconds. */
  readonly lag: Gauge;
  /** Found last, by namespace: what queues hold, and what is against the topology. */
  readonly topologies: Map<string, Pick<TopologyReport, 'depths' | 'foreignPolicies' | 'conflicts'>>;
  /** Calls that changed a topology. */
  readonly brokerWrites: Counter;
  /** 1 or 0. */
  readonly leader: Gauge;
}

export function createOperatorMetrics(): OperatorMetrics {
  const registry = new Registry();
  const registers = [registry];
  const topologies: OperatorMetrics['topologies'] = new Map();
  topologyGauges(topologies, registers);
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    reconciles: new Counter({
      name: 'crossdock_operator_reconciles_total',
      help: 'Looks at a namespace by how they ended.',
      labelNames: ['result'],
      registers,
    }),
    reconcileDuration: new Histogram({
      name: 'crossdock_operator_reconcile_duration_seconds',
      help: 'Time of one look at a namespace.',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    queueDepth: new Gauge({
      name: 'crossdock_operator_queue_namespaces',
      help: 'Namespaces in the work queue by state.',
      labelNames: ['state'],
      registers,
    }),
    topologies,
    lag: new Gauge({
      name: 'crossdock_operator_lag_seconds',
      help: 'Age of the oldest change that was seen and is not worked in yet.',
      registers,
    }),
    watchRestarts: new Counter({
      name: 'crossdock_operator_watch_restarts_total',
      help: 'Times that a list and watch had to begin anew, by resource and reason.',
      labelNames: ['resource', 'reason'],
      registers,
    }),
    apiCalls: new Counter({
      name: 'crossdock_operator_api_calls_total',
      help: 'Calls on the Kubernetes API; code 0 is no answer.',
      labelNames: ['verb', 'resource', 'code'],
      registers,
    }),
    brokerWrites: new Counter({
      name: 'crossdock_operator_broker_writes_total',
      help: 'Calls on the management APIs of brokers that changed a topology.',
      registers,
    }),
    leader: new Gauge({ name: 'crossdock_operator_leader', help: '1 while this process may write.', registers }),
  };
}

/** By the leader, as each look at a namespace finds it. */
function topologyGauges(topologies: OperatorMetrics['topologies'], registers: Registry[]): void {
  new Gauge({
    name: 'crossdock_queue_messages',
    help: 'Messages of a queue by state: ready, unacknowledged, dead_lettering (sent on, and not confirmed by the queue that is to have it).',
    labelNames: ['namespace', 'queue', 'state'],
    registers,
    collect() {
      this.reset();
      for (const [namespace, { depths }] of topologies)
        for (const { queue, ready, unacknowledged, deadLettering } of depths) {
          this.set({ namespace, queue, state: 'ready' }, ready);
          if (unacknowledged > 0) this.set({ namespace, queue, state: 'unacknowledged' }, unacknowledged);
          if (deadLettering > 0) this.set({ namespace, queue, state: 'dead_lettering' }, deadLettering);
        }
    },
  });
  new Gauge({
    name: 'crossdock_topology_drift',
    help: "What of a namespace's topology is not as it should be and is not mended by itself: foreign_policies, conflicts.",
    labelNames: ['namespace', 'kind'],
    registers,
    collect() {
      this.reset();
      for (const [namespace, { foreignPolicies, conflicts }] of topologies) {
        this.set({ namespace, kind: 'foreign_policies' }, foreignPolicies.length);
        this.set({ namespace, kind: 'conflicts' }, conflicts.length);
      }
    },
  });
}
