/** Parts of paths that are not loops of their own in generated code: filters by number, tuple streams, sorting, grouping, transforms. */
import { chargeComparison, expectMembers, meter, spend, tick } from './budget.ts';
import { JsonataError } from './errors.ts';
import { apply, type FunctionValue, lambda } from './functions.ts';
import {
  append,
  isFunction,
  isNumeric,
  isRecord,
  listOf,
  norm,
  put,
  type Record_,
  type Sequence,
  sequence,
  truth,
} from './values.ts';

export type Tuple = Record_;
/** Evaluates a part on a context; the tuple holds the variables of `@`, `#` and `%`. */
export type Part = (input: unknown, tuple?: Tuple) => unknown;
export type TupleStage = { filter: Part } | { at: number } | { index: string };

/** `[n]`, a literal number. */
export function at(value: unknown, index: number): unknown {
  const list = listOf(value);
  const item = list[index < 0 ? list.length + index : index];
  if (Array.isArray(item)) return item;
  const result = sequence();
  if (list.tupleStream) result.tupleStream = true;
  if (item !== undefined) result.push(item);
  return result;
}

/** Takes the item if the filter's value is true or is, or lists, its index. */
export function keep(decision: unknown, index: number, length: number, item: unknown, results: unknown[]): void {
  const numbers = isNumeric(decision) ? [decision] : decision;
  if (!Array.isArray(numbers) || !numbers.every(isNumeric)) {
    if (truth(decision)) results.push(item);
    return;
  }
  spend(numbers.length);
  for (const number of numbers) {
    const floor = Math.floor(number);
    if ((floor < 0 ? length + floor : floor) === index) results.push(item);
  }
}

export function filterTuples(value: unknown, predicate: Part): Sequence {
  const results = sequence();
  const list = listOf(value);
  if (list.tupleStream) results.tupleStream = true;
  for (let i = 0; i < list.length; i++) {
    if (--meter.left < 0) tick();
    const item = list[i];
    const decision = list.tupleStream ? predicate((item as Tuple)['@'], item as Tuple) : predicate(item);
    keep(decision, i, list.length, item, results);
  }
  return results;
}

function stages(list: Sequence, all: TupleStage[]): Sequence {
  let result = list;
  for (const stage of all) {
    if ('filter' in stage) result = filterTuples(result, stage.filter);
    else if ('at' in stage) result = at(result, stage.at) as Sequence;
    else
      result.forEach((tuple, i) => {
        (tuple as Tuple)[stage.index] = i;
      });
  }
  return result;
}

/** One step of a path that carries tuples. `tuples` is undefined where the stream begins. */
export function tupleStep(
  members: unknown,
  tuples: Sequence | undefined,
  step: Part,
  { focus, index, ancestor }: { focus?: string; index?: string; ancestor?: string },
  filters: TupleStage[],
): Sequence {
  const stream: Sequence = tuples ?? listOf(members).map((item) => tupleOf(item));
  const result = sequence();
  result.tupleStream = true;
  for (let i = 0; i < stream.length; i++) {
    if (--meter.left < 0) tick();
    const before = stream[i] as Tuple;
    const value = step(before['@'], before);
    if (value === undefined) continue;
    const values: Sequence = Array.isArray(value) ? value : [value];
    for (let j = 0; j < values.length; j++) {
      if (--meter.left < 0) tick();
      const tuple: Tuple = Object.assign(Object.create(null), before);
      if (values.tupleStream) Object.assign(tuple, values[j]);
      else {
        if (focus) {
          tuple[focus] = values[j];
          tuple['@'] = before['@'];
        } else tuple['@'] = values[j];
        if (index) tuple[index] = j;
        if (ancestor) tuple[ancestor] = before['@'];
      }
      result.push(tuple);
    }
  }
  expectMembers(result.length);
  return stages(result, filters);
}

const tupleOf = (value: unknown): Tuple => Object.assign(Object.create(null), { '@': value });

export function tupleSort(
  members: unknown,
  tuples: Sequence | undefined,
  terms: Term[],
  position: number,
  index: string | undefined,
  filters: TupleStage[],
): Sequence {
  if (tuples) return stages(sort(tuples, terms, position), filters);
  const result = sequence();
  result.tupleStream = true;
  sort(listOf(members), terms, position).forEach((item, i) => {
    const tuple = tupleOf(item);
    tuple[index ?? 'undefined'] = i;
    result.push(tuple);
  });
  return stages(result, filters);
}

