/**
 * Feeds damaged files to every decoder, and what came out to the encoders and acknowledgments, until the time is over.
 * `node_modules/.bin/node runtime/formats/fuzz.ts [seconds] [seed]`; a failing input is kept in `.cache/fuzz/` and named. Exit 1 then.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeCsv, encodeCsv } from './csv/csv.ts';
import { readSyntaxAcknowledgment, syntaxAcknowledgment } from './edifact/acknowledge.ts';
import { decodeEdifact } from './edifact/decode.ts';
import { encodeEdifact } from './edifact/encode.ts';
import { decodeFixed } from './fixed/fixed.ts';
import { decodeJson } from './json/json.ts';
import { decodeNdjson } from './json/ndjson.ts';
import { functionalAcknowledgment, readAcknowledgment } from './x12/acknowledge.ts';
import { decodeX12 } from './x12/decode.ts';
import { encodeX12 } from './x12/encode.ts';
import { mutate, randomOf } from './x12/testdata/mutate.ts';
import { decodeXml } from './xml/decode.ts';
import { encodeXml } from './xml/encode.ts';

const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
/** One small input may take this long; more is a hang in the making. */
const SLOW_MS = 1000;

const seeds = ['x12/testdata', 'edifact/testdata', 'xml/testdata']
  .flatMap((folder) =>
    readdirSync(join(import.meta.dirname, folder)).map((name) => join(import.meta.dirname, folder, name)),
  )
  .filter((path) => /\.(edi|xml)$/.test(path))
  .map((path) => readFileSync(path));
seeds.push(
  Buffer.from('a;b;c\r\nPO-1;"1.234,50";24.11.2026\r\n"PO ""2""";2;\r\n'),
  Buffer.from(
    '{"asnNo": "ASN-1", "lines": [{"sku": "AC-1001", "qty": 12.50, "ok": true, "note": null, "text": "a\\u0041\\n"}]}',
  ),
);

const side = { qualifier: 'ZZ', value: 'FUZZ' };
const at = new Date(0);

const csv = {
  delimiter: ';',
  documentPer: 'Key' as const,
  key: ['a'],
  fields: [
    { name: 'a' },
    { name: 'b', type: 'Number' as const, decimalMark: 'Comma' as const },
    { name: 'c', type: 'Date' as const, dateFormat: 'DD.MM.YYYY' },
  ],
};
const fixed = {
  fields: [
    { name: 'a', start: 1, length: 3 },
    { name: 'b', start: 4, length: 5, type: 'Number' as const },
  ],
};

function feed(bytes: Buffer): void {
  decodeJson(bytes);
  decodeNdjson(bytes);
  encodeCsv(
    decodeCsv(bytes, csv).map(({ value }) => value),
    csv,
  );
  decodeFixed(bytes, fixed);
  const { value } = decodeXml(bytes);
  if (value) encodeXml(value);
  for (const interchange of decodeX12(bytes).interchanges) {
    for (const group of interchange.groups) {
      readAcknowledgment(functionalAcknowledgment(group));
      const { version, transactions } = group;
      encodeX12(
        {
          sender: side,
          receiver: side,
          usage: 'Test',
          version,
          control: 1,
          groupControl: 1,
          at,
          delimiters: interchange.delimiters,
        },
        transactions,
      );
    }
  }
  for (const interchange of decodeEdifact(bytes).interchanges) {
    readSyntaxAcknowledgment(syntaxAcknowledgment(interchange));
    const { characters, groups, version: syntax } = interchange;
    const messages = groups.flatMap((group) => group.transactions);
    encodeEdifact({ sender: side, receiver: side, usage: 'Test', syntax, control: '1', at, characters }, messages);
  }
}

const random = randomOf(seed);
const corpus: Buffer[] = [...seeds];
const until = performance.now() + seconds * 1000;
let runs = 0;
let failures = 0;
while (performance.now() < until && failures < 10) {
  // Now and then a damaged file becomes a seed itself, so that damage adds up.
  const bytes = mutate(corpus[random(corpus.length)]!, random);
  if (random(1000) === 0 && bytes.length < 20_000) corpus.push(bytes);
  if (corpus.length > seeds.length + 200) corpus.length = seeds.length;
  runs++;
  const start = process.cpuUsage();
  let wrong = '';
  try {
    feed(bytes);
  } catch (error) {
    wrong = (error as Error).stack ?? String(error);
  }
  const { user, system } = process.cpuUsage(start);
  if (!wrong && user + system > SLOW_MS * 1000) wrong = `took ${Math.round((user + system) / 1000)} ms`;
  if (wrong === '') continue;
  failures++;
  const folder = join(import.meta.dirname, '../../.cache/fuzz');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${seed}-${runs}.bin`);
  writeFileSync(path, bytes);
  console.error(`${path}: ${wrong}`);
}
console.log(
  `${runs} inputs in ${seconds} s, seed ${seed}, ${Math.round(process.memoryUsage().rss / 1048576)} MiB: ${failures} failures`,
);
process.exitCode = failures > 0 ? 1 : 0;
