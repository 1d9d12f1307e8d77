import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutate, randomOf } from '../x12/testdata/mutate.ts';
import { decodeEdifact } from './decode.ts';
import { allCodes, decodeText, wrap } from './testdata/build.ts';

const orders = readFileSync(new URL('testdata/orders-d96a.edi', import.meta.url), 'utf8');
const decode = decodeText;
const codes = allCodes;
const small = (body = "BGM+220+1'DTM+137:20261120:102'UNS+S'", count = 5) =>
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
    expect(messages[0]!.value).toMatchObject({
      BGM: { BGM01: { BGM0101: '220' }, BGM02: 'PO-1001', BGM03: '9' },
      FTX: [{ FTX01: 'DEL', FTX04: { FTX0401: 'Deliver to dock 4 only: ring twice + wait' } }],
      SG2: [{}, { NAD: { NAD01: 'SU', NAD04: { NAD0401: "O'Brien & Sons", NAD0402: 'Unit 7' } } }],
    });
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
    [
      ['TooLarge', 'Truncated', 'MandatorySegmentMissing', 'MandatorySegmentMissing', 'TransactionTrailerMissing'],
      small(),
      { maxSegments: 3 },
    ],
    [
      ['Truncated', 'Truncated', 'MandatorySegmentMissing', 'MandatorySegmentMissing', 'TransactionTrailerMissing'],
      small().slice(0, 60),
    ],
    [['Truncated'], small().replace(/UNZ.*/, '')],
    [['LastTerminator'], small().replace(/'\n?$/, '')],
    [['Truncated'], small().replace(/UNZ.*/, '') + small()],
    [['TrailingBytes'], `${small()}EOF`],
    [['UnexpectedSegment'], small().replace('UNH', "BGM+1'UNH")],
    [['UnexpectedSegment'], small().replace('UNZ', "UNE+1+1'UNZ")],
    [['UNB05', 'UNZ02'], small().replace('0615+7', '0615')],
    [['UNH02'], small().replace('ORDERS:D:96A:UN', '')],
    [['UNH01', 'UNT02'], small().replace('UNH+1', 'UNH+')],
    [['UNT01'], small(undefined, 6)],
    [['UNT02'], small().replace('UNT+5+1', 'UNT+5+2')],
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

describe('messages by their tables', () => {
  const value = (text: string) => decode(text).interchanges[0]!.groups[0]!.transactions[0]!.value as never;
  const head = ["BGM+351+S-1+9'", "DTM+137:20261120:102'"].map((segment) => segment.slice(0, -1));

  it('groups within groups, composites as objects, numbers with a point', () => {
    const text = wrap('DESADV:D:96A:UN', [
      ...head,
      'CPS+1',
      'PAC+1++CT',
      'MEA+PD+LN+CMT:60,5',
      'LIN+1++4012345678901:EN',
      'QTY+12:60',
    ]);
    expect(codes(decode(text))).toEqual([]);
    expect(value(text)).toMatchObject({
      UNH: { UNH02: { UNH0201: 'DESADV', UNH0203: '96A' } },
      DTM: [{ DTM01: { DTM0101: '137', DTM0102: '20261120', DTM0103: '102' } }],
      SG10: [
        {
          CPS: { CPS01: '1' },
          SG11: [{ PAC: { PAC01: '1', PAC03: { PAC0301: 'CT' } }, MEA: [{ MEA03: { MEA0302: '60.5' } }] }],
          SG15: [{ LIN: { LIN03: { LIN0301: '4012345678901' } }, QTY: [{ QTY01: { QTY0102: '60' } }] }],
        },
      ],
    });
  });

  it('the directory decides: BGM02 is a composite in D.01B, and groups have other numbers', () => {
    const text = wrap('DESADV:D:01B:UN:EAN007', [...head, 'CPS+1', 'LIN+1']);
    expect(codes(decode(text))).toEqual([]);
    expect(value(text)).toMatchObject({
      BGM: { BGM02: { BGM0201: 'S-1' } },
      SG10: [{ SG17: [{ LIN: { LIN01: '1' } }] }],
    });
  });

  it.each([
    ['93A', 'SG10', 'SG15'],
    ['97A', 'SG10', 'SG15'],
    ['98B', 'SG10', 'SG16'],
    ['04A', 'SG10', 'SG17'],
    ['16B', 'SG11', 'SG19'],
    ['25A', 'SG11', 'SG19'],
  ])('packages and lines of a DESADV of D.%s are %s and %s', (directory, packages, lines) => {
    const text = wrap(`DESADV:D:${directory}:UN`, [...head, 'CPS+1', 'LIN+1']);
    expect(codes(decode(text))).toEqual([]);
    expect(value(text)).toMatchObject({ [packages]: [{ [lines]: [{}] }] });
  });

  it('keeps what has no place, where it stood', () => {
    const text = wrap('DESADV:D:96A:UN', [...head, 'CPS+1', 'ZZZ+a:b+c', 'LIN+1']);
    expect(codes(decode(text))).toEqual(['UnknownSegment']);
    expect(value(text)).toMatchObject({
      SG10: [{ unknown: [{ id: 'ZZZ', elements: [['a', 'b'], ['c']], position: 5 }] }],
    });
  });

  it('reads messages without a table as lists of segments', () => {
    const text = wrap('PRICAT:D:96A:UN', ['BGM+9+1']);
    expect(codes(decode(text))).toEqual(['UnknownMessage']);
    expect(value(text)).toEqual({ segments: [{ id: 'BGM', elements: [['9'], ['1']] }] });
  });

  it('repeats elements from syntax version 4 on', () => {
    const text = wrap(
      'ORDRSP:D:01B:UN',
      ['BGM+231+1', 'DTM+137:20261120:102', 'LIN+1', 'PIA+1+A:SA*B:SA', 'UNS+S'],
      'UNOC:4',
    );
    expect(codes(decode(text))).toEqual([]);
    expect(value(text)).toMatchObject({
      SG26: [{ PIA: [{ PIA02: [{ PIA0201: 'A', PIA0202: 'SA' }, { PIA0201: 'B' }] }] }],
    });
    const before = wrap('ORDRSP:D:01B:UN', ['BGM+231+1', 'DTM+137:20261120:102', 'LIN+1', 'PIA+1+A*B:SA', 'UNS+S']);
    expect(value(before)).toMatchObject({ SG26: [{ PIA: [{ PIA02: { PIA0201: 'A*B' } }] }] });
  });

  it.each<[string[], string[]]>([
    [['MandatorySegmentMissing'], ['DTM+137:20261120:102']],
    [['MandatorySegmentMissing', 'MandatorySegmentMissing'], []],
    [['ElementMissing'], ['BGM+220+1', 'DTM+:20261120:102']],
    [['ElementMissing'], ['BGM+220+1', 'DTM']],
    [['InvalidDate'], ['BGM+220+1', 'DTM+137:20260230:102']],
    [['InvalidDate'], ['BGM+220+1', 'DTM+137:202602202460:203']],
    [['InvalidDate'], ['BGM+220+1', 'DTM+137:26-02-20:102']],
    [[], ['BGM+220+1', 'DTM+137:240229:101']],
    [['ElementTooLong'], ['BGM+2200+1', 'DTM+137:20261120:102']],
    [['ElementTooLong'], [`BGM+220+${'1'.repeat(36)}`, 'DTM+137:20261120:102']],
    [['TooManyElements'], ['BGM+220+1+9+AB+X', 'DTM+137:20261120:102']],
    [['TooManyComponents'], ['BGM+220+1:2', 'DTM+137:20261120:102']],
    [['TooManyComponents'], ['BGM+220+1', 'DTM+137:20261120:102:X']],
    [['MisplacedSegment'], ['BGM+220+1', 'DTM+137:20261120:102', 'QTY+21:1']],
    [['SegmentNotInMessage'], ['BGM+220+1', 'DTM+137:20261120:102', 'CPS+1']],
    [['UnknownSegment'], ['BGM+220+1', 'DTM+137:20261120:102', 'XYZ+1']],
    [['SegmentMaxUse'], ['BGM+220+1', 'BGM+220+2', 'DTM+137:20261120:102']],
    [['SegmentMaxUse'], ['BGM+220+1', 'DTM+137:20261120:102', ...Array<string>(6).fill('ALI+DE')]],
    [['GroupMaxUse'], ['BGM+220+1', 'DTM+137:20261120:102', ...Array<string>(11).fill('RFF+ON:1')]],
    [['InvalidNumber'], ['BGM+220+1', 'DTM+137:20261120:102', 'LIN+1', 'QTY+21:1.2.3']],
    [[], ['BGM+220+1', 'DTM+137:20261120:102', 'LIN+1', 'QTY+21:-1,5']],
  ])('%j', (want, segments) => expect(codes(decode(wrap('ORDERS:D:96A:UN', [...segments, 'UNS+S'])))).toEqual(want));

  it('takes a segment that comes too late where it belongs', () => {
    const decoded = decode(
      wrap('ORDERS:D:96A:UN', ['BGM+220+1', 'RFF+CT:1', 'DTM+137:20261120:102', 'ALI+DE', 'UNS+S']),
    );
    // The DTM belongs to the reference that it follows; the ALI to nothing that is open.
    expect(codes(decoded)).toEqual(['MisplacedSegment', 'MandatorySegmentMissing']);
    const { value } = decoded.interchanges[0]!.groups[0]!.transactions[0]!;
    expect(value).toMatchObject({ ALI: [{ ALI01: 'DE' }], SG1: [{ RFF: {}, DTM: [{}] }] });
  });

  it('places of elements', () => {
    const text = wrap('ORDERS:D:96A:UN', ['BGM+220+1', 'DTM+137:20261120:102', 'LIN+1', 'QTY+21:x', 'UNS+S']);
    expect(decode(text).interchanges[0]!.groups[0]!.transactions[0]!.problems).toMatchObject([
      {
        message: 'QTY0102 Quantity is no number',
        place: { segment: 6, segmentId: 'QTY', element: 1 },
        syntax: { position: 5, element: 1, component: 2 },
      },
    ]);
  });

  it('a reference that came before is a duplicate; counts follow the policy of the partner', () => {
    const twice = small().replace('UNZ+1', "UNH+1+PRICAT:D:96A:UN'UNT+2+1'UNZ+2");
    expect(codes(decode(twice))).toEqual(['UnknownMessage', 'DuplicateReference']);
    const severities = (envelopeErrors: 'Reject' | 'Warn' | 'Accept') =>
      decode(small(undefined, 9), { envelopeErrors }).interchanges[0]!.groups[0]!.transactions[0]!.problems.map(
        ({ severity }) => severity,
      );
    expect([severities('Reject'), severities('Warn'), severities('Accept')]).toEqual([['Error'], ['Warning'], []]);
  });
});

describe('character sets', () => {
  const name = (syntax: string, bytes: Buffer) => {
    const [before, after] = wrap(
      'ORDERS:D:96A:UN',
      ['BGM+220+1', 'DTM+137:20261120:102', 'FTX+AAI+++|', 'UNS+S'],
      syntax,
    ).split('|');
    const decoded = decodeEdifact(Buffer.concat([Buffer.from(before!), bytes, Buffer.from(after!)]));
    const { FTX } = decoded.interchanges[0]!.groups[0]!.transactions[0]!.value as {
      FTX: [{ FTX04: { FTX0401: string } }];
    };
    return [FTX[0].FTX04.FTX0401, ...codes(decoded)];
  };
  it.each<[string, number[], string[]]>([
    ['UNOA:3', [0xe9], ['é']],
    ['UNOC:3', [0xe9], ['é']],
    ['UNOD:3', [0xb3], ['ł']],
    ['UNOE:3', [0xd6], ['ж']],
    ['UNOF:3', [0xf9], ['ω']],
    ['UNOY:4', [...Buffer.from('東')], ['東']],
    ['UNOW:4', [...Buffer.from('ж')], ['ж']],
    ['UNOC:3', [...Buffer.from('é')], ['é', 'Encoding']],
    ['UNOY:4', [0xe9], ['é', 'Encoding']],
    ['UNOX:4', [0xe9], ['é', 'Encoding']],
  ])('%s', (syntax, bytes, want) => expect(name(syntax, Buffer.from(bytes))).toEqual(want));
});
