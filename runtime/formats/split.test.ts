import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { decodeEdifact } from './edifact/decode.ts';
import type { Decoded } from './format.ts';
import { type Piece, splitEdifact, splitX12, type Whole } from './split.ts';
import { decodeX12 } from './x12/decode.ts';

const file = (name: string) => readFileSync(new URL(name, import.meta.url));

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function all(split: AsyncGenerator<Piece, Whole>): Promise<{ pieces: Piece[]; whole: Whole }> {
  const pieces: Piece[] = [];
  for (;;) {
    const next = await split.next();
    if (next.done) return { pieces, whole: next.value };
    pieces.push(next.value);
  }
}
const transactions = ({ interchanges }: Decoded) =>
  interchanges.flatMap(({ groups }) => groups.flatMap((group) => group.transactions));
const codes = ({ problems, interchanges }: Decoded): string[] => [
  ...problems.map(({ code }) => code),
  ...interchanges
    .flatMap((one) => [...one.problems, ...one.groups.flatMap((group) => group.problems)])
    .map(({ code }) => code),
];

const many = (count: number): Buffer => {
  const [head = '', body = '', tail = ''] = /^(ISA.*?~GS.*?~)(ST.*SE[^~]*~)(GE.*)$/s
    .exec(file('x12/testdata/notice-856.edi').toString())!
    .slice(1);
  const bodies = Array.from({ length: count }, (_, i) =>
    body.replaceAll('1107001', String(1_000_000 + i)).replace('SN1*1*60', i === 40 ? 'SN1*1*6x' : 'SN1*1*60'),
  );
  return Buffer.from((head + bodies.join('') + tail.replace('GE*1', `GE*${count}`)).replaceAll('~', '~\n'));
};

it.each([1, 7, 1_000, 65_536])('X12 in chunks of %d: what pieces hold is what the file holds', async (size) => {
  const bytes = many(50);
  const { pieces, whole } = await all(splitX12(inChunks(bytes, size), 8_000));
  expect(pieces.length).toBeGreaterThan(3);
  expect(whole).toEqual({ envelopes: [[]], outside: [] });
  const expected = transactions(decodeX12(bytes));
  const read = pieces.flatMap(({ bytes: piece, first, shift }) => {
    const decoded = decodeX12(piece);
    expect(codes(decoded)).toEqual([]);
    return transactions(decoded).map(({ value, index, problems }) => ({
      value,
      index: first + index,
      places: problems.map(({ place }) => [place.line! + shift.line, place.segment! + shift.segment]),
    }));
  });
  expect(read).toEqual(
    expected.map(({ value, index, problems }) => ({
      value,
      index,
      places: problems.map(({ place }) => [place.line, place.segment]),
    })),
  );
});

it('EDIFACT: release characters at the seam, messages without a group', async () => {
  const bytes = file('edifact/testdata/orders-d96a.edi');
  const { pieces, whole } = await all(splitEdifact(inChunks(bytes, 5), 100));
  expect(pieces).toHaveLength(2);
  expect(whole).toEqual({ envelopes: [[]], outside: [] });
  const read = pieces.map(({ bytes: piece }) => decodeEdifact(piece));
  expect(read.flatMap(codes)).toEqual([]);
  expect(read.flatMap((one) => transactions(one).map(({ value }) => value))).toEqual(
    transactions(decodeEdifact(bytes)).map(({ value }) => value),
  );
});

it('tells what the trailers say wrongly, once, at the end; and what is no interchange', async () => {
  const text = many(5).toString();
  const said = async (bytes: string) => {
    const { whole } = await all(splitX12(inChunks(Buffer.from(bytes), 100), 3_000));
    return [whole.envelopes.map((one) => one.map(({ code }) => code)), whole.outside.map(({ code }) => code)];
  };
  expect(await said(text.replace('GE*5', 'GE*6').replace('IEA*1*000001107', 'IEA*2*000001108'))).toEqual([
    [['x12.GE01', 'x12.IEA01', 'x12.IEA02']],
    [],
  ]);
  expect(await said(`hello\n${text}%%%${text}`)).toEqual([
    [[], []],
    ['x12.TrailingBytes', 'x12.TrailingBytes'],
  ]);
  expect(await said(text.slice(0, -30))).toEqual([
    [['x12.GroupTrailerMissing']].slice(1).concat([[]]),
    ['x12.Truncated'],
  ]);
  expect(await said(text.trimEnd().slice(0, -1))).toEqual([[[]], ['x12.LastTerminator']]);
  expect(await said(text.trimEnd().slice(0, -2))).toEqual([[[]], ['x12.Truncated']]);
  expect(await said(text.replace(/IEA.*/s, '') + text)).toEqual([[[], []], ['x12.Truncated']]);
});

it('the nasty files of X12 and EDIFACT: as many transactions as in one go', async () => {
  const { readdirSync } = await import('node:fs');
  const folder = new URL('testdata/nasty/', import.meta.url);
  for (const name of readdirSync(folder).filter((each) =>
    /^(x12|edifact)-(?!utf16|ebcdic|lower|empty|header)/.test(each),
  )) {
    const bytes = readFileSync(new URL(name, folder));
    const x12 = name.startsWith('x12');
    const { pieces } = await all((x12 ? splitX12 : splitEdifact)(inChunks(bytes, 50), 10));
    const decode = x12 ? decodeX12 : decodeEdifact;
    const count = pieces.flatMap(({ bytes: piece }) => transactions(decode(piece))).length;
    expect(count, name).toBe(transactions(decode(bytes)).length);
  }
});
