/** The tracker's schema: steps that only ever go forward, each safe while the version before it still runs. */
import type pg from 'pg';
import { inTransaction } from '../runtime/store/transaction.ts';

export const SCHEMA = 'crossdock_tracker';

const STEPS: readonly string[] = [
  `create table entries (
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
     reason text not null, body text not null)`,
  `create table payloads (
     namespace text not null, document text not null, destination text not null, epoch int not null,
     at bigint not null, hash text collate "C" not null, bytes bigint not null, content_type text not null,
     same boolean not null, body bytea,
     primary key (namespace, document, destination, epoch));
   create table payload_positions (
     namespace text primary key, last_offset bigint not null, last_message text not null);
   create table touched (
     seq bigint generated always as identity primary key, namespace text not null, documents text[] not null)`,
  `create index documents_by_revision on documents (namespace, type, md5(revision->>'key')) where revision is not null;
   create table process_plans (namespace text not null, process text not null, hash text not null, primary key (namespace, process));
   create table transactions (
     namespace text not null, process text not null, key text not null, state text not null,
     opened_at bigint not null, changed_at bigint not null, body jsonb not null,
     primary key (namespace, process, key));
   create index transactions_by_key on transactions (namespace, key);
   create index transactions_open on transactions (namespace, process, opened_at) where state = 'Open';
   create table exceptions (
     namespace text not null, process text not null, key text not null, id text not null, opened_at bigint not null,
     match text not null, kind text not null, line text not null, expected text not null, actual text not null,
     money numeric, currency text, severity text not null, owner text, due_at bigint, closed_at bigint,
     primary key (namespace, process, key, id, opened_at));
   create index exceptions_open on exceptions (namespace, process, opened_at) where closed_at is null`,
];

/** Brings the schema to the newest step. Trackers that start at once do it one after another. */
export const migrate = (pool: pg.Pool): Promise<void> =>
  inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [SCHEMA]);
    await client.query(`create schema if not exists ${SCHEMA}; set local search_path to ${SCHEMA};
      create table if not exists migrations (step int primary key, applied_at timestamptz not null default now())`);
    const { rows } = await client.query<{ done: number }>('select count(*)::int as done from migrations');
    for (let step = rows[0]!.done; step < STEPS.length; step++) {
      await client.query(STEPS[step]!);
      await client.query('insert into migrations (step) values ($1)', [step]);
    }
  });
