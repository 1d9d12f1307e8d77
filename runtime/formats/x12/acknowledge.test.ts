import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { functionalAcknowledgment, readAcknowledgment } from './acknowledge.ts';
import { defaultDelimiters, encodeX12 } from './encode.ts';
import { allCodes, decodeText, firstTransaction, wrap } from './testdata/build.ts';

const BSN = 'BSN*00*SHIP*20261123*1200';
const HL = 'HL*1**S';
const groupOf = (text: string, options = {}) => decodeText(text, options).interchanges[0]!.groups[0]!;

/** The 997's segments between ST and SE, as they go out; what we wrote must read without a problem. */
function acknowledged(text: string, options = {}): string[] {
  const sides = { sender: { qualifier: 'ZZ', value: 'EXDIST' }, receiver: { qualifier: 'ZZ', value: 'ACME' } };
  const numbers = {
    usage: 'Test' as const,
    version: '004010',
    control: 1,
    groupControl: 1,
    at: new Date(0),
    delimiters: defaultDelimiters,
  };
  const encoded = encodeX12({ ...sides, ...numbers }, [
    { id: '997', value: functionalAcknowledgment(groupOf(text, options)) },
  ]);
  expect(encoded.problems.filter(({ code }) => code !== 'x12.DelimiterInData')).toEqual([]);
  expect(allCodes(decodeText(encoded.text))).toEqual([]);
  return encoded.text.split('~').slice(3, -4);
}

describe('functionalAcknowledgment', () => {
  it('accepts', () => {
    expect(acknowledged(wrap('856', [BSN, HL]))).toEqual(['AK1*SH*7', 'AK2*856*0001', 'AK5*A', 'AK9*A*1*1*1']);
  });

  it('accepts with errors', () => {
    expect(
      acknowledged(wrap('856', [BSN, 'TD1*CTN25*1', HL, 'N1*ST*Berlin*92', 'ZZZ*1', `REF*BM*${'1'.repeat(31)}`])),
    ).toEqual([
      'AK1*SH*7',
      'AK2*856*0001',
      'AK3*TD1*3**7',
      'AK3*N1*5*N1*8',
      'AK4*4*67*2',
      'AK3*ZZZ*6*N1*1',
      'AK3*REF*7*N1*8',
      `AK4*2*127*5*${'1'.repeat(31)}`,
      'AK5*E*5',
      'AK9*E*1*1*1',
    ]);
  });

  it('rejects', () => {
    expect(acknowledged(wrap('856', ['BSN*00**20261323*1200', HL, 'SN1**1,5*EA']))).toEqual([
      'AK1*SH*7',
      'AK2*856*0001',
      'AK3*BSN*2**8',
      'AK4*3*373*8*20261323',
      'AK4*2*396*1',
      'AK3*SN1*4*HL*8',
      'AK4*2*382*6*1,5',
      'AK5*R*5',
      'AK9*R*1*1*0',
    ]);
  });

  it('names what is missing', () => {
    expect(acknowledged(wrap('856', [HL])).slice(2, 4)).toEqual(['AK3*BSN*3**3', 'AK5*R*5']);
  });

  it('accepts a part', () => {
    const one = /ST\*856.*SE[^~]*~/.exec(wrap('856', [BSN, HL]))![0];
    const broken = one.replaceAll('0001', '0002').replace('SE*4', 'SE*9');
    const text = wrap('856', [BSN, HL])
      .replace(one, one + broken)
      .replace('GE*1', 'GE*2');
    expect(acknowledged(text)).toEqual(['AK1*SH*7', 'AK2*856*0001', 'AK5*A', 'AK2*856*0002', 'AK5*R*4', 'AK9*P*2*2*1']);
    expect(acknowledged(text, { envelopeErrors: 'Warn' }).at(-2)).toBe('AK5*E*4');
    expect(acknowledged(text, { envelopeErrors: 'Accept' }).at(-2)).toBe('AK5*A');
  });

  it.each([
    ['AK5*R*3', 'SE*4*0001', 'SE*4*0002'],
    ['AK5*R*2', 'SE*4*0001~', ''],
    ['AK9*R*3*1*0*5', 'GE*1*7', 'GE*3*7'],
    ['AK9*R*1*1*0*4', 'GE*1*7', 'GE*1*8'],
    ['AK9*R*1*1*0*3', 'GE*1*7~', ''],
  ])('%s for %s → %s', (want, from, to) => {
    expect(acknowledged(wrap('856', [BSN, HL]).replace(from, to))).toContain(want);
  });

  it('bad values with delimiters of ours do not break it', () => {
    expect(acknowledged(wrap('856', [BSN, HL, 'REF*BM*^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^']))).toContain(
      `AK4*2*127*5*${'^'.repeat(36)}`,
    );
  });
});

