import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeX12, withEnvelopeErrors } from './decode.ts';
import { kinds, type ProblemCode } from './problem.ts';
import { again, allCodes, decodeText, firstTransaction, ISA, ISA_00501, wrap } from './testdata/build.ts';

const file = (name: string) => readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8');
const FILES = ['orders-850.edi', 'notice-856.edi', 'invoice-810.edi', 'response-855.edi', 'acknowledgment-997.edi'];

const BSN = 'BSN*00*S*20261123*1200';
const BSN_OK = 'BSN*00*SHIP*20261123*1200';
const HL = 'HL*1**S';

describe('whole files', () => {
  it.each(FILES)('%s reads without a problem', (name) => expect(allCodes(decodeText(file(name)))).toEqual([]));

  it('reads a ship notice as a tree', () => {
    const value = firstTransaction(decodeText(file('notice-856.edi'))).value as Record<string, unknown>;
    expect(value.BSN).toEqual({ BSN01: '00', BSN02: 'SHIP-77812', BSN03: '20261124', BSN04: '2230', BSN05: '0001' });
    expect(value.DTM).toEqual([
      { DTM01: '011', DTM02: '20261124', DTM03: '1830', DTM04: 'ET' },
      { DTM01: '017', DTM02: '20261127' },
    ]);
    expect(value.CTT).toEqual({ CTT01: '7', CTT02: '144' });
    const item = (number: string, gtin: string, quantity: string) => ({
      HL: { HL01: number },
      LIN: { LIN02: 'UP', LIN03: gtin },
      SN1: { SN102: quantity },
    });
    expect(value.HLLoop).toMatchObject([
      {
        HL: { HL01: '1', HL03: 'S' },
        N1Loop: [
          {
            N1: { N101: 'SF', N102: 'Acme Supplies', N103: '1', N104: '081940553' },
            N3: [{ N301: '900 River Road' }],
            N4: { N401: 'Louisville', N402: 'KY', N403: '40201', N404: 'US' },
          },
          { N1: { N101: 'ST', N104: 'BER1' } },
        ],
        HLLoop: [
          {
            PRF: { PRF01: 'PO-1001', PRF04: '20261120' },
            HLLoop: [
              {
                MAN: [{ MAN02: '00008194055300000011' }],
                HLLoop: [item('4', '012345678905', '60'), item('5', '012345678912', '24')],
              },
              { MAN: [{ MAN02: '00008194055300000028' }], HLLoop: [item('7', '012345678905', '60')] },
            ],
          },
        ],
      },
    ]);
  });

  it('reads envelopes, and several transactions of a group', () => {
    const [interchange] = decodeText(file('orders-850.edi')).interchanges;
    expect(interchange).toMatchObject({
      control: '000000412',
      sender: { qualifier: 'ZZ', value: 'EXDIST' },
      receiver: { qualifier: '01', value: '081940553' },
      usage: 'Production',
      version: '00401',
      isa: { ISA09: '261120', ISA14: '1' },
      groups: [
        {
          functionalId: 'PO',
          control: '412',
          version: '004010',
          sender: 'EXDIST',
          receiver: '081940553',
          declaredTransactions: 2,
        },
      ],
    });
    expect(
      interchange!.groups[0]!.transactions.map(({ id, control, index, name }) => ({ id, control, index, name })),
    ).toEqual([
      { id: '850', control: '0001', index: 0, name: 'Purchase Order' },
      { id: '850', control: '0002', index: 1, name: 'Purchase Order' },
    ]);
  });

  it('takes the delimiters and the usage from the ISA', () => {
    const [interchange] = decodeText(file('invoice-810.edi')).interchanges;
    expect(interchange!.delimiters).toEqual({ element: '|', segment: '\n', component: ':', repetition: '' });
    expect(interchange!.usage).toBe('Test');
  });
});

