/** Small things of printed text. */
import { stripVTControlCharacters } from 'node:util';

/** At most `width` characters; what was left out shows as `…`. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1)).trimEnd()}…`;

/** Words in lines of at most `width`; above `maxLines` the rest is cut. A longer word is broken. */
export function wrapped(text: string, width: number, maxLines = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    let rest = word;
    if (line !== '' && line.length + 1 + rest.length > width) {
      lines.push(line);
      line = '';
    }
    while (rest.length > width) {
      lines.push(rest.slice(0, width));
      rest = rest.slice(width);
    }
    line = line === '' ? rest : `${line} ${rest}`;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  if (lines.length <= maxLines) return lines;
  return [...lines.slice(0, maxLines - 1), cut(`${lines[maxLines - 1]} ${lines[maxLines] ?? ''}`, width)];
}

/** Decimal text as an amount of money: two digits after the point at least. */
export const amount = (decimal: string): string => {
  const [whole, digits = ''] = decimal.split('.');
  return `${whole}.${digits.padEnd(2, '0')}`;
};

/** Of cli-table3: no lines between rows. */
export const DENSE = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

const two = (n: number) => String(n).padStart(2, '0');

/** `2026-03-01 16:47:20`, in local time. */
export const dateTime = (at: number): string => {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

/** `16:47:20`, in local time. */
export const clock = (at: number): string => dateTime(at).slice(11);

/** Rows with their columns as wide as their widest cell, two spaces apart. Colours take no width. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, visible(cell));
    });
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const space = ' '.repeat(widths[index]! - visible(cell));
        return right.includes(index) ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd(),
  );
}
const visible = (text: string): number => stripVTControlCharacters(text).length;
