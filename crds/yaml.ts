/** One file of YAML documents, read as kubectl reads it, within bounds. */
import { readFile, stat } from 'node:fs/promises';
import type { Document, Tags } from 'yaml';
import { LineCounter, parseAllDocuments } from 'yaml';
import type { Location, Placed } from './places.ts';

/** Takes note of something that is wrong at a place of the file. */
export type Say = (at: Omit<Location, 'file'>, message: string, remedy: string, severity?: 'Error' | 'Warning') => void;

const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_ALIASES = 100;
/** Of one document: the first errors cause the others. */
const MAX_SYNTAX_ERRORS = 3;
/** How the YAML parser reports that its own stack ran out. */
const TOO_DEEP = 'Maximum call stack size exceeded';

/** Never rejects for what is in the file: it is said, and the documents that can be read are given. */
export async function readManifest(
  path: string,
  file: string,
  say: Say,
): Promise<{ value: unknown; placed: Placed }[]> {
  const start = { line: 1, column: 1 };
  const { size } = await stat(path);
  if (size > MAX_FILE_BYTES) {
    say(
      start,
      `the file has ${size} bytes, more than ${MAX_FILE_BYTES}`,
      'split it, or move rows of a reference table into a CSV file',
    );
    return [];
  }
  const lines = new LineCounter();
  const read: { value: unknown; placed: Placed }[] = [];
  const text = await readFile(path, 'utf8');
  try {
    for (const document of parseAllDocuments(text, {
      ...YAML_OPTIONS,
      lineCounter: lines,
    }) as Document.Parsed[]) {
      const wrong = [...document.errors, ...document.warnings];
      if (wrong.some(({ message }) => message.startsWith(TOO_DEEP))) throw new RangeError(TOO_DEEP);
      for (const error of wrong.slice(0, MAX_SYNTAX_ERRORS)) {
        const { line, col } = lines.linePos(error.pos[0]);
        say({ line, column: col }, `not valid YAML: ${firstLine(error.message)}`, 'mend the YAML here');
      }
      if (document.errors.length > 0) continue;
      const value = document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown;
      if (value !== null && value !== undefined) read.push({ value, placed: { file, text, document, lines } });
    }
  } catch (error) {
    if (error instanceof RangeError) say(start, 'YAML is nested too deeply', 'flatten it');
    else if (!(error instanceof ReferenceError)) throw error;
    else if (error.message.startsWith('Excessive'))
      say(start, `YAML aliases expand to too much (more than ${MAX_ALIASES})`, 'write the repeated parts out');
    else say(start, `not valid YAML: ${firstLine(error.message)}`, 'set the anchor (&name) before its alias (*name)');
  }
  return read;
}

/** What kubectl reads: YAML 1.1 booleans and octals, merge keys; times and sexagesimals stay strings. */
export const YAML_OPTIONS = {
  schema: 'yaml-1.1',
  merge: true,
  uniqueKeys: true,
  prettyErrors: true,
  customTags: (tags: Tags) =>
    tags.filter(
      (tag) =>
        typeof tag === 'string' || !(tag.tag.endsWith(':timestamp') || ('format' in tag && tag.format === 'TIME')),
    ),
} as const;

const firstLine = (text: string): string => (text.split('\n')[0] ?? text).replace(/ at line \d+, column \d+:?$/, '');
