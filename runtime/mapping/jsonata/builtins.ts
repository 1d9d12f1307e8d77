/** The built-in functions: the library's own where they are synchronous and cannot run away, ours where not. */
import { type LibraryFunction, libraryFunctions } from './ast.ts';
import { chargeComparison, exhausted, expectCharacters, expectMembers, LIMITS, meter, spend, tick } from './budget.ts';
import { JsonataError } from './errors.ts';
import { callback, type FunctionValue, invoke } from './functions.ts';
import { mergeSort } from './paths.ts';
import type { Matched } from './regex.ts';
import {
  append,
  deepEqual,
  isFunction,
  isNumeric,
  isRecord,
  lookup,
  put,
  type Record_,
  type Sequence,
  sequence,
  text,
  truth,
} from './values.ts';

type List = unknown[];
type Implementation = (...args: never[]) => unknown;

/** Taken from the library as they are: synchronous, linear in their arguments. */
const TAKEN = [
  ...['substring', 'substringBefore', 'substringAfter', 'lowercase', 'uppercase', 'length', 'trim', 'formatNumber'],
  ...[
    'formatBase',
    'formatInteger',
    'parseInteger',
    'number',
    'floor',
    'ceil',
    'round',
    'abs',
    'sqrt',
    'power',
    'random',
  ],
  ...['error', 'assert', 'base64encode', 'base64decode', 'encodeUrlComponent', 'encodeUrl'],
  ...['decodeUrlComponent', 'decodeUrl', 'toMillis', 'fromMillis'],
];

/** Those of them that are fast whatever the text. */
const FAST = new Set(['substringBefore', 'substringAfter', 'error', 'assert']);

