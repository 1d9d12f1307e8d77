/** Text in pieces to rows of fields. What is wrongly quoted is kept as it stands, and said. */
import type { Problem } from '../format.ts';
import type { Row } from '../records.ts';

/** A row may be this long, in characters; a quote that is not closed by then never is. */
const MAX_ROW = 1_048_576;
/** Quotes that were not closed before quotes are taken as any character: each has cost a look at MAX_ROW characters. */
const MAX_UNCLOSED = 100;

export class CsvScanner {
  private readonly delimiter: string;
  private readonly quote: string;
  private text = '';
  private position = 0;
  private line = 1;
  private unclosed = 0;

  constructor(delimiter: string, quote: string) {
    this.delimiter = delimiter;
    this.quote = quote;
  }

  push(text: string): void {
    this.text = this.position < this.text.length ? this.text.slice(this.position) + text : text;
    this.position = 0;
  }

  /** The next row; undefined where the text ends within it, unless the file has `ended`. */
  next(ended: boolean): Row | undefined {
    if (this.position >= this.text.length) return undefined;
    const row = this.read(ended, this.unclosed < MAX_UNCLOSED);
    if (typeof row === 'object') return row;
    if (row === 'open') {
      if (!ended && this.text.length - this.position < MAX_ROW) return undefined;
      this.unclosed++;
    }
    const { line } = this;
    const raw = this.read(ended, false);
    // The line itself goes on past the limit.
    if (typeof raw === 'string' && !ended && this.text.length - this.position < MAX_ROW) return undefined;
    const cut = typeof raw === 'string' ? this.cut() : raw;
    const message =
      typeof raw === 'string'
        ? `the row is longer than ${MAX_ROW} characters: it is cut there`
        : 'a quote is not closed, or stands within its field: the line is read without regard to quotes';
    const code = typeof raw === 'string' ? 'csv.RowTooLong' : 'csv.QuoteNotClosed';
    const problem: Problem = { code, message, severity: 'Error', place: { line } };
    return { ...cut, problems: [...(cut.problems ?? []), problem] };
  }

  private cut(): Row {
    const fields = [this.text.slice(this.position, this.position + MAX_ROW)];
    this.position += MAX_ROW;
    return { fields, line: this.line };
  }

  /** `open`: the text ends before the row does. `broken`: a quote within a field, and none that closes it on its line. */
  private read(ended: boolean, quotes: boolean): Row | 'open' | 'broken' {
    const { text, delimiter, quote } = this;
    const limit = Math.min(text.length, this.position + MAX_ROW);
    const end = delimiter.charCodeAt(0);
    const mark = quotes ? quote.charCodeAt(0) : -1;
    const fields: string[] = [];
    let problems: Problem[] | undefined;
    let lines = 0;
    let i = this.position;
    for (;;) {
      let start = i;
      let kept = '';
      if (mark >= 0 && text.charCodeAt(i) === mark) {
        start = i + 1;
        let stray = -1;
        for (let at = start; ; ) {
          const close = text.indexOf(quote, at);
          if (stray >= 0) {
            const lineEnd = text.indexOf('\n', stray);
            if (lineEnd >= 0 && (close < 0 || close > lineEnd)) return 'broken';
          }
          if (close < 0 || close >= limit) return 'open';
          let behind = close + 1;
          let after = text.charCodeAt(behind);
          while (after === 32 || after === 9) after = text.charCodeAt(++behind);
          if (behind === close + 1 && after === mark) {
            kept += text.slice(start, close + 1);
            start = close + 2;
            at = start;
            continue;
          }
          // A quote at the very end of what is there may be the first of two.
          if (behind >= text.length && !ended) return 'open';
          if (after === end || after === 10 || after === 13 || Number.isNaN(after)) {
            kept += text.slice(start, close);
            i = behind;
            break;
          }
          stray = close;
          problems ??= [
            {
              code: 'csv.StrayQuote',
              message: 'a quote stands within a quoted field and is not doubled',
              severity: 'Warning',
              place: { line: this.line, element: fields.length + 1 },
            },
          ];
          at = close + 1;
        }
        for (let n = kept.indexOf('\n'); n >= 0; n = kept.indexOf('\n', n + 1)) lines++;
        start = i;
      }
      let code = 0;
      for (; i < limit; i++) {
        code = text.charCodeAt(i);
        if (code === end || code === 10) break;
        // Alone it ends a line, too, as old systems write it; at the end of what is there the second of two may follow.
        if (code !== 13 || text.charCodeAt(i + 1) === 10) continue;
        if (i + 1 >= text.length && !ended) return 'open';
        break;
      }
      const finished = i >= limit;
      if (finished && (!ended || limit < text.length)) return 'open';
      let last = i;
      if ((finished || code === 10) && last > start && text.charCodeAt(last - 1) === 13) last--;
      fields.push(kept + text.slice(start, last));
      if (!finished && code === end) {
        i++;
        continue;
      }
      const row: Row = { fields, line: this.line };
      if (problems) row.problems = problems;
      this.position = i + 1;
      this.line += lines + 1;
      return row;
    }
  }
}
