/** Segments of one transaction to its value, by the transaction's table. See README.md for the shape. */
import { type Open, placeOf, push } from '../place.ts';
import type { Value } from '../values.ts';
import { readSegment, type SegmentValue } from './element.ts';
import type { Reporter, SyntaxNote } from './problem.ts';
import type { Delimiters, Segment } from './scan.ts';
import type { LoopDef, Schema, TransactionDef, Use } from './schema/schema.ts';

/** Deepest nesting of HL levels, read and written: whoever reads the value may recurse. */
export const MAX_DEPTH = 100;

/** A segment that the table has no place for, kept in the loop where it stood. `position`: in the transaction, ST is 1. */
export interface UnknownSegment {
  id: string;
  elements: string[];
  position: number;
}
/** A segment as it stood, for showing it: `depth` 0 is the transaction's own level. */
export interface PlacedSegment {
  id: string;
  elements: string[];
  /** In the file, from 1. */
  number: number;
  depth: number;
}
type Frame = Open<Use> & { table: LoopDef };

/** `segments`: from ST to SE, both included where they are there. */
export function buildTransaction(
  definition: TransactionDef,
  schema: Schema,
  segments: Segment[],
  delimiters: Delimiters,
  reporter: Reporter,
  placed?: PlacedSegment[],
): Value {
  return new Builder(definition, schema, delimiters, reporter, placed).build(segments);
}

/** For a transaction that no table describes. */
export function buildGeneric(segments: Segment[], placed?: PlacedSegment[]): Value {
  placed?.push(...segments.map(({ id, elements, number }) => ({ id, elements, number, depth: 0 })));
  const list = segments.filter((segment) => segment.id !== 'ST' && segment.id !== 'SE');
  const convention = segments[0]?.elements[2];
  return {
    ...(convention ? { ST: { ST03: convention } } : {}),
    segments: list.map(({ id, elements }) => ({ id, elements })),
  };
}

class Builder {
  private readonly definition: TransactionDef;
  private readonly schema: Schema;
  private readonly delimiters: Delimiters;
  private readonly reporter: Reporter;
  private readonly placed: PlacedSegment[] | undefined;
  private readonly stack: Frame[];
  /** By HL01. */
  private readonly levels = new Map<string, { value: Value; depth: number }>();
  private position = 0;
  /** Levels of HL above the one that is open. */
  private level = 0;
  private segment!: Segment;

  constructor(
    definition: TransactionDef,
    schema: Schema,
    delimiters: Delimiters,
    reporter: Reporter,
    placed: PlacedSegment[] | undefined,
  ) {
    this.placed = placed;
    this.definition = definition;
    this.schema = schema;
    this.delimiters = delimiters;
    this.reporter = reporter;
    this.stack = [{ table: definition.root, value: {}, cursor: 0 }];
  }

