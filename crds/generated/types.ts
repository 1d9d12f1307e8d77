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
/** What all kinds have in their status. */
export interface Status {
  observedGeneration?: number;
  conditions?: Condition[];
}
interface Typed<K extends string, S, T extends Status> {
  apiVersion: 'crossdock.dev/v1alpha1';
  kind: K;
  metadata: Metadata;
  spec: S;
  status?: T;
}
/** Acknowledgments between us and the partner. */
export interface Acknowledgments {
  /** What we answer to a received interchange. Functional: a 997 per group of X12 (a 999 where `x12` says so), a CONTRL per interchange of EDIFACT. Default: None. */
  send?: 'None' | 'Functional';
  /** Whether an X12 interchange is answered with a TA1. Errors: only one that cannot be taken. All: each. What asks for it in its ISA14 is always answered. Default: None. */
  interchange?: 'None' | 'Errors' | 'All';
  /** Which transaction acknowledges groups of X12, `997` or `999`, quoted. Default: `999` for versions from 005010 on, else `997`. */
  x12?: string;
  /** Time within which the partner acknowledges what we send as X12 or EDIFACT, e.g. `24h`; later it counts as overdue. Default: none is expected. */
  expectWithin?: string;
}
/** Namespaces whose resources may name this one. Default: its own only. */
export interface AllowedNamespaces {
  /** Same: this namespace only. All: every namespace. Selector: namespaces whose labels match the selector. */
  from: 'Same' | 'All' | 'Selector';
  /** Labels that a namespace must have. Only with from: Selector. */
  selector?: {
    /** Labels, all of which must be equal on the namespace. */
    matchLabels?: Record<string, string>;
  };
}
/** When a company works. */
export interface Calendar {
  /** Time zone of the IANA database, e.g. `Europe/Berlin`. */
  timeZone?: string;
  /** Shifts. What overlaps counts once. */
  workingHours?: ({
    /** Days on which it begins. */
    days: ('Mon' | 'Tue' | 'Wed' | 'Thu' | 'Fri' | 'Sat' | 'Sun')[];
    /** Local time at which it begins, quoted: `"08:00"`. */
    from: string;
    /** Local time at which it ends, quoted. Earlier than `from`: on the day after, as a night shift does. */
    to: string;
  })[];
  /** Days on which no shift begins. */
  holidays?: {
    /** Public holidays of this country, ISO 3166, e.g. `DE`. */
    country?: string;
    /** And those of this region of it, as ISO 3166-2 has it after the dash, e.g. `BY` of `DE-BY`. */
    region?: string;
    /** And these days, e.g. a works holiday. */
    dates?: string[];
  };
  /** What begins at or after this local time counts from the next day on. Default: none. */
  cutOff?: string;
}
/** One direction of a channel. */
export interface Channel {
  /** Connector that the partner's documents come in by. */
  connectorRef: LocalRef;
}
/** One verdict of a status. */
export interface Condition {
  /** What the verdict is about. */
  type: string;
  /** Whether it holds. */
  status: 'True' | 'False' | 'Unknown';
  /** Cause in one stable word. */
  reason: string;
  /** Details for a person: what, where, how to mend. */
  message: string;
  /** Generation of the spec that the verdict is about. */
  observedGeneration?: number;
  /** When status, reason or message changed last. */
  lastTransitionTime: string;
}
/** One credential. Exactly one of apiKey and hmac. */
export interface Credential {
  /** The partner sends the key as `X-API-Key` or `Authorization: Bearer …`. */
  apiKey?: {
    /** Secret key that holds the value. */
    secretKeyRef: SecretKeyRef;
  };
  /**
   * The partner names itself in `X-Crossdock-Partner` and signs in `X-Crossdock-Signature`, as `t=<unix seconds>,v1=<hex>`, where v1 is
   * HMAC-SHA-256 over `<t>.` and the raw body. Good for five minutes, once.
   */
  hmac?: {
    /** Secret key that holds the value. */
    secretKeyRef: SecretKeyRef;
  };
}
/** How deliveries are attempted again, for every destination. */
export interface Delivery {
  /** Attempts after the first. Default: 8. */
  retry?: number;
  /** Exponential: each delay is twice the one before. Linear: it grows by backoffDelay. Default: Exponential. */
  backoffPolicy?: 'Linear' | 'Exponential';
  /** Delay before the first repetition, e.g. `1s`; rounded up to a step of the retry ladder (1s 5s 30s 2m 10m 1h 6h 24h), except with `ordering`. Default: `1s`. */
  backoffDelay?: string;
  /** Longest delay between attempts, e.g. `5m`. Default: `5m`. */
  backoffMax?: string;
  /** Longest time of one attempt; the shorter of this and the timeout of the Connector counts; 10m at most. Default: `15s`. */
  timeout?: string;
}
/** One destination. Exactly one of system and partner. */
export interface Destination {
  /** Name within the integration, a DNS label; part of the queue's name, so a new name is a new destination. */
  name: string;
  /** JSONata over the canonical document; the document goes here when it is true. Default: always. */
  when?: string;
  /** Mapping from the canonical document to what the system takes. Default: the canonical document itself. */
  mappingRef?: LocalRef;
  /** One of our systems. */
  system?: {
    /** Connector of the system. */
    connectorRef: LocalRef;
    /** The request, for a Connector with http. */
    http?: {
      /** HTTP method. Default: POST. */
      method?: 'POST' | 'PUT' | 'PATCH';
      /** Path, begins with /, joined to the URL of the Connector. Default: the URL itself. */
      path?: string;
      /** JSONata over the canonical document that gives the path, beginning with /. */
      pathExpression?: string;
    };
    /** The file, for a Connector with directory. */
    directory?: {
      /** JSONata over the canonical document that gives the file name. Default: that of the Connector. */
      fileNameExpression?: string;
    };
    /** The file, for a Connector with sftp. */
    sftp?: {
      /** JSONata over the canonical document that gives the file name. Default: that of the Connector. */
      fileNameExpression?: string;
    };
    /** The message, for a Connector with amqp. */
    amqp?: {
      /** Routing key. Default: that of the Connector. */
      routingKey?: string;
      /** JSONata over the canonical document that gives the routing key. */
      routingKeyExpression?: string;
    };
  };
  /** The partner whose identifier the expression gives; its terms decide format, mapping and channel. */
  partner?: {
    /** Which kind of identifier the expression gives. */
    identifier: {
      /** Numbering scheme. GLN: GS1 location number. X12: interchange id with qualifier. EDIFACT: UNB party id. DUNS: D&B number. System: a number in one of our own systems. */
      scheme: IdentifierScheme;
      /** X12: the ISA qualifier of two characters, e.g. `ZZ`, required. EDIFACT: code of the numbering agency, optional. */
      qualifier?: string;
      /** Scheme System only: name of our own system whose number this is, e.g. `erp`. */
      system?: string;
    };
    /** JSONata over the canonical document that gives the value of the identifier, e.g. `supplierCode`. */
    expression: string;
  };
  /**
   * What an answer means; the first whose `when` is true counts. Default, by status: 2xx Delivered; 408, 425, 429 and 5xx Retry;
   * others DeadLetter.
   */
  outcomes?: Outcome[];
  /** The body of the system's answer comes back as a document of our own, an event. */
  reply?: {
    /** Canonical type of the answer, after mapping. */
    documentTypeRef: LocalRef;
    /** Mapping that reads `{request, answer: {status, body}}`, where request is the document that was delivered, and gives the canonical type. Default: none, the body of the answer is canonical. */
    mappingRef?: LocalRef;
  };
}
/** Terms of one document type. */
export interface DocumentTerms {
  /** Canonical type of the document. */
  documentTypeRef: LocalRef;
  /** Who sends. Inbound: the partner sends it to us. Outbound: we send it. Default: as the Integrations that use the type need it. */
  direction?: 'Inbound' | 'Outbound';
  /** The document travels as an X12 transaction. */
  x12?: {
    /** Transaction set, three digits, quoted: `850`, `855`, `856`, `810`. */
    transaction: string;
  };
  /** The document travels as an EDIFACT message. */
  edifact?: {
    /** Message type: `ORDERS`, `ORDRSP`, `DESADV`, `INVOIC`. */
    message: string;
    /** Association assigned code of what we send, the last part of UNH02: `EAN008`. Default: none. */
    association?: string;
  };
  /** The document travels in a CSV file. Which columns there are, and what a document is, is declared here. */
  csv?: {
    /** Type of the form on the wire, checked before mapping. Default: none, the rows are what the mapping reads. */
    documentTypeRef?: LocalRef;
    /** Character set of the file: `UTF-8`, `ISO-8859-1`, `Windows-1252`. Default: UTF-8. */
    encoding?: string;
    /** Between fields. Default: `,`. */
    delimiter?: string;
    /** Around fields that hold a delimiter or a line break; doubled within. Default: `"`. */
    quote?: string;
    /** Whether the first row names the columns. Default: Present. */
    header?: 'Present' | 'Absent';
    /** With records, number of the field that holds the tag. Default: 1. */
    tagField?: number;
    /** With fields, what one document is. Row: each row. Key: rows that stand together and have the same key, as `{rows: […]}`. File: all rows, as `{rows: […]}`. Default: Row. */
    documentPer?: 'Row' | 'Key' | 'File';
    /** Fields whose values together tell documents apart. With documentPer: Key. */
    key?: string[];
    /** Columns in the order of the file; where the file has a header, in any order. */
    fields?: ({
      /** Name in the document. */
      name: string;
      /** Name of the column in the header of the file. Default: `name`. */
      header?: string;
      /** What the field holds. In the document all are text: a Number with a decimal point, a Date as `2026-11-24`. Default: Text. */
      type?: 'Text' | 'Number' | 'Date';
      /** Decimal mark of a Number; the other one may separate thousands. Default: Point. */
      decimalMark?: 'Point' | 'Comma';
      /** Digits of a Number behind a decimal mark that is not written: with 2, `1250` is 12.50. Default: none. */
      impliedDecimals?: number;
      /** How a Date is written, of `YYYY`, `YY`, `MM`, `DD`: `DD.MM.YYYY`. Default: `YYYY-MM-DD`. */
      dateFormat?: string;
      /** Whether it may be empty. Default: Optional. */
      presence?: 'Required' | 'Optional';
    })[];
    /**
     * Kinds of records, where a file has several, such as header, line and trailer. The first one of scope Document begins a document:
     * `{head: {…}, lines: [{…}, …]}`.
     */
    records?: ({
      /** Name in the document. */
      name: string;
      /** What tells this kind of record: `H`, `LIN`. */
      tag: string;
      /** Record that it belongs to: the last one of it that came. Default: the document. */
      within?: string;
      /** How often it may stand there; Many is read as a list. Default: Once. */
      occurs?: 'Once' | 'Many';
      /** File: it stands before or after all documents, as the head of a file does, and is in every document after it under `file`. Not written. Default: Document. */
      scope?: 'Document' | 'File';
      /** Columns in the order of the file; where the file has a header, in any order. */
      fields: ({
        /** Name in the document. */
        name: string;
        /** Name of the column in the header of the file. Default: `name`. */
        header?: string;
        /** What the field holds. In the document all are text: a Number with a decimal point, a Date as `2026-11-24`. Default: Text. */
        type?: 'Text' | 'Number' | 'Date';
        /** Decimal mark of a Number; the other one may separate thousands. Default: Point. */
        decimalMark?: 'Point' | 'Comma';
        /** Digits of a Number behind a decimal mark that is not written: with 2, `1250` is 12.50. Default: none. */
        impliedDecimals?: number;
        /** How a Date is written, of `YYYY`, `YY`, `MM`, `DD`: `DD.MM.YYYY`. Default: `YYYY-MM-DD`. */
        dateFormat?: string;
        /** Whether it may be empty. Default: Optional. */
        presence?: 'Required' | 'Optional';
      })[];
    })[];
  };
  /** The document travels in a file of lines whose fields have fixed positions. */
  fixed?: {
    /** Type of the form on the wire, checked before mapping. Default: none, the rows are what the mapping reads. */
    documentTypeRef?: LocalRef;
    /** Character set of the file: `UTF-8`, `ISO-8859-1`, `Windows-1252`. Default: UTF-8. */
    encoding?: string;
    /** Where a line tells its kind of record. */
    tag?: {
      /** Position of its first character, from 1. */
      start: number;
      /** Number of characters. */
      length: number;
    };
    /** With fields, what one document is. Row: each row. Key: rows that stand together and have the same key, as `{rows: […]}`. File: all rows, as `{rows: […]}`. Default: Row. */
    documentPer?: 'Row' | 'Key' | 'File';
    /** Fields whose values together tell documents apart. With documentPer: Key. */
    key?: string[];
    /** Fields by their position in the line. */
    fields?: ({
      /** Name in the document. */
      name: string;
      /** Position of its first character in the line, from 1. */
      start: number;
      /** Number of characters. */
      length: number;
      /** How it is filled up when written: Left with blanks behind, Right with blanks before, Zeros with zeros before. Default: Left, of a Number Zeros. */
      align?: 'Left' | 'Right' | 'Zeros';
      /** What the field holds. In the document all are text: a Number with a decimal point, a Date as `2026-11-24`. Default: Text. */
      type?: 'Text' | 'Number' | 'Date';
      /** Decimal mark of a Number; the other one may separate thousands. Default: Point. */
      decimalMark?: 'Point' | 'Comma';
      /** Digits of a Number behind a decimal mark that is not written: with 2, `1250` is 12.50. Default: none. */
      impliedDecimals?: number;
      /** How a Date is written, of `YYYY`, `YY`, `MM`, `DD`: `DD.MM.YYYY`. Default: `YYYY-MM-DD`. */
      dateFormat?: string;
      /** Whether it may be empty. Default: Optional. */
      presence?: 'Required' | 'Optional';
    })[];
    /**
     * Kinds of records, where a file has several, such as header, line and trailer. The first one of scope Document begins a document:
     * `{head: {…}, lines: [{…}, …]}`.
     */
    records?: ({
      /** Name in the document. */
      name: string;
      /** What tells this kind of record: `H`, `LIN`. */
      tag: string;
      /** Record that it belongs to: the last one of it that came. Default: the document. */
      within?: string;
      /** How often it may stand there; Many is read as a list. Default: Once. */
      occurs?: 'Once' | 'Many';
      /** File: it stands before or after all documents, as the head of a file does, and is in every document after it under `file`. Not written. Default: Document. */
      scope?: 'Document' | 'File';
      /** Fields by their position in the line. */
      fields: ({
        /** Name in the document. */
        name: string;
        /** Position of its first character in the line, from 1. */
        start: number;
        /** Number of characters. */
        length: number;
        /** How it is filled up when written: Left with blanks behind, Right with blanks before, Zeros with zeros before. Default: Left, of a Number Zeros. */
        align?: 'Left' | 'Right' | 'Zeros';
        /** What the field holds. In the document all are text: a Number with a decimal point, a Date as `2026-11-24`. Default: Text. */
        type?: 'Text' | 'Number' | 'Date';
        /** Decimal mark of a Number; the other one may separate thousands. Default: Point. */
        decimalMark?: 'Point' | 'Comma';
        /** Digits of a Number behind a decimal mark that is not written: with 2, `1250` is 12.50. Default: none. */
        impliedDecimals?: number;
        /** How a Date is written, of `YYYY`, `YY`, `MM`, `DD`: `DD.MM.YYYY`. Default: `YYYY-MM-DD`. */
        dateFormat?: string;
        /** Whether it may be empty. Default: Optional. */
        presence?: 'Required' | 'Optional';
      })[];
    })[];
  };
  /** The document travels as XML, such as UBL or cXML. */
  xml?: {
    /** Type of the form on the wire, checked before mapping. Default: none, the elements are what the mapping reads. */
    documentTypeRef?: LocalRef;
    /** Name of the root element without prefix, `Invoice`: tells the file from other XML of the channel. Default: any. */
    root?: string;
    /**
     * Namespaces by the prefix that the mapping uses for them, whatever prefix the file has: `cbc: urn:oasis:…:CommonBasicComponents-2`; an empty prefix for
     * names without one. What we write declares them at its root.
     */
    namespaces?: Record<string, string>;
    /** What we write between `<!DOCTYPE` and `>`, for cXML. Default: none. */
    doctype?: string;
    /** Character set that we write, `UTF-8` or `ISO-8859-1`; what we read names its own. Default: UTF-8. */
    encoding?: string;
    /** How we write it: on one line, or an element per line. Default: Compact. */
    layout?: 'Compact' | 'Indented';
  };
  /** The document travels as JSON. */
  json?: {
    /** Type of the form on the wire, checked before mapping. Default: the canonical type itself. */
    documentTypeRef?: LocalRef;
    /** What one document is. Line: each line of the file (NDJSON). Default: File. */
    documentPer?: 'File' | 'Line';
  };
  /** Names of the files that hold it, with `*`, `?` and `{a,b}`: where a channel carries several kinds of csv, fixed, json or xml, or several partners. X12 and EDIFACT name themselves. Default: any. */
  filePattern?: string;
  /** Mapping between the wire form and the canonical type. Needed where the two differ. */
  mappingRef?: LocalRef;
  /** Whether the documents are exchanged for production or as tests (ISA15 `P` or `T`, test indicator of the UNB). Default: Production. */
  usage?: 'Production' | 'Test';
}
/** How EDIFACT interchanges are read and written. */
export interface EdifactEnvelope {
  /** Directory of the messages that we send: `D.96A` (EANCOM 1997) or `D.01B` (EANCOM 2002). What we receive names its own. Default: `D.96A`. */
  directory?: string;
  /** Syntax identifier and version of what we send, which decide the character set: `UNOA:1`, `UNOC:3` (ISO 8859-1), `UNOY:4` (UTF-8). Default: `UNOC:3`. */
  syntax?: string;
  /**
   * What wrong counts or references in trailers (UNT, UNE, UNZ) lead to. Reject: the message or interchange is rejected. Warn: its documents pass with a
   * warning in their journal. Accept: they pass. Default: Warn.
   */
  envelopeErrors?: 'Reject' | 'Warn' | 'Accept';
}
/** An identifier of a company: value and numbering scheme. */
export interface Identifier {
  /** Numbering scheme. GLN: GS1 location number. X12: interchange id with qualifier. EDIFACT: UNB party id. DUNS: D&B number. System: a number in one of our own systems. */
  scheme: IdentifierScheme;
  /** X12: the ISA qualifier of two characters, e.g. `ZZ`, required. EDIFACT: code of the numbering agency, optional. */
  qualifier?: string;
  /** Scheme System only: name of our own system whose number this is, e.g. `erp`. */
  system?: string;
  /** The identifier itself, quoted, without padding: leading zeros count. */
  value: string;
  /** Whether interchanges with this identifier are for production or tests. Default: Production. */
  usage?: 'Production' | 'Test';
}
/** Numbering scheme of an identifier. */
export type IdentifierScheme = 'GLN' | 'X12' | 'EDIFACT' | 'DUNS' | 'System';
/** How a request proves who sends it. Exactly one of apiKey and hmac. Default: anybody who reaches the endpoint may post. */
export interface InboundAuth {
  /** A key in a header. */
  apiKey?: {
    /** Name of the header. Default: `X-API-Key`. */
    header?: string;
    /** Secret key that holds the value. */
    secretKeyRef: SecretKeyRef;
  };
  /** A signature `t=<unix seconds>,v1=<hex>`, where v1 is HMAC-SHA-256 over `<t>.` and the raw body. Good for five minutes, once. */
  hmac?: {
    /** Name of the header with the signature. Default: `X-Crossdock-Signature`. */
    header?: string;
    /** Secret key that holds the value. */
    secretKeyRef: SecretKeyRef;
  };
}
/** Where documents come from. Exactly one of partners, http, connector, events and resolutions. */
export interface IntegrationSource {
  /** Canonical documents that partners send, whatever their channel and format. */
  partners?: {
    /** Document types to take. */
    documentTypeRefs: LocalRef[];
  };
  /** An endpoint of our own that one of our systems posts to. */
  http?: {
    /** Path of the endpoint, begins with /, e.g. `/orders`. Not /documents, /healthz, /metrics, /readyz, /state or /tables, nor below. */
    path: string;
    /** How a request proves who sends it. Exactly one of apiKey and hmac. Default: anybody who reaches the endpoint may post. */
    auth?: InboundAuth;
  };
  /** A connector that is polled (directory, sftp) or subscribed to (amqp). */
  connector?: {
    /** Connector with an inbound directory or a queue. */
    connectorRef: LocalRef;
  };
  /** Documents that our own systems published, through the http or connector source or the reply of other Integrations. */
  events?: {
    /** Document types to take. */
    documentTypeRefs: LocalRef[];
  };
  /** What people decide about exceptions of a BusinessProcess: each resolution there that names this Integration comes in as one document. The same decision about the same figures is the same document, so it takes effect once. */
  resolutions?: {
    /** The process. */
    businessProcessRef: LocalRef;
  };
  /** With http, connector or resolutions: canonical type of what comes in, after mapping. */
  documentTypeRef?: LocalRef;
  /** With http, connector or resolutions: mapping from what comes in to the canonical type. Default: none, it comes canonical; resolutions need one. */
  mappingRef?: LocalRef;
}
/** Name of a resource, or Secret, of the same namespace. */
export interface LocalRef {
  name: string;
}
/** Exactly one of documentTypeRef, x12, edifact, csv, fixed and xml. */
export interface MappingSide {
  /** A document type. */
  documentTypeRef?: LocalRef;
  /** An X12 transaction as the codec reads or writes it. */
  x12?: {
    /** Transaction set, three digits, quoted: `856`. */
    transaction: string;
    /** Version, six digits, quoted. Default: any. */
    version?: string;
  };
  /** An EDIFACT message as the codec reads or writes it. */
  edifact?: {
    /** Message type: `DESADV`. */
    message: string;
    /** Directory, which decides the numbers of segment groups: `D.96A`. Default: any. */
    directory?: string;
  };
  /** Rows of a CSV file, as the terms of a partner declare them. */
  csv?: Record<string, unknown>;
  /** Lines of fixed width, as the terms of a partner declare them. */
  fixed?: Record<string, unknown>;
  /** An XML document as the codec reads or writes it. */
  xml?: {
    /** Name of the root element without prefix: `Invoice`. Default: any. */
    root?: string;
  };
}
/** Exactly one of documentTypeRef, x12, edifact, csv, fixed, xml and resolution. */
export interface MappingSource {
  /** A document type. */
  documentTypeRef?: LocalRef;
  /** An X12 transaction as the codec reads or writes it. */
  x12?: {
    /** Transaction set, three digits, quoted: `856`. */
    transaction: string;
    /** Version, six digits, quoted. Default: any. */
    version?: string;
  };
  /** An EDIFACT message as the codec reads or writes it. */
  edifact?: {
    /** Message type: `DESADV`. */
    message: string;
    /** Directory, which decides the numbers of segment groups: `D.96A`. Default: any. */
    directory?: string;
  };
  /** Rows of a CSV file, as the terms of a partner declare them. */
  csv?: Record<string, unknown>;
  /** Lines of fixed width, as the terms of a partner declare them. */
  fixed?: Record<string, unknown>;
  /** An XML document as the codec reads or writes it. */
  xml?: {
    /** Name of the root element without prefix: `Invoice`. Default: any. */
    root?: string;
  };
  /** What a person decided about an exception, with the documents that the match compared: `resolution`, `by`, `reason`, `at`, `key`, `partners`, `exception`, `line`, `documents.ordered` and so on. */
  resolution?: Record<string, unknown>;
}
/** One case. Exactly one of expect and expectError. */
export interface MappingTest {
  /** What the case shows. */
  name: string;
  /** What the expression reads: the document, or an X12 transaction or EDIFACT message as the codec reads it. */
  input: unknown;
  /** Name of the Partner that `$partner` stands for. Default: none. */
  partner?: string;
  /** What the result must have; `match` says whether it may have more. */
  expect?: unknown;
  /** `Partial`: the result may have fields that `expect` does not name, while lists must match in length. `Exact`: it is equal. Default: Partial. */
  match?: 'Partial' | 'Exact';
  /** Class or code of the error that it must end in, e.g. `ReferenceDataMissing`. */
  expectError?: string;
}
/** One meaning. */
export interface Outcome {
  /** JSONata over `status`, `headers` and `body` of the answer. */
  when: string;
  /** Delivered: done. Retry: try again later. Park: keep it for a person. DeadLetter: give up. */
  result: 'Delivered' | 'Retry' | 'Park' | 'DeadLetter';
  /** Result Retry only: time until the next attempt, rounded up to a step of the retry ladder, e.g. `24h`. Default: as delivery says. */
  after?: string;
  /** Result Park or DeadLetter only: who is to look at it, e.g. `master-data`. Default: nobody in particular. */
  owner?: string;
  /** Result Park only: it goes on by itself when a ReferenceTable has a row. Default: a person replays it. */
  releaseWhen?: {
    /** The ReferenceTable. */
    tableRef: LocalRef;
    /** JSONata over `status`, `headers` and `body` of the answer that gives the key of the row: a value, or a list of values for a key of several columns. */
    keyExpression: string;
  };
}
/** A reference that may leave the namespace where the target's allowedNamespaces permits. */
export interface Ref {
  name: string;
  namespace?: string;
}
/** Secret key that holds the value. */
export interface SecretKeyRef {
  /** Name of the Secret in this namespace. */
  name: string;
  /** Key in the Secret. */
  key: string;
}
/** Terms of a partner or of a profile. */
export interface Terms {
  /** How X12 interchanges are read and written. */
  x12?: X12Envelope;
  /** How EDIFACT interchanges are read and written. */
  edifact?: EdifactEnvelope;
  /** Acknowledgments between us and the partner. */
  acknowledgments?: Acknowledgments;
  /** When partners of this profile work: by it run the clocks of SLAPolicies with `clock: WorkingTime`. A Partner overrides it field by field. */
  calendar?: Calendar;
  /** Terms per document type: how it travels. A Partner's entry overrides the profile's entry for the same document type and direction, field by field. */
  documents?: DocumentTerms[];
}
/** How X12 interchanges are read and written. */
export interface X12Envelope {
  /** Version of the transactions, six digits, quoted. Default: `004010`. */
  version?: string;
  /**
   * What wrong counts or control numbers in trailers (SE, GE, IEA) lead to. Reject: the interchange is rejected. Warn: its documents pass with a warning
   * in their journal. Accept: they pass. Default: Warn.
   */
  envelopeErrors?: 'Reject' | 'Warn' | 'Accept';
  /** Delimiters of what we send. What we receive names its own. */
  delimiters?: {
    /** Between elements. Default: `*`. */
    element?: string;
    /** After each segment. Default: `~`. */
    segment?: string;
    /** Between components of an element. Default: `>`. */
    component?: string;
    /** Between repetitions of an element, from version 004020 on. Default: `^`. */
    repetition?: string;
  };
}