const OWN: Record<string, Implementation> = {
  sum: (list: number[] | undefined) => list && reduceNumbers(list, 0, (a, b) => a + b),
  count: (list: List | undefined) => list?.length ?? 0,
  max: (list: number[] | undefined) => (list?.length ? reduceNumbers(list, -Infinity, Math.max) : undefined),
  min: (list: number[] | undefined) => (list?.length ? reduceNumbers(list, Infinity, Math.min) : undefined),
  average: (list: number[] | undefined) =>
    list?.length ? reduceNumbers(list, 0, (a, b) => a + b) / list.length : undefined,
  string: (value: unknown, prettify?: boolean) => text(value, prettify),
  pad,
  contains: (value: string | undefined, token: unknown) => {
    if (value === undefined || token === undefined) return undefined;
    return typeof token === 'string' ? value.includes(token) : matchOf(token, [value]) !== undefined;
  },
  match,
  replace,
  split,
  join: (list: string[] | undefined, separator = '') => {
    if (list === undefined) return undefined;
    spend(list.length);
    let characters = separator.length * list.length;
    for (const member of list) characters += member.length;
    expectCharacters(characters);
    return list.join(separator);
  },
  type: (value: unknown) => {
    if (value === undefined) return undefined;
    if (value === null) return 'null';
    if (Array.isArray(value)) return 'array';
    // NaN is an object to the library.
    return typeof value === 'number' && !isNumeric(value) ? 'object' : typeof value;
  },
  boolean: (value: unknown) => (value === undefined ? undefined : truth(value)),
  not: (value: unknown) => (value === undefined ? undefined : !truth(value)),
  exists: (value: unknown) => value !== undefined,
  map: (list: List | undefined, f: unknown) => {
    if (list === undefined) return undefined;
    const result = sequence();
    for (let i = 0; i < list.length; i++) {
      const value = callback(f, list[i], i, list);
      if (value !== undefined) result.push(value);
    }
    return result;
  },
  filter: (list: List | undefined, f: unknown) => {
    if (list === undefined) return undefined;
    const result = sequence();
    for (let i = 0; i < list.length; i++) if (truth(callback(f, list[i], i, list))) result.push(list[i]);
    return result;
  },
  single: (list: List | undefined, f: unknown) => {
    if (list === undefined) return undefined;
    let found: { value: unknown } | undefined;
    for (let i = 0; i < list.length; i++) {
      if (f !== undefined && !truth(callback(f, list[i], i, list))) continue;
      if (found) throw new JsonataError('D3138', { index: i });
      found = { value: list[i] };
    }
    if (!found) throw new JsonataError('D3139');
    return found.value;
  },
  reduce: (list: List | undefined, f: FunctionValue, initial: unknown) => {
    if (list === undefined) return undefined;
    if (f.arity < 2) throw new JsonataError('D3050', { index: 1 });
    const fromFirst = initial === undefined && list.length > 0;
    let result = fromFirst ? list[0] : initial;
    for (let i = fromFirst ? 1 : 0; i < list.length; i++) {
      const args = [result, list[i]];
      if (f.arity >= 3) args.push(i);
      if (f.arity >= 4) args.push(list);
      result = invoke(f, args);
    }
    return result;
  },
  zip: (...lists: unknown[]) => {
    const length = Math.min(...lists.map((list) => (Array.isArray(list) ? list.length : 0)));
    expectMembers(length);
    return Array.from({ length: Number.isFinite(length) ? length : 0 }, (_, i) =>
      lists.map((list) => (list as List)[i]),
    );
  },
  keys: (value: unknown) => keys(value),
  lookup: (value: unknown, name: string) => lookup(value, name),
  append: (first: unknown, second: unknown) => append(first, second),
  spread: (value: unknown) => {
    if (Array.isArray(value) && value.length > 0) {
      const result: Sequence = [];
      for (const member of value) spreadInto(member, result);
      // As the library: joining to a sequence that is still empty keeps no mark.
      return result;
    }
    if (Array.isArray(value)) return sequence();
    if (!isRecord(value)) return value;
    const result = sequence();
    spreadInto(value, result);
    return result;
  },
  merge: (list: Record_[] | undefined) => {
    if (list === undefined) return undefined;
    const result: Record_ = {};
    for (const record of list) {
      if (typeof record !== 'object' || record === null) continue;
      for (const name of Object.keys(record)) {
        if (--meter.left < 0) tick();
        put(result, name, record[name]);
      }
    }
    return result;
  },
  reverse: (list: List | undefined) => (list === undefined || list.length <= 1 ? list : [...list].reverse()),
  each: (record: Record_, f: unknown) => {
    const result = sequence();
    for (const name of namesOf(record)) {
      const value = callback(f, record[name], name, record);
      if (value !== undefined) result.push(value);
    }
    return result;
  },
  sift: (record: Record_, f: unknown) => {
    const result: Record_ = {};
    for (const name of namesOf(record))
      if (truth(callback(f, record[name], name, record))) put(result, name, record[name]);
    return Object.keys(result).length === 0 ? undefined : result;
  },
  sort: (list: List | undefined, comparator: unknown) => {
    if (list === undefined || list.length <= 1) return list;
    if (comparator !== undefined) return mergeSort(list, (a, b) => invoke(comparator, [a, b]));
    spend(list.length);
    if (!list.every(isNumeric) && !list.every((member) => typeof member === 'string'))
      throw new JsonataError('D3070', { index: 1 });
    return mergeSort(list, (a, b) => {
      chargeComparison(a, b);
      return (a as number) > (b as number);
    });
  },
  shuffle: (list: List | undefined) => {
    if (list === undefined || list.length <= 1) return list;
    const result: List = [];
    for (let i = 0; i < list.length; i++) {
      if (--meter.left < 0) tick();
      const j = Math.floor(Math.random() * (i + 1));
      if (i !== j) result[i] = result[j];
      result[j] = list[i];
    }
    return result;
  },
  distinct: (list: unknown) => {
    if (!Array.isArray(list) || list.length <= 1) return list;
    const results: Sequence = (list as Sequence).sequence ? sequence() : [];
    const scalars = new Set<unknown>();
    const others: unknown[] = [];
    for (const value of list) {
      if (--meter.left < 0) tick();
      if (typeof value !== 'object' || value === null) {
        if (scalars.has(value) && !Number.isNaN(value)) continue;
        scalars.add(value);
      } else {
        if (others.some((known) => deepEqual(value, known))) continue;
        others.push(value);
      }
      results.push(value);
    }
    return results;
  },
  clone: (value: unknown) => {
    if (value === undefined) return undefined;
    const written = text(value)!;
    if (written.length > CLONED) throw exhausted(`a copy of ${written.length} characters; the limit is ${CLONED}`);
    return JSON.parse(written);
  },
  now: (picture?: string, zone?: string) => {
    expectDatePicture(picture);
    return taken.get('fromMillis')!.implementation(now(), picture, zone);
  },
  millis: () => now(),
};

/** Characters of JSON that are read in one go. */
const CLONED = 2_000_000;

const now = (): number => {
  if (meter.now === 0) meter.now = Date.now();
  return meter.now;
};
const namesOf = (value: unknown): string[] => (typeof value === 'object' && value !== null ? Object.keys(value) : []);

function reduceNumbers(list: number[], from: number, join: (a: number, b: number) => number): number {
  let total = from;
  for (let i = 0; i < list.length; i++) total = join(total, list[i]!);
  return total;
}

