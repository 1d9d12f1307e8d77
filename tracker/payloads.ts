/** The stream of payloads in PostgreSQL: what documents hold, by document and destination. Searched by documents' business keys. */
import type pg from 'pg';
import { type PayloadEntry, placeBodies, splitPayloads } from '../runtime/journal/payload.ts';
import { PAYLOADS } from '../runtime/names.ts';
import { int, misfit, readEntries, type Test, text, time } from './read.ts';
import { columns, sorted } from './rows.ts';
import type { Followed } from './store.ts';
import { touch } from './touched.ts';

const NEEDED: Record<string, Test> = {
  id: text(200),
  document: text(500),
  destination: text(600),
  type: text(500),
  source: text(500),
  contentType: text(200),
  hash: text(200),
  epoch: int,
  bytes: time,
  at: time,
};
const OPTIONAL: Record<string, Test> = { same: (value) => value === true };

const ROWS = `
  insert into payloads (namespace, document, destination, epoch, at, hash, bytes, content_type, same, body)
  select $1, * from unnest($2::text[], $3::text[], $4::int[], $5::bigint[], $6::text[], $7::bigint[], $8::text[], $9::bool[], $10::bytea[])
  on conflict (namespace, document, destination, epoch) do update set
    at = excluded.at, hash = excluded.hash, bytes = excluded.bytes, content_type = excluded.content_type,
    same = excluded.same, body = excluded.body
  where (excluded.at, excluded.hash) < (payloads.at, payloads.hash)`;

/** Of two payloads of one place and epoch (a stage wrote again after a crash) the earlier stays; of equal times the lesser hash. */
const stays = (a: PayloadEntry, b: PayloadEntry): boolean => a.at < b.at || (a.at === b.at && a.hash <= b.hash);

export const PAYLOAD_STREAM: Followed<PayloadEntry> = {
  queue: PAYLOADS,
  noun: 'stream of payloads',
  positions: 'payload_positions',
  // A message has at most some 2 MiB, mostly far less.
  prefetch: 40,
  read(message, offset) {
    const { heads, bodies } = splitPayloads(message);
    return readEntries(
      heads,
      offset,
      (value) => misfit(value, NEEDED, OPTIONAL),
      (values) => placeBodies(values, bodies),
    );
  },
  async write(client, namespace, entries) {
    if (entries.length === 0) return;
    const rows = new Map<string, PayloadEntry>();
    for (const entry of entries) {
      const key = `${entry.document} ${entry.destination} ${entry.epoch}`;
      const known = rows.get(key);
      if (!known || !stays(known, entry)) rows.set(key, entry);
    }
    await touch(
      client,
      namespace,
      entries.map(({ document }) => document),
    );
    await client.query(ROWS, [
      namespace,
      ...columns(sorted(rows), (p) => [
        p.document,
        p.destination,
        p.epoch,
        p.at,
        p.hash,
        p.bytes,
        p.contentType,
        p.same ?? false,
        p.body ?? null,
      ]),
    ]);
  },
  async knows(pool, namespace, { body }) {
    const first = this.read(body, 0n).entries[0];
    if (!first) return false;
    const { rowCount } = await pool.query(
      'select from payloads where namespace = $1 and document = $2 and destination = $3 and epoch = $4',
      [namespace, first.document, first.destination, first.epoch],
    );
    return rowCount === 1;
  },
};

export interface Payload {
  document: string;
  /** '' for the canonical body, RECEIVED for what came. */
  destination: string;
  epoch: number;
  at: number;
  hash: string;
  /** Length as it was, also of one that is not kept. */
  bytes: number;
  contentType: string;
  /** null: too large, only its hash is kept. */
  body: Buffer | null;
}

/** All payloads under these ids, of documents or of interchanges, canonical bodies first. */
export async function readPayloads(
  database: pg.Pool | pg.ClientBase,
  namespace: string,
  documents: readonly string[],
): Promise<Payload[]> {
  const { rows } = await database.query<Payload>(
    `select p.document, p.destination, p.epoch, p.at::float8 as at, p.hash, p.bytes::float8 as bytes, p.content_type as "contentType",
       case when p.same then (select c.body from payloads c where c.namespace = p.namespace and c.document = p.document
         and c.destination = '' and c.hash = p.hash order by c.epoch desc limit 1) else p.body end as body
     from payloads p where p.namespace = $1 and p.document = any($2) order by p.document, p.destination, p.epoch`,
    [namespace, documents],
  );
  return rows;
}
