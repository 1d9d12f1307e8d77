/** Bytes to text and offsets to places, for formats that are scanned as text. */
import { isAscii, isUtf8 } from 'node:buffer';

/** UTF-8 where the bytes are that, else ISO 8859-1: no byte is ever lost. */
export function textOf(bytes: Buffer): { text: string; encoding: 'ascii' | 'utf8' | 'latin1' } {
  if (isAscii(bytes)) return { text: bytes.toString('latin1'), encoding: 'ascii' };
  if (isUtf8(bytes)) return { text: bytes.toString('utf8'), encoding: 'utf8' };
  return { text: bytes.toString('latin1'), encoding: 'latin1' };
}

/** What a file is that is none of its format, as far as its first bytes tell. */
export function guessOf(bytes: Buffer): string {
  const head = bytes.toString('latin1', 0, 4);
  // ISA and UNA, UNB in EBCDIC.
  if (/^\xc9\xe2\xc1|^\xe4\xd5[\xc1\xc2]/.test(head)) return ', but looks like EBCDIC: have it converted to ASCII';
  if (head.startsWith('PK\x03\x04')) return ', but looks like a ZIP archive: unpack it first';
  if (head.startsWith('\x1f\x8b')) return ', but looks like gzip: unpack it first';
  if (head.startsWith('%PDF')) return ', but looks like a PDF';
  return /^\s*[{[]/.test(head) ? ', but looks like JSON' : '';
}

/** Text of two bytes a character, as some editors save it, in UTF-8. */
export function withoutUtf16(bytes: Buffer): { bytes: Buffer; wide: boolean } {
  const little = bytes[0] === 0xff && bytes[1] === 0xfe;
  if (!little && !(bytes[0] === 0xfe && bytes[1] === 0xff)) return { bytes, wide: false };
  return { bytes: Buffer.from(new TextDecoder(little ? 'utf-16le' : 'utf-16be').decode(bytes)), wide: true };
}
export const UTF16 = 'the file is UTF-16: places count its bytes as UTF-8';

/** What may stand around segments: blanks, line breaks, NUL, the end-of-file mark of old systems, a byte order mark. */
export const isBlank = (code: number): boolean => code <= 32 || code === 0xfeff;

/** Line (from 1) and byte (from 0) of an offset. Cheap when asked for in ascending order. */
export class Places {
  private readonly text: string;
  private readonly wide: boolean;
  private offset = 0;
  private line = 1;
  private byte = 0;
  /** Offset of the first line break at or after `offset`. */
  private nextBreak = -1;

  constructor(text: string, encoding: 'ascii' | 'utf8' | 'latin1') {
    this.text = text;
    this.wide = encoding === 'utf8';
  }

  of(offset: number): { line: number; byte: number } {
    if (offset < this.offset) {
      this.offset = 0;
      this.line = 1;
      this.byte = 0;
      this.nextBreak = -1;
    }
    const { text } = this;
    if (this.nextBreak < this.offset) this.nextBreak = this.findBreak(this.offset);
    while (this.nextBreak < offset) {
      this.line++;
      this.nextBreak = this.findBreak(this.nextBreak + 1);
    }
    this.byte += this.wide ? Buffer.byteLength(text.slice(this.offset, offset)) : offset - this.offset;
    this.offset = offset;
    return { line: this.line, byte: this.byte };
  }

  private findBreak(from: number): number {
    const at = this.text.indexOf('\n', from);
    return at < 0 ? Number.POSITIVE_INFINITY : at;
  }
}
