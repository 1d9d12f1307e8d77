import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutate, randomOf } from '../x12/testdata/mutate.ts';
import { decodeEdifact, type EdifactDecoded } from './decode.ts';
import { encodeEdifact } from './encode.ts';
import { defaultCharacters } from './scan.ts';

const orders = readFileSync(new URL('testdata/orders-d96a.edi', import.meta.url), 'utf8');
const decode = (text: string, options = {}) => decodeEdifact(Buffer.from(text), options);
const codes = (decoded: EdifactDecoded) =>
  [
    ...decoded.problems,
    ...decoded.interchanges.flatMap(({ problems, groups }) => [
      ...problems,
      ...groups.flatMap((group) => [...group.problems, ...group.transactions.flatMap((message) => message.problems)]),
    ]),
  ].map(({ code }) => code.replace('edifact.', ''));
const small = (body = "BGM+220+1'", count = 3) =>
  `UNB+UNOA:1+A+B+261120:0615+7'UNH+1+ORDERS:D:96A:UN'${body}UNT+${count}+1'UNZ+1+7'`;

describe('decodeEdifact', () => {
  it('reads envelopes, messages and release characters', () => {
    const decoded = decode(orders);
    expect(codes(decoded)).toEqual([]);
    const [interchange] = decoded.interchanges;
    expect(interchange).toMatchObject({
      control: '412',
      sender: { qualifier: '14', value: '4012345000009' },
      receiver: { qualifier: '14', value: '4098765000005' },
      usage: 'Test',
      version: 'UNOC:3',
    });
    const messages = interchange!.groups[0]!.transactions;
    expect(messages.map(({ id, type, control, index }) => [id, type, control, index])).toEqual([
      ['ORDERS', 'ORDERS:D:96A:UN:EAN008', '1', 0],
      ['ORDERS', 'ORDERS:D:96A:UN:EAN008', '2', 1],
    ]);
    const { segments } = messages[0]!.value as { segments: { id: string; elements: string[][] }[] };
    expect(segments[0]).toEqual({ id: 'BGM', elements: [['220'], ['PO-1001'], ['9']] });
    expect(segments[3]).toEqual({
      id: 'FTX',
      elements: [['DEL'], [''], [''], ['Deliver to dock 4 only: ring twice + wait']],
    });
    expect(segments[5]!.elements[3]).toEqual(["O'Brien & Sons", 'Unit 7']);
  });

  it('takes the defaults without a UNA, other characters with one, and each interchange its own', () => {
    const odd = `UNA|*,! ~${small().replaceAll(':', '|').replaceAll('+', '*').replaceAll("'", '~')}`;
    const decoded = decode(`${small()}\n${odd}\r\n${orders}`);
    expect(codes(decoded)).toEqual([]);
    expect(decoded.interchanges.map(({ groups }) => groups[0]!.transactions[0]!.type)).toEqual([
      'ORDERS:D:96A:UN',
      'ORDERS:D:96A:UN',
      'ORDERS:D:96A:UN:EAN008',
    ]);
    expect(decoded.interchanges[1]!.characters).toMatchObject({ component: '|', element: '*', segment: '~' });
  });

  it('reads wrapped files', () => {
    const flat = orders.replaceAll('\n', '');
    const value = (text: string) =>
      JSON.stringify(decode(text).interchanges[0]!.groups[0]!.transactions.map((message) => message.value));
    expect(value(flat.replaceAll(/.{70}/g, '$&\r\n'))).toBe(value(orders));
  });

  it('reads groups', () => {
    const text = small().replace('UNH', "UNG+ORDERS+A+B+261120:0615+5+UN+D:96A'UNH").replace('UNZ', "UNE+1+5'UNZ");
    const decoded = decode(text);
    expect(codes(decoded)).toEqual([]);
    expect(decoded.interchanges[0]!.groups).toMatchObject([
      { functionalId: 'ORDERS', control: '5', version: 'D:96A', transactions: [{ id: 'ORDERS' }] },
    ]);
  });

  it.each<[string[], string, object?]>([
    [['NotEdifact'], 'ISA*00*'],
    [['NotEdifact'], ''],
    [['Truncated'], "UNA:+.? '"],
    [['TooLarge'], small(), { maxBytes: 10 }],
    [['TooLarge', 'Truncated', 'TransactionTrailerMissing'], small(), { maxSegments: 3 }],
    [['Truncated', 'Truncated', 'TransactionTrailerMissing'], small().slice(0, 60)],
    [['Truncated'], small().replace(/UNZ.*/, '')],
    [['Truncated'], small().replace(/UNZ.*/, '') + small()],
    [['TrailingBytes'], `${small()}EOF`],
    [['UnexpectedSegment'], small().replace('UNH', "BGM+1'UNH")],
    [['UnexpectedSegment'], small().replace('UNZ', "UNE+1+1'UNZ")],
    [['UNB05', 'UNZ02'], small().replace('0615+7', '0615')],
    [['UNH02'], small().replace('ORDERS:D:96A:UN', '')],
    [['UNH01', 'UNT02'], small().replace('UNH+1', 'UNH+')],
    [['UNT01'], small(undefined, 4)],
    [['UNT02'], small().replace('UNT+3+1', 'UNT+3+2')],
    [['UNZ01'], small().replace('UNZ+1', 'UNZ+2')],
    [['UNZ02'], small().replace('UNZ+1+7', 'UNZ+1+8')],
    [['TransactionTrailerMissing'], small().replace(/UNT[^']*'/, '')],
    [['GroupTrailerMissing'], small().replace('UNH', "UNG+ORDERS+A+B+261120:0615+5+UN+D:96A'UNH")],
    [
      ['UNE01', 'UNE02'],
      small().replace('UNH', "UNG+ORDERS+A+B+261120:0615+5+UN+D:96A'UNH").replace('UNZ', "UNE+2+6'UNZ"),
    ],
  ])('%j', (want, text, options) => expect(codes(decode(text, options))).toEqual(want));

  it('places: line, segment and byte', () => {
    const text = orders.replace('UNT+16+1', 'UNT+15+1').replace('Sons', 'S\u00f6hne');
    const [problem] = decode(text).interchanges[0]!.groups[0]!.transactions[0]!.problems;
    expect(problem).toMatchObject({ code: 'edifact.UNT01', place: { line: 18, segment: 17, segmentId: 'UNT' } });
    expect(Buffer.from(text).subarray(problem!.place.byte).toString().startsWith('UNT+15')).toBe(true);
  });

  it('any bytes and damaged files give values or problems', () => {
    const random = randomOf(7);
    for (let run = 0; run < 2000; run++) {
      const decoded = decodeEdifact(mutate(Buffer.from(orders), random));
      expect(decoded.interchanges.length + decoded.problems.length).toBeGreaterThan(0);
    }
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        (bytes) => void decodeEdifact(Buffer.concat([Buffer.from('UNB+'), bytes])),
      ),
    );
  });
});

