/** One message's value to segments, in the table's order, with what follows from the rest: UNS, the count of lines, UNT01. */
import type { Problem } from '../format.ts';
import { asValue, type Characters, charactersOf, isAmong, isValue, plainNumber, type Value } from '../values.ts';
import { checkSegment, numberLength, type Report } from './element.ts';
import { kinds, type ProblemCode } from './problem.ts';
import type { ServiceCharacters } from './scan.ts';
import type { Directory, ElementDef, GroupDef, MessageDef, SegmentDef, Use } from './schema/schema.ts';
import type { UnknownSegment } from './tree.ts';

export class MessageWriter {
  readonly lines: string[] = [];
  readonly problems: Problem[] = [];
  private readonly directory: Directory;
  private readonly characters: ServiceCharacters;
  private readonly base: string;
  /** Codes of the characters that are released. */
  private readonly special: Characters;
  private readonly groupCounts = new Map<string, number>();

  /** `base`: JSON pointer of the value, for the places of problems. */
  constructor(directory: Directory, characters: ServiceCharacters, base: string) {
    this.directory = directory;
    this.characters = characters;
    this.base = base;
    this.special = specialOf(characters);
  }

  /** `type`: UNH02, `ORDERS:D:96A:UN:EAN008`. */
  write(type: string, control: string, definition: MessageDef | undefined, value: unknown): void {
    const names = type.split(':').map((part, i) => [`UNH02${String(i + 1).padStart(2, '0')}`, part]);
    const given = asValue(isValue(value) ? value.UNH : undefined);
    const header = { ...given, UNH01: control, UNH02: Object.fromEntries(names.filter(([, part]) => part !== '')) };
    this.writeSegment(this.directory.segment('UNH')!, header, '/UNH');
    if (!isValue(value)) this.report('edifact.InvalidValue', 'the value of a message is an object', '');
    else if (definition) this.writeGroup(definition.root, value, '', false);
    else this.writeGeneric(value);
    this.pushRaw('UNT', [[String(this.lines.length + 1)], [control]]);
  }

  private writeGeneric(value: Value): void {
    if (!Array.isArray(value.segments)) {
      const message = 'no table describes this message: its value needs `segments: [{id, elements}]`';
      this.report('edifact.InvalidValue', message, '');
      return;
    }
    for (const [i, segment] of value.segments.entries()) this.writeRaw(segment, `/segments/${i}`);
  }

  /** A component alone may stand for an element of one. */
  private writeRaw(segment: unknown, path: string): void {
    const elements = isValue(segment) && Array.isArray(segment.elements) ? segment.elements : undefined;
    const id = isValue(segment) ? segment.id : undefined;
    if (elements === undefined || typeof id !== 'string' || !/^[A-Z][A-Z0-9]{2}(:\d+)*$/.test(id)) {
      this.report('edifact.InvalidValue', 'a segment is {id: "BGM", elements: [["220"], ["PO-1"]]}', path);
      return;
    }
    const repetitions = asValue((segment as Value).repetitions);
    const texts = elements.map((parts, i) => {
      const repeated = repetitions[String(i + 1)];
      if (Array.isArray(repeated))
        return repeated
          .map((each) => this.componentsOf(each, `${path}/repetitions/${i + 1}`))
          .join(this.repetition(path));
      return this.componentsOf(parts, `${path}/elements/${i}`);
    });
    this.lines.push(joined(id, texts, this.characters.element));
  }

  private componentsOf(parts: unknown, path: string): string {
    const texts = (Array.isArray(parts) ? parts : [parts]).map((part) => this.scalar(undefined, part, path));
    return trimmed(texts).join(this.characters.component);
  }

  private writeGroup(group: GroupDef, value: Value, path: string, hasFirst: boolean): void {
    const unknown = Array.isArray(value.unknown) ? (value.unknown as UnknownSegment[]) : [];
    let kept = 0;
    if (hasFirst) {
      const first = group.uses[0]!;
      const trigger = value[first.id];
      if (isValue(trigger)) this.writeSegment(first.segment, trigger, `${path}/${first.id}`);
      else
        this.report(
          'edifact.MandatorySegmentMissing',
          `${first.id} ${first.segment.name} is missing`,
          `${path}/${first.id}`,
        );
    }
    for (const { use, items, listed } of this.partsOf(group, value, path, hasFirst)) {
      if (items.length > use.max) {
        const message = `${use.key} may stand ${use.max} times, there are ${items.length}`;
        this.report(use.group ? 'edifact.GroupMaxUse' : 'edifact.SegmentMaxUse', message, `${path}/${use.key}`);
      }
      for (let i = 0; i < items.length; i++) {
        if (kept < unknown.length) kept = this.writeUnknown(unknown, kept, this.lines.length + 1, path);
        this.writeUse(use, items[i], listed ? `${path}/${use.key}/${i}` : `${path}/${use.key}`);
      }
    }
    if (kept < unknown.length) this.writeUnknown(unknown, kept, Number.POSITIVE_INFINITY, path);
  }

