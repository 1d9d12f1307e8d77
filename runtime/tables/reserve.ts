/**
 * A document's events into the rows of tables, if its rules pass. Its sender waits, so PostgreSQL is asked twice alone: locks and all that the
 * rows are made of, then what is new of them together with the commit.
 */
import type pg from 'pg';
import type { Row } from '../mapping/lookups.ts';
import { groupLocks, writeDocuments, writeRows } from './changes.ts';
import type { Database } from './database.ts';
import { type Contribution, type Folding, foldRow, type TableDocument, type Touch, touchesOf } from './fold.ts';
import {
  type Arriving,
  arrivingOf,
  documentOf,
  type RevisedRow,
  type Stored,
  standingWith,
  standingWithout,
} from './standing.ts';

type Rows = Map<string, Row | undefined>;

/**
 * Takes a document's events into the rows of all these tables, for a time or (undefined) for good, if `check` passes: it is given the rows as they are
 * without this document and what it replaces, and nobody changes them meanwhile. The same document again is checked again, and
 * counts once.
 */
export async function reserveDocument<T>(
  database: Database,
  tables: readonly Folding[],
  document: Arriving,
  reserveForMs: (table: Folding) => number | undefined,
  check: (rows: Map<Folding, Rows>) => Promise<T>,
): Promise<{ value: T; changed: Map<Folding, string[]> }> {
  const sorted = [...tables].sort((a, b) => (a.plan.name < b.plan.name ? -1 : 1));
  const arriving = sorted.map((table) => ({ table, touches: touchesOf(table, document) }));
  const { value, last } = await database.change(async (client) => {
    const opened: Opened[] = [];
    for (const { table, touches } of arriving) opened.push(await open(client, table, document, touches));
    const before = opened.map((one) => [one.table, foldAll(one, standingWithout(document, one.rivals))] as const);
    const value = await check(new Map(before));
    const after = arriving.map(({ table, touches }, i) => {
      const forMs = reserveForMs(table);
      const standing = standingWith(document, touches, forMs !== undefined, opened[i]!.rivals);
      return { table, touches, forMs, rows: foldAll(opened[i]!, standing) };
    });
    // Sent now, and answered with the commit that follows.
    const last = after.map(async ({ table, touches, forMs, rows }) => {
      const written = writeDocuments(client, table.plan.name, [{ document, touches }], forMs);
      const [changed] = await Promise.all([writeRows(client, table, rows), written]);
      return [table, changed] as const;
    });
    for (const each of last) each.catch(() => {});
    return { value, last };
  });
  // What was refused took all of it back.
  return { value, changed: new Map(await Promise.all(last)) };
}

/** Rows that a document may change, locked, and what they are made of. */
interface Opened {
  table: Folding;
  bases: ReadonlyMap<string, Row | undefined>;
  /** Of documents that this one does not change. */
  others: readonly Contribution[];
  rivals: readonly Stored[];
}

function foldAll({ table, bases, others }: Opened, standing: readonly Contribution[]): Rows {
  const byKey = Map.groupBy([...others, ...standing], ({ key }) => key);
  return new Map([...bases].map(([key, base]) => [key, foldRow(table, key, base, byKey.get(key) ?? [])]));
}

/** Without `document`, `body` is the row's base. */
type OpenedRow =
  | { document: null; key: string; body: string | null }
  | (RevisedRow & {
      key: string | null;
      event: number;
      n: number;
      reserved: boolean;
      expired: boolean;
      rival: boolean;
    });

async function open(
  client: pg.ClientBase,
  table: Folding,
  document: Arriving,
  touches: readonly Touch[],
): Promise<Opened> {
  const { rows } = await client.query<OpenedRow>({
    name: 'live_open',
    text: 'select * from live_open($1, $2, $3, $4, $5, $6, $7)',
    values: [
      table.plan.name,
      groupLocks(table.plan.name, [document]),
      document.id,
      document.type,
      document.source,
      document.revision?.key ?? null,
      [...new Set(touches.map(({ key }) => key))],
    ],
  });
  const bases = new Map<string, Row | undefined>();
  const documents = new Map<string, TableDocument>();
  const others: Contribution[] = [];
  const rivals = new Map<string, Stored & { touches: Touch[] }>();
  for (const row of rows) {
    if (row.document === null) {
      bases.set(row.key, row.body === null ? undefined : (JSON.parse(row.body) as Row));
      continue;
    }
    const { key, event, n, document: id, rival, reserved, expired } = row;
    const known = documents.get(id) ?? documentOf(row);
    documents.set(id, known);
    if (rival && !rivals.has(id)) rivals.set(id, { ...arrivingOf(row, known), reserved, expired, touches: [] });
    // An event that the table does not have any more; the rows are about to be made anew.
    if (key === null || !table.events[event]) continue;
    if (rival) rivals.get(id)!.touches.push({ key, event, n });
    else others.push({ key, event, n, document: known });
  }
  return { table, bases, others, rivals: [...rivals.values()] };
}
