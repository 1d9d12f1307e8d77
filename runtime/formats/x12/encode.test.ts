import { describe, expect, it } from 'vitest';
import { defaultDelimiters, type Envelope, encodeX12, type OutgoingTransaction } from './encode.ts';
import { allCodes, decodeText } from './testdata/build.ts';

const envelope: Envelope = {
  sender: { qualifier: 'ZZ', value: 'EXDIST' },
  receiver: { qualifier: '01', value: '081940553' },
  usage: 'Test',
  version: '004010',
  control: 7,
  groupControl: 7,
  at: new Date('2026-11-23T12:05:00Z'),
  delimiters: { ...defaultDelimiters, segment: '~\n' },
};
const BEG = { BEG01: '00', BEG02: 'SA', BEG03: 'PO-1', BEG05: '20261123' };
const order = (value: object = {}): OutgoingTransaction => ({
  id: '850',
  value: { BEG, PO1Loop: [{ PO1: { PO102: 1, PO103: 'EA' } }], ...value },
});
const notice = (value: object): OutgoingTransaction => ({
  id: '856',
  value: { BSN: { BSN01: '00', BSN02: 'SHIP', BSN03: '20261123', BSN04: '1200' }, ...value },
});
const encode = (transactions: OutgoingTransaction[], changes: Partial<Envelope> = {}) =>
  encodeX12({ ...envelope, ...changes }, transactions);
/** Segments between ST and SE of the first transaction. */
const body = (transaction: OutgoingTransaction, changes: Partial<Envelope> = {}) =>
  /\nST\*.*?~\n([\s\S]*?)~\nSE/.exec(encode([transaction], changes).text)![1]!.split('~\n');
const codes = (transaction: OutgoingTransaction, changes: Partial<Envelope> = {}) =>
  encode([transaction], changes).problems.map(({ code }) => code);

describe('envelopes', () => {
  it('pads the ISA, counts segments, transactions and groups', () => {
    const { text, problems } = encode([order(), order(), notice({ HLLoop: [{ HL: { HL03: 'S' } }] })]);
    expect(problems).toEqual([]);
    expect(text.split('~\n')).toEqual([
      'ISA*00*          *00*          *ZZ*EXDIST         *01*081940553      *261123*1205*U*00401*000000007*0*T*>',
      'GS*PO*EXDIST*081940553*20261123*1205*7*X*004010',
      'ST*850*0001',
      'BEG*00*SA*PO-1**20261123',
      'PO1**1*EA',
      'SE*4*0001',
      'ST*850*0002',
      'BEG*00*SA*PO-1**20261123',
      'PO1**1*EA',
      'SE*4*0002',
      'GE*2*7',
      'GS*SH*EXDIST*081940553*20261123*1205*8*X*004010',
      'ST*856*0001',
      'BSN*00*SHIP*20261123*1200',
      'HL*1**S*0',
      'SE*4*0001',
      'GE*1*8',
      'IEA*2*000000007',
      '',
    ]);
    expect(allCodes(decodeText(text))).toEqual([]);
  });

  it('writes the repetition separator from 004020 on, and short dates before 004010', () => {
    expect(encode([order()], { version: '005010' }).text).toContain('*1205*^*00501*');
    expect(encode([order()], { version: '003040' }).text).toContain('GS*PO*EXDIST*081940553*261123*1205*');
  });

  it('takes control numbers and other codes that are given', () => {
    const { text } = encode([{ ...order(), control: '77001' }], {
      groupSender: 'EXD',
      groupReceiver: 'ACME',
      acknowledgmentRequested: true,
      usage: 'Production',
    });
    expect(text).toContain('*000000007*1*P*>~');
    expect(text).toContain('GS*PO*EXD*ACME*');
    expect(text).toContain('ST*850*77001~');
    expect(text).toContain('SE*4*77001~');
  });

  it.each<[string, Partial<Envelope>]>([
    ['a sender that is too long', { sender: { qualifier: 'ZZ', value: 'A'.repeat(16) } }],
    ['a sender with a delimiter', { sender: { qualifier: 'ZZ', value: 'A*B' } }],
    ['no sender', { sender: { qualifier: 'ZZ', value: '' } }],
    ['a qualifier of one character', { receiver: { qualifier: 'Z', value: 'ACME' } }],
    ['a control number of ten digits', { control: 1e9 }],
    ['a group number of ten digits', { groupControl: 1e9 }],
    ['a group code of one character', { groupSender: 'A' }],
    ['delimiters that are the same', { delimiters: { ...defaultDelimiters, component: '*' } }],
    ['a letter as a delimiter', { delimiters: { ...defaultDelimiters, element: 'x' } }],
    ['text after the terminator', { delimiters: { ...defaultDelimiters, segment: '~x' } }],
    ['no repetition separator in 005010', { version: '005010', delimiters: { ...defaultDelimiters, repetition: '' } }],
    ['a version that is none', { version: 'D96A' }],
  ])('refuses %s', (_, changes) => {
    expect(encode([order()], changes).problems.map(({ code, severity }) => [code, severity])).toContainEqual([
      'x12.Envelope',
      'Error',
    ]);
  });

  it('refuses to send nothing, or a transaction of an unknown group', () => {
    expect(encode([]).problems).toMatchObject([{ code: 'x12.Envelope' }]);
    expect(codes({ id: '204', value: { segments: [] } })).toEqual(['x12.Envelope']);
    expect(codes({ id: '204', functionalId: 'SM', value: { segments: [] } })).toEqual([]);
  });
});

