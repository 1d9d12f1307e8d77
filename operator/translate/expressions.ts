/** JSONata texts are parsed here, never evaluated. */
import jsonata from 'jsonata';
import { LinearRegExp } from '../../runtime/mapping/regex.ts';
import type { Problems } from './problems.ts';

export interface Checked {
  /** Sorted names in `$reference("name", …)`. */
  tables: string[];
  error?: { line: number; column: number; message: string; remedy: string };
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

/** Checks one field that holds an expression; collects the tables that it asks. */
export function expectExpression(text: unknown, field: string, problems: Problems, tables?: Set<string>): void {
  if (typeof text !== 'string' || text.trim() === '') {
    problems.invalid(field, 'an expression is expected', 'write JSONata text');
    return;
  }
  const { error, tables: asked } = checkExpression(text);
  if (error)
    problems.add(
      'Accepted',
      'InvalidExpression',
      field,
      `line ${error.line}, column ${error.column}: ${error.message}`,
      error.remedy,
    );
  for (const table of asked) tables?.add(table);
}

function parse(text: string): Checked {
  const fail = (position: number, message: string, remedy: string): Checked => {
    const before = text.slice(0, position).split('\n');
    return { tables: [], error: { line: before.length, column: (before.at(-1) ?? '').length + 1, message, remedy } };
  };
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
  return inspect(ast, fail);
}

interface Node {
  type?: string;
  value?: unknown;
  position?: number;
  procedure?: Node;
  arguments?: Node[];
}

/** Walks the tree without recursion (texts are hostile until shown otherwise). */
function inspect(ast: unknown, fail: (position: number, message: string, remedy: string) => Checked): Checked {
  const tables = new Set<string>();
  const called = new Set<unknown>();
  const seen = new Set<unknown>();
  const stack: unknown[] = [ast];
  while (stack.length > 0) {
    const node = stack.pop();
    if (typeof node !== 'object' || node === null || seen.has(node)) continue;
    seen.add(node);
    const { type, value, position = 0, procedure, arguments: args } = node as Node;
    if (node instanceof RegExp) continue;
    if (type === 'regex' && value instanceof RegExp) {
      try {
        new LinearRegExp(value);
      } catch (error) {
        return fail(
          Math.max(0, position - 1),
          `regular expression ${value}: ${(error as Error).message}`,
          'look-around and back-references do not exist here; rewrite it without them',
        );
      }
      continue;
    }
    if (
      (type === 'function' || type === 'partial') &&
      procedure?.type === 'variable' &&
      procedure.value === 'reference'
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
    } else if (type === 'variable' && value === 'reference' && !called.has(node)) {
      return fail(
        Math.max(0, position - 10),
        '$reference is used without being called',
        'call it with the name of a ReferenceTable: $reference("items", sku)',
      );
    }
    if (type === 'apply' && (node as { rhs?: Node }).rhs?.procedure?.value === 'reference')
      return fail(
        position,
        '~> puts the key where the name of the table belongs',
        'write $reference("items", sku) instead of sku ~> $reference("items")',
      );
    for (const child of Object.values(node)) if (typeof child === 'object') stack.push(child);
  }
  return { tables: [...tables].sort() };
}
