/** Documents, shipments and raw interchanges as AMQP messages, and back. The only place that knows header names. */

import type { Delivery, HeaderValue, OutgoingMessage } from '../broker/broker.ts';
import type { Document, Shipment } from '../document.ts';
import type { DocumentError } from '../errors.ts';
import type { Problem } from '../formats/format.ts';
import { DEAD_LETTERS, INTAKE, inbox, outbox, PARKED, retryStep, WORK } from '../names.ts';
import { contextOf, type TraceContext, traceOf } from '../telemetry/tracing.ts';
import { laneOf } from './lanes.ts';

type Headers = Record<string, HeaderValue>;
export type Received = Pick<Delivery, 'headers' | 'body' | 'contentType' | 'messageId'>;

/** Bytes of a directory or queue on their way through INTAKE. */
export interface RawInterchange extends TraceContext {
  /** Derived from connector and file or message identity. */
  id: string;
  /** `connector/<name>` for a partner channel, `integration/<name>` for an integration's own connector source. */
  channel: string;
  label: string;
  receivedAt: number;
  epoch: number;
  /** Replays of a part: indexes of the transactions to take; absent = all. */
  only?: number[];
  contentType: string;
  body: Buffer;
  /** Of a file that is too large for one message; see large.ts. */
  piece?: PieceOf;
}
export interface PieceOf {
  /** Transactions: an interchange of some of them. Documents: read already, a line of JSON each. End: what the whole file says. */
  kind: 'Transactions' | 'Documents' | 'End';
  /** Documents of the file before it. */
  first: number;
  /** From places in the piece to places in the file. */
  shift: { line: number; segment: number };
  /** What the trailers of its interchange say wrongly. */
  problems?: Problem[];
  /** Documents: the terms that they were read by. */
  partner?: string;
  type?: string;
}

/** A header is one line of at most 500 characters: an error's text must not break the delivery of the dead letter. */
export const headerText = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 500);

/** Many documents are of the same millisecond. */
let lastTime = { ms: 0, text: new Date(0).toISOString() };
function isoTime(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, text: new Date(ms).toISOString() };
  return lastTime.text;
}

const documentHeaders = (document: Document): Headers => ({
  'ce-id': document.id,
  'ce-type': document.type,
  'ce-source': `/${document.origin}/${document.source}`,
  'ce-time': isoTime(document.receivedAt),
  'crossdock-keys': JSON.stringify(document.keys),
  'crossdock-hash': document.bodyHash,
  'crossdock-epoch': document.epoch,
  ...(document.revision && { 'crossdock-revision': JSON.stringify(document.revision) }),
  ...(document.causation && { 'crossdock-causation': document.causation }),
  ...(document.provisional && { 'crossdock-provisional': true }),
  ...traceOf(document),
});

/** Whether Crossdock put it here. What has no identity of ours is no document, and has no account. */
export const isOurs = ({ headers }: Received): boolean =>
  headers['ce-id'] !== undefined && headers['ce-source'] !== undefined;

const mustBeOurs = (message: Received): void => {
  if (!isOurs(message)) throw new Error('it has no ce-id header, so somebody else put it into the queue');
};

function documentOf(message: Received): Document {
  mustBeOurs(message);
  const { headers } = message;
  const [, origin, source] = String(headers['ce-source']).split('/');
  const text = (name: string) => (headers[name] === undefined ? undefined : String(headers[name]));
  const revision = text('crossdock-revision');
  const causation = text('crossdock-causation');
  return {
    id: String(headers['ce-id']),
    type: String(headers['ce-type']),
    origin: origin === 'partner' ? 'partner' : 'system',
    source: source ?? '',
    receivedAt: Date.parse(String(headers['ce-time'])),
    keys: JSON.parse(text('crossdock-keys') ?? '{}'),
    bodyHash: text('crossdock-hash') ?? '',
    epoch: Number(headers['crossdock-epoch'] ?? 0),
    ...(revision && { revision: JSON.parse(revision) }),
    ...(causation && { causation }),
    ...contextOf(headers),
    ...(headers['crossdock-provisional'] === true && { provisional: true }),
    contentType: message.contentType,
    body: message.body,
  };
}

