/**
 * Values and sequences, as the jsonata library has them: a sequence is an array that is marked, and stands for its one member when
 * it has one, for nothing when it is empty. Functions are JavaScript functions, so nothing that JSON holds can be taken for one.
 */
import { chargeComparison, expectCharacters, expectMembers, meter, readClock, spend, tick } from './budget.ts';
import { JsonataError } from './errors.ts';

export interface Sequence extends Array<unknown> {
  /** Made by evaluation, not by data or a list in the expression. */
  sequence?: boolean;
  /** One member stays a list. */
  keepSingleton?: boolean;
  /** Holds the whole input, which is a list. */
  outerWrapper?: boolean;
  /** Made by `[…]` as a step: it is one member, not several. */
  cons?: boolean;
  /** Members are records of variables, `@` is the value. */
  tupleStream?: boolean;
}
export type Record_ = Record<string, unknown>;

export function sequence(...members: unknown[]): Sequence {
  const made: Sequence = members;
  made.sequence = true;
  return made;
}

/** Nothing for an empty sequence, the member for one of one. Others are given back. */
export function norm(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const list = value as Sequence;
  if (list.sequence !== true || list.tupleStream) return value;
  if (list.length === 0) return undefined;
  return list.length === 1 && !list.keepSingleton ? list[0] : value;
}

/** As `norm`, where the expression says `[]`. */
export function normKept(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const list = value as Sequence;
  if (list.sequence !== true || list.tupleStream) return value;
  list.keepSingleton = true;
  return list.length === 0 ? undefined : value;
}

export const isFunction = (value: unknown): boolean => typeof value === 'function';
export const isRecord = (value: unknown): value is Record_ =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Throws D1001 for an infinite number. NaN is no number. */
export function isNumeric(value: unknown): value is number {
  if (typeof value !== 'number') return false;
  if (Number.isFinite(value)) return true;
  if (Number.isNaN(value)) return false;
  throw new JsonataError('D1001', { value });
}

/** `record[name] = value` for any name. */
export function put(record: Record_, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true });
  else record[name] = value;
}

/** An own property of a record. */
export const own = (value: unknown, name: string): unknown =>
  isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** Appends, lists (not made by `[…]`) member by member. */
export function pushFlat(target: unknown[], value: unknown): void {
  if (!Array.isArray(value) || (value as Sequence).cons) {
    target.push(value);
    return;
  }
  if (value.length > 8) expectMembers(target.length + value.length);
  for (let i = 0; i < value.length; i++) target.push(value[i]);
}

/** Result of the last step: one list that data or `[…]` made stays what it is; others are joined. */
export function joinLast(results: unknown[]): Sequence {
  const first = results[0] as Sequence;
  if (results.length === 1 && Array.isArray(first) && first.sequence !== true) return first;
  return join(results);
}

export function join(results: unknown[]): Sequence {
  for (let i = 0; i < results.length; i++) {
    if (!Array.isArray(results[i])) continue;
    const flat: Sequence = results.slice(0, i);
    for (; i < results.length; i++) pushFlat(flat, results[i]);
    flat.sequence = true;
    return flat;
  }
  const made = results as Sequence;
  made.sequence = true;
  return made;
}

/** Field of a record, or of each member of a list, at any depth of lists. */
export function lookup(input: unknown, name: string): unknown {
  if (!Array.isArray(input)) return own(input, name);
  spend(1 + (input.length >> 3));
  const result = sequence();
  for (let i = 0; i < input.length; i++) {
    if ((i & 0xffff) === 0xffff) readClock();
    const value = lookup(input[i], name);
    if (value === undefined) continue;
    if (Array.isArray(value)) for (let j = 0; j < value.length; j++) result.push(value[j]);
    else result.push(value);
  }
  return result;
}

/** Field steps from `from` on over the members; not yet normalized. `whole`: the last name ends the path. */
export function namesOver(members: Sequence, names: readonly string[], from: number, whole: boolean): Sequence {
  let current = members;
  for (let step = from; step < names.length; step++) {
    const results: unknown[] = [];
    for (let i = 0; i < current.length; i++) {
      if (--meter.left < 0) tick();
      const value = norm(lookup(current[i], names[step]!));
      if (value !== undefined) results.push(value);
    }
    current = whole && step === names.length - 1 ? joinLast(results) : join(results);
    if (current.length === 0) return current;
  }
  return current;
}

/** Members of what a field holds, for the next step. */
export const stepMembers = (value: unknown): Sequence => membersOf(norm(value));

/** Result of a path that ends in a field of one record; not normalized. */
export function listLast(value: unknown): Sequence {
  const normal = norm(value);
  if (normal === undefined) return sequence();
  return Array.isArray(normal) ? joinLast([normal]) : sequence(normal);
}

