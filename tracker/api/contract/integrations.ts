/** Integrations, connectors, and what people hold. */
import type { Time } from './base.ts';
import type { Flow, FlowState } from './overview.ts';
import type { Condition } from './partners.ts';

/** GET integrations */
export interface IntegrationList {
  items: IntegrationRow[];
  connectors: ConnectorRow[];
  holds: HoldRow[];
}
export interface IntegrationRow extends Flow {
  conditions: Condition[];
  /** Documents accepted or delivered per minute, oldest first, of the last 60 minutes. */
  rate: number[];
  queues: QueueDepth[];
  held: string[];
}
export interface QueueDepth {
  name: string;
  messages: number;
}
export interface ConnectorRow {
  name: string;
  kind: string;
  state: FlowState;
  message?: string;
  impact?: string;
  usedBy: string[];
}
export interface HoldRow {
  name: string;
  targetKind: 'Integration' | 'Partner' | 'Connector';
  /** `*`: all of the kind. */
  targetName: string;
  direction: 'Inbound' | 'Outbound' | 'Both';
  reason: string;
  until?: Time;
  by?: string;
  createdAt?: Time;
  /** False: not in force yet, or over; `message` says why. */
  active: boolean;
  message?: string;
}
/** POST holds; answers HoldRow. */
export interface HoldRequest {
  targetKind: 'Integration' | 'Partner' | 'Connector';
  /** @minLength 1 @maxLength 63 @pattern ^(\*|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$ */
  targetName: string;
  direction?: 'Inbound' | 'Outbound' | 'Both';
  /** @minLength 1 @maxLength 512 */
  reason: string;
  until?: Time;
}
