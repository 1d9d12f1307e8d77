import type { Places } from '../text.ts';
import type { X12Group, X12Interchange } from './decode.ts';
import { keyOf } from './element.ts';
import { openReporter, type Reporter } from './problem.ts';
import { type Header, Scanner, type Segment } from './scan.ts';
import { schemaFor } from './schema/index.ts';
import { buildGeneric, buildTransaction, type PlacedSegment } from './tree.ts';

interface OpenTransaction {
  segments: Segment[];
  group: X12Group;
}

/** What is counted over all interchanges of a file. */
export interface Progress {
  segments: number;
  transactions: number;
  /** Segments that may still be read. */
  budget: number;
  readonly maxSegments: number;
  readonly keepSegments: boolean;
}
/** An envelope takes as much memory as ten segments or so. */
const ENVELOPE_COST = 10;

/** Reads one interchange: envelope, counts and control numbers; transactions are built when they end. */
export class InterchangeReader {
  readonly interchange: X12Interchange;
  private readonly progress: Progress;
  private readonly scanner: Scanner;
  private readonly places: Places;
  private readonly delimiters: Header['delimiters'];
  private readonly reporter: Reporter;
  private group: { value: X12Group; reporter: Reporter; controls: Set<string> } | undefined;
  private transaction: OpenTransaction | undefined;

