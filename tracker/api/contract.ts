/**
 * The tracker's HTTP API as types: what goes over the wire under `/api/v1`, JSON in UTF-8. The one place where shapes are declared: JSON schemas and
 * the OpenAPI document are generated from it (`node tracker/api/generate.ts`), requests are checked against them, and the console is built on it.
 *
 * - Errors are `application/problem+json` (Problem). 401: not logged in; 403: not allowed (journalled in the audit) or no CSRF token; 404: not there, or
 *   not yours; 409: not in this state; 422: understood but not possible; 429: too often, with Retry-After; 503: the part that does it is away.
 * - Every request but GET carries `X-CSRF-Token: <Me.csrf>`, unless it is authorised by `Authorization: Bearer`.
 * - Lists are paged by an opaque `cursor`: give back `next` of the answer before. `limit` is at most 500, 50 without.
 * - A partner sees its own only; what it may not know of is not there (404) or is left out.
 * - `GET transactions`, `GET exceptions`, `GET partners`, `GET measures`, `GET audit` answer CSV for `Accept: text/csv` or `?format=csv`.
 */

/** RFC 3339, UTC, with milliseconds. @format date-time */
export type Time = string;
/** Calendar date. @format date */
export type Day = string;
/** Exact decimal as text: `1234.50`. @pattern ^-?[0-9]+([.][0-9]+)?$ */
export type Decimal = string;
/** Amount in one currency; sums of several currencies are lists, one per currency. */
export interface Money {
  amount: Decimal;
  /** ISO 4217. */
  currency: string;
}
export type Role = 'Viewer' | 'Operator' | 'Partner';
/** Of an account, or of a document over all its destinations. */
export type DocumentState =
  | 'InFlight'
  | 'Delivered'
  | 'Rejected'
  | 'DeadLettered'
  | 'Parked'
  | 'Duplicate'
  | 'Superseded';
export type Severity = 'Info' | 'Warning' | 'Critical';
/** Of an objective: Pending (armed), Warning, Breached (the deadline passed and it is not met), Met, MetLate, Void (cannot be judged). */
export type ObjectiveStatus = 'Pending' | 'Warning' | 'Breached' | 'Met' | 'MetLate' | 'Void';

/** RFC 9457. */
export interface Problem {
  /** `about:blank`, or a link to the page that tells of it. */
  type: string;
  title: string;
  status: number;
  /** What, where, how to mend. */
  detail?: string;
  /** Of the request: also in the log and the audit. */
  requestId?: string;
  /** Of a request that does not fit its schema. */
  violations?: Violation[];
  /** On 401: how one can log in. */
  login?: LoginWays;
}
export interface Violation {
  /** JSON pointer into the body, or `?name` of a query parameter. */
  pointer: string;
  message: string;
}

// ── Who one is ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface LoginWays {
  /** Local users: POST session. */
  password: boolean;
  /** Where to send the browser, with `?return=/path`. */
  oidc?: string;
}
/** GET me */
export interface Me {
  /** Name that acts are written down with. */
  user: string;
  displayName: string;
  roles: Role[];
  /** Partner that a user with the role Partner acts for, and sees nothing beyond. */
  partner?: string;
  mayReadPayloads: boolean;
  /** Local: `crossdock dev` on loopback, nobody logs in. */
  session: 'Local' | 'Password' | 'OIDC' | 'Bearer';
  namespace: string;
  /** To be sent as X-CSRF-Token with every request but GET. */
  csrf: string;
  expiresAt?: Time;
  /** The tracker's clock now. */
  now: Time;
}
/** POST session; answers Me. */
export interface LoginRequest {
  /** @minLength 1 @maxLength 128 */
  user: string;
  /** @minLength 1 @maxLength 1024 */
  password: string;
}

// ── Overview ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

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

