/** Segments of one message to its value, by the message's table. See README.md for the shape. */
import { type Open, placeOf, push } from '../place.ts';
import type { Value } from '../values.ts';
import { readSegment, type SegmentValue } from './element.ts';
import type { Reporter, SyntaxNote } from './problem.ts';
import type { Segment } from './scan.ts';
import type { Directory, GroupDef, MessageDef, Use } from './schema/schema.ts';

/** A segment as it stands: elements of components. */
export interface PlainSegment {
  id: string;
  elements: string[][];
  /** All repetitions of an element (syntax version 4), by its number from 1. */
  repetitions?: Record<string, string[][]>;
}
/** A segment that the table has no place for, kept in the group where it stood. `position`: in the message, UNH is 1. */
export interface UnknownSegment extends PlainSegment {
  position: number;
}
/** A segment as it stood, for showing it: `depth` 0 is the message's own level. */
export interface PlacedSegment extends PlainSegment {
  /** In the file, from 1. */
  number: number;
  depth: number;
}
type Frame = Open<Use> & { table: GroupDef };

export function plain({ id, elements, repetitions }: Segment): PlainSegment {
  if (!repetitions) return { id, elements };
  return { id, elements, repetitions: Object.fromEntries([...repetitions].map(([i, all]) => [String(i + 1), all])) };
}

/** `segments`: from UNH to UNT, both included where they are there. */
export function buildMessage(
  definition: MessageDef,
  directory: Directory,
  segments: Segment[],
  reporter: Reporter,
  placed?: PlacedSegment[],
): Value {
  return new Builder(definition, directory, reporter, placed).build(segments);
}

/** For a message that no table describes. `UNH`: what it says beyond reference and type. */
export function buildGeneric(directory: Directory, segments: Segment[], placed?: PlacedSegment[]): Value {
  placed?.push(...segments.map((segment) => ({ ...plain(segment), number: segment.number, depth: 0 })));
  const list = segments.filter(({ id }) => id !== 'UNH' && id !== 'UNT').map(plain);
  const { UNH01, UNH02, ...rest } = readSegment(directory.segment('UNH')!, segments[0]!, () => {});
  return { ...(Object.keys(rest).length > 0 && { UNH: rest }), segments: list };
}

class Builder {
  private readonly definition: MessageDef;
  private readonly directory: Directory;
  private readonly reporter: Reporter;
  private readonly placed: PlacedSegment[] | undefined;
  private readonly stack: Frame[];
  private position = 0;
  private segment!: Segment;

  constructor(definition: MessageDef, directory: Directory, reporter: Reporter, placed: PlacedSegment[] | undefined) {
    this.definition = definition;
    this.directory = directory;
    this.reporter = reporter;
    this.placed = placed;
    this.stack = [{ table: definition.root, value: {}, cursor: 0 }];
  }

  build(segments: Segment[]): Value {
    const root = this.stack[0]!.value;
    for (const segment of segments) {
      this.segment = segment;
      this.position++;
      if (segment.id === 'UNH' && this.position === 1) root.UNH = this.envelope('UNH');
      else if (segment.id === 'UNT') {
        this.closeTo(0);
        root.UNT = this.envelope('UNT');
      } else this.place();
      this.placed?.push({ ...plain(segment), number: segment.number, depth: this.stack.length - 1 });
    }
    this.closeTo(0);
    this.checkRequired(this.stack[0]!);
    return root;
  }

  private place(): void {
    const { id } = this.segment;
    const found = placeOf(this.stack, id);
    if (found === undefined) {
      this.reportUnknown(id);
      this.keep();
      return;
    }
    const { how, depth, use } = found;
    if (how === 'Late') {
      // What reads the value finds it where it belongs.
      this.closeTo(depth);
      this.report('edifact.MisplacedSegment', `${id} stands too late: it is read as if it stood in its place`);
      this.assign(this.stack[depth]!.value, use);
      return;
    }
    if (how === 'Full') {
      if (use.group) this.report('edifact.GroupMaxUse', `the group ${use.key} (${id}) may stand ${use.max} times`);
      else if (use.max > 1) this.report('edifact.SegmentMaxUse', `${id} may stand ${use.max} times here`);
      else {
        this.report('edifact.SegmentMaxUse', `${id} may stand once here`);
        this.keep();
        return;
      }
    }
    this.accept(depth, use);
  }

  private assign(value: Value, use: Use): void {
    const read = this.read(use.segment);
    if (use.max > 1) push(value, use.key, read);
    else value[use.key] = read;
  }

  private reportUnknown(id: string): void {
    const shown = id.slice(0, 20);
    if (this.definition.ids.has(id))
      this.report('edifact.MisplacedSegment', `${shown} is not allowed at this place of ${this.definition.id}`);
    else if (this.directory.segment(id))
      this.report('edifact.SegmentNotInMessage', `${shown} is not a segment of ${this.definition.id}`);
    else this.report('edifact.UnknownSegment', `${JSON.stringify(shown)} is no segment that is known`);
  }

  private keep(): void {
    const { value } = this.stack.at(-1)!;
    const unknown: UnknownSegment = { ...plain(this.segment), position: this.position };
    push(value, 'unknown', unknown);
  }

  private accept(depth: number, use: Use): void {
    this.closeTo(depth);
    const frame = this.stack[depth]!;
    frame.cursor = use.ordinal;
    if (use.group === undefined) {
      this.assign(frame.value, use);
      return;
    }
    const value: Value = {};
    this.stack.push({ table: use.group, value, cursor: 1 });
    value[use.id] = this.read(use.segment);
    push(frame.value, use.key, value);
  }

  private closeTo(depth: number): void {
    while (this.stack.length - 1 > depth) this.checkRequired(this.stack.pop()!);
  }

  private checkRequired(frame: Frame): void {
    for (const use of frame.table.required) {
      if (frame.value[use.key] !== undefined) continue;
      const where = frame.table.key ? `in the group ${frame.table.key} that ends here` : `in ${this.definition.id}`;
      const message = `${use.id} ${use.segment.name} is missing ${where}`;
      this.reporter.add('edifact.MandatorySegmentMissing', message, this.segment, { position: this.position });
    }
  }

  /** Counts and references are checked where the interchange is read, by the partner's policy. */
  private envelope(id: 'UNH' | 'UNT'): SegmentValue {
    return readSegment(this.directory.segment(id)!, this.segment, () => {});
  }

  private read(definition: Use['segment']): SegmentValue {
    return readSegment(definition, this.segment, this.reportElement);
  }

  private readonly reportElement: Parameters<typeof readSegment>[2] = (code, message, element, component) => {
    const note: SyntaxNote = { position: this.position, element };
    if (component !== undefined) note.component = component;
    this.reporter.add(code, message, this.segment, note);
  };

  private report(code: Parameters<Reporter['add']>[0], message: string): void {
    this.reporter.add(code, message, this.segment, { position: this.position });
  }
}
