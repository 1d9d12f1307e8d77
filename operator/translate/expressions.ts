/** JSONata texts are parsed here, never evaluated. */
import jsonata from 'jsonata';
import { nearest } from '../../crds/nearest.ts';
import { DEFINITIONS } from '../../runtime/mapping/functions/all.ts';
import { LinearRegExp } from '../../runtime/mapping/regex.ts';
import type { Problems } from './problems.ts';

export interface Checked {
  /** Sorted names in `$reference("name", …)`. */
  tables: string[];
  /** Names of the functions that are called. */
  calls: string[];
  error?: Remark;
  /** What is allowed, and will hardly do what is meant. */
  warnings: Remark[];
}
/** Line and column in the text, from 1. */
export interface Remark {
  line: number;
  column: number;
  message: string;
  remedy: string;
}

const REMEMBERED = 20_000;
const MAX_LENGTH = 256 * 1024;
const remembered = new Map<string, Checked>();

/** A function of the text alone; remembered, because profiles and reloads bring the same texts again. */
export function checkExpression(text: string): Checked {
  const known = remembered.get(text);
  if (known) return known;
  const checked = parse(text);
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(text, checked);
  return checked;
}

/** Tables that expressions ask, with the first field that does. */
export type Asked = Map<string, string>;

/** Checks one field that holds an expression; notes the tables that it asks. Without `tables` it may ask none. */
export function expectExpression(text: unknown, field: string, problems: Problems, tables?: Asked): void {
  if (typeof text !== 'string' || text.trim() === '') {
    problems.invalid(field, 'an expression is expected', 'write JSONata text');
    return;
  }
  const { error, warnings, tables: asked } = checkExpression(text);
  for (const { line, column, message, remedy } of warnings)
    problems.warn(field, `line ${line}, column ${column}: ${message}`, remedy);
  if (error)
    problems.add(
      'Accepted',
      'InvalidExpression',
      field,
      `line ${error.line}, column ${error.column}: ${error.message}`,
      error.remedy,
    );
  if (!tables && asked.length > 0)
    problems.unsupported(field, '$reference cannot be asked here', 'ask it in an expression of the Integration');
  for (const table of asked) if (tables && !tables.has(table)) tables.set(table, field);
}

function parse(text: string): Checked {
  const remark = (position: number, message: string, remedy: string): Remark => {
    const before = text.slice(0, Math.max(0, position)).split('\n');
    return { line: before.length, column: (before.at(-1) ?? '').length + 1, message, remedy };
  };
  const fail = (...about: Parameters<typeof remark>): Checked => ({
    tables: [],
    calls: [],
    warnings: [],
    error: remark(...about),
  });
  if (text.length > MAX_LENGTH)
    return fail(0, `${text.length} characters, more than ${MAX_LENGTH}`, 'move data into a ReferenceTable');
  let ast: unknown;
  try {
    ast = jsonata(text).ast();
  } catch (thrown) {
    if (thrown instanceof RangeError) return fail(0, 'nested too deeply', 'flatten the expression');
    const { message, position, token } = thrown as { message?: string; position?: number; token?: string };
    // The parser reports where the offending token ends.
    const length = typeof token === 'string' && token !== '(end)' ? token.length : 0;
    return fail(
      Math.max(0, (position ?? 0) - length),
      (message ?? 'not JSONata').replace(/\s+/g, ' ').slice(0, 300),
      'correct the expression there',
    );
  }
  return inspect(ast, remark);
}

