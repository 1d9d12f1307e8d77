/** One segment to an object: elements by name, composites and repetitions split, each checked against its definition. */
import type { ProblemCode } from './problem.ts';
import type { Delimiters, Segment } from './scan.ts';
import type { Condition, ElementDef, SegmentDef } from './schema/schema.ts';

export type SegmentValue = Record<string, unknown>;
/** `element` and `component` count from 1; 0 = the segment as a whole. */
export type Report = (
  code: ProblemCode,
  message: string,
  at: { element: number; component?: number; reference?: string; value?: string },
) => void;

export const keyOf = (id: string, position: number): string => id + String(position).padStart(2, '0');

export function readSegment(
  definition: SegmentDef,
  segment: Segment,
  delimiters: Delimiters,
  report: Report,
): SegmentValue {
  const value: SegmentValue = {};
  const { elements, plain } = segment;
  const known = definition.elements;
  for (let i = 0; i < elements.length; i++) {
    const raw = elements[i]!;
    if (raw === '') continue;
    const element = known[i];
    if (element === undefined) {
      value[keyOf(definition.id, i + 1)] = raw;
      if (known.length > 0)
        report('x12.TooManyElements', `${definition.id} has ${known.length} elements, this is number ${i + 1}`, {
          element: i + 1,
          value: raw,
        });
    } else if (plain && element.type !== 'composite' && element.repeat === 1) {
      value[element.key] = raw;
      checkSimple(element, raw, report);
    } else value[element.key] = readRepeated(element, raw, delimiters, report);
  }
  checkWhole(definition, segment, report);
  return value;
}

/** What `readSegment` reports, without the object. */
export function checkSegment(definition: SegmentDef, segment: Segment, delimiters: Delimiters, report: Report): void {
  const { elements, plain } = segment;
  const known = definition.elements;
  if (!plain || elements.length > known.length) {
    readSegment(definition, segment, delimiters, report);
    return;
  }
  for (let i = 0; i < elements.length; i++) {
    const raw = elements[i]!;
    if (raw === '') continue;
    const element = known[i]!;
    if (element.type === 'composite') readElement(element, raw, delimiters, report);
    else checkSimple(element, raw, report);
  }
  checkWhole(definition, segment, report);
}

/** What is said of the elements together. */
function checkWhole(definition: SegmentDef, { elements, plain }: Segment, report: Report): void {
  for (const element of definition.required) {
    if ((elements[element.position - 1] ?? '') === '') {
      report('x12.ElementMissing', `${element.key} ${element.name} is mandatory`, {
        element: element.position,
        reference: element.reference,
      });
    }
  }
  checkConditions(definition.id, definition.conditions, definition.elements, elements, report, 0);
  if (!plain) checkControl(definition, elements, report);
}

function checkSimple(element: ElementDef, raw: string, report: Report): void {
  const finding = checkValue(element, raw);
  if (finding)
    report(finding.code, finding.message, { element: element.position, reference: element.reference, value: raw });
}

function checkControl(definition: SegmentDef, elements: string[], report: Report): void {
  for (const [i, raw] of elements.entries()) {
    if (!hasControl(raw)) continue;
    report('x12.InvalidCharacter', `${keyOf(definition.id, i + 1)} contains a control character`, { element: i + 1 });
  }
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 32) return true;
  return false;
}

function readRepeated(element: ElementDef, raw: string, delimiters: Delimiters, report: Report): unknown {
  if (delimiters.repetition === '' || (element.repeat === 1 && !raw.includes(delimiters.repetition)))
    return readElement(element, raw, delimiters, report);
  const parts = raw.split(delimiters.repetition);
  if (parts.length > element.repeat) {
    const message = `${element.key} ${element.name} may stand ${element.repeat === 1 ? 'once' : `${element.repeat} times`}, not ${parts.length} times`;
    report('x12.TooManyRepetitions', message, { element: element.position, reference: element.reference });
  }
  return parts.map((part) => readElement(element, part, delimiters, report));
}

function readElement(element: ElementDef, raw: string, delimiters: Delimiters, report: Report): unknown {
  if (element.type === 'composite') return readComposite(element, raw, delimiters, report);
  checkSimple(element, raw, report);
  if (raw.includes(delimiters.component)) {
    report(
      'x12.ComponentInSimpleElement',
      `${element.key} ${element.name} contains the component separator ${delimiters.component}`,
      { element: element.position },
    );
  }
  return raw;
}

function readComposite(element: ElementDef, raw: string, delimiters: Delimiters, report: Report): SegmentValue {
  const value: SegmentValue = {};
  const parts = raw.split(delimiters.component);
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    const component = element.components[i];
    if (component === undefined && part !== '') {
      const message = `${element.key} ${element.name} has ${element.components.length} components, this is number ${i + 1}`;
      report('x12.TooManyComponents', message, { element: element.position, component: i + 1, value: part });
    }
    if (part === '') continue;
    value[component?.key ?? keyOf(element.key, i + 1)] = part;
    if (component === undefined) continue;
    const finding = checkValue(component, part);
    if (finding)
      report(finding.code, finding.message, {
        element: element.position,
        component: i + 1,
        reference: component.reference,
        value: part,
      });
  }
  for (const component of element.components) {
    if (component.required && (parts[component.position - 1] ?? '') === '') {
      const at = { element: element.position, component: component.position, reference: component.reference };
      report('x12.ElementMissing', `${component.key} ${component.name} is mandatory`, at);
    }
  }
  checkConditions(element.key, element.conditions, element.components, parts, report, element.position);
  return value;
}

