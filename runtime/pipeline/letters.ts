/**
 * Letters: messages in DEAD_LETTERS, PARKED and LOST, as people see them, and what a replay makes of them. The inverse of
 * messages.ts' `deadLetter`; like that, it knows header names.
 */
import type { HeaderValue, OutgoingMessage } from '../broker/broker.ts';
import { deriveId, sha256Hex } from '../canonical.ts';
import type { ErrorClass } from '../errors.ts';
import type { JournalEntry } from '../journal/entry.ts';
import { entryId } from '../journal/outranks.ts';
import { INTAKE, PARKED, tablePlace, WORK } from '../names.ts';
import { headerText, type Received } from './messages.ts';

export interface Letter {
  /** 12 hex digits, the same each time: of what is to be replayed, so that copies of one letter have one id. */
  id: string;
  stage: 'intake' | 'table' | 'inbox' | 'outbox' | 'unknown';
  /** Logical queue that a replay goes to. '' for a message that is none of ours. */
  returnTo: string;
  class: string;
  code: string;
  message: string;
  owner?: string;
  /** It goes on by itself when the ReferenceTable has the row. */
  waitsFor?: { table: string; key: string };
  /** Epoch ms; of a letter that the broker made it is not known. */
  failedAt?: number;
  /** Document, or raw interchange at intake. */
  document: string;
  type: string;
  origin: 'partner' | 'system';
  /** Partner or integration; at intake the channel. */
  source: string;
  keys: Record<string, string[]>;
  receivedAt?: number;
  epoch: number;
  integration?: string;
  destination?: string;
  keyRevision?: number;
  /** At intake: the transactions that failed, counted from 0; absent = the file as a whole. */
  only?: number[];
  /** At intake: file name or the like. */
  label?: string;
}

/** What the broker says of a message that it moved by itself. */
export interface Moved {
  queue: string;
  reason: string;
}

