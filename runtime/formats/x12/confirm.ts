/** TA1: the word on a whole interchange, before anybody looked into its groups. */
import { isError, type X12Interchange } from './decode.ts';
import type { X12Problem } from './problem.ts';

/** I18, by the problem; those of the ISA by the element. */
const NOTES: Record<string, string> = {
  'x12.IEA02': '001',
  'x12.IEA01': '021',
  'x12.Truncated': '023',
  'x12.UnexpectedSegment': '022',
};
const ISA_NOTES = '010 011 012 013 005 006 007 008 014 015 016 017 018 019 020 027'.split(' ');
const WORDS: Record<string, string> = {
  '001': 'control numbers of ISA and IEA differ',
  '002': 'this standard is not supported',
  '003': 'this version of the controls is not supported',
  '004': 'the segment terminator is invalid',
  '005': 'qualifier of the sender invalid',
  '006': 'sender invalid',
  '007': 'qualifier of the receiver invalid',
  '008': 'receiver invalid',
  '009': 'receiver unknown',
  '010': 'authorization qualifier invalid',
  '011': 'authorization invalid',
  '012': 'security qualifier invalid',
  '013': 'security information invalid',
  '014': 'date of the interchange invalid',
  '015': 'time of the interchange invalid',
  '016': 'repetition separator or standards identifier invalid',
  '017': 'version invalid',
  '018': 'control number invalid',
  '019': 'request for acknowledgment invalid',
  '020': 'usage indicator invalid',
  '021': 'number of groups does not match',
  '022': 'control structure invalid',
  '023': 'the transmission ends before its time',
  '024': 'content of a GS invalid',
  '025': 'control number came before',
  '026': 'element separator invalid',
  '027': 'component separator invalid',
  '028': 'delivery date in a deferred delivery invalid',
  '029': 'delivery time in a deferred delivery invalid',
  '030': 'delivery code in a deferred delivery invalid',
  '031': 'grade of service invalid',
};

/** A TA1 where the sender asks for it (ISA14), or the terms do. What holds nothing but TA1s is never answered with one. */
export function isToBeConfirmed(interchange: X12Interchange, policy: 'None' | 'Errors' | 'All'): boolean {
  const { groups, interchangeAcknowledgments, isa, problems } = interchange;
  if (groups.length === 0 && interchangeAcknowledgments.length > 0) return false;
  return policy === 'All' || isa.ISA14 === '1' || (policy === 'Errors' && problems.some(isError));
}

/**
 * Elements of a TA1 for `encodeX12`: Errors of the interchange itself reject it (R), Warnings are told (E). Apply the partner's
 * `envelopeErrors` before.
 */
export function interchangeAcknowledgment({ isa, problems }: X12Interchange): Record<string, string> {
  const errors = problems.filter(isError);
  const notes = [...errors, ...problems].map((problem) => noteOf(problem as X12Problem));
  const told = notes.find((note) => note !== undefined);
  return {
    TA101: isa.ISA13 ?? '',
    TA102: isa.ISA09 ?? '',
    TA103: isa.ISA10 ?? '',
    TA104: errors.length > 0 ? 'R' : told === undefined ? 'A' : 'E',
    TA105: told ?? (errors.length > 0 ? '024' : '000'),
  };
}

const noteOf = ({ code, place }: X12Problem): string | undefined =>
  code === 'x12.ISAWidth' ? ISA_NOTES[(place.element ?? 1) - 1] : NOTES[code];

export interface InterchangeAcknowledgment {
  /** TA101: the interchange of ours that it answers. */
  control: string;
  status: 'Accepted' | 'AcceptedWithErrors' | 'Rejected';
  /** In words. */
  error?: string;
}

/** Codes that are not known reject. */
export function readInterchangeAcknowledgment(segment: Record<string, string>): InterchangeAcknowledgment {
  const { TA101 = '', TA104, TA105 = '' } = segment;
  const status = TA104 === 'A' ? 'Accepted' : TA104 === 'E' ? 'AcceptedWithErrors' : 'Rejected';
  return { control: TA101, status, ...(Number(TA105) > 0 && { error: WORDS[TA105] ?? `code ${TA105}` }) };
}
