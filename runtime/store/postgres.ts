/** Claims and control numbers in PostgreSQL: one schema per namespace, so that a namespace's role sees no other's. */
import type pg from 'pg';
import type { Current } from '../broker/link.ts';
import { sha256Hex } from '../canonical.ts';
import type { Log } from '../telemetry/log.ts';
import { makeTables, openPool } from './connection.ts';
import { digits, MAX_INDEXED, numeric, rankOf } from './rank.ts';
import { schemaOf } from './schemas.ts';
import { type Claim, type ClaimResult, type Store, StoreUnavailableError } from './store.ts';

export { rankOf } from './rank.ts';

export interface StoreOptions {
  /** `postgres://user:password@host:port/database`. Never logged. A function is asked at each new connection. */
  url: Current<string>;
  namespace: string;
  log: Log;
}

const TABLES = `
  create table if not exists claims (
    type text not null, source text not null, key text not null, sequence text not null,
    rank text collate "C" not null,
    document text not null, body_hash text not null, superseded_by text,
    claimed_at timestamptz not null default now(),
    primary key (type, source, key, sequence)
  );
  create index if not exists claims_by_rank on claims (type, source, key, rank);
  create table if not exists counters (counter text primary key, value bigint not null);
  create table if not exists control_numbers (
    counter text not null, document text not null, destination text not null, number bigint not null,
    drawn_at timestamptz not null default now(),
    primary key (counter, document, destination)
  );
  create index if not exists control_numbers_by_number on control_numbers (counter, number);`;

const CLAIM = `
  insert into claims (type, source, key, sequence, rank, document, body_hash, superseded_by)
  select distinct on (type, source, key, sequence) i.type, i.source, i.key, i.sequence, i.rank, i.document, i.body_hash, coalesce((
    select c.document from claims c
    where c.type = i.type and c.source = i.source and c.key = i.key and c.rank > i.rank collate "C"
    order by c.rank desc limit 1), i.overtaken_by)
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) with ordinality
    as i (type, source, key, sequence, rank, document, body_hash, overtaken_by, n)
  order by type, source, key, sequence, n
  on conflict do nothing`;
const CLAIMED = `
  select c.document, c.body_hash, c.superseded_by
  from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as i (type, source, key, sequence, n)
  join claims c using (type, source, key, sequence) order by i.n`;

/** PostgreSQL takes neither U+0000 nor halves of surrogate pairs. */
const indexed = (text: string): string =>
  text.length <= MAX_INDEXED && !text.includes('\0') && text.isWellFormed() ? text : `sha256:${sha256Hex(text)}`;

interface Waiting {
  claim: Claim;
  resolve(result: ClaimResult): void;
  reject(error: Error): void;
}
const MAX_BATCH = 500;

