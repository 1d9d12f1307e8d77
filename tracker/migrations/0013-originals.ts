/** What came, by age: it may have to be forgotten though no document of it is known. */
export default `create index payloads_received on payloads (namespace, at) where destination = ':received'`;