describe('what transports do to files', () => {
  const text = file('orders-850.edi');
  const want = JSON.stringify(
    decodeText(text).interchanges[0]!.groups.map((group) => group.transactions.map(({ value }) => value)),
  );
  const read = (changed: string | Buffer) => {
    const decoded = decodeX12(Buffer.from(changed as string));
    expect(allCodes(decoded)).toEqual([]);
    expect(
      JSON.stringify(decoded.interchanges[0]!.groups.map((group) => group.transactions.map(({ value }) => value))),
    ).toBe(want);
    return decoded;
  };
  it('CRLF after the terminator', () => read(text.replaceAll('\n', '\r\n')));
  it('no line breaks', () => read(text.replaceAll('\n', '')));
  it('CR alone as the terminator', () => read(text.replaceAll('~\n', '\r')));
  it('CRLF as the terminator', () => read(text.replaceAll('~\n', '\r\n')));
  it('wrapped at 80 columns', () => read(text.replaceAll('\n', '').replaceAll(/.{80}/g, '$&\r\n')));
  it('a byte order mark, blank lines, and an end-of-file mark', () => read(`\ufeff\r\n  \n${text}\n\n\x1a`));
  it('unusual delimiters', () => {
    const odd = text.replaceAll('*', '\u00a7').replaceAll('~', "'").replaceAll('>', '\u001f');
    expect(read(odd).interchanges[0]!.delimiters).toMatchObject({
      element: '\u00a7',
      segment: "'",
      component: '\u001f',
    });
  });
  it('several interchanges with delimiters of their own', () => {
    const decoded = decodeText(text + file('invoice-810.edi') + file('notice-856.edi'));
    expect(allCodes(decoded)).toEqual([]);
    const transactions = decoded.interchanges.flatMap(({ groups }) => groups.flatMap((group) => group.transactions));
    expect(transactions.map(({ id, index }) => [id, index])).toEqual([
      ['850', 0],
      ['850', 1],
      ['810', 2],
      ['856', 3],
    ]);
  });
  it('ISO 8859-1, said', () => {
    const decoded = decodeX12(Buffer.from(text.replace('M. Keller', 'M. K\u00f6hler'), 'latin1'));
    expect(allCodes(decoded)).toEqual(['x12.Encoding']);
    expect(firstTransaction(decoded).value).toMatchObject({ PER: [{ PER02: 'M. K\u00f6hler' }] });
  });
});

describe('places', () => {
  it('line, segment, element and byte, also in UTF-8', () => {
    const text = wrap('856', [
      BSN_OK,
      'DTM*011*20261123',
      HL,
      'N1*ST*Br\u00fccke 7',
      'HL*2*1*I',
      'SN1*1*1x*EA',
    ]).replaceAll('~', '~\n');
    const [problem] = firstTransaction(decodeText(text)).problems;
    expect(problem).toMatchObject({
      code: 'x12.InvalidNumber',
      severity: 'Error',
      place: { line: 9, segment: 9, segmentId: 'SN1', element: 2 },
    });
    expect(Buffer.from(text).subarray(problem!.place.byte).toString().startsWith('SN1*1*1x')).toBe(true);
    expect(problem!.message).toBe('SN102 Number of Units Shipped is no decimal number');
  });

  it('of the end of a truncated file', () => {
    const text = file('orders-850.edi');
    const decoded = decodeText(text.slice(0, text.indexOf('PO1*2')));
    expect(decoded.problems).toMatchObject([
      { code: 'x12.Truncated', severity: 'Error', place: { line: 26, byte: text.indexOf('PO1*2') } },
    ]);
    expect(firstTransaction(decoded).problems).toMatchObject([{ code: 'x12.TransactionTrailerMissing' }]);
  });
});