  constructor(text: string, places: Places, header: Header, start: number, progress: Progress) {
    const isa = named(ISA_KEYS, header.elements);
    isa.ISA16 = header.delimiters.component;
    this.progress = progress;
    progress.segments++;
    progress.budget -= ENVELOPE_COST;
    this.places = places;
    this.delimiters = header.delimiters;
    this.reporter = openReporter(places);
    this.scanner = new Scanner(text, header.end, progress.segments, header.delimiters);
    this.interchange = {
      control: isa.ISA13!,
      sender: { qualifier: isa.ISA05!, value: isa.ISA06! },
      receiver: { qualifier: isa.ISA07!, value: isa.ISA08! },
      usage: isa.ISA15 === 'P' ? 'Production' : 'Test',
      version: isa.ISA12!,
      groups: [],
      problems: this.reporter.problems,
      isa,
      delimiters: header.delimiters,
      interchangeAcknowledgments: [],
      unknown: [],
    };
    const widths = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];
    const wrong = header.elements.findIndex((element, i) => element.length !== widths[i]);
    if (wrong >= 0) {
      const isaSegment: Segment = {
        id: 'ISA',
        elements: header.elements,
        at: start,
        number: progress.segments,
        plain: true,
      };
      const message = `${keyOf('ISA', wrong + 1)} has ${header.elements[wrong]!.length} characters, not ${widths[wrong]}`;
      this.reporter.add('x12.ISAWidth', message, isaSegment, { segmentId: 'ISA', position: 1, element: wrong + 1 });
    }
  }

  /** Reads up to and including the IEA; returns the offset after it. `outer` takes what makes the file not whole. */
  read(outer: Reporter): number {
    const { scanner } = this;
    for (let segment = scanner.next(); segment !== undefined; segment = scanner.next()) {
      this.progress.segments = scanner.count;
      if (segment.id.charCodeAt(0) > 96) this.raise(segment);
      if (scanner.cut)
        this.reporter.add(
          'x12.TerminatorMissing',
          `${segment.id.slice(0, 20)} has no segment terminator: it is taken to end with its line`,
          segment,
        );
      if (segment.id === 'IEA') {
        if (scanner.unterminated) {
          // With the right number in its last element nothing of it is missing.
          if ((segment.elements[1] ?? '').trim() === this.interchange.control)
            outer.add('x12.LastTerminator', 'the file ends with the IEA, without a segment terminator', segment);
          else outer.add('x12.Truncated', 'the file ends within the IEA', segment);
        }
        this.closeGroup(segment);
        this.checkCount(
          'x12.IEA01',
          'IEA01',
          segment,
          this.interchange.groups.length,
          'functional groups',
          this.reporter,
        );
        this.checkControl('x12.IEA02', 'IEA02', segment, this.interchange.control, 'ISA13', this.reporter);
        return Math.min(scanner.position, scanner.text.length);
      }
      if (segment.id === 'ISA') {
        this.closeGroup(segment);
        outer.add(
          'x12.Truncated',
          `the interchange ${this.interchange.control} has no IEA: another one begins here`,
          segment,
        );
        this.progress.segments--;
        return segment.at;
      }
      this.progress.budget -= segment.id === 'GS' || segment.id === 'ST' ? ENVELOPE_COST : 1;
      if (this.progress.budget < 0) {
        this.closeGroup(segment);
        outer.add('x12.TooLarge', `more than ${this.progress.maxSegments} segments: the rest is not read`, segment);
        return scanner.text.length;
      }
      this.take(segment);
      if (scanner.unterminated) {
        this.closeGroup(segment);
        outer.add(
          'x12.Truncated',
          `the file ends within the segment ${segment.id.slice(0, 20)}: interchange ${this.interchange.control} has no IEA`,
          segment,
        );
        return scanner.text.length;
      }
    }
    this.closeGroup(undefined);
    outer.addAt(
      'x12.Truncated',
      `the file ends before the IEA of interchange ${this.interchange.control}`,
      scanner.text.length,
    );
    return scanner.text.length;
  }

  /** Some write `st*850`: what is no segment as it stands, and one in capitals, is meant so. */
  private raise(segment: Segment): void {
    const id = segment.id.toUpperCase();
    if (!/^[A-Z][A-Z0-9]{1,2}$/.test(id)) return;
    this.reporter.add('x12.LowerCaseId', `the segment id ${segment.id} is in lower case: it is read as ${id}`, segment);
    segment.id = id;
  }

  private take(segment: Segment): void {
    if (segment.id === 'GS') {
      this.closeGroup(segment);
      this.openGroup(segment);
    } else if (segment.id === 'GE') this.endGroup(segment);
    else if (segment.id === 'ST') {
      this.closeTransaction(segment);
      this.openTransaction(segment);
    } else if (this.transaction) {
      this.transaction.segments.push(segment);
      if (segment.id === 'SE') this.finishTransaction(segment);
    } else if (segment.id === 'TA1' && !this.group) {
      this.interchange.interchangeAcknowledgments.push(named(TA1_KEYS, segment.elements));
    } else {
      const where = this.group ? 'between transactions' : 'outside of a functional group';
      this.reporter.add('x12.UnexpectedSegment', `${JSON.stringify(segment.id.slice(0, 20))} stands ${where}`, segment);
      this.interchange.unknown.push({ id: segment.id, elements: segment.elements, position: segment.number });
    }
  }

  private openGroup(segment: Segment | undefined): void {
    const gs = named(GS_KEYS, segment?.elements ?? []);
    const reporter = openReporter(this.places);
    const value: X12Group = {
      functionalId: gs.GS01 ?? '',
      sender: gs.GS02 ?? '',
      receiver: gs.GS03 ?? '',
      control: gs.GS06 ?? '',
      version: gs.GS08 || this.interchange.version,
      gs,
      transactions: [],
      problems: reporter.problems,
    };
    this.interchange.groups.push(value);
    this.group = { value, reporter, controls: new Set() };
  }

  private endGroup(segment: Segment): void {
    this.closeTransaction(segment);
    if (!this.group) {
      this.reporter.add('x12.UnexpectedSegment', 'GE stands outside of a functional group', segment);
      return;
    }
    const { value, reporter } = this.group;
    const declared = segment.elements[0] ?? '';
    if (/^\d{1,9}$/.test(declared)) value.declaredTransactions = Number(declared);
    this.checkCount('x12.GE01', 'GE01', segment, value.transactions.length, 'transactions', reporter);
    this.checkControl('x12.GE02', 'GE02', segment, value.control, 'GS06', reporter);
    this.group = undefined;
  }

  /** Where a group must have ended: at `segment`, or at the end of the text. */
  private closeGroup(segment: Segment | undefined): void {
    this.closeTransaction(segment);
    if (!this.group) return;
    this.reportMissing(
      this.group.reporter,
      'x12.GroupTrailerMissing',
      `the group ${this.group.value.control} has no GE`,
      segment,
    );
    this.group = undefined;
  }

  private openTransaction(segment: Segment): void {
    if (!this.group) {
      this.openGroup(undefined);
      this.group!.reporter.add(
        'x12.GroupHeaderMissing',
        'ST stands outside of a functional group: there is no GS before it',
        segment,
      );
    }
    this.transaction = { segments: [segment], group: this.group!.value };
  }

  private closeTransaction(segment: Segment | undefined): void {
    if (!this.transaction) return;
    const control = this.transaction.segments[0]!.elements[1] ?? '';
    const reporter = this.finishTransaction(undefined);
    const message = `the transaction ${control} has no SE`;
    this.reportMissing(reporter, 'x12.TransactionTrailerMissing', message, segment);
  }

  /** What is missing is missing before `segment`, or at the end of the text. */
  private reportMissing(
    reporter: Reporter,
    code: 'x12.GroupTrailerMissing' | 'x12.TransactionTrailerMissing',
    message: string,
    segment: Segment | undefined,
  ): void {
    if (segment) reporter.add(code, message, segment);
    else reporter.addAt(code, message, this.scanner.text.length);
  }

  private finishTransaction(trailer: Segment): void;
  private finishTransaction(trailer: undefined): Reporter;
  private finishTransaction(trailer: Segment | undefined): Reporter | undefined {
    const { segments, group } = this.transaction!;
    this.transaction = undefined;
    const header = segments[0]!;
    const id = (header.elements[0] ?? '').trim();
    const control = (header.elements[1] ?? '').trim();
    const reporter = openReporter(this.places);
    const schema = schemaFor(group.version);
    const definition = schema.transaction(id);
    if (id === '')
      reporter.add('x12.ST01', 'ST01 is missing: the kind of transaction is not known', header, {
        segmentId: 'ST',
        position: 1,
        element: 1,
        reference: '143',
      });
    else if (!definition)
      reporter.add(
        'x12.UnknownTransaction',
        `no table describes the transaction ${id.slice(0, 20)}: it is read as a list of segments`,
        header,
      );
    if (control === '') reporter.add('x12.ST02', 'ST02 is missing', header);
    else if (this.group!.controls.has(control))
      reporter.add('x12.DuplicateControlNumber', `ST02 ${control} has come before in this group`, header);
    this.group!.controls.add(control);
    const placed: PlacedSegment[] | undefined = this.progress.keepSegments ? [] : undefined;
    const value = definition
      ? buildTransaction(definition, schema, segments, this.delimiters, reporter, placed)
      : buildGeneric(segments, placed);
    if (trailer) {
      this.checkCount('x12.SE01', 'SE01', trailer, segments.length, 'segments', reporter);
      this.checkControl('x12.SE02', 'SE02', trailer, control, 'ST02', reporter);
    }
    group.transactions.push({
      id,
      control,
      index: this.progress.transactions++,
      name: definition?.name ?? '',
      value,
      problems: reporter.problems,
      ...(placed ? { segments: placed } : {}),
    });
    return reporter;
  }

  private checkCount(
    code: 'x12.SE01' | 'x12.GE01' | 'x12.IEA01',
    name: string,
    segment: Segment,
    counted: number,
    what: string,
    reporter: Reporter,
  ): void {
    const said = segment.elements[0] ?? '';
    if (/^\d+$/.test(said) && Number(said) === counted) return;
    reporter.add(code, `${name} says ${JSON.stringify(said.slice(0, 20))} ${what}, counted ${counted}`, segment, {
      segmentId: segment.id,
      position: 0,
      element: 1,
    });
  }

  private checkControl(
    code: 'x12.SE02' | 'x12.GE02' | 'x12.IEA02',
    name: string,
    segment: Segment,
    expected: string,
    header: string,
    reporter: Reporter,
  ): void {
    const said = (segment.elements[1] ?? '').trim();
    if (said === expected) return;
    reporter.add(
      code,
      `${name} is ${JSON.stringify(said.slice(0, 20))}, ${header} is ${JSON.stringify(expected.slice(0, 20))}`,
      segment,
      { segmentId: segment.id, position: 0, element: 2 },
    );
  }
}

const keys = (id: string): string[] => Array.from({ length: 16 }, (_, i) => keyOf(id, i + 1));
const ISA_KEYS = keys('ISA');
const GS_KEYS = keys('GS');
const TA1_KEYS = keys('TA1');

/** Elements by name, trimmed: `GS01` … */
function named(keys: string[], elements: string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (let i = 0; i < elements.length && i < keys.length; i++) values[keys[i]!] = elements[i]!.trim();
  return values;
}