// ── Today ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** GET today?day=&days= */
export interface TodayQuery {
  /** First day; today without. */
  day?: Day;
  /** How many days. @minimum 1 @maximum 31 */
  days?: number;
}
export interface Today {
  day: Day;
  days: number;
  /** One per warehouse or other place that goods go to; '' where the order names none. */
  arrivals: ArrivalsAt[];
  /** Orders released and not confirmed, those due first. */
  unconfirmed: Unconfirmed[];
}
export interface ArrivalsAt {
  shipTo: string;
  present: number;
  absent: number;
  mismatched: number;
  expected: Arrival[];
}
/** Present: announced in full. Absent: no ship notice. Mismatched: announced, but other quantities than are still open, or with an open exception. */
export type AsnState = 'Present' | 'Absent' | 'Mismatched';
export interface Arrival {
  process: string;
  key: string;
  partners: string[];
  expectedOn: Day;
  asn: AsnState;
  /** Values of the business key `shipment` of its ship notices. */
  shipments: string[];
  lines: number;
  /** Lines announced in full. */
  announced: number;
  received: boolean;
  /** Of an objective about it, if there is one. */
  dueAt?: Time;
}
export interface Unconfirmed {
  process: string;
  key: string;
  partners: string[];
  releasedAt: Time;
  expectedOn?: Day;
  dueAt?: Time;
  status?: ObjectiveStatus;
  value: Money[];
}

// ── Transactions ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export type TransactionStateName = 'Open' | 'Complete' | 'Cancelled';
/** GET transactions */
export interface TransactionsQuery {
  process?: string;
  /**
   * Values of any business key (order, shipment, SSCC, bill of lading, lot), or the beginning of a transaction's own; several, as pasted, apart by white
   * space, comma or semicolon (then exact, at most 1,000).
   * @maxLength 20000
   */
  q?: string;
  state?: TransactionStateName;
  partner?: string;
  /** Only with a breached objective. */
  late?: boolean;
  /** Only with an open exception. */
  exception?: boolean;
  /** Only those where this milestone is not reached. */
  missing?: string;
  /** Opened at or after. */
  from?: Time;
  /** Opened before. */
  to?: Time;
  sort?: 'opened' | '-opened' | 'changed' | '-changed' | 'key' | '-key';
  /** @maxLength 1000 */
  cursor?: string;
  /** @minimum 1 @maximum 500 */
  limit?: number;
  format?: 'csv';
}
export interface TransactionList {
  items: TransactionRow[];
  next?: string;
  /** Values of a pasted list that no transaction has. */
  notFound?: string[];
}
export interface TransactionRow {
  process: string;
  key: string;
  state: TransactionStateName;
  partners: string[];
  openedAt: Time;
  changedAt: Time;
  /** In the order of the process. */
  milestones: Milestone[];
  late: boolean;
  warning: boolean;
  /** Open ones. */
  exceptions: number;
  /** At stake in open exceptions. */
  atRisk: Money[];
  value: Money[];
}
export interface Milestone {
  name: string;
  state: 'Open' | 'Partly' | 'Reached';
  at?: Time;
  /** Lines, or deliveries, that are there, and of how many. */
  done?: number;
  of?: number;
  /** Set by a person's fact, not by a document. */
  byHand?: boolean;
}
/** GET transactions/{process}/{key} */
export interface TransactionDetail extends TransactionRow {
  keyName: string;
  expectedOn?: Day;
  shipTo?: string;
  objectives: Objective[];
  lines: OrderLine[];
  matches: { name: string; state: string }[];
  /** Open and closed; `exceptions` of the row counts the open ones. */
  exceptionItems: ExceptionItem[];
  /** What could not be read of its documents; for people. */
  problems: string[];
  /** In order of time. */
  timeline: TimelineDocument[];
  facts: Fact[];
  links: Link[];
}
/** Opens what a business key names in another system, as a Connector says. */
export interface Link {
  /** For people: `ERP`. */
  name: string;
  url: string;
}
export interface Objective {
  policy: string;
  name: string;
  from?: string;
  to: string;
  severity: Severity;
  status: ObjectiveStatus;
  dueAt?: Time;
  warnAt?: Time;
  /** When it was met. */
  at?: Time;
  /** For people, where there is something to say. */
  message?: string;
}
/** Quantities of one order line; absent: nothing of the kind is known. */
export interface OrderLine {
  id: string;
  item?: string;
  unit?: string;
  price?: Decimal;
  currency?: string;
  ordered: Decimal;
  confirmed?: Decimal;
  shipped?: Decimal;
  received?: Decimal;
  damaged?: Decimal;
  invoiced?: Decimal;
  /** Ordered less received in good condition, at least 0. */
  open: Decimal;
}
export interface TimelineDocument {
  id: string;
  /** `ship-notice.v1` */
  type: string;
  origin: 'partner' | 'system';
  source: string;
  at: Time;
  state?: DocumentState;
  /** Document that caused it. */
  causation?: string;
  keys: BusinessKey[];
  revision?: { key: string; sequence: string; action: string };
  accounts: Account[];
  /** Of the interchange that it went out or came in with: 997, 999 or CONTRL. */
  acknowledgment?: Acknowledgment;
}
/** 997, 999, TA1 or CONTRL of what was sent to a partner. */
export interface Acknowledgment {
  state: 'Expected' | 'Overdue' | 'Received' | 'Accepted' | 'AcceptedWithErrors' | 'PartiallyAccepted' | 'Rejected';
  at?: Time;
  message?: string;
}
export interface BusinessKey {
  name: string;
  value: string;
}
/** What became of a document at one place. */
export interface Account {
  /** '' for intake, `<integration>` for its inbox, `<integration>/<destination>`. */
  destination: string;
  state?: DocumentState;
  outcome: string;
  attempt: number;
  at: Time;
  nextAt?: Time;
  error?: { class: string; code: string; message: string };
}
/** A statement of a person that counts as if a document had said it. */
export interface Fact {
  id: string;
  milestone: string;
  at: Time;
  by: string;
  reason: string;
  /** Lines that it is about; all without. */
  lines?: string[];
  recordedAt: Time;
}
/** POST transactions/{process}/{key}/facts; answers Fact. */
export interface FactRequest {
  /** @minLength 1 @maxLength 63 */
  milestone: string;
  /** When it happened; now without. */
  at?: Time;
  /** @maxItems 500 */
  lines?: string[];
  /** Says how it is known: `confirmed by phone, Ms Wu`. @minLength 1 @maxLength 512 */
  reason: string;
}

