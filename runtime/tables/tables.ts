/**
 * The live tables of one runtime: what expressions ask, what documents reserve, what is applied to rows. One connection listens for the
 * changes that other pods make; the pod whose connection leads does what is done once: expiry, seeds, marks, releases.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Current } from '../broker/link.ts';
import type { Document } from '../document.ts';
import type { Row } from '../mapping/lookups.ts';
import type { Table } from '../mapping/mapping.ts';
import { tableOf } from '../mapping/tables.ts';
import type { TablePlan } from '../plan.ts';
import { rankOf } from '../store/rank.ts';
import { quoted } from '../store/schemas.ts';
import { StoreUnavailableError } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { applyDocuments, releaseDocuments } from './changes.ts';
import { type Database, openDatabase } from './database.ts';
import type { Folding } from './fold.ts';
import { LiveTable, TableUnavailableError } from './live.ts';
import { reserveDocument } from './reserve.ts';
import type { Arriving } from './standing.ts';

/** What a table's documents and rows are asked for. */
export interface Tables {
  /** The table as expressions see it; the same object for all versions of a table. */
  handle(plan: TablePlan): Table;
  /** Brings these tables into force. `waited`: documents may wait for rows of other tables, too. */
  use(tables: ReadonlyMap<string, Folding>, waited: boolean): void;
  /** Tables in force of which a document of this type reserves rows. */
  reserving(type: string): LiveTable[];
  /** Takes documents into a table. Throws DocumentError (of the first that cannot be taken; then none is) or StoreUnavailableError. */
  apply(table: string, documents: readonly Arriving[]): Promise<void>;
  /** See reserveDocument; `rows` are what the rules are to see. Throws TableUnavailableError where a table cannot be asked. */
  reserve<T>(
    tables: readonly LiveTable[],
    document: Arriving,
    as: 'Reserved' | 'Accepted',
    check: (rows: Map<LiveTable, Map<string, Row | undefined>>) => Promise<T>,
  ): Promise<T>;
  /** Takes back what was reserved for documents that will not be accepted; what cannot be reached now runs out by itself. */
  release(documents: readonly Document[]): Promise<void>;
  /** Every document that was accepted before `at` (epoch ms) is in the rows now. */
  mark(table: string, at: number): Promise<void>;
  /** Has the seed read again, by the pod that leads. */
  wantSeed(table: string): Promise<void>;
  /** A document is about to be parked at this place until the table has the row. */
  wait(row: { table: string; key: string }, document: string, place: string, atLeastMs: number): Promise<void>;
  /** Called when a table's seed cannot be read, or can again. */
  onTrouble(listener: () => void): void;
  /** While this runtime leads, about once a second, with the tables in force. */
  onLead(lead: Lead): void;
  /** Tells everybody that rows are others. */
  changed(table: string, keys: string[]): Promise<void>;
  /** Rows after a key, in the order of keys; of these owners, or of all. */
  list(
    table: string,
    owners: readonly string[] | undefined,
    after: string,
    limit: number,
  ): Promise<{ key: string; row: Row }[]>;
  get(name: string): LiveTable | undefined;
  close(): Promise<void>;
}

export interface TablesOptions {
  url: Current<string>;
  namespace: string;
  log: Log;
}
type Lead = (database: Database, tables: readonly LiveTable[]) => Promise<void>;
interface Hearing {
  lead: Lead;
  onTrouble(): void;
}

const LOOK_MS = 1_000;

