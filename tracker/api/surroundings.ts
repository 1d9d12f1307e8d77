/** What the tracker knows of its surroundings: resources as they are declared and judged, queues. In a cluster and in `crossdock dev` alike. */
import type { Condition, HoldRequest, QueueDepth } from './contract.ts';

export interface Known {
  kind: 'Integration' | 'Partner' | 'Connector' | 'Hold';
  name: string;
  /** As the CRD has it. */
  spec: Record<string, unknown>;
  conditions: Condition[];
  createdAt?: string;
  /** Who made it, where that is written down. */
  by?: string;
}

export interface Surroundings {
  /** Throws where the API server does not answer. */
  read(): Promise<Known[]>;
  /** Empty where nobody can tell. */
  queues(): Promise<QueueDepth[]>;
  /** Throws ApiError where the hold is refused. */
  hold(request: HoldRequest, by: string): Promise<Known>;
  /** False: there is none of that name. */
  endHold(name: string): Promise<boolean>;
}

/** Annotation of a Hold: who made it by the API. */
export const BY = 'crossdock.dev/by';