// ── Documents ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** GET documents/{id} */
export interface DocumentDetail extends TimelineDocument {
  entries: Entry[];
  /** Documents that it was caused by, nearest first, and those that it caused. */
  ancestors: DocumentRef[];
  descendants: DocumentRef[];
  payloads: PayloadRef[];
  transactions: { process: string; key: string }[];
  /** Into other systems, by its keys. */
  links: Link[];
  mayResubmit: boolean;
  mayResend: boolean;
  /** Of OpenTelemetry, where its sender or we gave it one. */
  traceId?: string;
}
export interface DocumentRef {
  id: string;
  type: string;
  at: Time;
}
/** An entry of the journal. */
export interface Entry {
  id: string;
  at: Time;
  outcome: string;
  destination: string;
  epoch: number;
  attempt: number;
  error?: {
    class: string;
    code: string;
    message: string;
    violations?: { rule?: string; field?: string; message: string }[];
  };
  /** Partner, control numbers, status of an answer and the like. */
  detail?: { [name: string]: string | number };
  by?: string;
  reason?: string;
}
export interface PayloadRef {
  /** For GET documents/{id}/payloads/{n}. */
  n: number;
  /** Received: as it came from outside. Canonical: after mapping to its document type. Sent: as it went to `destination`. */
  stage: 'Received' | 'Canonical' | 'Sent';
  destination: string;
  at: Time;
  contentType: string;
  bytes: number;
  /** False: too large or past its retention, only its hash is known. */
  kept: boolean;
  /** `?view=words` is possible. */
  words: boolean;
  epoch: number;
  hash: string;
}
/** GET documents/{id}/payloads/{n}: as it is, with its own content type, for `Accept: application/octet-stream` or `?view=raw`; else: */
export interface PayloadQuery {
  /** text: as JSON below. words: the segments of an EDI interchange with what they mean. raw: the bytes, to download. */
  view?: 'text' | 'words' | 'raw';
}
export interface PayloadText {
  n: number;
  contentType: string;
  /** JSON is indented. Sensitive fields are `•••`. */
  text: string;
  /** JSON pointers of what was redacted. */
  redacted: string[];
  /** With `?view=words`. */
  words?: Words;
}
export interface Words {
  format: string;
  segments: WordSegment[];
}
export interface WordSegment {
  /** In the interchange, from 1. */
  position: number;
  /** Nesting by loops. */
  level: number;
  tag: string;
  /** What the segment is called. */
  name?: string;
  /** As it stands. */
  raw: string;
  elements: WordElement[];
}
export interface WordElement {
  /** `BEG03` or `BGM.C106.1004`. */
  ref: string;
  name?: string;
  value: string;
  /** Meaning of a code. */
  meaning?: string;
}
/** POST documents/{id}/resubmit: takes the edited payload in as a new document caused by this one; answers ActResult. */
export interface ResubmitRequest {
  /** The document as JSON of its document type. @maxLength 4194304 */
  payload: string;
  /** @minLength 1 @maxLength 512 */
  reason: string;
}
/** POST documents/{id}/resend: delivers it once more to the destination, as a new effect; answers ActResult. */
export interface ResendRequest {
  /** `<integration>/<destination>`. @minLength 1 @maxLength 600 */
  destination: string;
  /** @minLength 1 @maxLength 512 */
  reason: string;
}
export interface ActResult {
  /** Documents or exceptions that it is about. */
  selected: number;
  done: number;
  /** With what refused it. */
  failed: { id: string; message: string }[];
  /** New document or Replay that came of it. */
  document?: string;
  replay?: string;
  dryRun?: boolean;
}

