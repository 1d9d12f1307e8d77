/** Where a segment goes among the loops (X12) or segment groups (EDIFACT) that are open: the same rules for both. */
import type { Value } from './values.ts';

/** A place in a table: of a segment, or of a loop or group that it begins. */
interface Use {
  key: string;
  /** In its table. */
  ordinal: number;
  max: number;
  loop?: object;
  group?: object;
}
export interface Open<U extends Use> {
  table: { byId: ReadonlyMap<string, readonly U[]> };
  value: Value;
  /** Ordinal of the last use in it. */
  cursor: number;
}
/**
 * Free: the place is next. Full: it stands there as often as it may. Late: it is free, but others that come behind it have stood already.
 * `depth` counts from the outermost.
 */
interface Found<U> {
  how: 'Free' | 'Full' | 'Late';
  depth: number;
  use: U;
}

/** The innermost counts first; undefined where no table has a place for it. */
export function placeOf<U extends Use>(open: readonly Open<U>[], id: string): Found<U> | undefined {
  let full: Found<U> | undefined;
  let late: Found<U> | undefined;
  for (let depth = open.length - 1; depth >= 0; depth--) {
    const { table, value, cursor } = open[depth]!;
    for (const use of table.byId.get(id) ?? NONE) {
      const isTaken = isFull(value[use.key], use);
      if (use.ordinal < cursor) {
        if (!isTaken && use.loop === undefined && use.group === undefined) late ??= { how: 'Late', depth, use };
      } else if (isTaken) full ??= { how: 'Full', depth, use };
      else return { how: 'Free', depth, use };
    }
  }
  return full ?? late;
}
const NONE: readonly never[] = [];

function isFull(present: unknown, { max }: Use): boolean {
  if (present === undefined) return false;
  return Array.isArray(present) ? present.length >= max : true;
}

export function push(value: Value, key: string, item: unknown): void {
  const list = value[key];
  if (Array.isArray(list)) list.push(item);
  else value[key] = [item];
}
