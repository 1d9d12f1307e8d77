/**
 * Files that are too large for one message, in pieces: transactions of X12 and EDIFACT byte for byte under a header of their own, documents
 * of CSV, fixed width and NDJSON as they were read. A file is read twice, so that what its trailers say wrongly is known before the first
 * of its documents leaves; its acknowledgments follow with the last piece. Memory: one piece, and what is wrong with the file.
 */

import { readCsv } from '../formats/csv/csv.ts';
import { decodeEdifact } from '../formats/edifact/decode.ts';
import { readFixed } from '../formats/fixed/fixed.ts';
import type { Decoded, Interchange, Problem, Transaction } from '../formats/format.ts';
import { readNdjson } from '../formats/json/ndjson.ts';
import { formatOf } from '../formats/sniff.ts';
import { type Piece, splitEdifact, splitX12, type Whole } from '../formats/split.ts';
import { decodeX12 } from '../formats/x12/decode.ts';
import type { TermsPlan } from '../plan.ts';
import type { InForce } from './environment.ts';
import type { PieceOf, RawInterchange } from './messages.ts';
import { plainWay } from './plain.ts';

export interface LargeFile extends Omit<RawInterchange, 'body' | 'piece' | 'only'> {
  /** Its first 64 KiB. */
  head: Buffer;
  /** From the start, each time. */
  read(): AsyncIterable<Buffer>;
}
/** What the last piece of an interchange file holds: the envelopes, and the transactions that something is wrong with. */
export interface FileEnd {
  interchanges: Interchange[];
  outside: Problem[];
}

/** Undefined where the file must be taken whole: its format is not one that can be cut, or nothing says whose it is. */
export function piecesOf(inForce: InForce, file: LargeFile): AsyncGenerator<RawInterchange> | undefined {
  const [kind, name = ''] = file.channel.split('/');
  if (kind !== 'connector') return undefined;
  const format = formatOf(file.head);
  if (format === 'X12') return interchangePieces(file, splitX12, decodeX12);
  if (format === 'EDIFACT') return interchangePieces(file, splitEdifact, decodeEdifact);
  const partners = [...inForce.partners.values()].filter(({ inbound }) => inbound?.name === name);
  const { head, read: _, ...raw } = file;
  const way = plainWay({ ...raw, body: head }, partners, name);
  if (!('terms' in way)) return undefined;
  const { plan, type } = way.terms;
  const documents = documentsOf(plan, file.read());
  return documents && documentPieces(file, documents, { partner: way.partner.plan.name, type: type.plan.type });
}

const rawOf = ({ head: _, read: __, ...raw }: LargeFile, body: Buffer, piece: PieceOf): RawInterchange => ({
  ...raw,
  body,
  piece,
});

type Split = (source: AsyncIterable<Buffer>) => AsyncGenerator<Piece, Whole>;
type Decode = (bytes: Buffer) => Decoded;

async function* interchangePieces(file: LargeFile, split: Split, decode: Decode): AsyncGenerator<RawInterchange> {
  const end = await endOf(split(file.read()), decode);
  const pieces = split(file.read());
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    const { bytes, interchange, first, shift } = next.value;
    const problems = (end.interchanges[interchange]?.problems ?? []).filter(isEnvelope).slice(0, MAX_IN_HEADER);
    yield rawOf(file, bytes, { kind: 'Transactions', first, shift, ...(problems.length > 0 && { problems }) });
  }
  yield rawOf(file, Buffer.from(JSON.stringify(end)), { kind: 'End', first: -1, shift: { line: 0, segment: 0 } });
}

/** A header of AMQP is small. */
const MAX_IN_HEADER = 5;
/** Of one group, as many as an acknowledgment tells. */
const MAX_TOLD = 1_000;
const isEnvelope = ({ code }: Problem): boolean => /\.(?:GE|IEA|UNE|UNZ)0[12]$|GroupTrailerMissing$/.test(code);

