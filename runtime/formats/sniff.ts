/** Which format a file has, by how it looks. */
import { withoutUtf16 } from './text.ts';

/** How far envelopes are looked for behind what a transport put before them. */
const LOOK = 65_536;

/** By its beginning, after a byte order mark and white space. */
export function formatOf(bytes: Buffer): 'X12' | 'EDIFACT' | 'XML' | 'JSON' | undefined {
  const text = withoutUtf16(bytes.subarray(0, 256))
    .bytes.toString('utf8')
    .replace(/^[\s\ufeff]+/, '');
  if (/^ISA[^A-Za-z0-9\s\0]/i.test(text)) return 'X12';
  if (/^UNA[^A-Za-z0-9]|^UNB[^A-Za-z0-9\s]/i.test(text)) return 'EDIFACT';
  if (text.startsWith('<')) return 'XML';
  return text.startsWith('{') || text.startsWith('[') ? 'JSON' : undefined;
}

/** Of a file that begins with something else: what a transport or an operator put before the envelope. */
export function envelopeWithin(bytes: Buffer): 'X12' | 'EDIFACT' | undefined {
  const text = bytes.toString('latin1', 0, LOOK);
  const x12 = text.search(/(?<![A-Za-z0-9])ISA[^A-Za-z0-9\s]\d\d[^A-Za-z0-9]/i);
  const edifact = text.search(/UNA[^A-Za-z0-9]{6}\s*UNB|UNB[^A-Za-z0-9]UNO/i);
  if (x12 < 0 && edifact < 0) return undefined;
  return edifact < 0 || (x12 >= 0 && x12 < edifact) ? 'X12' : 'EDIFACT';
}
