/** Documents by age, for what is forgotten when its time is over. */
export default `create index documents_by_age on documents (namespace, type, first_at)`;