/** The first reading: everything is decoded, and what is wrong is kept. */
async function endOf(pieces: AsyncGenerator<Piece, Whole>, decode: Decode): Promise<FileEnd> {
  const interchanges: Interchange[] = [];
  for (;;) {
    const next = await pieces.next();
    if (next.done) {
      const { envelopes, outside } = next.value;
      for (const [i, problems] of envelopes.entries()) {
        const one = interchanges[i];
        if (!one) continue;
        one.problems.push(...problems);
        // Of the group's own trailer: what acknowledgments tell of the group.
        one.groups.at(-1)?.problems.push(...problems.filter(({ code }) => /\.(?:GE|UNE)0|GroupTrailer/.test(code)));
      }
      return { interchanges, outside };
    }
    const { bytes, interchange, shift } = next.value;
    const [decoded] = shifted(decode(bytes), shift).interchanges;
    if (!decoded) continue;
    const known = interchanges[interchange];
    if (!known) interchanges[interchange] = { ...decoded, groups: [] };
    else known.problems.push(...decoded.problems.slice(0, MAX_TOLD));
    for (const group of decoded.groups) {
      const { groups } = interchanges[interchange]!;
      let open = groups.at(-1);
      if (!open || open.control !== group.control || open.functionalId !== group.functionalId) {
        open = { ...group, transactions: [], counted: 0 };
        // The trailer of a piece counts the piece.
        delete (open as { declaredTransactions?: number }).declaredTransactions;
        groups.push(open);
      }
      open.counted = (open.counted ?? 0) + group.transactions.length;
      for (const transaction of group.transactions)
        if (open.transactions.length < MAX_TOLD && isTold(transaction))
          open.transactions.push(withoutValue(transaction));
    }
  }
}

/** Acknowledgments from partners are not answered; the answer must know that they are there. */
const isTold = ({ id, problems }: Transaction): boolean => problems.length > 0 || id === 'CONTRL';
const withoutValue = <T extends Transaction>({ value: _, problems, ...rest }: T) =>
  ({ ...rest, value: undefined, problems: problems.slice(0, 100) }) as unknown as T;

/** Places in the piece to places in the file. */
export function shifted<D extends Decoded>(decoded: D, { line, segment }: PieceOf['shift']): D {
  const shift = (problems: Problem[]): void => {
    for (const { place } of problems) {
      if (place.line !== undefined) place.line += line;
      if (place.segment !== undefined) place.segment += segment;
      delete place.byte;
    }
  };
  shift(decoded.problems);
  for (const interchange of decoded.interchanges) {
    shift(interchange.problems);
    for (const group of interchange.groups) {
      shift(group.problems);
      for (const { problems } of group.transactions) shift(problems);
    }
  }
  return decoded;
}

/** One document of a piece of kind Documents, a line of JSON. */
export interface DocumentLine {
  value: unknown;
  line: number;
  problems: Problem[];
}

/** Undefined for what is one document, however large. */
function documentsOf(
  { csv, fixed, json }: TermsPlan,
  source: AsyncIterable<Buffer>,
): AsyncIterable<DocumentLine> | undefined {
  if (csv) return csv.documentPer === 'File' ? undefined : readCsv(source, csv);
  if (fixed) return fixed.documentPer === 'File' ? undefined : readFixed(source, fixed);
  return json?.documentPer === 'Line' ? lines(source) : undefined;
}

async function* lines(source: AsyncIterable<Buffer>): AsyncGenerator<DocumentLine> {
  for await (const { value, problems, index } of readNdjson(source)) yield { value, line: index + 1, problems };
}

const PIECE_BYTES = 64 * 1024;

async function* documentPieces(
  file: LargeFile,
  documents: AsyncIterable<DocumentLine>,
  read: { partner: string; type: string },
): AsyncGenerator<RawInterchange> {
  let first = 0;
  let texts: string[] = [];
  let size = 0;
  const piece = (): RawInterchange =>
    rawOf(file, Buffer.from(texts.join('\n')), { kind: 'Documents', first, shift: { line: 0, segment: 0 }, ...read });
  for await (const { value, line, problems } of documents) {
    const text = JSON.stringify({ value, line, problems } satisfies DocumentLine);
    texts.push(text);
    size += text.length;
    if (size < PIECE_BYTES) continue;
    yield piece();
    first += texts.length;
    texts = [];
    size = 0;
  }
  if (texts.length > 0) yield piece();
}

/** Pieces of one file come many at a time; so many are worked on side by side. */
const WIDTH = 8;
const lanes: Promise<unknown>[] = Array.from({ length: WIDTH }, () => Promise.resolve());
let turn = 0;
export function inTurn(work: () => Promise<void>): Promise<void> {
  const lane = turn++ % WIDTH;
  const done = lanes[lane]!.then(work);
  lanes[lane] = done.catch(() => {});
  return done;
}
