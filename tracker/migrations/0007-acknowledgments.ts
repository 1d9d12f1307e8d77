/** What partners say of what was sent to them, and until when they are to say it. */
export default `create table acknowledgments (
     namespace text not null, document text not null, destination text not null,
     partner text not null, control text, transaction text, sent_at bigint, due_at bigint,
     verdict text, told_rank int not null default 0, told_at bigint, told_by text collate "C", message text,
     overdue_at bigint,
     primary key (namespace, document, destination));
   create index acknowledgments_waiting on acknowledgments (namespace, due_at)
     where due_at is not null and told_rank < 2`;
