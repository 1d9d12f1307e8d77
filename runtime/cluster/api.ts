/**
 * As much of a Kubernetes client as a data-plane pod needs: read and watch single objects by name. The full client library costs 60 MB of
 * memory in each pod, and a runtime's account may read ConfigMaps and Secrets of its own namespace only.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { parse } from 'yaml';

export interface KubeObject {
  metadata: {
    name: string;
    resourceVersion: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  data?: Record<string, string>;
}
export interface Access {
  server: string;
  ca?: string;
  /** Read anew for each request: a pod's token is rotated under it. */
  token(): string;
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const CALL_DEADLINE_MS = 10_000;
/** A watch is ended by the server after this; a watch that stays silent longer is dead. */
const WATCH_S = 60;
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 10_000;

/** The pod's own account, or the current context of a kubeconfig (token only). */
export function accessFrom(kubeconfig: string | undefined): Access {
  if (!kubeconfig) {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
    if (!host)
      throw new Error(
        'not in a pod (KUBERNETES_SERVICE_HOST is not set): name a kubeconfig by --kubeconfig or $KUBECONFIG',
      );
    return {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      ca: readFileSync(`${ACCOUNT}/ca.crt`, 'utf8'),
      token: () => readFileSync(`${ACCOUNT}/token`, 'utf8').trim(),
    };
  }
  const config = parse(readFileSync(kubeconfig, 'utf8'));
  const context = config.contexts.find(({ name }: Named) => name === config['current-context'])?.context;
  const cluster = config.clusters.find(({ name }: Named) => name === context?.cluster)?.cluster;
  const user = config.users.find(({ name }: Named) => name === context?.user)?.user;
  if (!cluster || !user?.token)
    throw new Error(`${kubeconfig}: the current context needs a cluster and a user with a token`);
  const ca = cluster['certificate-authority-data']
    ? Buffer.from(cluster['certificate-authority-data'], 'base64').toString()
    : cluster['certificate-authority'] && readFileSync(cluster['certificate-authority'], 'utf8');
  return { server: cluster.server, ...(ca && { ca }), token: () => user.token };
}
type Named = { name: string };

export class KubeApi {
  readonly #access: Access;
  readonly #agent: Agent;

  constructor(access: Access) {
    this.#access = access;
    // HTTP/2 of undici ends an idle watch with an error that nobody can catch.
    this.#agent = new Agent({
      allowH2: false,
      connect: { timeout: CALL_DEADLINE_MS, ...(access.ca && { ca: access.ca }) },
    });
  }

  /** undefined for 404. Throws for every other status than 200, and after 10 s. */
  async get(kind: 'configmaps' | 'secrets', namespace: string, name: string): Promise<KubeObject | undefined> {
    const path = `/api/v1/namespaces/${namespace}/${kind}/${encodeURIComponent(name)}`;
    const { statusCode, body } = await this.#request(path, AbortSignal.timeout(CALL_DEADLINE_MS));
    if (statusCode === 404) {
      await body.dump();
      return undefined;
    }
    if (statusCode !== 200) throw new Error(`GET ${path}: ${statusCode} ${(await body.text()).slice(0, 200)}`);
    return (await body.json()) as KubeObject;
  }

  /** One call with a JSON body; every status is an answer. Throws when there is none within 10 s. */
  async send(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<{ status: number; value: unknown }> {
    const answer = await this.#request(path, AbortSignal.timeout(CALL_DEADLINE_MS), method, body);
    const text = await answer.body.text();
    return { status: answer.statusCode, value: text === '' ? undefined : JSON.parse(text) };
  }

  /**
   * Calls `onChange` with the object as it is and at each change (undefined: it is not there). Goes on through every failure until the
   * signal aborts; `onTrouble` hears of them.
   */
  async watch(
    kind: 'configmaps' | 'secrets',
    namespace: string,
    name: string,
    signal: AbortSignal,
    onChange: (object: KubeObject | undefined) => void,
    onTrouble: (error: Error) => void,
  ): Promise<void> {
    let failures = 0;
    let last: string | undefined | null = null;
    const tell = (object: KubeObject | undefined) => {
      const version = object?.metadata.resourceVersion;
      if (version === last) return;
      last = version;
      onChange(object);
    };
    while (!signal.aborted) {
      try {
        const object = await this.get(kind, namespace, name);
        tell(object);
        await this.#follow(kind, namespace, name, object?.metadata.resourceVersion, signal, tell);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        onTrouble(error as Error);
        failures += 1;
      }
      const backoff = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures) * (0.5 + Math.random() / 2);
      await sleep(backoff, undefined, { signal }).catch(() => {});
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #follow(
    kind: string,
    namespace: string,
    name: string,
    version: string | undefined,
    signal: AbortSignal,
    tell: (object: KubeObject | undefined) => void,
  ): Promise<void> {
    const query = new URLSearchParams({
      watch: '1',
      fieldSelector: `metadata.name=${name}`,
      timeoutSeconds: String(WATCH_S),
      ...(version && { resourceVersion: version }),
    });
    const silent = AbortSignal.timeout((WATCH_S + 10) * 1000);
    const { statusCode, body } = await this.#request(
      `/api/v1/namespaces/${namespace}/${kind}?${query}`,
      AbortSignal.any([signal, silent]),
    );
    if (statusCode !== 200)
      throw new Error(`watch of ${kind}/${name}: ${statusCode} ${(await body.text()).slice(0, 200)}`);
    let rest = '';
    for await (const chunk of body) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const { type, object } = JSON.parse(line) as { type: string; object: KubeObject };
        // Whatever the error is (too old, or another), the object is read anew.
        if (type === 'ERROR') return;
        tell(type === 'DELETED' ? undefined : object);
      }
    }
  }

  #request(path: string, signal: AbortSignal, method: 'GET' | 'POST' | 'DELETE' = 'GET', body?: object) {
    return request(this.#access.server + path, {
      method,
      ...(body && { body: JSON.stringify(body) }),
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.#access.token()}`,
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
      },
      signal,
      headersTimeout: CALL_DEADLINE_MS,
      bodyTimeout: 0,
    });
  }
}