  private writeUse(use: Use, item: unknown, path: string): void {
    if (!isValue(item)) this.report('edifact.InvalidValue', `${use.key} is an object, or an array of objects`, path);
    else if (!use.group) this.writeSegment(use.segment, this.counted(use, item), path);
    else {
      this.groupCounts.set(use.id, (this.groupCounts.get(use.id) ?? 0) + 1);
      this.writeGroup(use.group, item, path, true);
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

  /** CNT with the qualifier 2 and no value: the number of lines. */
  private counted(use: Use, item: Value): Value {
    const control = use.id === 'CNT' ? asValue(item.CNT01) : {};
    if (String(control.CNT0101) !== '2' || control.CNT0102 !== undefined) return item;
    return { ...item, CNT01: { ...control, CNT0102: String(this.groupCounts.get('LIN') ?? 0) } };
  }

  /** What the value holds of a group, in the table's order. What the table has no place for would be lost without a word: an Error. */
  private partsOf(group: GroupDef, value: Value, path: string, hasFirst: boolean): Part[] {
    const parts: Part[] = [];
    for (const key of Object.keys(value)) {
      const found = value[key];
      if (found === undefined || found === null) continue;
      const use = group.byKey.get(key);
      if (use === undefined) {
        if (key !== 'unknown' && !(group.key === '' && (key === 'UNH' || key === 'UNT')))
          this.reportKey(group, key, path);
      } else if (!hasFirst || use.ordinal > 0) {
        const listed = Array.isArray(found);
        const items = listed ? found : [found];
        if (items.length > 0) parts.push({ use, items, listed });
      }
    }
    for (const use of group.required) {
      if ((hasFirst && use.ordinal === 0) || parts.some((part) => part.use === use)) continue;
      // It says nothing but that the summary begins.
      if (use.id === 'UNS') parts.push({ use, items: [{ UNS01: 'S' }], listed: false });
      else
        this.report(
          'edifact.MandatorySegmentMissing',
          `${use.id} ${use.segment.name} is missing`,
          `${path}/${use.key}`,
        );
    }
    for (let i = 1; i < parts.length; i++)
      if (parts[i]!.use.ordinal < parts[i - 1]!.use.ordinal) return parts.sort((a, b) => a.use.ordinal - b.use.ordinal);
    return parts;
  }

  private reportKey(group: GroupDef, key: string, path: string): void {
    const takes = group.uses.map((use) => (use.group ? `${use.key} (${use.id})` : use.key)).join(', ');
    const where = group.key ? `the group ${group.key}` : 'this message';
    this.report('edifact.UnknownKey', `${key} has no place in ${where}: it takes ${takes}`, `${path}/${key}`);
  }

  private writeSegment(definition: SegmentDef, value: Value, path: string): void {
    const texts: string[] = [];
    const elements: string[][] = [];
    for (const key of Object.keys(value)) {
      const found = value[key];
      if (found === undefined || found === null) continue;
      const element = definition.byKey.get(key);
      const position = element?.position ?? this.positionOf(definition, key, path);
      if (position === 0) continue;
      while (elements.length < position) {
        elements.push(EMPTY);
        texts.push('');
      }
      const at = `${path}/${key}`;
      if (Array.isArray(found)) {
        const all = found.map((each, i) => this.elementParts(element, key, each, `${at}/${i}`));
        elements[position - 1] = all[0]?.raw ?? EMPTY;
        texts[position - 1] = all.map(({ text }) => text).join(all.length > 1 ? this.repetition(at) : '');
      } else {
        const { raw, text } = this.elementParts(element, key, found, at);
        elements[position - 1] = raw;
        texts[position - 1] = text;
      }
    }
    this.place = path;
    this.definition = definition;
    checkSegment(definition, { id: definition.id, elements, at: 0, number: 0 }, this.reportElement);
    this.lines.push(joined(definition.id, texts, this.characters.element));
  }

  private place = '';
  private definition!: SegmentDef;
  private readonly reportElement: Report = (code, message, element) => {
    const { definition, place } = this;
    const key = definition.elements[element - 1]?.key;
    this.report(code, message, key ? `${place}/${key}` : place, definition.id, element);
  };

  private repetition(path: string): string {
    if (this.characters.repetition === ' ')
      this.report('edifact.InvalidValue', 'elements do not repeat before syntax version 4', path);
    return this.characters.repetition;
  }

  /** `raw`: what is checked; `text`: what is written. */
  private elementParts(
    element: ElementDef | undefined,
    key: string,
    value: unknown,
    path: string,
  ): { raw: string[]; text: string } {
    if (!isValue(value)) {
      const scalar = element?.type === 'composite' ? element.components[0] : element;
      if (element?.type === 'composite')
        this.report('edifact.InvalidValue', `${key} is an object: {"${key}01": …}`, path);
      const raw = this.raw(value, path);
      return { raw: [raw], text: this.written(scalar, raw) };
    }
    const raw: string[] = [];
    for (const name of Object.keys(value)) {
      const position = positionIn(name, key);
      if (position === 0) {
        this.report('edifact.UnknownKey', `${name} is no component of ${key}: they are ${key}01 …`, `${path}/${name}`);
        continue;
      }
      while (raw.length < position) raw.push('');
      raw[position - 1] = this.raw(value[name], path, name);
    }
    if (raw.length === 0) raw.push('');
    let length = raw.length;
    while (length > 0 && raw[length - 1] === '') length--;
    let text = '';
    for (let i = 0; i < length; i++) {
      if (i > 0) text += this.characters.component;
      text += this.written(element?.components[i], raw[i]!);
    }
    return { raw, text };
  }

  /** Of an element beyond those that the table knows; 0 for a key that is none. */
  private positionOf(definition: SegmentDef, key: string, path: string): number {
    const position = positionIn(key, definition.id);
    if (position === 0) {
      const message = `${key} is no element of ${definition.id}: they are ${definition.id}01, ${definition.id}02 …`;
      this.report('edifact.UnknownKey', message, `${path}/${key}`);
    }
    return position;
  }

  private scalar(element: ElementDef | undefined, value: unknown, path: string): string {
    return this.written(element, this.raw(value, path));
  }

  /** \`name\`: of the component at the path. */
  private raw(value: unknown, path: string, name?: string): string {
    if (typeof value === 'string') return value;
    if (value === undefined || value === null) return '';
    if (typeof value === 'number' && Number.isFinite(value)) return plainNumber(value);
    const shown = JSON.stringify(value)?.slice(0, 40) ?? typeof value;
    const place = name === undefined ? path : `${path}/${name}`;
    this.report('edifact.InvalidValue', `${shown} is no value of an element: a string or a number is`, place);
    return '';
  }

  /** With the decimal mark of the interchange, service characters released. */
  private written(element: ElementDef | undefined, raw: string): string {
    if (element !== undefined && (element.type === 'n' || element.type === 'x')) {
      const { decimal } = this.characters;
      if (decimal === ',' && numberLength(raw) > 0) return raw.replace('.', ',');
    }
    return released(raw, this.special, this.characters.release);
  }

  private pushRaw(id: string, elements: string[][]): void {
    const { element, component } = this.characters;
    const texts = elements.map((parts) => parts.map((part) => this.written(undefined, part)).join(component));
    this.lines.push([id, ...texts].join(element));
  }

  private report(code: ProblemCode, message: string, path: string, segmentId?: string, element?: number): void {
    const place: Problem['place'] = { path: this.base + path };
    if (segmentId) place.segmentId = segmentId;
    if (element) place.element = element;
    this.problems.push({ code, message, severity: kinds[code].severity as Problem['severity'], place });
  }
}

/** Which characters are released. */
export const specialOf = ({ component, element, release, segment, repetition }: ServiceCharacters): Characters =>
  charactersOf((component + element + release + segment + repetition).replaceAll(' ', ''));

export function released(raw: string, special: Characters, release: string): string {
  let out = '';
  let from = 0;
  for (let i = 0; i < raw.length; i++) {
    if (!isAmong(raw.charCodeAt(i), special)) continue;
    out += raw.slice(from, i) + release;
    from = i;
  }
  return from === 0 && out === '' ? raw : out + raw.slice(from);
}

/** `C50702` in `C507`: 2; 0 for a key that is none of it. */
function positionIn(name: string, key: string): number {
  const { length } = key;
  if (name.length !== length + 2 || !name.startsWith(key)) return 0;
  const tens = name.charCodeAt(length) - 48;
  const ones = name.charCodeAt(length + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 0;
}

/** One object instead of an array of one is taken too: expressions collapse them. */
interface Part {
  use: Use;
  items: unknown[];
  listed: boolean;
}

const EMPTY: string[] = [''];

function joined(id: string, texts: string[], separator: string): string {
  let { length } = texts;
  while (length > 0 && texts[length - 1] === '') length--;
  let line = id;
  for (let i = 0; i < length; i++) line += separator + texts[i];
  return line;
}

function trimmed(texts: string[]): string[] {
  let length = texts.length;
  while (length > 0 && texts[length - 1] === '') length--;
  return length === texts.length ? texts : texts.slice(0, length);
}
