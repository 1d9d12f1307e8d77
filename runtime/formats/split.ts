/**
 * An X12 or EDIFACT file of any size, cut into pieces while it streams: each piece is an interchange of its own, with the header of its
 * interchange and group and some whole transactions, byte for byte, and trailers that fit. What the file's own trailers say is checked
 * over the whole and told at the end. Memory: one piece.
 */

import { defaultCharacters, readUna } from './edifact/scan.ts';
import type { Problem } from './format.ts';
import { findHeader, readHeader } from './x12/scan.ts';

export interface Piece {
  bytes: Buffer;
  /** Interchange in the file, from 0. */
  interchange: number;
  /** Transactions in the pieces before. */
  first: number;
  /** Lines and segments of the file before the first transaction, less those of the header that stands before it here. */
  shift: { line: number; segment: number };
}
/** What the whole says. */
export interface Whole {
  /** Wrong counts and control numbers of the file's trailers, by interchange. */
  envelopes: Problem[][];
  /** What makes the file not whole, or stands outside of any interchange. */
  outside: Problem[];
}

/** Bytes of transactions in a piece: a message of a broker, and some hundred documents. */
const PIECE_BYTES = 64 * 1024;
/** A transaction must be smaller. */
const MAX_BYTES = 16 * 1024 * 1024;

interface Ids {
  open: string;
  group: string;
  begin: string;
  end: string;
  groupEnd: string;
  close: string;
}
interface Dialect {
  format: 'x12' | 'edifact';
  ids: Ids;
  /** Offset at which an interchange begins, or -1. */
  find(text: string, from: number): number;
  /** What its header says; undefined where the text ends within it, text where it is none. */
  header(
    text: string,
    at: number,
    ended: boolean,
  ): { end: number; terminator: string; release: string; element: string } | undefined | string;
  /** Element of the header, group header and trailers that holds the control number, from 0. */
  control: { open: number; group: number };
}

const X12: Dialect = {
  format: 'x12',
  ids: { open: 'ISA', group: 'GS', begin: 'ST', end: 'SE', groupEnd: 'GE', close: 'IEA' },
  find: findHeader,
  header(text, at, ended) {
    if (!ended && text.length - at < 400 && !text.includes('IEA', at)) return undefined;
    const read = readHeader(text, at);
    if (typeof read === 'string') return read;
    return { end: read.end, terminator: read.delimiters.segment, release: '', element: read.delimiters.element };
  },
  control: { open: 12, group: 5 },
};
const EDIFACT: Dialect = {
  format: 'edifact',
  ids: { open: 'UNB', group: 'UNG', begin: 'UNH', end: 'UNT', groupEnd: 'UNE', close: 'UNZ' },
  find(text, from) {
    const pattern = /UNA[^A-Za-z0-9]{6}\s*UNB|UNB[^A-Za-z0-9]UNO/g;
    pattern.lastIndex = from;
    return pattern.exec(text)?.index ?? -1;
  },
  header(text, at) {
    const una = readUna(text, at);
    const { segment, release, element } = una ?? defaultCharacters;
    const end = endOf(text, una ? text.indexOf('UNB', at) : at, segment, release);
    return end < 0 ? undefined : { end, terminator: segment, release: release === ' ' ? '' : release, element };
  },
  control: { open: 4, group: 4 },
};

/** Offset after the terminator of the segment at `from`, or -1. */
function endOf(text: string, from: number, terminator: string, release: string): number {
  for (let at = text.indexOf(terminator, from); at >= 0; at = text.indexOf(terminator, at + 1)) {
    let released = 0;
    while (release !== '' && text[at - 1 - released] === release) released++;
    if (released % 2 === 0) return at + 1;
  }
  return -1;
}

/** Gives the pieces, and returns what the whole says. Never throws but for the source's own errors. */
export const splitX12 = (source: AsyncIterable<Buffer>, pieceBytes = PIECE_BYTES) =>
  new Splitter(X12, pieceBytes).split(source);
export const splitEdifact = (source: AsyncIterable<Buffer>, pieceBytes = PIECE_BYTES) =>
  new Splitter(EDIFACT, pieceBytes).split(source);

interface Open {
  head: string;
  control: string;
  terminator: string;
  release: string;
  element: string;
  groups: number;
  /** Messages of EDIFACT that stand in no group. */
  bare: number;
}

