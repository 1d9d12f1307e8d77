/** A request on its way to its handler: who asks, and for what. */

import type { Scope } from '../queries/scope.ts';
import type { Who } from './auth/who.ts';
import { partnerOf } from './auth/who.ts';
import type { Changes } from './changes.ts';
import type { Endpoints } from './contract.ts';
import type { ApiOptions } from './options.ts';
import type { RouteName } from './routes.ts';

type Part<K extends RouteName, P extends string> = Endpoints[K] extends { [k in P]: infer T } ? T : undefined;

export interface Call<K extends RouteName = RouteName> {
  api: Api;
  who: Who;
  params: Record<string, string>;
  query: Part<K, 'query'>;
  body: Part<K, 'body'>;
  scope: Scope;
  now: number;
}
export type Answer<K extends RouteName> = Endpoints[K]['answer'] | Response;
export type Handler<K extends RouteName> = (call: Call<K>) => Promise<Answer<K>>;
export type Handlers = { [K in RouteName]: Handler<K> };

/** What handlers share. */
export interface Api {
  options: ApiOptions;
  changes: Changes;
  /** Figures that are costly and may be some seconds old: one reading for all who ask. */
  remember<T>(name: string, forMs: number, read: () => Promise<T>): Promise<T>;
}

export const scopeOf = ({ database, namespace, plan }: ApiOptions, who: Who): Scope => {
  const partner = partnerOf(who);
  return { database, namespace, processes: plan()?.processes ?? [], ...(partner !== undefined && { partner }) };
};

/** One reading at a time per name; who comes meanwhile waits for the same. */
export function memory(): Api['remember'] {
  const known = new Map<string, { at: number; value: Promise<unknown> }>();
  return <T>(name: string, forMs: number, read: () => Promise<T>): Promise<T> => {
    const last = known.get(name);
    const now = Date.now();
    if (last && now - last.at < forMs) return last.value as Promise<T>;
    const value = read();
    known.set(name, { at: now, value });
    value.catch(() => known.delete(name));
    return value;
  };
}
