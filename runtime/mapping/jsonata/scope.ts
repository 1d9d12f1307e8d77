/** Which JavaScript variable a `$name` is. A name may be unbound yet in an inner frame, then the outer one counts. */
import type { Node } from './ast.ts';

export interface Slot {
  js: string;
}
export type Frame =
  | { kind: 'slots'; slots: Map<string, Slot>; outer: Frame | undefined }
  /** A record of variables at run time: those of `@`, `#` and `%`. */
  | { kind: 'tuple'; js: string; outer: Frame | undefined };

/** Names that `:=` binds in the frame of this part: not in its blocks and functions, which have frames of their own. */
export function bound(nodes: readonly Node[]): string[] {
  const names = new Set<string>();
  for (const node of nodes) collect(node, names);
  return [...names];
}

function collect(value: unknown, names: Set<string>): void {
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return;
  if (Array.isArray(value)) {
    for (const member of value) collect(member, names);
    return;
  }
  const node = value as Node;
  if (node.type === 'block' || (node.type === 'lambda' && !node.thunk)) {
    // What is attached to a block or function is evaluated in the frame around it.
    for (const attached of [node.predicate, node.stages, node.group]) collect(attached, names);
    return;
  }
  if (node.type === 'bind') names.add(String((node.lhs as Node).value));
  for (const child of Object.values(node)) if (typeof child === 'object') collect(child, names);
}

/** Names that tuples carry anywhere in the expression. */
export function tupleNames(root: Node): Set<string> {
  const names = new Set<string>();
  const seen = new Set<unknown>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || value instanceof RegExp || seen.has(value)) return;
    seen.add(value);
    const { focus, index, ancestor, type, value: name } = value as Node;
    if (focus !== undefined) names.add(focus);
    if (index !== undefined) names.add(index);
    if (ancestor !== undefined) names.add(ancestor.label);
    if (type === 'index') names.add(String(name));
    for (const child of Object.values(value)) walk(child);
  };
  walk(root);
  return names;
}
