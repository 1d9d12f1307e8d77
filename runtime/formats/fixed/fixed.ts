/** Fixed-width bytes to documents and back: one record per line, fields by position. A stream of any size takes constant memory. */
import { decoderOf, type Encoding, encoded } from '../bytes.ts';
import type { Problem } from '../format.ts';
import { Assembler, type FieldSpec, type Row, type RowsDocument, type RowsSpec, rowsOf, written } from '../records.ts';

export interface FixedField extends FieldSpec {
  /** Of its first character in the line, from 1. */
  start: number;
  length: number;
  /** How it is written: Left fills up with blanks on the right, Right with blanks on the left, Zeros with zeros. Default Left; of Numbers Zeros. */
  align?: 'Left' | 'Right' | 'Zeros';
}
export interface FixedSpec extends RowsSpec<FixedField> {
  /** Default UTF-8; positions count characters. */
  encoding?: Encoding;
  /** With `records`: where the tag stands. */
  tag?: { start: number; length: number };
}

const MAX_LINE = 1_048_576;

/** Documents as they are complete. Never throws but for the source's own errors. */
export async function* readFixed(source: AsyncIterable<Buffer>, spec: FixedSpec): AsyncGenerator<RowsDocument> {
  const reader = new FixedReader(spec);
  for await (const bytes of source) yield* reader.push(bytes);
  yield* reader.end();
}

/** All documents of a file that is there whole. */
export function decodeFixed(bytes: Buffer, spec: FixedSpec): RowsDocument[] {
  const reader = new FixedReader(spec);
  return [...reader.push(bytes), ...reader.end()];
}

class FixedReader {
  private readonly spec: FixedSpec;
  private readonly decode: (bytes: Buffer | undefined) => string;
  private readonly assembler: Assembler<FixedField>;
  /** By tag; under `''` where there is one kind. */
  private readonly fields: Map<string, FixedField[]>;
  private text = '';
  private line = 0;

  constructor(spec: FixedSpec) {
    this.spec = spec;
    this.decode = decoderOf(spec.encoding ?? 'UTF-8');
    this.assembler = new Assembler('fixed', spec);
    this.fields = new Map(spec.records?.map(({ tag, fields }) => [tag, fields]) ?? [['', spec.fields ?? []]]);
  }

  *push(bytes: Buffer): Generator<RowsDocument> {
    this.text += this.decode(bytes);
    yield* this.take(false);
  }

  *end(): Generator<RowsDocument> {
    this.text += this.decode(undefined);
    yield* this.take(true);
    const last = this.assembler.end();
    if (last) yield last;
  }

  private *take(ended: boolean): Generator<RowsDocument> {
    const { text } = this;
    let at = 0;
    while (at < text.length) {
      let end = text.indexOf('\n', at);
      const cut = end < 0 && text.length - at > MAX_LINE;
      if (cut) end = at + MAX_LINE;
      else if (end < 0) {
        if (!ended) break;
        end = text.length;
      }
      const row = this.rowOf(text.slice(at, end).replace(/\r$/, ''), cut);
      at = cut ? end : end + 1;
      const document = row && this.assembler.push(row);
      if (document) yield document;
    }
    this.text = text.slice(at);
  }

  private rowOf(text: string, cut: boolean): Row | undefined {
    this.line++;
    // The end-of-file mark of old systems is no record.
    if (text.trim() === '' || text === '\x1a') return undefined;
    const { tag: place } = this.spec;
    const tag = this.spec.records && place ? text.slice(place.start - 1, place.start - 1 + place.length).trim() : '';
    const row: Row = { line: this.line, fields: [], ...(this.spec.records && { tag }) };
    const problem = (code: string, message: string, severity: Problem['severity'] = 'Error'): void => {
      row.problems ??= [];
      row.problems.push({ code: `fixed.${code}`, message, severity, place: { line: this.line } });
    };
    if (cut) problem('RowTooLong', `the line is longer than ${MAX_LINE} characters: it is cut there`);
    if ((this.spec.encoding ?? 'UTF-8') === 'UTF-8' && text.includes('\ufffd'))
      problem('Encoding', 'the line is not UTF-8: say the encoding of the file');
    const fields = this.fields.get(tag);
    if (!fields) {
      row.fields = [text];
      return row;
    }
    let width = place ? place.start - 1 + place.length : 0;
    for (const { start, length, type } of fields) {
      const raw = text.slice(start - 1, start - 1 + length);
      row.fields.push(type === undefined || type === 'Text' ? raw.trimEnd() : raw.trim());
      width = Math.max(width, start - 1 + length);
    }
    const rest = text.slice(width).trimEnd();
    if (rest !== '') row.fields.push(rest);
    return row;
  }
}

/** Lines of documents. An Error in `problems` means: do not send it; `place.path` begins with the index of the document. */
export function encodeFixed(documents: readonly unknown[], spec: FixedSpec): { bytes: Buffer; problems: Problem[] } {
  const problems: Problem[] = [];
  const fail = (code: string, message: string, path?: string): void => {
    problems.push({ code: `fixed.${code}`, message, severity: 'Error', place: path === undefined ? {} : { path } });
  };
  const { encoding = 'UTF-8' } = spec;
  const lines: string[] = [];
  for (const [index, document] of documents.entries()) {
    if (typeof document !== 'object' || document === null || Array.isArray(document)) {
      fail('InvalidValue', 'a document is an object', `/${index}`);
      continue;
    }
    for (const { record, value, path } of rowsOf(spec, document as Record<string, unknown>, `/${index}`)) {
      let line = '';
      const put = (start: number, text: string): void => {
        line = line.padEnd(start - 1);
        line = line.slice(0, start - 1) + text + line.slice(start - 1 + text.length);
      };
      if (record && spec.tag) put(spec.tag.start, record.tag.padEnd(spec.tag.length));
      for (const field of record?.fields ?? spec.fields ?? []) {
        const one = written(value[field.name], field);
        const text = 'text' in one ? one.text : '';
        if ('error' in one) fail('InvalidValue', one.error, `${path}/${field.name}`);
        else if (/[\r\n]/.test(text)) fail('InvalidValue', `${field.name} has a line break`, `${path}/${field.name}`);
        else if (text.length > field.length)
          fail(
            'TooLong',
            `${field.name} has ${text.length} characters, the field ${field.length}`,
            `${path}/${field.name}`,
          );
        put(field.start, padded(text, field));
      }
      lines.push(line);
    }
  }
  const { bytes, lost } = encoded(lines.map((line) => `${line}\r\n`).join(''), encoding);
  if (lost.length > 0)
    fail('InvalidCharacter', `${encoding} cannot hold ${JSON.stringify(lost.slice(0, 10).join(''))}`);
  return { bytes, problems };
}

function padded(text: string, { length, type, align }: FixedField): string {
  const how = align ?? (type === 'Number' ? 'Zeros' : 'Left');
  if (text === '' || how === 'Left') return text.padEnd(length);
  if (how === 'Right') return text.padStart(length);
  return text.startsWith('-') ? `-${text.slice(1).padStart(length - 1, '0')}` : text.padStart(length, '0');
}