export function readLetter(message: Received, moved?: Moved): Letter {
  const { headers } = message;
  const text = (name: string) => (headers[name] === undefined ? undefined : String(headers[name]));
  const number = (name: string) => (headers[name] === undefined ? undefined : Number(headers[name]));
  const returnTo = text('crossdock-return-to') ?? moved?.queue.replace(/#\d+$/, '') ?? '';
  const stage = stageOf(returnTo);
  const time = (name: string) => {
    const at = Date.parse(text(name) ?? '');
    return Number.isNaN(at) ? undefined : at;
  };
  const [, origin, ...source] = (text('ce-source') ?? '').split('/');
  const [integration] = stage === 'inbox' || stage === 'outbox' ? returnTo.split(':') : [];
  const destination = stage === 'outbox' ? returnTo.split(':out:')[1] : text('crossdock-only-destination');
  const document = text('ce-id') ?? message.messageId ?? '';
  const epoch = number('crossdock-epoch') ?? 0;
  const only = text('crossdock-only');
  const letter: Letter = {
    id: sha256Hex(JSON.stringify([document, returnTo, destination ?? '', epoch, only ?? ''])).slice(0, 12),
    stage,
    returnTo,
    class: text('crossdock-class') ?? 'DeliveryFailed',
    code: text('crossdock-code') ?? `broker.${moved?.reason ?? 'unknown'}`,
    message: text('crossdock-message') ?? saidOf(moved),
    document,
    type: text('ce-type') ?? '',
    origin: origin === 'partner' || stage === 'intake' ? 'partner' : 'system',
    source: stage === 'intake' ? (text('ce-source') ?? '').slice(1) : source.join('/'),
    keys: keysOf(text('crossdock-keys')),
    epoch,
  };
  const more: Partial<Record<keyof Letter, unknown>> = {
    owner: text('crossdock-owner'),
    waitsFor: waitsForOf(text('crossdock-waits-for')),
    failedAt: time('crossdock-failed-at'),
    receivedAt: time('ce-time'),
    integration,
    destination,
    keyRevision: number('crossdock-key-revision'),
    only: only?.split(',').map(Number),
    label: text('crossdock-label'),
  };
  for (const [name, value] of Object.entries(more)) if (value !== undefined) Object.assign(letter, { [name]: value });
  return letter;
}

const stageOf = (returnTo: string): Letter['stage'] => {
  if (returnTo === INTAKE) return 'intake';
  if (returnTo.endsWith(':inbox')) return 'inbox';
  if (returnTo.endsWith(':rows')) return 'table';
  return returnTo.includes(':out:') ? 'outbox' : 'unknown';
};

function saidOf(moved: Moved | undefined): string {
  if (!moved) return 'The message does not say why it is here';
  if (moved.reason === 'delivery_limit') return `Was taken from ${moved.queue} again and again and never finished`;
  return `The broker moved it from ${moved.queue}: ${moved.reason}`;
}

export function waitsForOf(text: string | undefined): Letter['waitsFor'] {
  try {
    const { table, key } = JSON.parse(text ?? '{}');
    return typeof table === 'string' && typeof key === 'string' ? { table, key } : undefined;
  } catch {
    return undefined;
  }
}

function keysOf(text: string | undefined): Record<string, string[]> {
  try {
    return text === undefined ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}

/** What a letter says of its end; a replay is a new beginning. Names that start with `x-` are the broker's. */
const OF_ITS_END = new Set([
  'crossdock-stage',
  'crossdock-return-to',
  'crossdock-class',
  'crossdock-code',
  'crossdock-message',
  'crossdock-failed-at',
  'crossdock-owner',
  'crossdock-waits-for',
  'crossdock-first-attempt',
  'CC',
  'BCC',
]);

/** The letter as it is, to the parked: it waits for a person in a higher epoch, and can be replayed from there. */
export const parkedOf = (message: Received, letter: Letter): OutgoingMessage => ({
  exchange: '',
  routingKey: PARKED,
  ...(message.messageId && { messageId: message.messageId }),
  contentType: message.contentType,
  headers: {
    ...Object.fromEntries(Object.entries(message.headers).filter(([name]) => !name.startsWith('x-'))),
    // What the broker moved by itself does not say so in its headers.
    'crossdock-return-to': letter.returnTo,
    'crossdock-class': letter.class,
    'crossdock-code': letter.code,
    'crossdock-message': headerText(letter.message),
    'crossdock-epoch': letter.epoch + 1,
  },
  body: message.body,
});

/** The message for its stage again, in a higher epoch: the same document, the same idempotency key, attempts counted anew. */
export function replayOf(message: Received, letter: Letter): OutgoingMessage {
  const headers: Record<string, HeaderValue> = {};
  for (const [name, value] of Object.entries(message.headers))
    if (!OF_ITS_END.has(name) && !name.startsWith('x-')) headers[name] = value;
  if (letter.stage !== 'inbox') delete headers['crossdock-only-destination'];
  if (letter.stage === 'outbox') headers['crossdock-attempt'] = 1;
  if (letter.stage === 'table') headers['crossdock-replayed'] = true;
  headers['crossdock-epoch'] = letter.epoch + 1;
  return {
    exchange: WORK,
    routingKey: letter.returnTo,
    ...(message.messageId && { messageId: message.messageId }),
    contentType: message.contentType,
    ...(letter.receivedAt !== undefined && { timestamp: letter.receivedAt }),
    headers,
    body: message.body,
  };
}

/** Identity of the document that a transaction of a raw interchange becomes; -1 stands for the file as a whole. */
export const unitId = (raw: string, index: number): string =>
  index < 0 ? deriveId(raw, 'file') : deriveId(raw, index);

/** What the journal is to know of a person's act: one entry per account that the letter stands for. */
export function actOn(
  letter: Letter,
  act: {
    outcome: 'Replayed' | 'Discarded' | 'Parked';
    by: string;
    reason: string;
    at: number;
    detail?: JournalEntry['detail'];
  },
): JournalEntry[] {
  const epoch = act.outcome === 'Discarded' ? letter.epoch : letter.epoch + 1;
  const { class: errorClass, code, message } = letter;
  const error = act.outcome === 'Parked' && { error: { class: errorClass as ErrorClass, code, message } };
  const entry = (document: string, destination: string, more: Partial<JournalEntry> = {}): JournalEntry => ({
    id: entryId(document, destination, epoch, act.outcome, 1),
    document,
    type: letter.type,
    origin: letter.origin,
    source: letter.source,
    destination,
    epoch,
    attempt: 1,
    ...more,
    ...act,
    ...error,
  });
  return accountsOfLetter(letter).map(({ document, destination }) =>
    entry(document, destination, letter.stage === 'intake' ? { causation: letter.document } : {}),
  );
}

/** The accounts that a letter stands for: of a raw interchange several. */
export function accountsOfLetter(letter: Letter): { document: string; destination: string }[] {
  if (letter.stage === 'intake')
    return (letter.only ?? [-1]).map((index) => ({ document: unitId(letter.document, index), destination: '' }));
  const { document, integration = '', destination, returnTo } = letter;
  if (letter.stage === 'table') return [{ document, destination: tablePlace(returnTo.replace(/:rows$/, '')) }];
  return [{ document, destination: destination ? `${integration}/${destination}` : integration }];
}
