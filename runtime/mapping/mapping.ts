/** JSONata with our functions, under a budget. Compile once, evaluate per document. */
import type { PENDING } from './lookups.ts';

export interface Table {
  readonly name: string;
  /** Columns of the key. */
  readonly key: readonly string[];
  /** Row for a key (one value, or several for a composite key), or undefined. A live table may have to fetch it, see lookups.ts. `date`: ISO 8601; default now. */
  get(key: readonly unknown[], date?: string): Record<string, unknown> | undefined | typeof PENDING;
  /** Rows whose columns have these values. */
  find(columns: Record<string, unknown>): readonly Record<string, unknown>[];
}
export interface MappingContext {
  tables: Record<string, Table>;
  /** Further variables without `$`, e.g. `partner`, `document`, `payload`. */
  bindings?: Record<string, unknown>;
  /** ms of CPU that it may take; default what nothing else notices. For where nothing else waits. */
  milliseconds?: number;
}
export interface Expression {
  readonly source: string;
  /**
   * Value of the expression on the input; undefined where JSONata yields nothing. Synchronous.
   * Throws DocumentError: MappingFailed (with place.position), ReferenceDataMissing, or MappingFailed
   * `budget.exceeded` when it used up its steps or time (within 100 ms, unless the context allows more).
   */
  evaluate(input: unknown, context: MappingContext): unknown;
}
