import { expect, it } from 'vitest';
import { decodeNdjson, encodeNdjson, readNdjson } from './ndjson.ts';

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const source = (pieces: string[]) =>
  (async function* () {
    for (const piece of pieces) yield Buffer.from(piece);
  })();

it('one document per line, each with its own problems', async () => {
  const pieces = ['{"a":', '1}\n\n[2', ',3]\r\n{"a"\n"ä"'];
  const streamed = await all(readNdjson(source(pieces)));
  expect(streamed.map(({ index, value }) => [index, value])).toEqual([
    [0, { a: 1 }],
    [1, [2, 3]],
    [2, undefined],
    [3, 'ä'],
  ]);
  expect(streamed[2]!.problems).toMatchObject([{ severity: 'Error', place: { line: 4 } }]);
  expect(decodeNdjson(Buffer.from(pieces.join('')))).toEqual(streamed);
});

it('a line that is too long is said and passed over', () => {
  const decoded = decodeNdjson(Buffer.from(`"${'x'.repeat(100)}"\n1\n`), { maxBytes: 50 });
  expect(decoded.map(({ value }) => value)).toEqual([undefined, 1]);
  expect(decoded[0]!.problems).toMatchObject([{ code: 'json.TooLarge', place: { line: 1 } }]);
});

it('writes what it reads', () => {
  const values = [{ a: 'ä\n' }, [1], null];
  expect(decodeNdjson(encodeNdjson(values)).map(({ value }) => value)).toEqual(values);
});