/** The smallest text that shows each problem, alone. */
const cases: [ProblemCode, string, object?][] = [
  ['x12.NotX12', "UNA:+.? 'UNB+UNOA:1+A+B+261123:1200+1'"],
  ['x12.NotX12', ''],
  ['x12.NotX12', '\u0000\u0001\u0002\u00ff'],
  ['x12.TooLarge', wrap('856', [BSN_OK, HL]), { maxBytes: 100 }],
  ['x12.LastTerminator', `${ISA}GS*SH*ACME*EXDIST*20261123*1200*7*X*004010~GE*0*7~IEA*1*000000007`],
  ['x12.Truncated', `${ISA}GS*SH*ACME*EXDIST*20261123*1200*7*X*004010~GE*0*7~IEA*1*0000000`],
  ['x12.Truncated', `${ISA}GS*SH*ACME*EXDIST*20261123*1200*7*X*004010~GE*0*7~`],
  ['x12.Truncated', ISA.slice(0, 60)],
  ['x12.Truncated', ISA.slice(0, 105)],
  ['x12.TrailingBytes', `Subject: orders\n\n${wrap('856', [BSN_OK, HL])}`],
  ['x12.TrailingBytes', `${wrap('856', [BSN_OK, HL])}<eof>`],
  ['x12.ISA', ISA.replace('*P*>~', '*P*>A')],
  ['x12.ISAWidth', wrap('856', [BSN_OK, HL]).replaceAll(/ +(?=\*)/g, '')],
  ['x12.UnexpectedSegment', wrap('856', [BSN_OK, HL]).replace('GE*', 'REF*BM*1~GE*')],
  ['x12.UnexpectedSegment', wrap('856', [BSN_OK, HL]).replace('GS*', 'REF*BM*1~GS*')],
  ['x12.UnexpectedSegment', wrap('856', [BSN_OK, HL]).replace('IEA*', 'GE*1*7~IEA*')],
  ['x12.IEA01', wrap('856', [BSN_OK, HL]).replace('IEA*1', 'IEA*2')],
  ['x12.IEA02', wrap('856', [BSN_OK, HL]).replace('IEA*1*000000007', 'IEA*1*000000008')],
  ['x12.GroupHeaderMissing', wrap('856', [BSN_OK, HL]).replace(/GS[^~]*~/, '')],
  ['x12.GroupTrailerMissing', wrap('856', [BSN_OK, HL]).replace('GE*1*7~', '')],
  ['x12.GE01', wrap('856', [BSN_OK, HL]).replace('GE*1', 'GE*3')],
  ['x12.GE02', wrap('856', [BSN_OK, HL]).replace('GE*1*7', 'GE*1*8')],
  ['x12.TransactionTrailerMissing', wrap('856', [BSN_OK, HL]).replace(/SE[^~]*~/, '')],
  ['x12.SE01', wrap('856', [BSN_OK, HL]).replace('SE*4', 'SE*5')],
  ['x12.SE01', wrap('856', [BSN_OK, HL]).replace('SE*4', 'SE*4.0')],
  ['x12.SE02', wrap('856', [BSN_OK, HL]).replace('SE*4*0001', 'SE*4*0002')],
  [
    'x12.DuplicateControlNumber',
    wrap('856', [BSN_OK, HL])
      .replace(/ST\*856.*(?=GE)/, '$&$&')
      .replace('GE*1', 'GE*2'),
  ],
  ['x12.UnknownTransaction', wrap('999999', ['ABC*1']).replaceAll('999999', '204')],
  ['x12.UnknownSegment', wrap('856', [BSN_OK, 'ZZZ*1', HL])],
  ['x12.SegmentNotInTransaction', wrap('856', [BSN_OK, HL, 'PO1*1'])],
  ['x12.MisplacedSegment', wrap('856', [BSN_OK, 'TD1*CTN25*1', HL])],
  ['x12.MandatorySegmentMissing', wrap('856', [HL])],
  ['x12.MandatorySegmentMissing', wrap('856', [BSN_OK])],
  ['x12.LoopMaxUse', wrap('810', ['BIG*20261123*1', 'N9*AB*1', 'MSG*a', 'N9*AB*2', 'MSG*a', 'TDS*1'], 'IN')],
  ['x12.SegmentMaxUse', wrap('856', [BSN_OK, HL, 'PER*BD', 'PER*BD', 'PER*BD', 'PER*BD'])],
  ['x12.SegmentMaxUse', wrap('856', [BSN_OK, HL, 'PRF*1', 'PRF*2'])],
  ['x12.HLParent', wrap('856', [BSN_OK, HL, 'HL*2*9*O'])],
  ['x12.HLDuplicate', wrap('856', [BSN_OK, HL, 'HL*1*1*O'])],
  ['x12.HLTooDeep', wrap('856', [BSN_OK, HL, ...Array.from({ length: 100 }, (_, i) => `HL*${i + 2}*${i + 1}*I`)])],
  ['x12.ElementMissing', wrap('856', ['BSN*00**20261123*1200', HL])],
  ['x12.ElementMissing', wrap('856', ['BSN*00*SHIP*20261123', HL])],
  [
    'x12.ElementMissing',
    wrap('997', ['AK1*SH*1', 'AK2*856*0001', 'AK3*BSN*2**8', 'AK4*>2**1', 'AK5*R', 'AK9*R*1*1*0'], 'FA'),
  ],
  ['x12.ConditionalElementMissing', wrap('856', [BSN_OK, HL, 'REF*BM'])],
  ['x12.ConditionalElementMissing', wrap('856', [BSN_OK, HL, 'N1*ST*Berlin*92'])],
  ['x12.ConditionalElementMissing', wrap('856', [BSN_OK, HL, 'TD1*CTN25'])],
  ['x12.ElementsExclusive', wrap('850', ['BEG*00*SA*1**20261123', 'PO1*1*1*EA', 'QTY*01*1**ABC'], 'PO')],
  ['x12.TooManyElements', wrap('856', [`${BSN_OK}****x`, HL])],
  [
    'x12.TooManyComponents',
    wrap('997', ['AK1*SH*1', 'AK2*856*0001', 'AK3*BSN*2**8', 'AK4*2>1>9**1', 'AK5*R', 'AK9*R*1*1*0'], 'FA'),
  ],
  ['x12.TooManyRepetitions', wrap('856', ['BSN*00*SH^IP*20261123*1200', HL], 'SH', '005010', ISA_00501)],
  ['x12.ElementTooShort', wrap('856', [BSN, HL])],
  ['x12.ElementTooLong', wrap('856', [BSN_OK, HL, `REF*BM*${'1'.repeat(31)}`])],
  ['x12.InvalidCharacter', wrap('856', [BSN_OK, HL, 'REF*BM*a\u0007b'])],
  ['x12.InvalidNumber', wrap('856', [BSN_OK, HL, 'SN1**1,5*EA'])],
  ['x12.InvalidNumber', wrap('810', ['BIG*20261123*1', 'TDS*12.50'], 'IN')],
  ['x12.InvalidDate', wrap('856', ['BSN*00*SHIP*20260230*1200', HL])],
  ['x12.InvalidTime', wrap('856', ['BSN*00*SHIP*20261123*2460', HL])],
  ['x12.ComponentInSimpleElement', wrap('856', [BSN_OK, HL, 'REF*BM*a>b'])],
];

