/** Every problem of EDIFACT: its code, how grave it is, and what a CONTRL calls it. */
import type { Problem } from '../format.ts';
import { Reporter as Problems } from '../reporter.ts';
import type { Places } from '../text.ts';

type Severity = Problem['severity'];
export interface ProblemKind {
  severity: Severity;
  /** Counts and references: the severity follows the partner's `envelopeErrors`. */
  envelope?: boolean;
  /** Syntax error (0085) in a CONTRL. */
  syntax?: string;
}

/**
 * Errors reject a message, Warnings keep it. What cannot be placed or is longer than allowed can still be understood; what is missing or
 * not a number or date cannot.
 */
export const kinds = {
  'edifact.NotEdifact': { severity: 'Error' },
  'edifact.TooLarge': { severity: 'Error' },
  'edifact.Truncated': { severity: 'Error' },
  'edifact.LastTerminator': { severity: 'Warning' },
  'edifact.Encoding': { severity: 'Warning', syntax: '21' },
  'edifact.TrailingBytes': { severity: 'Warning' },
  'edifact.LowerCaseId': { severity: 'Warning' },
  'edifact.UnexpectedSegment': { severity: 'Error', syntax: '33' },
  'edifact.UNB05': { severity: 'Error', syntax: '13' },
  'edifact.UNZ01': { severity: 'Error', envelope: true, syntax: '29' },
  'edifact.UNZ02': { severity: 'Error', envelope: true, syntax: '28' },
  'edifact.GroupTrailerMissing': { severity: 'Error', syntax: '13' },
  'edifact.UNE01': { severity: 'Error', envelope: true, syntax: '29' },
  'edifact.UNE02': { severity: 'Error', envelope: true, syntax: '28' },
  'edifact.TransactionTrailerMissing': { severity: 'Error', syntax: '13' },
  'edifact.UNH01': { severity: 'Error', envelope: true, syntax: '13' },
  'edifact.UNH02': { severity: 'Error', syntax: '13' },
  'edifact.UNT01': { severity: 'Error', envelope: true, syntax: '29' },
  'edifact.UNT02': { severity: 'Error', envelope: true, syntax: '28' },
  'edifact.DuplicateReference': { severity: 'Error', envelope: true, syntax: '26' },
  'edifact.UnknownMessage': { severity: 'Warning' },
  'edifact.UnknownSegment': { severity: 'Warning', syntax: '15' },
  'edifact.SegmentNotInMessage': { severity: 'Warning', syntax: '15' },
  'edifact.MisplacedSegment': { severity: 'Warning', syntax: '15' },
  'edifact.MandatorySegmentMissing': { severity: 'Error', syntax: '13' },
  'edifact.SegmentMaxUse': { severity: 'Warning', syntax: '35' },
  'edifact.GroupMaxUse': { severity: 'Warning', syntax: '36' },
  'edifact.ElementMissing': { severity: 'Error', syntax: '13' },
  'edifact.TooManyElements': { severity: 'Warning', syntax: '16' },
  'edifact.TooManyComponents': { severity: 'Warning', syntax: '16' },
  'edifact.ElementTooShort': { severity: 'Warning', syntax: '40' },
  'edifact.ElementTooLong': { severity: 'Warning', syntax: '39' },
  'edifact.InvalidCharacter': { severity: 'Warning', syntax: '37' },
  'edifact.InvalidNumber': { severity: 'Error', syntax: '37' },
  'edifact.InvalidDate': { severity: 'Error', syntax: '12' },
  'edifact.InvalidValue': { severity: 'Error' },
  'edifact.UnknownKey': { severity: 'Error' },
  'edifact.Envelope': { severity: 'Error' },
  'edifact.TooManyProblems': { severity: 'Warning' },
} satisfies Record<string, ProblemKind>;
export type ProblemCode = keyof typeof kinds;
export const kindOf = (code: string): ProblemKind | undefined => (kinds as Record<string, ProblemKind>)[code];

/** Where in the message; what a CONTRL needs beyond the place. */
export interface SyntaxNote {
  /** Of the segment in the message, UNH is 1. */
  position: number;
  element?: number;
  component?: number;
}
export interface EdifactProblem extends Problem {
  code: ProblemCode;
  syntax?: SyntaxNote;
}

export type Reporter = Problems<ProblemCode, SyntaxNote>;
export const openReporter = (places: Places): Reporter =>
  new Problems<ProblemCode, SyntaxNote>(places, (code) => kinds[code].severity, 'edifact.TooManyProblems');