// --- Broker --------------------------------------------------------------------------------------------------------
/** Where the broker is and what becomes of what it holds. */
export interface BrokerSpec {
  /** How to reach the broker. Exactly one of secretRef and rabbitmqClusterRef. */
  connection: {
    /**
     * Secret with the keys `uri` (`amqp://user:password@host:port` or `amqps://…`), `managementUri` (`http://user:password@host:port` or
     * `https://…`) and, where the authority is a private one, `ca.crt` (PEM). The user needs the tag administrator, to make virtual hosts and users.
     */
    secretRef?: LocalRef;
    /** RabbitmqCluster of the RabbitMQ cluster operator, whose default user's Secret is then used. */
    rabbitmqClusterRef?: Ref;
  };
  /**
   * Fixed virtual host; this Broker then serves its own namespace only. Immutable.
   * Default: one virtual host per namespace, `crossdock.<namespace>`.
   */
  virtualHost?: string;
  /**
   * What becomes of virtual host and queues when the Broker is deleted. Retain: they stay. Delete: they go, but for queues that still hold
   * messages, which stay and are named in an event. Default: Retain.
   */
  deletionPolicy?: 'Retain' | 'Delete';
  /** Namespaces whose Integrations may name this Broker; each namespace gets a virtual host and a user of its own. Default: this namespace only. */
  allowedNamespaces?: AllowedNamespaces;
}
/** What the operator observed. Written by the operator only. */
export interface BrokerStatus extends Status {
  /** RabbitMQ version that answered last, e.g. `4.0.5`. */
  version?: string;
  /** Virtual host in use for this namespace. */
  virtualHost?: string;
}
/** A RabbitMQ that carries the documents of a namespace. The Broker named `default` is used where an Integration names none. */
export type Broker = Typed<'Broker', BrokerSpec, BrokerStatus>;

