import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEdifact } from './decode.ts';
import { encodeEdifact } from './encode.ts';
import { defaultCharacters } from './scan.ts';
import { again, allCodes } from './testdata/build.ts';

const folder = new URL('testdata/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.edi'));
const envelope = {
  sender: { qualifier: '14', value: '4012345000009' },
  receiver: { qualifier: '14', value: '4098765000005' },
  usage: 'Test' as const,
  syntax: 'UNOC:3',
  control: '412',
  at: new Date('2026-11-20T06:15:00Z'),
};
const order = { BGM: { BGM02: 'PO-1' }, DTM: { DTM01: { DTM0101: '137', DTM0102: '20261120', DTM0103: '102' } } };
const encode = (value: unknown, changes = {}, type = 'ORDERS:D:96A:UN') =>
  encodeEdifact({ ...envelope, ...changes }, [{ type, value }]);
const lines = (value: unknown, changes = {}, type?: string) => {
  const { text, problems } = encode(value, changes, type);
  expect(problems).toEqual([]);
  return text.split("'").slice(2, -3);
};

describe('encode(decode(file)) = file', () => {
  it.each(files)('%s', (name) => {
    const bytes = readFileSync(new URL(name, folder));
    expect(allCodes(decodeEdifact(bytes))).toEqual([]);
    const { bytes: written, problems } = again(bytes);
    expect(problems).toEqual([]);
    expect(written.toString('latin1')).toBe(bytes.toString('latin1'));
  });
});

describe('encodeEdifact', () => {
  it('writes in the order of the table, and what follows from the rest', () => {
    const value = {
      CNT: { CNT01: { CNT0101: 2 } },
      SG25: [{ QTY: { QTY01: { QTY0101: 21, QTY0102: 0.0000001 } }, LIN: { LIN01: 1 } }, { LIN: { LIN01: '2' } }],
      ...order,
    };
    expect(lines(value)).toEqual([
      'BGM++PO-1',
      'DTM+137:20261120:102',
      'LIN+1',
      'QTY+21:0.0000001',
      'LIN+2',
      'UNS+S',
      'CNT+2:2',
    ]);
  });

  it('releases service characters, and writes numbers with the decimal mark of the UNA', () => {
    const value = {
      ...order,
      FTX: [{ FTX01: 'AAI', FTX04: { FTX0401: "a?b:c+d'e*f" } }],
      SG25: [{ LIN: {}, QTY: [{ QTY01: { QTY0101: '21', QTY0102: 1.5 } }] }],
    };
    expect(encode(value).text).toContain("FTX+AAI+++a??b?:c?+d?'e*f'");
    const comma = encode(value, { characters: { ...defaultCharacters, decimal: ',' } });
    expect(comma.problems).toEqual([]);
    expect(comma.text).toContain("QTY+21:1,5'");
    expect(encode(value, { syntax: 'UNOC:4' }).text).toContain("FTX+AAI+++a??b?:c?+d?'e?*f'");
  });

  it('writes the character set of the syntax identifier', () => {
    const named = (text: string) => ({ ...order, FTX: [{ FTX01: 'AAI', FTX04: { FTX0401: text } }] });
    const written = (syntax: string, text: string) => {
      const { bytes, problems } = encode(named(text), { syntax });
      return [bytes.includes(Buffer.from([0xb3])), ...problems.map(({ severity }) => severity)];
    };
    expect(written('UNOD:3', 'ł')).toEqual([true]);
    expect(written('UNOC:3', 'ł')).toEqual([false, 'Error']);
    expect(written('UNOF:3', 'ł')).toEqual([false, 'Error']);
    expect(written('UNOY:4', 'ł')).toEqual([false]);
    expect(written('UNOA:3', 'small')).toEqual([false, 'Warning']);
    expect(written('UNOA:3', 'LARGE')).toEqual([false]);
  });

  it('repeats elements from syntax version 4 on', () => {
    const value = {
      BGM: {},
      DTM: order.DTM,
      SG26: [{ LIN: {}, PIA: [{ PIA01: '1', PIA02: [{ PIA0201: 'A' }, { PIA0201: 'B' }] }] }],
    };
    const type = 'ORDRSP:D:01B:UN';
    expect(lines(value, { syntax: 'UNOC:4' }, type)).toContain('PIA+1+A*B');
    expect(encode(value, {}, type).problems.map(({ code }) => code)).toEqual(['edifact.InvalidValue']);
  });

  it.each<[string, string | undefined, unknown, object?]>([
    ['InvalidValue', '/0', null],
    ['UnknownKey', '/0/SG99', { ...order, SG99: [] }],
    ['UnknownKey', '/0/BGM/BGN01', { ...order, BGM: { BGN01: 'x' } }],
    ['UnknownKey', '/0/DTM/DTM01/DTM02', { ...order, DTM: { DTM01: { DTM0101: '137', DTM02: 'x' } } }],
    ['MandatorySegmentMissing', '/0/DTM', { BGM: {} }],
    ['MandatorySegmentMissing', '/0/SG25/0/LIN', { ...order, SG25: [{}] }],
    ['InvalidValue', '/0/SG25/1', { ...order, SG25: [{ LIN: {} }, 'x'] }],
    ['InvalidValue', '/0/BGM/BGM02', { ...order, BGM: { BGM02: true } }],
    ['InvalidValue', '/0/BGM/BGM01', { ...order, BGM: { BGM01: '220' } }],
    [
      'InvalidNumber',
      '/0/SG25/0/QTY/0/QTY01',
      { ...order, SG25: [{ LIN: {}, QTY: [{ QTY01: { QTY0101: '21', QTY0102: 'x' } }] }] },
    ],
    ['Envelope', undefined, order, { control: '' }],
    ['Envelope', undefined, order, { syntax: 'UTF8' }],
    ['Envelope', undefined, order, { sender: { qualifier: '', value: '' } }],
    ['Envelope', undefined, order, { characters: { ...defaultCharacters, element: ':' } }],
  ])('%s at %s', (code, path, value, changes) => {
    const { problems } = encode(value, changes);
    expect(problems.map((problem) => [problem.code, problem.severity, problem.place.path])).toEqual([
      [`edifact.${code}`, 'Error', path],
    ]);
  });

  it('needs a message', () => expect(encodeEdifact(envelope, []).problems).toHaveLength(1));

  it('messages without a table are lists of segments: decode(encode(value)) = value for any text', () => {
    const component = fc.string({ unit: fc.constantFrom(..."aB1?+:' .\u00e4*") });
    const segment = fc.record({
      id: fc.constantFrom('BGM', 'FTX', 'NAD'),
      elements: fc.array(fc.array(component, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(segment), (segments) => {
        const { bytes, problems } = encode({ segments }, {}, 'PRICAT:D:96A:UN');
        expect(problems).toEqual([]);
        const decoded = decodeEdifact(bytes);
        expect(allCodes(decoded)).toEqual(['UnknownMessage']);
        const value = decoded.interchanges[0]!.groups[0]!.transactions[0]!.value as { segments: typeof segments };
        const cut = (list: string[]) => list.join('\0').replace(/\0+$/, '');
        const bare = (list: typeof segments) => list.map(({ id, elements }) => cut([id, ...elements.map(cut)]));
        expect(bare(value.segments)).toEqual(bare(segments));
      }),
    );
    const bad = { segments: [{ id: 'bgm', elements: [] }] };
    expect(encode(bad, {}, 'PRICAT:D:96A:UN').problems[0]!.place.path).toBe('/0/segments/0');
    expect(encode({}, {}, 'PRICAT:D:96A:UN').problems).toHaveLength(1);
  });
});
