import type { Places } from '../text.ts';
import type { EdifactGroup, EdifactInterchange } from './decode.ts';
import { openReporter, type Reporter } from './problem.ts';
import { defaultCharacters, type Scanner, type Segment, type ServiceCharacters } from './scan.ts';
import { directoryFor } from './schema/index.ts';
import { buildGeneric, buildMessage, type PlacedSegment } from './tree.ts';

/** What is counted over all interchanges of a file. */
export interface Progress {
  segments: number;
  messages: number;
  readonly maxSegments: number;
  readonly keepSegments: boolean;
}

const part = (segment: Segment, element: number, component = 0): string =>
  (segment.elements[element]?.[component] ?? '').trim();

/** An explicit UNG, or one that stands for the messages outside of any. */
interface OpenGroup {
  value: EdifactGroup;
  reporter: Reporter;
  explicit: boolean;
}

/** Reads one interchange: envelope, counts and references; messages are built when they end. */
export class InterchangeReader {
  interchange: EdifactInterchange | undefined;
  private readonly scanner: Scanner;
  private readonly places: Places;
  private readonly una: ServiceCharacters | undefined;
  private readonly outer: Reporter;
  private readonly reporter: Reporter;
  private readonly progress: Progress;
  private readonly references = new Set<string>();
  private open: OpenGroup | undefined;
  private message: Segment[] | undefined;

  /** `outer` takes what makes the file not whole. */
  constructor(
    scanner: Scanner,
    places: Places,
    una: ServiceCharacters | undefined,
    outer: Reporter,
    progress: Progress,
  ) {
    this.scanner = scanner;
    this.places = places;
    this.una = una;
    this.outer = outer;
    this.reporter = openReporter(places);
    this.progress = progress;
  }

  /** Reads up to and including the UNZ; the scanner stands after it, or at the next UNB or UNA. */
  read(): void {
    const { scanner, outer, progress } = this;
    for (let segment = scanner.next(); segment !== undefined; segment = scanner.next()) {
      progress.segments = scanner.count;
      if (segment.id.charCodeAt(0) > 96) this.raise(segment);
      if (segment.number > progress.maxSegments) {
        outer.add('edifact.TooLarge', `more than ${progress.maxSegments} segments: the rest is not read`, segment);
        scanner.position = scanner.text.length;
        break;
      }
      if (scanner.unterminated) {
        // With the right reference in its last element nothing of it is missing.
        if (segment.id === 'UNZ' && part(segment, 1) === this.interchange?.control)
          outer.add('edifact.LastTerminator', 'the file ends with the UNZ, without a segment terminator', segment);
        else outer.add('edifact.Truncated', `the file ends within the segment ${segment.id.slice(0, 20)}`, segment);
      }
      if (segment.id === 'UNB') {
        if (this.interchange) {
          const message = `the interchange ${this.interchange.control} has no UNZ: another one begins here`;
          outer.add('edifact.Truncated', message, segment);
          this.closeGroup(segment);
          scanner.position = segment.at;
          progress.segments = --scanner.count;
          return;
        }
        this.openInterchange(segment);
      } else if (!this.interchange) {
        const shown = JSON.stringify(segment.id.slice(0, 20));
        outer.add('edifact.UnexpectedSegment', `${shown} stands outside of an interchange`, segment);
      } else if (segment.id === 'UNZ') {
        this.endInterchange(segment, this.interchange);
        return;
      } else this.take(segment);
    }
    this.closeGroup(undefined);
    const missing = this.interchange ? `the UNZ of interchange ${this.interchange.control}` : 'a UNB';
    outer.addAt('edifact.Truncated', `the file ends before ${missing}`, scanner.text.length);
  }

  /** Some write `unh+1`: what is a segment in capitals is meant so. */
  private raise(segment: Segment): void {
    const id = segment.id.toUpperCase();
    if (!/^[A-Z]{3}$/.test(id)) return;
    const reporter = this.interchange ? this.reporter : this.outer;
    reporter.add('edifact.LowerCaseId', `the segment id ${segment.id} is in lower case: it is read as ${id}`, segment);
    segment.id = id;
  }

  private take(segment: Segment): void {
    const { id } = segment;
    if (id === 'UNG') this.openGroup(segment);
    else if (id === 'UNE') this.endGroup(segment);
    else if (id === 'UNH') {
      this.closeMessage(segment);
      this.message = [segment];
    } else if (this.message) {
      this.message.push(segment);
      if (id === 'UNT') this.finishMessage(segment);
    } else {
      const message = `${JSON.stringify(id.slice(0, 20))} stands between messages`;
      this.reporter.add('edifact.UnexpectedSegment', message, segment);
    }
  }

  private openInterchange(segment: Segment): void {
    const party = (element: number) => ({ qualifier: part(segment, element, 1), value: part(segment, element) });
    const characters = this.una ?? defaultCharacters;
    const version = part(segment, 0, 1);
    if (version >= '4') {
      if (characters.repetition === ' ') this.scanner.repeatBy('*');
      else this.scanner.repeatBy(characters.repetition);
    }
    this.interchange = {
      control: part(segment, 4),
      sender: party(1),
      receiver: party(2),
      usage: part(segment, 10) === '1' ? 'Test' : 'Production',
      version: `${part(segment, 0)}:${version}`,
      characters,
      una: this.una !== undefined,
      unb: segment.elements,
      groups: [],
      problems: this.reporter.problems,
    };
    if (this.interchange.control === '')
      this.reporter.add('edifact.UNB05', 'UNB05, the control reference, is missing', segment);
  }

