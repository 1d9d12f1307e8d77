/**
 * The plan: what a runtime pool of one namespace must do, as closed JSON. The operator (or `crossdock dev`) derives it from the
 * resources; the runtime never sees a resource. References are resolved to content-addressed parts: a document type that
 * 500 integrations use is stored once. Durations are in ms, defaults are filled in, secrets are references, never values.
 */
import type { Credential, InboundAuth, SecretKeyRef } from '../crds/generated/types.ts';
import type { CsvSpec } from './formats/csv/csv.ts';
import type { FixedSpec } from './formats/fixed/fixed.ts';

/** sha256 (hex, first 32 digits) of the canonical JSON (sorted keys) of a part. */
export type PartHash = string;

/** Small index of a pool; the operator publishes it, runtimes watch it. Unchanged parts keep their hash. */
export interface PlanIndex {
  namespace: string;
  /** Parts that are roots: by kind and name. */
  integrations: Record<string, RootEntry>;
  partners: Record<string, RootEntry>;
  /** Live tables only; absent = none. */
  tables?: Record<string, RootEntry>;
  holds: HoldPlan[];
  organization: OrganizationPlan;
}
export interface RootEntry {
  hash: PartHash;
  /** metadata.generation of the resource that this plan was made from; reports name it. */
  generation: number;
}

export type Part = IntegrationPlan | PartnerPlan | ConnectorPlan | DocumentTypePlan | MappingPlan | TablePlan;

/** An index with the parts that it needs: what is handed to a runtime (in process, or assembled from ConfigMaps). */
export interface Plan {
  index: PlanIndex;
  parts: Record<PartHash, Part>;
}

export interface HoldPlan {
  name: string;
  kind: 'Integration' | 'Partner' | 'Connector';
  /** Target's name, or `*`. */
  target: string;
  direction: 'Inbound' | 'Outbound' | 'Both';
  reason: string;
  /** Epoch ms; absent = until removed. */
  until?: number;
}
export interface IdentifierPlan {
  scheme: string;
  qualifier?: string;
  system?: string;
  value: string;
  usage: 'Production' | 'Test';
}
export interface OrganizationPlan {
  identifiers: IdentifierPlan[];
}

export interface DocumentTypePlan {
  part: 'documentType';
  /** Resource name, e.g. `ship-notice-v1`. */
  name: string;
  /** Event type, e.g. `ship-notice.v1`. */
  type: string;
  schema: Record<string, unknown>;
  keys: { name: string; expression: string }[];
  revision?: { keyExpression: string; sequenceExpression?: string; actionExpression?: string };
  rules: RulePlan[];
  /** ReferenceTables that the rules and key expressions ask; absent = none. */
  tables?: Record<string, PartHash>;
}
export interface RulePlan {
  name: string;
  /** JSON pointer to an array; the rule runs for each element (`$document` is the whole). */
  each?: string;
  /** True = the rule is violated. */
  when: string;
  messageExpression: string;
  /** Relative to the element. */
  field?: string;
  severity: 'Reject' | 'Warn';
}
export interface MappingPlan {
  part: 'mapping';
  name: string;
  expression: string;
  /** JSON Schema of the result where the target is a document type: fixes arrays (a list of one stays a list). */
  targetSchema?: Record<string, unknown>;
  tables: Record<string, PartHash>;
  /** With the tables that it may ask and, for tests, the inputs. Run by the runtime before the plan takes effect. */
  tests: {
    name: string;
    input: unknown;
    partner?: string;
    expect?: unknown;
    /** Default: Partial. */
    match?: 'Partial' | 'Exact';
    expectError?: string;
  }[];
}
export interface TablePlan {
  part: 'table';
  name: string;
  key: string[];
  /** Empty where the table lives: then they are in PostgreSQL. */
  rows: Record<string, unknown>[];
  live?: LiveTablePlan;
  /** Columns with the first and the last day of a row; absent = a key has one row. */
  validity?: { from?: string; to?: string };
}
export interface LiveTablePlan {
  seed?: { connector: PartHash; path?: string; rows?: string };
  events: TableEventPlan[];
  /** Tables that stand still, which the expressions of the events may ask. */
  tables: Record<string, PartHash>;
  reserveForMs: number;
  staleAfterMs?: number;
  whenStale: 'Refuse' | 'AcceptProvisionally';
  serve?: ServePlan;
  /** Physical names to consume, current generation last. */
  queues: string[];
}
export interface TableEventPlan {
  /** Event type, e.g. `ship-notice.v1`. By name: rules of that very type may ask the table. */
  type: string;
  each?: string;
  keyExpression: string;
  expression: string;
  reserve?: 'OnValidated';
}
export interface ServePlan {
  /** Absent = every partner sees every row. Without `identifier` the column holds names of Partners. */
  owner?: { column: string; identifier?: { scheme: string; qualifier?: string; system?: string } };
  fields: string[];
  ratePerSecond: number;
}
export interface ConnectorPlan {
  part: 'connector';
  name: string;
  /** Exactly one of the member specs, with defaults; see runtime/connectors/<name>/spec.ts. */
  http?: {
    url: string;
    auth?: {
      apiKey?: { header: string; secretKeyRef: SecretKeyRef };
      basic?: { secretRef: { name: string } };
      bearer?: { secretKeyRef: SecretKeyRef };
    };
  };
  directory?: MailboxPlan;
  /** Without `archive` a file that was taken is deleted. `secretRef`: `username`, and `ssh-privatekey` or `password`. */
  sftp?: MailboxPlan & { host: string; port: number; secretRef: { name: string }; hostKeys: string[] };
  amqp?: { secretRef: { name: string }; queue?: string; exchange?: string; routingKey?: string };
  /** Takes notifications of the tracker; no integration delivers to it. */
  mail?: {
    host: string;
    port: number;
    tls: 'StartTLS' | 'Implicit' | 'None';
    /** With `username` and `password`, and perhaps `ca.crt`. */
    secretRef?: { name: string };
    from: string;
  };
  timeoutMs: number;
  concurrency: number;
  ratePerSecond?: number;
}
/** Folders of files, which one runtime at a time looks into. */
export interface MailboxPlan {
  inbound?: string;
  outbound?: string;
  archive?: string;
  pattern: string;
  pollIntervalMs: number;
  fileNameExpression?: string;
}
/** Undefined for a connector that is none. */
export const mailboxOf = ({ directory, sftp }: ConnectorPlan): MailboxPlan | undefined => directory ?? sftp;

