/**
 * For whom a Secret may be used, as its owner says on the Secret itself. Whoever may write a Connector may not for that reason send
 * any password of the namespace to a host of his own.
 */

/** `true`: resources of Crossdock may name the Secret. */
export const USE_LABEL = 'crossdock.dev/use';
/** Hosts that its values may be sent to, separated by blanks or commas: `erp.example.com`, `*.example.com`, or `*` for any. */
export const HOSTS_ANNOTATION = 'crossdock.dev/hosts';

export interface SecretUse {
  hosts: string[];
}

/** undefined: nobody may use it. */
export function secretUseOf(metadata: {
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
}): SecretUse | undefined {
  if (metadata.labels?.[USE_LABEL] !== 'true') return undefined;
  const hosts = (metadata.annotations?.[HOSTS_ANNOTATION] ?? '').split(/[\s,]+/).filter(Boolean);
  return { hosts: [...new Set(hosts.map((host) => host.toLowerCase()))].sort() };
}

/** `host` without a port. */
export const admitsHost = ({ hosts }: SecretUse, host: string): boolean => {
  const asked = host.toLowerCase();
  return hosts.some((one) => one === '*' || one === asked || (one.startsWith('*.') && asked.endsWith(one.slice(1))));
};