  private endInterchange(segment: Segment, interchange: EdifactInterchange): void {
    this.closeGroup(segment);
    const explicit = interchange.groups.filter(({ functionalId }) => functionalId !== '').length;
    const messages = interchange.groups.reduce((sum, group) => sum + group.transactions.length, 0);
    const what = explicit ? 'groups' : 'messages';
    this.checkCount(this.reporter, 'edifact.UNZ01', segment, explicit || messages, what);
    this.checkReference(this.reporter, 'edifact.UNZ02', segment, interchange.control, 'UNB05');
  }

  private openGroup(segment: Segment | undefined): void {
    if (segment) this.closeGroup(segment);
    const text = (element: number, component = 0): string => (segment ? part(segment, element, component) : '');
    const reporter = openReporter(this.places);
    const value: EdifactGroup = {
      functionalId: text(0),
      sender: text(1),
      receiver: text(2),
      control: text(4),
      version: [text(6), text(6, 1), text(6, 2)].filter(Boolean).join(':'),
      transactions: [],
      problems: reporter.problems,
      ...(segment && { ung: segment.elements }),
    };
    this.interchange!.groups.push(value);
    this.open = { value, reporter, explicit: segment !== undefined };
  }

  private endGroup(segment: Segment): void {
    this.closeMessage(segment);
    if (!this.open?.explicit) {
      this.reporter.add('edifact.UnexpectedSegment', 'UNE stands outside of a group', segment);
      return;
    }
    const { value, reporter } = this.open;
    this.checkCount(reporter, 'edifact.UNE01', segment, value.transactions.length, 'messages');
    this.checkReference(reporter, 'edifact.UNE02', segment, value.control, 'UNG05');
    this.open = undefined;
  }

  private closeGroup(segment: Segment | undefined): void {
    this.closeMessage(segment);
    if (this.open?.explicit) {
      const { value, reporter } = this.open;
      this.reportMissing(reporter, 'edifact.GroupTrailerMissing', `the group ${value.control} has no UNE`, segment);
    }
    this.open = undefined;
  }

  private closeMessage(segment: Segment | undefined): void {
    if (!this.message) return;
    const reference = part(this.message[0]!, 0);
    const reporter = this.finishMessage(undefined);
    const message = `the message ${reference} has no UNT`;
    this.reportMissing(reporter, 'edifact.TransactionTrailerMissing', message, segment);
  }

  /** What is missing is missing before `segment`, or at the end of the text. */
  private reportMissing(
    reporter: Reporter,
    code: 'edifact.GroupTrailerMissing' | 'edifact.TransactionTrailerMissing',
    message: string,
    segment: Segment | undefined,
  ): void {
    if (segment) reporter.add(code, message, segment);
    else reporter.addAt(code, message, this.scanner.text.length);
  }

  private finishMessage(trailer: Segment | undefined): Reporter {
    const segments = this.message!;
    this.message = undefined;
    const header = segments[0]!;
    const control = part(header, 0);
    const id = part(header, 1);
    const reporter = openReporter(this.places);
    if (!this.open) this.openGroup(undefined);
    const { value: group } = this.open!;
    const directory = directoryFor(part(header, 1, 2));
    const definition = directory.message(id);
    if (id === '') reporter.add('edifact.UNH02', 'UNH02, the message type, is missing', header);
    else if (!definition) {
      const message = `no table describes the message ${id.slice(0, 20)}: it is read as a list of segments`;
      reporter.add('edifact.UnknownMessage', message, header);
    }
    if (control === '') reporter.add('edifact.UNH01', 'UNH01, the message reference, is missing', header);
    else if (this.references.has(control)) {
      const message = `the message reference ${control} has come before in this interchange`;
      reporter.add('edifact.DuplicateReference', message, header);
    }
    this.references.add(control);
    if (trailer) {
      this.checkCount(reporter, 'edifact.UNT01', trailer, segments.length, 'segments');
      this.checkReference(reporter, 'edifact.UNT02', trailer, control, 'UNH01');
    }
    const placed: PlacedSegment[] | undefined = this.progress.keepSegments ? [] : undefined;
    const value = definition
      ? buildMessage(definition, directory, segments, reporter, placed)
      : buildGeneric(directory, segments, placed);
    group.transactions.push({
      id,
      control,
      index: this.progress.messages++,
      type: (header.elements[1] ?? []).join(':'),
      name: definition?.name ?? '',
      value,
      problems: reporter.problems,
      ...(placed ? { segments: placed } : {}),
    });
    return reporter;
  }

  private checkCount(
    reporter: Reporter,
    code: 'edifact.UNT01' | 'edifact.UNE01' | 'edifact.UNZ01',
    segment: Segment,
    counted: number,
    what: string,
  ): void {
    const said = part(segment, 0);
    if (/^\d+$/.test(said) && Number(said) === counted) return;
    const message = `${code.slice(8)} says ${JSON.stringify(said.slice(0, 20))} ${what}, counted ${counted}`;
    reporter.add(code, message, segment, { position: 0, element: 1 });
  }

  private checkReference(
    reporter: Reporter,
    code: 'edifact.UNT02' | 'edifact.UNE02' | 'edifact.UNZ02',
    segment: Segment,
    expected: string,
    header: string,
  ): void {
    const said = part(segment, 1);
    if (said === expected) return;
    const message = `${code.slice(8)} is ${JSON.stringify(said.slice(0, 20))}, ${header} is ${JSON.stringify(expected.slice(0, 20))}`;
    reporter.add(code, message, segment, { position: 0, element: 2 });
  }
}
