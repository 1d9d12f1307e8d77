/** Which version of a mapping made what: from the journal, in the transaction of its entries, so that what a bad one made is found. */
import type pg from 'pg';
import type { JournalEntry } from '../../runtime/journal/entry.ts';
import { columns, sorted } from '../rows.ts';

interface Made {
  mapping: string;
  hash: string;
  document: string;
  /** '' for the canonical body, else the destination that it was mapped for. */
  destination: string;
  at: number;
}

const VERSION = /^([a-z0-9-]{1,63})@([0-9a-f]{8,64})$/;

export function versionsOf({ outcome, document, destination, at, detail = {} }: JournalEntry): Made[] {
  const made: Made[] = [];
  for (const [name, value] of Object.entries(detail)) {
    if (name !== 'mapping' && !name.startsWith('mapping/')) continue;
    const [, mapping, hash] = VERSION.exec(String(value)) ?? [];
    if (mapping === undefined || hash === undefined) continue;
    if (name === 'mapping') made.push({ mapping, hash, document, destination, at });
    else if (outcome === 'Routed')
      made.push({ mapping, hash, document, destination: `${destination}/${name.slice('mapping/'.length)}`, at });
  }
  return made;
}

/** Within the caller's transaction. */
export async function writeVersions(
  client: pg.ClientBase,
  namespace: string,
  entries: readonly JournalEntry[],
): Promise<void> {
  const rows = new Map<string, Made>();
  for (const made of entries.flatMap(versionsOf)) {
    const key = `${made.mapping} ${made.hash} ${made.document} ${made.destination}`;
    const known = rows.get(key);
    if (!known || made.at < known.at) rows.set(key, made);
  }
  if (rows.size === 0) return;
  await client.query(
    `insert into mapped_by (namespace, mapping, hash, document, destination, at)
     select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
     on conflict (namespace, mapping, hash, document, destination) do update set at = excluded.at where excluded.at < mapped_by.at`,
    [namespace, ...columns(sorted(rows), (m) => [m.mapping, m.hash, m.document, m.destination, m.at])],
  );
}

export interface MappingVersion {
  mapping: string;
  hash: string;
  documents: number;
  /** Epoch ms. */
  firstAt: number;
  lastAt: number;
}
/** Versions that made something, newest first. */
export async function readVersions(database: pg.Pool, namespace: string, mapping?: string): Promise<MappingVersion[]> {
  const { rows } = await database.query<MappingVersion>(
    `select mapping, hash, count(distinct document)::int as documents, min(at)::float8 as "firstAt", max(at)::float8 as "lastAt"
     from mapped_by where namespace = $1 and ($2::text is null or mapping = $2) group by mapping, hash order by mapping, max(at) desc`,
    [namespace, mapping ?? null],
  );
  return rows;
}