describe('what follows from the rest', () => {
  it('numbers HL levels, parents and children', () => {
    const item = { HL: { HL03: 'I' }, SN1: { SN102: 1, SN103: 'EA' } };
    const value = {
      HLLoop: [
        {
          HL: { HL03: 'S' },
          HLLoop: [
            { HL: { HL03: 'O' }, HLLoop: [item, item] },
            { HL: { HL03: 'O' }, HLLoop: [item] },
          ],
        },
      ],
      CTT: {},
    };
    expect(body(notice(value)).filter((line) => /^(HL|CTT)/.test(line))).toEqual([
      'HL*1**S*1',
      'HL*2*1*O*1',
      'HL*3*2*I*0',
      'HL*4*2*I*0',
      'HL*5*1*O*1',
      'HL*6*5*I*0',
      'CTT*6',
    ]);
  });
  it('keeps HL numbers that are given, and adds no HL04 to them', () => {
    const value = { HLLoop: [{ HL: { HL01: '10', HL03: 'S' }, HLLoop: [{ HL: { HL01: '20', HL03: 'O' } }] }] };
    expect(body(notice(value)).slice(1)).toEqual(['HL*10**S', 'HL*20*10*O']);
  });
  it('counts lines for CTT01 unless it is given', () => {
    const PO1Loop = [{ PO1: { PO102: 1, PO103: 'EA' } }, { PO1: { PO102: 2, PO103: 'EA' } }];
    expect(body(order({ PO1Loop, CTT: {} })).at(-1)).toBe('CTT*2');
    expect(body(order({ PO1Loop, CTT: { CTT02: 3 } })).at(-1)).toBe('CTT*2*3');
    expect(body(order({ PO1Loop, CTT: { CTT01: '9' } })).at(-1)).toBe('CTT*9');
    expect(body(order({ PO1Loop })).at(-1)).toBe('PO1**2*EA');
  });
});

