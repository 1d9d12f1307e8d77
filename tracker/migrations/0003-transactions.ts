/** Business transactions and their exceptions. */
export default `create index documents_by_revision on documents (namespace, type, md5(revision->>'key')) where revision is not null;
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
   create index exceptions_open on exceptions (namespace, process, opened_at) where closed_at is null`;
