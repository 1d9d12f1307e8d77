/** Text to segments: delimiters from the ISA, one pass over the characters, places on demand. Knows nothing of schemas. */
import { isBlank } from '../text.ts';

/** The characters that structure an interchange. `segment` is the terminator; on encode further characters (`~\n`) are written after it. */
export interface Delimiters {
  element: string;
  segment: string;
  component: string;
  /** ISA11 from 00402 on; empty before. */
  repetition: string;
}
export interface Segment {
  id: string;
  /** As written, from 01; components and repetitions not split. */
  elements: string[];
  /** Offset of the id in the text. */
  at: number;
  /** In the file, from 1. */
  number: number;
  /** No component separator, no repetition separator and no control character stands in it. */
  plain: boolean;
}
export interface Header {
  delimiters: Delimiters;
  /** ISA01 … ISA16, not trimmed. */
  elements: string[];
  /** Offset after the terminator. */
  end: number;
}

const LF = 10;
const CR = 13;
const isAlphanumeric = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/** A sign of punctuation, or a control character that stands in no text. */
const isSeparator = (code: number): boolean =>
  (code > 32 && !isAlphanumeric(code)) || (code > 0 && code < 32 && !(code >= 9 && code <= 13));

/** Offset of the next `ISA` that an element separator follows, or -1. Where there is none, one in lower case counts. */
export function findHeader(text: string, from: number): number {
  const found = findId(text, 'ISA', from);
  return found >= 0 ? found : findId(text, 'isa', from);
}

function findId(text: string, id: string, from: number): number {
  for (let at = text.indexOf(id, from); at >= 0; at = text.indexOf(id, at + 1)) {
    const code = text.charCodeAt(at + 3);
    if (isSeparator(code) && (at === 0 || !isAlphanumeric(text.charCodeAt(at - 1)))) return at;
  }
  return -1;
}

/** Longest ISA that is read: wrapped lines and fields that are wider than allowed included. */
const HEADER_LIMIT = 400;

/** Reads the ISA by its separators, so that one of a wrong width is read too. A string says what is wrong with it. */
export function readHeader(text: string, at: number): Header | string {
  const separator = text[at + 3]!;
  if (isRegular(text, at, separator)) {
    const elements = text.slice(at + 4, at + 105).split(separator);
    return headerOf(separator, elements, text[at + 105]!, at + 106);
  }
  const elements: string[] = [];
  let element = '';
  let i = at + 4;
  for (; i < text.length && i < at + HEADER_LIMIT; i++) {
    const char = text[i]!;
    if (char === '\n' || char === '\r') continue;
    if (elements.length === 15) {
      elements.push(char);
      break;
    }
    if (char === separator) {
      elements.push(element);
      element = '';
    } else element += char;
  }
  if (elements.length < 16)
    return i >= text.length ? 'the file ends within the ISA' : `the ISA has ${elements.length} elements, not 16`;
  let segment = text[i + 1];
  if (segment === undefined) return 'the file ends within the ISA';
  if (segment === '\r' && text[i + 2] === '\n') segment = '\n';
  const next = text.slice(i + 2, i + 2 + HEADER_LIMIT).trimStart();
  const [line = ''] = next.split(/[\r\n]/, 1);
  if (segment === '\n' && line.startsWith(`GS${separator}`) && line.endsWith(elements[15]!)) {
    // ISA16 is missing: what stands there ends the next line, too. A character takes its place that no text has.
    const header = headerOf(separator, [...elements.slice(0, 15), ''], elements[15]!, i + 1);
    header.delimiters.component = '\u001f';
    return header;
  }
  if (isAlphanumeric(segment.charCodeAt(0)) || segment === separator)
    return `the ISA ends with ${JSON.stringify(segment)}, which cannot be a segment terminator`;
  return headerOf(separator, elements, segment, segment === '\n' && text[i + 1] === '\r' ? i + 3 : i + 2);
}

/** Offsets of the separators in an ISA of the right width. */
const SEPARATORS = [3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103];

/** The usual case: every separator in its place, no line break before the terminator, which is a sign of punctuation. */
function isRegular(text: string, at: number, separator: string): boolean {
  const terminator = text.charCodeAt(at + 105);
  if (!(terminator > 32) || isAlphanumeric(terminator) || text[at + 105] === separator) return false;
  if (!SEPARATORS.every((offset) => text[at + offset] === separator)) return false;
  for (let i = at; i < at + 105; i++) if (text.charCodeAt(i) < 32) return false;
  return text.indexOf(separator, at + 104) !== at + 104;
}

function headerOf(separator: string, elements: string[], segment: string, end: number): Header {
  const eleventh = elements[10]!;
  const repeats =
    elements[11]! >= '00402' && eleventh.length === 1 && eleventh !== ' ' && !isAlphanumeric(eleventh.charCodeAt(0));
  const delimiters = { element: separator, segment, component: elements[15]!, repetition: repeats ? eleventh : '' };
  return { delimiters, elements, end };
}

const ELEMENT = 1;
const TERMINATOR = 2;
/** Component or repetition separator. */
const PART = 3;
const BREAK = 4;
const CONTROL = 5;

interface Meanings {
  /** What a character below 256 means. */
  kinds: Uint8Array;
  /** Delimiters beyond ISO 8859-1 are looked up one by one. */
  wide: Map<number, number>;
}
/** Few sets of delimiters are in use; the first hundred are kept. */
const meanings = new Map<string, Meanings>();

