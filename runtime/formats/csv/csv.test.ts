import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvSpec, decodeCsv, encodeCsv, readCsv } from './csv.ts';

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const order: CsvSpec = {
  delimiter: ';',
  documentPer: 'Key',
  key: ['order'],
  fields: [
    { name: 'order', header: 'Bestellung', presence: 'Required' },
    { name: 'quantity', header: 'Menge', type: 'Number', decimalMark: 'Comma' },
    { name: 'due', header: 'Termin', type: 'Date', dateFormat: 'DD.MM.YYYY' },
  ],
};
const rows: CsvSpec = { header: 'Absent', fields: [{ name: 'a' }, { name: 'b' }] };
const decode = (text: string, spec: CsvSpec = rows) => decodeCsv(Buffer.from(text), spec);
const values = (text: string, spec?: CsvSpec) => decode(text, spec).map(({ value }) => value);
const problems = (text: string, spec?: CsvSpec) =>
  decode(text, spec).flatMap(({ problems }) =>
    problems.map(({ code, severity, place }) => [code, severity[0], place.line, place.element]),
  );

describe('decodeCsv', () => {
  it('reads columns by their header, decimal commas and dates, and groups rows by a key', () => {
    const text =
      'Termin;Bestellung;Farbe;Menge\r\n24.11.2026;PO-1;rot;1.234,50\r\n;PO-1;;2\r\n01.12.2026;PO-2;;-0,5\r\n';
    expect(decode(text, order)).toEqual([
      {
        index: 0,
        line: 2,
        problems: [],
        value: {
          rows: [
            { order: 'PO-1', quantity: '1234.50', due: '2026-11-24', undeclared: { Farbe: 'rot' } },
            { order: 'PO-1', quantity: '2' },
          ],
        },
      },
      { index: 1, line: 4, problems: [], value: { rows: [{ order: 'PO-2', quantity: '-0.5', due: '2026-12-01' }] } },
    ]);
  });

  it('places: line and field', () => {
    const text = 'Bestellung;Menge;Termin\nPO-1;"1\n";24.11.2026\n;x;31.02.2026\nPO-1;1;\n';
    expect(problems(text, order)).toEqual(
      [
        ['csv.InvalidNumber', 'E', 4, 2],
        ['csv.InvalidDate', 'E', 4, 3],
        ['csv.KeyAgain', 'E', 5, undefined],
      ].toSpliced(0, 0, ['csv.FieldMissing', 'E', 4, 1]),
    );
    expect(problems('Menge;Termin\n1;\n', order)).toEqual([
      ['csv.ColumnMissing', 'E', 1, undefined],
      ['csv.FieldMissing', 'E', 2, 1],
    ]);
  });

  it.each<[string, string[][]]>([
    [
      'a,b\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      '\ufeffa,b\r\n\r\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['"a,1","b""2"""\n', [['a,1', 'b"2"']]],
    [
      '"a\nb",c\nd,e',
      [
        ['a\nb', 'c'],
        ['d', 'e'],
      ],
    ],
    ['"",x\n', [['', 'x']]],
    ['a"b,c\n', [['a"b', 'c']]],
    ['"a" ,"b"\n', [['a', 'b']]],
    ['a\n', [['a']]],
    ['', []],
  ])('%j', (text, want) => {
    expect(problems(text)).toEqual([]);
    expect(values(text)).toEqual(want.map(([a, b]) => ({ ...(a && { a }), ...(b && { b }) })));
  });

  it.each<[string, [string, string, number][], string[][]]>([
    [
      '"a"x",b\nc,d',
      [['csv.StrayQuote', 'W', 1]],
      [
        ['a"x', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      '"a"x,b\nc,d',
      [['csv.QuoteNotClosed', 'E', 1]],
      [
        ['"a"x', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,"b\nc,d\ne,f',
      [['csv.QuoteNotClosed', 'E', 1]],
      [
        ['a', '"b'],
        ['c', 'd'],
        ['e', 'f'],
      ],
    ],
    ['a,b,x\n', [['csv.TooManyFields', 'W', 1]], [['a', 'b']]],
  ])('%j is kept and said', (text, want, read) => {
    expect(problems(text).map((problem) => problem.slice(0, 3))).toEqual(want);
    expect(values(text)).toMatchObject(read.map(([a, b]) => ({ a, b })));
  });

  it('encodings', () => {
    const read = (bytes: number[], encoding: CsvSpec['encoding']) =>
      decodeCsv(Buffer.from(bytes), { ...rows, ...(encoding && { encoding }) })[0]!;
    expect(read([0x80, 0xe9], 'Windows-1252').value).toEqual({ a: '€é' });
    expect(read([0xe9], 'ISO-8859-1').value).toEqual({ a: 'é' });
    expect(read([0xe9], undefined).problems).toMatchObject([
      { code: 'csv.Encoding', severity: 'Error', place: { line: 1 } },
    ]);
  });

  it('records of several kinds: the first begins a document, those of the file go with all', () => {
    const spec: CsvSpec = {
      records: [
        { name: 'run', tag: 'F', scope: 'File', fields: [{ name: 'number' }] },
        { name: 'head', tag: 'H', fields: [{ name: 'order' }] },
        { name: 'lines', tag: 'L', occurs: 'Many', fields: [{ name: 'item' }] },
        { name: 'texts', tag: 'T', within: 'lines', occurs: 'Many', fields: [{ name: 'text' }] },
        { name: 'end', tag: 'E', fields: [{ name: 'count', type: 'Number' }] },
      ],
    };
    const text = 'F,7\nH,PO-1\nL,A\nT,x\nT,y\nL,B\nE,2\nH,PO-2\nX,?\nE,0\nE,0\n';
    expect(values(text, spec)).toEqual([
      {
        file: { run: { number: '7' } },
        head: { order: 'PO-1' },
        lines: [{ item: 'A', texts: [{ text: 'x' }, { text: 'y' }] }, { item: 'B' }],
        end: { count: '2' },
      },
      {
        file: { run: { number: '7' } },
        head: { order: 'PO-2' },
        end: { count: '0' },
        unknown: [
          { line: 9, fields: ['?'] },
          { line: 11, fields: ['0'] },
        ],
      },
    ]);
    expect(problems(text, spec).map(([code]) => code)).toEqual(['csv.UnknownRecord', 'csv.RecordTwice']);
    expect(problems('L,A\nH,1\nT,x', spec).map(([code]) => code)).toEqual(['csv.RecordMissing', 'csv.RecordMissing']);
  });

  it('any pieces of a stream give what the whole gives', async () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab",\n\r é€'), maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(60)), async (content, cuts) => {
        const bytes = Buffer.from(content);
        const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        const streamed = await all(
          readCsv(
            (async function* () {
              yield* pieces;
            })(),
            rows,
          ),
        );
        expect(streamed).toEqual(decodeCsv(bytes, rows));
      }),
    );
  });

  it.each([
    ['quotes without end', '"'.repeat(3e6)],
    ['rows that each open a quote', '"a\n'.repeat(5e5)],
    ['one row without end', 'a,'.repeat(2e6)],
  ])('%s: bounded', (_, text) => {
    const { user, system } = process.cpuUsage();
    decode(text);
    const after = process.cpuUsage();
    expect((after.user + after.system - user - system) / 1000).toBeLessThan(5000);
  });
});

describe('encodeCsv', () => {
  const cell = fc
    .string({ unit: fc.constantFrom(...'ab",;\n ä1'), minLength: 1, maxLength: 8 })
    .filter((text) => text.trim() === text);
  it('decode(encode(documents)) = documents', () => {
    const row = fc.record({ a: cell, b: cell });
    fc.assert(
      fc.property(fc.array(row), (documents) => {
        const { bytes, problems } = encodeCsv(documents, rows);
        expect(problems).toEqual([]);
        expect(decodeCsv(bytes, rows).map(({ value }) => value)).toEqual(documents);
      }),
    );
  });
  it('reads what Excel and old systems make of it', () => {
    const [text, want] = ['a;b\r\n"x;y";2\r\n', [{ a: 'x;y', b: '2' }]];
    const spec: CsvSpec = { delimiter: ';', fields: [{ name: 'a' }, { name: 'b' }] };
    const wide = Buffer.from(`\ufeff${text}`, 'utf16le');
    expect(decodeCsv(wide, spec).map(({ value }) => value)).toEqual(want);
    expect(decodeCsv(wide.swap16(), spec).map(({ value }) => value)).toEqual(want);
    expect(values(`sep=;\r\n${text}`, spec)).toEqual(want);
    expect(values(`${text}\x1a`, spec)).toEqual(want);
    expect(decode('a;b\r1;2\r\r3;4', spec).map(({ line, value }) => [line, value])).toEqual([
      [2, { a: '1', b: '2' }],
      [4, { a: '3', b: '4' }],
    ]);
  });
  it('reads the same in pieces of any size', async () => {
    const spec: CsvSpec = { delimiter: ';', fields: [{ name: 'a' }, { name: 'b' }] };
    for (const bytes of [Buffer.from('\ufeffa;b\r\nü;2\r\n', 'utf16le'), Buffer.from('a;b\r1;2\r\n3;4\r')]) {
      const pieces = async function* () {
        for (const byte of bytes) yield Buffer.of(byte);
      };
      expect(await all(readCsv(pieces(), spec))).toEqual(decodeCsv(bytes, spec));
    }
  });
  it('encode(decode(text)) = text, with a header, numbers, dates and records', () => {
    const again = (text: string, spec: CsvSpec) => encodeCsv(values(text, spec), spec).bytes.toString();
    const text = 'Bestellung;Menge;Termin\r\nPO-1;1234,50;24.11.2026\r\nPO-1;-2;\r\nPO-2;;\r\n';
    expect(again(text, order)).toBe(text);
    const spec: CsvSpec = {
      tagField: 2,
      records: [
        { name: 'head', tag: 'H', fields: [{ name: 'order' }, { name: 'by' }] },
        { name: 'line', tag: 'L', occurs: 'Many', fields: [{ name: 'item' }] },
      ],
    };
    const records = 'PO-1,H,me\r\nA,L\r\nB,L\r\nPO-2,H,\r\n';
    expect(again(records, spec)).toBe(records);
  });
  it('says what it cannot write', () => {
    const of = (document: unknown, spec = order) =>
      encodeCsv([document], spec).problems.map(({ code, place }) => [code, place.path]);
    expect(of({ rows: [{ order: 'x', quantity: 'ten' }] })).toEqual([['csv.InvalidValue', '/0/rows/0/quantity']]);
    expect(of({ rows: [{ due: '24.11.2026' }] })).toEqual([
      ['csv.InvalidValue', '/0/rows/0/order'],
      ['csv.InvalidValue', '/0/rows/0/due'],
    ]);
    expect(of(7)).toEqual([['csv.InvalidValue', '/0']]);
    expect(of({ a: '€' }, { ...rows, encoding: 'ISO-8859-1' })).toEqual([['csv.InvalidCharacter', undefined]]);
    expect(of({ a: '€' }, { ...rows, encoding: 'Windows-1252' })).toEqual([]);
  });
});
