/**
 * One pass over a JSON text for what JSON.parse does not tell: the line and byte of a syntax error, nesting that is too deep, duplicate
 * keys, numbers that a double cannot hold. Iterative: no text can overflow the stack.
 */
import type { Problem } from '../format.ts';

const WARNINGS = 100;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

export function inspectJson(text: string, maxDepth: number, shift: number): { problems: Problem[] } {
  const problems: Problem[] = [];
  /** Keys of the objects that are open; null for arrays. */
  const stack: (Set<string> | null)[] = [];
  let at = 0;
  const placeOf = (offset: number): Problem['place'] => {
    const before = text.slice(0, offset);
    return { line: before.split('\n').length, byte: Buffer.byteLength(before) + shift };
  };
  const fail = (message: string, code = 'json.Syntax'): { problems: Problem[] } => ({
    problems: [{ code, message, severity: 'Error', place: placeOf(at) }],
  });
  const warn = (code: string, message: string, offset: number): void => {
    if (problems.length < WARNINGS) problems.push({ code, message, severity: 'Warning', place: placeOf(offset) });
  };
  const skip = (): void => {
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
    }
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const string = (): string | undefined => {
    const end = endOfString(text, at);
    if (end < 0) return undefined;
    const found = text.slice(at, end);
    at = end;
    return found;
  };
  const unexpected = (wanted: string): { problems: Problem[] } => {
    if (at >= text.length) return fail(`the document ends where ${wanted} is expected`);
    return fail(`${JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))} where ${wanted} is expected`);
  };
  /** Reads `"key":`; a string says what is expected. */
  const key = (): string | undefined => {
    const start = at;
    const quoted = string();
    if (quoted === undefined) return 'a key in double quotes';
    const name = JSON.parse(quoted) as string;
    const keys = stack.at(-1)!;
    if (keys!.has(name))
      warn(
        'json.DuplicateKey',
        `the key ${JSON.stringify(name.slice(0, 100))} stands twice in one object: the last one counts`,
        start,
      );
    keys!.add(name);
    skip();
    if (text[at] !== ':') return "':'";
    at++;
    return undefined;
  };

  skip();
  for (;;) {
    // A value.
    skip();
    const char = text[at];
    if (char === '{' || char === '[') {
      if (stack.length >= maxDepth)
        return fail(`more than ${maxDepth} arrays and objects in each other`, 'json.TooDeep');
      stack.push(char === '{' ? new Set() : null);
      at++;
      skip();
      if (text[at] === (char === '{' ? '}' : ']')) {
        at++;
        stack.pop();
      } else {
        const wanted = char === '{' ? key() : undefined;
        if (wanted) return unexpected(wanted);
        continue;
      }
    } else if (char === '"') {
      if (string() === undefined)
        return fail('this string is not closed, or contains a control character or a wrong escape');
    } else {
      const start = at;
      const number = match(NUMBER);
      if (number !== undefined) {
        if (number.length > 15 && isLossy(number))
          warn('json.UnsafeNumber', `${number.slice(0, 40)} loses digits as a number: send it as a string`, start);
      } else if (match(WORD) === undefined) return unexpected('a value');
    }
    // What follows a value.
    for (;;) {
      skip();
      if (stack.length === 0) return at < text.length ? unexpected('the end of the document') : { problems };
      const isObject = stack.at(-1) !== null;
      if (text[at] === ',') {
        at++;
        skip();
        const wanted = isObject ? key() : undefined;
        if (wanted) return unexpected(wanted);
        break;
      }
      if (text[at] !== (isObject ? '}' : ']')) return unexpected(isObject ? "',' or '}'" : "',' or ']'");
      at++;
      stack.pop();
    }
  }
}

/** Offset after the closing quote of the string that begins at `at`, or -1. */
function endOfString(text: string, at: number): number {
  if (text.charCodeAt(at) !== 34) return -1;
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34) return i + 1;
    if (code < 32) return -1;
    if (code !== 92) continue;
    const escaped = text[++i] ?? '';
    if (escaped === 'u') {
      if (!/^[0-9a-fA-F]{4}$/.test(text.slice(i + 1, i + 5))) return -1;
      i += 4;
    } else if (escaped === '' || !'"\\/bfnrt'.includes(escaped)) return -1;
  }
  return -1;
}

/** Whether other digits come back from a double. */
function isLossy(number: string): boolean {
  return significant(number) !== significant(String(Number(number)));
}

const significant = (number: string): string =>
  number
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');
