import { expect, it } from 'vitest';
import { interchangeAcknowledgment, isToBeConfirmed, readInterchangeAcknowledgment } from './confirm.ts';
import { decodeX12, withEnvelopeErrors } from './decode.ts';
import { defaultDelimiters, encodeX12 } from './encode.ts';

const ISA = 'ISA*00*          *00*          *ZZ*ACME           *ZZ*US             *261124*1200*U*00401*000000007*0*P*>';
const BODY = 'GS*SH*ACME*US*20261124*1200*7*X*004010~ST*856*0001~BSN*00*1*20261124*1200~HL*1**S~SE*4*0001~GE*1*7';
const read = (text: string) => decodeX12(Buffer.from(text)).interchanges[0]!;
const verdict = (text: string): string[] => {
  const { TA104 = '', TA105 = '' } = interchangeAcknowledgment(read(text));
  return [TA104, TA105];
};

it('names the fault of the envelope by its code', () => {
  expect(verdict(`${ISA}~${BODY}~IEA*1*000000007~`)).toEqual(['A', '000']);
  expect(verdict(`${ISA}~${BODY}~IEA*1*000000008~`)).toEqual(['R', '001']);
  expect(verdict(`${ISA}~${BODY}~IEA*2*000000007~`)).toEqual(['R', '021']);
  expect(verdict(`${ISA}~${BODY}~REF*1~IEA*1*000000007~`)).toEqual(['R', '022']);
  expect(verdict(`${ISA.replace('ACME           ', 'ACME')}~${BODY}~IEA*1*000000007~`)).toEqual(['E', '006']);
  const warned = withEnvelopeErrors(read(`${ISA}~${BODY}~IEA*1*000000008~`), 'Warn');
  expect(interchangeAcknowledgment(warned)).toMatchObject({ TA101: '000000007', TA104: 'E', TA105: '001' });
});

it('answers where it is asked to, and never a TA1', () => {
  const good = read(`${ISA}~${BODY}~IEA*1*000000007~`);
  const bad = read(`${ISA}~${BODY}~IEA*1*000000008~`);
  expect([good, bad].map((one) => isToBeConfirmed(one, 'Errors'))).toEqual([false, true]);
  expect([good, bad].map((one) => isToBeConfirmed(one, 'None'))).toEqual([false, false]);
  expect(isToBeConfirmed(read(`${ISA.replace('*0*P', '*1*P')}~${BODY}~IEA*1*000000007~`), 'None')).toBe(true);
  expect(isToBeConfirmed(read(`${ISA}~TA1*000000001*261124*1200*A*000~IEA*0*000000007~`), 'All')).toBe(false);
});

it('is read as it was written', () => {
  const told = { TA101: '000000007', TA102: '261124', TA103: '1200', TA104: 'R', TA105: '023' };
  const party = (value: string) => ({ qualifier: 'ZZ', value });
  const { text, problems } = encodeX12(
    {
      ...{ sender: party('US'), receiver: party('ACME'), usage: 'Production', version: '004010' },
      ...{ control: 1, groupControl: 1, at: new Date(0), delimiters: defaultDelimiters },
    },
    [],
    [told],
  );
  expect(problems).toEqual([]);
  const decoded = decodeX12(Buffer.from(text));
  expect([decoded.problems, decoded.interchanges[0]!.problems]).toEqual([[], []]);
  expect(decoded.interchanges[0]!.interchangeAcknowledgments).toEqual([told]);
  expect(readInterchangeAcknowledgment(told)).toEqual({
    control: '000000007',
    status: 'Rejected',
    error: 'the transmission ends before its time',
  });
});