interface Finding {
  code: ProblemCode;
  message: string;
}
const EXPONENT = /^-?(?:\d+\.?\d*|\.\d+)E-?\d+$/;

/** What is wrong with a value, if anything: its type first, then its length (signs and decimal points do not count). */
export function checkValue(element: ElementDef, raw: string): Finding | undefined {
  let length = raw.length;
  switch (element.type) {
    case 'N':
      length = numberLength(raw, false);
      if (length === 0) return found('x12.InvalidNumber', element, `is no whole number${decimalsHint(element)}`);
      break;
    case 'R':
      length = numberLength(raw, true) || (EXPONENT.test(raw) ? digits(raw) : 0);
      if (length === 0) return found('x12.InvalidNumber', element, 'is no decimal number');
      break;
    case 'DT':
      if (!isDate(raw))
        return found('x12.InvalidDate', element, `is no date (${element.max === 6 ? 'YYMMDD' : 'CCYYMMDD'})`);
      break;
    case 'TM':
      if (!isTime(raw)) return found('x12.InvalidTime', element, 'is no time (HHMM, HHMMSS or with decimals)');
      break;
  }
  if (length < element.min)
    return found('x12.ElementTooShort', element, `has ${length} characters, at least ${element.min} are needed`);
  if (length > element.max)
    return found('x12.ElementTooLong', element, `has ${length} characters, at most ${element.max} are allowed`);
  return undefined;
}

const found = (code: ProblemCode, element: ElementDef, what: string): Finding => ({
  code,
  message: `${element.key} ${element.name} ${what}`,
});

const decimalsHint = (element: ElementDef): string =>
  element.decimals > 0 ? ` (the last ${element.decimals} digits are decimals: 12.50 is 1250)` : '';

/** Digits of a number, 0 if it is none. */
function numberLength(raw: string, point: boolean): number {
  let count = 0;
  let points = 0;
  for (let i = raw.charCodeAt(0) === 45 ? 1 : 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code >= 48 && code <= 57) count++;
    else if (code !== 46 || !point || ++points > 1) return 0;
  }
  return count;
}

function digits(raw: string): number {
  let count = 0;
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code >= 48 && code <= 57) count++;
  }
  return count;
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function isDate(raw: string): boolean {
  if ((raw.length !== 8 && raw.length !== 6) || numberLength(raw, false) !== raw.length) return false;
  const all = Number(raw);
  const day = all % 100;
  const month = Math.trunc(all / 100) % 100;
  const year = Math.trunc(all / 10_000);
  if (month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]!) return false;
  if (month !== 2 || day !== 29) return true;
  // Two digits: the first year of a century may or may not be a leap year.
  return year % 4 === 0 && (raw.length === 6 || year % 100 !== 0 || year % 400 === 0);
}

export function isTime(raw: string): boolean {
  if (raw.length < 4 || raw.length > 8 || raw.length === 5 || numberLength(raw, false) !== raw.length) return false;
  return (
    Number(raw.slice(0, 2)) < 24 && Number(raw.slice(2, 4)) < 60 && (raw.length < 6 || Number(raw.slice(4, 6)) < 60)
  );
}

/** `element`: position of the composite whose components these are, 0 for a segment's elements. */
function checkConditions(
  owner: string,
  conditions: Condition[],
  elements: ElementDef[],
  parts: string[],
  report: Report,
  element: number,
): void {
  const given = parts.length;
  for (const condition of conditions) {
    // What speaks only of elements after the last one that is there holds, unless something must be there.
    if (condition.lowest > given && condition.kind !== 'R') continue;
    checkCondition(owner, condition, elements, parts, report, element);
  }
}

function checkCondition(
  owner: string,
  condition: Condition,
  elements: ElementDef[],
  parts: string[],
  report: Report,
  element: number,
): void {
  const { kind, positions, text } = condition;
  const present = (position: number): boolean => (parts[position - 1] ?? '') !== '';
  const first = positions[0]!;
  const conditional = kind === 'C' || kind === 'L';
  if (conditional && !present(first)) return;
  let count = 0;
  let absent = 0;
  for (let i = conditional ? 1 : 0; i < positions.length; i++) {
    if (present(positions[i]!)) count++;
    else absent ||= positions[i]!;
  }
  const broken =
    kind === 'E' ? count > 1 : kind === 'P' ? count > 0 && absent > 0 : kind === 'C' ? absent > 0 : count === 0;
  if (!broken) return;
  const rest = conditional ? positions.slice(1) : positions;
  const names = (joint: string): string => rest.map((position) => keyOf(owner, position)).join(joint);
  const culprit = elements[(kind === 'E' ? rest.findLast(present)! : absent) - 1]!;
  const message =
    kind === 'E'
      ? `only one of ${names(', ')} may stand (${text})`
      : kind === 'P'
        ? `${names(' and ')} stand together or not at all (${text})`
        : kind === 'C'
          ? `${keyOf(owner, first)} needs ${names(' and ')} (${text})`
          : `one of ${names(', ')} is needed (${text})`;
  report(kind === 'E' ? 'x12.ElementsExclusive' : 'x12.ConditionalElementMissing', message, {
    element: element || culprit.position,
    ...(element ? { component: culprit.position } : {}),
    reference: culprit.reference,
  });
}
