/** Documents as the streams tell of them, written one after another. */
import type pg from 'pg';
import { canonicalJson } from '../../runtime/canonical.ts';
import type { JournalEntry } from '../../runtime/journal/entry.ts';
import { canonicalPayload, type PayloadEntry } from '../../runtime/journal/payload.ts';
import { PAYLOAD_STREAM } from '../../tracker/payloads.ts';
import type { Fact } from '../../tracker/process/facts.ts';
import { JOURNAL_STREAM, type Position, readPosition, writeBatchOf } from '../../tracker/store.ts';
import { entry } from './support.ts';

/** What the pipeline would have told of a document. */
export function told(fact: Fact): { entries: JournalEntry[]; payload: PayloadEntry } {
  const [origin, source] = fact.source.split('/') as ['partner' | 'system', string];
  const { id, type, revision, keys } = fact;
  const about = { type, origin, source };
  const body = Buffer.from(canonicalJson(fact.body));
  const document = { ...about, id, receivedAt: fact.at, keys: {}, epoch: 0, bodyHash: fact.bodyHash, body };
  return {
    entries: [
      entry(id, '', 'Accepted', {
        ...about,
        at: fact.at,
        keys: { purchaseOrder: [...keys] },
        ...(revision && { revision }),
      }),
      ...fact.accounts.map(({ destination, at }) =>
        entry(id, destination, 'Delivered', {
          ...about,
          at,
          ...(fact.recipients && { detail: { partner: fact.recipients[0]! } }),
        }),
      ),
    ],
    payload: canonicalPayload({ ...document, contentType: 'application/json' }, fact.at),
  };
}

type Stream = typeof JOURNAL_STREAM | typeof PAYLOAD_STREAM;
async function writeBatchTo<T>(
  stream: Stream,
  database: pg.Pool,
  namespace: string,
  entries: readonly T[],
): Promise<void> {
  const before: Position | undefined = await readPosition(database, namespace, stream);
  const offset = (before?.offset ?? 0n) + 1n;
  const batch = { entries, odd: [], gap: undefined, before, after: { offset, message: `m${offset}` } };
  await writeBatchOf(stream as never, database, namespace, batch as never);
}

/** One thing in a batch of its own. */
export const writer =
  (database: pg.Pool, namespace: string) =>
  (item: JournalEntry | PayloadEntry): Promise<void> =>
    writeBatchTo('outcome' in item ? JOURNAL_STREAM : PAYLOAD_STREAM, database, namespace, [item]);

/** All of them at once: their contents first, as the archive may be ahead. */
export async function writeAll(database: pg.Pool, namespace: string, facts: readonly Fact[]): Promise<void> {
  const all = facts.map(told);
  await writeBatchTo(
    PAYLOAD_STREAM,
    database,
    namespace,
    all.map(({ payload }) => payload),
  );
  await writeBatchTo(
    JOURNAL_STREAM,
    database,
    namespace,
    all.flatMap(({ entries }) => entries),
  );
}
