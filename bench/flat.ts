/**
 * A flat file of any size, split into documents while it streams: throughput per CPU second, and the most memory that the process took.
 * `node_modules/.bin/node bench/flat.ts [MiB] [csv|fixed|x12|ndjson]`; default 1024 MiB, all of them, each in a process of its own.
 */
import { spawnSync } from 'node:child_process';
import { type CsvSpec, readCsv } from '../runtime/formats/csv/csv.ts';
import { type FixedSpec, readFixed } from '../runtime/formats/fixed/fixed.ts';
import { readNdjson } from '../runtime/formats/json/ndjson.ts';
import { type Piece, splitX12 } from '../runtime/formats/split.ts';
import { decodeX12 } from '../runtime/formats/x12/decode.ts';

const MEBIBYTE = 1024 * 1024;
const mebibytes = Number(process.argv[2] ?? 1024);
const csv: CsvSpec = {
  delimiter: ';',
  documentPer: 'Key',
  key: ['order'],
  fields: [
    { name: 'order', presence: 'Required' },
    { name: 'line' },
    { name: 'gtin' },
    { name: 'text' },
    { name: 'quantity', type: 'Number', decimalMark: 'Comma' },
    { name: 'due', type: 'Date', dateFormat: 'DD.MM.YYYY' },
  ],
};
const fixed: FixedSpec = {
  tag: { start: 1, length: 1 },
  records: [
    { name: 'head', tag: 'H', fields: [{ name: 'order', start: 2, length: 12 }] },
    {
      name: 'lines',
      tag: 'L',
      occurs: 'Many',
      fields: [
        { name: 'gtin', start: 2, length: 14 },
        { name: 'text', start: 16, length: 30 },
        { name: 'quantity', start: 46, length: 9, type: 'Number', impliedDecimals: 2 },
      ],
    },
  ],
};

/** Orders of eight lines, in pieces as a file is read. */
async function* source(line: (order: number, line: number) => string, head: string): AsyncGenerator<Buffer> {
  let size = 0;
  let order = 0;
  let text = head;
  while (size < mebibytes * MEBIBYTE) {
    order++;
    for (let i = 0; i < 8; i++) text += line(order, i);
    if (text.length < 65_536) continue;
    const bytes = Buffer.from(text);
    size += bytes.length;
    text = '';
    yield bytes;
  }
}
const ISA =
  'ISA*00*          *00*          *ZZ*ACME           *ZZ*US             *261124*1200*U*00401*000000007*0*P*>~\n';
async function* decoded(pieces: AsyncGenerator<Piece, unknown>): AsyncGenerator<unknown> {
  for await (const { bytes } of pieces) yield* decodeX12(bytes).interchanges[0]!.groups[0]!.transactions;
}
const formats: Record<string, () => AsyncGenerator<unknown>> = {
  csv: () =>
    readCsv(
      source(
        (order, i) => `PO-${order};${i};4012345678901;"Filter ""fine"" 10 mm";${i},50;24.11.2026\r\n`,
        'order;line;gtin;text;quantity;due\r\n',
      ),
      csv,
    ),
  fixed: () =>
    readFixed(
      source(
        (order, i) =>
          i === 0
            ? `H${`PO-${order}`.padEnd(12)}\r\n`
            : `L${'04012345678901'}${'Filter 10 mm'.padEnd(30)}${String(i * 100).padStart(9, '0')}\r\n`,
        '',
      ),
      fixed,
    ),
  // As intake does it: pieces, each of which is decoded. The first line of an order is its header, the last its trailer.
  x12: () =>
    decoded(
      splitX12(
        source((order, i) => {
          if (i === 0) return `ST*850*${order}~\nBEG*00*SA*PO-${order}**20261124~\n`;
          if (i === 7) return `SE*9*${order}~\n`;
          return `PO1*${i}*12*EA*4.75**UP*012345678905*VN*FILTER-10-${i}~\n`;
        }, `${ISA}GS*PO*ACME*US*20261124*1200*7*X*004010~\n`),
      ),
    ),
  ndjson: () =>
    readNdjson(
      source((order, i) => `{"order":"PO-${order}","line":${i},"gtin":"4012345678901","quantity":"1.50"}\n`, ''),
    ),
};

const only = process.argv[3];
if (only === undefined)
  for (const name of Object.keys(formats))
    spawnSync(process.execPath, [import.meta.filename, String(mebibytes), name], { stdio: 'inherit' });
else {
  const start = process.cpuUsage();
  let documents = 0;
  for await (const _ of formats[only]!()) documents++;
  const { user, system } = process.cpuUsage(start);
  const rss = Math.round(process.resourceUsage().maxRSS / 1024);
  const speed = ((mebibytes * MEBIBYTE) / (user + system)).toFixed(0);
  console.log(
    `${only.padEnd(8)} ${mebibytes} MiB ${documents} documents, ${speed} MB per CPU second with making it, at most ${rss} MiB RSS`,
  );
}
