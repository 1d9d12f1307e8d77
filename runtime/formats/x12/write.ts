/** One transaction's value to segments, in the table's order, with the numbers that follow from the rest: HL, CTT01, SE01. */
import type { Problem } from '../format.ts';
import { asValue, type Characters, charactersOf, isAmong, isValue, plainNumber, type Value } from '../values.ts';
import { checkSegment, type Report } from './element.ts';
import { kinds, type ProblemCode } from './problem.ts';
import type { Delimiters } from './scan.ts';
import type { ElementDef, LoopDef, Schema, SegmentDef, TransactionDef, Use } from './schema/schema.ts';
import { MAX_DEPTH, type UnknownSegment } from './tree.ts';

export class TransactionWriter {
  readonly lines: string[] = [];
  readonly problems: Problem[] = [];
  private readonly schema: Schema;
  private readonly delimiters: Delimiters;
  private readonly base: string;
  /** What must not stand in data. */
  private readonly forbidden: Characters;
  /** In what is written as it stands, components may. */
  private readonly structural: Characters;
  /** No composite and no repetition in the segment that is being written. */
  private plain = true;
  private readonly loopCounts = new Map<string, number>();

  /** `base`: JSON pointer of the value, for the places of problems. */
  constructor(schema: Schema, delimiters: Delimiters, base: string) {
    this.schema = schema;
    this.delimiters = delimiters;
    this.base = base;
    const { element, segment, component, repetition } = delimiters;
    this.forbidden = charactersOf(element + segment[0] + component + repetition, true);
    this.structural = charactersOf(element + segment[0], true);
  }

  write(id: string, control: string, definition: TransactionDef | undefined, value: unknown): void {
    const { element } = this.delimiters;
    this.writeSegment(
      this.schema.segment('ST')!,
      { ...asValue(isValue(value) ? value.ST : undefined), ST01: id, ST02: control },
      '/ST',
    );
    if (!isValue(value)) this.report('x12.InvalidValue', 'the value of a transaction is an object', '');
    else if (definition) this.writeLoop(definition.root, value, '', 0);
    else this.writeGeneric(value);
    this.lines.push(`SE${element}${this.lines.length + 1}${element}${control}`);
  }

  private writeGeneric(value: Value): void {
    if (!Array.isArray(value.segments)) {
      this.report(
        'x12.InvalidValue',
        'no table describes this transaction: its value needs `segments: [{id, elements}]`',
        '',
      );
      return;
    }
    for (const [i, segment] of value.segments.entries()) this.writeRaw(segment, `/segments/${i}`);
  }

  private writeRaw(segment: unknown, path: string): void {
    if (
      !isValue(segment) ||
      typeof segment.id !== 'string' ||
      !/^[A-Z][A-Z0-9]{1,2}$/.test(segment.id) ||
      !Array.isArray(segment.elements)
    ) {
      this.report('x12.InvalidValue', 'a segment without a table is written `{id: "ZZZ", elements: [...]}`', path);
      return;
    }
    const elements = segment.elements.map((raw, i) =>
      this.clean(String(raw ?? ''), this.structural, `${path}/elements/${i}`),
    );
    this.push(segment.id, elements);
  }

  private writeLoop(loop: LoopDef, value: Value, path: string, depth: number, first?: Value): void {
    const unknown = Array.isArray(value.unknown) ? (value.unknown as UnknownSegment[]) : [];
    let kept = 0;
    if (first) this.writeSegment(loop.uses[0]!.segment, first, `${path}/${loop.id}`);
    const parts = this.partsOf(loop, value, path, first !== undefined);
    for (const { use, items, listed } of parts) {
      if (items.length > use.max) {
        const message = `${use.key} may stand ${use.max} times, there are ${items.length}`;
        this.report(use.loop ? 'x12.LoopMaxUse' : 'x12.SegmentMaxUse', message, `${path}/${use.key}`);
      }
      for (let i = 0; i < items.length; i++) {
        if (kept < unknown.length) kept = this.writeUnknown(unknown, kept, this.lines.length + 1, path);
        this.writeUse(use, items[i], listed ? `${path}/${use.key}/${i}` : `${path}/${use.key}`, depth);
      }
    }
    if (kept < unknown.length) this.writeUnknown(unknown, kept, Number.POSITIVE_INFINITY, path);
  }

  private writeUse(use: Use, item: unknown, path: string, depth: number): void {
    if (!isValue(item)) this.report('x12.InvalidValue', `${use.key} is an object, or an array of objects`, path);
    else if (!use.loop) this.writeSegment(use.segment, this.counted(use, item), path);
    else if (use.id === 'HL') this.writeLevel(use.loop, item, path, undefined, depth);
    else {
      this.count(use.id);
      this.writeLoop(use.loop, item, path, depth);
    }
  }