// --- Organization --------------------------------------------------------------------------------------------------
/** Our names and numbers. */
export interface OrganizationSpec {
  /** Name for people. Default: metadata.name. */
  displayName?: string;
  /** When we work: by it run the clocks of objectives with `calendar: Organization`, and of partners without a calendar. Needs timeZone and workingHours. */
  calendar?: Calendar;
  /** Our identifiers. What we send in X12 carries the X12 identifier of the usage in question. */
  identifiers: Identifier[];
}
export type OrganizationStatus = Status;
/** Who we are: the identifiers by which partners address us and by which we sign what we send. One per namespace. */
export type Organization = Typed<'Organization', OrganizationSpec, OrganizationStatus>;

// --- PartnerProfile ------------------------------------------------------------------------------------------------
/** Terms that hold for each partner that names this profile and says nothing else. */
export interface PartnerProfileSpec extends Terms {
  /** Namespaces whose Partners may name this profile. Default: this namespace only. */
  allowedNamespaces?: AllowedNamespaces;
}
export type PartnerProfileStatus = Status;
/** What many partners have in common. A Partner that names it overrides it field by field; `crossdock render` shows the result. */
export type PartnerProfile = Typed<'PartnerProfile', PartnerProfileSpec, PartnerProfileStatus>;

// --- Partner -------------------------------------------------------------------------------------------------------
/** Identity, channel, credentials and terms. Terms given here override the profile's. */
export interface PartnerSpec extends Terms {
  /** Profile whose terms hold where this Partner says nothing. */
  profileRef?: Ref;
  /** Name for people. Default: metadata.name. */
  displayName?: string;
  /** Identifiers by which the partner is known, in envelopes and in our systems. Two Partners with one identifier are in conflict. */
  identifiers: Identifier[];
  /** Plants, warehouses or subsidiaries with identifiers of their own; what they send counts as the partner's. */
  sites?: {
    /** Name of the site. */
    name: string;
    /** Identifiers of the site. */
    identifiers: Identifier[];
  }[];
  /**
   * How files and messages travel: one connector for both ways, or inbound and outbound apart. A partner that only posts to our HTTP endpoint
   * needs none.
   */
  channel?: {
    /** Connector for both ways. */
    connectorRef?: LocalRef;
    /** From the partner to us. */
    inbound?: Channel;
    /** From us to the partner. */
    outbound?: Channel;
  };
  /**
   * What tells the partner's requests on `POST /documents/<document type>`. Any of them is enough, so that a new one can be introduced before the
   * old one is removed.
   */
  credentials?: Credential[];
}
/** What the operator observed. Written by the operator only. */
export interface PartnerStatus extends Status {
  /** Usage of the document types in the merged terms; Mixed where they differ. */
  usage?: 'Production' | 'Test' | 'Mixed';
  /** Connectors in use, e.g. `acme-mailbox`, `in-box / out-box`, or `HTTP` where it only posts to us. */
  channel?: string;
  /** The plan in force, which may be of an earlier generation while the newest is broken. */
  plan?: {
    /** Content hash of the plan. */
    hash?: string;
    /** Generation of the spec that the plan was made from. */
    generation?: number;
  };
}
/** A company that documents are exchanged with: who it is, how it is reached, and on what terms. */
export type Partner = Typed<'Partner', PartnerSpec, PartnerStatus>;

