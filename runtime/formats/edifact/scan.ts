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
  /** Offset of the id in the text. */
  at: number;
  /** In the file, from 1; UNA does not count. */
  number: number;
}

/** `UNA` and its six characters. */
export function readUna(text: string, at: number): ServiceCharacters | undefined {
  if (!text.startsWith('UNA', at) || text.length < at + 9) return undefined;
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

export class Scanner {
  readonly text: string;
  position: number;
  count: number;
  /** The last segment had no terminator: the text ended. */
  unterminated = false;
  private readonly element: number;
  private readonly component: number;
  private readonly release: number;
  private readonly terminator: number;

  constructor(text: string, position: number, count: number, characters: ServiceCharacters) {
    this.text = text;
    this.position = position;
    this.count = count;
    this.element = characters.element.charCodeAt(0);
    this.component = characters.component.charCodeAt(0);
    // A blank means that there is no release character.
    this.release = characters.release === ' ' ? -1 : characters.release.charCodeAt(0);
    this.terminator = characters.segment.charCodeAt(0);
  }

  skipBlank(): void {
    while (this.position < this.text.length && isBlank(this.text.charCodeAt(this.position))) this.position++;
  }

  /** The next segment, or undefined at the end of the text. */
  next(): Segment | undefined {
    this.skipBlank();
    const { text, element, component, release, terminator } = this;
    const at = this.position;
    if (at >= text.length) return undefined;
    const elements: string[][] = [];
    let parts: string[] = [];
    let start = at;
    let untidy = false;
    const take = (end: number): string => {
      const raw = text.slice(start, end);
      return untidy ? this.tidy(raw) : raw;
    };
    let i = at;
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code === release) {
        untidy = true;
        i++;
      } else if (code === component || code === element) {
        parts.push(take(i));
        start = i + 1;
        untidy = false;
        if (code === element) {
          elements.push(parts);
          parts = [];
        }
      } else if (code === terminator) break;
      else if (code === 10 || code === 13) untidy = true;
    }
    const end = Math.min(i, text.length);
    parts.push(take(end));
    elements.push(parts);
    this.unterminated = i >= text.length;
    this.position = end + 1;
    this.count++;
    const [head] = elements.splice(0, 1);
    return { id: head![0]!, elements, at, number: this.count };
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
