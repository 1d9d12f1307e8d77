/**
 * The fold of journal entries into accounts, pure: one row per (document, destination), decided by rank alone, so that order and
 * repetition do not matter. The database applies the same rank with `upsert … where new outranks old`.
 */
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
  nextAt: number | null;
  errorClass: string | null;
  errorCode: string | null;
  errorMessage: string | null;
}

/** An entry's own account and those that it opens. */
export function accountsOf(entry: JournalEntry): Account[] {
  const { document, epoch, attempt, id, at } = entry;
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
    nextAt: entry.nextAt ?? null,
    errorClass: entry.error?.class ?? null,
    errorCode: entry.error?.code ?? null,
    errorMessage: entry.error?.message ?? null,
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
    }),
  );
  return [own, ...expected];
}

/** Of the same (document, destination): whether `a` decides rather than `b`. The database compares the same four columns. */
export function decides(a: Account, b: Account): boolean {
  if (a.epoch !== b.epoch) return a.epoch > b.epoch;
  if (a.finality !== b.finality) return a.finality > b.finality;
  if (a.attempt !== b.attempt) return a.attempt > b.attempt;
  return a.entry > b.entry;
}

/** Deciding accounts by `document destination`. */
export function fold(entries: Iterable<JournalEntry>, into = new Map<string, Account>()): Map<string, Account> {
  for (const entry of entries)
    for (const account of accountsOf(entry)) {
      const key = `${account.document} ${account.destination}`;
      const known = into.get(key);
      if (!known || decides(account, known)) into.set(key, account);
    }
  return into;
}

/** A document's state over its accounts. */
export const stateOfDocument = (accounts: Iterable<{ state: State | null }>): State | undefined =>
  documentState([...accounts].flatMap(({ state }) => (state === null ? [] : [state])));