/** `namespaces` by prefix. */
export interface XmlTerms {
  root?: string;
  namespaces?: Record<string, string>;
  doctype?: string;
  encoding?: 'UTF-8' | 'ISO-8859-1';
  layout?: 'Compact' | 'Indented';
}
/** How one document type travels between us and a partner, in one direction. Terms of profile and partner merged. */
export interface TermsPlan {
  documentType: PartHash;
  direction: 'Inbound' | 'Outbound';
  usage: 'Production' | 'Test';
  x12?: { transaction: string };
  edifact?: { message: string; association?: string };
  csv?: CsvSpec & { wireType?: PartHash };
  fixed?: FixedSpec & { wireType?: PartHash };
  xml?: XmlTerms & { wireType?: PartHash };
  json?: { documentPer?: 'File' | 'Line'; wireType?: PartHash };
  /** Names of the files that hold it, where the format does not name its documents. */
  filePattern?: string;
  mapping?: PartHash;
}
export interface PartnerPlan {
  part: 'partner';
  name: string;
  displayName: string;
  labels: Record<string, string>;
  identifiers: IdentifierPlan[];
  credentials: Credential[];
  x12?: {
    version: string;
    envelopeErrors: 'Reject' | 'Warn' | 'Accept';
    delimiters: { element: string; segment: string; component: string; repetition: string };
  };
  /** `directory` as `D.96A`, `syntax` as `UNOC:3`. */
  edifact?: { directory: string; syntax: string; envelopeErrors: 'Reject' | 'Warn' | 'Accept' };
  acknowledgments: {
    send: 'None' | 'Functional';
    interchange: 'None' | 'Errors' | 'All';
    x12: '997' | '999';
    expectWithinMs?: number;
  };
  inbound?: PartHash;
  outbound?: PartHash;
  terms: TermsPlan[];
}
export interface IntegrationPlan {
  part: 'integration';
  name: string;
  /** Of the RuntimePool that routes and delivers; absent: the default pool. */
  pool?: string;
  state: 'Running' | 'Paused' | 'Stopped';
  source: {
    /** Exactly one of these. */
    partners?: { documentTypes: PartHash[] };
    events?: { documentTypes: PartHash[] };
    http?: { path: string; auth?: InboundAuth };
    connector?: PartHash;
    /** What people decide about exceptions of this BusinessProcess: the tracker sends it by INTAKE. */
    resolutions?: { process: string };
    /** With http, connector or resolutions: type of what comes in, after mapping. */
    documentType?: PartHash;
    mapping?: PartHash;
  };
  destinations: DestinationPlan[];
  delivery: DeliveryPlan;
  /** Documents with one key take effect in the order of the inbox. */
  ordering?: OrderingPlan;
  /** ReferenceTables that the expressions of the destinations ask; absent = none. */
  tables?: Record<string, PartHash>;
  /**
   * Physical queue names to consume, current generation last; publishers use logical names on WORK. With an order the last LANES names of
   * an outbox are its lanes, and those before them are emptied first.
   */
  queues: { inbox: string[]; outbox: Record<string, string[]> };
}
export interface OrderingPlan {
  keyExpression: string;
}
export interface DeliveryPlan {
  /** Attempts after the first. */
  retry: number;
  backoffPolicy: 'Linear' | 'Exponential';
  backoffDelayMs: number;
  backoffMaxMs: number;
  timeoutMs: number;
}
export interface DestinationPlan {
  name: string;
  when?: string;
  mapping?: PartHash;
  system?: {
    connector: PartHash;
    http?: { method: 'POST' | 'PUT' | 'PATCH'; path?: string; pathExpression?: string };
    directory?: { fileNameExpression?: string };
    sftp?: { fileNameExpression?: string };
    amqp?: { routingKey?: string; routingKeyExpression?: string };
  };
  partner?: { identifier: { scheme: string; qualifier?: string; system?: string }; expression: string };
  outcomes: OutcomePlan[];
  reply?: { documentType: PartHash; mapping?: PartHash };
}
export interface OutcomePlan {
  /** JSONata over {status, headers, body}. */
  when: string;
  result: 'Delivered' | 'Retry' | 'Park' | 'DeadLetter';
  afterMs?: number;
  owner?: string;
  /** With Park: it goes on when the table has the row. */
  releaseWhen?: { table: string; keyExpression: string };
}
