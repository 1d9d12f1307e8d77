/** Character sets by the syntax identifier of the UNB: bytes to text and back. */
import { isAscii, isUtf8 } from 'node:buffer';

/** UNOA and UNOB are parts of ASCII; in practice files so marked hold ISO 8859-1 too, and no byte is lost by reading them so. */
const charsets: Record<string, string> = {
  UNOA: 'latin1',
  UNOB: 'latin1',
  UNOC: 'latin1',
  UNOD: 'iso-8859-2',
  UNOE: 'iso-8859-5',
  UNOF: 'iso-8859-7',
  UNOG: 'iso-8859-3',
  UNOH: 'iso-8859-4',
  UNOI: 'iso-8859-6',
  UNOJ: 'iso-8859-8',
  UNOW: 'utf-8',
  UNOY: 'utf-8',
};

export interface Text {
  text: string;
  /** Whether characters are more than a byte. */
  wide: boolean;
  /** What is odd about the bytes, for people. */
  finding?: string;
}

/** Of the first UNB: one file has one character set. Bytes that a set does not hold become U+FFFD in all sets but ISO 8859-1. */
export function textOf(bytes: Buffer): Text {
  if (isAscii(bytes)) return { text: bytes.toString('latin1'), wide: false };
  const head = bytes.toString('latin1', 0, 400);
  const id = /UNB.(UN..)/s.exec(head)?.[1] ?? '';
  const charset = charsets[id];
  if (charset === 'utf-8') {
    if (isUtf8(bytes)) return { text: bytes.toString('utf8'), wide: true };
    return {
      text: bytes.toString('latin1'),
      wide: false,
      finding: `${id} means UTF-8, which the file is not: it is read as ISO 8859-1`,
    };
  }
  if (isUtf8(bytes)) {
    const finding = `the file is UTF-8, which ${id || 'no syntax identifier'} does not mean: it is read as UTF-8`;
    return { text: bytes.toString('utf8'), wide: true, ...(id !== '' && { finding }) };
  }
  if (charset !== undefined && charset !== 'latin1')
    return { text: new TextDecoder(charset).decode(bytes), wide: false };
  const finding = charset === undefined ? 'the character set is not known: it is read as ISO 8859-1' : undefined;
  return { text: bytes.toString('latin1'), wide: false, ...(finding !== undefined && { finding }) };
}

const tables = new Map<string, Map<string, number>>();

function tableOf(charset: string): Map<string, number> {
  let table = tables.get(charset);
  if (!table) {
    const decoder = new TextDecoder(charset);
    const decoded = Array.from({ length: 256 }, (_, byte) => decoder.decode(Uint8Array.of(byte)));
    table = new Map(decoded.map((char, byte) => [char, byte]));
    tables.set(charset, table);
  }
  return table;
}

/** Lower case letters are no part of UNOA. */
const outside: Record<string, RegExp> = {
  UNOA: /[^A-Z0-9 .,\-()/='+:?!"%&*;<>\r\n]/g,
  UNOB: /[^ -~\r\n]/g,
  UNOC: /[^\0-\xff]/g,
};

/**
 * Each once: `bad` the characters that the set of `syntax` (`UNOC:3`) does not hold, `lost` those of them that cannot be written at all
 * (in UNOA and UNOB the others are, as ISO 8859-1).
 */
export function bytesOf(text: string, syntax: string): { bytes: Buffer; bad: string[]; lost: string[] } {
  const id = syntax.slice(0, 4);
  const charset = charsets[id] ?? 'latin1';
  if (charset === 'utf-8') return { bytes: Buffer.from(text), bad: [], lost: [] };
  const pattern = outside[id] ?? (charset === 'latin1' ? outside.UNOC! : undefined);
  if (pattern) {
    const bad = [...new Set(text.match(pattern) ?? [])];
    return { bytes: Buffer.from(text, 'latin1'), bad, lost: bad.filter((char) => char > '\xff') };
  }
  const table = tableOf(charset);
  const bad = new Set<string>();
  const bytes = Buffer.alloc(text.length);
  let length = 0;
  for (const char of text) {
    const byte = table.get(char);
    if (byte === undefined) bad.add(char);
    bytes[length++] = byte ?? 32;
  }
  return { bytes: bytes.subarray(0, length), bad: [...bad], lost: [...bad] };
}
