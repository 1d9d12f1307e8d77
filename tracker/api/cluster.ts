/** The API in a cluster: logins from the Secret `crossdock-console`, resources and holds at the API server. */
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubeApi, KubeObject } from '../../runtime/cluster/api.ts';
import type { Log } from '../../runtime/telemetry/log.ts';
import type { OidcOptions } from './auth/oidc.ts';
import { readUsers } from './auth/users.ts';
import type { Condition, HoldRequest } from './contract.ts';
import type { ApiOptions } from './options.ts';
import { ApiError } from './problem.ts';
import { type ApiServer, serveApi } from './serve.ts';
import { BY, type Known, type Surroundings } from './surroundings.ts';

/** Keys: `publicUrl`, `users.yaml`, `oidc.yaml`; each may be absent. */
export const CONSOLE_SECRET = 'crossdock-console';
const GROUP = '/apis/crossdock.dev/v1alpha1';
const KINDS = { integrations: 'Integration', partners: 'Partner', connectors: 'Connector', holds: 'Hold' } as const;

interface Resource {
  metadata: { name: string; creationTimestamp?: string; annotations?: Record<string, string> };
  spec: Record<string, unknown>;
  status?: { conditions?: (Omit<Condition, 'at'> & { lastTransitionTime?: string })[] };
}

export class KubeSurroundings implements Surroundings {
  readonly #api: KubeApi;
  readonly #path: string;

  constructor(api: KubeApi, namespace: string) {
    this.#api = api;
    this.#path = `${GROUP}/namespaces/${namespace}`;
  }

  async read(): Promise<Known[]> {
    const lists = await Promise.all(
      Object.entries(KINDS).map(async ([plural, kind]) => {
        const { items } = await this.#send<{ items: Resource[] }>('GET', `/${plural}`);
        return items.map((resource) => knownOf(kind, resource));
      }),
    );
    return lists.flat();
  }

  /** The broker's management is the operator's alone. */
  async queues() {
    return [];
  }

  async hold({ targetKind, targetName, direction, reason, until }: HoldRequest, by: string): Promise<Known> {
    const made = await this.#send<Resource>('POST', '/holds', {
      apiVersion: 'crossdock.dev/v1alpha1',
      kind: 'Hold',
      metadata: { generateName: 'hold-', annotations: { [BY]: by } },
      spec: {
        targetRef: { kind: targetKind, name: targetName },
        reason,
        ...(direction && { direction }),
        ...(until !== undefined && { until }),
      },
    });
    return knownOf('Hold', made);
  }

  async endHold(name: string): Promise<boolean> {
    try {
      await this.#send('DELETE', `/holds/${encodeURIComponent(name)}`);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return false;
      throw error;
    }
  }

  async #send<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
    const { status, value } = await this.#api.send(method, this.#path + path, body).catch((error: Error) => {
      throw new ApiError(503, `the Kubernetes API server does not answer: ${error.message}`, { retryAfterS: 5 });
    });
    if (status < 300) return value as T;
    const { message = '' } = (value ?? {}) as { message?: string };
    throw new ApiError(
      status === 404 ? 404 : status === 403 ? 503 : 422,
      `the Kubernetes API server says: ${message || status}`,
    );
  }
}

const knownOf = (kind: Known['kind'], { metadata, spec, status }: Resource): Known => ({
  kind,
  name: metadata.name,
  spec,
  conditions: (status?.conditions ?? []).map(({ type, status: holds, reason, message, lastTransitionTime }) => ({
    ...{ type, status: holds, reason, message },
    ...(lastTransitionTime !== undefined && { at: lastTransitionTime }),
  })),
  ...(metadata.creationTimestamp !== undefined && { createdAt: metadata.creationTimestamp }),
  ...(metadata.annotations?.[BY] !== undefined && { by: metadata.annotations[BY] }),
});

/** Throws an Error that says which key is wrong. */
export function settingsOf(secret: KubeObject | undefined): Pick<ApiOptions, 'login' | 'publicUrl'> {
  const text = (key: string): string | undefined => {
    const value = secret?.data?.[key];
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString().trim();
  };
  const read = <T>(key: string, how: (content: string) => T): T | undefined => {
    const content = text(key);
    if (!content) return undefined;
    try {
      return how(content);
    } catch (error) {
      throw new Error(`Secret ${CONSOLE_SECRET}, key ${key}: ${(error as Error).message}`);
    }
  };
  const publicUrl = read('publicUrl', (content) => new URL(content).origin);
  const users = read('users.yaml', readUsers);
  const oidc = read('oidc.yaml', (content): OidcOptions => {
    const said = parse(content) as Partial<OidcOptions>;
    if (!said.issuer || !said.clientId) throw new Error('issuer and clientId are needed');
    return { rolesClaim: 'groups', roles: {}, payloads: [], partnerClaim: 'partner', ...said } as OidcOptions;
  });
  return {
    login: { ...(users && { users }), ...(oidc && { oidc }) },
    ...(publicUrl && { publicUrl }),
  };
}

export interface ClusterApi extends Omit<ApiOptions, 'login' | 'publicUrl' | 'surroundings'> {
  api: KubeApi;
  log: Log;
}
/** Serves until the signal aborts; begins anew with each change of the Secret. Settings that are wrong leave the last good ones. */
export async function serveInCluster(
  options: ClusterApi,
  at: { host: string; port: number },
  signal: AbortSignal,
): Promise<void> {
  const { api, namespace, log } = options;
  const surroundings = new KubeSurroundings(api, namespace);
  let server: ApiServer | undefined;
  let turn: Promise<void> = Promise.resolve();
  const begin = (secret: KubeObject | undefined) => {
    turn = turn
      .then(async () => {
        const settings = settingsOf(secret);
        await server?.stop();
        server = signal.aborted
          ? undefined
          : await serveApi({ console: CONSOLE, ...options, ...settings, surroundings }, at);
      })
      .catch((error: Error) => {
        log.error('the console keeps its last settings', { namespace, error: error.message });
      });
  };
  await api.watch('secrets', namespace, CONSOLE_SECRET, signal, begin, (error) =>
    log.warn('Secret not readable', { name: CONSOLE_SECRET, namespace, error: error.message }),
  );
  await turn;
  await server?.stop();
}
/** Beside the bundles of the image, as `make console` leaves it in a checkout. */
const CONSOLE = process.env.CROSSDOCK_CONSOLE ?? join(import.meta.dirname, '../../console/dist');