// ── Exceptions ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** GET exceptions */
export interface ExceptionsQuery {
  process?: string;
  key?: string;
  partner?: string;
  kind?: string;
  severity?: Severity;
  /** `-` for those without. */
  owner?: string;
  /** Default Open, without those that are snoozed. */
  state?: 'Open' | 'Snoozed' | 'Closed' | 'All';
  overdue?: boolean;
  sort?: 'due' | 'opened' | '-opened' | '-money';
  /** @maxLength 1000 */
  cursor?: string;
  /** @minimum 1 @maximum 500 */
  limit?: number;
  format?: 'csv';
}
export interface ExceptionList {
  items: ExceptionItem[];
  next?: string;
  /** Of all that the filter means, at most 10,000. */
  total: number;
}
/** What names an exception. */
export interface ExceptionRef {
  process: string;
  key: string;
  id: string;
  openedAt: Time;
}
export interface ExceptionItem extends ExceptionRef {
  /** Match or objective that found it. */
  match: string;
  kind: string;
  line: string;
  expected: string;
  actual: string;
  money?: Money;
  severity: Severity;
  partners: string[];
  owner?: string;
  dueAt?: Time;
  overdue: boolean;
  closedAt?: Time;
  /** Cause: what it found is so no more. Person: resolved by an act. */
  closedBy?: 'Cause' | 'Person';
  snoozedUntil?: Time;
  escalated: boolean;
  /** What can be decided about it. */
  resolutions: Resolution[];
  /** The document by which a system is told what was decided last; without a state while it is not taken in yet. */
  told?: { document: string; integration: string; state?: DocumentState };
  /** Oldest first. */
  acts: ExceptionAct[];
}
export type ExceptionActKind = 'Assign' | 'Comment' | 'Snooze' | 'Escalate' | 'Resolve';
export interface ExceptionAct {
  kind: ExceptionActKind;
  by: string;
  at: Time;
  text?: string;
  owner?: string;
  until?: Time;
  resolution?: string;
}
/** What a person may decide, as the BusinessProcess declares it. */
export interface Resolution {
  name: string;
  /** Settled: the match counts as agreed. Disputed: the exception leaves the work list, the match goes on to disagree. */
  result: 'Settled' | 'Disputed';
  /** Tells a system of it. */
  integration?: string;
}
/** POST exceptions/acts; answers ActResult. Assign needs owner, Comment text, Snooze until, Resolve text and resolution. */
export interface ExceptionActRequest {
  kind: ExceptionActKind;
  /** @minItems 1 @maxItems 500 */
  exceptions: ExceptionRef[];
  /** @maxLength 128 */
  owner?: string;
  /** @maxLength 2000 */
  text?: string;
  until?: Time;
  /** One of those that the exception offers. @maxLength 63 */
  resolution?: string;
}

