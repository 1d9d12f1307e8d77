/**
 * Decisions about exceptions that an Integration tells of: kept until they are sent, then without what was in them. The id is a function of what was
 * decided about which figures: the same twice is one. And what is declared of each process, for whoever acts on the database alone.
 */
export default `create table resolutions (
     namespace text not null, id text not null, document text not null, process text not null, key text not null, exception text not null,
     name text not null, integration text not null, label text not null, at bigint not null, body bytea, sent_at bigint,
     primary key (namespace, id));
   create index resolutions_unsent on resolutions (namespace, at) where sent_at is null;
   create index resolutions_by_transaction on resolutions (namespace, process, key);
   alter table exception_acts add column result text;
   alter table process_plans add column plan jsonb`;
