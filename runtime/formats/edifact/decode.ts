/**
 * EDIFACT bytes to documents: envelopes, counts and control numbers of any directory and syntax version; messages are read as lists of
 * segments (`{segments: [{id, elements}]}`), not yet by tables. Any byte string gives values or problems in bounded time.
 */
import type { Decoded, Group, Interchange, Problem, Transaction } from '../format.ts';
import { isBlank, Places, textOf } from '../text.ts';
import { defaultCharacters, readUna, Scanner, type Segment, type ServiceCharacters } from './scan.ts';

export interface EdifactOptions {
  /** Default 64 MiB. */
  maxBytes?: number;
  /** Default 1,000,000. */
  maxSegments?: number;
}
export interface EdifactMessage extends Transaction {
  /** UNH02 whole: `ORDERS:D:96A:UN:EAN008`. `id` is its first component. */
  type: string;
}
export interface EdifactGroup extends Group {
  transactions: EdifactMessage[];
}
export interface EdifactInterchange extends Interchange {
  characters: ServiceCharacters;
  /** UNB as read. */
  unb: string[][];
  groups: EdifactGroup[];
}
export interface EdifactDecoded extends Decoded {
  interchanges: EdifactInterchange[];
}
/** What a mapping reads until there are tables: components of elements, as they stand, release characters undone. */
export interface EdifactValue {
  segments: { id: string; elements: string[][] }[];
}

const MEBIBYTE = 1024 * 1024;
const PROBLEMS = 1000;
const part = (segment: Segment, element: number, component = 0): string =>
  (segment.elements[element]?.[component] ?? '').trim();

/** Never throws. An Error in `problems` of the result means that the file is not whole. */
export function decodeEdifact(bytes: Buffer, options: EdifactOptions = {}): EdifactDecoded {
  const maxBytes = options.maxBytes ?? 64 * MEBIBYTE;
  if (bytes.length > maxBytes) {
    const message = `the file has ${bytes.length} bytes, at most ${maxBytes} are read`;
    return { interchanges: [], problems: [{ code: 'edifact.TooLarge', severity: 'Error', message, place: {} }] };
  }
  return new Reader(bytes, options.maxSegments ?? 1_000_000).read();
}

/** An explicit UNG, or one that stands for the messages outside of any. */
interface OpenGroup {
  group: EdifactGroup;
  explicit: boolean;
}

class Reader {
  private readonly text: string;
  private readonly places: Places;
  private readonly maxSegments: number;
  private readonly result: EdifactDecoded = { interchanges: [], problems: [] };
  private scanner: Scanner;
  private interchange: EdifactInterchange | undefined;
  private open: OpenGroup | undefined;
  private message: Segment[] | undefined;
  private index = 0;
  private characters: ServiceCharacters = defaultCharacters;

  constructor(bytes: Buffer, maxSegments: number) {
    const { text, encoding } = textOf(bytes);
    this.text = text;
    this.places = new Places(text, encoding);
    this.maxSegments = maxSegments;
    this.scanner = new Scanner(text, 0, 0, defaultCharacters);
    if (encoding === 'latin1')
      this.say(
        this.result.problems,
        'Encoding',
        'the file is not UTF-8: it is read as ISO 8859-1',
        undefined,
        'Warning',
      );
  }

