/** How the sequences of a document's revisions are ordered. Equal for claims and for whoever folds documents. */

export const numeric = (sequence: string): boolean => /^\d+$/.test(sequence);
export const digits = (sequence: string): string => sequence.replace(/^0+(?=\d)/, '');

/** An index entry is bounded. */
export const MAX_INDEXED = 200;

/** Numbers of any length order as numbers, everything else as text (ISO dates do). */
export const rankOf = (sequence: string): string =>
  numeric(sequence)
    ? `${String(digits(sequence).length).padStart(4, '0')}:${digits(sequence)}`.slice(0, MAX_INDEXED)
    : sequence.replaceAll('\0', '\ufffd').slice(0, MAX_INDEXED).toWellFormed();
