/**
 * The fold of journal entries into accounts and documents, pure. Each row is decided by rank alone, so that order, repetition and
 * batching do not matter. The database applies the same ranks with `upsert … where new outranks old`.
 */
import { hash } from 'node:crypto';
import type { JournalEntry } from '../runtime/journal/entry.ts';
import { documentState, FINALITY, opens, type State, stateOf } from '../runtime/journal/outranks.ts';

export interface Account {
  document: string;
  destination: string;
  /** null: passed on; what it was passed to has accounts of its own. */
  state: State | null;
  outcome: JournalEntry['outcome'] | 'Expected';
  epoch: number;
  /** -1 for what another entry opened and nothing was heard of yet. */
  finality: number;
  attempt: number;
  /** Id of the deciding entry, or of the one that opened it. */
  entry: string;
  at: number;
  /** Of two writings of one entry with one time: the lesser decides. */
  tie: string;
  nextAt: number | null;
  errorClass: string | null;
  errorCode: string | null;
  errorMessage: string | null;
}

/** What is known of a document: the words of its most telling entry. */
export interface DocumentRow {
  id: string;
  type: string;
  origin: string;
  source: string;
  keys: Record<string, string[]>;
  revision: JournalEntry['revision'] | null;
  causation: string | null;
  /** 2: accepted, 1: its type is known, 0: it was not, -1: only a person's act is known. */
  informed: number;
  epoch: number;
  entry: string;
  at: number;
  tie: string;
  /** Of all its entries. */
  firstAt: number;
}

/** An account's message is for lists; the whole is in the entry. */
const MAX_MESSAGE = 1_000;

/** Entries of one id can differ, when a stage wrote again what it had written before a crash. */
export const tieOf = (text: string): string => hash('sha256', text, 'hex').slice(0, 16);

/** An entry's own account and those that it opens. */
export function accountsOf(entry: JournalEntry, tie = tieOf(JSON.stringify(entry))): Account[] {
  const { document, epoch, attempt, id, at, error } = entry;
  const own: Account = {
    document,
    destination: entry.destination,
    state: stateOf(entry) ?? null,
    outcome: entry.outcome,
    epoch,
    finality: FINALITY[entry.outcome],
    attempt,
    entry: id,
    at,
    tie,
    nextAt: entry.nextAt ?? null,
    errorClass: error?.class ?? null,
    errorCode: error?.code ?? null,
    errorMessage: error ? error.message.slice(0, MAX_MESSAGE).toWellFormed() : null,
  };
  const expected = opens(entry).map(
    (destination): Account => ({
      ...own,
      destination,
      state: 'InFlight',
      outcome: 'Expected',
      finality: -1,
      attempt: 0,
      nextAt: null,
      errorClass: null,
      errorCode: null,
      errorMessage: null,
    }),
  );
  return [own, ...expected];
}

/** Of the same (document, destination): whether `a` decides rather than `b`. The database compares the same columns. */
export function decides(a: Account, b: Account): boolean {
  if (a.epoch !== b.epoch) return a.epoch > b.epoch;
  if (a.finality !== b.finality) return a.finality > b.finality;
  if (a.attempt !== b.attempt) return a.attempt > b.attempt;
  return afterAll(a, b);
}

function afterAll(a: { entry: string; at: number; tie: string }, b: { entry: string; at: number; tie: string }) {
  if (a.entry !== b.entry) return a.entry > b.entry;
  if (a.at !== b.at) return a.at < b.at;
  return a.tie < b.tie;
}

export function documentOf(entry: JournalEntry, tie = tieOf(JSON.stringify(entry))): DocumentRow {
  const { document: id, type, origin, source, keys = {}, revision = null, causation = null, epoch, at } = entry;
  const byPerson = entry.outcome === 'Replayed' || entry.outcome === 'Discarded' || entry.by !== undefined;
  const informed = entry.outcome === 'Accepted' ? 2 : byPerson ? -1 : type === '' ? 0 : 1;
  return {
    id,
    type,
    origin,
    source,
    keys,
    revision,
    causation,
    informed,
    epoch,
    entry: entry.id,
    at,
    tie,
    firstAt: at,
  };
}

/** Of the same document: what both together say. */
export function mergeDocuments(a: DocumentRow, b: DocumentRow): DocumentRow {
  const telling = tells(a, b) ? a : b;
  return { ...telling, firstAt: Math.min(a.firstAt, b.firstAt) };
}
function tells(a: DocumentRow, b: DocumentRow): boolean {
  if (a.informed !== b.informed) return a.informed > b.informed;
  if (a.epoch !== b.epoch) return a.epoch > b.epoch;
  return afterAll(a, b);
}

/** A business key of a document. */
export interface Key {
  document: string;
  name: string;
  value: string;
}

export interface Folded {
  /** By `document destination`. */
  accounts: Map<string, Account>;
  documents: Map<string, DocumentRow>;
  /** By name, value and document: all that were ever told. */
  keys: Map<string, Key>;
}

export const nothing = (): Folded => ({ accounts: new Map(), documents: new Map(), keys: new Map() });

export function fold(entries: Iterable<JournalEntry>, into: Folded = nothing()): Folded {
  for (const entry of entries) {
    const tie = tieOf(JSON.stringify(entry));
    for (const account of accountsOf(entry, tie)) {
      const key = `${account.document} ${account.destination}`;
      const known = into.accounts.get(key);
      if (!known || decides(account, known)) into.accounts.set(key, account);
    }
    const row = documentOf(entry, tie);
    const known = into.documents.get(row.id);
    into.documents.set(row.id, known ? mergeDocuments(known, row) : row);
    for (const [name, values] of Object.entries(entry.keys ?? {}))
      for (const value of values)
        into.keys.set(`${name}\n${value}\n${row.id}`, { document: row.id, name, value: value.slice(0, MAX_KEY) });
  }
  return into;
}
/** An index entry is bounded; nobody searches for a longer key. */
const MAX_KEY = 500;

/** A document's state over its accounts. */
export const stateOfDocument = (accounts: Iterable<{ state: State | null }>): State | undefined =>
  documentState([...accounts].flatMap(({ state }) => (state === null ? [] : [state])));