// --- Connector -----------------------------------------------------------------------------------------------------
/** The way to the system, and the limits to keep to. */
export interface ConnectorSpec {
  /** A system that is called by HTTP. */
  http?: {
    /** Base that a destination's path is joined to, e.g. `https://erp.example.com/api`. Without user, password, query and fragment. */
    url: string;
    /** Credentials that each request carries. Exactly one of apiKey, basic and bearer. */
    auth?: {
      /** A key in a header. */
      apiKey?: {
        /** Name of the header. Default: `X-API-Key`. */
        header?: string;
        /** Secret key that holds the value. */
        secretKeyRef: SecretKeyRef;
      };
      /** HTTP Basic. */
      basic?: {
        /** Secret with the keys `username` and `password`. */
        secretRef: LocalRef;
      };
      /** A token in `Authorization: Bearer …`. */
      bearer?: {
        /** Secret key that holds the value. */
        secretKeyRef: SecretKeyRef;
      };
    };
    /** Path, begins with /, that answers 2xx while the system is well. Default: none, the system counts as well until a delivery fails. */
    healthPath?: string;
  };
  /**
   * Files in directories of the runtime's file system. A file is taken when its size is stable and moved to `archive` when its documents are
   * confirmed. Files are written under a temporary name and then renamed.
   */
  directory?: {
    /** Directory that is polled, an absolute path or one relative to the working directory of the runtime. */
    inbound?: string;
    /** Directory that files are written to. */
    outbound?: string;
    /** Directory that taken files are moved to. Default: `.archive` within inbound. */
    archive?: string;
    /** File names to take, with `*`, `?` and `{a,b}`. Files that begin with a dot are never taken. Default: `*`. */
    pattern?: string;
    /** Time between two looks, e.g. `5s`. Default: `2s`. */
    pollInterval?: string;
    /** JSONata over the canonical document that gives the file name. Default: the idempotency key with the extension of the format. */
    fileNameExpression?: string;
  };
  /**
   * Files in directories of a server that is reached by SSH. A file is taken when two looks found it with the same size and time, and put away
   * when its documents are confirmed. Files are written under a temporary name that begins with a dot, and then renamed.
   */
  sftp?: {
    /** Name or address of the server. */
    host: string;
    /** Port. Default: 22. */
    port?: number;
    /** Secret with the key `username`, and `ssh-privatekey` (with `passphrase` where it has one), `password`, or both. */
    secretRef: LocalRef;
    /** Public keys by which the server is known, as `ssh-keyscan HOST` shows them behind the host. Nothing is said to a server that has none of them. Several while a key is changed. */
    hostKeys: string[];
    /** Directory that is polled, an absolute path or one relative to where the server puts the user. */
    inbound?: string;
    /** Directory that files are written to. */
    outbound?: string;
    /** What is done with a file that was taken: it is moved to `archive`, or deleted. Default: Archive. */
    taken?: 'Archive' | 'Delete';
    /** Directory that taken files are moved to. Default: `.archive` within inbound. */
    archive?: string;
    /** File names to take, with `*`, `?` and `{a,b}`. Files that begin with a dot are never taken. Default: `*`. */
    pattern?: string;
    /** Time between two looks, e.g. `1m`. Default: `30s`. */
    pollInterval?: string;
    /** JSONata over the canonical document that gives the file name. Default: the idempotency key with the extension of the format. */
    fileNameExpression?: string;
  };
  /** A queue to read or an exchange to write on a RabbitMQ that is not ours. */
  amqp?: {
    /** Secret with the key `uri` (`amqp://user:password@host:port/vhost` or `amqps://…`). */
    secretRef: LocalRef;
    /** Queue to read; as a destination without exchange and routingKey, the queue to write. It must exist. */
    queue?: string;
    /** Exchange to publish to. It must exist. Default: the default exchange, whose routing keys are queue names. */
    exchange?: string;
    /** Routing key of what is published, where the destination gives none. Default: the queue. */
    routingKey?: string;
  };
  /** A mail server that takes what is to be sent, by SMTP: for notifications of SLAPolicies. */
  mail?: {
    /** Name or address of the server. */
    host: string;
    /** Port. Default: 587, with `tls: Implicit` 465. */
    port?: number;
    /** StartTLS: the connection must turn to TLS before anything is said. Implicit: it is TLS from the beginning. None: nothing is encrypted; credentials are not sent then. Default: StartTLS. */
    tls?: 'StartTLS' | 'Implicit' | 'None';
    /** Secret with the keys `username` and `password`, and `ca.crt` where the server has a certificate of its own authority. Default: no login. */
    secretRef?: LocalRef;
    /** Sender, e.g. `Crossdock <crossdock@example.com>`. */
    from: string;
  };
  /** Longest time that one attempt may take, e.g. `10s`; 10m at most. Default: `10s`. */
  timeout?: string;
  /** What the system can bear, for all pods together. */
  limits?: {
    /** Deliveries per second. Default: no limit. */
    ratePerSecond?: number;
    /** Deliveries at the same time. Default: 8. */
    concurrency?: number;
  };
  /** Pages of the system for people: the console leads to them from transactions and documents that carry the key. */
  links?: {
    /** What people call it: `ERP`. */
    name: string;
    /** Business key of the document types (`spec.keys` there) that names the page, e.g. `purchaseOrder`. */
    keyName: string;
    /** Address, http or https, with `{value}` behind the host: the value of the key goes there, encoded. E.g. `https://erp.example.com/orders/{value}`. */
    url: string;
  }[];
  /** Namespaces whose resources may name this Connector. Default: this namespace only. */
  allowedNamespaces?: AllowedNamespaces;
}
/** What the operator observed. Written by the operator only. */
export interface ConnectorStatus extends Status {
  /** Which kind it is: http, directory, sftp, amqp or mail. */
  connector?: string;
  /** Where it leads: URL, directories, host and directories, or queue and exchange. Never a credential. */
  target?: string;
  /** What waits for it, e.g. `12 purchase orders of 3 partners wait, oldest 40 min`; absent where nothing does. Rounded, at most once a minute. */
  impact?: string;
}
/** An outside system and how it is reached. Exactly one of http, directory, sftp, amqp and mail. */
export type Connector = Typed<'Connector', ConnectorSpec, ConnectorStatus>;

