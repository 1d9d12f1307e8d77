/** JSON bytes to one document and back. */
import { isUtf8 } from 'node:buffer';
import type { Problem, Transaction } from '../format.ts';
import { inspectJson } from './inspect.ts';
import { membersRead, membersWritten } from './skim.ts';

export interface JsonOptions {
  /** Default 64 MiB. */
  maxBytes?: number;
  /** Default 200 levels of arrays and objects. */
  maxDepth?: number;
}

const MEBIBYTE = 1024 * 1024;

/**
 * One transaction with id and control '' and index 0; `value` is undefined when a problem is an Error.
 * Never throws. Duplicate keys (the last one counts) and numbers whose digits are lost as doubles are Warnings.
 */
export function decodeJson(bytes: Buffer, options: JsonOptions = {}): Transaction {
  const maxBytes = options.maxBytes ?? 64 * MEBIBYTE;
  const failed = (code: string, message: string, place: Problem['place'] = {}): Transaction => ({
    id: '',
    control: '',
    index: 0,
    value: undefined,
    problems: [{ code, message, severity: 'Error', place }],
  });
  if (bytes.length > maxBytes)
    return failed('json.TooLarge', `the document has ${bytes.length} bytes, at most ${maxBytes} are read`);
  if (!isUtf8(bytes)) return failed('json.Encoding', 'the document is not UTF-8', { byte: firstInvalid(bytes) });
  const read = bytes.toString('utf8');
  const text = read.charCodeAt(0) === 0xfeff ? read.slice(1) : read;
  const done = (value: unknown, problems: Problem[]): Transaction => ({
    id: '',
    control: '',
    index: 0,
    value,
    problems,
  });
  const maxDepth = options.maxDepth ?? 200;
  const members = membersWritten(bytes, maxDepth);
  if (members !== undefined) {
    try {
      const value: unknown = JSON.parse(text);
      if (membersRead(value) === members) return done(value, []);
    } catch {
      // What is wrong, and where, is found below.
    }
  }
  const { problems } = inspectJson(text, maxDepth, text === read ? 0 : 3);
  if (problems.some(({ severity }) => severity === 'Error')) return done(undefined, problems);
  try {
    return done(JSON.parse(text), problems);
  } catch (error) {
    return failed('json.Syntax', (error as Error).message);
  }
}

/** Offset of the first byte that is not UTF-8, by halving. */
function firstInvalid(bytes: Buffer): number {
  let low = 0;
  let high = bytes.length;
  const decoder = (end: number): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, end), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (decoder(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Compact UTF-8 JSON. Throws TypeError for what JSON cannot hold: cycles, BigInt, undefined as the whole. */
export function encodeJson(value: unknown): Buffer {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError('there is no value to write as JSON');
  return Buffer.from(text);
}
