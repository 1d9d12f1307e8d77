/**
 * Rows of fields to documents: what CSV and fixed width share. Declared fields, records of several kinds, rows grouped by a key.
 * One document is held at a time, so that a file of any size takes constant memory.
 */
import type { Problem } from './format.ts';

export interface FieldSpec {
  /** In the document. */
  name: string;
  /** Default Text. All values are text in the document: a Number with a decimal point, a Date as `2026-11-24`. */
  type?: 'Text' | 'Number' | 'Date';
  /** Of a Number. Default Point. */
  decimalMark?: 'Point' | 'Comma';
  /** Digits after the implied decimal mark of a Number: 2 reads `1250` as `12.50`. */
  impliedDecimals?: number;
  /** Of a Date: `YYYY`, `YY`, `MM` and `DD` in any order, e.g. `DD.MM.YYYY`. Default `YYYY-MM-DD`. */
  dateFormat?: string;
  /** Default Optional. */
  presence?: 'Required' | 'Optional';
}
export interface RecordSpec<F extends FieldSpec = FieldSpec> {
  /** In the document. */
  name: string;
  /** What stands where the kind of a record stands. */
  tag: string;
  fields: F[];
  /** The record that it belongs to, by name: the last one of it that came. Default: the document. */
  within?: string;
  /** Many: read as an array. Default Once. */
  occurs?: 'Once' | 'Many';
  /** `File`: stands before or after all documents, as the head of a file does; its values are in every document that follows. */
  scope?: 'Document' | 'File';
}
/** Exactly one of `fields` (rows of one kind) and `records`, whose first of scope Document begins a document. */
export interface RowsSpec<F extends FieldSpec = FieldSpec> {
  fields?: F[];
  records?: RecordSpec<F>[];
  /**
   * With `fields`, what one document is. Default Row: the object of its fields. Key: rows that stand together and have the same
   * `key`, as `{rows: […]}`. File: all rows, as `{rows: […]}`.
   */
  documentPer?: 'Row' | 'Key' | 'File';
  key?: string[];
}
export interface Row {
  fields: string[];
  /** Where it begins, from 1. */
  line: number;
  /** Of the kind of record, where there are several. */
  tag?: string;
  /** Of columns that the file names and the declaration does not. */
  undeclared?: Record<string, string>;
  /** What the reader found wrong with it. */
  problems?: Problem[];
}
export interface RowsDocument {
  /** From 0. */
  index: number;
  /** Of its first row. */
  line: number;
  value: Record<string, unknown>;
  problems: Problem[];
}

type Value = Record<string, unknown>;
/** Rows of one document before it is too large to be held. */
const MAX_ROWS = 1_000_000;
const MAX_PROBLEMS = 1000;
/** Keys that are remembered to find one that comes again. */
const MAX_KEYS = 500_000;

/** A row before the end is pushed; documents come out as they are complete. */
export class Assembler<F extends FieldSpec> {
  private readonly format: string;
  private readonly spec: RowsSpec<F>;
  private readonly byTag: Map<string, RecordSpec<F>>;
  private readonly first: string | undefined;
  private readonly keys = new Set<string>();
  private file: Value = {};
  private open: { document: RowsDocument; key: string; rows: number; last: Map<string, Value> } | undefined;
  private index = 0;

  /** `format`: what codes of problems begin with, `csv`. */
  constructor(format: string, spec: RowsSpec<F>) {
    this.format = format;
    this.spec = spec;
    this.byTag = new Map(spec.records?.map((record) => [record.tag, record]));
    this.first = spec.records?.find(({ scope }) => scope !== 'File')?.name;
  }

  /** The document that the row completes, if any. */
  push(row: Row): RowsDocument | undefined {
    return this.spec.records ? this.pushRecord(row) : this.pushRow(row, this.spec.fields ?? []);
  }

  /** The last document. */
  end(): RowsDocument | undefined {
    const document = this.open?.document;
    this.open = undefined;
    return document;
  }