// --- DocumentType --------------------------------------------------------------------------------------------------
/** Form and rules of the document. */
export interface DocumentTypeSpec {
  /** Name without version, e.g. `ship-notice`. Its documents are events of type `<name>.v<version>`. Immutable. */
  name: string;
  /** Version; a change that breaks readers is a new DocumentType with the next version. Immutable. */
  version: number;
  /** The canonical form. Exactly one of schema and configMapKeyRef. */
  json: {
    /** JSON Schema (2020-12) of the document. It also fixes the results of mappings, so that a list of one stays a list. */
    schema?: Record<string, unknown>;
    /** ConfigMap key that holds the JSON Schema as JSON. */
    configMapKeyRef?: {
      /** Name of the ConfigMap in this namespace. */
      name: string;
      /** Key in the ConfigMap. */
      key: string;
    };
  };
  /** Business keys by which documents are found, joined to processes and traced. */
  keys?: {
    /** Name of the key in camelCase, the same in all types that share it, e.g. `purchaseOrder`. */
    name: string;
    /** JSONata over the document; gives one value or many. */
    expression: string;
  }[];
  /**
   * Declares that documents with one key are revisions of one another. Then the same key and sequence is a duplicate and is dropped, an older
   * sequence is superseded, and the same sequence with another content is parked as a conflict. Default: every document stands for itself.
   */
  revision?: {
    /** JSONata that gives what the revisions have in common, e.g. `shipmentNumber`. */
    keyExpression: string;
    /** JSONata that gives the order of revisions: a number, or text that sorts, such as a time. Default: all have one sequence, so a repetition is a duplicate. */
    sequenceExpression?: string;
    /** JSONata that gives Create, Replace, Amend, Cancel or Reverse. Default: Create. */
    actionExpression?: string;
  };
  /** Business rules, checked after the schema and before mapping to anything else; a sender that waits gets all violations in the answer. */
  rules?: ({
    /** Name in CamelCase; the code of its violations, e.g. `OrderIsOpen`. */
    name: string;
    /** JSON pointer to a list; the rule is asked for each element (`$document` is the whole). Default: asked once for the document. */
    each?: string;
    /** JSONata that is true when the rule is violated. */
    when: string;
    /** JSONata that gives the message for the sender. */
    messageExpression: string;
    /** Field that is to blame: a JSON pointer, or a name within the element. Default: the element or document. */
    field?: string;
    /** Reject: the document is refused. Warn: it passes with a warning. Default: Reject. */
    severity?: 'Reject' | 'Warn';
  })[];
  /**
   * Fields that no view shows, as JSON pointers that go through lists: `/orders/contact` is that of every order. In what was sent to others,
   * whatever its form, the values of these fields are replaced where they stand. Default: none.
   */
  sensitive?: string[];
  /**
   * How long documents are kept after they came, with their payloads, journal and accounts, e.g. `400d`. Only what has come to its end is forgotten;
   * what belongs to a business transaction is kept as long as that is open, and as the longest retention of the types of its process;
   * what came and never got a type, as the longest of any type that has one. Default: for ever.
   */
  retention?: string;
  /** Namespaces whose resources may name this type. Default: this namespace only. */
  allowedNamespaces?: AllowedNamespaces;
}
/** What the operator observed. Written by the operator only. */
export interface DocumentTypeStatus extends Status {
  /** Event type of its documents, `<name>.v<version>`. */
  type?: string;
}
/** A canonical business document in one version: its JSON Schema, its business keys, and the rules it must keep. */
export type DocumentType = Typed<'DocumentType', DocumentTypeSpec, DocumentTypeStatus>;

