/**
 * Which documents count, before and after one more is taken: of the revisions of one thing the highest sequence, of equal ones the first
 * accepted. Pure, and the same as the statement by which rows are made anew (`changes.ts`) says it.
 */
import type { Contribution, TableDocument, Touch } from './fold.ts';

/** A document with what decides whether it counts. */
export interface Arriving extends TableDocument {
  epoch: number;
  revision?: { key: string; rank: string; cancels: boolean };
}

/** Of `live_documents`, what makes a document. */
export interface DocumentRow {
  document: string;
  type: string;
  origin: 'partner' | 'system';
  source: string;
  accepted_at: string;
  body: string;
}
export interface RevisedRow extends DocumentRow {
  revision_key: string | null;
  rank: string;
  cancels: boolean;
  epoch: number;
}

export const documentOf = ({ document: id, type, origin, source, accepted_at, body }: DocumentRow): TableDocument => ({
  ...{ id, type, origin, source },
  acceptedAt: Number(accepted_at),
  body: JSON.parse(body),
});

/** `document` is what `documentOf` made of the row. */
export const arrivingOf = (row: RevisedRow, document = documentOf(row)): Arriving => ({
  ...document,
  epoch: row.epoch,
  ...(row.revision_key !== null && { revision: { key: row.revision_key, rank: row.rank, cancels: row.cancels } }),
});

/** A document that the table has, with the rows that it touches. */
export interface Stored extends Arriving {
  touches: readonly Touch[];
  /** Reserved, not accepted. */
  reserved: boolean;
  /** A reservation that ran out counts for nothing. */
  expired: boolean;
}

/** What the rows get of the `rivals`, those of the same thing as the arriving one and itself, were it not there, nor any of that thing. */
export const standingWithout = (arriving: Arriving, rivals: readonly Stored[]): Contribution[] =>
  contributions(rivals, (one) => one.id !== arriving.id && !(arriving.revision && sameThing(one, arriving)));

/**
 * What the rows get of them once it is taken. A reservation never takes the place of an accepted document, an older epoch never of a
 * newer one.
 */
export function standingWith(
  arriving: Arriving,
  touches: readonly Touch[],
  reserved: boolean,
  rivals: readonly Stored[],
): Contribution[] {
  const own = rivals.find(({ id }) => id === arriving.id);
  if (own && (own.epoch > arriving.epoch || (reserved && !own.reserved))) return contributions(rivals, () => true);
  const acceptedAt = Math.min(arriving.acceptedAt, own?.acceptedAt ?? arriving.acceptedAt);
  const taken: Stored = { ...arriving, acceptedAt, touches, reserved, expired: false };
  return contributions([...rivals.filter((one) => one !== own), taken], () => true);
}

function contributions(documents: readonly Stored[], counts: (one: Stored) => boolean): Contribution[] {
  const living = documents.filter(({ expired }) => !expired);
  const beaten = (one: Stored) => living.some((other) => sameThing(one, other) && beats(other, one));
  return living
    .filter((one) => counts(one) && !one.revision?.cancels && !beaten(one))
    .flatMap((one) => one.touches.map((touch) => ({ ...touch, document: one })));
}

const sameThing = (one: Arriving, other: Arriving): boolean =>
  one.revision !== undefined &&
  one.revision.key === other.revision?.key &&
  one.type === other.type &&
  one.source === other.source;

function beats(one: Arriving, other: Arriving): boolean {
  const byRank = Buffer.compare(Buffer.from(one.revision!.rank), Buffer.from(other.revision!.rank));
  if (byRank !== 0) return byRank > 0;
  return one.acceptedAt < other.acceptedAt || (one.acceptedAt === other.acceptedAt && one.id < other.id);
}
