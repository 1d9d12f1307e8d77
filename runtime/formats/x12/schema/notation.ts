/** Reads the text tables of this folder; see the heads of elements.ts, segments.ts and transactions.ts for the notation. */
import { holds, tokensOf, valueFor } from '../../bounds.ts';
import type { Condition, ElementDef, ElementType, LoopDef, SegmentDef, TransactionDef, Use } from './schema.ts';

interface Line {
  id: string;
  rest: string;
}

/** The lines that hold for a version, later ones replacing earlier ones of the same id. */
function* lines(text: string, version: string): Generator<Line> {
  for (const raw of text.split('\n')) {
    let line = raw.trim();
    const bound = /^[@<]\d{6} /.exec(line);
    if (bound) {
      if (!holds(bound[0], version)) continue;
      line = line.slice(8);
    }
    if (line === '') continue;
    const space = line.indexOf(' ');
    yield { id: line.slice(0, space), rest: line.slice(space + 1) };
  }
}

export function parseElements(text: string, version: string): Map<string, ElementDef> {
  const found = new Map<string, ElementDef>();
  for (const { id, rest } of lines(text, version)) {
    const simple = /^(AN|ID|N\d|R|DT|TM) (\d+)\/(\d+) (.+)$/.exec(rest);
    const base = { key: '', position: 0, reference: id, required: false, repeat: 1 };
    if (simple) {
      const [, type, min, max, name] = simple as unknown as [string, string, string, string, string];
      const kind = (type.startsWith('N') ? 'N' : type) as ElementType;
      const decimals = kind === 'N' ? Number(type.slice(1)) : 0;
      found.set(id, { ...base, name, type: kind, decimals, min: +min, max: +max, components: [], conditions: [] });
      continue;
    }
    const { list, conditions, name } = columns(id, rest);
    const components = expand(list).map((token, i) => place(token, found, '', i + 1, id));
    found.set(id, { ...base, name, type: 'composite', decimals: 0, min: 1, max: 0, components, conditions });
  }
  return found;
}

export function parseSegments(
  text: string,
  elements: Map<string, ElementDef>,
  version: string,
): Map<string, SegmentDef> {
  const found = new Map<string, SegmentDef>();
  for (const { id, rest } of lines(text, version)) {
    const { list, conditions, name } = columns(id, rest);
    const placed = expand(list).map((token, i) => place(token, elements, id, i + 1, id));
    const byKey = new Map(placed.map((element) => [element.key, element]));
    found.set(id, {
      id,
      name,
      conditions,
      elements: placed,
      byKey,
      required: placed.filter(({ required }) => required),
    });
  }
  return found;
}

function columns(id: string, rest: string): { list: string; conditions: Condition[]; name: string } {
  const [list, conditions, name] = rest.split('|').map((part) => part.trim());
  if (list === undefined || conditions === undefined || !name)
    throw new Error(`schema: ${id}: needs elements | conditions | name`);
  return { list, name, conditions: conditions.split(' ').filter(Boolean).map(condition) };
}

function condition(text: string): Condition {
  const parts = /^([PRECL])((?:\d\d){2,})$/.exec(text);
  if (!parts) throw new Error(`schema: condition ${text}`);
  const kind = parts[1] as Condition['kind'];
  const positions = parts[2]!.match(/\d\d/g)!.map(Number);
  return { kind, positions, lowest: kind === 'C' || kind === 'L' ? positions[0]! : Math.min(...positions), text };
}

/** `a (b c)x2` → a b c b c */
function expand(list: string): string[] {
  return list
    .replaceAll(/\(([^)]*)\)x(\d+)/g, (_, run: string, times: string) => `${run} `.repeat(Number(times)))
    .split(' ')
    .filter(Boolean);
}

function place(
  token: string,
  elements: Map<string, ElementDef>,
  segment: string,
  position: number,
  where: string,
): ElementDef {
  const [, reference, required, repeat] = /^([A-Z]?\d+)(!?)(?:\^(\d+))?$/.exec(token) ?? [];
  const definition = elements.get(reference ?? '');
  if (!definition) throw new Error(`schema: ${where}: unknown element ${token}`);
  const key = segment + String(position).padStart(2, '0');
  const components = definition.components.map((part) => ({
    ...part,
    key: key + String(part.position).padStart(2, '0'),
  }));
  return { ...definition, key, position, required: required === '!', repeat: Number(repeat ?? 1), components };
}

/** Transactions are parsed one by one, when they are asked for: `text` is what stands between two `===` lines. */
export function splitTransactions(text: string): Map<string, { functionalId: string; name: string; body: string }> {
  const found = new Map<string, { functionalId: string; name: string; body: string }>();
  for (const part of text.split(/^===/m).slice(1)) {
    const head = /^ (\w+) (\w+) (.+)\n([\s\S]*)$/.exec(part);
    if (!head) throw new Error(`schema: transaction ${part.slice(0, 40)}`);
    const [, id, functionalId, name, body] = head as unknown as string[];
    found.set(id!, { functionalId: functionalId!, name: name!, body: body! });
  }
  return found;
}

export function parseTransaction(
  id: string,
  source: { functionalId: string; name: string; body: string },
  version: string,
  segmentOf: (id: string) => SegmentDef,
): TransactionDef {
  const tokens = tokensOf(source.body, (bounds) => holds(bounds, version));
  let at = 0;
  const parseUses = (loopId: string): LoopDef => {
    const uses: Use[] = loopId ? [use(loopId, '!', '1', 0, segmentOf)] : [];
    while (at < tokens.length && tokens[at] !== '}') {
      const token = tokens[at++]!;
      const [, segment, required, max, counted] =
        /^([A-Z][A-Z0-9]{1,2})(!?)(\*|:[\d,=*]+)?(?:#(\w+))?$/.exec(token) ?? [];
      if (!segment) throw new Error(`schema: ${id}: ${token}`);
      const next = use(segment, required!, valueFor(max?.replace(':', '') ?? '1', version), uses.length, segmentOf);
      if (counted) next.counts = counted;
      if (tokens[at] === '{') {
        at++;
        next.loop = parseUses(segment);
        next.key = `${segment}Loop`;
        if (tokens[at++] !== '}') throw new Error(`schema: ${id}: loop ${segment} is not closed`);
      }
      if (uses.some((other) => other.key === next.key))
        throw new Error(`schema: ${id}: ${next.key} twice in ${loopId || 'the transaction'}`);
      uses.push(next);
    }
    return finish(loopId, uses);
  };
  const root = parseUses('');
  if (at < tokens.length) throw new Error(`schema: ${id}: too many closing braces`);
  const ids = new Set(tokens.map((token) => token.replace(/\W.*/, '')).filter(Boolean));
  return { id, functionalId: source.functionalId, name: source.name, root, ids };
}

function use(id: string, required: string, max: string, ordinal: number, segmentOf: (id: string) => SegmentDef): Use {
  const most = max === '*' ? Number.POSITIVE_INFINITY : Number(max);
  return { id, key: id, ordinal, max: most, required: required === '!', segment: segmentOf(id) };
}

function finish(id: string, uses: Use[]): LoopDef {
  const byId = new Map<string, Use[]>();
  for (const each of uses) byId.set(each.id, [...(byId.get(each.id) ?? []), each]);
  const byKey = new Map(uses.map((each) => [each.key, each]));
  for (const each of uses) if (each.loop && !byKey.has(each.id)) byKey.set(each.id, each);
  return { id, uses, byId, byKey, required: uses.filter((each) => each.required) };
}
