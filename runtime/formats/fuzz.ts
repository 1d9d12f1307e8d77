/**
 * Feeds damaged files to the decoders, and what came out to the encoders and acknowledgments, until the time is over.
 * The corpus is testdata/ and testdata/nasty/.
 * `node_modules/.bin/node runtime/formats/fuzz.ts [seconds] [seed]`; a failing input is kept in `.cache/fuzz/` and named. Exit 1 then.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { decodeCsv, encodeCsv } from './csv/csv.ts';
import { readSyntaxAcknowledgment, syntaxAcknowledgment } from './edifact/acknowledge.ts';
import { decodeEdifact } from './edifact/decode.ts';
import { encodeEdifact } from './edifact/encode.ts';
import { decodeFixed, encodeFixed } from './fixed/fixed.ts';
import { decodeJson } from './json/json.ts';
import { decodeNdjson } from './json/ndjson.ts';
import { functionalAcknowledgment, readAcknowledgment } from './x12/acknowledge.ts';
import { interchangeAcknowledgment, readInterchangeAcknowledgment } from './x12/confirm.ts';
import { decodeX12 } from './x12/decode.ts';
import { encodeX12 } from './x12/encode.ts';
import { mutate, randomOf } from './x12/testdata/mutate.ts';
import { decodeXml } from './xml/decode.ts';
import { encodeXml } from './xml/encode.ts';

const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
/** One small input may take this long; more is a hang in the making. */
const SLOW_MS = 1000;

const KINDS = ['x12', 'edifact', 'xml', 'csv', 'fixed', 'json'] as const;
type Kind = (typeof KINDS)[number];
interface Seed {
  kind: Kind;
  bytes: Buffer;
}

const files = (folder: string): Seed[] =>
  readdirSync(join(import.meta.dirname, folder))
    .filter((name) => /\.(edi|xml)$/.test(name))
    .map((name) => ({
      kind: name.endsWith('.xml')
        ? 'xml'
        : folder.startsWith('edifact') || name.startsWith('edifact')
          ? 'edifact'
          : 'x12',
      bytes: readFileSync(join(import.meta.dirname, folder, name)),
    }));
const seeds: Seed[] = [
  ...['x12/testdata', 'edifact/testdata', 'xml/testdata', 'testdata/nasty'].flatMap(files),
  { kind: 'csv', bytes: Buffer.from('a;b;c\r\nPO-1;"1.234,50";24.11.2026\r\n"PO ""2""";2;\r\n') },
  { kind: 'csv', bytes: Buffer.from('\xef\xbb\xbfc;a;zz\n24.11.2026;"a\nb";x\n;;;;\n', 'latin1') },
  { kind: 'fixed', bytes: Buffer.from('PO100012\r\nPO2-0001rest\r\n\x1a') },
  {
    kind: 'json',
    bytes: Buffer.from(
      '{"asnNo": "ASN-1", "lines": [{"sku": "AC-1001", "qty": 12.50, "ok": true, "note": null, "text": "a\\u0041\\n"}]}',
    ),
  },
  { kind: 'json', bytes: Buffer.from('{"a":1}\n{"a":[[[]]],"a":1e999}\n\n[]\n') },
];

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

