/** CSV bytes to documents and back; a stream of any size takes constant memory. See README.md. */
import { decoderOf, type Encoding, encoded } from '../bytes.ts';
import type { Problem } from '../format.ts';
import { Assembler, type FieldSpec, type Row, type RowsDocument, type RowsSpec, rowsOf, written } from '../records.ts';
import { CsvScanner } from './scan.ts';

export interface CsvField extends FieldSpec {
  /** In the header of the file. Default: `name`. */
  header?: string;
}
export interface CsvSpec extends RowsSpec<CsvField> {
  /** One character. Default `,`. */
  delimiter?: string;
  /** One character. Default `"`; doubled within a quoted field. */
  quote?: string;
  /** Default UTF-8. */
  encoding?: Encoding;
  /** Whether the first row names the columns, which may then stand in any order. Not with `records`. Default Present. */
  header?: 'Present' | 'Absent';
  /** Number of the field that says the kind of a record, from 1. It is left out of the fields. Default 1. */
  tagField?: number;
}

/** Documents as they are complete. Never throws but for the source's own errors. */
export async function* readCsv(source: AsyncIterable<Buffer>, spec: CsvSpec): AsyncGenerator<RowsDocument> {
  const reader = new CsvReader(spec);
  for await (const bytes of source) yield* reader.push(bytes);
  yield* reader.end();
}

/** All documents of a file that is there whole. */
export function decodeCsv(bytes: Buffer, spec: CsvSpec): RowsDocument[] {
  const reader = new CsvReader(spec);
  return [...reader.push(bytes), ...reader.end()];
}

class CsvReader {
  private readonly spec: CsvSpec;
  private readonly decode: (bytes: Buffer | undefined) => string;
  private readonly scanner: CsvScanner;
  private readonly assembler: Assembler<CsvField>;
  /** For each declared field, its place in the rows; none until the header is read. */
  private places: number[] | undefined;
  /** Columns of the file that are not declared. */
  private undeclared: { at: number; name: string }[] = [];
  private width = 0;
  private headerProblems: Problem[] = [];

  constructor(spec: CsvSpec) {
    this.spec = spec;
    this.decode = decoderOf(spec.encoding ?? 'UTF-8');
    this.scanner = new CsvScanner(spec.delimiter ?? ',', spec.quote ?? '"');
    this.assembler = new Assembler('csv', spec);
    if (spec.records || spec.header === 'Absent') this.places = [];
  }

  *push(bytes: Buffer): Generator<RowsDocument> {
    this.scanner.push(this.decode(bytes));
    yield* this.take(false);
  }

  *end(): Generator<RowsDocument> {
    this.scanner.push(this.decode(undefined));
    yield* this.take(true);
    const last = this.assembler.end();
    if (last) yield last;
  }

  private *take(ended: boolean): Generator<RowsDocument> {
    for (let row = this.scanner.next(ended); row !== undefined; row = this.scanner.next(ended)) {
      if (isNothing(row)) continue;
      this.checkText(row);
      if (this.places === undefined) {
        // Excel's word on the delimiter.
        if (/^sep=.?$/i.test(row.fields[0]!) && row.fields.slice(1).every((text) => text === '')) continue;
        this.readHeader(row);
        continue;
      }
      const document = this.assembler.push(this.inOrder(row, this.places));
      if (document) yield document;
    }
  }

  private checkText(row: Row): void {
    if ((this.spec.encoding ?? 'UTF-8') !== 'UTF-8') return;
    const at = row.fields.findIndex((text) => text.includes('\ufffd'));
    if (at < 0) return;
    const message = 'the row is not UTF-8: say the encoding of the file';
    const problem: Problem = {
      code: 'csv.Encoding',
      message,
      severity: 'Error',
      place: { line: row.line, element: at + 1 },
    };
    row.problems = [...(row.problems ?? []), problem];
  }

  private readHeader({ fields, line, problems = [] }: Row): void {
    const names = fields.map((text) => text.trim());
    const declared = this.spec.fields ?? [];
    this.headerProblems.push(...problems);
    this.places = declared.map((field) => {
      const header = field.header ?? field.name;
      const at = names.indexOf(header);
      if (at < 0 && field.presence === 'Required') {
        const message = `the file has no column ${JSON.stringify(header)}: it has ${names.join(', ').slice(0, 200)}`;
        this.headerProblems.push({ code: 'csv.ColumnMissing', message, severity: 'Error', place: { line } });
      }
      return at;
    });
    this.width = names.length;
    this.undeclared = names.map((name, at) => ({ at, name })).filter(({ at }) => !this.places!.includes(at));
  }

  private inOrder(row: Row, places: number[]): Row {
    if (this.headerProblems.length > 0) row.problems = [...this.headerProblems, ...(row.problems ?? [])];
    if (this.spec.records) {
      const at = (this.spec.tagField ?? 1) - 1;
      const tag = (row.fields[at] ?? '').trim();
      return { ...row, tag, fields: row.fields.filter((_, i) => i !== at) };
    }
    if (this.spec.header === 'Absent') return row;
    const fields = places.map((at) => (at < 0 ? '' : (row.fields[at] ?? '')));
    for (let i = this.width; i < row.fields.length; i++) fields.push(row.fields[i]!);
    const rest = this.undeclared.map(({ at, name }) => [name, row.fields[at] ?? '']).filter(([, text]) => text !== '');
    return { ...row, fields, ...(rest.length > 0 && { undeclared: Object.fromEntries(rest) }) };
  }
}

/** An empty line, or the end-of-file mark of old systems. */
const isNothing = ({ fields, problems }: Row): boolean =>
  fields.length === 1 && (fields[0] === '' || fields[0] === '\x1a') && !problems;

/** Rows of documents as text. An Error in `problems` means: do not send it; `place.path` begins with the index of the document. */
export function encodeCsv(documents: readonly unknown[], spec: CsvSpec): { bytes: Buffer; problems: Problem[] } {
  const problems: Problem[] = [];
  const fail = (code: string, message: string, path?: string): void => {
    problems.push({ code: `csv.${code}`, message, severity: 'Error', place: path === undefined ? {} : { path } });
  };
  const { delimiter = ',', quote = '"', encoding = 'UTF-8' } = spec;
  const quoted = (text: string): string =>
    text.includes(delimiter) || text.includes(quote) || /[\r\n]|^\s|\s$/.test(text)
      ? quote + text.replaceAll(quote, quote + quote) + quote
      : text;
  const lines: string[] = [];
  if (!spec.records && spec.header !== 'Absent')
    lines.push((spec.fields ?? []).map(({ name, header }) => quoted(header ?? name)).join(delimiter));
  for (const [index, document] of documents.entries()) {
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      fail('InvalidValue', 'a document is an object', `/${index}`);
      continue;
    }
    for (const { record, value, path } of rowsOf(spec, document as Record<string, unknown>, `/${index}`)) {
      const fields = record?.fields ?? spec.fields ?? [];
      const texts = fields.map((field) => {
        const one = written(value[field.name], field);
        if ('text' in one) return quoted(one.text);
        fail('InvalidValue', one.error, `${path}/${field.name}`);
        return '';
      });
      if (record) texts.splice((spec.tagField ?? 1) - 1, 0, quoted(record.tag));
      lines.push(texts.join(delimiter));
    }
  }
  const { bytes, lost } = encoded(lines.map((line) => `${line}\r\n`).join(''), encoding);
  if (lost.length > 0)
    fail('InvalidCharacter', `${encoding} cannot hold ${JSON.stringify(lost.slice(0, 10).join(''))}`);
  return { bytes, problems };
}