describe('what partners do', () => {
  it('takes a segment that comes too late where it belongs', () => {
    const late = wrap('810', ['BIG*20261123*1', 'ISS*10*EA', 'TDS*1250', 'CAD*T***ROAD', 'CTT*1'], 'IN');
    const decoded = decodeText(late);
    expect(allCodes(decoded)).toEqual(['x12.MisplacedSegment', 'x12.MisplacedSegment']);
    const value = firstTransaction(decoded).value;
    expect(value).toMatchObject({ TDS: { TDS01: '1250' }, CAD: { CAD01: 'T' }, ISSLoop: [{ ISS: { ISS01: '10' } }] });
    expect(value).not.toHaveProperty('unknown');
    expect(again(late).text).toMatch(/BIG[^~]*~TDS[^~]*~CAD[^~]*~ISS/);
  });

  it('reads an ISA that leaves ISA16 out', () => {
    const text = wrap('856', [BSN_OK, HL, 'REF*BM*a>b']).replace(/>~/, '~').replaceAll('~', '~\n');
    const decoded = decodeText(text);
    expect(decoded.interchanges[0]!.problems).toMatchObject([
      { code: 'x12.ISAWidth', message: 'ISA16 has 0 characters, not 1' },
    ]);
    expect(allCodes(decoded)).toEqual(['x12.ISAWidth']);
    expect(firstTransaction(decoded)).toMatchObject({
      control: '0001',
      value: { HLLoop: [{ REF: [{ REF02: 'a>b' }] }] },
    });
  });

  it('says at the end of the text what is missing there', () => {
    const text = wrap('856', [BSN_OK, HL]).replace(/SE\*.*/s, '');
    const [group] = decodeText(text).interchanges[0]!.groups;
    const end = { byte: text.length, line: 1 };
    expect(group!.problems).toMatchObject([{ code: 'x12.GroupTrailerMissing', place: end }]);
    expect(group!.transactions[0]!.problems).toMatchObject([{ code: 'x12.TransactionTrailerMissing', place: end }]);
  });

  it('ends a segment whose terminator is missing with its line, where segments stand in lines', () => {
    const lines = wrap('856', [BSN_OK, HL, 'REF*BM*1', 'REF*CN*2']).replaceAll('~', '~\n');
    const decoded = decodeText(lines.replace('BM*1~', 'BM*1'));
    expect(decoded.interchanges[0]!.problems).toMatchObject([
      { code: 'x12.TerminatorMissing', place: { line: 6, segmentId: 'REF' } },
    ]);
    expect(allCodes(decoded)).toEqual(['x12.TerminatorMissing']);
    expect(firstTransaction(decoded).value).toEqual(firstTransaction(decodeText(lines)).value);
    // A line break without an id behind it is wrapped text.
    expect(allCodes(decodeText(lines.replace('BM*1~', 'BM*\r\n1~')))).toEqual([]);
  });

  it('takes of a BIN as many characters as it says', () => {
    const decoded = decodeText(wrap('204', ['BIN*9*a~b*c\r\nde', 'L11*1*PO']));
    expect(firstTransaction(decoded).value).toMatchObject({
      segments: [
        { id: 'BIN', elements: ['9', 'a~b*c\r\nde'] },
        { id: 'L11', elements: ['1', 'PO'] },
      ],
    });
    const wrong = firstTransaction(decodeText(wrap('204', ['BIN*99999*a', 'L11*1*PO'])));
    expect(wrong.value).toMatchObject({ segments: [{ id: 'BIN', elements: ['99999', 'a'] }, { id: 'L11' }] });
  });

  it('keeps ST03 of a transaction without a table', () => {
    const text = wrap('204', ['B2**SCAC**1']).replace('ST*204*0001', '$&*005010X1');
    expect(firstTransaction(decodeText(text)).value).toMatchObject({ ST: { ST03: '005010X1' } });
  });
});