class Splitter {
  private readonly whole: Whole = { envelopes: [], outside: [] };
  private readonly dialect: Dialect;
  private readonly limit: number;
  private text = '';
  private at = 0;
  private line = 1;
  private segment = 0;
  private open: Open | undefined;
  private group: { head: string; control: string; transactions: number } | undefined;
  private body: string[] = [];
  private size = 0;
  /** Transactions in the body, and in the pieces before. */
  private held = 0;
  private first = 0;
  private begun: { line: number; segment: number } | undefined;
  private inside = false;

  constructor(dialect: Dialect, limit: number) {
    this.dialect = dialect;
    this.limit = limit;
  }

  async *split(source: AsyncIterable<Buffer>): AsyncGenerator<Piece, Whole> {
    for await (const bytes of source) {
      this.text = this.text.slice(this.at) + bytes.toString('latin1');
      this.at = 0;
      yield* this.take(false);
      if (this.text.length - this.at > MAX_BYTES) break;
    }
    yield* this.take(true);
    const { format, ids } = this.dialect;
    const left = this.text.slice(this.at).trim();
    if (this.open && left.toUpperCase().startsWith(ids.close)) {
      const closing = left + this.open.terminator;
      // With the right number in its last element nothing of it is missing.
      if (elementsOf(closing, this.open.element)[2]?.trim() === this.open.control) {
        const message = `the file ends with the ${ids.close}, without a segment terminator`;
        const code = `${format}.LastTerminator`;
        this.whole.outside.push({ code, message, severity: 'Warning', place: { line: this.line } });
        yield* this.segmentOf(closing);
        this.at = this.text.length;
      }
    }
    yield* this.flush();
    if (this.open) {
      const message = `the file ends before the ${ids.close} of interchange ${this.open.control}`;
      this.whole.outside.push({ code: `${format}.Truncated`, message, severity: 'Error', place: { line: this.line } });
    } else if (this.at < this.text.length && left !== '') this.stray(left);
    return this.whole;
  }

  private *take(ended: boolean): Generator<Piece> {
    for (;;) {
      if (!this.open) {
        if (!this.begin(ended)) return;
        continue;
      }
      const { terminator, release } = this.open;
      const end = endOf(this.text, this.at, terminator, release);
      if (end < 0) return;
      const raw = this.text.slice(this.at, end);
      this.at = end;
      yield* this.segmentOf(raw);
    }
  }

  /** The next interchange. False where more text is needed. */
  private begin(ended: boolean): boolean {
    const at = this.dialect.find(this.text, this.at);
    if (at < 0) {
      // An id may be cut in two by the end of what is there.
      const keep = ended ? this.text.length : Math.max(this.at, this.text.length - 16);
      const between = this.text.slice(this.at, keep);
      if (!ended && between.trim() === '') this.skip(keep);
      return false;
    }
    const header = this.dialect.header(this.text, at, ended);
    if (header === undefined && !ended) return false;
    const between = this.text.slice(this.at, at).trim();
    if (between !== '') this.stray(between);
    if (header === undefined || typeof header === 'string') {
      const message = header ?? 'the file ends within the header of an interchange';
      const code = `${this.dialect.format}.${this.dialect.format === 'x12' ? 'ISA' : 'Truncated'}`;
      this.whole.outside.push({ code, message, severity: 'Error', place: { line: this.line } });
      this.skip(at + 3);
      return true;
    }
    const { end, ...characters } = header;
    const head = this.text.slice(at, end);
    this.skip(end);
    this.segment++;
    const own = head.slice(Math.max(0, head.search(new RegExp(this.dialect.ids.open, 'i'))));
    const control = elementsOf(own, characters.element)[this.dialect.control.open + 1] ?? '';
    this.open = { head, control: control.trim(), ...characters, groups: 0, bare: 0 };
    this.whole.envelopes.push([]);
    return true;
  }

