/**
 * Edited documents on their way, so that the same edit, asked for again, is sent once. `epoch` rises when it is sent again after it was refused;
 * `settled_at`: the letters of the edited document are dealt with, and the audit knows.
 */
export default `create table resubmissions (
  namespace text not null, id text not null, original text not null, epoch int not null, sent_at bigint not null, settled_at bigint,
  primary key (namespace, id))`;
