/** The tree that the library's parser makes, as far as it is read here. */
import jsonata from 'jsonata';

export interface Node {
  type: string;
  value?: unknown;
  position?: number;
  steps?: Node[];
  stages?: Stage[];
  predicate?: { expr: Node }[];
  group?: Group;
  lhs?: Node | [Node, Node][];
  rhs?: Node;
  expression?: Node;
  expressions?: Node[];
  procedure?: Node;
  arguments?: Node[];
  signature?: Signature;
  body?: Node;
  thunk?: boolean;
  condition?: Node;
  then?: Node;
  else?: Node;
  pattern?: Node;
  update?: Node;
  delete?: Node;
  terms?: { descending: boolean; expression: Node }[];
  keepArray?: boolean;
  keepSingletonArray?: boolean;
  consarray?: boolean;
  tuple?: boolean;
  focus?: string;
  index?: string;
  ancestor?: { label: string };
  slot?: { label: string };
}
export interface Stage {
  type: 'filter' | 'index';
  expr?: Node;
  value?: string;
}
export interface Group {
  lhs: [Node, Node][];
  position?: number;
}
export interface Signature {
  definition: string;
  /** Arguments completed from the context and wrapped into lists as the signature says; throws T0410, T0411 or T0412. */
  validate(args: unknown[], context: unknown): unknown[];
}

/** Throws the library's error: code, position, message. */
export const parse = (source: string): Node => jsonata(source).ast() as unknown as Node;

export interface LibraryFunction {
  implementation: (this: unknown, ...args: unknown[]) => unknown;
  signature?: Signature;
}

/**
 * The library's own definition of a built-in function. There is no public way to them: the library calls what is bound to
 * this symbol with the frame that holds them, before anything asynchronous.
 */
export function libraryFunctions(names: readonly string[]): Map<string, LibraryFunction> {
  const found = new Map<string, LibraryFunction>();
  const probe = jsonata('1');
  const entry = (_: unknown, __: unknown, frame: { lookup(name: string): LibraryFunction }) => {
    for (const name of names) found.set(name, frame.lookup(name));
  };
  probe.assign(Symbol.for('jsonata.__evaluate_entry') as unknown as string, entry);
  void probe.evaluate(undefined);
  if (found.size !== names.length) throw new Error('this version of jsonata does not show its functions');
  return found;
}