describe('problems', () => {
  it.each(cases)('%s %s', (code, text, options) => {
    const codes = allCodes(decodeText(text, options));
    expect(codes).toContain(code);
    // Truncation and missing headers bring others along; everything else stands alone.
    if (!/Truncated|GroupHeaderMissing|Trailer|SE01$/.test(code)) expect(new Set(codes)).toEqual(new Set([code]));
  });

  it('has a case for each code of the decoder', () => {
    const elsewhere = [
      'x12.Encoding',
      'x12.LowerCaseId',
      'x12.TerminatorMissing',
      'x12.ST01',
      'x12.ST02',
      'x12.DelimiterInData',
      'x12.InvalidValue',
      'x12.UnknownKey',
      'x12.Envelope',
      'x12.TooManyProblems',
    ];
    expect(Object.keys(kinds).filter((code) => !cases.some(([known]) => known === code))).toEqual(elsewhere);
  });

  it('an ST without its elements', () => {
    const decoded = decodeText(wrap('856', [BSN_OK, HL]).replace('ST*856*0001', 'ST').replace('SE*4*0001', 'SE*4'));
    expect(allCodes(decoded)).toEqual(['x12.ST01', 'x12.ST02']);
  });

  it('stops listing after a thousand', () => {
    const decoded = decodeText(wrap('856', [BSN_OK, HL, ...Array.from({ length: 5000 }, () => 'ZZZ*1')]));
    expect(firstTransaction(decoded).problems).toHaveLength(1001);
    expect(firstTransaction(decoded).problems.at(-1)!.code).toBe('x12.TooManyProblems');
  });

  it('counts interchanges too', () => {
    const empty = `${ISA}IEA*0*000000007~`;
    const decoded = decodeText(empty.repeat(100), { maxSegments: 500 });
    expect(decoded.interchanges.length).toBeLessThan(60);
    expect(decoded.problems).toMatchObject([{ code: 'x12.TooLarge', severity: 'Error' }]);
  });

  it('reads up to maxSegments', () => {
    const decoded = decodeText(wrap('856', [BSN_OK, HL, ...Array.from({ length: 50 }, () => 'REF*BM*1')]), {
      maxSegments: 20,
    });
    expect(decoded.problems).toMatchObject([{ code: 'x12.TooLarge', severity: 'Error' }]);
  });
});