  build(segments: Segment[]): Value {
    const root = this.stack[0]!.value;
    for (const segment of segments) {
      this.segment = segment;
      this.position++;
      if (segment.id === 'ST' && this.position === 1) root.ST = this.read(this.schema.segment('ST')!);
      else if (segment.id === 'SE') {
        this.closeTo(0);
        root.SE = this.read(this.schema.segment('SE')!);
      } else this.place();
      if (this.placed) {
        const { id, elements, number } = segment;
        this.placed.push({ id, elements, number, depth: this.stack.length - 1 + this.level });
      }
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
      this.report('x12.MisplacedSegment', `${id} stands too late: it is read as if it stood in its place`);
      this.assign(this.stack[depth]!.value, use);
      return;
    }
    if (how === 'Full') {
      if (use.loop) this.report('x12.LoopMaxUse', `the loop ${id} may stand ${use.max} times`, id);
      else if (use.max > 1) this.report('x12.SegmentMaxUse', `${id} may stand ${use.max} times here`);
      else {
        this.report('x12.SegmentMaxUse', `${id} may stand once here`);
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
      this.report('x12.MisplacedSegment', `${shown} is not allowed at this place of a ${this.definition.id}`);
    else if (this.schema.segment(id))
      this.report('x12.SegmentNotInTransaction', `${shown} is not a segment of a ${this.definition.id}`);
    else this.report('x12.UnknownSegment', `${JSON.stringify(shown)} is no segment that is known`);
  }

  private keep(): void {
    const { value } = this.stack.at(-1)!;
    const unknown: UnknownSegment = { id: this.segment.id, elements: this.segment.elements, position: this.position };
    push(value, 'unknown', unknown);
  }

  private accept(depth: number, use: Use): void {
    this.closeTo(depth);
    const frame = this.stack[depth]!;
    frame.cursor = use.ordinal;
    if (use.loop === undefined) {
      this.assign(frame.value, use);
      return;
    }
    const value: Value = {};
    this.stack.push({ table: use.loop, value, cursor: 0 });
    const read = this.read(use.segment);
    value[use.id] = read;
    push(use.id === 'HL' ? this.parentOf(read, value, frame.value) : frame.value, use.key, value);
  }

  /** The loop that an HL belongs to: that of the HL which HL02 names, else the top. */
  private parentOf(hl: SegmentValue, value: Value, top: Value): Value {
    const [number, above] = [textOf(hl.HL01), textOf(hl.HL02)];
    const parent = above === '' ? undefined : this.levels.get(above);
    const depth = (parent?.depth ?? 0) + 1;
    const note = { element: 2, reference: '734', value: above };
    if (above !== '' && !parent) {
      const message = `HL02 names the parent ${JSON.stringify(above)}, which has not come before: the level is kept at the top`;
      this.report('x12.HLParent', message, 'HL', note);
    } else if (depth > MAX_DEPTH) {
      this.report(
        'x12.HLTooDeep',
        `more than ${MAX_DEPTH} levels in each other: the level is kept at the top`,
        'HL',
        note,
      );
      return top;
    }
    if (this.levels.has(number)) {
      const message = `HL01 ${JSON.stringify(number)} has come before`;
      this.report('x12.HLDuplicate', message, 'HL', { element: 1, reference: '628', value: number });
    } else if (number !== '') this.levels.set(number, { value, depth });
    this.level = depth - 1;
    return parent?.value ?? top;
  }

  private closeTo(depth: number): void {
    if (depth === 0) this.level = 0;
    while (this.stack.length - 1 > depth) this.checkRequired(this.stack.pop()!);
  }

  private checkRequired(frame: Frame): void {
    for (const use of frame.table.required) {
      if (frame.value[use.key] !== undefined) continue;
      const message = `${use.id} ${use.segment.name} is missing ${frame.table.id ? `in the loop ${frame.table.id} that ends here` : `in the ${this.definition.id}`}`;
      const note: SyntaxNote = { segmentId: use.id, position: this.position };
      if (frame.table.id) note.loop = frame.table.id;
      this.reporter.add('x12.MandatorySegmentMissing', message, this.segment, note);
    }
  }

  private read(definition: Use['segment']): SegmentValue {
    return readSegment(definition, this.segment, this.delimiters, this.reportElement);
  }

  private readonly reportElement: Parameters<typeof readSegment>[3] = (code, message, at) =>
    this.report(code, message, undefined, at);

  private report(code: Parameters<Reporter['add']>[0], message: string, loop?: string, at?: Partial<SyntaxNote>): void {
    const note: SyntaxNote = { segmentId: this.segment.id.slice(0, 3), position: this.position, ...at };
    const inner = loop ?? this.stack.at(-1)!.table.id;
    if (inner) note.loop = inner;
    if (note.value !== undefined) note.value = note.value.slice(0, 99);
    this.reporter.add(code, message, this.segment, note);
  }
}

const textOf = (element: unknown): string => (typeof element === 'string' ? element : '');
