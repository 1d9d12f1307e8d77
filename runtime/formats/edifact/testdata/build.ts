import type { EdifactDecoded, EdifactInterchange, EdifactOptions } from '../decode.ts';
import { decodeEdifact } from '../decode.ts';
import { type EdifactEnvelope, encodeEdifact } from '../encode.ts';

export const decodeText = (text: string, options: EdifactOptions = {}): EdifactDecoded =>
  decodeEdifact(Buffer.from(text), options);

/** Codes of all problems, wherever they are, without `edifact.`. */
export const allCodes = (decoded: EdifactDecoded): string[] =>
  [
    ...decoded.problems,
    ...decoded.interchanges.flatMap(({ problems, groups }) => [
      ...problems,
      ...groups.flatMap((group) => [...group.problems, ...group.transactions.flatMap((message) => message.problems)]),
    ]),
  ].map(({ code }) => code.replace('edifact.', ''));

/** One interchange of one message; `body` between UNH and UNT, each segment with its terminator. */
export const wrap = (type: string, segments: string[], syntax = 'UNOC:3'): string =>
  `UNB+${syntax}+A+B+261120:0615+7'UNH+1+${type}'${segments.map((segment) => `${segment}'`).join('')}UNT+${segments.length + 2}+1'UNZ+1+7'`;

/** The envelope that an interchange came in, to write it again. */
export function envelopeOf(interchange: EdifactInterchange, una: boolean, lineBreak: string): EdifactEnvelope {
  const { sender, receiver, usage, version: syntax, control, unb, characters } = interchange;
  const [date = '', time = ''] = unb[3] ?? [];
  const full = date.length === 6 ? `20${date}` : date;
  const at = new Date(
    `${full.slice(0, 4)}-${full.slice(4, 6)}-${full.slice(6)}T${time.slice(0, 2)}:${time.slice(2)}:00Z`,
  );
  return { sender, receiver, usage, syntax, control, at, lineBreak, ...(una && { characters }) };
}

/** The file, decoded and encoded. */
export function again(bytes: Buffer): ReturnType<typeof encodeEdifact> {
  const [interchange] = decodeEdifact(bytes).interchanges;
  const text = bytes.toString('latin1');
  const envelope = envelopeOf(interchange!, text.startsWith('UNA'), text.includes('\n') ? '\n' : '');
  return encodeEdifact(
    envelope,
    interchange!.groups.flatMap(({ transactions }) => transactions),
  );
}
