/** Objectives of SLAPolicies with the next moment at which each changes by itself, and who is to be told. */
export default `create table sla_policies (
     namespace text not null, policy text not null, hash text not null, partners jsonb not null,
     primary key (namespace, policy));
   create table objectives (
     namespace text not null, process text not null, key text not null, policy text not null, objective text not null,
     partner text not null, state text not null, severity text not null, from_milestone text, to_milestone text not null,
     started_at bigint not null, due_at bigint, warn_at bigint, closed_at bigint, reason text,
     next_at bigint, noticed_at bigint,
     primary key (namespace, process, key, policy, objective));
   create index objectives_next on objectives (namespace, next_at) where next_at is not null;
   create index objectives_open on objectives (namespace, policy, objective, partner, due_at) where state in ('Pending', 'Warning', 'Breached');
   create index objectives_late on objectives (namespace, policy, due_at) where state in ('Warning', 'Breached');
   create table objective_counts (
     namespace text not null, policy text not null, objective text not null, state text not null, count bigint not null,
     primary key (namespace, policy, objective, state));
   create table notices (
     id bigint generated always as identity primary key, namespace text not null, policy text not null, event text not null,
     process text not null, key text not null, objective text not null, partner text not null, severity text not null,
     due_at bigint, at bigint not null);
   create index notices_by_policy on notices (namespace, policy, id);
   create table notifications (
     namespace text not null, id text not null, policy text not null, recipient text not null, event text not null,
     at bigint not null, body jsonb not null, attempts int not null default 0, next_at bigint, sent_at bigint, error text,
     primary key (namespace, id));
   create index notifications_next on notifications (namespace, next_at) where next_at is not null;
   create index notifications_last on notifications (namespace, policy, recipient, at)`;