/** JSONata 2.2's own, and ours. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...Object.keys(DEFINITIONS),
  ...`sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match contains
  replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power random boolean not
  map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert type sort shuffle distinct
  base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl eval toMillis fromMillis now millis clone`.split(
    /\s+/,
  ),
]);

interface Node {
  type?: string;
  value?: unknown;
  position?: number;
  procedure?: Node;
  arguments?: Node[];
  lhs?: Node;
  rhs?: Node;
}

/** Walks the tree without recursion (texts are hostile until shown otherwise). */
function inspect(ast: unknown, remark: (position: number, message: string, remedy: string) => Remark): Checked {
  const fail = (...about: Parameters<typeof remark>): Checked => ({
    tables: [],
    calls: [],
    warnings: [],
    error: remark(...about),
  });
  const tables = new Set<string>();
  const called = new Set<unknown>();
  const seen = new Set<unknown>();
  const calls: { name: string; position: number }[] = [];
  const bound = new Set<unknown>();
  const read = new Set<unknown>();
  /** Bound for later in their block, and nothing else. */
  const kept: { name: string; position: number }[] = [];
  const stack: unknown[] = [ast];
  while (stack.length > 0) {
    const node = stack.pop();
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    const { type, value, position = 0, procedure, arguments: args, lhs, rhs } = node as Node;
    if (node instanceof RegExp) continue;
    if (type === 'regex' && value instanceof RegExp) {
      try {
        new LinearRegExp(value);
      } catch (error) {
        return fail(
          Math.max(0, position - value.source.length - value.flags.length - 1),
          `regular expression ${value}: ${(error as Error).message}`,
          'look-around and back-references do not exist here; rewrite it without them',
        );
      }
      continue;
    }
    if (
      (type === 'function' || type === 'partial') &&
      procedure?.type === 'variable' &&
      (procedure.value === 'reference' || procedure.value === 'referenceAt')
    ) {
      called.add(procedure);
      const name = args?.[0];
      if (name?.type !== 'string' || typeof name.value !== 'string')
        return fail(
          Math.max(0, (procedure.position ?? position) - 10),
          'the table of $reference is not a literal text',
          'write the name of the ReferenceTable in quotes: $reference("items", sku)',
        );
      tables.add(name.value);
    } else if (type === 'variable' && (value === 'reference' || value === 'referenceAt') && !called.has(node)) {
      return fail(
        Math.max(0, position - 10),
        '$reference is used without being called',
        'call it with the name of a ReferenceTable: $reference("items", sku)',
      );
    }
    if ((type === 'function' || type === 'partial') && procedure?.type === 'variable')
      calls.push({ name: String(procedure.value), position: procedure.position ?? position });
    if (type === 'variable') read.add(value);
    if (type === 'block')
      for (const one of ((node as { expressions?: Node[] }).expressions ?? []).slice(0, -1))
        if (one.type === 'bind') kept.push({ name: String(one.lhs?.value), position: one.lhs?.position ?? 0 });
    if (type === 'bind') bound.add(lhs?.value);
    if (type === 'lambda') for (const argument of args ?? []) bound.add(argument.value);
    if (type === 'apply' && (rhs?.procedure?.value === 'reference' || rhs?.procedure?.value === 'referenceAt'))
      return fail(
        Math.max(0, position - 2),
        '~> puts the key where the name of the table belongs',
        'write $reference("items", sku) instead of sku ~> $reference("items")',
      );
    // What is bound is not read there.
    for (const [key, child] of Object.entries(node))
      if (typeof child === 'object' && !(type === 'bind' && key === 'lhs')) stack.push(child);
  }
  const unused = read.has('eval')
    ? []
    : kept
        .filter(({ name }) => !read.has(name))
        .map(({ name, position }) =>
          remark(position - name.length - 1, `$${name} is made and never used`, 'use it, or take it out'),
        );
  const unknown = calls
    .filter(({ name }) => !FUNCTIONS.has(name) && !bound.has(name))
    .sort((a, b) => a.position - b.position)
    .map(({ name, position }) => {
      const near = nearest(name, FUNCTIONS);
      const remedy = near ? `did you mean $${near}?` : 'see the functions of JSONata; ours is $reference';
      return remark(position - name.length - 1, `there is no function $${name}`, remedy);
    });
  const warnings = [...unknown, ...unused].sort((a, b) => a.line - b.line || a.column - b.column);
  return { tables: [...tables].sort(), calls: calls.map(({ name }) => name), warnings };
}