// ── Dead letters ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** GET dead-letters */
export interface DeadLettersQuery {
  state?: 'DeadLettered' | 'Parked';
  integration?: string;
  partner?: string;
  class?: string;
}
export interface DeadLetterGroups {
  items: DeadLetterGroup[];
}
/** Letters with the same cause at the same place. */
export interface DeadLetterGroup {
  fingerprint: string;
  state: 'DeadLettered' | 'Parked';
  class: string;
  code: string;
  integration: string;
  /** As in Account. */
  destination: string;
  /** Of the newest; what differs between letters may be generalised. */
  message: string;
  count: number;
  firstAt: Time;
  lastAt: Time;
  partners: string[];
  /** Id of one of its documents. */
  example: string;
  /** What it keeps waiting; for people. */
  impact?: string;
}
/** GET dead-letters/{fingerprint} */
export interface DeadLetterDetail {
  group: DeadLetterGroup;
  letters: DeadLetter[];
  next?: string;
}
export interface DeadLetter {
  document: string;
  type: string;
  source: string;
  destination: string;
  keys: BusinessKey[];
  at: Time;
  attempt: number;
  message: string;
}
export interface PageQuery {
  /** @maxLength 1000 */
  cursor?: string;
  /** @minimum 1 @maximum 500 */
  limit?: number;
}
/** POST dead-letters/{fingerprint}/replay|discard|park; answers ActResult. */
export interface DeadLetterActRequest {
  /** @minLength 1 @maxLength 512 */
  reason: string;
  /** Says what would happen, and does nothing. */
  dryRun?: boolean;
  /** Only these documents of the group; all without. @maxItems 500 */
  documents?: string[];
}

// ── Partners ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** GET partners */
export interface PartnersQuery {
  format?: 'csv';
}
export interface PartnerList {
  items: PartnerRow[];
}
export interface PartnerRow {
  name: string;
  displayName: string;
  usage: 'Production' | 'Test' | 'Unknown';
  /** Declared: no document yet. Testing: documents of usage Test only. Live: documents in production. */
  onboarding: 'Declared' | 'Testing' | 'Live';
  state: FlowState;
  message?: string;
  scorecard: Scorecard;
}
/** Of the last 90 days; absent: nothing to judge by. */
export interface Scorecard {
  transactions: number;
  openTransactions: number;
  /** Median from Released to Confirmed, in seconds. */
  confirmationSeconds?: number;
  /** Median until the functional acknowledgment came, in seconds. */
  acknowledgmentSeconds?: number;
  /** Share of ship notices that needed no exception, 0 to 1. */
  asnAccuracy?: number;
  /** Share of objectives met in time, 0 to 1. */
  onTime?: number;
  openExceptions: number;
  deadLetters: number;
  lastDocumentAt?: Time;
}
/** GET partners/{name} */
export interface PartnerDetail extends PartnerRow {
  profile?: string;
  channel?: string;
  identifiers: string[];
  documentTypes: string[];
  conditions: Condition[];
  /** By week, oldest first. */
  weeks: { week: Day; transactions: number; onTime?: number; exceptions: number }[];
  exceptions: ExceptionItem[];
}
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  at?: Time;
}

