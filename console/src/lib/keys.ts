/** Keyboard: single letters where nobody types, `g` and a letter to go somewhere, j and k through rows. */
import { go } from './router.ts';

export const PLACES: readonly { letter: string; path: string; name: string }[] = [
  { letter: 'o', path: '/', name: 'Overview' },
  { letter: 'd', path: '/today', name: 'Today' },
  { letter: 't', path: '/transactions', name: 'Transactions' },
  { letter: 'e', path: '/exceptions', name: 'Exceptions' },
  { letter: 'l', path: '/dead-letters', name: 'Dead letters' },
  { letter: 'p', path: '/partners', name: 'Partners' },
  { letter: 'i', path: '/integrations', name: 'Integrations' },
  { letter: 'r', path: '/replays', name: 'Replays' },
  { letter: 'm', path: '/measures', name: 'Measures' },
  { letter: 'a', path: '/audit', name: 'Audit' },
];
const CHORD_MS = 1_200;

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export interface KeyHandlers {
  search(): void;
  help(): void;
}

export function listenToKeys({ search, help }: KeyHandlers): () => void {
  let chord = 0;
  const listener = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const inDialog = document.querySelector('dialog[open]') !== null;
    if (inDialog) return;
    if (typing(event.target)) {
      if (event.key === 'Escape') (event.target as HTMLElement).blur();
      return;
    }
    const place = Date.now() < chord && PLACES.find(({ letter }) => letter === event.key);
    chord = 0;
    if (place) go(place.path);
    else if (event.key === 'g') chord = Date.now() + CHORD_MS;
    else if (event.key === '/') search();
    else if (event.key === '?') help();
    else if (event.key === 'j') step(1);
    else if (event.key === 'k') step(-1);
    else return;
    event.preventDefault();
  };
  addEventListener('keydown', listener);
  return () => removeEventListener('keydown', listener);
}

/** Through all rows of the page. */
function step(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')].filter((row) => row.offsetParent);
  const at = rows.indexOf(document.activeElement?.closest<HTMLElement>('[data-row]') as HTMLElement);
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
