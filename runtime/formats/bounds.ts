/**
 * Bounds in the text tables of X12 and EDIFACT: `@V` holds from version V on, `<V` before it; both may stand. `order` makes of a version
 * as it is written what compares as it should.
 */
type Order = (version: string) => string;
const plainly: Order = (version) => version;

export function holds(bounds: string, version: string, order = plainly): boolean {
  for (const [, kind, bound] of bounds.matchAll(/([@<])(\w+)/g)) {
    const from = order(bound!);
    if (kind === '@' ? version < from : version >= from) return false;
  }
  return true;
}

/** All versions at which something changes, in order: between two of them tables are alike. */
export function boundsIn(tables: string, order = plainly): string[] {
  const found = [...tables.matchAll(/[@<](\d[\dA-Z]+)|,(\w+)=/g)].map(([, bound, change]) => order((bound ?? change)!));
  return [...new Set(found)].sort();
}

/** The tokens of a table that hold, without their bounds; with a loop that does not hold goes all that is between its braces. */
export function tokensOf(body: string, isIn: (bounds: string) => boolean): string[] {
  const kept: string[] = [];
  let depth = 0;
  let leftOut = false;
  for (const token of body.split(/\s+/).filter(Boolean)) {
    if (depth > 0 || (leftOut && token === '{')) {
      if (token === '{') depth++;
      if (token === '}') depth--;
      leftOut = false;
      continue;
    }
    const [, plain, bounds] = /^([^@<]*)(.*)$/.exec(token)!;
    leftOut = !isIn(bounds!);
    if (!leftOut) kept.push(plain!);
  }
  return kept;
}

/** `10,V=99`: 10, from version V on 99. */
export function valueFor(values: string, version: string, order = plainly): string {
  let found = '';
  for (const part of values.split(',')) {
    const [from, changed] = part.split('=') as [string, string | undefined];
    if (changed === undefined) found = from;
    else if (version >= order(from)) found = changed;
  }
  return found;
}