// ── Integrations, holds, replays ────────────────────────────────────────────────────────────────────────────────────────────

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
/** GET replays */
export interface ReplayList {
  items: ReplayRow[];
}
export interface ReplayRow {
  name: string;
  reason: string;
  by?: string;
  mode: 'DryRun' | 'Run';
  state: 'Pending' | 'AwaitingApproval' | 'Running' | 'Succeeded' | 'Failed' | 'Cancelled';
  message?: string;
  selector: ReplaySelector;
  ratePerSecond?: number;
  selected: number;
  done: number;
  failed: number;
  /** Who approved it, where that was needed. */
  approvals: string[];
  createdAt?: Time;
  finishedAt?: Time;
  /** Of documents; at most 200. */
  outcomes: { document: string; outcome: string; message?: string }[];
}
/** All that is named must hold. */
export interface ReplaySelector {
  /** @maxLength 63 */
  integration?: string;
  /** `<integration>/<destination>` or its last part. @maxLength 200 */
  destination?: string;
  /** Error class of dead letters. @maxLength 100 */
  class?: string;
  /** @maxLength 200 */
  code?: string;
  /** @maxLength 200 */
  fingerprint?: string;
  /** @maxLength 63 */
  partner?: string;
  /** @maxLength 200 */
  documentType?: string;
  /** Mapping, to be found by a bad version of it: `name@hash`. @maxLength 200 */
  mapping?: string;
  /** Business keys. @maxItems 500 */
  keys?: string[];
  /** Ids of documents. @maxItems 500 */
  documents?: string[];
  since?: Time;
  until?: Time;
}
/** POST replays; answers ReplayRow. */
export interface ReplayRequest {
  /** @minLength 1 @maxLength 512 */
  reason: string;
  mode: 'DryRun' | 'Run';
  selector: ReplaySelector;
  /** @minimum 1 @maximum 1000 */
  ratePerSecond?: number;
}

/** POST replays/{name}/cancel */
export interface ReasonRequest {
  /** @minLength 1 @maxLength 512 */
  reason: string;
}

// ── Measures, audit, events, views ──────────────────────────────────────────────────────────────────────────────────────────

/** GET measures */
export interface MeasuresQuery {
  /** A day of the first week; 12 weeks ago without. Weeks are whole. */
  from?: Day;
  /** A day of the last week; this week without. */
  to?: Day;
  partner?: string;
  format?: 'csv';
}
/** Rows by week (its Monday) and partner ('' where none is known). */
export interface Measures {
  rows: MeasureRow[];
}
export interface MeasureRow {
  week: Day;
  partner: string;
  /** Opened in that week. */
  transactions: number;
  complete: number;
  /** From Received to Posted, in seconds. */
  receiptToPosting?: { median: number; p95: number; count: number };
  /** Transactions with an exception about an invoice, opened in that week. */
  invoiceHolds: number;
  exceptions: number;
  /** Share of objectives met in time, 0 to 1. */
  compliance?: number;
  /** Acts of people: replays, discards, resolutions, facts, resubmissions. */
  touches: number;
}
/** GET audit */
export interface AuditQuery {
  actor?: string;
  act?: string;
  target?: string;
  from?: Time;
  to?: Time;
  /** @maxLength 1000 */
  cursor?: string;
  /** @minimum 1 @maximum 500 */
  limit?: number;
  format?: 'csv';
}
export interface AuditList {
  items: AuditEntry[];
  next?: string;
}
export interface AuditEntry {
  id: string;
  at: Time;
  actor: string;
  /** `ExceptionsActed`, `LoggedIn`, `Refused` … */
  act: string;
  target: string;
  outcome: 'Done' | 'Refused' | 'Failed';
  reason?: string;
  detail?: { [name: string]: string | number | boolean };
}
/**
 * GET events: `text/event-stream`. Each event has an `id` (give it back as Last-Event-ID), `event: changed` and this as `data`. Events are at most one per
 * 500 ms; a `ping` comment every 15 s. `event: reset`: too much was missed, read all anew.
 */
