/** Lists as CSV (RFC 4180). A cell that a spreadsheet would take for a formula begins with an apostrophe. */
export type Cell = string | number | boolean | undefined;

const cellOf = (cell: Cell): string => {
  if (cell === undefined) return '';
  const text = String(cell);
  const safe =
    typeof cell === 'string' && /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** One column per name of the first row's; nested values are joined. */
export function csvOf(rows: readonly Record<string, unknown>[], columns: readonly string[]): string {
  const lines = rows.map((row) => columns.map((column) => cellOf(flat(row[column]))).join(','));
  return `${[columns.join(','), ...lines].join('\r\n')}\r\n`;
}

function flat(value: unknown): Cell {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.map((one) => flat(one)).join(' ');
  if (typeof value !== 'object') return value as Cell;
  const { amount, currency, name, at, median } = value as Record<string, unknown>;
  if (amount !== undefined) return `${amount} ${currency}`;
  if (median !== undefined) return median as number;
  if (name !== undefined) return at === undefined ? String(name) : `${name}=${at}`;
  return JSON.stringify(value);
}
