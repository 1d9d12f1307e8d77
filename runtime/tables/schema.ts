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
  -- Of the notifications that rows changed. Channels are the database's, so everybody's: who has no right to this table cannot guess the name.
  create table if not exists live_channel (name text not null);
  insert into live_channel select 'crossdock:' || gen_random_uuid() where not exists (select from live_channel);
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
  );
  -- Locks what decides which revision counts, then the rows that any of the revisions touches, and gives their keys. One call instead of
  -- three; each statement within sees what was committed before its locks were had.
  create or replace function live_lock(
    tbl_ text, groups text[], ids text[], types text[], sources text[], revisions text[], keys_ text[]
  ) returns text[] language plpgsql volatile as $$
  declare all_keys text[];
  begin
    perform pg_advisory_xact_lock(h) from (
      select distinct hashtextextended(current_schema() || n, 0) as h from unnest(groups) as n order by 1) as hashes;
    select coalesce(array_agg(k), '{}') into all_keys from (
      select unnest(keys_) as k
      union select e.key from unnest(ids) as i join live_events e on e.document = i and e.tbl = tbl_
      union select e.key from unnest(types, sources, revisions) as g (type, source, revision_key)
        join live_documents d on d.revision_key = g.revision_key and d.type = g.type and d.source = g.source and d.tbl = tbl_
        join live_events e on e.document = d.document and e.tbl = tbl_) as touched;
    perform pg_advisory_xact_lock(h) from (
      select distinct hashtextextended(current_schema() || tbl_ || E'\\n' || n, 0) as h from unnest(all_keys) as n order by 1) as hashes;
    return all_keys;
  end $$;`;
