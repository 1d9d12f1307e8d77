/** RFC 4180 with a header line: quotes, doubled quotes, line breaks in quotes, CRLF or LF, a byte order mark. Values stay strings. */

export interface CsvError {
  /** From 1. */
  line: number;
  message: string;
}
export type CsvResult = { rows: Record<string, string>[] } | { error: CsvError };

export function parseCsv(text: string): CsvResult {
  const records: { line: number; fields: string[] }[] = [];
  const source = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  let at = 0;
  let line = 1;
  while (at < source.length) {
    const record = { line, fields: [] as string[] };
    for (;;) {
      let field = '';
      if (source[at] === '"') {
        const opened = line;
        at++;
        for (;;) {
          const quote = source.indexOf('"', at);
          if (quote < 0) return { error: { line: opened, message: 'a quote is opened and never closed' } };
          field += source.slice(at, quote);
          at = quote + 1;
          if (source[at] !== '"') break;
          field += '"';
          at++;
        }
        line += field.split('\n').length - 1;
        if (at < source.length && !',\r\n'.includes(source[at]!))
          return { error: { line, message: 'text after a closing quote' } };
      } else {
        const start = at;
        while (at < source.length && !',\r\n'.includes(source[at]!)) at++;
        field = source.slice(start, at);
        if (field.includes('"')) return { error: { line, message: 'a quote inside an unquoted field' } };
      }
      record.fields.push(field);
      if (source[at] !== ',') break;
      at++;
    }
    if (source[at] === '\r') at++;
    if (source[at] === '\n') at++;
    line++;
    if (record.fields.length > 1 || record.fields[0] !== '') records.push(record);
  }
  const [header, ...body] = records;
  if (!header) return { error: { line: 1, message: 'no header line' } };
  const twice = header.fields.find((name, i) => header.fields.indexOf(name) !== i);
  if (twice !== undefined) return { error: { line: header.line, message: `column "${twice}" occurs twice` } };
  const rows: Record<string, string>[] = [];
  for (const { line: row, fields } of body) {
    if (fields.length !== header.fields.length)
      return {
        error: { line: row, message: `${fields.length} fields where the header has ${header.fields.length}` },
      };
    rows.push(Object.fromEntries(header.fields.map((name, i) => [name, fields[i]!])));
  }
  return { rows };
}
