/** Everything at a glance: flows, processes, promises, what is at risk. */
import type { Money, Severity, Time } from './base.ts';

/** Documents at one place of the flow. */
export interface Stage {
  inFlight: number;
  /** Delivered (or passed on) since midnight UTC. */
  today: number;
  /** In the dead letters. */
  failed: number;
  parked: number;
  /** Since when the oldest of those in flight, failed or parked waits. */
  oldestAt?: Time;
}
export type FlowState = 'Ready' | 'Degraded' | 'Failed' | 'Held' | 'Stopped' | 'Unknown';
/** An integration: from where documents come, its inbox, and where they go. */
export interface Flow {
  integration: string;
  documentTypes: string[];
  /** Who sends: partners, one of our systems over HTTP, a connector, documents of other integrations, or people who settle exceptions. */
  source: FlowSource;
  state: FlowState;
  /** Why it is not Ready; for people. */
  message?: string;
  /** `12 purchase orders of 3 suppliers wait, oldest 42 min`; absent when nothing waits. */
  impact?: string;
  inbox: Stage;
  destinations: FlowDestination[];
}
export interface FlowSource {
  kind: 'Partners' | 'Http' | 'Connector' | 'Events' | 'Resolutions';
  /** Path, Connector or BusinessProcess. */
  name?: string;
  /** Of Http: the Connector to the system that posts there, where both use one Secret. */
  system?: string;
}
export interface FlowDestination {
  name: string;
  to: { kind: 'System' | 'Partner'; name?: string };
  stage: Stage;
}
export interface MilestoneCount {
  name: string;
  reached: number;
  partly: number;
  open: number;
}
/** A business process over the transactions that are open, or were opened or changed in the last 30 days. */
export interface ProcessSummary {
  process: string;
  /** What its key is called: `purchaseOrder`. */
  keyName: string;
  open: number;
  complete: number;
  cancelled: number;
  /** Open, with an objective that is breached. */
  late: number;
  milestones: MilestoneCount[];
}
export interface SlaSummary {
  policy: string;
  objective: string;
  pending: number;
  warning: number;
  breached: number;
  /** In the last 30 days. */
  met: number;
  metLate: number;
}
export interface Backlog {
  count: number;
  oldestAt?: Time;
}
/** GET overview */
export interface Overview {
  at: Time;
  /** Everything that is received, before it is given to integrations. */
  intake: Stage;
  /** Functional acknowledgments on their way to partners. */
  acknowledgments: Stage;
  /** In the order of the business: as the milestones of the processes name them, then by name. */
  flows: Flow[];
  processes: ProcessSummary[];
  sla: SlaSummary[];
  /** Orders with an open exception or a breached or warned objective, and what is at stake in open exceptions. */
  atRisk: { orders: number; money: Money[] };
  exceptions: {
    open: number;
    overdue: number;
    unassigned: number;
    bySeverity: { severity: Severity; count: number }[];
  };
  deadLetters: Backlog;
  parked: Backlog;
  inFlight: Backlog;
  holds: number;
  /** What keeps the figures from being up to date or whole; for people. */
  troubles: string[];
}
