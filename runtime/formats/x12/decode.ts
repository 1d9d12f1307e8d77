/**
 * X12 bytes to documents. Reads any version; the shape of a transaction's value is described in README.md.
 * Any byte string gives values or problems in bounded time; what cannot be understood is kept and said.
 */
import type { Decoded, Group, Interchange, Problem } from '../format.ts';
import type { Delimiters } from './scan.ts';

export interface DecodeOptions {
  /**
   * What wrong counts and control numbers are (`x12.SE01` … `x12.IEA02`): Errors (Reject, the default), Warnings, or not reported.
   * Where the partner is known only after decoding, decode with the default and call `withEnvelopeErrors`.
   */
  envelopeErrors?: EnvelopeErrors;
  /** Default 64 MiB; more is one Error `x12.TooLarge` and nothing is decoded. */
  maxBytes?: number;
  /** Default 2,000,000; reading stops there with an Error `x12.TooLarge`. */
  maxSegments?: number;
}
export type EnvelopeErrors = 'Reject' | 'Warn' | 'Accept';

export interface X12Group extends Group {
  /** GS as read: GS01 … GS08. */
  gs: Record<string, string>;
  /** GE01, where it is a number. */
  declaredTransactions?: number;
}
export interface X12Interchange extends Interchange {
  /** ISA as read, trimmed: ISA01 … ISA16. */
  isa: Record<string, string>;
  delimiters: Delimiters;
  groups: X12Group[];
}
export interface X12Decoded extends Decoded {
  interchanges: X12Interchange[];
}

/** Never throws. An Error in `problems` of the result means that the file is not whole (truncated, too large, not X12). */
export function decodeX12(_bytes: Buffer, _options: DecodeOptions = {}): X12Decoded {
  throw new Error('not built yet');
}

/** Applies a partner's policy to an interchange that was decoded with the default: same object, problems replaced. */
export function withEnvelopeErrors(_interchange: X12Interchange, _policy: EnvelopeErrors): X12Interchange {
  throw new Error('not built yet');
}

export type { Problem };