// --- ReferenceTable ------------------------------------------------------------------------------------------------
/** Key and rows. */
export interface ReferenceTableSpec {
  /** Columns that identify a row, in the order in which `$reference` is given their values. Immutable. */
  key: string[];
  /** A key may have several rows, each for a time: `$referenceAt("<name>", key, date)` gives that of the date, `$reference` that of today (UTC). Not of a live table. */
  validity?: {
    /** Column with the first day (or moment) of a row, as ISO 8601. Default, or where it is empty: since ever. */
    from?: string;
    /** Column with the last day (or moment) of a row, as ISO 8601. Default, or where it is empty: for ever. */
    to?: string;
  };
  /** Rows written here. */
  inline?: {
    /** The rows. Each has a value in every key column. */
    rows: Record<string, unknown>[];
  };
  /** Rows from a ConfigMap. */
  configMap?: {
    /** Name of the ConfigMap in this namespace. */
    name: string;
    /** Key that holds CSV with a header line or a JSON array of objects. */
    key: string;
  };
  /** Rows from a file. */
  file?: {
    /** Path of a file with CSV (with a header line) or a JSON array of objects: relative to the manifest, or absolute where it is mounted. */
    path: string;
  };
  /**
   * Documents that keep the rows. A row is what these expressions make of it, one after another: in the order of this list, within one entry
   * in the order of acceptance. So it does not matter in which order documents arrive, or how often; a revision stands in for what it
   * replaces, and a document with the action Cancel counts for nothing.
   */
  events?: {
    /** Canonical type of the documents, whoever they come from. */
    documentTypeRef: LocalRef;
    /** JSON pointer to an array: each of its members is an event of its own, e.g. `/orders`. Default: the document is one event. */
    each?: string;
    /** JSONata over the event (`$document` is the whole document) that gives the key of the row: a value, or a list of values for a key of several columns. Nothing: the event is of no row. */
    keyExpression: string;
    /** JSONata over the event that gives the row. `$row` is the row as it stands (nothing where there is none), `$document` the whole document, `$partner` the Partner that sent it. Key columns are added. Nothing: there is no such row any more. */
    expression: string;
    /**
     * OnValidated: the event counts already when the rules of its document passed, while the sender waits, and the rules see no row that another
     * document changes meanwhile: of two for the last 40 pieces, one is refused. Default: it counts when the document is accepted.
     */
    reserve?: 'OnValidated';
  }[];
  /** Rows that are older than the installation, from a system's own list. Read once, and again on demand (`crossdock tables seed`). */
  seed?: {
    /** Connector with http. */
    connectorRef: LocalRef;
    /** The GET request. The answer is a JSON array of objects or NDJSON; further pages are found by its `Link` header with rel="next". */
    http?: {
      /** Path, begins with /, joined to the URL of the Connector. Default: the URL itself. */
      path?: string;
      /** JSON pointer to the array of rows in the answer, e.g. `/items`. Default: the answer is the array. */
      rows?: string;
    };
  };
  /** How long a reservation holds when its document is not accepted in the end, e.g. because the sender went away. Default: 15m. */
  reserveFor?: string;
  /** Age of knowledge from which the table is not asked any more: events wait to be taken into it, or PostgreSQL is away. Default: what is there is used, and without PostgreSQL nothing is. */
  staleAfter?: string;
  /**
   * What becomes of a document whose rules ask the table while it cannot be asked. Refuse: its sender is told to come back (503 with Retry-After),
   * files wait. AcceptProvisionally: it is accepted with a warning, and the rules are checked before it goes anywhere. Default: Refuse.
   */
  whenStale?: 'Refuse' | 'AcceptProvisionally';
  /** Partners may ask for rows: `GET /tables/<name>` and `GET /tables/<name>/<key>`, with the credentials that they post documents with. */
  serve?: {
    /** A partner sees the rows that are its own. */
    owner?: {
      /** Column that says whose row it is. */
      column: string;
      /** The column holds an identifier of the Partner. Default: it holds the name of the Partner. */
      identifier?: {
        /** Scheme of the identifier. */
        scheme: IdentifierScheme;
        /** Qualifier of the identifier. Default: any. */
        qualifier?: string;
        /** Scheme System: which system. Default: any. */
        system?: string;
      };
    };
    /** Every partner sees every row. */
    everyone?: Record<string, unknown>;
    /** Columns that are shown, with all that is in them. Nothing else leaves. */
    fields: string[];
    /** Requests a second by one partner, in each pod; more are answered 429. Default: 20. */
    ratePerSecond?: number;
  };
  /** Namespaces whose resources may name this table. Default: this namespace only. */
  allowedNamespaces?: AllowedNamespaces;
}
/** What the operator observed. Written by the operator only. */
export interface ReferenceTableStatus extends Status {
  /** Number of rows that the plan in force holds. Not of a live table. */
  rows?: number;
}
/**
 * Rows that mappings and rules look up with `$reference("<name>", key)`. Either they stand still (exactly one of inline, configMap and
 * file says where they are), or the table lives: documents (events) and a system's own list (seed) keep its rows in PostgreSQL.
 */
export type ReferenceTable = Typed<'ReferenceTable', ReferenceTableSpec, ReferenceTableStatus>;

// --- Mapping -------------------------------------------------------------------------------------------------------
/** From what, to what, how, and the proof. */
export interface MappingSpec {
  /** What the expression reads. Exactly one of documentTypeRef, x12, edifact, csv, fixed, xml and resolution. */
  from: MappingSource;
  /** What the expression makes. Exactly one of documentTypeRef, x12, edifact, csv, fixed and xml. The schema of a document type fixes lists and decimals in the result. */
  to: MappingSide;
  /** JSONata over the input. Besides its own functions: `$reference(table, key)`, `$decimal(text)` and `$partner`. */
  expression: string;
  /** Cases that are run before a plan with this mapping takes effect; a failure keeps the last good plan. */
  tests?: MappingTest[];
  /** Namespaces whose resources may name this Mapping. Default: this namespace only. */
  allowedNamespaces?: AllowedNamespaces;
}
export type MappingStatus = Status;
/** A JSONata expression that turns one form of a document into another, with its tests. */
export type Mapping = Typed<'Mapping', MappingSpec, MappingStatus>;

// --- Integration ---------------------------------------------------------------------------------------------------
/** Source, destinations, and how deliveries are retried. */
export interface IntegrationSpec {
  /** Where documents come from. Exactly one of partners, http, connector, events and resolutions. */
  source: IntegrationSource;
  /** Where each document goes; each destination has a queue, retries and an account of its own. */
  destinations: Destination[];
  /** How deliveries are attempted again, for every destination. */
  delivery?: Delivery;
  /**
   * Documents with the same key take effect at each destination one after another, in the order in which they were accepted; those of
   * different keys are delivered side by side. One that fails keeps the later ones of its key waiting until it is delivered or given up.
   * Default: no order.
   */
  ordering?: {
    /** JSONata over the canonical document that gives its key, e.g. `shipmentNumber`. Of the document alone: it may ask no ReferenceTable. A document without a key goes to the dead letters. */
    keyExpression: string;
  };
  /**
   * Running: receives and delivers. Paused: receives and keeps, delivers nothing. Stopped: neither receives nor delivers; what it holds stays.
   * For a stop by hand make a Hold, which a GitOps tool does not undo. Default: Running.
   */
  state?: 'Running' | 'Paused' | 'Stopped';
  /**
   * What becomes of its queues when the Integration is deleted. Retain: they stay until empty. Delete: they go with what they hold.
   * Default: Retain.
   */
  deletionPolicy?: 'Retain' | 'Delete';
  /** Broker that carries the documents. Default: the Broker named `default`. */
  brokerRef?: Ref;
  /** RuntimePool of this namespace whose pods route and deliver its documents, and read its connector. Default: the default pool. */
  runtimePoolRef?: LocalRef;
}
/** What the operator observed. Written by the operator only. */
export interface IntegrationStatus extends Status {
  /** What waits or failed at it, e.g. `12 purchase orders of 3 partners wait, oldest 40 min`; absent where nothing does. Rounded, at most once a minute. */
  impact?: string;
  /** What `kubectl get` shows. Changes with the spec and with Holds only. */
  summary?: {
    /** State in effect: Running, Paused, Stopped, or Held where a Hold applies. */
    state?: string;
    /** Where documents come from, e.g. `http /orders` or `partners ship-notice-v1`. */
    source?: string;
    /** Names of the destinations, e.g. `erp,wms`. */
    destinations?: string;
  };
  /** The plan in force, which may be of an earlier generation while the newest is broken. */
  plan?: {
    /** Content hash of the plan. */
    hash?: string;
    /** Generation of the spec that the plan was made from. */
    generation?: number;
  };
}
/** A flow: where documents come from, and the destinations that each of them goes to. */
export type Integration = Typed<'Integration', IntegrationSpec, IntegrationStatus>;