export interface Changed {
  /** What has changed since the last event. */
  topics: Topic[];
  /** Keys of transactions that changed, at most 100; absent: unknown or more. */
  transactions?: { process: string; key: string }[];
}
export type Topic =
  | 'documents'
  | 'transactions'
  | 'exceptions'
  | 'dead-letters'
  | 'integrations'
  | 'holds'
  | 'replays'
  | 'audit';
/** GET views: those of the user and those that are shared. */
export interface ViewList {
  items: View[];
}
export interface View {
  name: string;
  page: string;
  /** Query of the page, as in its address. */
  query: { [name: string]: string };
  shared: boolean;
  owner: string;
  /** It is the user's own. */
  own: boolean;
}
/** PUT views/{name} */
export interface ViewRequest {
  /** @minLength 1 @maxLength 63 */
  page: string;
  query: { [name: string]: string };
  /** Seen by all; needs the role Operator. */
  shared?: boolean;
}

/** Every endpoint: method and path under /api/v1 → query, body, answer. `routes.ts` declares who may call it. */
export interface Endpoints {
  'GET /me': { answer: Me };
  'POST /session': { body: LoginRequest; answer: Me };
  'DELETE /session': { answer: null };
  'GET /overview': { answer: Overview };
  'GET /today': { query: TodayQuery; answer: Today };
  'GET /transactions': { query: TransactionsQuery; answer: TransactionList };
  'GET /transactions/{process}/{key}': { answer: TransactionDetail };
  'POST /transactions/{process}/{key}/facts': { body: FactRequest; answer: Fact };
  'GET /documents/{id}': { answer: DocumentDetail };
  'GET /documents/{id}/payloads/{n}': { query: PayloadQuery; answer: PayloadText };
  'POST /documents/{id}/resubmit': { body: ResubmitRequest; answer: ActResult };
  'POST /documents/{id}/resend': { body: ResendRequest; answer: ActResult };
  'GET /exceptions': { query: ExceptionsQuery; answer: ExceptionList };
  'POST /exceptions/acts': { body: ExceptionActRequest; answer: ActResult };
  'GET /dead-letters': { query: DeadLettersQuery; answer: DeadLetterGroups };
  'GET /dead-letters/{fingerprint}': { query: PageQuery; answer: DeadLetterDetail };
  'POST /dead-letters/{fingerprint}/replay': { body: DeadLetterActRequest; answer: ActResult };
  'POST /dead-letters/{fingerprint}/discard': { body: DeadLetterActRequest; answer: ActResult };
  'POST /dead-letters/{fingerprint}/park': { body: DeadLetterActRequest; answer: ActResult };
  'GET /partners': { query: PartnersQuery; answer: PartnerList };
  'GET /partners/{name}': { answer: PartnerDetail };
  'GET /integrations': { answer: IntegrationList };
  'POST /holds': { body: HoldRequest; answer: HoldRow };
  'DELETE /holds/{name}': { answer: null };
  'GET /replays': { answer: ReplayList };
  'POST /replays': { body: ReplayRequest; answer: ReplayRow };
  'POST /replays/{name}/cancel': { body: ReasonRequest; answer: null };
  'POST /replays/{name}/approve': { answer: null };
  'GET /measures': { query: MeasuresQuery; answer: Measures };
  'GET /audit': { query: AuditQuery; answer: AuditList };
  'GET /views': { answer: ViewList };
  'PUT /views/{name}': { body: ViewRequest; answer: View };
  'DELETE /views/{name}': { answer: null };
}
