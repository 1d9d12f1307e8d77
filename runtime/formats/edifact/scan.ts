/** EDIFACT text to segments: service characters from UNA or the defaults, release characters undone. Knows nothing of messages. */
import { isBlank } from '../text.ts';

/** Service characters of ISO 9735. */
export interface ServiceCharacters {
  component: string;
  element: string;
  decimal: string;
  release: string;
  /** Syntax version 4; a blank (unused) before. */
  repetition: string;
  segment: string;
}
export const defaultCharacters: ServiceCharacters = {
  component: ':',
  element: '+',
  decimal: '.',
  release: '?',
  repetition: ' ',
  segment: "'",
};

export interface Segment {
  id: string;
  /** Elements of components; `[['220'], ['PO-1'], ['9']]`. */
  elements: string[][];
  /** Elements that stand several times (syntax version 4), by index in `elements`: all of them, the first included. */
  repetitions?: Map<number, string[][]>;
  /** Offset of the id in the text. */
  at: number;
  /** In the file, from 1; UNA does not count. */
  number: number;
}

/** `UNA` and its six characters. */
export function readUna(text: string, at: number): ServiceCharacters | undefined {
  if (!/^una/i.test(text.slice(at, at + 3)) || text.length < at + 9) return undefined;
  const [component, element, decimal, release, repetition, segment] = text.slice(at + 3, at + 9) as unknown as string[];
  return {
    component: component!,
    element: element!,
    decimal: decimal!,
    release: release!,
    repetition: repetition!,
    segment: segment!,
  };
}

const COMPONENT = 1;
const ELEMENT = 2;
const REPETITION = 3;
const TERMINATOR = 4;
const RELEASE = 5;
const BREAK = 6;

interface Meanings {
  /** What a character below 256 means. */
  kinds: Uint8Array;
  /** Service characters beyond ISO 8859-1 are looked up one by one. */
  wide: Map<number, number>;
}
/** Few sets of service characters are in use; the first hundred are kept. */
const meanings = new Map<string, Meanings>();

function meaningsOf({ component, element, release, repetition, segment }: ServiceCharacters): Meanings {
  const key = component + element + release + segment + repetition;
  let found = meanings.get(key);
  if (found) return found;
  const codes = new Map<number, number>([
    [10, BREAK],
    [13, BREAK],
    [segment.charCodeAt(0), TERMINATOR],
    [element.charCodeAt(0), ELEMENT],
    [component.charCodeAt(0), COMPONENT],
  ]);
  if (release !== ' ') codes.set(release.charCodeAt(0), RELEASE);
  if (repetition !== '') codes.set(repetition.charCodeAt(0), REPETITION);
  const kinds = new Uint8Array(256);
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
  private readonly release: number;
  private kinds: Uint8Array;
  private wide: Map<number, number>;
  private readonly characters: ServiceCharacters;
  private readonly marks: number[] = [];

  constructor(text: string, position: number, count: number, characters: ServiceCharacters) {
    this.text = text;
    this.position = position;
    this.count = count;
    this.characters = characters;
    // A blank means that there is no release character.
    this.release = characters.release === ' ' ? -1 : characters.release.charCodeAt(0);
    const { kinds, wide } = meaningsOf({ ...characters, repetition: '' });
    this.kinds = kinds;
    this.wide = wide;
  }

  /** Syntax version 4: from here on elements may repeat. */
  repeatBy(repetition: string): void {
    const { kinds, wide } = meaningsOf({ ...this.characters, repetition });
    this.kinds = kinds;
    this.wide = wide;
  }

  skipBlank(): void {
    while (this.position < this.text.length && isBlank(this.text.charCodeAt(this.position))) this.position++;
  }

  /** The next segment, or undefined at the end of the text. */
  next(): Segment | undefined {
    this.skipBlank();
    const { text, kinds, wide, marks } = this;
    const length = text.length;
    const at = this.position;
    if (at >= length) return undefined;
    const elements: string[][] = [];
    let repetitions: Map<number, string[][]> | undefined;
    let id: string | undefined;
    let start = at;
    let untidy = false;
    let repeats = false;
    /** Components of the element but the last: where each ends. */
    let count = 0;
    let i = at;
    for (; ; i++) {
      let kind = TERMINATOR;
      if (i < length) {
        const code = text.charCodeAt(i);
        kind = code < 256 ? kinds[code]! : wide.size === 0 ? 0 : (wide.get(code) ?? 0);
        if (kind === 0) continue;
        if (kind === COMPONENT) {
          marks[count++] = i;
          continue;
        }
        if (kind === RELEASE) {
          untidy = true;
          i++;
          continue;
        }
        if (kind === BREAK) {
          untidy = true;
          continue;
        }
      }
      const parts = this.parts(start, i < length ? i : length, count, untidy);
      start = i + 1;
      untidy = false;
      count = 0;
      if (id === undefined) id = parts.length === 1 ? parts[0]! : parts.join(':');
      else if (repeats) repetitions!.get(elements.length - 1)!.push(parts);
      else elements.push(parts);
      if (kind === TERMINATOR) break;
      repeats = kind === REPETITION && elements.length > 0;
      if (repeats) {
        repetitions ??= new Map();
        const index = elements.length - 1;
        if (!repetitions.has(index)) repetitions.set(index, [elements[index]!]);
      }
    }
    const end = Math.min(i, length);
    this.unterminated = i >= length;
    this.position = end + 1;
    this.count++;
    return repetitions
      ? { id, elements, repetitions, at, number: this.count }
      : { id, elements, at, number: this.count };
  }

  /** The components of an element that ends at `end`; an array of just the right length: most have one member, few more than three. */
  private parts(start: number, end: number, count: number, untidy: boolean): string[] {
    const { text, marks } = this;
    let parts: string[];
    if (count === 0) parts = [text.slice(start, end)];
    else if (count === 1) parts = [text.slice(start, marks[0]), text.slice(marks[0]! + 1, end)];
    else if (count === 2)
      parts = [text.slice(start, marks[0]), text.slice(marks[0]! + 1, marks[1]), text.slice(marks[1]! + 1, end)];
    else {
      parts = [text.slice(start, marks[0])];
      for (let i = 0; i < count; i++) parts.push(text.slice(marks[i]! + 1, i + 1 < count ? marks[i + 1] : end));
    }
    return untidy ? parts.map((part) => this.tidy(part)) : parts;
  }

  /** Undoes release characters; a line break within a segment is the wrapping of a transport. */
  private tidy(raw: string): string {
    let out = '';
    for (let i = 0; i < raw.length; i++) {
      const code = raw.charCodeAt(i);
      if (code === this.release) out += raw[++i] ?? '';
      else if (code !== 10 && code !== 13) out += raw[i];
    }
    return out;
  }
}
