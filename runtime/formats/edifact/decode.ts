/**
 * EDIFACT bytes to documents. Reads any directory and syntax version; the shape of a message's value is described in README.md.
 * Any byte string gives values or problems in bounded time; what cannot be understood is kept and said.
 */
import type { Decoded, Group, Interchange, Transaction } from '../format.ts';
import { type EnvelopeErrors, withPolicy } from '../reporter.ts';
import { guessOf, isBlank, Places, UTF16, withoutUtf16 } from '../text.ts';
import { textOf } from './charset.ts';
import { InterchangeReader, type Progress } from './interchange.ts';
import { kindOf, openReporter } from './problem.ts';
import { defaultCharacters, readUna, Scanner, type ServiceCharacters } from './scan.ts';
import type { PlacedSegment, PlainSegment } from './tree.ts';

export interface EdifactOptions {
  /**
   * What wrong counts and references are (`edifact.UNT01` … `edifact.UNZ02`): Errors (Reject, the default), Warnings, or not reported.
   * Where the partner is known only after decoding, decode with the default and call `withEdifactEnvelopeErrors`.
   */
  envelopeErrors?: EnvelopeErrors;
  /** Default 64 MiB. */
  maxBytes?: number;
  /** Default 1,000,000. */
  maxSegments?: number;
  /** Also give the segments of each message as they stood (`segments`), to show them. */
  keepSegments?: boolean;
}

export interface EdifactMessage extends Transaction {
  /** UNH02 whole: `ORDERS:D:96A:UN:EAN008`. `id` is its first component. */
  type: string;
  /** In words; empty for one that no table describes. */
  name: string;
  /** With `keepSegments`: from UNH to UNT. */
  segments?: PlacedSegment[];
}
export interface EdifactGroup extends Group {
  /** UNG as read; absent of messages outside of any group. */
  ung?: string[][];
  transactions: EdifactMessage[];
}
export interface EdifactInterchange extends Interchange {
  characters: ServiceCharacters;
  /** A UNA announced the characters. */
  una: boolean;
  /** UNB as read. */
  unb: string[][];
  groups: EdifactGroup[];
}
export interface EdifactDecoded extends Decoded {
  interchanges: EdifactInterchange[];
}
/** The value of a message that no table describes. */
export interface GenericValue {
  UNH?: Record<string, unknown>;
  segments: PlainSegment[];
}

const MEBIBYTE = 1024 * 1024;

/** Never throws. An Error in `problems` of the result means that the file is not whole. */
export function decodeEdifact(bytes: Buffer, options: EdifactOptions = {}): EdifactDecoded {
  const maxBytes = options.maxBytes ?? 64 * MEBIBYTE;
  if (bytes.length > maxBytes) {
    const message = `the file has ${bytes.length} bytes, at most ${maxBytes} are read`;
    return { interchanges: [], problems: [{ code: 'edifact.TooLarge', severity: 'Error', message, place: {} }] };
  }
  const decoded = read(bytes, options.maxSegments ?? 1_000_000, options.keepSegments ?? false);
  for (const interchange of decoded.interchanges)
    withEdifactEnvelopeErrors(interchange, options.envelopeErrors ?? 'Reject');
  return decoded;
}

/** Applies a partner's policy to an interchange that was decoded with the default: same object, problems replaced. */
export const withEdifactEnvelopeErrors = (
  interchange: EdifactInterchange,
  policy: EnvelopeErrors,
): EdifactInterchange => withPolicy(interchange, policy, (code) => kindOf(code)?.envelope === true);

function read(raw: Buffer, maxSegments: number, keepSegments: boolean): EdifactDecoded {
  const { bytes, wide: utf16 } = withoutUtf16(raw);
  const { text, wide, finding } = textOf(bytes);
  const places = new Places(text, wide ? 'utf8' : 'latin1');
  const outer = openReporter(places);
  const interchanges: EdifactInterchange[] = [];
  if (utf16) outer.add('edifact.Encoding', UTF16);
  else if (finding !== undefined) outer.add('edifact.Encoding', finding);
  const progress: Progress = { segments: 0, messages: 0, maxSegments, keepSegments };
  let at = skipBlank(text, 0);
  if (!isHeader(text, at) && findHeader(text, at) < 0) {
    const sample = JSON.stringify(text.slice(at, at + 20));
    const message =
      at === text.length
        ? 'the file is empty'
        : `no UNA or UNB segment: the file begins with ${sample} and is not EDIFACT${guessOf(raw)}`;
    outer.addAt('edifact.NotEdifact', message, at);
    return { interchanges, problems: outer.problems };
  }
  while (at < text.length && !outer.isFull()) {
    if (!isHeader(text, at)) {
      // What stands between interchanges is told, and the next one is read.
      const next = findHeader(text, at);
      const end = next < 0 ? text.length : next;
      const sample = JSON.stringify(text.slice(at, Math.min(end, at + 20)));
      const message = `${end - at} characters that belong to no interchange, beginning with ${sample}`;
      outer.addAt('edifact.TrailingBytes', message, at);
      at = end;
      continue;
    }
    // Each interchange has service characters of its own.
    const una = readUna(text, at);
    const characters = una ?? defaultCharacters;
    const scanner = new Scanner(text, una ? at + 9 : at, progress.segments, characters);
    const reader = new InterchangeReader(scanner, places, una, outer, progress);
    reader.read();
    if (reader.interchange) interchanges.push(reader.interchange);
    at = skipBlank(text, Math.max(scanner.position, at + 1));
  }
  return { interchanges, problems: outer.problems };
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return at;
}

const isHeader = (text: string, at: number): boolean => /^un[ab]/i.test(text.slice(at, at + 3));

/** Where an interchange begins for certain: its UNA, or a UNB with a syntax identifier. */
function findHeader(text: string, from: number): number {
  const pattern = /UNA[^A-Za-z0-9]{6}\s*UNB|UNB[^A-Za-z0-9][A-Z]{4}[^A-Za-z0-9]\d/gi;
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}