function spreadInto(value: unknown, result: unknown[]): void {
  if (--meter.left < 0) tick();
  if (value === undefined) return;
  if (Array.isArray(value)) for (const member of value) spreadInto(member, result);
  else if (isRecord(value))
    for (const name of Object.keys(value)) {
      if (--meter.left < 0) tick();
      const one: Record_ = {};
      put(one, name, value[name]);
      result.push(one);
    }
  else result.push(value);
}

function keys(value: unknown): Sequence {
  const result = sequence();
  if (Array.isArray(value)) {
    const all: Record_ = Object.create(null);
    for (const member of value) for (const name of keys(member)) all[name as string] = true;
    result.push(...Object.keys(all));
  } else if (isRecord(value))
    for (const name of Object.keys(value)) {
      if (--meter.left < 0) tick();
      result.push(name);
    }
  if (--meter.left < 0) tick();
  return result;
}

function pad(value: string | undefined, width: number, filler?: string): string | undefined {
  if (value === undefined) return undefined;
  const size = Math.abs(Math.trunc(width));
  if (size > LIMITS.padding) throw exhausted(`$pad to ${width} characters; the limit is ${LIMITS.padding}`);
  // No character takes more than two.
  if (value.length >= 2 * size) return value;
  const missing = size - [...value].length;
  if (!(missing > 0)) return value;
  const fill = [...(filler || ' ')];
  const padding = Array.from({ length: missing }, (_, i) => fill[i % fill.length]).join('');
  return width > 0 ? value + padding : padding + value;
}

function matchOf(target: unknown, args: unknown[]): Matched | undefined {
  const found = invoke(target, args) as Matched | undefined;
  if (
    found &&
    !(
      typeof found.start === 'number' ||
      typeof found.end === 'number' ||
      Array.isArray(found.groups) ||
      isFunction(found.next)
    )
  )
    throw new JsonataError('T1010');
  return found;
}

function match(value: string | undefined, pattern: unknown, limit?: number): unknown {
  if (value === undefined) return undefined;
  if (limit !== undefined && limit < 0) throw new JsonataError('D3040', { value: limit, index: 3 });
  const result = sequence();
  if (limit !== undefined && !(limit > 0)) return result;
  let found = matchOf(pattern, [value]);
  for (let count = 0; found !== undefined && (limit === undefined || count < limit); count++) {
    result.push({ match: found.match, index: found.start, groups: found.groups });
    found = matchOf(found.next, []);
  }
  return result;
}

function replace(value: string | undefined, pattern: unknown, replacement: unknown, limit?: number): unknown {
  if (value === undefined) return undefined;
  if (pattern === '') throw new JsonataError('D3010', { value: pattern, index: 2 });
  if (limit !== undefined && limit < 0) throw new JsonataError('D3011', { value: limit, index: 4 });
  if (limit !== undefined && !(limit > 0)) return value;
  const more = (count: number) => limit === undefined || count < limit;
  let result = '';
  let position = 0;
  const put = (part: string) => {
    result += part;
    expectCharacters(result.length);
  };
  if (typeof pattern === 'string') {
    if (typeof replacement !== 'string') throw new JsonataError('D3012', { value: replacement });
    let index = value.indexOf(pattern);
    for (let count = 0; index !== -1 && more(count); count++) {
      spend(1);
      put(value.substring(position, index) + replacement);
      position = index + pattern.length;
      index = value.indexOf(pattern, position);
    }
    return result + value.substring(position);
  }
  let found = matchOf(pattern, [value]);
  for (let count = 0; found !== undefined && more(count); count++) {
    const by = typeof replacement === 'string' ? substitute(replacement, found) : invoke(replacement, [found]);
    if (typeof by !== 'string') throw new JsonataError('D3012', { value: by });
    put(value.substring(position, found.start) + by);
    position = found.start + found.match.length;
    found = matchOf(found.next, []);
  }
  return result + value.substring(position);
}

/** `$1` is a group, `$0` the match, `$$` a dollar; as many digits as there are groups for. */
function substitute(template: string, { match, groups }: Matched): string {
  const digits = groups.length === 0 ? 1 : Math.floor(Math.log(groups.length) * Math.LOG10E) + 1;
  let result = '';
  let position = 0;
  for (let index = template.indexOf('$'); index !== -1; index = template.indexOf('$', position)) {
    result += template.substring(position, index);
    position = index + 1;
    const mark = template.charAt(position);
    if (mark === '$' || mark === '0') {
      result += mark === '$' ? '$' : match;
      position++;
      continue;
    }
    let number = Number.parseInt(template.substring(position, position + digits), 10);
    if (digits > 1 && number > groups.length)
      number = Number.parseInt(template.substring(position, position + digits - 1), 10);
    if (Number.isNaN(number)) result += '$';
    else {
      result += groups[number - 1] ?? '';
      position += String(number).length;
    }
  }
  return result + template.substring(position);
}

