/**
 * Decode and encode of X12 and EDIFACT in one process, ours beside node-x12's and edifact's (`npm install --prefix bench/peers`), interleaved,
 * CPU time, best of the rounds; and StAEDI (Java, by Maven) on the same bytes. What is compared does not do the same: ours reads by tables, checks and places every finding; node-x12
 * and edifact (with its validator off) give lists of segments.
 * `node_modules/.bin/node bench/formats.ts [rounds]`
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeEdifact } from '../runtime/formats/edifact/decode.ts';
import { encodeEdifact } from '../runtime/formats/edifact/encode.ts';
import { envelopeOf as edifactEnvelopeOf } from '../runtime/formats/edifact/testdata/build.ts';
import { decodeX12 } from '../runtime/formats/x12/decode.ts';
import { encodeX12 } from '../runtime/formats/x12/encode.ts';
import { envelopeOf } from '../runtime/formats/x12/testdata/build.ts';

interface Case {
  name: string;
  bytes: number;
  run: () => unknown;
}

const data = new URL('../runtime/formats/x12/testdata/', import.meta.url);
const notice = readFileSync(new URL('notice-856.edi', data));
const orders = readFileSync(new URL('orders-850.edi', data));

/** One interchange with many transactions, as a mailbox hands it over. */
function large(count: number): Buffer {
  const [head, body, tail] = /^(ISA.*?~GS.*?~)(ST.*SE[^~]*~)(GE.*)$/s.exec(notice.toString())!.slice(1) as [
    string,
    string,
    string,
  ];
  const many = Array.from({ length: count }, (_, i) => body.replaceAll('1107001', String(1_000_000 + i))).join('');
  return Buffer.from(head + many + tail.replace('GE*1', `GE*${count}`));
}

// edifact (npm) refuses lower case letters.
const desadv = Buffer.from(
  readFileSync(new URL('../runtime/formats/edifact/testdata/desadv-d96a.edi', import.meta.url), 'latin1')
    .toUpperCase()
    .replace('Ö', 'OE'),
);
const despatch = decodeEdifact(desadv).interchanges[0]!;
const despatchEnvelope = edifactEnvelopeOf(despatch, true, '\n');
const despatchMessages = despatch.groups.flatMap((group) => group.transactions);
/** One interchange with many messages. */
function largeEdifact(count: number): Buffer {
  const [head, body, tail] = /^(UNA.*?UNB.*?')(\nUNH.*UNT[^']*')(.*)$/s.exec(desadv.toString('latin1'))!.slice(1) as [
    string,
    string,
    string,
  ];
  const many = Array.from({ length: count }, (_, i) =>
    body.replace('UNH+1', `UNH+${i}`).replace('UNT+36+1', `UNT+36+${i}`),
  );
  return Buffer.from(head + many.join('') + tail.replace('UNZ+1', `UNZ+${count}`), 'latin1');
}
const bigEdifact = largeEdifact(2000);

const big = large(2000);
const decoded = decodeX12(notice).interchanges[0]!;
const outgoing = decoded.groups.flatMap((group) => group.transactions);
const cases: Case[] = [
  { name: 'decode 856', bytes: notice.length, run: () => decodeX12(notice) },
  { name: 'decode 850 × 2', bytes: orders.length, run: () => decodeX12(orders) },
  { name: 'decode 2000 × 856', bytes: big.length, run: () => decodeX12(big) },
  { name: 'encode 856', bytes: notice.length, run: () => encodeX12(envelopeOf(decoded), outgoing) },
  { name: 'decode DESADV', bytes: desadv.length, run: () => decodeEdifact(desadv) },
  { name: 'decode 2000 × DESADV', bytes: bigEdifact.length, run: () => decodeEdifact(bigEdifact) },
  { name: 'encode DESADV', bytes: desadv.length, run: () => encodeEdifact(despatchEnvelope, despatchMessages) },
];

interface Peer {
  X12Parser: new () => { parse(edi: string): { toString(): string } };
}
function peer(): Peer | undefined {
  try {
    return createRequire(new URL('peers/package.json', import.meta.url))('node-x12') as Peer;
  } catch {
    console.log('node-x12 is not installed: npm install --prefix bench/peers\n');
    return undefined;
  }
}
const other = peer();
if (other) {
  const { X12Parser } = other;
  const parsed = new X12Parser().parse(notice.toString());
  cases.push(
    { name: 'node-x12 decode 856', bytes: notice.length, run: () => new X12Parser().parse(notice.toString()) },
    { name: 'node-x12 decode 850 × 2', bytes: orders.length, run: () => new X12Parser().parse(orders.toString()) },
    { name: 'node-x12 decode 2000 × 856', bytes: big.length, run: () => new X12Parser().parse(big.toString()) },
    { name: 'node-x12 encode 856', bytes: notice.length, run: () => parsed.toString() },
  );
}