describe('encodeEdifact', () => {
  const envelope = {
    sender: { qualifier: '14', value: '4012345000009' },
    receiver: { qualifier: '14', value: '4098765000005' },
    usage: 'Test' as const,
    syntax: 'UNOC:3',
    control: '412',
    at: new Date('2026-11-20T06:15:00Z'),
  };

  it('encode(decode(text)) = text', () => {
    const messages = decode(orders).interchanges[0]!.groups[0]!.transactions;
    expect(encodeEdifact({ ...envelope, characters: defaultCharacters, lineBreak: '\n' }, messages)).toEqual({
      text: orders,
      problems: [],
    });
  });

  it('decode(encode(value)) = value for any text', () => {
    const component = fc.string({ unit: fc.constantFrom(..."aB1?+:' .\u00e4*") });
    const segment = fc.record({
      id: fc.constantFrom('BGM', 'FTX', 'NAD'),
      elements: fc.array(fc.array(component, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(segment), (segments) => {
        const { text, problems } = encodeEdifact(envelope, [{ type: 'ORDERS:D:96A:UN', value: { segments } }]);
        expect(problems).toEqual([]);
        const decoded = decode(text);
        expect(codes(decoded)).toEqual([]);
        const value = decoded.interchanges[0]!.groups[0]!.transactions[0]!.value as { segments: typeof segments };
        const cut = (list: string[]) => list.join('\0').replace(/\0+$/, '');
        const plain = (list: typeof segments) =>
          list.map(({ id, elements }) => cut([id, ...elements.map(cut)].map((text) => text || '')).replace(/\0+$/, ''));
        expect(plain(value.segments)).toEqual(plain(segments));
      }),
    );
  });

  it('says what it cannot write', () => {
    const of = (value: unknown, changes = {}) =>
      encodeEdifact({ ...envelope, ...changes }, [{ type: 'ORDERS:D:96A:UN', value }]).problems.map(
        ({ code, place }) => [code, place.path],
      );
    expect(of({ segments: [{ id: 'BGM', elements: [220, null, ['9']] }] })).toEqual([]);
    expect(of({ segments: [{ id: 'bgm', elements: [] }] })).toEqual([['edifact.InvalidValue', '/0/segments/0']]);
    expect(of({ segments: [{ id: 'BGM', elements: [{}] }] })).toEqual([['edifact.InvalidValue', '/0/segments/0']]);
    expect(of(null)).toEqual([['edifact.InvalidValue', '/0']]);
    expect(of({ segments: [] }, { control: '' })).toEqual([['edifact.Envelope', undefined]]);
    expect(of({ segments: [] }, { sender: { qualifier: '', value: '' } })).toEqual([['edifact.Envelope', undefined]]);
    expect(encodeEdifact(envelope, []).problems).toHaveLength(1);
  });
});