/** Decoders by the format of the seed; what they give goes to the encoders. */
const feeders: Record<Kind, (bytes: Buffer) => void> = {
  json(bytes) {
    decodeJson(bytes);
    decodeNdjson(bytes);
  },
  csv: (bytes) =>
    void encodeCsv(
      decodeCsv(bytes, csv).map(({ value }) => value),
      csv,
    ),
  fixed: (bytes) =>
    void encodeFixed(
      decodeFixed(bytes, fixed).map(({ value }) => value),
      fixed,
    ),
  xml(bytes) {
    const { value } = decodeXml(bytes);
    if (value) encodeXml(value);
  },
  x12(bytes) {
    for (const interchange of decodeX12(bytes).interchanges) {
      interchangeAcknowledgment(interchange);
      for (const told of interchange.interchangeAcknowledgments) readInterchangeAcknowledgment(told);
      for (const group of interchange.groups) {
        readAcknowledgment(functionalAcknowledgment(group));
        const { version, transactions } = group;
        const { delimiters } = interchange;
        const sides = { sender: side, receiver: side, usage: 'Test' as const };
        encodeX12({ ...sides, version, control: 1, groupControl: 1, at, delimiters }, transactions);
      }
    }
  },
  edifact(bytes) {
    for (const interchange of decodeEdifact(bytes).interchanges) {
      readSyntaxAcknowledgment(syntaxAcknowledgment(interchange));
      const { characters, groups, version: syntax } = interchange;
      const messages = groups.flatMap((group) => group.transactions);
      encodeEdifact({ sender: side, receiver: side, usage: 'Test', syntax, control: '1', at, characters }, messages);
    }
  },
};

/** Once in a while a file meets the decoder of another format. */
const ASTRAY = 20;

function fuzz(): void {
  const random = randomOf(seed);
  const corpus: Seed[] = [...seeds];
  const until = performance.now() + seconds * 1000;
  let runs = 0;
  let failures = 0;
  while (performance.now() < until && failures < 10) {
    // Now and then a damaged file becomes a seed itself, so that damage adds up.
    const from = corpus[random(corpus.length)]!;
    const kind = random(ASTRAY) === 0 ? KINDS[random(KINDS.length)]! : from.kind;
    const bytes = mutate(from.bytes, random);
    if (random(1000) === 0 && bytes.length < 20_000) corpus.push({ kind: from.kind, bytes });
    if (corpus.length > seeds.length + 200) corpus.length = seeds.length;
    runs++;
    const start = performance.now();
    let wrong = '';
    try {
      feeders[kind](bytes);
    } catch (error) {
      wrong = (error as Error).stack ?? String(error);
    }
    // The clock is asked first, which is cheap; on a busy machine only CPU time counts.
    if (wrong === '' && performance.now() - start > SLOW_MS) {
      const before = process.cpuUsage();
      feeders[kind](bytes);
      const { user, system } = process.cpuUsage(before);
      if (user + system > SLOW_MS * 1000) wrong = `took ${Math.round((user + system) / 1000)} ms`;
    }
    if (wrong === '') continue;
    failures++;
    const folder = join(import.meta.dirname, '../../.cache/fuzz');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${kind}-${seed}-${runs}.bin`);
    writeFileSync(path, bytes);
    console.error(`${path}: ${wrong}`);
  }
  console.log(
    `${runs} inputs in ${seconds} s, seed ${seed}, ${Math.round(process.memoryUsage().rss / 1048576)} MiB: ${failures} failures`,
  );
  process.exitCode = failures > 0 ? 1 : 0;
}

/** A process per core, each with a seed of its own. */
function all(): void {
  const width = availableParallelism();
  const running = Array.from({ length: width }, (_, i) => {
    const arguments_ = ['--no-warnings', import.meta.filename, String(seconds), String(seed + i), 'one'];
    const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (bytes) => {
      text += bytes;
      process.stdout.write(bytes);
    });
    return new Promise<[string, number]>((resolve) => child.once('exit', (code) => resolve([text, code ?? 1])));
  });
  void Promise.all(running).then((results) => {
    const inputs = results.reduce((sum, [text]) => sum + Number(/^(\d+) inputs/m.exec(text)?.[1] ?? 0), 0);
    const failed = results.some(([, code]) => code !== 0);
    console.log(
      `${inputs} inputs over all formats in ${seconds} s on ${width} cores: ${failed ? 'FAILED' : 'no failure'}`,
    );
    process.exitCode = failed ? 1 : 0;
  });
}

if (process.argv[4] === 'one') fuzz();
else all();