describe('a 999', () => {
  const text = wrap('856', ['BSN*00**20261323*1200', HL, 'ZZZ*1']);
  const value = functionalAcknowledgment(groupOf(text), '999');
  it('says the same in its own segments', () => {
    const sides = { sender: { qualifier: 'ZZ', value: 'EXDIST' }, receiver: { qualifier: 'ZZ', value: 'ACME' } };
    const numbers = { usage: 'Test' as const, version: '005010X231A1', control: 1, groupControl: 1, at: new Date(0) };
    const encoded = encodeX12({ ...sides, ...numbers, delimiters: defaultDelimiters }, [{ id: '999', value }]);
    expect(encoded.problems).toEqual([]);
    expect(encoded.text.split('~').slice(3, -4)).toEqual([
      'AK1*SH*7',
      'AK2*856*0001',
      'IK3*BSN*2**8',
      'IK4*3*373*8*20261323',
      'IK4*2*396*1',
      'IK3*ZZZ*4*HL*1',
      'IK5*R*5',
      'AK9*R*1*1*0',
    ]);
    const read = readAcknowledgment(firstTransaction(decodeText(encoded.text)).value);
    expect(read).toEqual(readAcknowledgment(functionalAcknowledgment(groupOf(text))));
    expect(read!.transactions[0]!.errors).toHaveLength(4);
  });
});

describe('readAcknowledgment', () => {
  it('reads a partial acceptance', () => {
    const text = readFileSync(new URL('testdata/acknowledgment-997.edi', import.meta.url), 'utf8');
    expect(readAcknowledgment(firstTransaction(decodeText(text)).value)).toEqual({
      functionalId: 'PO',
      groupControl: '412',
      status: 'PartiallyAccepted',
      errors: [],
      transactions: [
        { id: '850', control: '0001', status: 'Accepted', errors: [] },
        {
          id: '850',
          control: '0002',
          status: 'Rejected',
          errors: [
            'N102 (segment 3): conditional element missing',
            'PO107 (segment 4): element too short, "12"',
            'PO104 (segment 4): invalid character, "7.x"',
            'segments in error',
          ],
        },
      ],
    });
  });

  it('reads what functionalAcknowledgment says', () => {
    const read = (text: string) => readAcknowledgment(functionalAcknowledgment(groupOf(text)))!;
    expect(read(wrap('856', [BSN, HL]))).toMatchObject({
      status: 'Accepted',
      groupControl: '7',
      transactions: [{ control: '0001', status: 'Accepted' }],
    });
    expect(read(wrap('856', [BSN, HL, 'ZZZ']))).toMatchObject({
      status: 'AcceptedWithErrors',
      transactions: [{ status: 'AcceptedWithErrors' }],
    });
    expect(read(wrap('856', [HL])).transactions[0]).toEqual({
      id: '856',
      control: '0001',
      status: 'Rejected',
      errors: ['BSN (segment 3): mandatory segment missing', 'segments in error'],
    });
  });

  it.each([undefined, null, 'x', [], {}, { AK1: {} }, { AK1: { AK101: { a: 1 } } }])('is none: %j', (value) => {
    expect(readAcknowledgment(value)).toBeUndefined();
  });

  it('takes a group that is answered without its transactions, and codes that it does not know, for rejections', () => {
    const ak1 = { AK101: 'PO', AK102: '1' };
    expect(readAcknowledgment({ AK1: ak1, AK9: { AK901: 'R', AK905: '2' } })).toMatchObject({
      status: 'Rejected',
      transactions: [],
      errors: ['version not supported'],
    });
    expect(
      readAcknowledgment({ AK1: ak1, AK2Loop: [{ AK2: { AK201: '850', AK202: '1' }, AK5: { AK501: 'W' } }] }),
    ).toMatchObject({
      status: 'Rejected',
      transactions: [{ status: 'Rejected' }],
    });
  });
});
