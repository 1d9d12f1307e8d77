/**
 * Where no connector goes, whatever its URL or DNS says: link-local addresses, by which clouds hand out the credentials of their machines to
 * whoever asks from one. Looked at when a connection is made, so that no name hides them.
 */
import { lookup } from 'node:dns';
import { BlockList, connect as connectTo, isIP, type LookupFunction, Socket } from 'node:net';
import { buildConnector } from 'undici';

const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4');
linkLocal.addSubnet('fe80::', 10, 'ipv6');
// The same service by IPv6 at AWS.
linkLocal.addAddress('fd00:ec2::254', 'ipv6');

export const BLOCKED = 'ERR_IP_BLOCKED';
const isBlocked = (address: string): boolean => linkLocal.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
const blocked = (address: string): Error =>
  Object.assign(new Error(`${address} is a link-local address`), { code: BLOCKED });

const lookupOutside: LookupFunction = (name, options, callback) =>
  lookup(name, options, (error: Error | null, found: string | { address: string }[], family?: number) => {
    const address = error ? undefined : [found].flat().map(addressOf).find(isBlocked);
    if (address === undefined) (callback as (...args: unknown[]) => void)(error, found, family);
    else callback(blocked(address), '');
  });
const addressOf = (each: string | { address: string }): string => (typeof each === 'string' ? each : each.address);

/** For the `connect` of an agent. */
export function reach(timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, lookup: lookupOutside });
  return (options, callback) => {
    const address = options.hostname.replace(/^\[|\]$/g, '');
    // An address is not looked up.
    if (isIP(address) && isBlocked(address)) callback(blocked(address), null);
    else connect(options, callback);
  };
}

/** A socket that connects there; it fails with the error of what is not allowed. */
export function socketTo(host: string, port: number): Socket {
  return isIP(host) && isBlocked(host)
    ? new Socket().destroy(blocked(host))
    : connectTo({ host, port, lookup: lookupOutside });
}
