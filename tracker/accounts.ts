/** What the accounts say: per destination, per document, and as a table of counts. */
import type pg from 'pg';
import type { JournalEntry } from '../runtime/journal/entry.ts';
import { FINALITY, type State } from '../runtime/journal/outranks.ts';
import { fold, stateOfDocument } from './fold.ts';

export interface AccountRow {
  document: string;
  type: string;
  origin: 'partner' | 'system';
  source: string;
  keys: Record<string, string[]>;
  causation: string | null;
  /** '' for intake, `<integration>`, or `<integration>/<destination>`. */
  destination: string;
  state: State | null;
  /** Of the entry that decides; `Expected` for what was opened and not heard of yet. */
  outcome: JournalEntry['outcome'] | 'Expected';
  attempt: number;
  errorClass: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  /** Epoch ms. */
  at: number;
  nextAt: number | null;
}

const ACCOUNT = `select d.id as document, d.type, d.origin, d.source, d.keys, d.causation, a.destination, a.state, a.outcome,
    a.attempt, a.error_class as "errorClass", a.error_code as "errorCode", a.error_message as "errorMessage",
    a.at::float8 as at, a.next_at::float8 as "nextAt"
  from accounts a join documents d on d.namespace = a.namespace and d.id = a.document`;

/** All accounts of a namespace, or those of documents with the given business key value or id. */
export async function readAccounts(database: pg.Pool, namespace: string, value?: string): Promise<AccountRow[]> {
  // Two statements rather than one with an `or`, which would read every account.
  const { rows } = await (value === undefined
    ? database.query(`${ACCOUNT} where a.namespace = $1 order by d.first_at, d.id, a.destination`, [namespace])
    : database.query(
        `${ACCOUNT}
         where a.namespace = $1 and a.document in (
           select document from document_keys where namespace = $1 and value = $2 union select $2)
         order by d.first_at, d.id, a.destination`,
        [namespace, value],
      ));
  return rows as AccountRow[];
}

/** What waits for a person, newest first: dead-lettered and not discarded, or parked. */
export async function readTroubles(database: pg.Pool, namespace: string, limit: number): Promise<AccountRow[]> {
  const { rows } = await database.query(
    `${ACCOUNT}
     where a.namespace = $1 and a.state in ('DeadLettered', 'Parked') and a.outcome <> 'Discarded'
     order by a.at desc, d.id, a.destination limit $2`,
    [namespace, limit],
  );
  return rows as AccountRow[];
}

export type Unsettled = 'InFlight' | 'DeadLettered' | 'Parked';
/** By the index of the unsettled alone, however many accounts are settled. Discarded letters do not count. */
export async function countUnsettled(
  database: pg.Pool,
  namespace: string,
): Promise<Record<Unsettled, { count: number; oldestAt: number | null }>> {
  const { rows } = await database.query<{ state: Unsettled; count: number; oldestAt: number }>(
    `select state, count(*)::int as count, min(at)::float8 as "oldestAt" from accounts
     where namespace = $1 and state in ('InFlight', 'DeadLettered', 'Parked') and outcome <> 'Discarded' group by state`,
    [namespace],
  );
  const none = { count: 0, oldestAt: null };
  const counts: Record<Unsettled, { count: number; oldestAt: number | null }> = {
    InFlight: none,
    DeadLettered: none,
    Parked: none,
  };
  for (const { state, count, oldestAt } of rows) counts[state] = { count, oldestAt };
  return counts;
}

/** What is tried again, and since when its oldest document has been accepted. */
export async function countRetrying(
  database: pg.Pool,
  namespace: string,
): Promise<{ count: number; since: number | null }> {
  const { rows } = await database.query<{ count: number; since: number | null }>(
    `select count(*)::int as count, min(d.first_at)::float8 as since
     from accounts a join documents d on d.namespace = a.namespace and d.id = a.document
     where a.namespace = $1 and a.state = 'InFlight' and a.outcome = 'Retrying'`,
    [namespace],
  );
  return rows[0]!;
}