describe('values', () => {
  it('writes segments in the order of the table, whatever the order of the keys', () => {
    expect(
      body(
        order({
          N1Loop: [{ N3: [{ N301: 'a' }], N1: { N102: 'Berlin', N101: 'ST' } }],
          DTM: [{ DTM01: '010', DTM02: '20261123' }],
          CUR: { CUR01: 'BY', CUR02: 'USD' },
        }),
      ),
    ).toEqual(['BEG*00*SA*PO-1**20261123', 'CUR*BY*USD', 'DTM*010*20261123', 'N1*ST*Berlin', 'N3*a', 'PO1**1*EA']);
  });
  it('takes one object for a list, and a segment for a loop', () => {
    expect(
      body(
        order({
          REF: { REF01: 'DP', REF02: '1' },
          N1Loop: { N1: { N101: 'ST', N102: 'B' } },
          PO1Loop: undefined,
          PO1: [{ PO102: 1, PO103: 'EA' }],
        }),
      ),
    ).toEqual(['BEG*00*SA*PO-1**20261123', 'REF*DP*1', 'N1*ST*B', 'PO1**1*EA']);
  });
  it('does not take a plain segment for a loop of the same name', () => {
    expect(body(order({ CTT: {}, AMT: { AMT01: 'TT', AMT02: '1' } })).slice(-2)).toEqual(['CTT*1', 'AMT*TT*1']);
  });
  it('numbers become decimals without an exponent', () => {
    const line = (PO104: unknown) => body(order({ PO1Loop: [{ PO1: { PO102: 1, PO103: 'EA', PO104 } }] })).at(-1);
    expect([0.1, 12, 1e-7, 1e21, '4.750', -3].map(line)).toEqual(
      ['0.1', '12', '0.0000001', '1000000000000000000000', '4.750', '-3'].map((text) => `PO1**1*EA*${text}`),
    );
  });
  it('implied decimals are not added: a fraction is refused', () => {
    const invoice = (TDS01: unknown): OutgoingTransaction => ({
      id: '810',
      value: { BIG: { BIG01: '20261123', BIG02: '1' }, TDS: { TDS01 } },
    });
    expect(body(invoice(1250)).at(-1)).toBe('TDS*1250');
    expect(encode([invoice(12.5)]).problems[0]).toMatchObject({
      code: 'x12.InvalidNumber',
      severity: 'Error',
      place: { path: '/0/TDS/TDS01' },
    });
  });
  it('writes components', () => {
    const MEA = [{ MEA01: 'WT', MEA03: '1', MEA04: { MEA0401: 'LB', MEA0403: '2' } }];
    expect(body(order({ MEA }))[1]).toBe('MEA*WT**1*LB>>2');
  });
  it('delimiters and line breaks within data become blanks, with a warning', () => {
    const { text, problems } = encode([order({ N1Loop: [{ N1: { N101: 'ST', N102: 'A*B~C>D\nE^F' } }] })]);
    expect(text).toContain('N1*ST*A B C D E^F~');
    expect(problems).toMatchObject([
      { code: 'x12.DelimiterInData', severity: 'Warning', place: { path: '/0/N1Loop/0/N1/N102' } },
    ]);
  });
  it('components of what no table describes stay what they are', () => {
    const { text, problems } = encode([order({ REF: [{ REF01: 'IA', REF02: '1', REF09: 'a>b' }] })]);
    expect(text).toContain('REF*IA*1*******a>b~');
    expect(problems.map(({ code }) => code)).toEqual(['x12.TooManyElements']);
  });
  it.each<[string, OutgoingTransaction, string]>([
    ['x12.UnknownKey', order({ REFS: [] }), '/0/REFS'],
    ['x12.UnknownKey', order({ PO1: [{ PO102: 2, PO103: 'EA' }] }), '/0/PO1'],
    ['x12.UnknownKey', order({ CUR: { CUR01: 'BY', CUR02: 'USD', currency: 'x' } }), '/0/CUR/currency'],
    ['x12.UnknownKey', order({ CUR: { CUR01: 'BY', CUR02: 'USD', CUR00: 'x' } }), '/0/CUR/CUR00'],
    ['x12.UnknownKey', order({ MEA: { MEA01: 'WT', MEA03: '1', MEA04: { MEA04: 'LB' } } }), '/0/MEA/MEA04/MEA04'],
    ['x12.InvalidValue', order({ CUR: 'USD' }), '/0/CUR'],
    ['x12.InvalidValue', order({ CUR: { CUR01: 'BY', CUR02: true } }), '/0/CUR/CUR02'],
    ['x12.InvalidValue', order({ CUR: { CUR01: 'BY', CUR02: { a: 1 } } }), '/0/CUR/CUR02'],
    ['x12.InvalidValue', order({ CUR: { CUR01: 'BY', CUR02: ['USD', 'EUR'] } }), '/0/CUR/CUR02'],
    ['x12.InvalidValue', { id: '850', value: 'x' }, '/0'],
    ['x12.InvalidValue', { id: '204', functionalId: 'SM', value: {} }, '/0'],
    ['x12.InvalidValue', { id: '204', functionalId: 'SM', value: { segments: [{ id: 'b2' }] } }, '/0/segments/0'],
    ['x12.MandatorySegmentMissing', { id: '850', value: { BEG } }, '/0/PO1Loop'],
    ['x12.MandatorySegmentMissing', { id: '850', value: { BEG, PO1Loop: [] } }, '/0/PO1Loop'],
    ['x12.ElementMissing', order({ BEG: { ...BEG, BEG03: '' } }), '/0/BEG/BEG03'],
    ['x12.InvalidDate', order({ BEG: { ...BEG, BEG05: '2026-11-23' } }), '/0/BEG/BEG05'],
  ])('%s %#', (code, transaction, path) => {
    expect(encode([transaction]).problems).toContainEqual(
      expect.objectContaining({ code, severity: 'Error', place: expect.objectContaining({ path }) }),
    );
  });
  it('says which list is too long, and writes it', () => {
    const { text, problems } = encode([order({ PER: Array(4).fill({ PER01: 'BD' }) })]);
    expect(problems).toMatchObject([{ code: 'x12.SegmentMaxUse', severity: 'Warning', place: { path: '/0/PER' } }]);
    expect(text.match(/PER\*BD/g)).toHaveLength(4);
  });
  it('refuses levels without an end', () => {
    const level: Record<string, unknown> = { HL: { HL03: 'I' } };
    level.HLLoop = [level];
    expect(codes(notice({ HLLoop: [level] }))).toContain('x12.InvalidValue');
  });
});
