/**
 * Live tables in the namespace's schema of PostgreSQL. Rows and documents are JSON texts, kept as they came. The table's name leads no index
 * of documents and events: there are few tables, and a plan that is made once must not come to read all of one.
 */

export const TABLES = `
  create table if not exists live_tables (
    name text primary key,
    -- What rows were made by; other expressions make all of them anew.
    fold text,
    seeded_at timestamptz, seed_wanted_at timestamptz, seed_trouble text,
    -- Every document that was accepted before that time is in the rows.
    current_at timestamptz
  );
  create table if not exists live_rows (
    tbl text not null, key text collate "C" not null,
    -- From the seed; absent where events alone made the row.
    base text, seed bigint,
    -- Null: events are known, but there is no such row.
    row text, owner text collate "C",
    primary key (tbl, key)
  );
  create index if not exists live_rows_by_owner on live_rows (tbl, owner, key) where row is not null;
  create table if not exists live_documents (
    tbl text not null, document text not null,
    type text not null, origin text not null, source text not null,
    revision_key text, rank text collate "C" not null, cancels boolean not null,
    epoch integer not null, accepted_at bigint not null, body text not null,
    -- Null: the document is accepted. Else a reservation, which counts until then.
    expires_at timestamptz,
    primary key (document, tbl)
  );
  create index if not exists live_documents_by_revision on live_documents (revision_key, type, source, tbl)
    where revision_key is not null;
  create index if not exists live_documents_by_expiry on live_documents (expires_at) where expires_at is not null;
  create table if not exists live_events (
    tbl text not null, key text collate "C" not null, document text not null, event integer not null, n integer not null,
    primary key (key, tbl, document, event, n)
  );
  create index if not exists live_events_by_document on live_events (document, tbl);
  -- Parked documents and the rows that they wait for; the documents themselves are in the broker's queue.
  create table if not exists live_waiting (
    tbl text not null, key text not null, document text not null, place text not null,
    not_before timestamptz not null default now(), looks integer not null default 0,
    primary key (tbl, key, document, place)
  );`;
