/**
 * X12 bytes to documents. Reads any version; the shape of a transaction's value is described in README.md.
 * Any byte string gives values or problems in bounded time; what cannot be understood is kept and said.
 */
import type { Decoded, Group, Interchange, Problem, Transaction } from '../format.ts';
import { type EnvelopeErrors, withPolicy } from '../reporter.ts';
import { guessOf, isBlank, Places, textOf, UTF16, withoutUtf16 } from '../text.ts';
import { InterchangeReader, type Progress } from './interchange.ts';
import { kindOf, openReporter, type Reporter } from './problem.ts';
import { type Delimiters, findHeader, readHeader } from './scan.ts';
import type { PlacedSegment, UnknownSegment } from './tree.ts';

export interface DecodeOptions {
  /**
   * What wrong counts and control numbers are (`x12.SE01` … `x12.IEA02`): Errors (Reject, the default), Warnings, or not reported.
   * Where the partner is known only after decoding, decode with the default and call `withEnvelopeErrors`.
   */
  envelopeErrors?: EnvelopeErrors;
  /** Default 64 MiB; more is one Error `x12.TooLarge` and nothing is decoded. */
  maxBytes?: number;
  /** Default 1,000,000; reading stops there with an Error `x12.TooLarge`. An ISA, GS or ST counts as ten. */
  maxSegments?: number;
  /** Also give the segments of each transaction as they stood (`segments`), to show them. */
  keepSegments?: boolean;
}

export interface X12Group extends Group {
  /** GS as read: GS01 … GS08. */
  gs: Record<string, string>;
  /** GE01, where it is a number. */
  declaredTransactions?: number;
  transactions: X12Transaction[];
}
export interface X12Transaction extends Transaction {
  /** In words: `Ship Notice/Manifest`; empty for one that no table describes. */
  name: string;
  /** With `keepSegments`: from ST to SE. */
  segments?: PlacedSegment[];
}
export interface X12Interchange extends Interchange {
  /** ISA as read, trimmed: ISA01 … ISA16. */
  isa: Record<string, string>;
  delimiters: Delimiters;
  groups: X12Group[];
  /** TA1 segments: the other side's word on interchanges of ours. */
  interchangeAcknowledgments: Record<string, string>[];
  /** Segments outside of any transaction that belong to no envelope. */
  unknown: UnknownSegment[];
}
export interface X12Decoded extends Decoded {
  interchanges: X12Interchange[];
}

export const isError = ({ severity }: Problem): boolean => severity === 'Error';

const MEBIBYTE = 1024 * 1024;

/** Never throws. An Error in `problems` of the result means that the file is not whole (truncated, too large, not X12). */
export function decodeX12(bytes: Buffer, options: DecodeOptions = {}): X12Decoded {
  const maxBytes = options.maxBytes ?? 64 * MEBIBYTE;
  if (bytes.length > maxBytes) {
    const message = `the file has ${bytes.length} bytes, at most ${maxBytes} are read`;
    return { interchanges: [], problems: [{ code: 'x12.TooLarge', severity: 'Error', message, place: {} }] };
  }
  const decoder = new Decoder(bytes, options.maxSegments ?? 1_000_000, options.keepSegments ?? false);
  const decoded = decoder.decode();
  for (const interchange of decoded.interchanges) withEnvelopeErrors(interchange, options.envelopeErrors ?? 'Reject');
  return decoded;
}

/** Applies a partner's policy to an interchange that was decoded with the default: same object, problems replaced. */
export const withEnvelopeErrors = (interchange: X12Interchange, policy: EnvelopeErrors): X12Interchange =>
  withPolicy(interchange, policy, (code) => kindOf(code)?.envelope === true);

class Decoder {
  private readonly text: string;
  private readonly places: Places;
  private readonly reporter: Reporter;
  private readonly progress: Progress;
  private readonly interchanges: X12Interchange[] = [];

  private readonly guess: string;

  constructor(raw: Buffer, maxSegments: number, keepSegments: boolean) {
    const { bytes, wide } = withoutUtf16(raw);
    const { text, encoding } = textOf(bytes);
    this.text = text;
    this.guess = guessOf(raw);
    this.places = new Places(text, encoding);
    this.reporter = openReporter(this.places);
    this.progress = { segments: 0, transactions: 0, budget: maxSegments, maxSegments, keepSegments };
    if (wide) this.reporter.add('x12.Encoding', UTF16);
    if (encoding === 'latin1') this.reporter.add('x12.Encoding', 'the file is not UTF-8: it is read as ISO 8859-1');
  }

  decode(): X12Decoded {
    const { text } = this;
    let at = 0;
    for (;;) {
      const start = findHeader(text, at);
      this.checkBetween(at, start < 0 ? text.length : start);
      if (start < 0) break;
      const header = readHeader(text, start);
      if (typeof header === 'string') {
        this.reporter.addAt(header.startsWith('the file ends') ? 'x12.Truncated' : 'x12.ISA', header, start);
        const next = this.reporter.isFull() ? -1 : findHeader(text, start + 3);
        at = next < 0 ? text.length : next;
        continue;
      }
      const reader = new InterchangeReader(this.text, this.places, header, start, this.progress);
      at = reader.read(this.reporter);
      this.interchanges.push(reader.interchange);
      if (this.progress.budget < 0) {
        if (at < text.length)
          this.reporter.addAt(
            'x12.TooLarge',
            `more than ${this.progress.maxSegments} segments: the rest is not read`,
            at,
          );
        at = text.length;
      }
    }
    return { interchanges: this.interchanges, problems: this.reporter.problems };
  }

  /** What stands before, between and after interchanges should be nothing. */
  private checkBetween(from: number, to: number): void {
    let offset = from;
    while (offset < to && isBlank(this.text.charCodeAt(offset))) offset++;
    if (offset === to) {
      if (from === 0 && to === this.text.length) this.reporter.addAt('x12.NotX12', 'the file is empty', 0);
      return;
    }
    const sample = JSON.stringify(this.text.slice(offset, Math.min(to, offset + 20)));
    if (
      this.interchanges.length === 0 &&
      to === this.text.length &&
      this.reporter.problems.every(({ code }) => code === 'x12.Encoding')
    ) {
      const edifact = /^UN[AB]/.test(this.text.slice(offset, offset + 3)) ? ' but looks like EDIFACT' : '';
      this.reporter.addAt(
        'x12.NotX12',
        `no ISA segment: the file begins with ${sample} and is not X12${edifact}${this.guess}`,
        offset,
      );
    } else
      this.reporter.addAt(
        'x12.TrailingBytes',
        `${to - offset} characters that belong to no interchange, beginning with ${sample}`,
        offset,
      );
  }
}