export interface Marks {
  gaps: number;
  setAside: number;
}
/** How often the journal was not whole, and how many entries were odd, since ever. */
export async function readMarks(database: pg.Pool, namespace: string): Promise<Marks> {
  const { rows } = await database.query<Marks>(
    `select (select count(*) from gaps where namespace = $1)::int as gaps,
       (select count(*) from set_aside where namespace = $1)::int as "setAside"`,
    [namespace],
  );
  return rows[0]!;
}

export interface Count {
  /** '' for intake. */
  destination: string;
  type: string;
  state: State;
  count: number;
}

/** Counts of accounts that have a state, by destination and type. */
export async function countAccounts(database: pg.Pool, namespace: string): Promise<Count[]> {
  const { rows } = await database.query(
    `select a.destination, d.type, a.state, count(*)::int as count
     from accounts a join documents d on d.namespace = a.namespace and d.id = a.document
     where a.namespace = $1 and a.state is not null
     group by 1, 2, 3 order by 1, 2, 3`,
    [namespace],
  );
  return rows as Count[];
}

export interface TracedDocument {
  id: string;
  type: string;
  origin: string;
  source: string;
  keys: Record<string, string[]>;
  causation: string | null;
  /** Over all its destinations. */
  state: State | null;
  /** Epoch ms. */
  at: number;
}
export interface Timeline {
  /** In order of time, as are the entries. */
  documents: TracedDocument[];
  entries: JournalEntry[];
}

/** Everything about the documents that carry a business key value (or have the id), and what they caused. */
export async function readTimeline(database: pg.Pool, namespace: string, value: string): Promise<Timeline> {
  const documents = await database.query<Omit<TracedDocument, 'state'>>(
    `with recursive found as (
       select id from documents where namespace = $1 and id = $2
       union select document from document_keys where namespace = $1 and value = $2
       union select d.id from documents d join found f on d.causation = f.id where d.namespace = $1)
     select id, type, origin, source, keys, causation, first_at::float8 as at
     from documents where namespace = $1 and id in (select id from found) order by first_at, id`,
    [namespace, value],
  );
  const ids = documents.rows.map(({ id }) => id);
  const { rows } = await database.query<{ body: JournalEntry }>(
    'select body from entries where namespace = $1 and document = any($2)',
    [namespace, ids],
  );
  const entries = inOrder(rows.map(({ body }) => body));
  const accounts = Map.groupBy(fold(entries).accounts.values(), ({ document }) => document);
  return {
    documents: documents.rows.map((row) => ({ ...row, state: stateOfDocument(accounts.get(row.id) ?? []) ?? null })),
    entries,
  };
}

/**
 * By time, but never an effect before its cause: stages journal after they have published, so the next one, perhaps in another
 * process, may be first by some ms.
 */
function inOrder(entries: readonly JournalEntry[]): JournalEntry[] {
  const caused = (cause: JournalEntry, { document, epoch, destination }: JournalEntry): boolean =>
    document === cause.document &&
    epoch === cause.epoch &&
    (cause.outcome === 'Accepted' || (cause.outcome === 'Routed' && destination.startsWith(`${cause.destination}/`)));
  const times = new Map(
    entries.map((entry) => [
      entry,
      Math.min(entry.at, ...entries.filter((other) => caused(entry, other)).map(({ at }) => at)),
    ]),
  );
  return entries.toSorted(
    (a, b) =>
      times.get(a)! - times.get(b)! ||
      (a.document === b.document ? a.epoch - b.epoch || FINALITY[a.outcome] - FINALITY[b.outcome] : 0) ||
      (a.id < b.id ? -1 : 1),
  );
}

export async function readGaps(database: pg.Pool, namespace: string): Promise<{ noticedAt: Date; detail: string }[]> {
  const { rows } = await database.query(
    'select noticed_at as "noticedAt", detail from gaps where namespace = $1 order by 1',
    [namespace],
  );
  return rows;
}

/** Journal entries that no row could hold, with the reason. Oldest first. */
export async function readSetAside(
  database: pg.Pool,
  namespace: string,
  limit = 100,
): Promise<{ noticedAt: Date; offset: string; reason: string; body: string }[]> {
  const { rows } = await database.query(
    `select noticed_at as "noticedAt", journal_offset::text as offset, reason, body from set_aside where namespace = $1
     order by journal_offset, noticed_at limit $2`,
    [namespace, limit],
  );
  return rows;
}
