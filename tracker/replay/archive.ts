/** Delivered documents from the archive: as they were accepted, to the inbox of the integration that delivers them. */
import type pg from 'pg';
import { UnroutableError } from '../../runtime/broker/broker.ts';
import type { Document } from '../../runtime/document.ts';
import type { JournalEntry } from '../../runtime/journal/entry.ts';
import { entryId } from '../../runtime/journal/outranks.ts';
import { againToInbox } from '../../runtime/pipeline/messages.ts';
import type { Courier } from '../acts/contract.ts';

export interface ArchiveItem {
  seq: number;
  document: string;
  destination: string;
  epoch: number;
}
interface Stored {
  document: string;
  type: string;
  origin: Document['origin'];
  source: string;
  keys: Document['keys'];
  revision: Document['revision'] | null;
  causation: string | null;
  receivedAt: number;
  traceparent: string | null;
  hash: string;
  contentType: string;
  body: Buffer;
}
export interface Archived {
  document: Document;
  keyRevision: number;
}

/**
 * By document and destination. The key revision is the highest that was told: an attempt after a definite refusal uses a key of its own, and a
 * replay must use the one that was delivered, so that who honours keys sees no second effect.
 */
export async function readArchived(
  client: pg.ClientBase,
  namespace: string,
  items: readonly ArchiveItem[],
): Promise<Map<string, Archived>> {
  const ids = [...new Set(items.map(({ document }) => document))];
  const { rows } = await client.query<Stored>(
    `select d.id as document, d.type, d.origin, d.source, d.keys, d.revision, d.causation, d.first_at::float8 as "receivedAt",
       (select e.body->>'traceparent' from entries e where e.namespace = $1 and e.document = d.id and e.outcome = 'Accepted' limit 1)
         as traceparent, p.hash, p.content_type as "contentType", p.body
     from documents d cross join lateral (select hash, content_type, body from payloads
       where namespace = $1 and document = d.id and destination = '' and body is not null order by epoch desc limit 1) p
     where d.namespace = $1 and d.id = any($2)`,
    [namespace, ids],
  );
  const { rows: revisions } = await client.query<{ document: string; destination: string; revision: number }>(
    `select document, destination, max((body->'detail'->>'keyRevision')::int) as revision from entries
     where namespace = $1 and document = any($2) and jsonb_typeof(body->'detail'->'keyRevision') = 'number' group by 1, 2`,
    [namespace, ids],
  );
  const stored = new Map(rows.map((row) => [row.document, row]));
  const revisionOf = new Map(revisions.map((row) => [`${row.document} ${row.destination}`, row.revision]));
  return new Map(
    items.flatMap(({ document, destination, epoch }) => {
      const row = stored.get(document);
      const key = `${document} ${destination}`;
      return row ? [[key, { document: documentOf(row, epoch), keyRevision: revisionOf.get(key) ?? 0 }]] : [];
    }),
  );
}

const documentOf = (row: Stored, epoch: number): Document => ({
  id: row.document,
  type: row.type,
  origin: row.origin,
  source: row.source,
  receivedAt: row.receivedAt,
  keys: row.keys,
  bodyHash: row.hash,
  epoch,
  contentType: row.contentType,
  body: row.body,
  ...(row.revision && { revision: row.revision }),
  ...(row.causation && { causation: row.causation }),
  ...(row.traceparent && { traceparent: row.traceparent }),
});

/** Why it could not be sent; undefined when broker and journal have it. */
export async function sendAgain(
  { broker, journal }: Courier,
  { document, keyRevision }: Archived,
  place: string,
  why: Pick<JournalEntry, 'by' | 'reason' | 'detail'>,
): Promise<string | undefined> {
  const [integration = '', destination = ''] = place.split('/');
  try {
    await broker.publish(againToInbox(document, integration, destination, keyRevision));
  } catch (error) {
    if (!(error instanceof UnroutableError)) throw error;
    return `no queue takes documents for ${integration}: bring the Integration back`;
  }
  const { id, type, origin, source, epoch } = document;
  await journal.write({
    id: entryId(id, place, epoch, 'Replayed', 1),
    at: Date.now(),
    outcome: 'Replayed',
    ...{ document: id, type, origin, source, destination: place, epoch, attempt: 1 },
    ...(document.causation && { causation: document.causation }),
    ...why,
  });
  return undefined;
}
