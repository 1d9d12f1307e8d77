/** From a path of fields to a place in a YAML file. */
import type { Document, LineCounter, Node } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';

/** Lines and columns count from 1. `file` is relative to the folder. */
export interface Location {
  file: string;
  line: number;
  column: number;
}
/** A place in the text of a field (an expression of several lines); line and column count from 1. */
export interface TextPosition {
  line: number;
  column: number;
}
/** A resource's document and where it came from. */
export interface Placed {
  file: string;
  /** The file's whole text. */
  text: string;
  document: Document.Parsed;
  lines: LineCounter;
}

/** `spec.a[0]["x.y"].b` → its parts. Also takes the server's `metadata.labels[x.y/z]`. */
export function parsePath(path: string): (string | number)[] {
  const parts: (string | number)[] = [];
  for (const match of path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|\[([^\]]*)\]|([^.[\]]+)/g)) {
    if (match[1] !== undefined) parts.push(Number(match[1]));
    else parts.push((match[2] ?? match[3] ?? match[4]) as string);
  }
  return parts;
}

/** Where the key of a field is written; of the nearest enclosing one where it is not. */
export function placeOf(placed: Placed, path: readonly (string | number)[], within?: TextPosition): Location {
  const { document } = placed;
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? document.range[0];
  let found = true;
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    let at: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(part));
      at = pair?.key;
      node = pair?.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      at = node;
    }
    const range = (at as Node | undefined)?.range;
    if (!range) {
      found = false;
      break;
    }
    offset = range[0];
  }
  if (within && found) offset = offsetWithin(node, within, placed) ?? offset;
  const { line, col } = placed.lines.linePos(offset);
  return { file: placed.file, line, column: col };
}

/** Texts that YAML holds as they are: literal blocks, and scalars of one line without escapes. */
function offsetWithin(node: unknown, { line, column }: TextPosition, { text }: Placed): number | undefined {
  if (!isScalar(node) || !node.range || typeof node.value !== 'string') return undefined;
  const [start, end] = node.range;
  if (node.type === 'BLOCK_LITERAL') {
    let at = text.indexOf('\n', start) + 1;
    const indent = /^(?:[ \t]*\n)*( *)/.exec(text.slice(at, end))?.[1]?.length ?? 0;
    for (let n = 1; n < line; n++) at = text.indexOf('\n', at) + 1;
    return at + indent + column - 1;
  }
  const quoted = node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE' ? 1 : 0;
  const asWritten = text.slice(start + quoted, end - quoted).trimEnd() === node.value;
  return asWritten && line === 1 ? start + quoted + column - 1 : undefined;
}
