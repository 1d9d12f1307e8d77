/** What the tracker tells as it happens. Pages name the topics they show and are told to read again. */
import { useEffect, useState } from 'preact/hooks';
import type { Changed, Topic } from '../../../tracker/api/contract.ts';

type Listener = (changed: Changed | undefined) => void;
const listeners = new Set<Listener>();
const watchers = new Set<(on: boolean) => void>();
let source: EventSource | undefined;
let on = false;
let again: ReturnType<typeof setTimeout> | undefined;

const RETRY_MS = 3_000;

function say(now: boolean): void {
  if (on === now) return;
  on = now;
  for (const watcher of watchers) watcher(on);
}
function tell(changed: Changed | undefined): void {
  for (const listener of listeners) listener(changed);
}

export function connect(): void {
  clearTimeout(again);
  source?.close();
  source = new EventSource('/api/v1/events');
  let broken = false;
  source.onopen = () => {
    // What happened meanwhile is not known.
    if (broken) tell(undefined);
    broken = false;
    say(true);
  };
  source.onerror = () => {
    broken = true;
    say(false);
    // A browser gives up for good on an answer that is no stream, e.g. 503 while the tracker starts.
    if (source?.readyState === EventSource.CLOSED)
      again = setTimeout(() => {
        connect();
        tell(undefined);
      }, RETRY_MS);
  };
  source.addEventListener('changed', (event) => tell(JSON.parse((event as MessageEvent<string>).data) as Changed));
  source.addEventListener('reset', () => tell(undefined));
}

/** undefined: anything may have changed. */
export function onChange(topics: readonly Topic[], listener: () => void): () => void {
  const each: Listener = (changed) => {
    if (!changed || changed.topics.some((topic) => topics.includes(topic))) listener();
  };
  listeners.add(each);
  return () => void listeners.delete(each);
}

export function useLive(): boolean {
  const [now, set] = useState(on);
  useEffect(() => {
    watchers.add(set);
    set(on);
    return () => void watchers.delete(set);
  }, []);
  return now;
}
