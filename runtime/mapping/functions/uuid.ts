/** Names as UUIDs (RFC 9562, version 5): the same name gives the same UUID, always and everywhere. */
import { createHash } from 'node:crypto';
import { type Definition, refused } from './definition.ts';

const NAMESPACES: Record<string, string> = {
  dns: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  url: '6ba7b811-9dad-11d1-80b4-00c04fd430c8',
  oid: '6ba7b812-9dad-11d1-80b4-00c04fd430c8',
  x500: '6ba7b814-9dad-11d1-80b4-00c04fd430c8',
};
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function uuid5(namespace: string, name: string): string {
  const given = Object.hasOwn(NAMESPACES, namespace) ? NAMESPACES[namespace]! : namespace;
  if (!UUID.test(given))
    throw refused('uuid.namespace', `$uuid5: the namespace is one of ${Object.keys(NAMESPACES).join(', ')} or a UUID`);
  const hash = createHash('sha1')
    .update(Buffer.from(given.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

export const UUIDS: Record<string, Definition> = {
  uuid5: {
    run: (namespace?: string, name?: string) =>
      namespace === undefined || name === undefined ? undefined : uuid5(namespace, name),
    signature: '<ss:s>',
  },
};