/** The values of a tuple stream. */
export function valuesOf(tuples: Sequence): Sequence {
  const result = sequence();
  for (const tuple of tuples) result.push((tuple as Tuple)['@']);
  return result;
}

/** `[]` anywhere in a path. */
export function keepSingleton(value: Sequence): Sequence {
  const made = Array.isArray(value) && value.cons && !value.sequence ? sequence(value) : value;
  if (made?.sequence) made.keepSingleton = true;
  return made;
}

export interface Term {
  part: Part;
  descending: boolean;
}

/** `^(…)`: stable. */
export function sort(list: Sequence, terms: Term[], position: number): Sequence {
  if (list.length <= 1) return list.sequence ? list : sequence(...list);
  const tuples = list.tupleStream === true;
  const sortValue = (term: Term, item: unknown) =>
    tuples ? term.part((item as Tuple)['@'], item as Tuple) : term.part(item);
  return mergeSort(list, (a, b) => {
    for (const term of terms) {
      const left = sortValue(term, a);
      const right = sortValue(term, b);
      if (left === undefined || right === undefined) {
        if (left === right) continue;
        return left === undefined;
      }
      const sortable = (value: unknown) => typeof value === 'string' || typeof value === 'number';
      if (!sortable(left) || !sortable(right))
        throw new JsonataError('T2008', { position, value: sortable(left) ? right : left });
      if (typeof left !== typeof right) throw new JsonataError('T2007', { position, value: left, value2: right });
      chargeComparison(left, right);
      if (left === right) continue;
      return (left as number) < (right as number) === term.descending;
    }
    return false;
  });
}

/** Merges halves; `after` says whether the left one comes after the right one. Asks in the library's order. */
export function mergeSort(list: unknown[], after: (left: unknown, right: unknown) => unknown): unknown[] {
  if (list.length <= 1) return list.slice();
  const middle = Math.floor(list.length / 2);
  const left = mergeSort(list.slice(0, middle), after);
  const right = mergeSort(list.slice(middle), after);
  const merged: unknown[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    if (--meter.left < 0) tick();
    merged.push(after(left[l], right[r]) ? right[r++] : left[l++]);
  }
  while (l < left.length) merged.push(left[l++]);
  while (r < right.length) merged.push(right[r++]);
  return merged;
}

/** `{key: value, …}` over a list. */
export function group(input: unknown, pairs: [Part, Part][], position: number | undefined): Record_ {
  const reduce = Array.isArray(input) && (input as Sequence).tupleStream === true;
  let list: Sequence = listOf(input);
  if (list.length === 0 && !reduce) list = [undefined];
  const groups = new Map<string, { gathered: Gathered; pair: number }>();
  for (const item of list) {
    for (let pair = 0; pair < pairs.length; pair++) {
      if (--meter.left < 0) tick();
      const [keyOf] = pairs[pair]!;
      const key = reduce ? keyOf((item as Tuple)['@'], item as Tuple) : keyOf(item);
      if (key === undefined) continue;
      if (typeof key !== 'string') throw new JsonataError('T1003', { position, value: key });
      if (key === '_jsonata_lambda' || key === '_jsonata_function')
        throw new JsonataError('D1013', { position, value: key });
      const known = groups.get(key);
      if (known === undefined) groups.set(key, { gathered: new Gathered(item), pair });
      else if (known.pair !== pair) throw new JsonataError('D1009', { position, value: key });
      else known.gathered.add(item);
    }
  }
  // The library's order of evaluation: that of the keys of an object.
  const order: Record_ = Object.create(null);
  for (const key of groups.keys()) order[key] = true;
  const result: Record_ = {};
  for (const key of Object.keys(order)) {
    const { gathered, pair } = groups.get(key)!;
    const { data } = gathered;
    const evaluate = pairs[pair]![1];
    let value: unknown;
    if (reduce) {
      const { '@': context, ...tuple } = reduced(data);
      value = evaluate(context, Object.assign(Object.create(null), tuple));
    } else value = evaluate(data);
    if (value !== undefined) put(result, key, value);
  }
  return result;
}

