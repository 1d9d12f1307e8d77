/**
 * `translate(root, world)`: synchronous and pure (no clock, network, logger, randomness), sorted output, inputs never changed.
 * The same function serves the cluster, `crossdock dev`, `lint` and `render`.
 */
import type { Kind, Resource } from '../../crds/generated/types.ts';
import type { SecretUse } from '../../crds/secret-use.ts';
import type { Part, PartHash, PlanIndex } from '../../runtime/plan.ts';
import type { CalendarPlan, LinkPlan, PolicyPlan, ProcessPlan, TypePlan } from '../../tracker/plan.ts';
import type { ReplayPlan } from '../../tracker/replay/contract.ts';

/** Everything translation may look at, of one namespace (and what other namespaces share with it). */
export interface World {
  namespace: string;
  resources: Resource[];
  /** Name → keys, a version, and for whom it may be used (absent: nobody). Never values. */
  secrets: Record<string, { keys: string[]; version: string; use?: SecretUse }>;
  configMaps: Record<string, Record<string, string>>;
  /** Files named by ReferenceTables, by path, standalone only. */
  files?: Record<string, string>;
  /** Queue generations in use: logical name → generation. Default 1. */
  generations?: Record<string, number>;
  /** Older generations that still hold messages and must be drained: logical name → generations. */
  draining?: Record<string, number[]>;
  /** As the broker's management API reports it; queue arguments depend on it. Default: the oldest that is supported. */
  brokerVersion?: string;
  /** Labels of namespaces, for allowedNamespaces selectors. */
  namespaceLabels?: Record<string, Record<string, string>>;
}

/** A condition before the clock: the writer of status adds lastTransitionTime and observedGeneration. */
export interface Verdict {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
}

/**
 * What lint shows, with its place: every fault behind a condition (Error), and what only lint says (Warning). `field` is a path
 * like `spec.destinations[0].mappingRef.name`.
 */
export interface Finding {
  severity: 'Error' | 'Warning';
  kind: Kind;
  name: string;
  field: string;
  message: string;
  remedy: string;
}

/** What one resource gives. A root (Integration, Partner) with `plan: undefined` is broken: its last good plan stays in force. */
export interface Translation {
  kind: Kind;
  name: string;
  generation: number;
  /** Integrations in a RuntimePool only: its name. */
  pool?: string;
  /** Accepted and ResolvedRefs, and Conflicted where it applies. Programmed, Running, Ready come from observation. */
  conditions: Verdict[];
  findings: Finding[];
  /** Roots only. */
  plan?: { hash: PartHash; parts: Record<PartHash, Part> };
  topology?: Topology;
  /** BusinessProcesses only. */
  process?: ProcessPlan;
  /** SLAPolicies only. */
  policy?: PolicyPlan;
  /** Partners and the Organization. */
  calendar?: CalendarPlan;
  /** Connectors only. */
  links?: LinkPlan[];
  /** Replays only. */
  replay?: ReplayPlan;
  /** DocumentTypes without fault: how their documents are kept and shown, if they say. */
  keeping?: { type: string } & TypePlan;
}
export interface NamespaceTranslation {
  translations: Translation[];
  index: PlanIndex;
  parts: Record<PartHash, Part>;
  /** Base topology (exchanges, ladder, intake, dead letters, parked, lost, journal) plus that of every root. */
  topology: Topology;
}

export interface QueueSpec {
  name: string;
  arguments: Record<string, string | number | boolean>;
  durable: true;
}
export interface ExchangeSpec {
  name: string;
  type: 'direct' | 'topic' | 'fanout';
  durable: true;
  arguments: Record<string, string>;
}
export interface BindingSpec {
  source: string;
  destination: string;
  destinationType: 'queue' | 'exchange';
  routingKey: string;
}
/** Desired objects in one vhost. Sorted by name. */
export interface Topology {
  exchanges: ExchangeSpec[];
  queues: QueueSpec[];
  bindings: BindingSpec[];
}
