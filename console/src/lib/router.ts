/** The address holds all that a page shows: path and filters. Links are plain anchors; a click on one does not load the page anew. */
import { useEffect, useState } from 'preact/hooks';

export interface Place {
  path: string;
  query: URLSearchParams;
}

const here = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });
let place = here();
const listeners = new Set<() => void>();

function changed(): void {
  place = here();
  for (const listener of listeners) listener();
}
addEventListener('popstate', changed);

/** Goes to an address of this console. Filters replace the entry of the history; pages add one. */
export function go(to: string, { replace = false } = {}): void {
  if (to === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  changed();
  if (!replace) scrollTo(0, 0);
}

export function usePlace(): Place {
  const [now, set] = useState(place);
  useEffect(() => {
    const listener = (): void => set(place);
    listeners.add(listener);
    listener();
    return () => void listeners.delete(listener);
  }, []);
  return now;
}

/** A filter in the address; undefined takes it out. */
export function useFilter(name: string): [string | undefined, (value: string | undefined) => void] {
  const { query } = usePlace();
  return [query.get(name) ?? undefined, (value) => setFilters({ [name]: value })];
}

export function setFilters(filters: Readonly<Record<string, string | undefined>>): void {
  go(withFilters(filters), { replace: true });
}

export function withFilters(filters: Readonly<Record<string, string | undefined>>, path = place.path): string {
  const query = new URLSearchParams(path === place.path ? place.query : undefined);
  for (const [name, value] of Object.entries(filters))
    if (value === undefined || value === '') query.delete(name);
    else query.set(name, value);
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const anchor = (event.target as Element).closest?.('a');
  if (!anchor || anchor.origin !== location.origin || anchor.target || anchor.hasAttribute('download')) return;
  if (anchor.pathname.startsWith('/api/') || anchor.hash) return;
  event.preventDefault();
  go(anchor.pathname + anchor.search);
});