// --- BusinessProcess -----------------------------------------------------------------------------------------------
/** Key, documents, milestones and matches. */
export interface BusinessProcessSpec {
  /** Business key of the document types (`spec.keys` there) that names the transaction, e.g. `purchaseOrder`. One transaction for each of its values; a document may belong to several. */
  keyName: string;
  /** The document types that belong to a transaction and how their lines are read. Fields are names, looked up in the line, then in what holds the line, outward to the whole document. */
  documents: ({
    /** The document type. */
    documentTypeRef: LocalRef;
    /** Order: states what is wanted, by line. Change: says lines of it anew, later sequences over earlier ones; a quantity of 0 takes the line out. Confirmation: says by line what is promised; of several that name a line the last one counts. Fact: adds up. Return: takes off what the document type of `against` added. Default: Fact. */
    role?: 'Order' | 'Change' | 'Confirmation' | 'Fact' | 'Return';
    /** Where returned quantities are taken off. Only with role Return. */
    against?: {
      /** Name of the DocumentType. */
      name: string;
    };
    /** JSON pointer to the lines; lists on the way are gone through: `/orders/lines` are all lines of all orders. */
    lines?: string;
    /** Names of what identifies a line: first that of the transaction, then its own, e.g. `[orderNumber, orderLine]`. A line without its own is found by its item. */
    key?: string[];
    /** Name of the quantity; of what is good, where `damaged` is given. */
    quantity?: string;
    /** Name of the quantity that arrived and is of no use. */
    damaged?: string;
    /** Name of the unit. */
    unit?: string;
    /** Name of the item number. */
    item?: string;
    /** Name of the price of one unit. */
    price?: string;
    /** Name of the currency of prices. */
    currency?: string;
    /** Name of a date or time, for matches with a tolerance of dates; of an Order the day on which it is to arrive. */
    date?: string;
    /** Name of the place that an Order is to arrive at, such as a warehouse. */
    shipTo?: string;
  })[];
  /** What a transaction reaches. It is complete when all are reached. */
  milestones: ({
    /** Name, a participle in CamelCase: `Shipped`. */
    name: string;
    /** Reached by accepted documents of this type. */
    documentTypeRef?: LocalRef;
    /** Reached when every document that an integration has for a destination is delivered there, at least one. */
    delivered?: {
      /** The integration. */
      integrationRef: LocalRef;
      /** Name of its destination. */
      destination: string;
    };
    /** Reached when all lines agree. Name of a match of this process. */
    match?: string;
    /** Order: the first document reaches it. Line: every line that is ordered must be there. Default: Order. */
    scope?: 'Order' | 'Line';
    /** When a line is there. Document: one document names it. Quantity: documents add up to what is ordered, damage counted, returns taken off. Default: Document. */
    completeBy?: 'Document' | 'Quantity';
    /** Milestones without which this one is not reached. */
    after?: string[];
  })[];
  /** What must agree between documents, line by line. */
  matches?: ({
    /** Name, e.g. `three-way`. */
    name: string;
    /** The sides. Shipped and received may not exceed what is ordered; received must be what was shipped; invoiced must be what was received (or shipped, or ordered, where that side is not given), at the ordered price and currency. */
    compare: {
      /** What was ordered. Its document type has role Order. */
      ordered: {
        /** A document type of `documents`. */
        documentTypeRef: LocalRef;
      };
      /** What was said to be shipped. */
      shipped?: {
        /** A document type of `documents`. */
        documentTypeRef: LocalRef;
      };
      /** What arrived. What is damaged is an exception of its own. */
      received?: {
        /** A document type of `documents`. */
        documentTypeRef: LocalRef;
      };
      /** What is to be paid. */
      invoiced?: {
        /** A document type of `documents`. */
        documentTypeRef: LocalRef;
      };
    };
    /** Name by which shipped and received are paired beside the line, e.g. `shipmentNumber`. Pairs of which one side is missing are not judged. */
    per?: string;
    /** What is tolerated. Default: nothing more than expected, and less is not judged. */
    tolerance?: {
      /** Of quantities. */
      quantity?: {
        /** How much more is tolerated, as a decimal (`2`) or in percent of what is expected (`5%`). Default: nothing. */
        over?: string;
        /** How much less is tolerated, in the same way; `0%` for nothing. Default: less is not judged. */
        under?: string;
      };
      /** Of the price of one unit. */
      price?: {
        /** How much more is tolerated, as a decimal (`0.05`) or in percent of what is expected (`1%`). Default: nothing. */
        over?: string;
        /** How much less is tolerated, in the same way; `0%` for nothing. Default: less is not judged. */
        under?: string;
      };
      /** Of dates. Default: dates are not judged. */
      date?: {
        /** How much later is tolerated, e.g. `2d`. Default: later is not judged. */
        over?: string;
        /** How much earlier is tolerated. Default: earlier is not judged. */
        under?: string;
      };
    };
    /** What is made of a disagreement. */
    exception?: {
      /** How bad it is. Default: Warning. */
      severity?: 'Info' | 'Warning' | 'Critical';
      /** Who mends it, e.g. `procurement`. */
      owner?: string;
      /** Within what time of its opening, e.g. `8h`. Default: it is never overdue. */
      due?: string;
      /** Whose working hours `due` is counted in. Partner: those of the transaction's partner, of one without a calendar ours. Where there is none, and by default, every hour counts. */
      calendar?: 'Partner' | 'Organization';
      /** What a person may decide about it; console and CLI offer these. Default: `Accept` (Settled) and `Dispute` (Disputed), of which nobody is told. */
      resolutions?: ({
        /** Name in CamelCase: `ReleaseInvoice`. */
        name: string;
        /** Settled: the match counts as agreed. Disputed: the exception leaves the work list, the match goes on to disagree. Both for the figures that the person saw; others open it again. Default: Settled. */
        result?: 'Settled' | 'Disputed';
        /** The Integration with `source.resolutions` that tells a system of it. Default: nobody is told. */
        integrationRef?: LocalRef;
      })[];
    };
  })[];
  /** Table of unit conversions with the columns `from`, `to` and `factor` (so many `to` are one `from`), and `item` where it is of one item only. Quantities are compared in the unit of the order. */
  unitsRef?: LocalRef;
}
/** What the operator observed. Written by the operator only. */
export interface BusinessProcessStatus extends Status {
  /** Transactions that are not complete, rounded, at most once a minute. */
  open?: number;
  /** Transactions with an exception that is overdue or a deadline that passed; rounded, at most once a minute. */
  late?: number;
}
/** What must become of a business transaction, such as a purchase order: which documents belong to it, which milestones they reach, and what must agree between them. Exceptions close by themselves when their cause goes. */
export type BusinessProcess = Typed<'BusinessProcess', BusinessProcessSpec, BusinessProcessStatus>;

// --- SLAPolicy -----------------------------------------------------------------------------------------------------
/** Process, partners, objectives, and who is told. */
export interface SLAPolicySpec {
  /** Process whose milestones the objectives name. */
  businessProcessRef: LocalRef;
  /** Partners whose transactions it is about: who an order goes to, or who sent a document of it. Default: every transaction. */
  partnerSelector?: {
    /** Labels, all of which must be equal on the Partner. */
    matchLabels: Record<string, string>;
  };
  /** What must have happened by when. */
  objectives: ({
    /** Name in CamelCase: `ConfirmedInADay`. */
    name: string;
    /** Milestone at which the clock starts. */
    from?: string;
    /** Milestone that must be reached. */
    to: string;
    /** Time from `from` to `to`, e.g. `24h`. With the clock WorkingTime `24h` are 24 hours of work, and `1d` is as long. */
    within?: string;
    /** An appointment that stands in a document. A corrected document moves it. */
    before?: {
      /** Type of the document. */
      documentTypeRef: LocalRef;
      /** JSON pointer to a date or a date with time; of several in lists the earliest counts. A date without time means its first moment in the time zone of the calendar. */
      field: string;
      /** How long before, e.g. `24h`. Default: `0s`. */
      by?: string;
    };
    /** Elapsed: every hour counts. WorkingTime: only the working hours of the calendar. Default: Elapsed. */
    clock?: 'Elapsed' | 'WorkingTime';
    /** Whose calendar gives time zone and working hours. Partner: that of the transaction's partner; of one without, the Organization's. Where there is none, UTC and every hour counts. Default: Partner. */
    calendar?: 'Partner' | 'Organization';
    /** Share of the time after which a warning is given, e.g. `75%`. Default: no warning. */
    warnAt?: string;
    /** How bad a breach is. Default: Warning. */
    severity?: 'Info' | 'Warning' | 'Critical';
  })[];
  /** Who is told. What happens within a few seconds is told in one message; a message that cannot be delivered is tried again, with the same key. */
  notify?: ({
    /** Connector that carries the message: http or mail. */
    connectorRef: LocalRef;
    /** What is told. Warning: a deadline is near. Breach: it passed. Recovery: what was told is over. Default: Breach and Recovery. */
    events?: ('Warning' | 'Breach' | 'Recovery')[];
    /** While breaches last, one message about all of them each so often, e.g. `24h`. Default: no repetition; to an Alertmanager `5m`. */
    repeatEvery?: string;
    /** A JSON object by POST, with the key in `Idempotency-Key`. What an http connector does when nothing is said. */
    webhook?: {
      /** Path behind the URL of the connector. Default: none. */
      path?: string;
    };
    /** Alerts for the Prometheus Alertmanager, API v2: one per objective and partner, firing while a breach (or, if told, a warning) lasts. */
    alertmanager?: {
      /** Path behind the URL of the connector. Default: `/api/v2/alerts`. */
      path?: string;
    };
    /** A mail. Only with a mail connector, which needs it. */
    mail?: {
      /** Who gets it. */
      to: string[];
    };
  })[];
}
/** What the operator observed. Written by the operator only. */
export interface SLAPolicyStatus extends Status {
  /** Objectives whose deadline is ahead, near it or not; rounded, at most once a minute. */
  open?: number;
  /** Objectives that are near their deadline; rounded, at most once a minute. */
  warning?: number;
  /** Objectives whose deadline passed and that are not met yet; rounded, at most once a minute. */
  breached?: number;
}
/** By when something must have happened in a business process, and who is told when it did not: a missing document is noticed when its deadline passes, although nothing happens. */
export type SLAPolicy = Typed<'SLAPolicy', SLAPolicySpec, SLAPolicyStatus>;

