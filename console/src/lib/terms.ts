/** What states are called in the business, and how they look. */
import type {
  AsnState,
  DocumentState,
  FlowState,
  ObjectiveStatus,
  ReplayRow,
  Severity,
  TransactionStateName,
} from '../../../tracker/api/contract.ts';
import type { Tone } from '../ui/parts.tsx';
import { sentence } from './format.ts';

type Term = readonly [word: string, tone: Tone];

export const DOCUMENT: Record<DocumentState, Term> = {
  InFlight: ['On its way', 'info'],
  Delivered: ['Delivered', 'good'],
  Rejected: ['Refused, sender told', 'warn'],
  DeadLettered: ['Failed', 'bad'],
  Parked: ['Waits for a person', 'wait'],
  Duplicate: ['Came twice', 'plain'],
  Superseded: ['Replaced by a later one', 'plain'],
};
export const TRANSACTION: Record<TransactionStateName, Term> = {
  Open: ['Open', 'info'],
  Complete: ['Complete', 'good'],
  Cancelled: ['Cancelled', 'plain'],
};
export const OBJECTIVE: Record<ObjectiveStatus, Term> = {
  Pending: ['In time so far', 'plain'],
  Warning: ['Due soon', 'warn'],
  Breached: ['Late', 'bad'],
  Met: ['Met', 'good'],
  MetLate: ['Met late', 'warn'],
  Void: ['No longer due', 'plain'],
};
export const FLOW: Record<FlowState, Term> = {
  Ready: ['Running', 'good'],
  Degraded: ['Degraded', 'warn'],
  Failed: ['Failing', 'bad'],
  Held: ['On hold', 'wait'],
  Stopped: ['Stopped', 'plain'],
  Unknown: ['Not known', 'plain'],
};
export const ASN: Record<AsnState, Term> = {
  Present: ['Announced', 'good'],
  Absent: ['No ship notice', 'bad'],
  Mismatched: ['Does not agree', 'warn'],
};
/** What two documents do not agree about. */
const KINDS: Record<string, string> = {
  OtherItem: 'Another item came',
  Price: 'Price differs',
  Currency: 'Another currency',
  Unit: 'Unit differs',
  Date: 'Date differs',
  ReceivedTooLittle: 'Less received than announced',
};
export const kindName = (kind: string): string => KINDS[kind] ?? sentence(kind);

export const SEVERITY: Record<Severity, Term> = {
  Info: ['Note', 'plain'],
  Warning: ['Warning', 'warn'],
  Critical: ['Critical', 'bad'],
};
export const REPLAY: Record<ReplayRow['state'], Term> = {
  Pending: ['Waiting to begin', 'plain'],
  AwaitingApproval: ['Needs a second person', 'wait'],
  Running: ['Running', 'info'],
  Succeeded: ['Done', 'good'],
  Failed: ['Ended with failures', 'bad'],
  Cancelled: ['Cancelled', 'plain'],
};
