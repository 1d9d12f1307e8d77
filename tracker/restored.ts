/**
 * After PostgreSQL was restored to a state that is older than the broker's: what was claimed and numbered since is unknown to it, so a duplicate
 * would pass as new and a control number would be used twice. The journal knows the documents, and the tracker has read it again by now.
 */
import type pg from 'pg';
import { quoted, schemaOf } from '../runtime/store/schemas.ts';
import type { Store } from '../runtime/store/store.ts';

interface Row {
  id: string;
  type: string;
  origin: string;
  source: string;
  revision: { key: string; sequence: string };
  hash: string | null;
}

/** In the order in which they came: what was claimed by one of them then is claimed by it now. */
const CLAIMANTS = `
  select d.id, d.type, d.origin, d.source, d.revision, e.hash
  from documents d left join lateral (
    select body->>'bodyHash' as hash from entries
    where namespace = d.namespace and document = d.id and body->>'bodyHash' is not null order by epoch desc limit 1) e on true
  where d.namespace = $1 and d.revision is not null and exists (
    select from accounts a where a.namespace = d.namespace and a.document = d.id and a.destination <> ''
      and a.state in ('InFlight', 'Delivered', 'DeadLettered', 'Parked', 'Superseded'))
  order by d.first_at, d.id`;

/**
 * Claims again what the accounts say was claimed; gives how many documents that were. Where the hash of a body is not known any more, a
 * repetition is a conflict, which waits for a person.
 */
export async function claimAgain(tracker: pg.Pool, namespace: string, store: Store): Promise<number> {
  const { rows } = await tracker.query<Row>(CLAIMANTS, [namespace]);
  // One after another, for the order decides; the store makes batches of those that wait.
  await Promise.all(
    rows.map(({ id, type, origin, source, revision, hash }) =>
      store.claim({
        type,
        source: `${origin}/${source}`,
        key: revision.key,
        sequence: revision.sequence,
        document: id,
        bodyHash: hash ?? '',
      }),
    ),
  );
  return rows.length;
}

export interface Counter {
  counter: string;
  value: number;
}
/** Control numbers go on that much later than the restored ones; gives the counters as they stand then. */
export async function skipNumbers(database: pg.Pool, namespace: string, skipped: number): Promise<Counter[]> {
  const { rows } = await database.query<{ counter: string; value: string }>(
    `update ${quoted(schemaOf(namespace))}.counters set value = value + $1 returning counter, value`,
    [skipped],
  );
  return rows
    .map(({ counter, value }) => ({ counter, value: Number(value) }))
    .sort((a, b) => (a.counter < b.counter ? -1 : 1));
}