// --- RuntimePool ---------------------------------------------------------------------------------------------------
/** How many pods of what size, and where. */
export interface RuntimePoolSpec {
  /** Number of pods; `kubectl scale runtimepool` sets it. Default: 2. */
  replicas?: number;
  /** The number of pods belongs to an autoscaler, and the operator leaves it alone from then on; the number that there is stays until the autoscaler changes it. */
  autoscaling?: {
    /** Fewest pods. Default: 1. */
    minReplicas?: number;
    /** Most pods. */
    maxReplicas: number;
    /**
     * By the messages in the queues of the pool's integrations, those in the hands of pods counted in. The operator makes a ScaledObject of KEDA,
     * which must be installed. Without it: an autoscaler of yours, whose target is the Deployment `crossdock-runtime-<name>`.
     */
    queueDepth?: {
      /** Messages that one pod is to have to itself. */
      messagesPerPod: number;
    };
  };
  /** Requests and limits of each pod, as Kubernetes writes them. Default: those of the chart. */
  resources?: {
    /** What a node must have for it. */
    requests?: {
      /** Processors, e.g. `500m`. */
      cpu?: string;
      /** Memory, e.g. `256Mi`. */
      memory?: string;
    };
    /** What it gets at most. A pod that needs more memory is killed. */
    limits?: {
      /** Processors, e.g. `2`. */
      cpu?: string;
      /** Memory, e.g. `1Gi`. */
      memory?: string;
    };
  };
  /** Pods that may be away at once when nodes are drained (PodDisruptionBudget). Default: 1. */
  maxUnavailable?: number;
  /** Labels of nodes over whose values the pods are spread as evenly as can be. Default: `kubernetes.io/hostname`. */
  spreadOver?: string[];
}
/** What the operator observed. Written by the operator only. */
export interface RuntimePoolStatus extends Status {
  /** Pods that there are. */
  replicas?: number;
  /** Label selector of the pods, for autoscalers. */
  selector?: string;
  /** Integrations that run in it. */
  integrations?: number;
}
/**
 * Pods of their own for the integrations that name it (`spec.runtimePoolRef`): what they route and deliver neither waits for others nor slows them.
 * The namespace's default pool needs no resource; it runs all other integrations, the partners' channels, and answers what is posted.
 */
export type RuntimePool = Typed<'RuntimePool', RuntimePoolSpec, RuntimePoolStatus>;

// --- Hold ----------------------------------------------------------------------------------------------------------
/** What is held, why, and until when. */
export interface HoldSpec {
  /** What is held. */
  targetRef: {
    /** Kind of the resource. */
    kind: 'Integration' | 'Partner' | 'Connector';
    /** Name of the resource, or `*` for all of that kind. */
    name: string;
  };
  /** Inbound: nothing is received; HTTP senders get 503 with Retry-After, files stay where they are. Outbound: nothing is delivered, it waits in its queue. Default: Both. */
  direction?: 'Inbound' | 'Outbound' | 'Both';
  /** Why, for people, e.g. `ERP down for maintenance, CHG-0815`. */
  reason: string;
  /** Time (RFC 3339) at which it ends by itself, e.g. `2026-11-24T06:00:00Z`. Default: when the Hold is deleted. */
  until?: string;
}
/** What the operator observed. Written by the operator only. */
export interface HoldStatus extends Status {
  /** Direction in effect: Inbound, Outbound or Both. */
  direction?: string;
}
/** Stops what it names until it is removed or its time is over. Made by the console or the CLI, not by Git, so that a GitOps tool does not undo it. */
export type Hold = Typed<'Hold', HoldSpec, HoldStatus>;

// --- Replay --------------------------------------------------------------------------------------------------------
/** Which documents, why, how fast, and who asked. Only state and approvals change after it was made. */
export interface ReplaySpec {
  /** Why, for people, e.g. `ERP outage of 20 November, INC-4711`. In the journal of every document that is sent, and in the audit. */
  reason: string;
  /** Who asks, as the audit is to name them. */
  requestedBy: string;
  /** DryRun: selects, and says what would happen to each document. Run: sends. Default: DryRun. */
  mode?: 'DryRun' | 'Run';
  /** Which documents. All that is named must hold. */
  selector: {
    /** Name of the Integration where documents failed, or that delivered them. */
    integration?: string;
    /** Name of one destination of it. Default: all. */
    destination?: string;
    /** Takes letters that wait for a person; `{}` takes all dead letters that the other fields leave. Without it: what was delivered, from the archive. */
    deadLetters?: {
      /** In the dead letters, or parked. Default: DeadLettered. */
      state?: 'DeadLettered' | 'Parked';
      /** Error class, e.g. `DeliveryFailed`. */
      class?: string;
      /** Code of the error, e.g. `http.503`. */
      code?: string;
      /** Of a group of letters with one cause at one place: `crossdock dlq groups` shows it. */
      fingerprint?: string;
    };
    /** Name of the Partner that sent the documents, or that they went to. */
    partner?: string;
    /** Event type, e.g. `ship-notice.v1`. */
    documentType?: string;
    /** Values of any business key, e.g. numbers of orders. */
    keys?: string[];
    /** Documents that a version of a Mapping made for a destination or a partner: `crossdock replay versions` shows the versions. */
    mappingVersion?: {
      /** Name of the Mapping. */
      name: string;
      /** Its version, or the beginning of it. Default: every version. */
      hash?: string;
    };
    /** Failed or delivered at this time (RFC 3339) or later. */
    since?: string;
    /** Failed or delivered before this time (RFC 3339). */
    until?: string;
  };
  /** Documents sent in a second, at most. Default: 20. */
  ratePerSecond?: number;
  /** Up to so many documents it runs at once; if more are selected, another person must approve first. Default: 100. */
  limit?: number;
  /** Who approves it, when more are selected than its limit. Not who asks. */
  approvals?: {
    /** Who approves. */
    by: string;
    /** What they say to it. */
    comment?: string;
  }[];
  /** Cancelled: sends no more; what was sent stays sent. Deleting the Replay does the same. Default: Active. */
  state?: 'Active' | 'Cancelled';
  /** It is deleted so much later than it ended, e.g. `7d`. Default: it stays. */
  ttlAfterFinished?: string;
}
/** What the operator observed. Written by the operator only. */
export interface ReplayStatus extends Status {
  /** Mode in effect: DryRun or Run. */
  mode?: string;
  /** Documents that it is about. */
  selected?: number;
  /** Sent, and not failed. */
  done?: number;
  /** Could not be sent, or failed again. */
  failed?: number;
  /** When it began to send. */
  startedAt?: string;
  /** When it ended. */
  finishedAt?: string;
  /** Some of the documents that failed. `crossdock replay show` shows all. */
  failures?: {
    /** Id of the document. */
    document: string;
    /** Where: `<integration>/<destination>`, or empty for intake. */
    destination: string;
    /** Why, for a person. */
    message: string;
  }[];
}
/** Sends documents once more: dead letters to where they failed, delivered ones from the archive through their integration. Like a Job: it runs once, and what it asks for does not change. Idempotency keys stay as they were, so a system that honours them sees no effect twice. Made by people, not by Git. */
export type Replay = Typed<'Replay', ReplaySpec, ReplayStatus>;

export type Resource =
  | Broker
  | Organization
  | PartnerProfile
  | Partner
  | Connector
  | DocumentType
  | ReferenceTable
  | Mapping
  | Integration
  | BusinessProcess
  | SLAPolicy
  | RuntimePool
  | Hold
  | Replay;
export type Kind = Resource['kind'];
