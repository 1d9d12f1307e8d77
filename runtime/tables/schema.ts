/**
 * Live tables in the namespace's schema of PostgreSQL. Rows and documents are JSON texts, kept as they came. The table's name leads no index
 * of documents and events: there are few tables, and a plan that is made once, of small ones, must not come to read all of a large one.
 * For that no statement is left a choice: what is joined is looked up row by row (\`lateral … offset 0\`), and scans of whole tables are off.
 */

/**
 * The document of an event `e`, if it counts: of the revisions of one thing the highest sequence, of equal ones the first accepted; no
 * reservations that ran out.
 */
export const COUNTING = `
  select d.* from live_documents d
  where d.document = e.document and d.tbl = e.tbl and not d.cancels and (d.expires_at is null or d.expires_at > now())
    and (d.revision_key is null or not exists (
      select 1 from live_documents w
      where w.revision_key = d.revision_key and w.type = d.type and w.source = d.source and w.tbl = d.tbl
        and w.document <> d.document and (w.expires_at is null or w.expires_at > now())
        and (w.rank > d.rank or (w.rank = d.rank and (w.accepted_at, w.document) < (d.accepted_at, d.document)))
      offset 0)) offset 0`;

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
  -- Locks what decides which revision counts, also of what a document was a revision of before, then the rows that any of the revisions touches,
  -- and gives their keys. One call instead of three; each statement within sees what was committed before its locks were had.
  create or replace function live_lock(
    tbl_ text, groups text[], ids text[], types text[], sources text[], revisions text[], keys_ text[]
  ) returns text[] language plpgsql volatile as $$
  declare all_keys text[];
  begin
    perform pg_advisory_xact_lock(h) from (
      select distinct hashtextextended(current_schema() || n, 0) as h from (
        select unnest(groups) as n
        union select '[' || to_json(tbl_) || ',' || to_json(d.type) || ',' || to_json(d.source) || ',' || to_json(d.revision_key) || ']'
          from unnest(ids) as i cross join lateral (
            select * from live_documents where document = i and tbl = tbl_ and revision_key is not null offset 0) as d) as named
      order by 1) as hashes;
    select coalesce(array_agg(k), '{}') into all_keys from (
      select unnest(keys_) as k
      union select e.key from unnest(ids) as i
        cross join lateral (select key from live_events where document = i and tbl = tbl_ offset 0) as e
      union select e.key from unnest(ids) as i
        cross join lateral (select * from live_documents where document = i and tbl = tbl_ and revision_key is not null offset 0) as o
        cross join lateral (
          select document from live_documents
          where revision_key = o.revision_key and type = o.type and source = o.source and tbl = tbl_ offset 0) as d
        cross join lateral (select key from live_events where document = d.document and tbl = tbl_ offset 0) as e
      union select e.key from unnest(types, sources, revisions) as g (type_, source_, revision)
        cross join lateral (
          select document from live_documents where revision_key = revision and type = type_ and source = source_ and tbl = tbl_ offset 0) as d
        cross join lateral (select key from live_events where document = d.document and tbl = tbl_ offset 0) as e) as touched;
    perform pg_advisory_xact_lock(h) from (
      select distinct hashtextextended(current_schema() || tbl_ || E'\\n' || n, 0) as h from unnest(all_keys) as n order by 1) as hashes;
    return all_keys;
  end $$;
  -- The same for one document, and what the rows are made of, in one call: of each key its base (document null); what documents of other
  -- things add, if they count; and whole (rival) the document itself and those of the same thing, or of what it was a revision of before.
  create or replace function live_open(
    tbl_ text, groups text[], id_ text, type_ text, source_ text, revision_ text, keys_ text[]
  ) returns table (
    key text, event integer, n integer, document text, type text, origin text, source text, revision_key text, rank text,
    cancels boolean, epoch integer, accepted_at bigint, body text, reserved boolean, expired boolean, rival boolean
  ) language plpgsql volatile as $$
  #variable_conflict use_column
  declare
    revised boolean := revision_ is not null;
    all_keys text[] := live_lock(tbl_, groups, array[id_], case when revised then array[type_] else '{}' end,
      case when revised then array[source_] else '{}' end, case when revised then array[revision_] else '{}' end, keys_);
    rivals text[];
  begin
    select array_agg(d) into rivals from (
      select id_ as d
      union select d.document from live_documents d
        where d.revision_key = revision_ and d.type = type_ and d.source = source_ and d.tbl = tbl_
      union select r.document from live_documents d cross join lateral (
          select document from live_documents
          where revision_key = d.revision_key and type = d.type and source = d.source and tbl = tbl_ offset 0) as r
        where d.document = id_ and d.tbl = tbl_) as same;
    return query
      select k, null::int, null::int, null::text, null::text, null::text, null::text, null::text, null::text,
        null::boolean, null::int, null::bigint, r.base, null::boolean, null::boolean, null::boolean
      from unnest(all_keys) as k
      left join lateral (select base from live_rows where tbl = tbl_ and key = k offset 0) as r on true;
    return query
      select e.key, e.event, e.n, d.document, d.type, d.origin, d.source, d.revision_key, d.rank,
        d.cancels, d.epoch, d.accepted_at, d.body, d.expires_at is not null, false, false
      from live_events e cross join lateral (${COUNTING}) as d
      where e.tbl = tbl_ and e.key = any(all_keys) and not e.document = any(rivals);
    return query
      select e.key, e.event, e.n, d.document, d.type, d.origin, d.source, d.revision_key, d.rank,
        d.cancels, d.epoch, d.accepted_at, d.body, d.expires_at is not null, coalesce(d.expires_at <= now(), false), true
      from live_documents d
      left join lateral (select * from live_events where document = d.document and tbl = tbl_ offset 0) as e on true
      where d.document = any(rivals) and d.tbl = tbl_;
  end $$;`;
