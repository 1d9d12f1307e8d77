/**
 * Secret values and where they come from. A value is wrapped from the moment that it is read: whatever formats the wrapper
 * (JSON, template strings, util.inspect, the logger) writes `[redacted]`; only `reveal()` gives the text.
 */
import { inspect } from 'node:util';
import type { Secrets, SecretValue as SecretValueContract } from './connectors/connector.ts';

const REDACTED = '[redacted]';

export class SecretValue implements SecretValueContract {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }
  reveal(): string {
    return this.#text;
  }
  toString(): string {
    return REDACTED;
  }
  toJSON(): string {
    return REDACTED;
  }
  [inspect.custom](): string {
    return REDACTED;
  }
}

/** A Secret or one of its keys is not there, or its value cannot be used. Names the Secret and the key, never a value. */
export class SecretError extends Error {
  override name = 'SecretError';
  readonly secret: string;
  readonly key: string | undefined;

  constructor(secret: string, key: string | undefined, message: string) {
    super(message);
    this.secret = secret;
    this.key = key;
  }
}

/** A Kubernetes Secret as far as it matters here; `data` is base64, `stringData` is plain and wins. */
export interface SecretResource {
  metadata: { name: string };
  data?: Record<string, string>;
  stringData?: Record<string, string>;
}

/** Secrets held in memory, read from a folder of YAML. `replace` swaps all of them at once; the next `get` sees the new ones. */
export interface FolderSecrets extends Secrets {
  replace(resources: readonly SecretResource[]): void;
}

export function folderSecrets(resources: readonly SecretResource[] = []): FolderSecrets {
  let secrets = index(resources);
  return {
    async get(name, key) {
      const secret = secrets.get(name);
      if (!secret) {
        throw new SecretError(name, key, `Secret "${name}" does not exist; create it with the key "${key}"`);
      }
      const value = secret.get(key);
      if (!value) throw new SecretError(name, key, `Secret "${name}" has no key "${key}"; add it to the Secret`);
      return value;
    },
    replace(next) {
      secrets = index(next);
    },
  };
}

function index(resources: readonly SecretResource[]): Map<string, Map<string, SecretValue>> {
  const secrets = new Map<string, Map<string, SecretValue>>();
  for (const { metadata, data, stringData } of resources) {
    const values = new Map<string, SecretValue>();
    for (const [key, value] of Object.entries(data ?? {})) {
      values.set(key, new SecretValue(Buffer.from(value, 'base64').toString('utf8')));
    }
    for (const [key, value] of Object.entries(stringData ?? {})) values.set(key, new SecretValue(value));
    secrets.set(metadata.name, values);
  }
  return secrets;
}