/** Joins as `append` does, without copying what was gathered so far; lists that are data are never written to. */
class Gathered {
  #data: unknown;
  #mine = false;
  constructor(data: unknown) {
    this.#data = data;
  }
  add(item: unknown): void {
    if (!this.#mine || item === undefined) {
      this.#mine = this.#data !== undefined && item !== undefined;
      this.#data = append(this.#data, item);
      return;
    }
    const list = this.#data as unknown[];
    if (Array.isArray(item)) for (const member of item) list.push(member);
    else list.push(item);
    expectMembers(list.length);
  }
  get data(): unknown {
    return this.#data;
  }
}

function reduced(data: unknown): Tuple {
  if (!Array.isArray(data)) return data as Tuple;
  const columns = new Map<string, Gathered>();
  for (const tuple of data)
    for (const name of Object.keys(tuple)) {
      const known = columns.get(name);
      if (known) known.add(tuple[name]);
      else columns.set(name, new Gathered(tuple[name]));
    }
  const result: Tuple = Object.create(null);
  for (const [name, column] of columns) result[name] = column.data;
  return result;
}

/** The context of a group whose keys are all known, over a list: its members joined. */
export function groupContext(list: Sequence): unknown {
  const all = new Gathered(list[0]);
  for (let i = 1; i < list.length; i++) all.add(list[i]);
  return all.data;
}

/** A record of the keys whose value is there. */
export function recordOf(keys: string[], values: unknown[]): Record_ {
  const result: Record_ = {};
  for (let i = 0; i < keys.length; i++) if (values[i] !== undefined) put(result, keys[i]!, values[i]);
  return result;
}

/** `|pattern|update, delete|`: changes the copy only, whatever else the pattern names (`$$` is the document itself). */
export function transform(
  clone: () => unknown,
  parts: { pattern: Part; update: Part; remove: Part | undefined },
  positions: { transform: number; update: number; remove: number },
  signature: FunctionValue['signature'],
): FunctionValue {
  const run = ([original]: unknown[]): unknown => {
    if (original === undefined) return undefined;
    const cloneFunction = clone();
    if (!isFunction(cloneFunction)) throw new JsonataError('T2013', { position: positions.transform });
    const copy = apply(cloneFunction, [original], null);
    const found = parts.pattern(copy);
    if (found === undefined) return copy;
    const members = new WeakSet<object>();
    collect(copy, members);
    const mine = (match: unknown) => typeof match === 'object' && match !== null && members.has(match);
    for (const match of Array.isArray(found) ? found : [found]) {
      if (--meter.left < 0) tick();
      const update = parts.update(match);
      if (update !== undefined) {
        if (!isRecord(update)) throw new JsonataError('T2011', { position: positions.update, value: update });
        const names = Object.keys(update);
        if (names.length > 0 && (typeof match !== 'object' || match === null))
          throw new JsonataError('mapping.transform', {
            position: positions.transform,
            message: 'The pattern of a transform names something that is not an object',
          });
        if (mine(match)) for (const name of names) put(match as Record_, name, update[name]);
      }
      const names = parts.remove?.(match);
      if (names === undefined) continue;
      const list = Array.isArray(names) ? names : [names];
      if (!list.every((name) => typeof name === 'string'))
        throw new JsonataError('T2012', { position: positions.remove, value: names });
      if (mine(match)) for (const name of list) delete (match as Record_)[name];
    }
    return copy;
  };
  return Object.assign(lambda(run, 1, signature), { kind: 'native' as const });
}

function collect(value: unknown, members: WeakSet<object>): void {
  if (--meter.left < 0) tick();
  if (typeof value !== 'object' || value === null || members.has(value)) return;
  members.add(value);
  for (const member of Array.isArray(value) ? value : Object.values(value)) collect(member, members);
}

/** Result of `[…]`, items that are lists of their own (`[[…]]`) nested, others joined. */
export function cons(items: [value: unknown, nested: boolean][], asOne: boolean): Sequence {
  let result: unknown[] = [];
  for (const [value, nested] of items) {
    if (value === undefined) continue;
    if (nested || !Array.isArray(value)) result.push(value);
    else if (result.length === 0) result = value.slice();
    else {
      expectMembers(result.length + value.length);
      for (const member of value) result.push(member);
    }
  }
  if (asOne) Object.defineProperty(result, 'cons', { value: true });
  return result;
}

export { norm };