describe('what is not understood is kept', () => {
  it('unknown and misplaced segments, in the loop where they stood', () => {
    const value = firstTransaction(
      decodeText(wrap('856', [BSN_OK, 'TD1*CTN25*1', HL, 'ZZZ*a**b', 'N1*ST*Berlin', 'BSN*00*X'])),
    ).value;
    expect(value).toMatchObject({
      unknown: [{ id: 'TD1', elements: ['CTN25', '1'], position: 3 }],
      HLLoop: [
        {
          unknown: [{ id: 'ZZZ', elements: ['a', '', 'b'], position: 5 }],
          N1Loop: [{ unknown: [{ id: 'BSN', elements: ['00', 'X'], position: 7 }] }],
        },
      ],
    });
  });

  it('an unknown transaction, as a list', () => {
    expect(firstTransaction(decodeText(wrap('204', ['B2**SCAC**1234', 'B2A*00'], 'SM'))).value).toEqual({
      segments: [
        { id: 'B2', elements: ['', 'SCAC', '', '1234'] },
        { id: 'B2A', elements: ['00'] },
      ],
    });
  });

  it('a level whose parent is not there, at the top', () => {
    expect(firstTransaction(decodeText(wrap('856', [BSN_OK, HL, 'HL*2*9*O']))).value).toMatchObject({
      HLLoop: [{ HL: { HL01: '1' } }, { HL: { HL02: '9' } }],
    });
  });

  it('segments between transactions, and a TA1', () => {
    const [interchange] = decodeText(
      wrap('856', [BSN_OK, HL]).replace('GE*', 'REF*BM*1~GE*').replace('GS*', 'TA1*000000006*261123*1200*A*000~GS*'),
    ).interchanges;
    expect(interchange!.unknown).toEqual([{ id: 'REF', elements: ['BM', '1'], position: 7 + 1 }]);
    expect(interchange!.interchangeAcknowledgments).toEqual([
      { TA101: '000000006', TA102: '261123', TA103: '1200', TA104: 'A', TA105: '000' },
    ]);
  });
});

describe('versions', () => {
  it('005010: repetition separator from ISA11, longer references, ST03', () => {
    const text = wrap('856', [BSN_OK, HL, `REF*BM*${'1'.repeat(50)}`], 'SH', '005010', ISA_00501).replace(
      'ST*856*0001',
      'ST*856*0001*X',
    );
    const decoded = decodeText(text);
    expect(allCodes(decoded)).toEqual([]);
    expect(decoded.interchanges[0]!.delimiters.repetition).toBe('^');
  });
  it('003040: dates of six digits', () => {
    expect(allCodes(decodeText(wrap('856', ['BSN*00*SHIP*261123*1200', HL], 'SH', '003040')))).toEqual([]);
    expect(allCodes(decodeText(wrap('856', ['BSN*00*SHIP*261123*1200', HL], 'SH', '004010')))).toEqual([
      'x12.ElementTooShort',
    ]);
  });
});

describe('envelope policy', () => {
  const text = wrap('856', [BSN_OK, HL]).replace('SE*4', 'SE*5').replace('GE*1', 'GE*9');
  const severities = (decoded: ReturnType<typeof decodeText>) =>
    decoded.interchanges
      .flatMap(({ groups }) => groups.flatMap((group) => [...group.problems, ...group.transactions[0]!.problems]))
      .map(({ severity }) => severity);
  it('rejects, warns or accepts', () => {
    expect(severities(decodeText(text))).toEqual(['Error', 'Error']);
    expect(severities(decodeText(text, { envelopeErrors: 'Warn' }))).toEqual(['Warning', 'Warning']);
    expect(severities(decodeText(text, { envelopeErrors: 'Accept' }))).toEqual([]);
  });
  it('can be applied later', () => {
    const decoded = decodeText(text);
    withEnvelopeErrors(decoded.interchanges[0]!, 'Warn');
    expect(severities(decoded)).toEqual(['Warning', 'Warning']);
  });
  it('leaves other Errors as they are', () => {
    expect(allCodes(decodeText(wrap('856', [HL]), { envelopeErrors: 'Accept' }))).toEqual([
      'x12.MandatorySegmentMissing',
    ]);
  });
});

describe('encode(decode(text)) = text', () => {
  it.each(FILES)('%s', (name) => {
    const text = file(name);
    expect(again(text, name === 'notice-856.edi' || name === 'invoice-810.edi' ? '' : '\n')).toEqual({
      text,
      problems: [],
    });
  });
  it('with segments that have no place', () => {
    const text = wrap('856', [
      'ZZA*1',
      BSN_OK,
      'ZZB*1**3',
      'TD1*CTN25*1',
      HL,
      'N1*ST*Berlin',
      'ZZC',
      'HL*2*1*O',
      'ZZD*1',
      'CTT*2',
      'ZZE*1',
    ]);
    expect(again(text).text).toBe(text);
  });
  it('of a transaction without a table', () => {
    const text = wrap('204', ['B2**SCAC**1234', 'B2A*00', 'ZZ*a>b'], 'SM');
    expect(again(text)).toEqual({ text, problems: [] });
  });
});