  private pushRow(row: Row, fields: F[]): RowsDocument | undefined {
    const { documentPer = 'Row', key = [] } = this.spec;
    const problems: Problem[] = [];
    const value = this.read(row, fields, problems);
    if (documentPer === 'Row') return { index: this.index++, line: row.line, value, problems };
    const found = documentPer === 'Key' ? key.map((name) => String(value[name] ?? '')).join('\0') : '';
    let done: RowsDocument | undefined;
    if (!this.open || this.open.key !== found) {
      done = this.end();
      this.begin(row, { rows: [] }, found);
      if (documentPer === 'Key') this.remember(found, row);
    }
    const { document } = this.open!;
    this.note(document, problems);
    if (++this.open!.rows > MAX_ROWS) {
      if (this.open!.rows === MAX_ROWS + 1)
        this.say(document, row, 'TooLarge', `more than ${MAX_ROWS} rows in one document: the rest is left out`);
    } else (document.value.rows as Value[]).push(value);
    return done;
  }

  private remember(key: string, row: Row): void {
    if (this.keys.has(key)) {
      const shown = JSON.stringify(key.replaceAll('\0', ' ').slice(0, 40));
      const message = `rows of the key ${shown} have come before: rows of one document must stand together`;
      this.say(this.open!.document, row, 'KeyAgain', message);
    } else if (this.keys.size < MAX_KEYS) this.keys.add(key);
  }

  private pushRecord(row: Row): RowsDocument | undefined {
    const tag = row.tag ?? '';
    const record = this.byTag.get(tag);
    if (record?.scope === 'File') {
      // What stands after the documents says nothing about those that are gone.
      const done = this.end();
      const problems: Problem[] = [];
      const value = this.read(row, record.fields, problems);
      this.file = { ...this.file, [record.name]: value };
      if (done) this.note(done, problems);
      else this.pending.push(...problems);
      return done;
    }
    if (record && record.name === this.first) {
      const done = this.end();
      const problems: Problem[] = [];
      const value = this.read(row, record.fields, problems);
      const root: Value = { ...(Object.keys(this.file).length > 0 && { file: this.file }), [record.name]: value };
      this.begin(row, root, '');
      this.open!.last.set(record.name, value);
      this.note(this.open!.document, problems);
      return done;
    }
    if (!this.open) this.begin(row, {}, '');
    const { document, last } = this.open!;
    if (++this.open!.rows > MAX_ROWS) return undefined;
    if (!record) {
      this.say(document, row, 'UnknownRecord', `no record has the tag ${JSON.stringify(tag.slice(0, 20))}`, 'Warning');
      push(document.value, 'unknown', { line: row.line, fields: row.fields });
      return undefined;
    }
    if (document.value[this.first!] === undefined && last.size === 0)
      this.say(document, row, 'RecordMissing', `${record.name} stands before any ${this.first}`);
    const problems: Problem[] = [];
    const value = this.read(row, record.fields, problems);
    this.note(document, problems);
    const owner = record.within ? last.get(record.within) : document.value;
    if (!owner) this.say(document, row, 'RecordMissing', `${record.name} stands before any ${record.within}`);
    const home = owner ?? document.value;
    if (record.occurs === 'Many') push(home, record.name, value);
    else if (home[record.name] === undefined) home[record.name] = value;
    else {
      this.say(document, row, 'RecordTwice', `${record.name} may stand once`);
      push(document.value, 'unknown', { line: row.line, fields: row.fields });
    }
    last.set(record.name, value);
    return undefined;
  }

  /** Problems of records of the file, for the next document. */
  private pending: Problem[] = [];

  private begin(row: Row, value: Value, key: string): void {
    const document = { index: this.index++, line: row.line, value, problems: this.pending };
    this.pending = [];
    this.open = { document, key, rows: 0, last: new Map() };
  }

