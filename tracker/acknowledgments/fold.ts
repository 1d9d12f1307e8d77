/**
 * Journal entries to acknowledgments, pure: what was sent and is to be acknowledged, and what was said of it. Of several words of a
 * partner the one of the higher rank counts, then the later one, so that order and repetition do not matter.
 */
import type { JournalEntry } from '../../runtime/journal/entry.ts';

export interface Acknowledgment {
  document: string;
  /** `<integration>/<destination>`. */
  destination: string;
  partner: string;
  control: string | null;
  transaction: string | null;
  /** Epoch ms. */
  sentAt: number | null;
  dueAt: number | null;
  verdict: string | null;
  /** 0 nothing was said, 1 it came in, 2 it was judged. */
  rank: number;
  toldAt: number | null;
  /** Document that the acknowledgment is. */
  toldBy: string | null;
  message: string | null;
}

const MAX_MESSAGE = 1_000;
const nothing = { control: null, transaction: null, sentAt: null, dueAt: null } as const;
const unsaid = { verdict: null, rank: 0, toldAt: null, toldBy: null, message: null } as const;
const textOf = (value: string | number | undefined): string | null => (value === undefined ? null : String(value));

/** Undefined for entries that are about something else. */
export function acknowledgmentOf({
  document,
  destination,
  outcome,
  at,
  source,
  detail,
  error,
}: JournalEntry): Acknowledgment | undefined {
  if (!detail) return undefined;
  const { acknowledges, at: place, verdict, acknowledgeBy, partner, control, transaction } = detail;
  if (outcome === 'Delivered' && typeof acknowledgeBy === 'number')
    return {
      document,
      destination,
      partner: String(partner ?? ''),
      control: textOf(control),
      transaction: textOf(transaction),
      sentAt: at,
      dueAt: acknowledgeBy,
      ...unsaid,
    };
  if (typeof acknowledges !== 'string' || typeof verdict !== 'string') return undefined;
  return {
    document: acknowledges,
    destination: String(place ?? ''),
    partner: source,
    ...nothing,
    verdict,
    rank: verdict === 'Received' ? 1 : 2,
    toldAt: at,
    toldBy: document,
    message: error ? error.message.slice(0, MAX_MESSAGE).toWellFormed() : null,
  };
}

/** Of the same document and destination: what both together say. */
export function merged(a: Acknowledgment, b: Acknowledgment): Acknowledgment {
  const sent = (b.sentAt ?? -1) > (a.sentAt ?? -1) ? b : a;
  const told = tells(b, a) ? b : a;
  const { control, transaction, sentAt, dueAt } = sent;
  const { verdict, rank, toldAt, toldBy, message } = told;
  const partner = sent.sentAt === null ? told.partner : sent.partner;
  return { ...a, partner, control, transaction, sentAt, dueAt, verdict, rank, toldAt, toldBy, message };
}

const tells = (a: Acknowledgment, b: Acknowledgment): boolean => {
  if (a.rank !== b.rank) return a.rank > b.rank;
  if (a.toldAt !== b.toldAt) return (a.toldAt ?? -1) > (b.toldAt ?? -1);
  return (a.toldBy ?? '') > (b.toldBy ?? '');
};

/** By document and destination. */
export function foldAcknowledgments(entries: Iterable<JournalEntry>): Map<string, Acknowledgment> {
  const folded = new Map<string, Acknowledgment>();
  for (const entry of entries) {
    const one = acknowledgmentOf(entry);
    if (!one) continue;
    const key = `${one.document} ${one.destination}`;
    const known = folded.get(key);
    folded.set(key, known ? merged(known, one) : one);
  }
  return folded;
}

export type AcknowledgmentState =
  | 'Expected'
  | 'Overdue'
  | 'Received'
  | 'Accepted'
  | 'AcceptedWithErrors'
  | 'PartiallyAccepted'
  | 'Rejected';

/** A receipt alone does not fulfil the expectation. */
export function stateOfAcknowledgment({ verdict, rank, dueAt }: Acknowledgment, now: number): AcknowledgmentState {
  if (rank < 2 && dueAt !== null && dueAt < now) return 'Overdue';
  return (verdict as AcknowledgmentState | null) ?? 'Expected';
}