export function openTables(options: TablesOptions): Tables {
  const { log } = options;
  const database = openDatabase(options);
  const known = new Map<string, LiveTable>();
  let inForce = new Map<string, LiveTable>();
  const closing = new AbortController();
  let listening: Promise<void> | undefined;
  const heard: Hearing = { lead: async () => {}, onTrouble: () => {} };

  const handle = (folding: Folding): LiveTable => {
    const { name } = folding.plan;
    const table = known.get(name) ?? new LiveTable(folding, database);
    known.set(name, table);
    return table;
  };
  const changed = async (name: string, keys: string[]) => {
    if (keys.length === 0) return;
    known.get(name)?.forget(keys);
    // After the commit and apart from it: a notification inside would have all commits wait for one another.
    void notify(database, name, keys).catch((error: Error) =>
      log.warn('other pods were not told of changed rows', { table: name, error: error.message }),
    );
  };
  const unavailable = (table: LiveTable, error: unknown): unknown =>
    error instanceof StoreUnavailableError && !(error instanceof TableUnavailableError)
      ? new TableUnavailableError(table.folding, error.message, error)
      : error;

  return {
    handle: (plan) => handle({ plan, events: [], tables: {} }),
    use(tables, waited) {
      inForce = new Map(
        [...tables].map(([name, folding]) => {
          const table = handle(folding);
          table.folding = folding;
          return [name, table];
        }),
      );
      if (inForce.size > 0 || waited)
        listening ??= listen(log, heard, database, known, () => [...inForce.values()], closing.signal);
    },
    reserving: (type) =>
      [...inForce.values()].filter(({ folding }) =>
        folding.events.some(({ plan }) => plan.type === type && plan.reserve !== undefined),
      ),
    async apply(name, documents) {
      const table = inForce.get(name);
      if (!table) throw new Error(`no live table ${name} is in force`);
      await changed(name, await applyDocuments(database, table.folding, documents));
    },
    async reserve(tables, document, as, check) {
      for (const table of tables) {
        const why = table.trouble(Date.now());
        if (why) throw new TableUnavailableError(table.folding, why);
      }
      const byFolding = new Map(tables.map((table) => [table.folding, table]));
      try {
        const reserved = await reserveDocument(
          database,
          [...byFolding.keys()],
          document,
          ({ plan }) => (as === 'Reserved' ? plan.live!.reserveForMs : undefined),
          (rows) => check(new Map([...rows].map(([folding, found]) => [byFolding.get(folding)!, found]))),
        );
        await Promise.all([...reserved.changed].map(([{ plan }, keys]) => changed(plan.name, keys)));
        return reserved.value;
      } catch (error) {
        throw unavailable(tables[0]!, error);
      }
    },
    async release(documents) {
      for (const [type, some] of Map.groupBy(documents, (document) => document.type))
        for (const table of this.reserving(type)) {
          const ids = some.map(({ id }) => id);
          await releaseDocuments(database, table.folding, ids).then(
            (keys) => changed(table.name, keys),
            (error: Error) =>
              log.warn('a reservation stays until it runs out', { table: table.name, error: error.message }),
          );
        }
    },
    mark: (table, at) =>
      database.change(async (client) => {
        await client.query(
          `insert into live_tables as t (name, current_at) values ($1, to_timestamp($2::float8 / 1000))
           on conflict (name) do update set current_at = greatest(t.current_at, excluded.current_at)`,
          [table, at],
        );
      }),
    wantSeed: (table) =>
      database.change(async (client) => {
        await client.query(
          `insert into live_tables (name, seed_wanted_at) values ($1, now())
           on conflict (name) do update set seed_wanted_at = now()`,
          [table],
        );
      }),
    changed,
    wait: async ({ table, key }, document, place, atLeastMs) => {
      await database.read(
        `insert into live_waiting (tbl, key, document, place, not_before)
         values ($1, $2, $3, $4, now() + make_interval(secs => $5::float8))
         on conflict (tbl, key, document, place) do update set not_before = excluded.not_before, looks = 0`,
        [table, key.replaceAll('\0', ''), document, place, atLeastMs / 1_000],
      );
    },
    onTrouble(listener) {
      heard.onTrouble = listener;
    },
    onLead(lead) {
      heard.lead = lead;
    },
    async list(name, owners, after, limit) {
      const rows = await database.read<{ key: string; row: string }>(
        `select key, row from live_rows where tbl = $1 and key > $2 and row is not null
           and ($3::text[] is null or owner = any($3)) order by key limit $4`,
        [name, after.replaceAll('\0', ''), owners ?? null, limit],
      );
      return rows.map(({ key, row }) => ({ key, row: JSON.parse(row) as Row }));
    },
    get: (name) => inForce.get(name),
    async close() {
      closing.abort();
      await listening;
      await database.close();
    },
  };
}

const nothing = async () => {};
/** Without PostgreSQL: live tables are empty, and nothing is reserved. */
export const NO_TABLES: Tables = {
  handle: tableOf,
  use: () => {},
  reserving: () => [],
  apply: nothing,
  reserve: (_tables, _document, _as, check) => check(new Map()),
  release: nothing,
  mark: nothing,
  wantSeed: nothing,
  changed: nothing,
  wait: nothing,
  onTrouble: () => {},
  onLead: () => {},
  get: () => undefined,
  list: async () => [],
  close: nothing,
};

const CANCELS: ReadonlySet<string> = new Set(['cancel', 'reverse']);

