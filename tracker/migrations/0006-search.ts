/** What the API's lists are sorted and searched by, sessions, and saved views. Generated columns: filled whoever writes the rows. */
export default `alter table transactions
     add column partners jsonb generated always as (body->'partners') stored,
     add column expected_on text generated always as (body->>'expectedOn') stored,
     add column stages text generated always as
       (replace(replace(replace(jsonb_path_query_array(body, '$.milestones[*].state')::text, '"Reached"', 'R'), '"Partly"', 'P'), '"Open"', 'O')) stored;
   create index transactions_by_opening on transactions (namespace, opened_at desc, process, key);
   create index transactions_by_change on transactions (namespace, changed_at desc, process, key);
   create index transactions_by_beginning on transactions (namespace, key text_pattern_ops, process);
   create index transactions_by_partner on transactions using gin (partners);
   create index transactions_expected on transactions (namespace, expected_on) where expected_on is not null;
   create index transactions_stages on transactions (namespace, process, state, stages);
   create index exceptions_of_open on exceptions (namespace, process, key) where closed_at is null;
   create index objectives_breached on objectives (namespace, process, key) where state in ('Warning', 'Breached');
   create index documents_of_source on documents (namespace, origin, source, first_at desc);
   create index accounts_by_time on accounts (namespace, at) include (destination, state);
   create table sessions (
     id text primary key, namespace text not null, body jsonb not null, expires_at bigint not null);
   create index sessions_expiry on sessions (expires_at);
   create table views (
     namespace text not null, owner text not null, name text not null, page text not null, query jsonb not null,
     shared boolean not null, primary key (namespace, owner, name))`;