  /** A segment without a place stands where it stood: after as many segments as before. Returns how many are written. */
  private writeUnknown(unknown: UnknownSegment[], from: number, position: number, path: string): number {
    let at = from;
    for (; at < unknown.length && (unknown[at]?.position ?? 0) <= position; at++) {
      this.writeRaw(unknown[at], `${path}/unknown/${at}`);
      position++;
    }
    return at;
  }

  /** An HL loop with its children after it. Levels without HL01 are numbered. */
  private writeLevel(loop: LoopDef, value: Value, path: string, parent: string | undefined, depth: number): void {
    if (depth >= MAX_DEPTH) {
      this.report('x12.InvalidValue', `more than ${MAX_DEPTH} levels in each other`, path);
      return;
    }
    const below = value.HLLoop;
    const children = below === undefined || below === null ? [] : Array.isArray(below) ? below : [below];
    const number = this.count('HL');
    const given = asValue(value.HL);
    const hl: Value = { ...given };
    hl.HL01 ??= String(number);
    if (parent !== undefined) hl.HL02 ??= parent;
    if (given.HL01 === undefined) hl.HL04 ??= children.length > 0 ? '1' : '0';
    this.writeLoop(loop, value, path, depth, hl);
    for (const [i, child] of children.entries()) {
      if (isValue(child)) this.writeLevel(loop, child, `${path}/HLLoop/${i}`, String(hl.HL01), depth + 1);
      else this.report('x12.InvalidValue', 'HLLoop is an array of objects', `${path}/HLLoop/${i}`);
    }
  }

  private count(id: string): number {
    const count = (this.loopCounts.get(id) ?? 0) + 1;
    this.loopCounts.set(id, count);
    return count;
  }

  private counted(use: Use, item: Value): Value {
    const key = use.segment.elements[0]?.key;
    if (use.counts === undefined || key === undefined || item[key] !== undefined) return item;
    return { ...item, [key]: String(this.loopCounts.get(use.counts) ?? 0) };
  }

  /** What the value holds of a loop, in the table's order. What the table has no place for would be lost without a word: an Error. */
  private partsOf(loop: LoopDef, value: Value, path: string, hasFirst: boolean): Part[] {
    const parts: Part[] = [];
    for (const key of Object.keys(value)) {
      const found = value[key];
      if (found === undefined || found === null) continue;
      const use = loop.byKey.get(key);
      if (use === undefined || (use.key !== key && value[use.key] !== undefined)) {
        if (!isReserved(loop, key)) this.reportKey(loop, key, path);
      } else if (!hasFirst || use.ordinal > 0) {
        const listed = Array.isArray(found);
        const items: unknown[] = listed ? found : [found];
        if (items.length === 0) continue;
        if (use.key === key) parts.push({ use, items, listed });
        // A loop of one segment, written plainly.
        else parts.push({ use, items: items.map((item) => ({ [use.id]: item })), listed: false });
      }
    }
    for (let i = 1; i < parts.length; i++) {
      if (parts[i]!.use.ordinal >= parts[i - 1]!.use.ordinal) continue;
      parts.sort((a, b) => a.use.ordinal - b.use.ordinal);
      break;
    }
    for (const use of loop.required) {
      if ((hasFirst && use.ordinal === 0) || parts.some((part) => part.use === use)) continue;
      this.report('x12.MandatorySegmentMissing', `${use.id} ${use.segment.name} is missing`, `${path}/${use.key}`);
    }
    return parts;
  }

  private reportKey(loop: LoopDef, key: string, path: string): void {
    const where = loop.id ? `the loop ${loop.id}` : 'this transaction';
    const takes = loop.uses.map((use) => use.key).join(', ');
    this.report('x12.UnknownKey', `${key} has no place in ${where}: it takes ${takes}`, `${path}/${key}`);
  }

  private writeSegment(definition: SegmentDef, value: Value, path: string): void {
    this.plain = true;
    const elements: string[] = [];
    for (const key of Object.keys(value)) {
      const found = value[key];
      if (found === undefined) continue;
      const element = definition.byKey.get(key);
      const position = element?.position ?? this.positionOf(definition, key, path);
      if (position === 0) continue;
      while (elements.length < position) elements.push('');
      elements[position - 1] = this.elementText(element, found, path, key);
    }
    const segment = { id: definition.id, elements, at: 0, number: 0, plain: this.plain };
    this.checked = definition;
    this.checkedAt = path;
    checkSegment(definition, segment, this.delimiters, this.reportElement);
    this.push(definition.id, elements);
  }

  /** The segment that is being checked, and its place. */
  private checked!: SegmentDef;
  private checkedAt = '';
  private readonly reportElement: Report = (code, message, at) => {
    const { checked, checkedAt } = this;
    const key = checked.elements[at.element - 1]?.key;
    this.report(code, message, key ? `${checkedAt}/${key}` : checkedAt, checked.id, at.element);
  };

