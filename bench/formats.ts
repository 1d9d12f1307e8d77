/**
 * Decode and encode of X12 in one process, ours beside node-x12's (`npm install --prefix bench/peers`), interleaved, CPU time, best of the rounds.
 * `node_modules/.bin/node bench/formats.ts [rounds]`
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
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

const big = large(2000);
const decoded = decodeX12(notice).interchanges[0]!;
const outgoing = decoded.groups.flatMap((group) => group.transactions);
const cases: Case[] = [
  { name: 'decode 856', bytes: notice.length, run: () => decodeX12(notice) },
  { name: 'decode 850 × 2', bytes: orders.length, run: () => decodeX12(orders) },
  { name: 'decode 2000 × 856', bytes: big.length, run: () => decodeX12(big) },
  { name: 'encode 856', bytes: notice.length, run: () => encodeX12(envelopeOf(decoded), outgoing) },
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

const best = new Map<string, number>();
for (let round = 0; round < Number(process.argv[2] ?? 5); round++) {
  for (const { name, bytes, run } of cases) {
    const times = Math.max(1, Math.round(4e6 / bytes));
    const start = process.cpuUsage();
    for (let i = 0; i < times; i++) run();
    const { user, system } = process.cpuUsage(start);
    const micros = (user + system) / times;
    best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, micros));
  }
}
for (const { name, bytes } of cases) {
  const micros = best.get(name)!;
  const theirs = best.get(`node-x12 ${name}`);
  console.log(
    `${name.padEnd(28)} ${micros.toFixed(1).padStart(10)} µs ${(bytes / micros).toFixed(1).padStart(7)} MB/s${theirs ? ` ${(theirs / micros).toFixed(1)} × node-x12` : ''}`,
  );
}