/** To the queues of these logical names, at least one. */
export const documentMessage = (document: Document, queues: readonly string[]): OutgoingMessage => ({
  exchange: WORK,
  routingKey: queues[0]!,
  ...(queues.length > 1 && { bcc: queues.slice(1) }),
  messageId: document.id,
  contentType: document.contentType,
  timestamp: document.receivedAt,
  headers: documentHeaders(document),
  body: document.body,
});

/** A document in an inbox; a replay may ask for one destination only, and says which revision of its key stands. */
export const readDocument = (
  message: Received,
): { document: Document; onlyDestination: string | undefined; keyRevision: number } => ({
  document: documentOf(message),
  onlyDestination: message.headers['crossdock-only-destination'] as string | undefined,
  keyRevision: Number(message.headers['crossdock-key-revision'] ?? 0),
});

/** A document of the archive to an inbox again, for one destination. */
export const againToInbox = (
  document: Document,
  integration: string,
  destination: string,
  keyRevision: number,
): OutgoingMessage => ({
  ...documentMessage(document, [inbox(integration)]),
  headers: {
    ...documentHeaders(document),
    'crossdock-only-destination': destination,
    'crossdock-key-revision': keyRevision,
  },
});

/** An inbox message as it is, through the retry ladder. */
export const backToInbox = (message: Received, integration: string, stepLabel: string): OutgoingMessage => ({
  exchange: retryStep(stepLabel),
  routingKey: inbox(integration),
  ...(message.messageId && { messageId: message.messageId }),
  contentType: message.contentType,
  headers: { ...message.headers },
  body: message.body,
});

const shipmentHeaders = (shipment: Shipment): Headers => ({
  ...documentHeaders(shipment.document),
  'crossdock-integration': shipment.integration,
  'crossdock-destination': shipment.destination,
  'crossdock-attempt': shipment.attempt,
  'crossdock-key-revision': shipment.keyRevision,
  'crossdock-target': JSON.stringify(shipment.target),
  ...(shipment.orderKey !== undefined && { 'crossdock-order-key': shipment.orderKey }),
  ...(shipment.firstAttemptAt !== undefined && { 'crossdock-first-attempt': shipment.firstAttemptAt }),
});

/** Logical queue of a shipment. */
export const outboxOf = ({ integration, destination }: Pick<Shipment, 'integration' | 'destination'>): string =>
  destination === '' ? integration : outbox(integration, destination);
/** Its place in accounts. */
export const placeOf = ({ integration, destination }: Pick<Shipment, 'integration' | 'destination'>): string =>
  destination === '' ? integration : `${integration}/${destination}`;

const shipmentBase = (shipment: Shipment) => ({
  routingKey: outboxOf(shipment),
  messageId: shipment.document.id,
  contentType: shipment.document.contentType,
  timestamp: shipment.document.receivedAt,
  headers: shipmentHeaders(shipment),
  body: shipment.payload,
});

export const shipmentMessage = (shipment: Shipment): OutgoingMessage => ({
  exchange: WORK,
  ...shipmentBase(shipment),
  ...(shipment.orderKey !== undefined && {
    routingKey: laneOf(shipment.integration, shipment.destination, shipment.orderKey),
  }),
});

/** Through the retry ladder: the step's fanout keeps the routing key, with which the message comes home. */
export const retryMessage = (shipment: Shipment, stepLabel: string): OutgoingMessage => ({
  exchange: retryStep(stepLabel),
  ...shipmentBase(shipment),
});