/** Segments as lists of elements of components, as its README does it. */
function edifactPeer(): void {
  type Listener = (text: string) => void;
  type Parser = new () => { on(event: string, listener: Listener): void; write(text: string): void; end(): void };
  let Parser: Parser;
  try {
    Parser = createRequire(new URL('peers/package.json', import.meta.url))('edifact/parser.js') as Parser;
  } catch {
    console.log('edifact is not installed: npm install --prefix bench/peers\n');
    return;
  }
  const parse = (text: string): unknown => {
    const result: { name: string; elements: string[][] }[] = [];
    let elements: string[][] = [];
    let components: string[] = [];
    const parser = new Parser();
    parser.on('opensegment', (name) => {
      elements = [];
      result.push({ name, elements });
    });
    parser.on('element', () => {
      components = [];
      elements.push(components);
    });
    parser.on('component', (text) => void components.push(text));
    parser.write(text);
    parser.end();
    return result;
  };
  cases.push(
    { name: 'edifact decode DESADV', bytes: desadv.length, run: () => parse(desadv.toString('latin1')) },
    { name: 'edifact decode 2000 × DESADV', bytes: bigEdifact.length, run: () => parse(bigEdifact.toString('latin1')) },
  );
}
edifactPeer();

const best = new Map<string, number>();
const rounds = Number(process.argv[2] ?? 5);
for (let round = 0; round < rounds; round++) {
  for (const { name, bytes, run } of cases) {
    const times = Math.max(1, Math.round(4e6 / bytes));
    const start = process.cpuUsage();
    for (let i = 0; i < times; i++) run();
    const { user, system } = process.cpuUsage(start);
    const micros = (user + system) / times;
    best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, micros));
  }
}
/** StAEDI (Java) reads the same bytes to lists of segments in a process of its own: CPU of its one thread, without its collector's and compiler's. */
function staediPeer(): void {
  const source = new URL('peers/staedi/', import.meta.url).pathname;
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-staedi-'));
  try {
    cpSync(source, folder, { recursive: true });
    const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
    const built = spawnSync('mvn', ['-q', '-B', 'compile', copy, '-DoutputDirectory=lib'], { cwd: folder });
    if (built.status !== 0) {
      console.log('StAEDI is left out: it needs mvn and a JDK of 17 or later\n');
      return;
    }
    const inputs = { 'decode 856': notice, 'decode 850 × 2': orders, 'decode 2000 × 856': big };
    const edifacts = { 'decode DESADV': desadv, 'decode 2000 × DESADV': bigEdifact };
    const names = Object.entries({ ...inputs, ...edifacts }).map(([name, bytes], i) => {
      writeFileSync(join(folder, `${i}.edi`), bytes);
      return name;
    });
    const files = names.map((_, i) => join(folder, `${i}.edi`));
    const classPath = `${folder}/target/classes:${folder}/lib/*`;
    const run = spawnSync('java', ['-cp', classPath, 'bench.Staedi', String(rounds), ...files], { encoding: 'utf8' });
    for (const [i, line] of run.stdout.trim().split('\n').entries()) {
      const micros = Number(line.split('\t')[1]);
      if (Number.isFinite(micros)) best.set(`staedi ${names[i]}`, micros);
    }
    if (run.status !== 0) console.log(`StAEDI: ${run.stderr.split('\n')[0]}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
staediPeer();

for (const { name, bytes } of cases) {
  const micros = best.get(name)!;
  const peerName = name.includes('DESADV') ? 'edifact' : 'node-x12';
  const theirs = best.get(`${peerName} ${name}`);
  const java = best.get(`staedi ${name}`);
  console.log(
    `${name.padEnd(28)} ${micros.toFixed(1).padStart(10)} µs ${(bytes / micros).toFixed(1).padStart(7)} MB/s${theirs ? ` ${(theirs / micros).toFixed(1)} × ${peerName}` : ''}${java ? ` ${(java / micros).toFixed(1)} × staedi (${java.toFixed(1)} µs)` : ''}`,
  );
}
