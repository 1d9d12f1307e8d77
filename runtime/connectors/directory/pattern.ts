/**
 * File name patterns: `*` any characters, `?` one character, `{a,b}` one of several; all else is literal and case counts.
 * No regular expression: the time is at most pattern × name.
 */
export function fileMatcher(pattern: string): (name: string) => boolean {
  const alternatives = expand(pattern);
  return (name) => alternatives.some((alternative) => matches(alternative, name));
}

/** One level of braces; what is not closed is literal. Bounded, so that a hostile pattern cannot multiply without end. */
function expand(pattern: string): string[] {
  let patterns = [''];
  let at = 0;
  while (at < pattern.length) {
    const open = pattern.indexOf('{', at);
    const close = open < 0 ? -1 : pattern.indexOf('}', open);
    const literal = pattern.slice(at, close < 0 ? pattern.length : open);
    const choices = close < 0 ? [''] : pattern.slice(open + 1, close).split(',');
    if (patterns.length * choices.length > 256)
      throw new Error(`the pattern ${JSON.stringify(pattern)} has too many choices`);
    patterns = patterns.flatMap((start) => choices.map((choice) => start + literal + choice));
    at = close < 0 ? pattern.length : close + 1;
  }
  return patterns;
}

function matches(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p += 1;
      n += 1;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