  read(): EdifactDecoded {
    let at = 0;
    while (at < this.text.length && isBlank(this.text.charCodeAt(at))) at++;
    if (!/^UN[AB]/.test(this.text.slice(at, at + 3))) {
      const sample = JSON.stringify(this.text.slice(at, at + 20));
      const message =
        at === this.text.length
          ? 'the file is empty'
          : `no UNA or UNB segment: the file begins with ${sample} and is not EDIFACT`;
      this.result.problems.push({ code: 'edifact.NotEdifact', severity: 'Error', message, place: this.places.of(at) });
      return this.result;
    }
    this.begin(at);
    for (let segment = this.scanner.next(); segment !== undefined; segment = this.scanner.next()) {
      if (segment.number > this.maxSegments) {
        this.say(
          this.result.problems,
          'TooLarge',
          `more than ${this.maxSegments} segments: the rest is not read`,
          segment,
        );
        break;
      }
      this.take(segment);
      if (this.scanner.unterminated)
        this.say(
          this.result.problems,
          'Truncated',
          `the file ends within the segment ${segment.id.slice(0, 20)}`,
          segment,
        );
    }
    if (this.interchange) {
      const { control } = this.interchange;
      this.closeInterchange(undefined);
      const place = this.places.of(this.text.length);
      this.result.problems.push({
        code: 'edifact.Truncated',
        severity: 'Error',
        message: `the file ends before the UNZ of interchange ${control}`,
        place,
      });
    }
    if (this.result.interchanges.length === 0 && this.result.problems.length === 0) {
      const place = this.places.of(this.text.length);
      this.result.problems.push({
        code: 'edifact.Truncated',
        severity: 'Error',
        message: 'the file ends before a UNB',
        place,
      });
    }
    return this.result;
  }

  /** At a UNA or UNB: the service characters that hold from here on. */
  private begin(at: number): void {
    const una = readUna(this.text, at);
    const characters = una ?? defaultCharacters;
    this.scanner = new Scanner(this.text, una ? at + 9 : at, this.scanner.count, characters);
    this.characters = characters;
  }
  private take(segment: Segment): void {
    const { id } = segment;
    if (id === 'UNB') this.openInterchange(segment);
    else if (!this.interchange)
      this.say(
        this.result.problems,
        'UnexpectedSegment',
        `${JSON.stringify(id.slice(0, 20))} stands outside of an interchange`,
        segment,
      );
    else if (id === 'UNZ') this.endInterchange(segment);
    else if (id === 'UNG') this.openGroup(segment);
    else if (id === 'UNE') this.endGroup(segment);
    else if (id === 'UNH') {
      this.closeMessage(segment);
      this.message = [segment];
    } else if (this.message) {
      this.message.push(segment);
      if (id === 'UNT') this.finishMessage(segment);
    } else
      this.say(
        this.interchange.problems,
        'UnexpectedSegment',
        `${JSON.stringify(id.slice(0, 20))} stands between messages`,
        segment,
      );
  }

  private openInterchange(segment: Segment): void {
    if (this.interchange) {
      this.say(
        this.result.problems,
        'Truncated',
        `the interchange ${this.interchange.control} has no UNZ: another one begins here`,
        segment,
      );
      this.closeInterchange(segment);
    }
    const party = (element: number) => ({ qualifier: part(segment, element, 1), value: part(segment, element) });
    this.interchange = {
      control: part(segment, 4),
      sender: party(1),
      receiver: party(2),
      usage: part(segment, 10) === '1' ? 'Test' : 'Production',
      version: `${part(segment, 0)}:${part(segment, 0, 1)}`,
      characters: this.characters,
      unb: segment.elements,
      groups: [],
      problems: [],
    };
    this.result.interchanges.push(this.interchange);
    if (this.interchange.control === '')
      this.say(this.interchange.problems, 'UNB05', 'UNB05, the control reference, is missing', segment);
  }

  private endInterchange(segment: Segment): void {
    const interchange = this.interchange!;
    this.closeGroup(segment);
    const explicit = interchange.groups.filter(({ functionalId }) => functionalId !== '').length;
    const messages = interchange.groups.reduce((sum, group) => sum + group.transactions.length, 0);
    this.checkCount(interchange.problems, 'UNZ01', segment, explicit || messages, explicit ? 'groups' : 'messages');
    this.checkControl(interchange.problems, 'UNZ02', segment, interchange.control, 'UNB05');
    this.interchange = undefined;
    // The next interchange may have service characters of its own.
    this.scanner.skipBlank();
    const at = this.scanner.position;
    if (this.text.startsWith('UNA', at)) this.begin(at);
    else if (this.text.startsWith('UNB', at)) this.begin(at);
    else if (at < this.text.length) {
      const sample = JSON.stringify(this.text.slice(at, at + 20));
      this.result.problems.push({
        code: 'edifact.TrailingBytes',
        severity: 'Warning',
        message: `${this.text.length - at} characters after the UNZ, beginning with ${sample}`,
        place: this.places.of(at),
      });
      this.scanner.position = this.text.length;
    }
  }

