/** What is open, and what ended of late, by indexes that hold all that counts of transactions need: their bodies are not read. */
export default `create index transactions_waiting on transactions (namespace, process, opened_at) include (key, stages) where state = 'Open';
   create index transactions_ended on transactions (namespace, changed_at) include (process, state, stages) where state <> 'Open'`;
