/** What people do: audit, acts on exceptions, facts by hand, replays; and which version of a mapping made what. */
export default `create table audit (
     seq bigint generated always as identity primary key, namespace text not null, at bigint not null,
     actor text not null, act text not null, target text not null, outcome text not null, reason text, detail jsonb);
   create index audit_by_namespace on audit (namespace, seq desc);
   create function audit_is_kept() returns trigger language plpgsql as
     $$ begin raise exception 'the audit is append-only' using errcode = 'insufficient_privilege'; end $$;
   create trigger audit_rows before update or delete on audit for each row execute function audit_is_kept();
   create trigger audit_table before truncate on audit for each statement execute function audit_is_kept();
   create table exception_acts (
     seq bigint generated always as identity primary key, namespace text not null, process text not null, key text not null,
     id text not null, at bigint not null, kind text not null, by text not null, text text, owner text, until bigint,
     effect text, expected text not null, actual text not null);
   create index exception_acts_by_transaction on exception_acts (namespace, process, key);
   create table facts_by_hand (
     namespace text not null, id text not null, process text not null, key text not null, milestone text not null,
     at bigint not null, lines text[], by text not null, reason text not null, recorded_at bigint not null,
     withdrawn_by text, withdrawn_at bigint,
     primary key (namespace, id));
   create index facts_by_hand_by_transaction on facts_by_hand (namespace, process, key);
   alter table exceptions add column closed_by text, add column effect text, add column snoozed_until bigint,
     add column escalated boolean not null default false;
   create table replays (
     namespace text not null, name text not null, uid text not null, origin text not null, spec jsonb not null,
     state text not null, message text not null, approvals text[] not null default '{}', cancelled boolean not null default false,
     selected int not null default 0, done int not null default 0, failed int not null default 0, created_at bigint not null, started_at bigint, sent_at bigint, finished_at bigint,
     primary key (namespace, name));
   create index replays_unfinished on replays (namespace, created_at) where finished_at is null;
   create table replay_items (
     namespace text not null, replay text not null, seq int not null, document text not null, destination text not null,
     way text not null, epoch int not null, outcome text not null, message text not null,
     primary key (namespace, replay, seq));
   create index replay_items_waiting on replay_items (namespace, replay, seq) where outcome = 'Waiting';
   create table mapped_by (
     namespace text not null, mapping text not null, hash text not null, document text not null, destination text not null,
     at bigint not null,
     primary key (namespace, mapping, hash, document, destination))`;
