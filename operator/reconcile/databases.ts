/** The PostgreSQL of each namespace: made by the administrator's URL of the release, told to its pods by the Secret `crossdock-database`. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { canonicalJson } from '../../runtime/canonical.ts';
import { DATABASE_SECRET } from '../../runtime/published.ts';
import { DatabaseProblem, ensureDatabase } from '../apply/postgresql/namespace.ts';
import type { Fence } from '../kube/client.ts';
import type { Values } from './values.ts';

export interface DatabaseOptions {
  /** A folder with the key `url`, of the administrator: mounted from a Secret, read anew each time. */
  folder: string;
  /** Shared: no roles; every namespace works as the administrator. */
  roles: 'PerNamespace' | 'Shared';
  values: Values;
  write: (namespace: string, name: string, data: Record<string, string>) => Promise<void>;
  /** Checked before anything is written in PostgreSQL. */
  fence: Fence;
  /** Of the cluster. */
  owner: () => string;
  now?: () => number;
}
/** `served`: the pods have a database all the same, by the Secret of before. */
export interface DatabaseTrouble {
  reason: DatabaseProblem['reason'];
  message: string;
  served: boolean;
}
interface Known {
  admin: string;
  secret: string | undefined;
  at: number;
  trouble?: DatabaseTrouble;
}

/** Looked at again after this: somebody may have changed something there. */
const REPAIR_MS = 60_000;
export const RETRY_MS = 5_000;

export class Databases {
  readonly #options: DatabaseOptions;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  /** PostgreSQL did not answer: until then nobody waits for it again. */
  #away: { until: number; message: string } | undefined;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** A password that is in the Secret stays; without the Secret a new one is drawn: deleting it rotates it. */
  async ensure(namespace: string): Promise<DatabaseTrouble | undefined> {
    const { values, roles, owner, fence, write } = this.#options;
    const admin = this.#admin();
    if (admin === undefined) return undefined;
    const secret = await values.secret(namespace, DATABASE_SECRET);
    const known = this.#known.get(namespace);
    if (known?.admin === admin && known.secret === secret?.version) {
      const age = this.#now() - known.at;
      if (age < (known.trouble ? RETRY_MS : REPAIR_MS)) return known.trouble;
    }
    if (this.#away && this.#now() < this.#away.until)
      return { reason: 'DatabaseUnavailable', message: this.#away.message, served: secret?.data.url !== undefined };
    fence();
    try {
      const password = passwordOf(secret?.data.url, admin) ?? randomBytes(24).toString('base64url');
      const access = await ensureDatabase(admin, {
        namespace,
        owner: owner(),
        ...(roles === 'PerNamespace' && { password }),
      });
      const data = { ...access };
      if (canonicalJson(secret?.data) !== canonicalJson(data)) await write(namespace, DATABASE_SECRET, data);
      this.#remember(namespace, { admin, secret: (await values.secret(namespace, DATABASE_SECRET))?.version });
      return undefined;
    } catch (error) {
      if (!(error instanceof DatabaseProblem)) throw error;
      const { reason, message } = error;
      if (reason === 'DatabaseUnavailable') this.#away = { until: this.#now() + RETRY_MS, message };
      const trouble = { reason, message, served: secret?.data.url !== undefined };
      this.#remember(namespace, { admin, secret: secret?.version, trouble });
      return trouble;
    }
  }

  forget(namespace: string): void {
    this.#known.delete(namespace);
  }

  #remember(namespace: string, known: Omit<Known, 'at'>): void {
    this.#known.set(namespace, { ...known, at: this.#now() });
  }

  #admin(): string | undefined {
    const file = `${this.#options.folder}/url`;
    return (existsSync(file) && readFileSync(file, 'utf8').trim()) || undefined;
  }
}

/** That of the namespace's own role; undefined where it worked as the administrator, or as nobody. */
function passwordOf(url: string | undefined, admin: string): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { username, password } = new URL(url);
  return username === new URL(admin).username ? undefined : decodeURIComponent(password) || undefined;
}
