/** What two payloads share by value, however each writes it: an EDI segment beside the JSON that was made of it. */

export interface Piece {
  text: string;
  /** Its value is nowhere on the other side. */
  alone: boolean;
}

/** Values without what formats differ in: quotes, separators of dates, leading zeros, zeros behind the point. */
export function normal(value: string): string {
  const text = value
    .trim()
    .replace(/^"(.*)"$/s, '$1')
    .toLowerCase();
  if (/^-?\d+(\.\d+)?$/.test(text)) {
    const [whole = '', fraction = ''] = text.split('.');
    const kept = fraction.replace(/0+$/, '');
    return (whole.replace(/^(-?)0+(?=\d)/, '$1') || '0') + (kept ? `.${kept}` : '');
  }
  if (/^\d{4}-\d{2}-\d{2}/.test(text)) return text.slice(0, 10).replaceAll('-', '');
  return text.replace(/[^\p{L}\p{N}]/gu, '');
}

/** Parts of a text, values apart from what is around them. Names of JSON members are around. */
export function parts(text: string, contentType: string): { text: string; value?: string }[] {
  const isJson = /json/.test(contentType);
  const isXml = !isJson && /xml/.test(contentType);
  const pattern = isJson
    ? /"(?:[^"\\]|\\.)*"(?:\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false/g
    : isXml
      ? /(?<=>)[^<>\s][^<>]*(?=<)/g
      : /[^*~+:'>^|;,\r\n\t]+/g;
  // Segments of an envelope are never mapped, and a tag is no value.
  const isEdi = /edi|x12/i.test(contentType);
  const envelope = isEdi
    ? spans(
        text,
        /(?:^|(?<=[~'\n]))\s*(?:(?:ISA|GS|ST|SE|GE|IEA|TA1|UNA|UNB|UNG|UNH|UNT|UNE|UNZ)(?=[*+:])[^~']*|[A-Z][A-Z\d]{1,2}(?=[*+]))/g,
      )
    : [];
  const found: { text: string; value?: string }[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) found.push({ text: text.slice(end, match.index) });
    const around =
      (isJson && match[0].endsWith(':')) || envelope.some(([from, to]) => match.index >= from && match.index < to);
    found.push({ text: match[0], ...(!around && { value: match[0] }) });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ text: text.slice(end) });
  return found;
}

const spans = (text: string, pattern: RegExp): [from: number, to: number][] =>
  [...text.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length]);

export interface Side {
  text: string;
  contentType: string;
}
export function compare(left: Side, right: Side): [Piece[], Piece[]] {
  const [a, b] = [left, right].map(({ text, contentType }) => parts(text, contentType)) as [
    ReturnType<typeof parts>,
    ReturnType<typeof parts>,
  ];
  const values = (side: ReturnType<typeof parts>): Set<string> =>
    new Set(side.flatMap(({ value }) => (value === undefined ? [] : normal(value))));
  const mark = (side: ReturnType<typeof parts>, other: ReadonlySet<string>): Piece[] =>
    side.map(({ text, value }) => ({
      text,
      alone: value !== undefined && normal(value) !== '' && !other.has(normal(value)),
    }));
  return [mark(a, values(b)), mark(b, values(a))];
}
