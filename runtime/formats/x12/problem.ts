/** Every problem of X12: its code, how grave it is, and what it is called in an acknowledgment. */
import type { Problem } from '../format.ts';
import { Reporter as Problems } from '../reporter.ts';
import type { Places } from '../text.ts';

type Severity = Problem['severity'];
export interface ProblemKind {
  severity: Severity;
  /** Counts and control numbers: the severity follows the partner's `envelopeErrors`. */
  envelope?: boolean;
  /** AK304, AK403, AK502 and AK905 codes; IK304 … have the same. */
  ak3?: string;
  ak4?: string;
  ak5?: string;
  ak9?: string;
}

/**
 * Errors reject a transaction, Warnings keep it. What cannot be placed or is longer than allowed can still be understood; what is
 * missing or not a number or date cannot.
 */
export const kinds = {
  'x12.NotX12': { severity: 'Error' },
  'x12.TooLarge': { severity: 'Error' },
  'x12.Truncated': { severity: 'Error' },
  'x12.LastTerminator': { severity: 'Warning' },
  'x12.Encoding': { severity: 'Warning' },
  'x12.TrailingBytes': { severity: 'Warning' },
  'x12.ISA': { severity: 'Error' },
  'x12.ISAWidth': { severity: 'Warning' },
  'x12.LowerCaseId': { severity: 'Warning' },
  'x12.TerminatorMissing': { severity: 'Warning' },
  'x12.UnexpectedSegment': { severity: 'Error' },
  'x12.IEA01': { severity: 'Error', envelope: true },
  'x12.IEA02': { severity: 'Error', envelope: true },
  'x12.GroupHeaderMissing': { severity: 'Error' },
  'x12.GroupTrailerMissing': { severity: 'Error', ak9: '3' },
  'x12.GE01': { severity: 'Error', envelope: true, ak9: '5' },
  'x12.GE02': { severity: 'Error', envelope: true, ak9: '4' },
  'x12.TransactionTrailerMissing': { severity: 'Error', ak5: '2' },
  'x12.SE01': { severity: 'Error', envelope: true, ak5: '4' },
  'x12.SE02': { severity: 'Error', envelope: true, ak5: '3' },
  'x12.ST01': { severity: 'Error', ak5: '6' },
  'x12.ST02': { severity: 'Error', envelope: true, ak5: '7' },
  'x12.DuplicateControlNumber': { severity: 'Error', envelope: true, ak5: '23' },
  'x12.UnknownTransaction': { severity: 'Warning' },
  'x12.UnknownSegment': { severity: 'Warning', ak3: '1' },
  'x12.SegmentNotInTransaction': { severity: 'Warning', ak3: '6' },
  'x12.MisplacedSegment': { severity: 'Warning', ak3: '7' },
  'x12.MandatorySegmentMissing': { severity: 'Error', ak3: '3' },
  'x12.LoopMaxUse': { severity: 'Warning', ak3: '4' },
  'x12.SegmentMaxUse': { severity: 'Warning', ak3: '5' },
  'x12.HLParent': { severity: 'Error', ak4: '7' },
  'x12.HLDuplicate': { severity: 'Error', ak4: '7' },
  'x12.HLTooDeep': { severity: 'Error', ak4: '7' },
  'x12.ElementMissing': { severity: 'Error', ak4: '1' },
  'x12.ConditionalElementMissing': { severity: 'Warning', ak4: '2' },
  'x12.ElementsExclusive': { severity: 'Warning', ak4: '10' },
  'x12.TooManyElements': { severity: 'Warning', ak4: '3' },
  'x12.TooManyComponents': { severity: 'Warning', ak4: '3' },
  'x12.TooManyRepetitions': { severity: 'Warning', ak4: '3' },
  'x12.ElementTooShort': { severity: 'Warning', ak4: '4' },
  'x12.ElementTooLong': { severity: 'Warning', ak4: '5' },
  'x12.InvalidCharacter': { severity: 'Warning', ak4: '6' },
  'x12.InvalidNumber': { severity: 'Error', ak4: '6' },
  'x12.InvalidDate': { severity: 'Error', ak4: '8' },
  'x12.InvalidTime': { severity: 'Error', ak4: '9' },
  'x12.ComponentInSimpleElement': { severity: 'Warning' },
  'x12.DelimiterInData': { severity: 'Warning' },
  'x12.InvalidValue': { severity: 'Error' },
  'x12.UnknownKey': { severity: 'Error' },
  'x12.Envelope': { severity: 'Error' },
  'x12.TooManyProblems': { severity: 'Warning' },
} satisfies Record<string, ProblemKind>;
export type ProblemCode = keyof typeof kinds;
export const kindOf = (code: string): ProblemKind | undefined => (kinds as Record<string, ProblemKind>)[code];

/** Where in the transaction; what an acknowledgment needs beyond the place. */
export interface SyntaxNote {
  segmentId: string;
  /** Of the segment in the transaction, ST is 1. */
  position: number;
  /** First segment of the innermost loop, e.g. `N1`. */
  loop?: string;
  element?: number;
  component?: number;
  /** Data element number, where it is one. */
  reference?: string;
  /** The bad value, at most 99 characters. */
  value?: string;
}
export interface X12Problem extends Problem {
  code: ProblemCode;
  syntax?: SyntaxNote;
}

export type Reporter = Problems<ProblemCode, SyntaxNote>;
export const openReporter = (places: Places): Reporter =>
  new Problems<ProblemCode, SyntaxNote>(places, (code) => kinds[code].severity, 'x12.TooManyProblems');
