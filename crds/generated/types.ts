/** Types of the resources of `crossdock.dev/v1alpha1`. GENERATED from crds/manifests by `make generate`. */

export interface Metadata {
  name: string;
  namespace?: string;
  uid?: string;
  generation?: number;
  resourceVersion?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  finalizers?: string[];
}
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  observedGeneration?: number;
  lastTransitionTime: string;
}
export interface Status {
  observedGeneration?: number;
  conditions?: Condition[];
}
export interface LocalRef { name: string }
/** A reference that may leave the namespace where the target's allowedNamespaces permits. */
export interface Ref { name: string; namespace?: string }
export interface SecretKeyRef { name: string; key: string }
export interface AllowedNamespaces { from: 'Same' | 'All' | 'Selector'; selector?: { matchLabels?: Record<string, string> } }

// --- Broker -------------------------------------------------------------------------------------------------
export interface BrokerSpec {
  /** Secret keys: uri (amqp[s]://user:pass@host:port), managementUri (http[s]://…), optional ca.crt. */
  connection: { secretRef?: LocalRef; rabbitmqClusterRef?: Ref };
  /** Fixed vhost: then this Broker serves its own namespace only. Default: one vhost per namespace, `crossdock.<namespace>`. */
  virtualHost?: string;
  deletionPolicy?: 'Retain' | 'Delete';
  allowedNamespaces?: AllowedNamespaces;
}
// --- Who ----------------------------------------------------------------------------------------------------
export type IdentifierScheme = 'GLN' | 'X12' | 'EDIFACT' | 'DUNS' | 'System';
export interface Identifier {
  scheme: IdentifierScheme;
  /** X12: ISA qualifier of two characters. */
  qualifier?: string;
  /** System: the name of our own system whose number this is (`erp`). */
  system?: string;
  value: string;
  usage?: 'Production' | 'Test';
}
export interface OrganizationSpec { displayName?: string; identifiers: Identifier[] }
export interface Acknowledgments { send?: 'None' | 'Functional' }
export interface X12Envelope {
  version?: string;
  envelopeErrors?: 'Reject' | 'Warn' | 'Accept';
  delimiters?: { element?: string; segment?: string; component?: string; repetition?: string };
}
/** Terms for one document type. `x12` or `json` says how it travels; a mapping is needed where the wire form is not canonical. */
export interface DocumentTerms {
  documentTypeRef: LocalRef;
  /** Default Both where only one direction makes sense from the flows that use it. */
  direction?: 'Inbound' | 'Outbound';
  x12?: { transaction: string };
  json?: { /** ReferencedType of the wire form, checked before mapping. */ documentTypeRef?: LocalRef };
  mappingRef?: LocalRef;
  usage?: 'Production' | 'Test';
}
export interface Terms {
  x12?: X12Envelope;
  acknowledgments?: Acknowledgments;
  documents?: DocumentTerms[];
}
export interface PartnerProfileSpec extends Terms { allowedNamespaces?: AllowedNamespaces }
export interface Credential {
  apiKey?: { secretKeyRef: SecretKeyRef };
  hmac?: { secretKeyRef: SecretKeyRef };
}
export interface Channel { connectorRef: LocalRef }
export interface PartnerSpec extends Terms {
  profileRef?: Ref;
  displayName?: string;
  identifiers: Identifier[];
  sites?: { name: string; identifiers: Identifier[] }[];
  channel?: { connectorRef?: LocalRef; inbound?: Channel; outbound?: Channel };
  credentials?: Credential[];
}
export interface ConnectorSpec {
  /** Outside system by HTTP. `url` is the base that a destination's path is joined to. */
  http?: {
    url: string;
    auth?: { apiKey?: { header?: string; secretKeyRef: SecretKeyRef }; basic?: { secretRef: LocalRef }; bearer?: { secretKeyRef: SecretKeyRef } };
    healthPath?: string;
  };
  /** Files. Paths are on the runtime's file system. A file is taken when its size is stable; then moved to `archive`. */
  directory?: { inbound?: string; outbound?: string; archive?: string; pattern?: string; pollInterval?: string; fileNameExpression?: string };
  /** A queue to read or an exchange to write on a RabbitMQ of the user's own. */
  amqp?: { secretRef: LocalRef; queue?: string; exchange?: string; routingKey?: string };
  timeout?: string;
  limits?: { ratePerSecond?: number; concurrency?: number };
  allowedNamespaces?: AllowedNamespaces;
}
// --- What ---------------------------------------------------------------------------------------------------
export interface DocumentTypeSpec {
  /** Events are named `<name>.v<version>`. */
  name: string;
  version: number;
  json: { schema?: Record<string, unknown>; configMapKeyRef?: { name: string; key: string } };
  keys?: { name: string; expression: string }[];
  /** Declares that documents of this type are revisions by key and sequence; duplicates are then recognised. */
  revision?: { keyExpression: string; sequenceExpression?: string; actionExpression?: string };
  rules?: { name: string; each?: string; when: string; messageExpression: string; field?: string; severity?: 'Reject' | 'Warn' }[];
  allowedNamespaces?: AllowedNamespaces;
}
export interface ReferenceTableSpec {
  key: string[];
  /** Rows written in the resource. */
  inline?: { rows: Record<string, unknown>[] };
  /** Rows from a ConfigMap key holding CSV (with a header) or a JSON array. */
  configMap?: { name: string; key: string };
  /** Rows from a file beside the manifests (standalone) or mounted (cluster): CSV or JSON. */
  file?: { path: string };
  allowedNamespaces?: AllowedNamespaces;
}
export interface MappingSide { documentTypeRef?: LocalRef; x12?: { transaction: string; version?: string } }
export interface MappingTest { name: string; input: unknown; partner?: string; expect?: unknown; expectError?: string }
export interface MappingSpec {
  from: MappingSide;
  to: MappingSide;
  expression: string;
  tests?: MappingTest[];
  allowedNamespaces?: AllowedNamespaces;
}
// --- Flow ---------------------------------------------------------------------------------------------------
export interface InboundAuth { apiKey?: { header?: string; secretKeyRef: SecretKeyRef }; hmac?: { header?: string; secretKeyRef: SecretKeyRef } }
export interface IntegrationSource {
  /** Canonical documents that partners send, whatever their channel and format. */
  partners?: { documentTypeRefs: LocalRef[] };
  /** An endpoint of our own for one of our systems. */
  http?: { path: string; auth?: InboundAuth };
  /** Poll or subscribe a connector (directory, amqp). */
  connector?: { connectorRef: LocalRef };
  /** Documents that our own systems published (other integrations' http or connector sources, and replies). */
  events?: { documentTypeRefs: LocalRef[] };
  /** With http or connector: what comes, after mapping. */
  documentTypeRef?: LocalRef;
  mappingRef?: LocalRef;
}
export interface Outcome {
  /** JSONata over {status, headers, body} of the answer. */
  when: string;
  result: 'Delivered' | 'Retry' | 'Park' | 'DeadLetter';
  after?: string;
  owner?: string;
}
export interface Delivery {
  retry?: number;
  backoffPolicy?: 'Linear' | 'Exponential';
  backoffDelay?: string;
  backoffMax?: string;
  timeout?: string;
}
export interface Destination {
  name: string;
  /** JSONata over the canonical document; absent = always. */
  when?: string;
  mappingRef?: LocalRef;
  /** One of our systems. */
  system?: {
    connectorRef: LocalRef;
    http?: { method?: 'POST' | 'PUT' | 'PATCH'; path?: string; pathExpression?: string };
    directory?: { fileNameExpression?: string };
    amqp?: { routingKey?: string; routingKeyExpression?: string };
  };
  /** The partner whose identifier the expression yields; its terms decide format and channel. */
  partner?: { identifier: { scheme: IdentifierScheme; qualifier?: string; system?: string }; expression: string };
  outcomes?: Outcome[];
  /** The answer's body comes back as a document of our own (an event). */
  reply?: { documentTypeRef: LocalRef; mappingRef?: LocalRef };
}
export interface IntegrationSpec {
  source: IntegrationSource;
  destinations: Destination[];
  delivery?: Delivery;
  state?: 'Running' | 'Paused' | 'Stopped';
  deletionPolicy?: 'Retain' | 'Delete';
  brokerRef?: Ref;
}
export interface HoldSpec {
  /** kind Integration, Partner or Connector; name `*` = all of that kind. */
  targetRef: { kind: 'Integration' | 'Partner' | 'Connector'; name: string };
  direction?: 'Inbound' | 'Outbound' | 'Both';
  reason: string;
  until?: string;
}

interface Typed<K extends string, S> { apiVersion: 'crossdock.dev/v1alpha1'; kind: K; metadata: Metadata; spec: S; status?: Status }
export type Broker = Typed<'Broker', BrokerSpec>;
export type Organization = Typed<'Organization', OrganizationSpec>;
export type PartnerProfile = Typed<'PartnerProfile', PartnerProfileSpec>;
export type Partner = Typed<'Partner', PartnerSpec>;
export type Connector = Typed<'Connector', ConnectorSpec>;
export type DocumentType = Typed<'DocumentType', DocumentTypeSpec>;
export type ReferenceTable = Typed<'ReferenceTable', ReferenceTableSpec>;
export type Mapping = Typed<'Mapping', MappingSpec>;
export type Integration = Typed<'Integration', IntegrationSpec>;
export type Hold = Typed<'Hold', HoldSpec>;
export type Resource = Broker | Organization | PartnerProfile | Partner | Connector | DocumentType | ReferenceTable | Mapping | Integration | Hold;
export type Kind = Resource['kind'];