  /** Of an element beyond those that the table knows; 0 for a key that is none. */
  private positionOf(definition: SegmentDef, key: string, path: string): number {
    const digits = key.startsWith(definition.id) ? key.slice(definition.id.length) : '';
    const position = /^\d\d$/.test(digits) ? Number(digits) : 0;
    if (position === 0) {
      const message = `${key} is no element of ${definition.id}: they are ${definition.id}01, ${definition.id}02 …`;
      this.report('x12.UnknownKey', message, `${path}/${key}`);
    }
    return position;
  }

  private push(id: string, elements: string[]): void {
    let length = elements.length;
    while (length > 0 && elements[length - 1] === '') length--;
    let line = id;
    for (let i = 0; i < length; i++) line += this.delimiters.element + elements[i];
    this.lines.push(line);
  }

  private elementText(element: ElementDef | undefined, value: unknown, path: string, key: string): string {
    // What no table describes is written as it was read, with its components.
    if (typeof value === 'string') return this.clean(value, element ? this.forbidden : this.structural, path, key);
    if (!Array.isArray(value)) return this.singleText(element, value, `${path}/${key}`);
    this.plain = false;
    const { repetition } = this.delimiters;
    if (value.length > 1 && repetition === '') {
      this.report('x12.InvalidValue', 'elements do not repeat in this version', `${path}/${key}`);
      return '';
    }
    return value.map((item, i) => this.singleText(element, item, `${path}/${key}/${i}`)).join(repetition);
  }

  private singleText(element: ElementDef | undefined, value: unknown, path: string): string {
    if (!isValue(value)) return this.scalarText(element, value, path);
    if (element?.type !== 'composite') {
      this.report('x12.InvalidValue', 'a simple element is a string or a number', path);
      return '';
    }
    this.plain = false;
    const parts: string[] = [];
    for (const key of Object.keys(value)) {
      const suffix = key.startsWith(element.key) ? key.slice(element.key.length) : '';
      if (!/^\d\d$/.test(suffix) || suffix === '00') {
        this.report(
          'x12.UnknownKey',
          `${key} is no component of ${element.key}: they are ${element.key}01 …`,
          `${path}/${key}`,
        );
        continue;
      }
      parts[Number(suffix) - 1] = this.scalarText(element.components[Number(suffix) - 1], value[key], `${path}/${key}`);
    }
    const texts = Array.from(parts, (part) => part ?? '');
    while (texts.length > 0 && texts.at(-1) === '') texts.pop();
    return texts.join(this.delimiters.component);
  }

  private scalarText(element: ElementDef | undefined, value: unknown, path: string): string {
    if (value === undefined || value === null) return '';
    if (typeof value === 'string') return this.clean(value, this.forbidden, path);
    if (typeof value === 'number' && Number.isFinite(value)) {
      if (element?.type === 'N' && !Number.isInteger(value)) {
        const shift =
          element.decimals > 0 ? `with ${element.decimals} decimals implied: 12.50 is 1250` : 'a whole number';
        this.report('x12.InvalidNumber', `${element.key} is ${shift}, not ${value}: multiply and round it`, path);
        return '';
      }
      return plainNumber(value);
    }
    this.report(
      'x12.InvalidValue',
      `${JSON.stringify(value)?.slice(0, 40) ?? typeof value} is no value of an element: a string or a number is`,
      path,
    );
    return '';
  }

  /** Delimiters and control characters within data become blanks: X12 has no way to escape them. */
  private clean(text: string, forbidden: Characters, path: string, key = ''): string {
    let bad = false;
    for (let i = 0; i < text.length && !bad; i++) bad = isAmong(text.charCodeAt(i), forbidden);
    if (!bad) return text;
    const cleaned = Array.from(text, (char) => (isAmong(char.charCodeAt(0), forbidden) ? ' ' : char));
    const message = `delimiters or control characters in ${JSON.stringify(text.slice(0, 40))} became blanks`;
    this.report('x12.DelimiterInData', message, key ? `${path}/${key}` : path);
    return cleaned.join('');
  }

  private report(code: ProblemCode, message: string, path: string, segmentId?: string, element?: number): void {
    const place: Problem['place'] = { path: this.base + path };
    if (segmentId) place.segmentId = segmentId;
    if (element) place.element = element;
    this.problems.push({ code, message, severity: kinds[code].severity as Problem['severity'], place });
  }
}

/** One object instead of an array of one is taken too: expressions collapse them. */
interface Part {
  use: Use;
  items: unknown[];
  listed: boolean;
}

/** Written by the codec itself, or elsewhere. */
const isReserved = (loop: LoopDef, key: string): boolean =>
  key === 'unknown' || (loop.id === '' && (key === 'ST' || key === 'SE')) || (loop.id === 'HL' && key === 'HLLoop');