export function readShipment(message: Received): Shipment {
  const { headers } = message;
  const first = headers['crossdock-first-attempt'];
  const orderKey = headers['crossdock-order-key'];
  return {
    document: documentOf(message),
    integration: String(headers['crossdock-integration']),
    destination: String(headers['crossdock-destination']),
    attempt: Number(headers['crossdock-attempt']),
    keyRevision: Number(headers['crossdock-key-revision']),
    target: JSON.parse(String(headers['crossdock-target'] ?? '{}')),
    ...(orderKey !== undefined && { orderKey: String(orderKey) }),
    ...(first !== undefined && { firstAttemptAt: Number(first) }),
    payload: message.body,
  };
}

export const rawMessage = (raw: RawInterchange): OutgoingMessage => ({
  exchange: WORK,
  routingKey: INTAKE,
  messageId: raw.id,
  contentType: raw.contentType,
  timestamp: raw.receivedAt,
  headers: rawHeaders(raw),
  body: raw.body,
});

const rawHeaders = (raw: RawInterchange): Headers => ({
  'ce-id': raw.id,
  'ce-source': `/${raw.channel}`,
  'ce-time': new Date(raw.receivedAt).toISOString(),
  'crossdock-label': headerText(raw.label),
  'crossdock-epoch': raw.epoch,
  ...(raw.only && { 'crossdock-only': raw.only.join(',') }),
  ...(raw.piece && { 'crossdock-piece': JSON.stringify(raw.piece) }),
  ...traceOf(raw),
});

export function readRaw(message: Received): RawInterchange {
  mustBeOurs(message);
  return rawOf(message);
}

const rawOf = (message: Received): RawInterchange => ({
  id: String(message.headers['ce-id']),
  channel: String(message.headers['ce-source']).slice(1),
  label: String(message.headers['crossdock-label'] ?? ''),
  receivedAt: Date.parse(String(message.headers['ce-time'])),
  epoch: Number(message.headers['crossdock-epoch'] ?? 0),
  ...(message.headers['crossdock-only'] !== undefined && {
    only: String(message.headers['crossdock-only']).split(',').map(Number),
  }),
  ...(message.headers['crossdock-piece'] !== undefined && {
    piece: JSON.parse(String(message.headers['crossdock-piece'])),
  }),
  ...contextOf(message.headers),
  contentType: message.contentType,
  body: message.body,
});

/** Who failed where: what a dead or parked letter says besides its message. */
export interface Cause {
  stage: 'intake' | 'table' | 'inbox' | 'outbox';
  /** Logical queue that a replay goes to. */
  returnTo: string;
  error: DocumentError;
  integration?: string;
  destination?: string;
  /** For intake: transactions of the interchange that failed. */
  only?: number[];
  at: number;
}

/** The message as it was (its headers included) with the cause, to the dead letters or the parked. */
export const deadLetter = (message: Received, cause: Cause): OutgoingMessage => ({
  ...(cause.error.disposition === 'Park'
    ? { exchange: '', routingKey: PARKED }
    : { exchange: DEAD_LETTERS, routingKey: cause.returnTo }),
  ...(message.messageId && { messageId: message.messageId }),
  contentType: message.contentType,
  headers: {
    ...message.headers,
    'crossdock-stage': cause.stage,
    'crossdock-return-to': cause.returnTo,
    'crossdock-class': cause.error.class,
    'crossdock-code': cause.error.code,
    'crossdock-message': headerText(cause.error.message),
    'crossdock-failed-at': new Date(cause.at).toISOString(),
    ...(cause.integration && { 'crossdock-integration': cause.integration }),
    ...(cause.destination && { 'crossdock-only-destination': cause.destination }),
    ...(cause.error.owner && { 'crossdock-owner': cause.error.owner }),
    ...(cause.error.waitsFor && { 'crossdock-waits-for': JSON.stringify(cause.error.waitsFor) }),
    ...(cause.only && { 'crossdock-only': cause.only.join(',') }),
  },
  body: message.body,
});