/** Opens at once; the schema is made at the first use that reaches PostgreSQL. */
export function openStore({ url, namespace, log }: StoreOptions): Store {
  const schema = schemaOf(namespace);
  const pool = openPool(
    {
      url,
      max: 4,
      keepAlive: true,
      connectionTimeoutMillis: 3_000,
      statement_timeout: 10_000,
      query_timeout: 12_000,
      options: `-c search_path=${schema}`,
      application_name: `crossdock-runtime-${namespace}`,
    },
    log,
  );
  let prepared: Promise<void> | undefined;
  let healthy = true;
  const prepare = () => {
    prepared ??= makeTables(pool, schema, TABLES).catch((error) => {
      prepared = undefined;
      throw error;
    });
    return prepared;
  };
  const reached = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      await prepare();
      const value = await work();
      healthy = true;
      return value;
    } catch (error) {
      healthy = false;
      // The schema is gone, as after a restore: it is made again at the next use.
      if (['42P01', '3F000'].includes((error as { code?: string }).code ?? '')) prepared = undefined;
      throw new StoreUnavailableError(`PostgreSQL: ${(error as Error).message}`, { cause: error });
    }
  };

  let waiting: Waiting[] = [];
  let running = false;
  const flush = async () => {
    running = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MAX_BATCH);
      try {
        const results = await reached(() =>
          claimAll(
            pool,
            batch.map(({ claim }) => claim),
          ),
        );
        for (const [i, { resolve }] of batch.entries()) resolve(results[i]!);
      } catch (error) {
        for (const { reject } of batch) reject(error as Error);
      }
    }
    running = false;
  };

  return {
    get healthy() {
      return healthy;
    },
    claim(claim) {
      const { promise, resolve, reject } = Promise.withResolvers<ClaimResult>();
      waiting.push({ claim, resolve, reject });
      // What arrives while a statement runs goes with the next one.
      if (!running) queueMicrotask(() => !running && void flush());
      return promise;
    },
    controlNumber: (counter, document, destination) => reached(() => drawNumber(pool, counter, document, destination)),
    numbered: (counters, number) =>
      reached(async () => {
        const { rows } = await pool.query<{ document: string; destination: string }>(
          `select document, destination from control_numbers where counter = any($1) and number = $2
           order by array_position($1, counter) limit 1`,
          [counters, number],
        );
        return rows[0];
      }),
    async close() {
      for (const { reject } of waiting) reject(new StoreUnavailableError('the store was closed'));
      waiting = [];
      await pool.end();
    },
  };
}

async function claimAll(pool: pg.Pool, claims: Claim[]): Promise<ClaimResult[]> {
  const column = (pick: (claim: Claim) => string) => claims.map(pick);
  const sequence = ({ sequence: text }: Claim) => indexed(numeric(text) ? digits(text) : text);
  const key = [column((c) => c.type), column((c) => c.source), column((c) => indexed(c.key)), column(sequence)];
  const ranks = column((c) => rankOf(c.sequence));
  const documents = column((c) => c.document);
  await pool.query(CLAIM, [...key, ranks, documents, column((c) => c.bodyHash), overtaken(claims, ranks)]);
  const { rows } = await pool.query<{ document: string; body_hash: string; superseded_by: string | null }>(
    CLAIMED,
    key,
  );
  if (rows.length !== claims.length) throw new Error(`${claims.length} claims, but ${rows.length} are there`);
  return rows.map((row, i): ClaimResult => {
    const claim = claims[i]!;
    if (row.document === claim.document)
      return row.superseded_by ? { verdict: 'Superseded', by: row.superseded_by } : { verdict: 'New' };
    return row.body_hash === claim.bodyHash
      ? { verdict: 'Duplicate', of: row.document }
      : { verdict: 'Conflict', with: row.document };
  });
}

/** Within one batch, too, a claim is superseded by a later sequence that came before it. */
function overtaken(claims: readonly Claim[], ranks: readonly string[]): (string | null)[] {
  const highest = new Map<string, { rank: string; document: string }>();
  return claims.map(({ type, source, key, document }, i) => {
    const of = JSON.stringify([type, source, key]);
    const rank = ranks[i]!;
    const known = highest.get(of);
    if (known && known.rank > rank) return known.document;
    highest.set(of, { rank, document });
    return null;
  });
}

async function drawNumber(pool: pg.Pool, counter: string, document: string, destination: string): Promise<number> {
  const known = 'select number from control_numbers where counter = $1 and document = $2 and destination = $3';
  const key = [counter, document, destination];
  const before = await pool.query<{ number: string }>(known, key);
  if (before.rows[0]) return Number(before.rows[0].number);
  // Two pods that draw at once: one number is skipped, both use the one that was stored.
  await pool.query(
    `with next as (
       insert into counters values ($1, 1) on conflict (counter) do update set value = counters.value + 1 returning value)
     insert into control_numbers (counter, document, destination, number)
     select $1, $2, $3, value from next on conflict do nothing`,
    key,
  );
  const after = await pool.query<{ number: string }>(known, key);
  return Number(after.rows[0]!.number);
}
