/** One segment to an object: elements by name, composites as objects, each checked against its definition. */
import type { ProblemCode } from './problem.ts';
import type { Segment } from './scan.ts';
import type { ElementDef, SegmentDef } from './schema/schema.ts';

export type SegmentValue = Record<string, unknown>;
/** `element` and `component` count from 1; `element` 0 = the segment as a whole. */
export type Report = (code: ProblemCode, message: string, element: number, component?: number) => void;

export const keyOf = (owner: string, position: number): string => owner + String(position).padStart(2, '0');

export function readSegment(definition: SegmentDef, segment: Segment, report: Report): SegmentValue {
  const value: SegmentValue = {};
  walk(definition, segment, report, value);
  return value;
}

/** What `readSegment` reports, without the object. */
export const checkSegment = (definition: SegmentDef, segment: Segment, report: Report): void =>
  walk(definition, segment, report, undefined);

function walk(definition: SegmentDef, segment: Segment, report: Report, value: SegmentValue | undefined): void {
  const { elements, repetitions } = segment;
  const known = definition.elements;
  const build = value !== undefined;
  for (let i = 0; i < elements.length; i++) {
    const element = known[i];
    const repeated = repetitions?.get(i);
    if (repeated) {
      // Each by itself; an empty one stays, so that what stands at which place can be told.
      const all = repeated.map((parts) => readElement(definition.id, element, i + 1, parts, report, build) ?? '');
      if (value) value[keyOf(definition.id, i + 1)] = all;
      continue;
    }
    const read = readElement(definition.id, element, i + 1, elements[i]!, report, build);
    if (read === undefined) continue;
    if (value) value[element?.key ?? keyOf(definition.id, i + 1)] = read;
    if (element === undefined && known.length > 0)
      report(
        'edifact.TooManyElements',
        `${definition.id} has ${known.length} elements, this is number ${i + 1}`,
        i + 1,
      );
  }
  for (let i = 0; i < known.length; i++) {
    const element = known[i]!;
    if (element.required && !stands(elements[i]) && !repetitions?.has(i))
      report('edifact.ElementMissing', `${element.key} ${element.name} is mandatory`, element.position);
  }
}

const stands = (parts: string[] | undefined): boolean =>
  parts !== undefined && (parts[0] !== '' || parts.some((part) => part !== ''));

const NOTHING: SegmentValue = Object.freeze({});

/** Undefined where nothing stands. Without `build` composites are only checked. */
function readElement(
  id: string,
  element: ElementDef | undefined,
  position: number,
  parts: string[],
  report: Report,
  build: boolean,
): string | SegmentValue | undefined {
  if (element?.type === 'composite') return readComposite(element, parts, report, build);
  if (parts.length === 1) {
    const raw = parts[0]!;
    if (raw === '') return undefined;
    return element ? checked(element, raw, position, undefined, report) : raw;
  }
  // More components than a simple element has: all of them are kept.
  const key = element?.key ?? keyOf(id, position);
  const value: SegmentValue = {};
  let some = false;
  for (let i = 0; i < parts.length; i++) {
    if (parts[i] === '') continue;
    value[keyOf(key, i + 1)] = parts[i];
    some = true;
  }
  if (!some) return undefined;
  if (element)
    report(
      'edifact.TooManyComponents',
      `${key} ${element.name} is no composite and has ${parts.length} components`,
      position,
    );
  return value;
}

function readComposite(element: ElementDef, parts: string[], report: Report, build: boolean): SegmentValue | undefined {
  const value: SegmentValue = build ? {} : NOTHING;
  const { components, position } = element;
  let some = false;
  for (let i = 0; i < parts.length; i++) {
    const raw = parts[i]!;
    if (raw === '') continue;
    some = true;
    const component = components[i];
    if (component === undefined) {
      if (build) value[keyOf(element.key, i + 1)] = raw;
      const message = `${element.key} ${element.name} has ${components.length} components, this is number ${i + 1}`;
      report('edifact.TooManyComponents', message, position, i + 1);
    } else {
      const read = checked(component, raw, position, i + 1, report);
      if (build) value[component.key] = read;
    }
  }
  if (!some) return undefined;
  for (let i = 0; i < components.length; i++) {
    const component = components[i]!;
    if (component.required && (parts[i] ?? '') === '')
      report('edifact.ElementMissing', `${component.key} ${component.name} is mandatory`, position, component.position);
  }
  if (element.reference === 'C507') checkDate(element, parts, report);
  return value;
}

/** The value as mappings see it: numbers with a decimal point. */
function checked(
  element: ElementDef,
  raw: string,
  position: number,
  component: number | undefined,
  report: Report,
): string {
  let { length } = raw;
  let value = raw;
  if (element.type === 'n' || element.type === 'x') {
    const digits = numberLength(raw);
    if (digits > 0) {
      length = digits;
      if (raw.includes(',')) value = raw.replace(',', '.');
    } else if (element.type === 'n') {
      report('edifact.InvalidNumber', `${element.key} ${element.name} is no number`, position, component);
      return value;
    }
  } else if (element.type === 'a' && /\d/.test(raw))
    report('edifact.InvalidCharacter', `${element.key} ${element.name} contains digits`, position, component);
  if (length > element.max)
    report(
      'edifact.ElementTooLong',
      `${element.key} ${element.name} has ${length} characters, at most ${element.max} are allowed`,
      position,
      component,
    );
  else if (length < element.min)
    report(
      'edifact.ElementTooShort',
      `${element.key} ${element.name} has ${length} characters, at least ${element.min} are needed`,
      position,
      component,
    );
  return value;
}

/** Digits of a number, 0 if it is none. Sign and decimal mark do not count; either mark is read. */
export function numberLength(raw: string): number {
  let count = 0;
  let marks = 0;
  for (let i = raw.charCodeAt(0) === 45 ? 1 : 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code >= 48 && code <= 57) count++;
    else if ((code !== 46 && code !== 44) || ++marks > 1) return 0;
  }
  return count;
}

/** Formats (2379) of a date or time that can be checked: where year, month, day, hour and minute stand. */
const FORMATS: Record<string, { length: number; month: number; day?: number; hour?: number }> = {
  101: { length: 6, month: 2, day: 4 },
  102: { length: 8, month: 4, day: 6 },
  201: { length: 10, month: 2, day: 4, hour: 6 },
  203: { length: 12, month: 4, day: 6, hour: 8 },
  204: { length: 14, month: 4, day: 6, hour: 8 },
  610: { length: 6, month: 4 },
};

function checkDate(element: ElementDef, parts: string[], report: Report): void {
  const raw = parts[1] ?? '';
  const format = FORMATS[parts[2] ?? ''];
  if (raw === '' || format === undefined) return;
  const at = (offset: number): number => Number(raw.slice(offset, offset + 2));
  const { length, month, day, hour } = format;
  const valid =
    raw.length === length &&
    /^\d+$/.test(raw) &&
    at(month) >= 1 &&
    at(month) <= 12 &&
    (day === undefined || isDay(Number(raw.slice(0, month)), at(month), at(day))) &&
    (hour === undefined || (at(hour) < 24 && at(hour + 2) < 60));
  if (!valid) report('edifact.InvalidDate', `${element.key} is no date of the format ${parts[2]}`, element.position, 2);
}

/** A year of two digits: the first of a century may or may not be a leap year. */
const isDay = (year: number, month: number, day: number): boolean =>
  day >= 1 && (day <= 28 || day <= new Date(Date.UTC(year < 100 ? 2000 + year : year, month, 0)).getUTCDate());
