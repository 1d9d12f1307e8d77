/** One clock for all times on a page. */
import { useEffect, useState } from 'preact/hooks';

const watchers = new Set<(now: number) => void>();
/** Of the tracker's clock to ours: deadlines are its. */
let ahead = 0;
export const now = (): number => Date.now() + ahead;
export const setAhead = (ms: number): void => {
  // Under that it is the way of the answer.
  ahead = Math.abs(ms) < 2_000 ? 0 : ms;
};

const TICK_MS = 5_000;
setInterval(() => {
  for (const watcher of watchers) watcher(now());
}, TICK_MS);

export function useNow(): number {
  const [at, set] = useState(now);
  useEffect(() => {
    watchers.add(set);
    return () => void watchers.delete(set);
  }, []);
  return at;
}
