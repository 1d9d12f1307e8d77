/**
 * Joins a destination's path to a connector's base URL such that the result stays below the base: the path may come from a
 * document, and a document must not choose the host or climb out of the base path.
 */
import { DocumentError } from '../../errors.ts';

/** The base of a connector. Throws where the plan cannot be meant. */
export function baseUrl(connector: string, text: string): URL {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new Error(`connector "${connector}": spec.http.url must be an http or https URL`);
  }
  if (url.username || url.password) {
    throw new Error(`connector "${connector}": spec.http.url must not hold credentials; use spec.http.auth`);
  }
  if (url.hash) throw new Error(`connector "${connector}": spec.http.url must not have a fragment (#…)`);
  return url;
}

/** `path` is relative to the base with or without a leading slash; it may carry a query. */
export function joinUrl(base: URL, path: string | undefined): URL {
  if (path === undefined) return new URL(base);
  const mark = path.indexOf('?');
  const below = (mark < 0 ? path : path.slice(0, mark)).replace(/^\//, '');
  const query = mark < 0 ? '' : path.slice(mark + 1);
  if (path.includes('#') || (below !== '' && !below.split('/').every(isPlain))) throw badPath(path);
  const prefix = base.pathname.replace(/\/+$/, '');
  const url = new URL(base);
  if (below !== '') url.pathname = `${prefix}/${below}`;
  url.search = [base.search.slice(1), query].filter(Boolean).join('&');
  if (below === '') return url;
  if (url.origin !== base.origin || !url.pathname.startsWith(`${prefix}/`)) throw badPath(path);
  return url;
}

/** Neither empty (`//host`; the last may be: `orders/`) nor a dot segment in any spelling. */
function isPlain(segment: string, index: number, all: string[]): boolean {
  if (segment === '') return index === all.length - 1 && index > 0;
  let text = segment;
  // Twice, because a server behind a proxy may decode twice.
  for (let pass = 0; pass < 2; pass += 1) {
    try {
      text = decodeURIComponent(text);
    } catch {
      return pass > 0 && !hasDots(text);
    }
    if (hasDots(text)) return false;
  }
  return true;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const hasDots = (text: string): boolean => /[\\\u0000-\u001f\u007f]/.test(text) || text.split('/').some(isDots);
const isDots = (segment: string): boolean => segment === '.' || segment === '..';

const badPath = (path: string): DocumentError =>
  new DocumentError({
    class: 'MappingFailed',
    code: 'path.invalid',
    message:
      `the path ${JSON.stringify(path.slice(0, 200))} cannot be joined to the connector's URL: ` +
      'it must stay below it (no "//", no "." or ".." segment, no "\\", no "#"); mend path or pathExpression, ' +
      'and encode values with $encodeUrlComponent',
  });