  private read(row: Row, fields: F[], problems: Problem[]): Value {
    const value: Value = {};
    if (row.problems) problems.push(...row.problems);
    const report = (code: string, message: string, severity: Problem['severity'], element: number): void => {
      problems.push({ code: `${this.format}.${code}`, message, severity, place: { line: row.line, element } });
    };
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      const raw = row.fields[i];
      if (raw === undefined || raw === '') {
        if (field.presence === 'Required') report('FieldMissing', `${field.name} is empty`, 'Error', i + 1);
        continue;
      }
      if (field.type === undefined || field.type === 'Text') value[field.name] = raw;
      else {
        const read = field.type === 'Number' ? numberOf(raw, field) : dateOf(raw, field.dateFormat ?? 'YYYY-MM-DD');
        if (read === undefined) {
          const what = field.type === 'Number' ? 'number' : `date (${field.dateFormat ?? 'YYYY-MM-DD'})`;
          report(`Invalid${field.type}`, `${field.name} is no ${what}`, 'Error', i + 1);
        }
        value[field.name] = read ?? raw;
      }
    }
    if (row.undeclared) value.undeclared = row.undeclared;
    if (row.fields.length > fields.length) {
      const extra = row.fields.slice(fields.length);
      if (extra.some((text) => text !== '')) {
        report(
          'TooManyFields',
          `${fields.length} fields are declared, the row has ${row.fields.length}`,
          'Warning',
          fields.length + 1,
        );
        value.unknown = extra;
      }
    }
    return value;
  }

  private note(document: RowsDocument, problems: Problem[]): void {
    for (const problem of problems) if (document.problems.length < MAX_PROBLEMS) document.problems.push(problem);
  }

  private say(
    document: RowsDocument,
    { line }: Row,
    code: string,
    message: string,
    severity: Problem['severity'] = 'Error',
  ): void {
    this.note(document, [{ code: `${this.format}.${code}`, message, severity, place: { line } }]);
  }
}

function push(value: Value, key: string, item: unknown): void {
  const list = value[key];
  if (Array.isArray(list)) list.push(item);
  else value[key] = [item];
}

