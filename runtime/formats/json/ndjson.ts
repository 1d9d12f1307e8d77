/** NDJSON: one JSON document per line. A stream of any size takes constant memory. */
import type { Transaction } from '../format.ts';
import { decodeJson, encodeJson, type JsonOptions } from './json.ts';

const LF = 10;

/** One transaction per line that is not blank, as `decodeJson` gives it; places have the line in the file. */
export async function* readNdjson(
  source: AsyncIterable<Buffer>,
  options: JsonOptions = {},
): AsyncGenerator<Transaction> {
  const lines = new Lines(options);
  for await (const bytes of source) yield* lines.push(bytes);
  yield* lines.end();
}

export function decodeNdjson(bytes: Buffer, options: JsonOptions = {}): Transaction[] {
  const lines = new Lines(options);
  return [...lines.push(bytes), ...lines.end()];
}

class Lines {
  private readonly options: JsonOptions;
  private readonly maxBytes: number;
  private parts: Buffer[] = [];
  private size = 0;
  private line = 0;
  private index = 0;

  constructor(options: JsonOptions) {
    this.options = options;
    this.maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
  }

  *push(bytes: Buffer): Generator<Transaction> {
    let from = 0;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, from)) {
      this.keep(bytes.subarray(from, at));
      yield* this.take();
      from = at + 1;
    }
    this.keep(bytes.subarray(from));
  }

  *end(): Generator<Transaction> {
    if (this.size > 0) yield* this.take();
  }

  /** Of a line that is too long only the length is kept. */
  private keep(bytes: Buffer): void {
    this.size += bytes.length;
    if (this.size <= this.maxBytes) this.parts.push(bytes);
    else this.parts = [];
  }

  private *take(): Generator<Transaction> {
    const { line } = this;
    this.line++;
    const tooLong = this.size > this.maxBytes;
    const bytes = Buffer.concat(this.parts);
    const { size } = this;
    this.parts = [];
    this.size = 0;
    if (!tooLong && isBlank(bytes)) return;
    const index = this.index++;
    if (tooLong) {
      const message = `the line has ${size} bytes, at most ${this.maxBytes} are read`;
      const problems = [{ code: 'json.TooLarge', message, severity: 'Error' as const, place: { line: line + 1 } }];
      yield { id: '', control: '', index, value: undefined, problems };
      return;
    }
    const decoded = decodeJson(bytes, this.options);
    const problems = decoded.problems.map((problem) => {
      const { byte: _, ...place } = problem.place;
      return { ...problem, place: { ...place, line: line + 1 } };
    });
    yield { ...decoded, index, problems };
  }
}

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte <= 32);

export const encodeNdjson = (values: readonly unknown[]): Buffer =>
  Buffer.concat(values.map((value) => Buffer.concat([encodeJson(value), Buffer.of(LF)])));