/** A document as tables take it. The action Cancel (or Reverse) takes back what the thing's revisions did. */
export const arrivingOf = (document: Document, body: unknown): Arriving => ({
  id: document.id,
  type: document.type,
  origin: document.origin,
  source: document.source,
  acceptedAt: document.receivedAt,
  epoch: document.epoch,
  body,
  ...(document.revision && {
    revision: {
      key: document.revision.key.replaceAll('\0', '\ufffd').slice(0, 500),
      rank: rankOf(document.revision.sequence),
      cancels: CANCELS.has(document.revision.action.toLowerCase()),
    },
  }),
});

/** A notification holds 8,000 bytes; of very many rows it is told that any may be another. */
const MOST_BYTES = 7_000;
const MOST_NOTES = 20;
async function notify(database: Database, table: string, keys: readonly string[]): Promise<void> {
  const notes: string[] = [];
  let part: string[] = [];
  let bytes = 0;
  for (const key of keys) {
    const size = Buffer.byteLength(JSON.stringify(key)) + 1;
    if (bytes + size > MOST_BYTES) {
      notes.push(JSON.stringify([table, ...part]));
      part = [];
      bytes = 0;
    }
    part.push(key);
    bytes += size;
  }
  if (part.length > 0) notes.push(JSON.stringify([table, ...part]));
  const told = notes.length > MOST_NOTES ? [JSON.stringify([table])] : notes;
  await database.read('select pg_notify(c.name, n) from live_channel as c, unnest($1::text[]) as n', [told]);
}

/** Until the signal: one connection after another that hears of changes, and looks once a second. */
async function listen(
  log: Log,
  heard: Hearing,
  database: Database,
  known: ReadonlyMap<string, LiveTable>,
  inForce: () => LiveTable[],
  signal: AbortSignal,
): Promise<void> {
  const pause = () => sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  while (!signal.aborted) {
    let client: pg.Client | undefined;
    try {
      client = await database.connect();
      const broken = new Promise<never>((_, reject) => {
        client!.once('error', reject);
        client!.once('end', () => reject(new Error('the connection ended')));
      });
      broken.catch(() => {});
      client.on('notification', ({ payload }) => {
        const [name, ...keys] = JSON.parse(payload ?? '[]') as string[];
        known.get(name ?? '')?.forget(keys.length > 0 ? keys : undefined);
      });
      const { rows } = await client.query<{ name: string }>('select name from live_channel');
      await client.query(`listen ${quoted(rows[0]!.name)}`);
      // What changed before was not heard.
      for (const table of known.values()) table.forget();
      // A lock of the connection: it leads as long as it lives.
      let leads = false;
      while (!signal.aborted) {
        leads = await look(client, database, known, leads, heard);
        if (leads) await Promise.race([heard.lead(database, inForce()), broken]);
        await Promise.race([pause(), broken]);
      }
    } catch (error) {
      if (!signal.aborted) log.warn('live tables are not listened to', { error: (error as Error).message });
    }
    for (const table of known.values()) table.knowledge = { ...table.knowledge, deaf: true };
    await client?.end().catch(() => {});
    if (!signal.aborted) await pause();
  }
}

interface TableRow {
  name: string;
  seeded: number | null;
  current: number | null;
  trouble: string | null;
}

/** Takes what PostgreSQL knows of the tables; true if this connection leads, as it may have done before. */
async function look(
  client: pg.Client,
  database: Database,
  known: ReadonlyMap<string, LiveTable>,
  leads: boolean,
  heard: Hearing,
): Promise<boolean> {
  const heardAt = Date.now();
  const { rows } = await client.query<TableRow>(
    `select name, extract(epoch from seeded_at)::float8 * 1000 as seeded, extract(epoch from current_at)::float8 * 1000 as current,
       seed_trouble as trouble
     from live_tables`,
  );
  let toldTrouble = false;
  const told = new Map(rows.map((row) => [row.name, row]));
  for (const table of known.values()) {
    const { seeded, current, trouble } = told.get(table.name) ?? {};
    toldTrouble ||= (trouble ?? undefined) !== table.knowledge.seedTrouble;
    table.knowledge = {
      heardAt,
      deaf: false,
      ...(typeof seeded === 'number' && { seededAt: seeded }),
      ...(typeof current === 'number' && { currentAt: current }),
      ...(trouble && { seedTrouble: trouble }),
    };
  }
  if (toldTrouble) heard.onTrouble();
  if (leads) return true;
  const led = await client.query<{ leads: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 1)) as leads', [
    database.schema,
  ]);
  return led.rows[0]?.leads ?? false;
}