function meaningsOf({ element, segment, component, repetition }: Delimiters): Meanings {
  const key = element + segment[0] + component + repetition;
  let found = meanings.get(key);
  if (found) return found;
  const kinds = new Uint8Array(256);
  kinds.fill(CONTROL, 0, 32);
  kinds[LF] = BREAK;
  kinds[CR] = BREAK;
  const codes = new Map<number, number>();
  if (repetition) codes.set(repetition.charCodeAt(0), PART);
  codes.set(component.charCodeAt(0), PART);
  codes.set(element.charCodeAt(0), ELEMENT);
  codes.set(segment.charCodeAt(0), TERMINATOR);
  for (const [code, kind] of codes) if (code < 256) kinds[code] = kind;
  found = { kinds, wide: new Map([...codes].filter(([code]) => code >= 256)) };
  if (meanings.size < 100) meanings.set(key, found);
  return found;
}

export class Scanner {
  readonly text: string;
  position: number;
  count: number;
  /** The last segment had no terminator: the text ended. */
  unterminated = false;
  /** The last segment had none though the text goes on: its line ended. */
  cut = false;
  /** Elements of the segment that is being read: an array that grows takes more memory than it needs. */
  private readonly gathered: string[] = [];
  private readonly terminator: number;
  private readonly element: number;
  /** Segments stand in lines of their own: a line break within one is no wrapping. */
  private readonly lined: boolean;
  private readonly kinds: Uint8Array;
  private readonly wide: Map<number, number>;

  constructor(text: string, position: number, count: number, delimiters: Delimiters) {
    this.text = text;
    this.position = position;
    this.count = count;
    this.terminator = delimiters.segment.charCodeAt(0);
    this.element = delimiters.element.charCodeAt(0);
    const next = text.charCodeAt(position);
    this.lined = next === LF || next === CR;
    const { kinds, wide } = meaningsOf(delimiters);
    this.kinds = kinds;
    this.wide = wide;
  }

  skipBlank(): void {
    const { text, terminator } = this;
    let i = this.position;
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (!isBlank(code)) break;
      if (code === terminator && code !== LF && code !== CR) break;
    }
    this.position = i;
  }

  /** The next segment, or undefined at the end of the text. */
  next(): Segment | undefined {
    this.skipBlank();
    const { text, kinds, wide } = this;
    const length = text.length;
    const at = this.position;
    if (at >= length) return undefined;
    const { gathered } = this;
    let count = 0;
    let id: string | undefined;
    let start = at;
    let broken = false;
    this.cut = false;
    let plain = true;
    let i = at;
    for (; i < length; i++) {
      const code = text.charCodeAt(i);
      const kind = code < 256 ? kinds[code]! : wide.size === 0 ? 0 : (wide.get(code) ?? 0);
      if (kind === 0) continue;
      if (kind === ELEMENT) {
        if (id === undefined) id = idOf(text, start, i);
        else gathered[count++] = text.slice(start, i);
        start = i + 1;
      } else if (kind === TERMINATOR) break;
      else if (kind === BREAK) {
        if (this.lined && this.beginsSegment(i)) {
          this.cut = true;
          break;
        }
        broken = true;
      } else plain = false;
    }
    if (id === undefined) id = text.slice(start, i);
    else gathered[count++] = text.slice(start, i);
    const elements = gathered.slice(0, count);
    this.unterminated = i >= length;
    this.position = i + 1;
    this.count++;
    if (broken) {
      id = unwrapped(id);
      for (let n = 0; n < elements.length; n++) elements[n] = unwrapped(elements[n]!);
    }
    if (id === 'BIN') this.readBinary(elements, at);
    return { id, elements, at, number: this.count, plain };
  }

  /** Whether behind line breaks and blanks an id and an element separator stand. */
  private beginsSegment(from: number): boolean {
    const { text } = this;
    let at = from;
    while (isBlank(text.charCodeAt(at))) at++;
    const first = text.charCodeAt(at);
    if (!(first >= 65 && first <= 90)) return false;
    for (let length = 1; length <= 3; length++) {
      const code = text.charCodeAt(at + length);
      if (code === this.element) return length > 1;
      if (!(code >= 65 && code <= 90) && !(code >= 48 && code <= 57)) return false;
    }
    return false;
  }

  /** BIN01 says how many characters BIN02 has: delimiters and line breaks among them are data. */
  private readBinary(elements: string[], at: number): void {
    const [length = ''] = elements;
    const start = at + 'BIN'.length + 1 + length.length + 1;
    const end = start + Number(length);
    if (!/^\d{1,15}$/.test(length) || this.text.charCodeAt(end) !== this.terminator) return;
    elements.splice(1, elements.length, this.text.slice(start, end));
    this.position = end + 1;
    this.unterminated = false;
  }
}

/** Ids by their characters: the same string for each segment, which maps find without hashing it anew. */
const ids = new Map<number, string>();

function idOf(text: string, start: number, end: number): string {
  const length = end - start;
  if (length < 2 || length > 3) return text.slice(start, end);
  const third = length === 3 ? text.charCodeAt(start + 2) : 0;
  const first = text.charCodeAt(start);
  const second = text.charCodeAt(start + 1);
  if ((first | second | third) > 127) return text.slice(start, end);
  const key = first | (second << 7) | (third << 14);
  let id = ids.get(key);
  if (id === undefined) {
    id = text.slice(start, end);
    if (ids.size < 1000) ids.set(key, id);
  }
  return id;
}

/** A line break within a segment is the wrapping of a transport, not data. */
const unwrapped = (text: string): string => text.replaceAll(/[\r\n]+/g, '');
