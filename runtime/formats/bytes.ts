/** Bytes of a stream to text in pieces, and text to bytes, in the encodings that flat files come in. */

export type Encoding = 'UTF-8' | 'ISO-8859-1' | 'Windows-1252';

type Decode = (bytes: Buffer | undefined) => string;

/** Characters that a byte sequence spans two pieces of are whole in the second; a byte order mark is left out. One of UTF-16 is obeyed. */
export function decoderOf(encoding: Encoding): Decode {
  let decode: Decode | undefined;
  let held: Buffer = Buffer.alloc(0);
  return (bytes) => {
    if (decode) return decode(bytes);
    held = bytes ? Buffer.concat([held, bytes]) : held;
    if (bytes && held.length < 2) return '';
    const mark = held.toString('latin1', 0, 2);
    decode = plainDecoderOf(mark === '\xff\xfe' ? 'UTF-16LE' : mark === '\xfe\xff' ? 'UTF-16BE' : encoding);
    return bytes ? decode(held) : decode(held) + decode(undefined);
  };
}

function plainDecoderOf(encoding: Encoding | 'UTF-16LE' | 'UTF-16BE'): Decode {
  if (encoding === 'ISO-8859-1') return (bytes) => bytes?.toString('latin1') ?? '';
  const decoder = new TextDecoder(encoding);
  return (bytes) => (bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode());
}

/** Windows-1252 beyond ISO 8859-1, from 0x80 on; blanks where no character is. */
const HIGH = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/** `lost`: characters that the encoding does not hold, each once. */
export function encoded(text: string, encoding: Encoding): { bytes: Buffer; lost: string[] } {
  if (encoding === 'UTF-8') return { bytes: Buffer.from(text), lost: [] };
  const lost = new Set<string>();
  const bytes = Array.from(text, (char) => {
    const code = char.codePointAt(0)!;
    const high = encoding === 'Windows-1252' && char !== ' ' ? HIGH.indexOf(char) : -1;
    if (high >= 0) return 0x80 + high;
    if (code < (encoding === 'ISO-8859-1' ? 0x100 : 0x80) || (code >= 0xa0 && code < 0x100)) return code;
    lost.add(char);
    return 0x3f;
  });
  return { bytes: Buffer.from(bytes), lost: [...lost] };
}
