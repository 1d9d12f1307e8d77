import { secretUseOf, USE_LABEL } from '../../crds/secret-use.ts';
import type { Secrets } from '../connectors/connector.ts';
import { SecretError, SecretValue } from '../secrets.ts';
import type { KubeApi } from './api.ts';

/** A rotated Secret is in use after this at the latest. */
const FRESH_MS = 5_000;
/** An API server that does not answer holds documents up so long at most, and once in FRESH_MS. */
const PATIENCE_MS = 1_000;

interface Known {
  /** When it was read, or could not be. */
  at: number;
  data: Record<string, string> | undefined;
  refused?: boolean;
}

/** Secrets of the runtime's own namespace that are for use (label on the Secret), read when needed. While the API server is away the last known values go on. */
export function kubernetesSecrets(
  api: Pick<KubeApi, 'get'>,
  namespace: string,
  now: () => number = () => performance.now(),
): Secrets {
  const known = new Map<string, Known>();
  const reading = new Map<string, Promise<Record<string, string> | undefined>>();
  const fetch = (name: string) => {
    const running =
      reading.get(name) ??
      api
        .get('secrets', namespace, name)
        .then((secret) => {
          const usable = secret && secretUseOf(secret.metadata) !== undefined;
          const data = usable ? (secret.data ?? {}) : undefined;
          known.set(name, { at: now(), data, ...(secret && !usable && { refused: true }) });
          return data;
        })
        .finally(() => reading.delete(name));
    reading.set(name, running);
    return running;
  };
  const freshOr = async (name: string, last: Known): Promise<Record<string, string> | undefined> => {
    const { promise: patience, resolve } = Promise.withResolvers<Known['data']>();
    const timer = setTimeout(() => {
      last.at = now();
      resolve(last.data);
    }, PATIENCE_MS);
    const read = fetch(name).catch(() => {
      last.at = now();
      return last.data;
    });
    try {
      return await Promise.race([read, patience]);
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    async get(name, key) {
      const cached = known.get(name);
      const data = !cached
        ? await fetch(name).catch((error: Error) => {
            throw new SecretError(name, key, `Secret "${name}" cannot be read: ${error.message}`);
          })
        : now() - cached.at < FRESH_MS
          ? cached.data
          : await freshOr(name, cached);
      if (!data && known.get(name)?.refused)
        throw new SecretError(name, key, `Secret "${name}" is not for use here; label it: ${USE_LABEL}: "true"`);
      if (!data) throw new SecretError(name, key, `Secret "${name}" does not exist; create it with the key "${key}"`);
      const value = Object.hasOwn(data, key) ? data[key] : undefined;
      if (value === undefined)
        throw new SecretError(name, key, `Secret "${name}" has no key "${key}"; add it to the Secret`);
      return new SecretValue(Buffer.from(value, 'base64').toString());
    },
  };
}
