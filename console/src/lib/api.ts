/** The API as its contract says, and nothing beside it: paths, queries and answers are checked by its types. */
import type { Endpoints, Me, Problem } from '../../../tracker/api/contract.ts';

export type Endpoint = keyof Endpoints;
type Of<M extends string> = Extract<Endpoint, `${M} ${string}`>;
export type GetPath = Of<'GET'> extends `GET ${infer P}` ? P : never;
export type Act = Exclude<Endpoint, Of<'GET'>>;
export type Answer<E extends Endpoint> = Endpoints[E]['answer'];
export type Query<E extends Endpoint> = Endpoints[E] extends { query: infer Q extends object }
  ? Q
  : Record<never, never>;
export type Body<E extends Endpoint> = Endpoints[E] extends { body: infer B } ? B : undefined;
export type Params = Readonly<Record<string, string | number>>;

const ROOT = '/api/v1';
const LOGIN = `${ROOT}/session`;

/** What went wrong: what, where, and how to mend it. */
export class Failure extends Error {
  readonly problem: Problem;
  readonly where: string;
  constructor(problem: Problem, where: string) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
    this.where = where;
  }
}

export function address(path: string, params: Params = {}, query: object = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '' && value !== false) search.set(name, String(value));
  const text = search.toString();
  return ROOT + filled + (text ? `?${text}` : '');
}

let me: Me | undefined;
/** Needed before an act: its token goes with it. */
export const remember = (now: Me): void => {
  me = now;
};

let loggedOut: (failure: Failure) => void = () => {};
/** The API does not know any more who this is. */
export function onLogout(listener: (failure: Failure) => void): () => void {
  loggedOut = listener;
  return () => {
    loggedOut = () => {};
  };
}

export async function read<P extends GetPath>(
  path: P,
  params?: Params,
  query?: Query<`GET ${P}`>,
  signal?: AbortSignal,
): Promise<Answer<`GET ${P}`>> {
  return (await call('GET', address(path, params, query), undefined, signal)) as Answer<`GET ${P}`>;
}

export async function act<E extends Act>(endpoint: E, params: Params, body: Body<E>): Promise<Answer<E>> {
  const [method, path] = endpoint.split(' ') as [string, string];
  return (await call(method, address(path, params), body)) as Answer<E>;
}

export async function call(method: string, url: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET' && me) headers['x-csrf-token'] = me.csrf;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const where = `${method} ${url}`;
  const response = await fetch(url, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }).catch((error: Error) => {
    if (error.name === 'AbortError') throw error;
    throw new Failure(
      {
        type: 'about:blank',
        status: 0,
        title: 'Crossdock does not answer',
        detail: 'The tracker is not running, or the way to it is cut. This page tries again by itself.',
      },
      where,
    );
  });
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const answer: unknown = response.status === 204 || !isJson ? null : await response.json();
  if (response.ok) return answer;
  const failure = new Failure(
    (answer as Problem | null) ?? {
      type: 'about:blank',
      status: response.status,
      title: response.statusText || `Status ${response.status}`,
    },
    where,
  );
  if (response.status === 401 && url !== LOGIN) loggedOut(failure);
  throw failure;
}