  /** Ends what is open, at `segment` or at the end of the text. */
  private closeInterchange(segment: Segment | undefined): void {
    this.closeGroup(segment);
    this.interchange = undefined;
  }

  private openGroup(segment: Segment | undefined): void {
    if (segment) this.closeGroup(segment);
    const text = (element: number, component = 0): string => (segment ? part(segment, element, component) : '');
    const version = [text(6), text(6, 1), text(6, 2)].filter(Boolean).join(':');
    const group: EdifactGroup = {
      functionalId: text(0),
      sender: text(1),
      receiver: text(2),
      control: text(4),
      version,
      transactions: [],
      problems: [],
    };
    this.interchange!.groups.push(group);
    this.open = { group, explicit: segment !== undefined };
  }

  private endGroup(segment: Segment): void {
    this.closeMessage(segment);
    if (!this.open?.explicit) {
      this.say(this.interchange!.problems, 'UnexpectedSegment', 'UNE stands outside of a group', segment);
      return;
    }
    const { group } = this.open;
    this.checkCount(group.problems, 'UNE01', segment, group.transactions.length, 'messages');
    this.checkControl(group.problems, 'UNE02', segment, group.control, 'UNG05');
    this.open = undefined;
  }

  private closeGroup(segment: Segment | undefined): void {
    this.closeMessage(segment);
    if (this.open?.explicit)
      this.say(
        this.open.group.problems,
        'GroupTrailerMissing',
        `the group ${this.open.group.control} has no UNE`,
        segment,
      );
    this.open = undefined;
  }

  private closeMessage(segment: Segment | undefined): void {
    if (!this.message) return;
    const control = part(this.message[0]!, 0);
    this.say(this.finishMessage(undefined), 'TransactionTrailerMissing', `the message ${control} has no UNT`, segment);
  }

  /** Returns the message's problems. */
  private finishMessage(trailer: Segment | undefined): Problem[] {
    const segments = this.message!;
    this.message = undefined;
    const header = segments[0]!;
    const control = part(header, 0);
    const id = part(header, 1);
    const problems: Problem[] = [];
    if (!this.open) this.openGroup(undefined);
    const { group } = this.open!;
    if (id === '') this.say(problems, 'UNH02', 'UNH02, the message type, is missing', header);
    if (control === '') this.say(problems, 'UNH01', 'UNH01, the message reference, is missing', header);
    if (trailer) {
      this.checkCount(problems, 'UNT01', trailer, segments.length, 'segments');
      this.checkControl(problems, 'UNT02', trailer, control, 'UNH01');
    }
    const inner = segments.slice(1, trailer ? -1 : undefined);
    const value: EdifactValue = { segments: inner.map((segment) => ({ id: segment.id, elements: segment.elements })) };
    const type = (header.elements[1] ?? []).join(':');
    group.transactions.push({ id, control, index: this.index++, type, value, problems });
    return problems;
  }

  private checkCount(problems: Problem[], name: string, segment: Segment, counted: number, what: string): void {
    const said = part(segment, 0);
    if (/^\d+$/.test(said) && Number(said) === counted) return;
    this.say(problems, name, `${name} says ${JSON.stringify(said.slice(0, 20))} ${what}, counted ${counted}`, segment);
  }

  private checkControl(problems: Problem[], name: string, segment: Segment, expected: string, header: string): void {
    const said = part(segment, 1);
    if (said !== expected)
      this.say(
        problems,
        name,
        `${name} is ${JSON.stringify(said.slice(0, 20))}, ${header} is ${JSON.stringify(expected.slice(0, 20))}`,
        segment,
      );
  }

  private say(
    problems: Problem[],
    code: string,
    message: string,
    segment?: Segment,
    severity: Problem['severity'] = 'Error',
  ): void {
    if (problems.length >= PROBLEMS) return;
    const place = segment
      ? { ...this.places.of(segment.at), segment: segment.number, segmentId: segment.id.slice(0, 20) }
      : {};
    problems.push({ code: `edifact.${code}`, severity, message, place });
  }
}
