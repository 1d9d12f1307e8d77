/**
 * The fold of the journal, as an order. The state of a (document, destination) is the entry that outranks all others, so it does
 * not matter in which order entries arrive, or how often.
 *
 * Order, the first difference decides:
 * 1. epoch: what happened after a replay or release outranks what happened before;
 * 2. finality of the outcome (FINALITY): an end outranks what is in flight. Of the ends, `Delivered` is highest: when a crash makes
 *    one attempt end twice, the effect that was seen is the truth. `Discarded` outranks the dead letter that a person removed;
 * 3. attempt: the later one;
 * 4. id, so that the order is total;
 * 5. for the same entry written twice: the earlier `at`, then the lesser JSON text.
 */
import { hash } from 'node:crypto';
import type { JournalEntry, Outcome } from './entry.ts';

/** States of accounts, of a destination and of a document. */
export type State = 'InFlight' | 'Delivered' | 'Rejected' | 'DeadLettered' | 'Parked' | 'Duplicate' | 'Superseded';

export const STATE_OF: Readonly<Record<Outcome, State>> = {
  Accepted: 'InFlight',
  Routed: 'InFlight',
  Retrying: 'InFlight',
  Replayed: 'InFlight',
  Delivered: 'Delivered',
  Rejected: 'Rejected',
  DeadLettered: 'DeadLettered',
  Discarded: 'DeadLettered',
  Parked: 'Parked',
  Duplicate: 'Duplicate',
  Superseded: 'Superseded',
};

/** Within one epoch; higher outranks. */
export const FINALITY: Readonly<Record<Outcome, number>> = {
  Replayed: 0,
  Accepted: 1,
  Routed: 2,
  Retrying: 3,
  Duplicate: 4,
  Superseded: 5,
  Rejected: 6,
  Parked: 7,
  DeadLettered: 8,
  Discarded: 9,
  Delivered: 10,
};

/** A document's state is the first of these that any of its destinations has. */
export const DOCUMENT_PRECEDENCE: readonly State[] = [
  'DeadLettered',
  'Parked',
  'InFlight',
  'Rejected',
  'Superseded',
  'Duplicate',
  'Delivered',
];

/** True if `a` and `b` are of the same (document, destination) and `a` says its state rather than `b`. Irreflexive and total. */
export const outranks = (a: JournalEntry, b: JournalEntry): boolean => rank(a, b) > 0;

function rank(a: JournalEntry, b: JournalEntry): number {
  if (a.epoch !== b.epoch) return a.epoch - b.epoch;
  if (a.outcome !== b.outcome) return FINALITY[a.outcome] - FINALITY[b.outcome];
  if (a.attempt !== b.attempt) return a.attempt - b.attempt;
  if (a.id !== b.id) return a.id > b.id ? 1 : -1;
  if (a.at !== b.at) return b.at - a.at;
  const textA = JSON.stringify(a);
  const textB = JSON.stringify(b);
  return textA === textB ? 0 : textA < textB ? 1 : -1;
}

/**
 * The destinations that an entry opens: an `Accepted` stands for its subscribers, a `Routed` for its destinations. Such an entry
 * has no state of its own; each of the named counts as in flight until it has an entry in the same or a higher epoch.
 */
export function opens(entry: JournalEntry): string[] {
  if (entry.outcome === 'Accepted') return entry.subscribers ?? [];
  if (entry.outcome === 'Routed') return (entry.destinations ?? []).map((name) => `${entry.destination}/${name}`);
  return [];
}

/** The state that an entry gives its own (document, destination). `undefined`: none of its own, see `opens`. */
export function stateOf(entry: JournalEntry): State | undefined {
  if (opens(entry).length > 0) return undefined;
  // No `when` was true: it ends there.
  if (entry.outcome === 'Routed') return 'Delivered';
  return STATE_OF[entry.outcome];
}

/** `undefined` for no states at all. */
export function documentState(states: Iterable<State>): State | undefined {
  const present = new Set(states);
  return DOCUMENT_PRECEDENCE.find((state) => present.has(state));
}

/** Derived, so that a redelivery writes the same entry again. */
export const entryId = (
  document: string,
  destination: string,
  epoch: number,
  outcome: Outcome,
  attempt: number,
): string => hash('sha256', `${document}\n${destination}\n${epoch}\n${outcome}\n${attempt}`, 'hex').slice(0, 32);