function split(value: string | undefined, separator: unknown, limit?: number): unknown {
  if (value === undefined) return undefined;
  if (limit !== undefined && limit < 0) throw new JsonataError('D3020', { value: limit, index: 3 });
  if (limit !== undefined && !(limit > 0)) return [];
  if (typeof separator === 'string') {
    return splitBy(value, separator, limit);
  }
  const more = (count: number) => limit === undefined || count < limit;
  const result: string[] = [];
  let found = matchOf(separator, [value]);
  if (found === undefined) return [value];
  let start = 0;
  let count = 0;
  for (; found !== undefined && more(count); count++) {
    result.push(value.substring(start, found.start));
    start = found.end;
    found = matchOf(found.next, []);
  }
  if (more(count)) result.push(value.substring(start));
  return result;
}

function splitBy(value: string, separator: string, wanted = value.length + 1): string[] {
  const limit = Math.trunc(wanted);
  if (separator === '') {
    expectMembers(Math.min(value.length, limit));
    return value.split('', limit);
  }
  const parts: string[] = [];
  let start = 0;
  for (let at = value.indexOf(separator); at !== -1 && parts.length < limit; at = value.indexOf(separator, start)) {
    if (--meter.left < 0) tick();
    parts.push(value.slice(start, at));
    start = at + separator.length;
  }
  if (parts.length < limit) parts.push(value.slice(start));
  expectMembers(parts.length);
  return parts;
}

/** Characters of a text that is read by a picture with so many words, names or roman numerals: they are matched by backtracking. */
const READABLE = [1000, 500, 300, 120, 80];

function expectShort(value: unknown, picture: unknown): void {
  if (typeof picture !== 'string' || typeof value !== 'string') return;
  const loose = picture.match(/\[[^\]]*[wWNnIi][^\]]*\]/g)?.length ?? 0;
  const limit = READABLE[loose] ?? 40;
  if (picture.length > 1000 || value.length > limit)
    throw exhausted(`a text of ${value.length} characters read by a picture; the limit for this one is ${limit}`);
}

function expectPicture(picture: unknown): void {
  if (typeof picture === 'string' && picture.length > LIMITS.picture)
    throw exhausted(`a picture of ${picture.length} characters; the limit is ${LIMITS.picture}`);
}

/** Of a date or time, `[Y,4-9]`: a width is how far it is padded. */
function expectDatePicture(picture: unknown): void {
  expectPicture(picture);
  if (typeof picture === 'string' && /[,-]\s*\d{4}/.test(picture))
    throw exhausted('a picture with a width of more than three digits');
}

/** Steps of one that reads or writes by a picture. */
const PICTURED = 100;

const BEFORE: Record<string, (args: unknown[]) => void> = {
  formatNumber: ([, picture]) => expectPicture(picture),
  formatInteger: ([, picture]) => expectPicture(picture),
  fromMillis: ([, picture]) => expectDatePicture(picture),
  toMillis: ([value, picture]) => expectShort(value, picture),
  parseInteger: ([value, picture]) => expectShort(value, picture),
};

const names = [...TAKEN, ...Object.keys(OWN).filter((name) => name !== 'now' && name !== 'millis'), 'now', 'millis'];
const taken: Map<string, LibraryFunction> = libraryFunctions(names);

/** What the library's functions find as `this`. */
const FOCUS = {
  createSequence: sequence,
  environment: {
    get timestamp() {
      return new Date(now());
    },
  },
};

function native(name: string): FunctionValue {
  const { implementation, signature } = taken.get(name)!;
  const ours = OWN[name] as ((...args: unknown[]) => unknown) | undefined;
  const before = BEFORE[name];
  const run = ours
    ? (args: unknown[]) => ours(...args)
    : (args: unknown[]) => {
        if (before) {
          spend(PICTURED);
          before(args);
        }
        for (const arg of args)
          if (typeof arg === 'string' && arg.length > LIMITS.slowCharacters && !FAST.has(name))
            throw exhausted(`$${name} of ${arg.length} characters; the limit is ${LIMITS.slowCharacters}`);
        return implementation.apply(FOCUS, args);
      };
  return Object.assign(run as unknown as FunctionValue, {
    kind: 'native' as const,
    arity: implementation.length,
    parameters: parametersOf(implementation),
    signature,
  });
}

/** How many parameters the library sees, as it reads them from the text of the function. */
const parametersOf = (implementation: LibraryFunction['implementation']): number =>
  /\(([^)]*)\)/.exec(implementation.toString())![1]!.split(',').length;

export const BUILTINS: ReadonlyMap<string, FunctionValue> = new Map(names.map((name) => [name, native(name)]));
