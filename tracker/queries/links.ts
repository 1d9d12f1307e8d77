/** Where a business key leads to in another system. What a document says goes into an address only encoded, and never chooses where it leads. */
import type { BusinessKey, Link } from '../api/contract.ts';
import type { LinkPlan } from '../plan.ts';

const MAX_LINKS = 10;
const PLACE = '{value}';

export function linksOf(templates: readonly LinkPlan[] = [], keys: readonly BusinessKey[]): Link[] {
  return templates
    .flatMap(({ name, keyName, url }) => {
      const own = keys.filter((key) => key.name === keyName);
      return own.flatMap(({ value }) => {
        const filled = fill(url, value);
        return filled ? [{ name: own.length > 1 ? `${name}: ${value}` : name, url: filled }] : [];
      });
    })
    .slice(0, MAX_LINKS);
}

function fill(template: string, value: string): string | undefined {
  // As a step of a path these would lead upward, however they are written.
  if (value === '.' || value === '..') return undefined;
  let text: string;
  try {
    text = template.replaceAll(PLACE, () => encodeURIComponent(value));
  } catch {
    return undefined;
  }
  const [meant, url] = [URL.parse(template), URL.parse(text)];
  return url && /^https?:$/.test(url.protocol) && url.origin === meant?.origin && url.username === ''
    ? text
    : undefined;
}