/** Digits with a decimal point, exactly those that stand there; undefined for what is no number. */
export function numberOf(raw: string, { decimalMark, impliedDecimals }: FieldSpec): string | undefined {
  // The usual case, as it stands.
  if (!impliedDecimals && /^[1-9]\d{0,14}$/.test(raw)) return raw;
  const text = raw.trim();
  const comma = decimalMark === 'Comma';
  // Marks of thousands and a sign behind are what spreadsheets and old systems write.
  const found = (
    comma ? /^([+-]?)(\d+|\d{1,3}(?:\.\d{3})+)(?:,(\d+))?(-?)$/ : /^([+-]?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?(-?)$/
  ).exec(text);
  if (!found) return undefined;
  const [, before, digits = '', decimals = '', after] = found;
  if (before && after) return undefined;
  const sign = before === '-' || after === '-' ? '-' : '';
  const whole = digits.replaceAll(/[.,]/g, '');
  if (impliedDecimals && decimals === '') {
    const padded = whole.padStart(impliedDecimals + 1, '0');
    const cut = padded.length - impliedDecimals;
    return `${sign}${plain(padded.slice(0, cut))}.${padded.slice(cut)}`;
  }
  return `${sign}${plain(whole)}${decimals === '' ? '' : `.${decimals}`}`;
}
const plain = (digits: string): string => digits.replace(/^0+(?=\d)/, '');

const patterns = new Map<string, { pattern: RegExp; order: string[] }>();
function patternOf(format: string): { pattern: RegExp; order: string[] } {
  let found = patterns.get(format);
  if (!found) {
    const order: string[] = [];
    const source = format.replaceAll(/YYYY|YY|MM|DD|[^A-Z]/g, (token) => {
      if (!/^[YMD]/.test(token)) return `\\u{${token.codePointAt(0)!.toString(16)}}`;
      order.push(token);
      return `(\\d{${token.length}})`;
    });
    found = { pattern: new RegExp(`^${source}$`, 'u'), order };
    patterns.set(format, found);
  }
  return found;
}

/** `2026-11-24`; two-digit years are those of this century. */
export function dateOf(raw: string, format: string): string | undefined {
  const { pattern, order } = patternOf(format);
  const found = pattern.exec(raw.trim());
  if (!found) return undefined;
  const part = (token: string): string | undefined => found[order.indexOf(token) + 1];
  const year = order.includes('YYYY') ? part('YYYY') : `20${part('YY')}`;
  const date = `${year}-${part('MM')}-${part('DD')}`;
  return isDay(Number(year), Number(part('MM')), Number(part('DD'))) ? date : undefined;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
function isDay(year: number, month: number, day: number): boolean {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= (DAYS[month - 1] ?? 0) + (leap ? 1 : 0);
}

/** The other way: a value of a document as it is written. A string says what is wrong. */
export function written(value: unknown, field: FieldSpec): { text: string } | { error: string } {
  if (value === undefined || value === null || value === '')
    return field.presence === 'Required' ? { error: `${field.name} is missing` } : { text: '' };
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    return { error: `${field.name} is no text or number` };
  const text = String(value);
  if (field.type === 'Number') return numberText(text, field);
  if (field.type !== 'Date') return { text };
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (!year) return { error: `${field.name} is no date: write it as 2026-11-24` };
  const parts: Record<string, string> = { YYYY: year, YY: year.slice(2), MM: month!, DD: day! };
  return { text: (field.dateFormat ?? 'YYYY-MM-DD').replaceAll(/YYYY|YY|MM|DD/g, (token) => parts[token]!) };
}

function numberText(text: string, field: FieldSpec): { text: string } | { error: string } {
  const [, sign, whole, decimals = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  if (whole === undefined) return { error: `${field.name} is no number: write it as 12.50` };
  const { impliedDecimals, decimalMark } = field;
  if (impliedDecimals) {
    if (/[1-9]/.test(decimals.slice(impliedDecimals)))
      return { error: `${field.name} has more than ${impliedDecimals} decimals` };
    return { text: `${sign}${plain(whole + decimals.slice(0, impliedDecimals).padEnd(impliedDecimals, '0'))}` };
  }
  return { text: `${sign}${whole}${decimals === '' ? '' : `${decimalMark === 'Comma' ? ',' : '.'}${decimals}`}` };
}

/** Rows of a document, in the order of the declaration, the other way round: with the record that each is of. */
export function* rowsOf<F extends FieldSpec>(
  spec: RowsSpec<F>,
  value: Value,
  path: string,
): Generator<{ record: RecordSpec<F> | undefined; value: Value; path: string }> {
  if (!spec.records) {
    if ((spec.documentPer ?? 'Row') === 'Row') yield { record: undefined, value, path };
    else
      for (const [i, row] of listOf(value.rows).entries())
        yield { record: undefined, value: row, path: `${path}/rows/${i}` };
    return;
  }
  yield* recordsIn(
    spec.records.filter(({ scope }) => scope !== 'File'),
    undefined,
    value,
    path,
  );
}

function* recordsIn<F extends FieldSpec>(
  records: RecordSpec<F>[],
  owner: string | undefined,
  value: Value,
  path: string,
): Generator<{ record: RecordSpec<F>; value: Value; path: string }> {
  for (const record of records.filter(({ within }) => within === owner))
    for (const [i, item] of listOf(value[record.name]).entries()) {
      const at = `${path}/${record.name}${Array.isArray(value[record.name]) ? `/${i}` : ''}`;
      yield { record, value: item, path: at };
      yield* recordsIn(records, record.name, item, at);
    }
}

const listOf = (value: unknown): Value[] =>
  (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]).filter(
    (item): item is Value => typeof item === 'object' && item !== null,
  );
