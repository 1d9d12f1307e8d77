/** Reads the text tables of this folder; see the heads of elements.ts, segments.ts and messages.ts for the notation. */
import { holds, tokensOf, valueFor } from '../../bounds.ts';
import type { ElementDef, ElementType, GroupDef, MessageDef, SegmentDef, Use } from './schema.ts';

/** `96A` → `1996A`: directories in the order of their years. */
export const yearly = (release: string): string => (release >= '80' ? `19${release}` : `20${release}`);

/** The lines that hold for a directory, later ones replacing earlier ones of the same id. */
function* lines(text: string, directory: string): Generator<{ id: string; rest: string }> {
  for (const raw of text.split('\n')) {
    let line = raw.trim();
    const bound = /^@\d\d[A-Z] /.exec(line);
    if (bound) {
      if (!holds(bound[0], directory, yearly)) continue;
      line = line.slice(5);
    }
    if (line === '') continue;
    const space = line.indexOf(' ');
    yield { id: line.slice(0, space), rest: line.slice(space + 1) };
  }
}

export function parseElements(text: string, directory: string): Map<string, ElementDef> {
  const found = new Map<string, ElementDef>();
  for (const { id, rest } of lines(text, directory)) {
    const simple = /^(an|a|n|x)(\.\.)?(\d+) (.+)$/.exec(rest);
    const base = { key: '', position: 0, reference: id, required: false };
    if (simple) {
      const [, type, upTo, max, name] = simple as unknown as [string, ElementType, string | undefined, string, string];
      found.set(id, { ...base, name, type, min: upTo ? 1 : Number(max), max: Number(max), components: [] });
      continue;
    }
    const { list, name } = columns(id, rest);
    const components = expand(list).map((token, i) => place(token, found, '', i + 1, id));
    found.set(id, { ...base, name, type: 'composite', min: 1, max: 0, components });
  }
  return found;
}

export function parseSegments(
  text: string,
  elements: Map<string, ElementDef>,
  directory: string,
): Map<string, SegmentDef> {
  const found = new Map<string, SegmentDef>();
  for (const { id, rest } of lines(text, directory)) {
    const { list, name } = columns(id, rest);
    const placed = expand(list).map((token, i) => place(token, elements, id, i + 1, id));
    found.set(id, { id, name, elements: placed, byKey: new Map(placed.map((element) => [element.key, element])) });
  }
  return found;
}

function columns(id: string, rest: string): { list: string; name: string } {
  const [list, name] = rest.split('|').map((part) => part.trim());
  if (list === undefined || !name) throw new Error(`schema: ${id}: needs elements | name`);
  return { list, name };
}

/** `a (b)x2` → a b b */
const expand = (list: string): string[] =>
  list
    .replaceAll(/\(([^)]*)\)x(\d+)/g, (_, run: string, times: string) => `${run} `.repeat(Number(times)))
    .split(' ')
    .filter(Boolean);

const keyOf = (owner: string, position: number): string => owner + String(position).padStart(2, '0');

function place(
  token: string,
  elements: Map<string, ElementDef>,
  segment: string,
  position: number,
  where: string,
): ElementDef {
  const required = token.endsWith('!');
  const definition = elements.get(required ? token.slice(0, -1) : token);
  if (!definition) throw new Error(`schema: ${where}: unknown element ${token}`);
  const key = keyOf(segment, position);
  const components = definition.components.map((part) => ({ ...part, key: keyOf(key, part.position) }));
  return { ...definition, key, position, required, components };
}

/** Messages are parsed one by one, when they are asked for: `body` is what stands between two `===` lines. */
export function splitMessages(text: string): Map<string, { name: string; body: string }> {
  const found = new Map<string, { name: string; body: string }>();
  for (const part of text.split(/^===/m).slice(1)) {
    const head = /^ (\w+) (.+)\n([\s\S]*)$/.exec(part);
    if (!head) throw new Error(`schema: message ${part.slice(0, 40)}`);
    const [, id, name, body] = head as unknown as string[];
    found.set(id!, { name: name!, body: body! });
  }
  return found;
}

export function parseMessage(
  id: string,
  { name, body }: { name: string; body: string },
  directory: string,
  segmentOf: (id: string) => SegmentDef,
): MessageDef {
  const tokens = tokensOf(body, (bounds) => holds(bounds, directory, yearly));
  let at = 0;
  let groups = 0;
  const parseUses = (key: string, first?: string): GroupDef => {
    const uses: Use[] = first ? [useOf(`${first}!`, 0)] : [];
    while (at < tokens.length && tokens[at] !== '}') {
      const use = useOf(tokens[at++]!, uses.length);
      if (tokens[at] === '{') {
        at++;
        use.key = `SG${++groups}`;
        use.group = parseUses(use.key, use.id);
        if (tokens[at++] !== '}') throw new Error(`schema: ${id}: the group of ${use.id} is not closed`);
      }
      if (uses.some((other) => other.key === use.key)) throw new Error(`schema: ${id}: ${use.key} twice in ${key}`);
      uses.push(use);
    }
    const byId = new Map<string, Use[]>();
    for (const use of uses) byId.set(use.id, [...(byId.get(use.id) ?? []), use]);
    const byKey = new Map(uses.map((use) => [use.key, use]));
    return { key, uses, byId, byKey, required: uses.filter(({ required }) => required) };
  };
  const useOf = (token: string, ordinal: number): Use => {
    const [, segment, required, max] = /^([A-Z]{3})(!?)(?::([\w,=]+))?$/.exec(token) ?? [];
    if (!segment) throw new Error(`schema: ${id}: ${token}`);
    return {
      id: segment,
      key: segment,
      ordinal,
      max: Number(valueFor(max ?? '1', directory, yearly)),
      required: required === '!',
      segment: segmentOf(segment),
    };
  };
  const root = parseUses('');
  if (at < tokens.length) throw new Error(`schema: ${id}: too many closing braces`);
  const ids = new Set(tokens.map((token) => token.slice(0, 3)).filter((token) => /^[A-Z]{3}$/.test(token)));
  return { id, name, root, ids };
}
