/** Reading as a page needs it: what is known is shown at once, and read again when the tracker says that it changed. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Topic } from '../../../tracker/api/contract.ts';
import { type Answer, address, call, Failure, type GetPath, type Params, type Query } from './api.ts';
import { onChange } from './live.ts';

export interface Reading<T> {
  data: T | undefined;
  /** With data: of the last try, the data are older. */
  error: Failure | undefined;
  /** Nothing is known yet. */
  loading: boolean;
  again(): void;
}
export interface ReadOptions<P extends GetPath> {
  params?: Params;
  query?: Query<`GET ${P}`>;
  /** Read again when one of these changed. */
  topics?: readonly Topic[];
  /** Not yet. */
  off?: boolean;
}

/** Answers by address, so that going back shows at once what was there. */
const known = new Map<string, unknown>();
const MAX_KNOWN = 60;
/** Changes come in bursts. */
const PAUSE_MS = 700;
const RETRY_MS = 4_000;

export function useRead<P extends GetPath>(path: P, options: ReadOptions<P> = {}): Reading<Answer<`GET ${P}`>> {
  type T = Answer<`GET ${P}`>;
  const { params, query, topics = [], off = false } = options;
  const url = off ? undefined : address(path, params, query);
  const [state, set] = useState<{ url?: string | undefined; data?: T; error?: Failure | undefined }>({});
  const running = useRef<{ controller?: AbortController; timer?: ReturnType<typeof setTimeout>; last: number }>({
    last: 0,
  });

  const load = useCallback(() => {
    if (url === undefined) return;
    const now = running.current;
    clearTimeout(now.timer);
    now.controller?.abort();
    const controller = new AbortController();
    now.controller = controller;
    now.last = Date.now();
    call('GET', url, undefined, controller.signal).then(
      (answer) => {
        known.delete(url);
        known.set(url, answer);
        if (known.size > MAX_KNOWN) known.delete(known.keys().next().value!);
        if (!controller.signal.aborted) set({ url, data: answer as T });
      },
      (error: Error) => {
        if (controller.signal.aborted || !(error instanceof Failure)) return;
        set((before) => ({ ...(before.url === url ? before : { url }), error }));
        if (error.problem.status === 0 || error.problem.status === 503) now.timer = setTimeout(load, RETRY_MS);
      },
    );
  }, [url]);

  useEffect(() => {
    load();
    const now = running.current;
    const stop = onChange(topics, () => {
      clearTimeout(now.timer);
      now.timer = setTimeout(
        () => {
          if (document.visibilityState === 'visible') load();
          else document.addEventListener('visibilitychange', load, { once: true });
        },
        Math.max(0, now.last + PAUSE_MS - Date.now()),
      );
    });
    return () => {
      stop();
      document.removeEventListener('visibilitychange', load);
      clearTimeout(now.timer);
      now.controller?.abort();
    };
  }, [load]);

  const fresh = state.url === url && state.data !== undefined;
  const data = fresh ? state.data : url === undefined ? undefined : (known.get(url) as T | undefined);
  const error = state.url === url ? state.error : undefined;
  return { data, error, loading: !off && data === undefined && error === undefined, again: load };
}
