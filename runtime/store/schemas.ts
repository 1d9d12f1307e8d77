/** Names of what a namespace has in PostgreSQL. Identifiers end at 63 bytes there, and namespaces have up to 63 of their own. */
import { sha256Hex } from '../canonical.ts';

const LONGEST = 63;

/** No namespace holds an underscore, so a name with a hash is nobody else's; nor is that of the tracker of all namespaces. */
function named(prefix: string, namespace: string): string {
  const plain = prefix + namespace;
  if (plain.length <= LONGEST && plain !== TRACKER_OF_ALL) return plain;
  const hash = sha256Hex(namespace).slice(0, 12);
  return `${plain.slice(0, LONGEST - 1 - hash.length)}_${hash}`;
}

/** The schema of a tracker that follows several namespaces, as that of `crossdock dev`. */
export const TRACKER_OF_ALL = 'crossdock_tracker';
/** Claims, control numbers and live tables: the runtimes'. */
export const schemaOf = (namespace: string): string => named('crossdock_', namespace);
/** Accounts and transactions: the tracker's in a cluster, where each namespace has one. */
export const trackerSchemaOf = (namespace: string): string => named('crossdock_tracker_', namespace);
/** Roles belong to the server, not to a database: two databases of one server may each have a namespace of that name. */
export const roleOf = (namespace: string, database: string): string => {
  const hash = sha256Hex(`${database}/${namespace}`).slice(0, 8);
  return `${`crossdock_${namespace}`.slice(0, LONGEST - 1 - hash.length)}_${hash}`;
};

export const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;
