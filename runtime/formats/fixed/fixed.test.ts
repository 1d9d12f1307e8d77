import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFixed, encodeFixed, type FixedSpec, readFixed } from './fixed.ts';

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const spec: FixedSpec = {
  tag: { start: 1, length: 2 },
  records: [
    {
      name: 'head',
      tag: '01',
      fields: [
        { name: 'order', start: 3, length: 10 },
        { name: 'due', start: 13, length: 8, type: 'Date', dateFormat: 'YYYYMMDD' },
      ],
    },
    {
      name: 'lines',
      tag: '02',
      occurs: 'Many',
      fields: [
        { name: 'item', start: 3, length: 10 },
        { name: 'quantity', start: 13, length: 7, type: 'Number', impliedDecimals: 2 },
      ],
    },
    { name: 'trailer', tag: '99', fields: [{ name: 'count', start: 3, length: 5, type: 'Number', align: 'Right' }] },
  ],
};
const text = [
  '01PO-1      20261124',
  '02AC-1001   0006000',
  '02AC-1002   -000550',
  '99    2',
  '01PO-2              ',
  '',
].join('\r\n');
const problemsOf = (content: string) =>
  decodeFixed(Buffer.from(content), spec).flatMap(({ problems }) =>
    problems.map(({ code, place }) => [code, place.line, place.element]),
  );

describe('fixed width', () => {
  it('reads records of several kinds', () => {
    expect(decodeFixed(Buffer.from(text), spec)).toEqual([
      {
        index: 0,
        line: 1,
        problems: [],
        value: {
          head: { order: 'PO-1', due: '2026-11-24' },
          lines: [
            { item: 'AC-1001', quantity: '60.00' },
            { item: 'AC-1002', quantity: '-5.50' },
          ],
          trailer: { count: '2' },
        },
      },
      { index: 1, line: 5, problems: [], value: { head: { order: 'PO-2' } } },
    ]);
  });

  it('encode(decode(text)) = text', () => {
    const { bytes, problems } = encodeFixed(
      decodeFixed(Buffer.from(text), spec).map(({ value }) => value),
      spec,
    );
    expect(problems).toEqual([]);
    expect(bytes.toString()).toBe(text);
  });

  it('keeps and says what does not fit', () => {
    expect(problemsOf('01PO-1      20261324\n02A         xx     \n02A         0000100 and more\n03?\n')).toEqual([
      ['fixed.InvalidDate', 1, 2],
      ['fixed.InvalidNumber', 2, 2],
      ['fixed.TooManyFields', 3, 3],
      ['fixed.UnknownRecord', 4, undefined],
    ]);
    const [document] = decodeFixed(Buffer.from('01PO-1\n03 something\n'), spec);
    expect(document!.value).toEqual({ head: { order: 'PO-1' }, unknown: [{ line: 2, fields: ['03 something'] }] });
    expect(decodeFixed(Buffer.from([0x30, 0x31, 0xe9]), spec)[0]!.problems).toMatchObject([{ code: 'fixed.Encoding' }]);
  });

  it('says what it cannot write', () => {
    const of = (value: unknown) => encodeFixed([value], spec).problems.map(({ code, place }) => [code, place.path]);
    expect(of({ head: { order: 'x'.repeat(11) } })).toEqual([['fixed.TooLong', '/0/head/order']]);
    expect(of({ head: {}, lines: [{}, { quantity: 1.005 }] })).toEqual([['fixed.InvalidValue', '/0/lines/1/quantity']]);
    expect(of({ head: { order: 'a\nb' } })).toEqual([['fixed.InvalidValue', '/0/head/order']]);
    expect(of(null)).toEqual([['fixed.InvalidValue', '/0']]);
  });

  it('any pieces of a stream give what the whole gives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(text.length)), async (cuts) => {
        const bytes = Buffer.from(text);
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        const source = (async function* () {
          yield* pieces;
        })();
        expect(await all(readFixed(source, spec))).toEqual(decodeFixed(bytes, spec));
      }),
    );
  });
});
