/** What the operator knows of the data plane of one namespace when it writes statuses. Plain values: the verdicts are pure. */
import type { Verdict } from '../../crds/conditions.ts';
import type { Kind, Terms } from '../../crds/generated/types.ts';
import type { RootEntry } from '../../runtime/plan.ts';
import type { RootKey, RootKind, RuntimeState } from '../../runtime/state.ts';
import type { PodTrouble } from './pods.ts';
import type { Trackers } from './tracked.ts';

export interface Observation {
  namespace: string;
  /**
   * How far the effect came, for every root at once or by root: absent = programmed. Ordered by importance: the first that
   * concerns a root is its verdict.
   */
  obstacles: readonly Obstacle[];
  /** Entries of the index in force, by root. */
  inForce: Readonly<Record<RootKey, RootEntry>>;
  /** Ready runtimes of the namespace's pool: those that answered their last poll. */
  runtimes: readonly RuntimeState[];
  /** How many runtimes are known, ready or not. */
  runtimesKnown: number;
  /** What the namespace's trackers report; absent: nothing is known of them. */
  trackers?: Trackers;
  /** RuntimePools by name. `problem`: what is in the way of one. */
  pools?: ReadonlyMap<string, { replicas: number; integrations: number; problem?: string | undefined }>;
  /** Of the pool's pods; absent where runtimes are no pods. */
  podTroubles?: readonly PodTrouble[];
  /** What is wrong with the namespace's PostgreSQL while its pods have one all the same. */
  databaseTrouble?: { reason: string; message: string };
  /** Names of the Mappings in a root's plan in force. */
  mappings: ReadonlyMap<RootKey, readonly string[]>;
  holds: readonly { name: string; kind: string; target: string; reason: string }[];
  broker?: BrokerObservation;
  /** PartnerProfiles in the world, by `namespace/name`. */
  profiles: ReadonlyMap<string, Terms>;
}
/** A False (or Unknown) Programmed, of all roots or of those listed. */
export interface Obstacle extends Omit<Verdict, 'type'> {
  roots?: readonly RootKey[];
}
export interface BrokerObservation {
  name: string;
  namespace: string;
  version?: string;
  virtualHost?: string;
  /** Secret in use and its version, for people: `rabbitmq (version 123)`. */
  credentials?: string;
  /** Verdict on Programmed of the Broker itself; absent = as it should be. */
  problem?: Omit<Verdict, 'type'>;
}

export const rootKey = (kind: RootKind, name: string): RootKey => `${kind}/${name}`;
/** Integrations and Partners, and ReferenceTables that live or did: those that stand still are parts of others' plans. */
export const isRoot = (kind: Kind, live: boolean): kind is RootKind =>
  kind === 'Integration' || kind === 'Partner' || (kind === 'ReferenceTable' && live);