/** What a field holds, as the value of the path that ends there: lists of data stay, sequences are normalized anew. */
export function last(value: unknown): unknown {
  const normal = norm(value);
  if (!Array.isArray(normal) || (normal as Sequence).sequence !== true) return normal;
  return norm(joinLast([normal]));
}

/** Members that the next step goes over. */
export function membersOf(value: unknown): Sequence {
  if (value === undefined) return NONE;
  return Array.isArray(value) && !(value as Sequence).cons ? value : [value];
}
const NONE: Sequence = Object.freeze([]) as unknown as Sequence;

/** The list that a path, a filter or a group goes over: lists as they are, others as a sequence of one, nothing too. */
export const listOf = (value: unknown): Sequence => (Array.isArray(value) ? value : sequence(value));

/** `$`. */
export const self = (input: unknown): unknown =>
  Array.isArray(input) && (input as Sequence).outerWrapper ? input[0] : input;

export function append(first: unknown, second: unknown): unknown {
  if (first === undefined) return second;
  if (second === undefined) return first;
  const left = Array.isArray(first) ? first : [first];
  const right = Array.isArray(second) ? second : [second];
  expectMembers(left.length + right.length);
  return left.concat(right);
}

/** Value of `$boolean`, false for nothing. */
export function truth(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      return value.length > 0;
    case 'number':
      return isNumeric(value) && value !== 0;
    case 'object': {
      if (value === null) return false;
      if (!Array.isArray(value)) {
        for (const _ in value) return true;
        return false;
      }
      if (value.length === 1) return truth(value[0]);
      spend(value.length);
      let any = false;
      for (let i = 0; i < value.length; i++) if (truth(value[i])) any = true;
      return any;
    }
    default:
      return false;
  }
}

export function deepEqual(left: unknown, right: unknown): boolean {
  chargeComparison(left, right);
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (--meter.left < 0) tick();
  if (Array.isArray(left) && Array.isArray(right)) {
    if (left.length !== right.length) return false;
    if (left.length > 8) spend(left.length >> 3);
    for (let i = 0; i < left.length; i++) if (!deepEqual(left[i], right[i])) return false;
    return true;
  }
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  for (const name of names)
    if (!Object.hasOwn(right, name) || !deepEqual((left as Record_)[name], (right as Record_)[name])) return false;
  return true;
}

/** Rounded to 15 significant digits, unless it is an integer. What has no more digits than that is what rounding would give. */
function numberText(value: number): string {
  const written = String(value);
  // 15 digits, a point and a sign; an exponent only makes it shorter.
  if (Number.isInteger(value) || written.length <= 16) return written;
  return String(Number(value.toPrecision(15)));
}

/** `$string`. */
export function text(value: unknown, prettify = false): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'undefined':
      return undefined;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw new JsonataError('D3001', { value });
      return numberText(value);
    case 'function':
      return '';
  }
  let written = 0;
  const replacer = (_: string, member: unknown): unknown => {
    if (--meter.left < 0) tick();
    switch (typeof member) {
      case 'string':
        written += member.length;
        if (member.length > 1000) expectCharacters(written);
        return member;
      case 'number':
        return isNumeric(member) && !Number.isInteger(member) ? Number(member.toPrecision(15)) : member;
      case 'function':
        return '';
      default:
        return member;
    }
  };
  return JSON.stringify(self(value), replacer, prettify ? 2 : 0);
}

/** `*`: not normalized. */
export function wildcard(input: unknown): Sequence {
  const value = Array.isArray(input) && (input as Sequence).outerWrapper && input.length > 0 ? input[0] : input;
  if (typeof value !== 'object' || value === null) return sequence();
  let results: Sequence = sequence();
  for (const name of Object.keys(value)) {
    const member = (value as Record_)[name];
    if (Array.isArray(member)) {
      const flat: unknown[] = [];
      flattenInto(member, flat);
      results = append(results, flat) as Sequence;
    } else results.push(member);
  }
  return results;
}

function flattenInto(value: unknown[], flat: unknown[]): void {
  spend(1 + value.length);
  for (const member of value) {
    if (Array.isArray(member)) flattenInto(member, flat);
    else flat.push(member);
  }
}

/** `**`: not normalized. */
export function descendants(input: unknown): unknown {
  if (input === undefined) return undefined;
  const results = sequence();
  descend(input, results);
  return results.length === 1 ? results[0] : results;
}

function descend(value: unknown, results: unknown[]): void {
  if (--meter.left < 0) tick();
  if (Array.isArray(value)) {
    for (const member of value) descend(member, results);
    return;
  }
  results.push(value);
  if (isRecord(value)) for (const name of Object.keys(value)) descend(value[name], results);
}
