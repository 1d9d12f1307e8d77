/** Payloads, and what is touched and must be folded anew. */
export default `create table payloads (
     namespace text not null, document text not null, destination text not null, epoch int not null,
     at bigint not null, hash text collate "C" not null, bytes bigint not null, content_type text not null,
     same boolean not null, body bytea,
     primary key (namespace, document, destination, epoch));
   create table payload_positions (
     namespace text primary key, last_offset bigint not null, last_message text not null);
   create table touched (
     seq bigint generated always as identity primary key, namespace text not null, documents text[] not null)`;