  private *segmentOf(raw: string): Generator<Piece> {
    const { ids } = this.dialect;
    const open = this.open!;
    const before = { line: this.line, segment: this.segment };
    for (let at = raw.indexOf('\n'); at >= 0; at = raw.indexOf('\n', at + 1)) this.line++;
    this.segment++;
    const plain = raw.trimStart();
    const id = (/^[A-Za-z0-9]{2,3}/.exec(plain)?.[0] ?? '').toUpperCase();
    if (id === ids.close) {
      yield* this.flush();
      this.endGroup(undefined);
      this.closeInterchange(elementsOf(plain, open.element));
      return;
    }
    if (id === ids.open) {
      yield* this.flush();
      const message = `the interchange ${open.control} has no ${ids.close}: another one begins here`;
      this.whole.outside.push({
        code: `${this.dialect.format}.Truncated`,
        message,
        severity: 'Error',
        place: { line: this.line },
      });
      this.open = undefined;
      this.group = undefined;
      this.at -= raw.length;
      this.line = before.line;
      this.segment--;
      return;
    }
    if (id === ids.group) {
      yield* this.flush();
      this.endGroup(undefined);
      const control = elementsOf(plain, open.element)[this.dialect.control.group + 1] ?? '';
      this.group = { head: raw, control: control.trim(), transactions: 0 };
      open.groups++;
      return;
    }
    if (id === ids.groupEnd) {
      yield* this.flush();
      this.endGroup(elementsOf(plain, open.element));
      return;
    }
    if (id === ids.begin) {
      if (this.size >= this.limit) yield* this.flush();
      this.inside = true;
      this.held++;
      if (this.group) this.group.transactions++;
      else open.bare++;
    }
    this.begun ??= before;
    this.body.push(raw);
    this.size += raw.length;
    if (id === ids.end) this.inside = false;
    if (this.size >= this.limit && !this.inside) yield* this.flush();
  }

  private *flush(): Generator<Piece> {
    if (this.body.length === 0) return;
    const { ids } = this.dialect;
    const open = this.open!;
    const { head, control, element, terminator } = open;
    const { group } = this;
    const x12 = this.dialect.format === 'x12';
    const tail = [
      ...(group ? [`${ids.groupEnd}${element}${this.held}${element}${group.control}${terminator}`] : []),
      `${ids.close}${element}${group || x12 ? (group ? 1 : 0) : this.held}${element}${control}${terminator}`,
    ];
    const front = head + (group?.head ?? '');
    const { line, segment } = this.begun!;
    yield {
      bytes: Buffer.from(front + this.body.join('') + tail.join(''), 'latin1'),
      interchange: this.whole.envelopes.length - 1,
      first: this.first,
      shift: { line: line - linesIn(front) - 1, segment: segment - (group ? 2 : 1) },
    };
    this.first += this.held;
    this.body = [];
    this.size = 0;
    this.held = 0;
    this.begun = undefined;
    this.inside = false;
  }

  private endGroup(trailer: string[] | undefined): void {
    const { group } = this;
    this.group = undefined;
    if (!group) return;
    const { format, ids } = this.dialect;
    if (!trailer) {
      this.complain(`${format}.GroupTrailerMissing`, `the group ${group.control} has no ${ids.groupEnd}`);
      return;
    }
    this.check(ids.groupEnd, trailer, group.transactions, group.control, 'transactions');
  }

  private closeInterchange(trailer: string[]): void {
    const { groups, bare, control } = this.open!;
    this.check(this.dialect.ids.close, trailer, groups || bare, control, groups > 0 ? 'groups' : 'messages');
    this.open = undefined;
  }

  private check(
    id: string,
    [, count = '', reference = '']: string[],
    counted: number,
    control: string,
    what: string,
  ): void {
    const { format } = this.dialect;
    if (!/^\d+$/.test(count.trim()) || Number(count) !== counted)
      this.complain(
        `${format}.${id}01`,
        `${id}01 says ${JSON.stringify(count.slice(0, 20))} ${what}, counted ${counted}`,
      );
    if (reference.trim() !== control)
      this.complain(
        `${format}.${id}02`,
        `${id}02 is ${JSON.stringify(reference.slice(0, 20))}, the header says ${JSON.stringify(control)}`,
      );
  }

  private complain(code: string, message: string): void {
    const problems = this.whole.envelopes.at(-1)!;
    if (problems.length < 100)
      problems.push({ code, message, severity: 'Error', place: { line: this.line, segment: this.segment } });
  }

  private stray(text: string): void {
    if (this.whole.outside.length >= 100) return;
    const message = `${text.length} characters that belong to no interchange, beginning with ${JSON.stringify(text.slice(0, 20))}`;
    this.whole.outside.push({
      code: `${this.dialect.format}.TrailingBytes`,
      message,
      severity: 'Warning',
      place: { line: this.line },
    });
  }

  private skip(to: number): void {
    this.line += linesIn(this.text.slice(this.at, to));
    this.at = to;
  }
}

const linesIn = (text: string): number => text.split('\n').length - 1;
/** The id and the elements, without the terminator. */
const elementsOf = (segment: string, element: string): string[] => segment.trim().slice(0, -1).split(element);
