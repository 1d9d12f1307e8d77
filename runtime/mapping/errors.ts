/** Errors of expressions as errors of documents, with their places. */

import { DocumentError } from '../errors.ts';
import { EXHAUSTED } from './jsonata/errors.ts';

export class ExpressionSyntaxError extends Error {
  readonly code: string;
  /** Offset in the expression's text. */
  readonly position: number;
  constructor(source: string, error: { code?: string; message?: string; position?: number | undefined }) {
    super(`${error.message ?? 'syntax error'} at ${place(source, error.position ?? 0)}`);
    this.name = 'ExpressionSyntaxError';
    this.code = error.code ?? 'S0000';
    this.position = error.position ?? 0;
  }
}

/** `line 3, column 7` of an offset, counted from 1. */
export const place = (source: string, position: number): string => {
  const before = source.slice(0, position).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
};

interface Thrown {
  code?: string;
  message?: string;
  position?: number | undefined;
  fields?: { cause?: unknown };
}

/** `name` says whose expression it is; `path` is the JSON pointer of what it was evaluated on, where known. */
export function asDocumentError(error: unknown, source: string, name: string, path?: string): DocumentError {
  const { code = '', message = String(error), position, fields } = error as Thrown;
  const inner = error instanceof DocumentError ? error : fields?.cause;
  const at = { ...(position !== undefined && { position }), ...(path !== undefined && { path }) };
  const placed = Object.keys(at).length > 0 ? { place: { ...at, in: name } } : {};
  const where = `${position === undefined ? '' : `, ${place(source, position)}`}${path ? `, at ${path}` : ''}`;
  if (inner instanceof DocumentError)
    return new DocumentError({
      class: inner.class,
      code: inner.code,
      message: `${name}${where}: ${inner.message}`,
      ...(inner.waitsFor && { waitsFor: inner.waitsFor }),
      violations: [{ code: inner.code, message: inner.message, ...placed }],
    });
  const exhausted = EXHAUSTED.has(code) || error instanceof RangeError;
  const said = exhausted ? `the expression exceeded its budget (${message})` : message;
  return new DocumentError({
    class: 'MappingFailed',
    code: exhausted ? 'budget.exceeded' : code || 'mapping.threw',
    message: `${name}${where}: ${said}`.slice(0, 1000),
    violations: [{ code: code || 'mapping.threw', message: said.slice(0, 500), ...placed }],
    cause: error,
  });
}

/** Members looked at for the pointer of one. */
const SEARCHED = 100_000;

/** JSON pointer of an object in a document, by identity; undefined if it is not found soon. */
export function pointerTo(document: unknown, wanted: unknown): string | undefined {
  if (typeof wanted !== 'object' || wanted === null) return undefined;
  const waiting: [value: unknown, pointer: string][] = [[document, '']];
  for (let seen = 0; seen < waiting.length && seen < SEARCHED; seen++) {
    const [value, pointer] = waiting[seen]!;
    if (value === wanted) return pointer;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, member] of Object.entries(value))
      if (typeof member === 'object' && member !== null)
        waiting.push([member, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`]);
  }
  return undefined;
}
