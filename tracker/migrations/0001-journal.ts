/** Entries of the journal, documents, accounts, and the position in the stream. */
export default `create table entries (
     namespace text not null, id text not null, document text not null, destination text not null,
     at bigint not null, tie text collate "C" not null, epoch int not null, attempt int not null,
     outcome text not null, body jsonb not null,
     primary key (namespace, id));
   create index entries_by_document on entries (namespace, document);
   create table documents (
     namespace text not null, id text not null, type text not null, origin text not null, source text not null,
     keys jsonb not null, revision jsonb, causation text,
     informed int not null, epoch int not null, entry text collate "C" not null, at bigint not null,
     tie text collate "C" not null, first_at bigint not null,
     primary key (namespace, id));
   create index documents_by_causation on documents (namespace, causation) where causation is not null;
   create table document_keys (
     namespace text not null, value text not null, name text not null, document text not null,
     primary key (namespace, value, name, document));
   create table accounts (
     namespace text not null, document text not null, destination text not null,
     state text, outcome text not null, epoch int not null, finality int not null, attempt int not null,
     entry text collate "C" not null, at bigint not null, tie text collate "C" not null, next_at bigint,
     error_class text, error_code text, error_message text,
     primary key (namespace, document, destination));
   create index accounts_unsettled on accounts (namespace, state, at) 
     where state in ('InFlight', 'DeadLettered', 'Parked') and outcome <> 'Discarded';
   create table positions (
     namespace text primary key, last_offset bigint not null, last_message text not null);
   create table gaps (
     namespace text not null, noticed_at timestamptz not null default now(), detail text not null);
   create table set_aside (
     namespace text not null, noticed_at timestamptz not null default now(), journal_offset bigint not null,
     reason text not null, body text not null)`;
