/** JSON bytes to one document and back. */
import type { Problem, Transaction } from '../format.ts';

export interface JsonOptions {
  /** Default 64 MiB. */
  maxBytes?: number;
  /** Default 200 levels of arrays and objects. */
  maxDepth?: number;
}

/**
 * One transaction with id and control '' and index 0; `value` is undefined when a problem is an Error.
 * Never throws. Duplicate keys (the last one counts) and integers beyond 2^53 (digits are lost) are Warnings.
 */
export function decodeJson(_bytes: Buffer, _options: JsonOptions = {}): Transaction {
  throw new Error('not built yet');
}

/** Compact UTF-8 JSON. Throws DocumentError DecodeFailed-free: only for values that JSON cannot hold (cycles, BigInt). */
export function encodeJson(_value: unknown): Buffer {
  throw new Error('not built yet');
}
export type { Problem };
